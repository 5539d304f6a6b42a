/* lowering: what the pieces that turn one kernel of the plan into loops share.
 *
 * A kernel's results are computed in *instances*: an instance is one element of the anchor, with the value of each of its nest's axes.
 * Points that are computed together (a register tile) share the loops over the reduced axes.
 */
#ifndef NETC_LOWER_LOWERING_H
#define NETC_LOWER_LOWERING_H

#include "compiler/loop/index.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"

enum { MAX_INSTANCES = 64 };

/* The values that a loop axis takes, both ends included. */
struct axis_range {
    int64_t low, high;
};

struct lowering {
    const struct plan *plan;
    const struct graph *graph;
    const struct schedule_target *target;
    struct loop_module *m;
    struct arena *arena;
    loop_buffer_id *buffer;          /* by value: of its root */
    loop_buffer_id *transposed;      /* by number in plan.transposed */
    struct names *buffer_names;      /* of the module */
    const struct loop_origin **origin;    /* by value; NULL: not looked for, or unknown */
    /* The kernel being lowered. */
    const struct plan_kernel *planned;
    struct loop_kernel *k;
    enum loop_type type;             /* TYPE_REALS: lanes are samples; TYPE_REAL: uniform work */
    struct loop_index block;         /* the lane block, where there is one */
    struct loop_index lane;          /* first lane of the current part */
    struct loop_index timestep;          /* of a recurrence */
    struct philox_keys *random;       /* what the kernel's random numbers share; NULL: none was drawn yet */
    struct drawn *drawn;             /* the words at hand, where expressions stand in one straight line; else NULL */
    VEC(struct axis_range) range;    /* by loop axis */
};

/* An element of the anchor: each axis of the nest as an index over the loops. Reduced axes are set as their loops open. */
struct instance {
    struct loop_index axis[MAX_AXES];
    int number;            /* its place in the tile, */
    const char *suffix;    /* for names: "_h0_w2" */
};

/* Statements that are made from now on compute a value: debuggers show them at its layer's line. Returns what l->m->origin is to be
 * again afterwards. (notes.c) */
const struct loop_origin *enter_value(struct lowering *l, node_id v);

/* ---- Loops and indices (lowering.c) -------------------------------------------------------------------------------- */

/* A new axis that runs over begin … end - 1. */
loop_axis open_axis(struct lowering *l, const char *name, int64_t begin, int64_t end);

/* factor * axis; a constant where the axis takes one value only. */
struct loop_index axis_times(struct lowering *l, loop_axis a, int64_t factor);

/* Appends a loop over an axis of open_axis to `out`; where it takes one value only, the body alone. */
void close_axis(struct lowering *l, loop_axis a, struct loop_list body, struct loop_list *out);

/* Appends the statements of a list to another. */
void append_list(struct loop_list *out, struct loop_list list);

/* The axis of a nest that is the step of the kernel's recurrence, whose loop is open already; -1: none. */
int timestep_axis(const struct lowering *l, const struct nest *n);

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

/* A load in the kernel's type: varying values as they are, uniform ones splat. */
const struct loop_expr *load_access(struct lowering *l, const struct nest *n, const struct access *a, const struct instance *p);

/* ---- Tiles in words (tile.c) --------------------------------------------------------------------------------------- */

/* "base_w2": the third along axis w. */
const char *name_along(struct lowering *l, const char *base, const char *axis, int64_t number);

/* "4 filters", or with what a tile has already "4 filters x 3 columns": so many along an axis of the nest; of one nothing is said. */
const char *times_along(struct lowering *l, const char *tile, int64_t count, const struct nest *n, int axis);

/* A line for people in front of a tile's statements: "4 filters x 3 columns in registers"; none where the tile is one element, "". And
 * then: "left border", where it reads across the first end of the axis (1), the last (2) or both (3). */
void note_registers(struct lowering *l, struct loop_list list, const char *tile);
void note_border(struct lowering *l, struct loop_list list, const struct nest *n, int axis, int border);

/* Adds to the kernel's tiles which one was chosen, once: its sums, the operands held beside them, and how many loads there are for each
 * term of a sum. */
void note_tile(struct lowering *l, const char *tile, int sums, int kept, double loads);

/* ---- Expressions (expression.c) ------------------------------------------------------------------------------------ */

/* How an access of the nest is read at an instance. */
typedef const struct loop_expr *read_fn(void *context, const struct nest *n, int access, const struct instance *p);

/* From its place in memory. */
read_fn read_memory;

/* A body at an instance. Values that it uses twice become variables, defined in `out`. */
const struct loop_expr *lower_body(struct lowering *l, const struct nest *n, const struct expr *e, const struct instance *p,
                                   read_fn *read, void *context, struct loop_list *out);

/* Whether x takes the place of the greatest so far: it is greater, or no number. */
const struct loop_expr *exceeds(struct lowering *l, const struct loop_expr *x, const struct loop_expr *best);

/* ---- Random numbers (random.c) ------------------------------------------------------------------------------------- */

/* Four neighbouring elements share one evaluation of the generator: its words, and for which element and stream they are. */
struct drawn {
    bool valid;
    uint32_t stream;
    struct loop_index group;
    const struct loop_expr *word[RANDOM_WORDS];
};

/* A number uniform in [0, 1), a multiple of 2^-23, in the kernel's type. `half`: the sample's index. */
const struct loop_expr *lower_random(struct lowering *l, uint32_t stream, struct loop_index element,
                                     const struct loop_expr *const half[2], struct loop_list *out);

/* Puts what the kernel's random numbers share in front of its body. */
void finish_random(struct lowering *l);

/* ---- Reductions (reduce.c) ----------------------------------------------------------------------------------------- */

/* What happens at each instance of the reduced space, for the instances whose accesses are all inside their tensors. */
struct reduction {
    struct lowering *l;
    const struct nest *nest;
    bool unroll_last; /* copy the body for each value of the innermost axis: its conditions are then known */
    bool split_last; /* run the innermost loop in three pieces, the long one without conditions */
    int segment_axis; /* with end_segment: a reduced axis that is looped over in runs; says where one ends before it is lowered */
    int64_t (*end_segment)(struct reduction *r, int64_t begin);
    void (*emit_body)(struct reduction *r, struct instance instances[], int count, struct loop_list *out);
    void *context;
};

/* Loops over the reduced axes, conditions as far out as they go, and `step` inside. */
void lower_reduction(struct reduction *r, const struct instance instances[], int count, struct loop_list *out);

/* Whether every access stays inside its tensor along the dimensions that this axis moves in. Only such an axis may be part of a
 * tile without instances of its own: its elements share the conditions of the first. */
bool axis_stays_in_bounds(const struct lowering *l, const struct nest *n, int axis);

/* Whether an access of the nest at this instance may lie outside its tensor, whatever the reduced axes are. */
bool may_be_out_of_bounds(struct lowering *l, const struct nest *n, const struct instance *p);

/* ---- Squares (transpose.c) ----------------------------------------------------------------------------------------- */

/* Copies a square of vector_lanes times vector_lanes reals: row i of `from`, along its dimension `from_rows`, becomes column i of `to`,
 * whose rows run along `to_rows`. The two do not overlap. */
void lower_square(struct lowering *l, struct loop_place from, int from_rows, struct loop_place to, int to_rows,
                  struct loop_list *out);

/* ---- Cells (tile.c) ------------------------------------------------------------------------------------------------ */

/* A tile of the kernel: computes all fused nodes from the anchor's elements, and stores those that are stored. */
struct fusion_tile;

/* `at`: the tile's coordinate by core dimension. */
struct fusion_tile *fusion_tile_begin(struct lowering *l, const struct loop_index at[]);

/* The anchor's element `sub` of the tile (by core dimension, row-major number in the anchor's elements of a tile). */
void fusion_tile_set_anchor(struct fusion_tile *c, int sub, const struct loop_variable *v);

/* Appends the fused nodes' values and then all stores. */
void fusion_tile_end(struct fusion_tile *c, struct loop_list *out);

/* Elements of the anchor in a tile; the offsets of the sub-th along each core dimension. */
int anchor_elements(const struct plan_kernel *k);
void anchor_offset(const struct plan_kernel *k, int sub, int64_t offset[MAX_RANK]);

/* ---- The kinds of kernels ------------------------------------------------------------------------------------------ */

/* Sums of products of a varying and a uniform value, nest_is_contraction: register tiles (contraction.c). */
void lower_contraction(struct lowering *l, const struct nest *n, struct loop_list *out);

/* Everything else with varying results, or with uniform ones from uniform ones (elementwise.c). */
void lower_elementwise(struct lowering *l, const struct nest *n, struct loop_list *out);

/* Element-wise work on whole parameters, in vectors (update.c). Returns false if the kernel has another form. */
bool lower_update(struct lowering *l);

/* Whether a value is one number that all elements of the kernel's tensors share: a setting, or computed from settings.
 * (fused nodes.c) */
bool is_number(const struct lowering *l, node_id v);

/* Element-wise fused nodes of tensors of the anchor's shape, at the element (or the vector of elements) with the index `at`, in the
 * kernel's type; then the stores. `anchor`: the first fused node's value, or NULL if it is element-wise too. (fused nodes.c) */
void lower_fused_at(struct lowering *l, struct loop_index at, const struct loop_expr *anchor, struct loop_list *out);

/* Title, place in the source and notes of the kernel, for dumps and for its comment in C. (notes.c) */
void add_notes(struct lowering *l, const struct plan_kernel *k);

/* Sums over samples (batch_reduction.c). */
void lower_batch_reduction(struct lowering *l, const struct nest *n);

/* Sums over samples along channels, and the copies that they read (batch_gemm.c). */
void lower_batch_gemm(struct lowering *l, node_id v);
void lower_transposed(struct lowering *l, const struct plan_transposed *t, loop_buffer_id to, struct loop_list *out);

/* Gathers, and scatters over samples (gather_scatter.c). */
void lower_gather(struct lowering *l, const struct nest *n, struct loop_list *out);
void lower_scatter(struct lowering *l, node_id v);

/* ---- Items that are tiles (tile_split.c) --------------------------------------------------------------------------------- */

/* An axis in tiles: one or two runs of equal tiles, whose numbers are an axis of the kernel's items. */
struct tile_segment {
    int64_t begin, size, count; /* first element, elements of a tile, tiles */
};

struct tile_split {
    struct tile_segment segment[2];
    int count;
    loop_axis tile;
};

/* Splits `extent` into at most two runs of equal tiles, none greater than `most`: 32 by 6 is two 6s and four 5s. Returns the number
 * of runs. */
int split_evenly(int64_t extent, int64_t most, struct tile_segment segment[2]);

/* Another axis of the kernel's items; the tiles of runs as one, unless there is a single tile; one item for a kernel without axes.
 * Item axes come before all other axes of the kernel. */
loop_axis add_item_axis(struct lowering *l, const char *name, int64_t extent);
void add_item_split(struct lowering *l, struct tile_split *r, const char *name);
void add_all_item(struct lowering *l);

/* Between these two the item's tile is known to be one of run `i`: returns its first element; appends `body` for such items. */
struct loop_index open_segment(struct lowering *l, const struct tile_split *r, int i);
void close_segment(struct lowering *l, const struct tile_split *r, int i, struct loop_list body, struct loop_list *out);

#endif
