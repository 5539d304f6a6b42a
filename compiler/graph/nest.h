/* nest: an affine loop nest around one scalar expression (what MLIR calls linalg.generic): how a node's elements are computed.
 *
 *   y[o,h,w] = sum over c,p,q of  x[c, h+p, w+q] * k[o,c,p,q]                    a convolution
 *
 * For each point of the free axes, the body is evaluated at each point of the reduced axes, in ascending order, the last axis
 * running fastest, and combined. A point at which any access lies outside its tensor does not count: it adds nothing to a sum and
 * takes no part in a maximum; where there is no reduction the element becomes `otherwise`. How sums are nested and rounded says
 * accumulation.h.
 *
 * Expressions and nests are made with build.h, in a graph's arena.
 */
#ifndef NETC_GRAPH_NEST_H
#define NETC_GRAPH_NEST_H

#include "compiler/graph/accumulation.h"
#include "compiler/support/shape.h"

#include <stdbool.h>
#include <stdint.h>

typedef int32_t node_id;

#define NO_NODE ((node_id) - 1)

enum { MAX_AXES = 10, MAX_ACCESSES = 12 };

/* offset + sum of factor[i] * axis i, over the axes of a nest. */
struct index {
    int64_t offset;
    int64_t factor[MAX_AXES];
};

enum function {
#define FUNCTION(id, name, arity) FUNCTION_##id,
#include "compiler/graph/functions.def"
#undef FUNCTION
};

/* How many arguments a function takes; how it is written. */
int function_arity(enum function f);
const char *function_name(enum function f);

enum expr_kind { EXPR_CONSTANT, EXPR_ACCESS, EXPR_INDEX, EXPR_RANDOM, EXPR_FUNCTION };

struct expr {
    enum expr_kind kind;
    double constant;
    int access;             /* number of the access in its nest */
    struct index index;     /* EXPR_INDEX: an index as a number; RANDOM: the element that the number belongs to */
    uint32_t stream;        /* RANDOM */
    enum function function;
    const struct expr *arg[3]; /* FUNCTION; RANDOM: both halves of the sample's index */
};

struct access {
    node_id of;
    struct index dim[MAX_RANK];    /* as many as the tensor has */
};

enum combine { COMBINE_NONE, COMBINE_SUM, COMBINE_MAX, COMBINE_ARGMAX };

struct nest {
    int axis_count, free_count;    /* axes 0 … free_count - 1 are free, the others are reduced */
    int64_t extent[MAX_AXES];
    const char *axis_name[MAX_AXES];
    struct index out[MAX_RANK];    /* where a point of the free axes stands in the result: one to one */
    int in_count;
    struct access in[MAX_ACCESSES];
    const struct expr *body;
    enum combine combine;          /* NONE exactly if nothing is reduced. ARGMAX: the number of the first greatest point, counted
                                      over the whole reduced space */
    double otherwise;
    struct accumulation sum;       /* COMBINE_SUM, and sums over samples; set when the node is added */
};

/* The axis of a nest of a recurrence that is the step; -1 where there is a single one. */
int nest_timestep_axis(const struct nest *n);

struct index index_constant(int64_t offset);
struct index index_axis(int axis, int64_t factor);
struct index index_add(struct index a, struct index b);
bool index_is_constant(const struct index *i);

/* The number, in row-major order, of the element that stands at these indices. */
struct index index_of_element(const struct shape *s, const struct index dim[]);

/* Whether an expression is a product of two accesses; sets their numbers, in the order in which they are written. */
bool match_product(const struct expr *e, int factor[2]);

/* Whether an expression draws a random number. */
bool expr_draws(const struct expr *e);

/* Adds an axis and returns its number. Free axes first, then reduced ones. */
int nest_add_axis(struct nest *n, const char *name, int64_t extent, bool reduced);

/* Whether two nests cover places of a result of this rank that are shown to be apart: other ranges in a dimension, or other
 * residues of their common step. */
bool nests_are_disjoint(const struct nest *a, const struct nest *b, int rank);

/* Whether nests that are apart reach every element of a result of this shape. */
bool nests_cover(const struct nest nests[], int count, const struct shape *shape);

/* The smallest and the greatest value of an index over the axes of its nest. */
void index_range(const struct nest *n, const struct index *i, int64_t *low, int64_t *high);

#endif
