/* accumulation: how a sum is rounded. It is part of the graph and follows from shapes alone, when a node is made: whatever a schedule
 * does, fusion, tiles, threads and vectors, the additions that make an element and their order are those.
 */
#ifndef NETC_GRAPH_ACCUMULATION_H
#define NETC_GRAPH_ACCUMULATION_H

#include <stdbool.h>
#include <stdint.h>

struct graph;
struct nest;
struct node;

/* What takes a term into a sum: one addition, or where the body is a product a fused multiply-add, rounded once. */
enum sum_form { SUM_ADD, SUM_FMA };

enum { MAX_PARTIALS = 8 };

/* Samples of a lane block. */
enum { BLOCK_SAMPLES = 16 };

/* A partial sum for each `count` consecutive values of a reduced axis, counted from 0 (the last may have fewer), over all axes after
 * it. */
struct partial {
    int axis;
    int64_t count;
};

/* The order of the additions. Every sum starts at zero and takes its terms one after the other, in the order of its axes; what lies
 * within a partial sum is added up first, and enters the sum around it as one term.
 *
 * A sum over samples has lane blocks as its outermost axis: `blocks` of them make a partial sum. */
struct accumulation {
    enum sum_form form;
    int partial_count;
    struct partial partial[MAX_PARTIALS]; /* the outermost first */
    int64_t blocks; /* 0: none are summed, or all in one sum */
};

/* How a nest of a node adds up, from shapes and the node's order of samples. */
struct accumulation accumulation_of(const struct graph *g, const struct node *node, const struct nest *n);

bool accumulations_are_equal(const struct accumulation *a, const struct accumulation *b);

#endif
