#include "compiler/emit/llvm/module.h"

#include "compiler/emit/c/module.h"
#include "tests/support/compile_llvm.h"
#include "tests/support/loop_fixture.h"
#include "tests/support/small_run.h"

#include <immintrin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void emit_c(const void *m, FILE *out)
{
    emit_c_module(m, false, out);
}

static struct small_memory *new_memory(void)
{
    struct small_memory *memory = aligned_alloc(64, sizeof *memory);

    assert_non_null(memory);
    return memory;
}

/* ---- The same bits as C -------------------------------------------------------------------------------------------- */

/* Small values, and in each lane block some that are no ordinary numbers. No denormals: a select may become a minimum, which takes
 * them for zeros, in any compiler. */
static void fill(struct small_memory *memory, int precision)
{
    static const double special[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e30, -87.5, 88.5};

    small_fill(memory, precision);
    for (int block = 0; block < SMALL_BLOCKS; block++) {
        for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
            size_t at = (size_t)block * SMALL_IMAGE + i + 16 * (size_t)block;
            if (precision == 4)
                ((float *)memory->image)[at] = (float)special[i];
            else
                ((double *)memory->image)[at] = special[i];
        }
    }
}

/* What gcc's code for x86-64-v3 leaves: the bits that all others must leave. */
static struct small_memory *wanted(struct arena *a, struct loop_module *(*make)(struct arena *, int, int), int precision)
{
    struct small_memory *memory = new_memory();
    struct loaded l = compile_and_load("gcc", "x86-64-v3", printed(a, emit_c, make(a, precision, 32 / precision)));

    (make == small_module ? small_fill : fill)(memory, precision);
    small_run(model_of(&l), netrt_model_program(model_of(&l), "train"), memory);
    unload(&l);
    return memory;
}

static const struct {
    const char *march;
    int vector_bytes, level;
} builds[] = {
    {"x86-64-v3", 16, 0}, {"x86-64-v3", 16, 3}, {"x86-64-v3", 32, 0}, {"x86-64-v3", 32, 1}, {"x86-64-v3", 32, 2},
    {"x86-64-v3", 32, 3}, {"x86-64-v4", 32, 3}, {"x86-64-v4", 64, 0}, {"x86-64-v4", 64, 1}, {"x86-64-v4", 64, 3},
};

static size_t first_difference(const struct small_memory *a, const struct small_memory *b)
{
    size_t at = 0;

    while (at < sizeof a->blocks && a->blocks[at] == b->blocks[at])
        at++;
    return at;
}

static void check_bits(struct arena *a, struct loop_module *(*make)(struct arena *, int, int), int precision)
{
    struct small_memory *same = wanted(a, make, precision), *memory = new_memory();

    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        if (!can_run(builds[i].march)) {
            print_message("SKIP: %s\n", builds[i].march);
            continue;
        }
        const struct loop_module *m = make(a, precision, builds[i].vector_bytes / precision);
        assert_loops_verify(m);
        struct loaded l = llvm_compile_and_load(m, builds[i].march, builds[i].level);
        assert_int_equal(model_of(&l)->vector_bytes, builds[i].vector_bytes);
        (make == small_module ? small_fill : fill)(memory, precision);
        small_run(model_of(&l), netrt_model_program(model_of(&l), "train"), memory);
        unload(&l);
        if (make == small_module)
            assert_near_interpreter(m, memory);
        if (memcmp(same, memory, sizeof *same) != 0)
            fail_msg("%s -O%d with %d-byte vectors: other bits than C at byte %zu of the blocks", builds[i].march, builds[i].level,
                     builds[i].vector_bytes, first_difference(same, memory));
    }
    free(same);
    free(memory);
}

static void kernels_give_the_bits_of_c_f32(void **state)
{
    check_bits(((struct loop_fixture *)*state)->arena, small_module, 4);
}

static void kernels_give_the_bits_of_c_f64(void **state)
{
    check_bits(((struct loop_fixture *)*state)->arena, small_module, 8);
}

/* ---- Every operation ----------------------------------------------------------------------------------------------- */

struct builder {
    struct loop_module *m;
    struct loop_list body;
    loop_buffer_id to;
    loop_axis block, part;
    int64_t at;
};

static const struct loop_expr *load(struct builder *b, enum loop_type type, int64_t at)
{
    bool vector = loop_is_vector(type);
    struct loop_index index = vector ? index_of(b->m, at, 1, b->part, b->m->vector_lanes) : loop_constant_index(at);

    return loop_load(b->m, type, (struct loop_place){0, loop_axis_index(b->m, b->block, 1), index});
}

/* One result every sixteen reals; scalars are spread over lanes, so that parts do not meet. */
static void keep(struct builder *b, const struct loop_expr *x)
{
    struct loop_place to = {b->to, loop_axis_index(b->m, b->block, 1), index_of(b->m, b->at, 1, b->part, b->m->vector_lanes)};

    loop_append(&b->body, loop_store(b->m, to, loop_is_vector(x->type) ? x : loop_splat(b->m, x)));
    b->at += LANES;
}

static void add_comparisons(struct builder *b, const struct loop_expr *x, const struct loop_expr *y)
{
    static const enum loop_op compare[] = {LOOP_LESS, LOOP_LESS_EQUAL, LOOP_EQUAL, LOOP_NOT_EQUAL};

    for (int i = 0; i < 4; i++)
        keep(b, loop_select(b->m, loop_binary(b->m, compare[i], x, y), x, y));
    const struct loop_expr *less = loop_binary(b->m, LOOP_LESS, x, y), *not_equal = loop_binary(b->m, LOOP_NOT_EQUAL, x, y);
    keep(b, loop_select(b->m, loop_binary(b->m, LOOP_MASK_AND, less, not_equal), x, y));
    keep(b, loop_select(b->m, loop_binary(b->m, LOOP_MASK_OR, less, not_equal), y, x));
}

static void add_arithmetic(struct builder *b, const struct loop_expr *x, const struct loop_expr *y)
{
    static const enum loop_op binary[] = {LOOP_ADD, LOOP_SUBTRACT, LOOP_MULTIPLY, LOOP_DIVIDE};

    for (int i = 0; i < 4; i++)
        keep(b, loop_binary(b->m, binary[i], x, y));
    keep(b, loop_fma(b->m, x, y, x));
    keep(b, loop_binary(b->m, LOOP_ADD, loop_binary(b->m, LOOP_MULTIPLY, x, y), x));    /* rounded twice */
    keep(b, loop_unary(b->m, LOOP_SQRT, x));
    keep(b, loop_unary(b->m, LOOP_ABSOLUTE, x));
    keep(b, loop_unary(b->m, LOOP_NEGATE, x));
}

/* Bits appear in functions only: f(x) = from_bits(to_bits(x) `op` ...). */
static const struct loop_function *bits_function(struct builder *b, enum loop_op op, enum loop_type type)
{
    static const char *const names[] = {[LOOP_BITS_ADD] = "plus", [LOOP_BITS_SUBTRACT] = "minus", [LOOP_BITS_AND] = "and_",
                                        [LOOP_BITS_OR] = "or_",   [LOOP_SHIFT_LEFT] = "left",     [LOOP_SHIFT_RIGHT] = "right"};
    struct loop_module *m = b->m;
    struct loop_function *f = arena_new(m->arena, struct loop_function);
    const struct loop_variable *x = loop_add_variable(m, "x", type);
    const struct loop_expr *given = loop_unary(m, LOOP_TO_BITS, loop_read(m, x)), *result;

    if (op == LOOP_SHIFT_LEFT || op == LOOP_SHIFT_RIGHT)
        result = loop_shift(m, op, given, 5);
    else
        result = loop_binary(m, op, given, loop_bits(m, given->type, 0x41234567));
    f->name = arena_printf(m->arena, "%s_%s", names[op], loop_is_vector(type) ? "all" : "one");
    f->reference = fabs;    /* nothing interprets it */
    f->parameter = x;
    f->result = loop_unary(m, LOOP_FROM_BITS, result);
    vec_push(m->arena, &m->function, f);
    return f;
}

static void add_bits(struct builder *b, const struct loop_expr *x)
{
    static const enum loop_op ops[] = {LOOP_BITS_ADD, LOOP_BITS_SUBTRACT, LOOP_BITS_AND,
                                       LOOP_BITS_OR,  LOOP_SHIFT_LEFT,    LOOP_SHIFT_RIGHT};

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        keep(b, loop_call(b->m, bits_function(b, ops[i], x->type), x));
}

static void add_functions(struct builder *b, const struct loop_expr *x)
{
    static const enum loop_math math[] = {MATH_EXP, MATH_LOG, MATH_TANH, MATH_SIGMOID, MATH_ERF, MATH_EXPM1, MATH_SOFTPLUS};

    for (size_t i = 0; i < sizeof math / sizeof *math; i++)
        keep(b, loop_call(b->m, loop_math_function(b->m, math[i], x->type), x));
}

/* Which of 2, 3 and 4 is chosen by a number. */
static void keep_choice(struct builder *b, loop_axis axis, const struct loop_expr *x)
{
    struct loop_list body = b->body;

    b->body = (struct loop_list){0};
    keep(b, loop_index_value(b->m, b->m->real, loop_axis_index(b->m, axis, 1)));
    loop_append(&body, loop_indirect(b->m, axis, 2, 5, x, loop_list_block(b->m, b->body)));
    b->body = body;
}

static void add_choices(struct builder *b, struct loop_kernel *k)
{
    static const double numbers[] = {2, 3, 2.999, 4.5, 5, -3, 1e30, -1e30};
    const struct loop_expr *zero = loop_real(b->m, b->m->real, 0);
    const loop_axis axis = loop_add_axis(b->m, k, "chosen");

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        keep_choice(b, axis, loop_real(b->m, b->m->real, numbers[i]));
    keep_choice(b, axis, loop_binary(b->m, LOOP_DIVIDE, zero, zero));
    for (int i = 1; i < 6; i++)
        keep_choice(b, axis, loop_bits(b->m, TYPE_I32, i == 1 ? INT32_MIN : i));
}

/* Integers of one type, written one by one and read in vectors: converted, compared and chosen among. */
static void add_integers(struct builder *b, struct loop_kernel *k, enum loop_type type)
{
    struct loop_module *m = b->m;
    const enum loop_type vector = loop_vector_of(type), reals = loop_vector_of(m->real);
    const loop_axis lane = loop_add_axis(m, k, "lane");
    struct loop_place to = {loop_add_local(m, k, loop_type_name(type), type, LANES), loop_constant_index(0),
                            loop_axis_index(m, lane, 1)};
    const struct loop_expr *number = loop_index_value(m, TYPE_I32, index_of(m, 70000, 1, lane, -4099));

    loop_append(&b->body, loop_for(m, lane, 0, LANES, loop_store(m, to, loop_convert(m, type, number))));
    to.at = loop_axis_index(m, b->part, m->vector_lanes);
    const struct loop_expr *v = loop_load(m, vector, to), *limit = loop_bits(m, vector, 100);
    const struct loop_expr *less = loop_binary(m, LOOP_LESS, v, limit);
    keep(b, loop_convert(m, reals, v));
    keep(b, loop_select(m, less, loop_real(m, reals, 1), loop_real(m, reals, 2)));
    keep(b, loop_convert(m, reals, loop_select(m, loop_binary(m, LOOP_LESS_EQUAL, limit, v), v, limit)));
    to.at = loop_constant_index(3);
    const struct loop_expr *third = loop_splat(m, loop_load(m, type, to));
    keep(b, loop_select(m, loop_binary(m, LOOP_EQUAL, v, third), loop_real(m, reals, 1), loop_real(m, reals, 2)));
    keep(b, loop_select(m, loop_binary(m, LOOP_NOT_EQUAL, v, third), loop_real(m, reals, 1), loop_real(m, reals, 2)));
}

/* Scalars of the other precision. */
static void add_other_reals(struct builder *b)
{
    struct loop_module *m = b->m;
    const enum loop_type other = m->real == TYPE_F32 ? TYPE_F64 : TYPE_F32;
    const struct loop_expr *x = loop_convert(m, other, load(b, m->real, 0)), *y = loop_convert(m, other, load(b, m->real, 16));
    const struct loop_expr *sum = loop_fma(m, x, y, loop_real(m, other, 0.1));

    keep(b, loop_convert(m, m->real, loop_binary(m, LOOP_DIVIDE, sum, loop_real(m, other, 3))));
    keep(b, loop_convert(m, m->real, loop_unary(m, LOOP_SQRT, loop_unary(m, LOOP_ABSOLUTE, sum))));
    keep(b, loop_convert(m, m->real, loop_select(m, loop_binary(m, LOOP_LESS, x, y), x, loop_unary(m, LOOP_NEGATE, y))));
}

/* results = every operation on lanes and on scalars of the image. */
static struct loop_module *operations(struct arena *a, int precision, int vector_lanes)
{
    struct loop_module *m = small_module(a, precision, vector_lanes);
    struct builder b = {.m = m};
    struct loop_kernel *k = loop_add_kernel(m, "operations");

    m->block_bytes = 16384;
    b.to = loop_add_buffer(m, (struct loop_buffer){"results", SPACE_BLOCK, 0, 16384 / precision, "", m->real});
    b.block = loop_add_axis(m, k, "block");
    b.part = loop_add_axis(m, k, "part");
    for (int scalar = 0; scalar < 2; scalar++) {
        enum loop_type type = scalar ? m->real : loop_vector_of(m->real);
        const struct loop_expr *x = load(&b, type, 0), *y = load(&b, type, 16);
        add_arithmetic(&b, x, y);
        add_comparisons(&b, x, y);
        add_bits(&b, x);
        add_functions(&b, x);
    }
    keep(&b, loop_index_value(m, m->real, index_of(m, -7, 1, b.block, 3)));
    add_choices(&b, k);
    add_integers(&b, k, TYPE_U8);
    add_integers(&b, k, TYPE_U16);
    add_integers(&b, k, TYPE_I32);
    add_other_reals(&b);
    keep(&b, loop_sum_lanes(m, (struct loop_place){0, loop_axis_index(m, b.block, 1), loop_constant_index(32)}));
    k->body = loop_for(m, b.part, 0, LANES / vector_lanes, loop_list_block(m, b.body));
    loop_find_program(m, "train")->phase.count = 0;
    vec_push(a, &loop_find_program(m, "train")->phase, ((struct loop_phase){"operations", 2, 1}));
    loop_find_program(m, "train")->checked = 0;
    return m;
}

static void operations_give_the_bits_of_c_f32(void **state)
{
    check_bits(((struct loop_fixture *)*state)->arena, operations, 4);
}

static void operations_give_the_bits_of_c_f64(void **state)
{
    check_bits(((struct loop_fixture *)*state)->arena, operations, 8);
}

/* ---- What is emitted ----------------------------------------------------------------------------------------------- */

static const char *text_of(const struct loop_module *m, enum llvm_product product, const char *kernel)
{
    struct llvm_options o = llvm_options_for(m, "x86-64-v3", 3, product);
    size_t length = 0;

    o.kernel = kernel;
    return llvm_emitted(m, &o, &length);
}

static void multiply_adds_are_explicit_and_nothing_is_fast(void **state)
{
    struct loop_fixture *f = *state;
    const char *text = text_of(small_module(f->arena, 4, 8), LLVM_PRODUCT_TEXT, NULL);

    assert_non_null(strstr(text, "call <8 x float> @llvm.fma.v8f32"));
    assert_non_null(strstr(text, "\"denormal-fp-math\"=\"preserve-sign,preserve-sign\""));
    assert_non_null(strstr(text, "\"target-cpu\"=\"x86-64-v3\""));
    assert_non_null(strstr(text, "!\"llvm.loop.unroll.disable\""));
    for (size_t i = 0; i < 4; i++) {
        static const char *const flags[] = {" fast ", " contract ", " reassoc ", " nnan "};
        assert_null(strstr(text, flags[i]));
    }
}

static void chosen_kernels_are_printed_alone(void **state)
{
    struct loop_fixture *f = *state;
    const char *text = text_of(small_module(f->arena, 4, 8), LLVM_PRODUCT_TEXT, "c?nv");

    assert_non_null(strstr(text, "define internal void @kernel_conv("));
    assert_null(strstr(text, "@kernel_total("));
    assert_null(strstr(text, "@netrt_model"));
}

static void kernels_stand_at_their_lines_of_the_source(void **state)
{
    struct loop_fixture *f = *state;
    const char *text = text_of(small_module(f->arena, 4, 8), LLVM_PRODUCT_TEXT, NULL);

    assert_non_null(strstr(text, "!DIFile(filename: \"small.net\", directory: \"\")"));
    assert_non_null(strstr(text, "distinct !DISubprogram(name: \"conv\""));
    assert_non_null(strstr(text, "line: 3,"));
}

/* Buffers that share memory: their accesses must keep their order, others need not. */
static void only_buffers_apart_are_said_to_be(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "in_place");
    loop_buffer_id x = loop_add_buffer(m, (struct loop_buffer){"x", SPACE_BLOCK, 0, 32, "", m->real});
    loop_buffer_id y = loop_add_buffer(m, (struct loop_buffer){"y", SPACE_BLOCK, 64, 32, "", m->real});
    struct loop_index block = loop_axis_index(m, loop_add_axis(m, k, "block"), 1);

    m->block_bytes = 192;
    k->title = k->where = "";
    k->body = loop_store(m, (struct loop_place){y, block, loop_constant_index(0)},
                         loop_load(m, loop_vector_of(m->real), (struct loop_place){x, block, loop_constant_index(0)}));
    assert_null(strstr(text_of(m, LLVM_PRODUCT_TEXT, NULL), "!noalias"));
    m->buffer.at[y].offset = 128;
    m->block_bytes = 256;
    assert_non_null(strstr(text_of(m, LLVM_PRODUCT_TEXT, NULL), "!noalias"));
}

static void accesses_know_their_alignment(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "copy");
    loop_buffer_id x = loop_add_buffer(m, (struct loop_buffer){"x", SPACE_BLOCK, 0, 32, "", m->real});
    struct loop_index block = loop_axis_index(m, loop_add_axis(m, k, "block"), 1);

    m->block_bytes = 128;
    k->title = k->where = "";
    k->body = loop_store(m, (struct loop_place){x, block, loop_constant_index(16)},
                         loop_load(m, loop_vector_of(m->real), (struct loop_place){x, block, loop_constant_index(3)}));
    const char *text = text_of(m, LLVM_PRODUCT_TEXT, "copy");
    assert_non_null(strstr(text, "align 4, "));     /* the load, at 12 bytes */
    assert_non_null(strstr(text, "align 64, "));    /* the store */
}

static void the_model_says_what_it_is(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);

    m->description = "{\"net\": \"caf\xc3\xa9 \\\" \n\"}";
    struct loaded l = llvm_compile_and_load(m, "x86-64-v3", 3);
    const struct netrt_model *model = model_of(&l);
    assert_int_equal(model->version, NETRT_MODEL_VERSION);
    assert_string_equal(model->description, m->description);
    assert_int_equal(model->uniform_bytes, m->uniform_bytes);
    assert_int_equal(model->block_bytes, m->block_bytes);
    assert_int_equal(model->batch, 64);
    assert_int_equal(model->kernel_count, 2);
    assert_string_equal(model->kernel[1].name, "total");
    assert_int_equal(model->kernel[0].items, 0);
    assert_int_equal(model->kernel[1].items, SMALL_O);
    assert_string_equal(netrt_model_program(model, "train")->phase[0].name, loop_find_program(m, "train")->phase.at[0].name);
    assert_int_equal(netrt_model_program(model, "evaluate")->phase_count, loop_find_program(m, "evaluate")->phase.count);
    assert_true(model->peak(1000) == 2.0 * 12 * 8 * 1000);
    assert_true(model->peak(0) == 0);
    unload(&l);
}

static void two_runs_give_the_same_object(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_module *m = small_module(f->arena, 4, 8);
    struct llvm_options o = llvm_options_for(m, "x86-64-v3", 3, LLVM_PRODUCT_OBJECT);
    size_t first_length = 0, second_length = 0;
    const char *first = llvm_emitted(m, &o, &first_length), *second = llvm_emitted(m, &o, &second_length);

    assert_int_equal(first_length, second_length);
    assert_memory_equal(first, second, first_length);
}

int main(void)
{
    /* As in every thread of a trainer: denormals are zero. */
    _mm_setcsr(_mm_getcsr() | 0x8040);

    const struct CMUnitTest tests[] = {
        loop_test(kernels_give_the_bits_of_c_f32),
        loop_test(kernels_give_the_bits_of_c_f64),
        loop_test(operations_give_the_bits_of_c_f32),
        loop_test(operations_give_the_bits_of_c_f64),
        loop_test(multiply_adds_are_explicit_and_nothing_is_fast),
        loop_test(chosen_kernels_are_printed_alone),
        loop_test(kernels_stand_at_their_lines_of_the_source),
        loop_test(only_buffers_apart_are_said_to_be),
        loop_test(accesses_know_their_alignment),
        loop_test(the_model_says_what_it_is),
        loop_test(two_runs_give_the_same_object),
    };
    return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
