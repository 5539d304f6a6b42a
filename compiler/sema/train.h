/* train: the section of the same name: loss, metrics, optimizer, and which data field feeds which tensor. */
#ifndef NETC_SEMA_TRAIN_H
#define NETC_SEMA_TRAIN_H

#include "compiler/graph/graph.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/value.h"

#include <stdbool.h>

struct ast_decl;
struct ast_expr;
struct ast_name;
struct data_section;
struct frame;
struct op;
struct op_call;
struct setting;

/* What is known while the expressions of a train section are read. */
struct train_reader {
    const struct data_section *data;    /* NULL: the file has none; any name may then be a field */
    size_t net_inputs;                  /* how many inputs the net declares; those that losses add follow */
    struct loss_terms terms;            /* so far; metrics look at the first one's arguments */
};

/* Which net a train section trains: `model = name;`. NULL: it does not say. */
const struct ast_name *train_model(const struct ast_decl *section, struct ast_name *name);

/* How many inputs a graph has besides those that the run fills. */
size_t train_net_inputs(const struct graph *g);

/* Holds the net's inputs to the fields of the data. `f`: the net's frame after expansion. */
bool train_bind_inputs(struct frame *f, const struct data_section *data);

/* Reads the section and adds the objective to the graph; `clip` is what bounds its gradients. Fills p->train and, where
 * the section says it, p->batch. */
bool train_read(struct frame *f, const struct ast_decl *section, const struct clip *clip, struct program *p);

/* Reads `optimizer = adam(lr = 1e-3);` and adds its settings to the graph. (optimizer.c) */
bool optimizer_read(struct frame *f, const struct setting *s, struct optimizer *o);

/* Whether an argument of a loss or metric names a data field: nothing else is called so. */
bool train_is_field(const struct frame *f, const struct ast_expr *e);

/* Whether it names a field that all data have. */
bool train_is_data_field(const struct frame *f, const struct ast_expr *e);

/* The input that carries the field `e` as target of `prediction`. It is added to the graph when it is first named, with the shape
 * that the loss asks for. */
bool train_target(struct frame *f, const struct op *loss, node_id prediction, const struct ast_expr *e, struct sema_value *result);

/* Adds to the latest error where the sizes of a prediction come from. */
void train_note_prediction(struct frame *f, node_id prediction);

/* Tells of each loss term that was built, and of its value. */
void train_saw_loss(struct frame *f, const struct op_call *call, node_id result);

/* Takes the loss apart where a term of it is a mean over what counts: fills its parts. (loss_parts.c) */
void train_add_loss_parts(struct graph *g, struct objective *objective);

/* Whether a value is a term of the loss or a weighted sum of terms, and that it is one. */
bool train_is_loss(const struct frame *f, node_id v);
void train_note_loss(struct frame *f, node_id v);

/* Reports that what `operator` makes of a loss is no weighted sum. Returns false. */
bool train_no_sum(struct frame *f, const char *op_name, struct span at);

#endif
