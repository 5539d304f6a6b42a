/* query: what follows from a graph: bounds, rows of zeros, costs, receptive fields. */
#ifndef NETC_GRAPH_QUERY_H
#define NETC_GRAPH_QUERY_H

#include "compiler/graph/graph.h"

/* How many elements of a parameter are trained, connections considered. */
int64_t parameter_elements(const struct node *n);

/* Marks the nodes that a node reads, or shows; all that marked nodes are computed from. `marked` is by value. */
void node_mark_reads(const struct node *n, bool *marked);
void graph_mark_sources(const struct graph *g, bool *marked);

/* What says what `target` is after a step, or NULL. */
struct graph_update *graph_find_update(const struct graph *g, node_id target);

/* Whether the shapes broadcast (NumPy's rule), and to what. */
bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *result);

/* Whether a uniform node sums over samples. */
bool node_sums_samples(const struct graph *g, const struct node *n);

/* Whether an access of a nest, or any of them, lies outside its tensor at some point. */
bool access_may_be_out_of_bounds(const struct graph *g, const struct nest *n, const struct access *a);
bool nest_may_be_out_of_bounds(const struct graph *g, const struct nest *n);

/* A tensor's rows, what dimensions 0 and 1 fix, of which some hold zeros for good: no nest of it reaches them (zeros.c). */
struct nest_rows {
    int axis[2];           /* the axis of the nest that alone makes the dimension's index, or -1: there is a single one */
    int64_t count[2];
    const bool *filled;    /* [count 0 * count 1] */
};

/* Whether what an access reads has such rows, and the nest runs over all rows. Their products need not be computed. */
bool nest_find_rows(const struct graph *g, const struct nest *n, int access, struct nest_rows *r);

/* The share of a nest's products that is computed, 1 where it reads no such rows. */
double nest_share_of_products(const struct graph *g, const struct nest *n);

/* Multiply-adds of a node for one sample, padding included: products under a sum, all axes, without those by a row of zeros. */
double node_multiply_adds(const struct graph *g, node_id v);

/* What is computed of a node for one sample, without padding and rows of zeros: multiply-adds, and all other functions of numbers,
 * additions and comparisons. */
struct work {
    double multiply_adds, operations;
};

struct work node_work(const struct graph *g, node_id v);

/* "he_normal" */
const char *initializer_name(enum initializer init);

/* For each spatial axis of `v` the number of input elements along it that can influence one element, padding counted. Returns the
 * number of spatial axes (0: every element sees the whole input). */
int graph_receptive_field(const struct graph *g, node_id v, int64_t field[MAX_RANK]);

#endif
