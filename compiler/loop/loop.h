/* loop: the scheduled loop nests of all kernels (--emit=loops): the last form before C or machine code.
 *
 * Lanes are samples. A value is a *scalar* (uniform: one for all samples) or a *vector*: as many lanes as one register of the
 * target holds (`module.vector_lanes`: 16, 8, 4 or 2). Sixteen lanes are 16 / vector_lanes *parts*; a kernel runs over its parts in
 * a loop like any other, so no value is wider than a register.
 *
 * Semantics. Reals are IEEE binary32 or binary64, rounded to nearest, each operation rounded once, nothing
 * contracted or reordered; denormal inputs and results are zero. Comparisons with NaN are false, except NE. Loops run in
 * ascending order. Bits outside functions are *words*: whole numbers from 0 to 2^32 - 1, in f64 too, where the upper half of a lane
 * is zero. Index arithmetic is 64-bit and never overflows: the front end has bounded all sizes. A load or store is
 * within its buffer: verified by interval arithmetic over the loops, conditions and choices around it.
 *
 * Everything lives in the module's arena.
 */
#ifndef NETC_LOOP_LOOP_H
#define NETC_LOOP_LOOP_H

#include "compiler/support/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { LANES = 16 };

struct loop_module;

/* ---- Types --------------------------------------------------------------------------------------------------------- */

/* What a value is: an element (loop_types.def) and whether there is one or a vector of them, TYPE_F32 or TYPE_F32_VECTOR. A truth
 * value, TYPE_MASK, has no place in memory. */
enum loop_type {
#define LOOP_TYPE(id, name, kind, bytes, c, c_vector) TYPE_##id, TYPE_##id##_VECTOR,
#include "compiler/loop/loop_types.def"
#undef LOOP_TYPE
};

enum { LOOP_TYPE_COUNT = TYPE_MASK_VECTOR + 1 };

bool loop_is_vector(enum loop_type type);
bool loop_is_real(enum loop_type type);
bool loop_is_integer(enum loop_type type);
bool loop_is_signed(enum loop_type type);
int loop_type_bytes(enum loop_type type); /* of an element in memory */
enum loop_type loop_scalar_of(enum loop_type type);
enum loop_type loop_vector_of(enum loop_type type);
enum loop_type loop_as_wide(enum loop_type element, enum loop_type type); /* a vector exactly where `type` is one */
const char *loop_type_name(enum loop_type type); /* of the element: "f32" */
const char *loop_type_in_c(const struct loop_module *m, enum loop_type type);

/* An integer as wide as the module's reals, two's complement: a word, or the bits of a real. */
enum loop_type loop_word(const struct loop_module *m);

/* ---- Memory -------------------------------------------------------------------------------------------------------- */

enum loop_space {
    SPACE_UNIFORM,    /* one copy: parameters, gradients, optimizer state */
    SPACE_BLOCK,      /* a copy per lane block: [element][16] */
    SPACE_INPUT,      /* given by the caller, per lane block: [block][element][16] */
    SPACE_SETTING,    /* one run-time scalar */
    SPACE_LOCAL       /* on the stack of one kernel */
};

/* In SPACE_BLOCK and SPACE_INPUT sixteen elements make one of the tensor. Inputs and locals hold elements of any type but MASK, the
 * other spaces reals of the module. */
struct loop_buffer {
    const char *name; /* a C identifier, unique in the module (a local: in its kernel) */
    enum loop_space space;
    int64_t offset; /* bytes in its space; input or setting: its index; local: 0 */
    int64_t elements; /* size; of one lane block where there is one per block */
    const char *label; /* what it holds, for people: "c1.weight 6x1x5x5" */
    enum loop_type type; /* of an element: a scalar */
};

typedef int32_t loop_buffer_id;

/* ---- Indices ------------------------------------------------------------------------------------------------------- */

typedef int32_t loop_axis; /* index into kernel.axis */

struct loop_term {
    loop_axis axis;
    int64_t factor; /* not 0 */
};

struct loop_dimension;

/* constant + sum of factor * axis; each axis at most once, in ascending order of axis. */
struct loop_index {
    int64_t constant;
    int count;
    int rank; /* 0, or the index stands for one by dimension, for people: */
    const struct loop_term *term;
    const struct loop_dimension *dimension; /* ((d0) * extent1 + d1) * extent2 + d2, the outermost first */
};

struct loop_dimension {
    int64_t extent;
    struct loop_index at; /* its own rank is 0 */
};

/* A place in memory, counted in elements. `block`: which lane block, for SPACE_BLOCK and SPACE_INPUT. */
struct loop_place {
    loop_buffer_id buffer;
    struct loop_index block;
    struct loop_index at;
};

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

enum loop_op {
#define LOOP_OP(id, name, types, binds, c, c_vector, value) LOOP_##id,
#include "compiler/loop/loop_ops.def"
#undef LOOP_OP
};

/* A variable: defined once (LOOP_DEFINE), perhaps set again (LOOP_SET), within the block that defines it. */
struct loop_variable {
    const char *name; /* a C identifier; no other variable that is visible has it */
    enum loop_type type;
};

struct loop_function;

struct loop_expr {
    enum loop_op op;
    enum loop_type type;
    const struct loop_expr *arg[3];
    union {
        double real; /* CONSTANT */
        int64_t bits; /* BITS_CONSTANT: of an integer; shifts: the distance */
        const struct loop_variable *variable; /* VARIABLE */
        struct loop_place place; /* LOAD; SUM_LANES: sixteen reals */
        struct loop_index index; /* INDEX: an index as a scalar number, which holds it exactly */
        const struct loop_function *function; /* CALL: one argument, arg[0] */
    } as;
};

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

enum loop_kind { LOOP_FOR, LOOP_IF, LOOP_INDIRECT, LOOP_DEFINE, LOOP_SET, LOOP_STORE, LOOP_BLOCK };

/* The end of a LOOP_INDIRECT by a real at most: every whole number up to here is a real in both precisions. An integer may reach
 * any number that it holds. */
enum { MAX_INDIRECT = 1 << 24 };

/* A place in a net's source, for debuggers. */
struct loop_origin {
    const char *file; /* as it was opened */
    unsigned line;
};

struct loop {
    enum loop_kind kind;
    const struct loop_origin *origin; /* of the layer that it computes; NULL: unknown */
    const struct loop *next; /* in a block */
    const char *note; /* a line for people about what begins here, or NULL */
    union {
        struct {
            loop_axis axis;
            int64_t begin, end; /* runs over begin … end - 1 */
            bool over_blocks; /* the end is the step's block_count instead */
            const struct loop *body;
        } for_;
        struct { /* low <= index < high */
            struct loop_index index;
            int64_t low, high;
            bool of_blocks; /* the step's block_count is the end instead; the index is none below 0 */
            const struct loop *body;
        } if_;
        /* The axis is the number that was read, a real without its fraction; `begin` if it is NaN or not within begin …
         * end - 1. Data out of range is refused before a run: this keeps accesses inside their buffers whatever comes. */
        struct {
            loop_axis axis;
            int64_t begin, end;
            const struct loop_expr *value; /* a real of the module, or TYPE_I32 */
            const struct loop *body;
        } indirect;
        struct { /* DEFINE and SET */
            const struct loop_variable *variable;
            const struct loop_expr *value;
        } set;
        struct {
            struct loop_place place; /* a vector stores vector_lanes elements from there */
            const struct loop_expr *value;
        } store;
        const struct loop *block; /* linked by next */
    } as;
};

/* ---- Kernels ------------------------------------------------------------------------------------------------------- */

struct loop_axis_info {
    const char *name; /* a C identifier; axes may share a name unless one is inside the other */
};

/* Axes that an item is split into. */
enum { MAX_ITEM_AXES = 4 };

struct loop_kernel {
    const char *name; /* a C identifier, unique */
    const char *title; /* "c1: conv(6, 5x5) -> tanh -> s2: avgpool(2x2)" */
    const char *where; /* "lenet5.net:7", or "" */
    const struct loop_origin *origin; /* the same place; NULL: unknown */
    VEC(const char *) notes; /* lines for people: shapes, choices made */
    VEC(const char *) tile; /* for people: each register tile that was chosen, and on what */
    VEC(struct loop_axis_info) axis;
    VEC(struct loop_buffer) local; /* ids after the module's buffers: module.buffer.count + i */
    /* A block kernel: item_count 0, and axis 0 is the lane block. Else the item is split into the first
     * item_count axes with these extents, the last running fastest. */
    int item_count;
    int64_t item_extent[MAX_ITEM_AXES];
    const struct loop *body;
    double multiply_adds, bytes; /* as struct netrt_kernel says */
    bool per_sample;
};

struct loop_phase {
    const char *name;
    int first, count; /* kernels; all block kernels or none */
};

struct loop_program {
    const char *name; /* "train" */
    VEC(struct loop_phase) phase;
    int checked; /* phases after which the loss is known */
};

/* A function of one vector (or scalar), such as tanh: `result` of `parameter`, after the statements of `body`. */
struct loop_function {
    const char *name; /* a C identifier, unique */
    const char *comment; /* method, error bound, source */
    double (*reference)(double); /* what the interpreter calls instead */
    const struct loop_variable *parameter;
    const struct loop *body; /* LOOP_DEFINE only */
    const struct loop_expr *result;
};

struct loop_module {
    struct arena *arena;
    enum loop_type real; /* TYPE_F32 or TYPE_F64: of parameters, activations and what is computed with them */
    int vector_lanes;
    const char *name; /* the net's */
    const char *source; /* file name for comments */
    const char *path; /* of that file as it was opened, for debuggers; NULL: unknown */
    const char *folder; /* in which netc runs, for debuggers; NULL: unknown */
    const struct loop_origin *origin; /* of the statements that are made now */
    VEC(struct loop_buffer) buffer; /* all but the locals */
    VEC(struct loop_function *) function; /* callees before callers */
    VEC(struct loop_kernel *) kernel;
    VEC(struct loop_program *) program;
    int64_t uniform_bytes, block_bytes, batch;
    int input_count, setting_count;
    const char *description; /* JSON for the runtime (runtime/include/netrt/description.md), or NULL */
};

/* ---- Building (build.c) -------------------------------------------------------------------------------------------- */

struct loop_kernel *loop_add_kernel(struct loop_module *m, const char *name);
/* A program without phases, and the program of a name, or NULL. What there is of: "train" (forward, loss, gradients, update), "evaluate"
 * (forward as it is outside training, and the loss), "predict" (forward as it is outside training). */
struct loop_program *loop_add_program(struct loop_module *m, const char *name);
struct loop_program *loop_find_program(const struct loop_module *m, const char *name);
loop_buffer_id loop_add_buffer(struct loop_module *m, struct loop_buffer b);
loop_buffer_id loop_add_local(struct loop_module *m, struct loop_kernel *k, const char *name, enum loop_type type,
                              int64_t elements);
const struct loop_buffer *loop_buffer_at(const struct loop_module *m, const struct loop_kernel *k, loop_buffer_id id);
loop_axis loop_add_axis(struct loop_module *m, struct loop_kernel *k, const char *name);

/* How much memory a buffer takes; of one lane block where there is one per block. */
int64_t loop_buffer_bytes(const struct loop_buffer *b);

/* Whether the places of two different buffers overlap. */
bool loop_buffers_meet(const struct loop_buffer *a, const struct loop_buffer *b);

/* The items of a kernel; 0: as many as lane blocks. */
int64_t loop_item_total(const struct loop_kernel *k);

struct loop_index loop_constant_index(int64_t constant);
struct loop_index loop_axis_index(struct loop_module *m, loop_axis axis, int64_t factor);
struct loop_index loop_index_add(struct loop_module *m, struct loop_index a, struct loop_index b);
struct loop_index loop_index_scale(struct loop_module *m, struct loop_index a, int64_t factor);

/* The index of an element by its dimensions, and the same `by` further along dimension d. Sums and multiples of such an index are
 * plain ones again. */
struct loop_index loop_index_in(struct loop_module *m, int rank, const struct loop_dimension dimension[]);
struct loop_index loop_index_move(struct loop_module *m, struct loop_index a, int d, struct loop_index by);

/* How far apart neighbours along dimension d are. */
int64_t loop_index_stride(const struct loop_index *a, int d);

/* Expressions. Neither scalars and vectors mix nor elements: splat or convert first. Types follow from the arguments. */
const struct loop_expr *loop_real(struct loop_module *m, enum loop_type type, double value);
const struct loop_expr *loop_bits(struct loop_module *m, enum loop_type type, int64_t value); /* of integers */
const struct loop_expr *loop_read(struct loop_module *m, const struct loop_variable *v);
const struct loop_expr *loop_load(struct loop_module *m, enum loop_type type, struct loop_place from);
const struct loop_expr *loop_index_value(struct loop_module *m, enum loop_type type, struct loop_index index);
const struct loop_expr *loop_splat(struct loop_module *m, const struct loop_expr *scalar);
const struct loop_expr *loop_sum_lanes(struct loop_module *m, struct loop_place from); /* a real of the module */
/* The same number as another element, rounded once where it does not fit; modulo a power of two where an integer is cut. */
const struct loop_expr *loop_convert(struct loop_module *m, enum loop_type element, const struct loop_expr *a);
const struct loop_expr *loop_unary(struct loop_module *m, enum loop_op op, const struct loop_expr *a);
const struct loop_expr *loop_shift(struct loop_module *m, enum loop_op op, const struct loop_expr *a, int distance);
const struct loop_expr *loop_binary(struct loop_module *m, enum loop_op op, const struct loop_expr *a, const struct loop_expr *b);
/* a * b + c, rounded once */
const struct loop_expr *loop_fma(struct loop_module *m, const struct loop_expr *a, const struct loop_expr *b,
                                 const struct loop_expr *c);
const struct loop_expr *loop_select(struct loop_module *m, const struct loop_expr *mask, const struct loop_expr *yes,
                                    const struct loop_expr *no);
const struct loop_expr *loop_call(struct loop_module *m, const struct loop_function *f, const struct loop_expr *a);

const struct loop_variable *loop_add_variable(struct loop_module *m, const char *name, enum loop_type type);

/* Statements. A list collects statements in order; loop_list_block makes one statement of it. */
struct loop_list {
    struct loop *first, *last;
};

void loop_append(struct loop_list *list, struct loop *statement);
const struct loop *loop_list_block(struct loop_module *m, struct loop_list list);
struct loop *loop_for(struct loop_module *m, loop_axis axis, int64_t begin, int64_t end, const struct loop *body);
struct loop *loop_for_blocks(struct loop_module *m, loop_axis axis, const struct loop *body);
struct loop *loop_if(struct loop_module *m, struct loop_index index, int64_t low, int64_t high, const struct loop *body);
struct loop *loop_if_block(struct loop_module *m, struct loop_index index, const struct loop *body);
struct loop *loop_indirect(struct loop_module *m, loop_axis axis, int64_t begin, int64_t end, const struct loop_expr *value,
                           const struct loop *body);
struct loop *loop_define(struct loop_module *m, const struct loop_variable *v, const struct loop_expr *value);
struct loop *loop_set(struct loop_module *m, const struct loop_variable *v, const struct loop_expr *value);
struct loop *loop_store(struct loop_module *m, struct loop_place to, const struct loop_expr *value);

/* Numbers the variables of a finished kernel that share a name where both are visible, "sum", "sum_2", and axes inside each other.
 * (rename.c) */
void loop_rename_variables(struct loop_module *m, struct loop_kernel *k);

/* ---- Functions of mathematics (functions.c) ------------------------------------------------------------------------ */

enum loop_math {
#define MATH(id, name, reference, comment) MATH_##id,
#include "compiler/loop/math.def"
#undef MATH
};

/* The function of the module's reals for `type` (one or a vector of them), added to the module on first use. Polynomials and
 * IEEE division only, so every back end gives the same bits; error bounds stand in functions.c and grammar/REFERENCE.md. */
const struct loop_function *loop_math_function(struct loop_module *m, enum loop_math which, enum loop_type type);

/* ---- Looking at loops ---------------------------------------------------------------------------------------------- */

/* Whether `m` keeps this header's promises: types, definitions before uses, axes, places within buffers, no store to inputs or
 * settings, items that store to places of their own, phases not mixed. Says which is broken, and where, on `out`. */
bool loop_verify(const struct loop_module *m, FILE *out);

/* Of that what holds for the module as a whole and costs next to nothing: names that are unique, buffers within their memory,
 * phases of kernels that there are. */
bool loop_verify_tables(const struct loop_module *m, FILE *out);

/* How many definitions stand in the statements; one in a loop counts once. */
size_t loop_count_definitions(const struct loop *s);

/* Prints all kernels, or those whose names match `pattern` (NULL: all), as indented pseudo-code. */
void loop_print(const struct loop_module *m, const char *pattern, FILE *out);

/* ---- The reference interpreter (eval.c) ---------------------------------------------------------------------------- */

/* Memory of a run; all numbers are doubles. */
struct loop_memory {
    double *uniform; /* as many as module.uniform_bytes hold reals */
    double *blocks; /* block b starts where b * module.block_bytes hold so many reals */
    const double *const *input; /* integers too */
    const double *setting;
    int64_t samples, block_count;
};

/* Runs one item of a kernel, or a whole program, in double precision, naively. Functions are libm's. Offsets in
 * bytes of the module count as that many reals are doubles. */
void loop_eval_kernel(const struct loop_module *m, const struct loop_kernel *k, const struct loop_memory *memory, int64_t item);
void loop_eval_program(const struct loop_module *m, const struct loop_program *p, const struct loop_memory *memory);

#endif
