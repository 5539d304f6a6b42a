/* net_fixture: a net from its text through all stages, and memory in which the interpreter runs it.
 *
 * All reals are doubles. Random numbers are those of tests/support/generator.h: parameters by their names, inputs by their names
 * and places, so that a run can be made again elsewhere.
 */
#ifndef NETC_TESTS_SUPPORT_NET_FIXTURE_H
#define NETC_TESTS_SUPPORT_NET_FIXTURE_H

#include "compiler/describe/describe.h"
#include "compiler/differentiate/differentiate.h"
#include "compiler/loop/loop.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "compiler/sema/sema.h"
#include "compiler/support/source.h"
#include "compiler/target/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct net_fixture {
    struct arena *arena;
    struct sources sources;
    struct diags diags;
    struct program program;
    struct graph *graph;
    struct plan *plan;
    struct loop_module *module;
    double **input;    /* by number; [block][element][16] */
    double *setting;
    struct loop_memory memory;
};

/* Three targets that no machine needs to have: registers of 16, 32 and 64 bytes, 16 or 32 of them. */
enum { INVENTED_TARGETS = 3 };
extern const struct target invented_targets[INVENTED_TARGETS];

/* Reads a net's text and analyses, differentiates and plans it, each stage verified. Returns NULL after saying on `out` what is
 * wrong. Release it with net_close. `precision` is that of the plan: 4 or 8 bytes a real. */
struct net_fixture *net_open(const char *text, int precision, FILE *out);
void net_close(struct net_fixture *f);

/* Makes the loops for a target, verified; false after saying on `out` which promise is broken. May be called again. */
bool net_lower(struct net_fixture *f, const struct target *target, FILE *out);

/* Memory for `samples` samples, all of it zero; settings take their initial values. */
void net_allocate(struct net_fixture *f, int64_t samples);

/* Numbers for all parameters; numbers for the inputs of a step. Dead lanes copy the last sample, and weigh nothing. */
void net_fill_parameters(struct net_fixture *f, uint64_t seed);
void net_fill_inputs(struct net_fixture *f, uint64_t seed, int64_t step);

/* The batch's loss: each sample's by its weight. net_loss evaluates the net first; net_training_loss runs the training step up to
 * its loss, with the statistics of the batch. */
double net_training_loss(struct net_fixture *f);
double net_mean_loss(const struct net_fixture *f);
double net_loss(struct net_fixture *f);

/* Forward, backward and update. */
void net_train(struct net_fixture *f);

/* The node of a name, or NO_NODE. Gradients are found through their parameters. */
node_id net_find(const struct net_fixture *f, const char *name);
node_id net_setting(const struct net_fixture *f, const char *name);

/* The elements of a uniform value; those of a varying one for one sample, copied to `to`. */
double *net_elements(const struct net_fixture *f, node_id v);
void net_sample(const struct net_fixture *f, node_id v, int64_t sample, double to[]);

#endif
