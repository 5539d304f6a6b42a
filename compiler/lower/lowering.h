/* lowering: what the pieces that turn one kernel of the plan into loops share.
 *
 * A kernel's results are computed in *instances*: an instance is one element of the anchor, with the value of each of its nest's
 * axes. Instances that are computed together (a register tile) share the loops over the reduced axes.
 */
#ifndef NETC_LOWER_LOWERING_H
#define NETC_LOWER_LOWERING_H

#include "compiler/loop/index.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "compiler/target/target.h"

_Static_assert((int)LANES == (int)BLOCK_SAMPLES, "a lane block is sixteen samples to the graph and to its loops");

enum { MAX_INSTANCES = 64 };

/* The values that a loop axis takes, both ends included. */
struct axis_range {
    int64_t low, high;
};

struct lowering {
    const struct plan *plan;
    const struct graph *graph;
    const struct target *target;
    struct loop_module *m;
    struct arena *arena;
    loop_buffer_id *buffer;          /* by value: of its root */
    loop_buffer_id *transposed;      /* by number in plan.transposed */
    struct names *buffer_names;      /* of the module */
    const struct loop_origin **origin;    /* by value; NULL: not looked for, or unknown */
    /* The kernel being lowered. */
    const struct plan_kernel *planned;
    struct loop_kernel *k;
    enum loop_type type;             /* of values: a vector of reals where lanes are samples; a real in uniform work */
    struct loop_index block;         /* the lane block, where there is one */
    struct loop_index lane;          /* first lane of the current part */
    struct loop_index timestep;      /* of a recurrence */
    int row_count;                   /* of kernels that share rows: the dimensions of their results whose loops are open */
    int row_dim[MAX_RANK];
    struct loop_index row[MAX_RANK];
    struct philox_keys *random;      /* what the kernel's random numbers share; NULL: none was drawn yet */
    struct drawn *drawn;             /* the words at hand, where expressions stand in one straight line; else NULL */
    VEC(struct axis_range) range;    /* by loop axis */
};

/* An element of the anchor: each axis of the nest as an index over the loops. Reduced axes are set as their loops open. */
struct instance {
    struct loop_index axis[MAX_AXES];
    int number;            /* its place in the tile, */
    const char *suffix;    /* for names: "_h0_w2" */
};

/* A new axis that runs over begin … end - 1. */
loop_axis open_axis(struct lowering *l, const char *name, int64_t begin, int64_t end);

/* factor * axis; a constant where the axis takes one value only. */
struct loop_index axis_times(struct lowering *l, loop_axis a, int64_t factor);

/* Appends a loop over an axis of open_axis to `out`; where it takes one value only, the body alone. */
void close_axis(struct lowering *l, loop_axis a, struct loop_list body, struct loop_list *out);

/* Appends the statements of a list to another. */
void append_list(struct loop_list *out, struct loop_list list);

/* The index of a nest's axis whose loop is open already, that of the kernel's timesteps or of its rows; NULL: it has none yet. */
const struct loop_index *open_index(const struct lowering *l, const struct nest *n, int axis);

/* Runs `body` once for each part of the sixteen lanes. Between begin_parts and end_parts l->lane is the part's first lane. */
loop_axis begin_parts(struct lowering *l);
void end_parts(struct lowering *l, loop_axis part, struct loop_list body, struct loop_list *out);

void index_bounds(const struct lowering *l, const struct loop_index *i, int64_t *low, int64_t *high);

/* An index over a nest's axes at an instance. */
struct loop_index at_instance(struct lowering *l, const struct nest *n, const struct index *i, const struct instance *p);

/* Where an access reads at an instance; where element `dim` of value `v` stands (one index per dimension). */
struct loop_place place_of_access(struct lowering *l, const struct nest *n, const struct access *a, const struct instance *p);
struct loop_place place_of_element(struct lowering *l, node_id v, const struct loop_index dim[]);

/* The first element of a buffer of these extents; the same `by` further along dimension d. */
struct loop_place place_in(struct lowering *l, loop_buffer_id buffer, int rank, const int64_t extent[]);
struct loop_place move_place(struct lowering *l, struct loop_place p, int d, struct loop_index by);

/* A fresh variable; a second one of this name gets a number where both are visible. */
const struct loop_variable *fresh(struct lowering *l, const char *base, enum loop_type type);

/* A fresh variable that is defined as an expression. */
const struct loop_variable *define(struct lowering *l, const char *base, const struct loop_expr *e, struct loop_list *out);

/* The same to be read, as often as one likes: a value that is at hand needs no variable. */
const struct loop_expr *keep(struct lowering *l, const char *base, const struct loop_expr *e, struct loop_list *out);

/* The type of a node's elements in memory: integers where it is an input of them, else reals. */
enum loop_type type_of_node(const struct lowering *l, node_id v);

/* A real, or a vector of them where `type` is one. Integers become reals. */
const struct loop_expr *load_real(struct lowering *l, enum loop_type type, struct loop_place from);

/* A load in the kernel's type: varying values as they are, uniform ones splat. */
const struct loop_expr *load_access(struct lowering *l, const struct nest *n, const struct access *a, const struct instance *p);

#endif
