/* build: makes graphs: nodes, and the expressions and nests in them. */
#ifndef NETC_GRAPH_BUILD_H
#define NETC_GRAPH_BUILD_H

#include "compiler/graph/graph.h"

struct graph *graph_create(struct arena *a, const char *name);

node_id graph_add_input(struct graph *g, const char *name, const struct shape *shape, bool is_class, struct span at);
/* The input "netrt.weight", each sample's weight in a mean over the batch: 1/n, and 0 in dead lanes. Added on first use. */
node_id graph_sample_weight(struct graph *g);
node_id graph_add_parameter(struct graph *g, const char *name, const struct shape *shape, struct span at);
node_id graph_add_state(struct graph *g, const char *name, const struct shape *shape);
node_id graph_add_setting(struct graph *g, const char *name, double initial, double minimum, double maximum);

/* Same elements, other shape. Returns `v` itself if the shape is the same. */
node_id graph_add_view(struct graph *g, node_id v, const struct shape *shape);

/* `v` as a result of the net: itself, or a copy called `name` where it shows an input or is uniform. Results are read
 * where kernels leave them. */
node_id graph_add_result(struct graph *g, node_id v, const char *name, struct span at);

/* Outside training `v` is replaced by `by`, an earlier node of the same shape. */
void graph_set_inference(struct graph *g, node_id v, node_id by);

/* The graph as it is outside training: a copy with the same numbers in which every read of a replaced node reads its replacement.
 * Without updates; nodes that nothing needs any more stay. */
struct graph *graph_for_inference(const struct graph *g);

/* A node of one nest. Its name and place are those of the current layer (graph_begin_layer). Uniform if all inputs are, or if
 * `over_samples` asks for the sum over the batch. Axes of extent 1 are dropped from the nest. */
node_id graph_add_compute(struct graph *g, const char *op_name, const struct shape *shape, const struct nest *nest,
                          bool over_samples);

/* The same number in each element of every sample: it varies, although it reads nothing. */
node_id graph_add_constant(struct graph *g, const char *op_name, const struct shape *shape, double x);

/* The same of several nests. */
node_id graph_add_parts(struct graph *g, const char *op_name, const struct shape *shape, int count, const struct nest nests[],
                        bool over_samples);

/* Changes the order of a sum over samples, and with it how it is accumulated. */
void graph_set_sample_order(struct graph *g, node_id v, enum sample_order order);

/* Nodes added until graph_end_recurrence are computed together, step by step along their first dimension of size `steps`. */
void graph_begin_recurrence(struct graph *g, int64_t steps, bool descending);
void graph_end_recurrence(struct graph *g);

/* A node of the current recurrence: the step before of a value of this shape, zero at the first step. The value is named later, by
 * graph_set_delayed, before the recurrence ends. */
node_id graph_add_delay(struct graph *g, const struct shape *shape);
void graph_set_delayed(struct graph *g, node_id delay, node_id of);

/* Nodes added until graph_end_layer belong to this layer. Layers do not nest. */
void graph_begin_layer(struct graph *g, const char *name, const char *op_name, const char *text, struct span at);
void graph_end_layer(struct graph *g, node_id result);

/* Keeps the call of the block that the current layer stands in, made by graph_block_call, or NULL. */
void graph_set_call(struct graph *g, const struct block_call *call);
const struct block_call *graph_block_call(struct graph *g, struct span at, const struct block_call *outer);

/* Keeps the formula of the current layer's sizes, where there is one. */
void graph_set_formula(struct graph *g, const char *formula);

/* Adds an access and returns an expression that reads it. Indices follow as one struct index per dimension. */
const struct expr *nest_read(struct graph *g, struct nest *n, node_id of, const struct index dim[]);

const struct expr *expr_constant(struct graph *g, double c);
const struct expr *expr_index(struct graph *g, struct index i);

/* A number uniform in [0, 1), a multiple of 2^-23, that is a function of the seed, the epoch, the sample's index in the data
 * set, the stream and the element alone (random.c). Adds the accesses of the sample's index. */
const struct expr *expr_random(struct graph *g, struct nest *n, uint32_t stream, struct index element);

/* A stream for a layer of this name. Another layer of the graph never has the same. */
uint32_t graph_add_stream(struct graph *g, const char *layer);

const struct expr *expr_unary(struct graph *g, enum function f, const struct expr *a);
const struct expr *expr_binary(struct graph *g, enum function f, const struct expr *a, const struct expr *b);
const struct expr *expr_select(struct graph *g, const struct expr *condition, const struct expr *yes, const struct expr *no);

/* One element from one element: identity axes over `shape`; the result of `v`'s element through `f`. */
node_id graph_add_unary(struct graph *g, const char *op_name, enum function f, node_id v);

/* a f b with NumPy's broadcasting; `shape` is the broadcast shape. */
node_id graph_add_binary(struct graph *g, const char *op_name, enum function f, node_id a, node_id b, const struct shape *shape);

/* a f constant (or constant f a). */
node_id graph_add_scaled(struct graph *g, const char *op_name, enum function f, node_id a, double constant, bool constant_first);

/* The same computation without axes of extent 1: their index is always 0. A sum or maximum that keeps no reduced axis becomes
 * COMBINE_NONE, with what it gives over no points as `otherwise`; the number of the greatest of one point is 0. */
struct nest nest_without_unit_axes(struct graph *g, const struct nest *from);

#endif
