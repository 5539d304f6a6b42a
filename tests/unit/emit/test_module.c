#include "compiler/emit/c/module.h"

#include "tests/support/compile_c.h"
#include "tests/support/loop_fixture.h"
#include "tests/support/small_run.h"

#include "netrt/model.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void emit(const void *m, FILE *out)
{
    emit_c_module(m, false, out);
}

/* ---- The small module with every compiler -------------------------------------------------------------------------- */

static const struct {
    const char *compiler, *march;
    int vector_bytes;
} builds[] = {
    {"gcc", "x86-64-v3", 16},      {"gcc", "x86-64-v3", 32},      {"gcc", "x86-64-v4", 32},      {"gcc", "x86-64-v4", 64},
    {"clang-19", "x86-64-v3", 16}, {"clang-19", "x86-64-v3", 32}, {"clang-19", "x86-64-v4", 32}, {"clang-19", "x86-64-v4", 64},
};

enum { BUILDS = sizeof builds / sizeof *builds };

static bool is_possible(int i)
{
    bool possible = can_compile(builds[i].compiler) && can_run(builds[i].march);

    if (!possible)
        print_message("SKIP: %s for %s\n", builds[i].compiler, builds[i].march);
    return possible;
}

static void check_precision(struct loop_fixture *f, int precision)
{
    struct small_memory *first = NULL, *memory = aligned_alloc(64, sizeof *memory);

    assert_non_null(memory);
    for (int i = 0; i < BUILDS; i++) {
        if (!is_possible(i))
            continue;
        const struct loop_module *m = small_module(f->arena, precision, builds[i].vector_bytes / precision);
        assert_loops_verify(m);
        struct loaded l = compile_and_load(builds[i].compiler, builds[i].march, printed(f->arena, emit, m));
        const struct netrt_model *model = model_of(&l);
        assert_int_equal(model->vector_bytes, builds[i].vector_bytes);
        small_fill(memory, precision);
        small_run(model, netrt_model_program(model, "train"), memory);
        unload(&l);
        if (!first) {
            assert_near_interpreter(m, memory);
            first = aligned_alloc(64, sizeof *first);
            assert_non_null(first);
            memcpy(first, memory, sizeof *first);
        }
        if (memcmp(first, memory, sizeof *first) != 0)
            fail_msg("%s for %s with %d-byte vectors: other bits", builds[i].compiler, builds[i].march, builds[i].vector_bytes);
    }
    free(first);
    free(memory);
}

static void every_compiler_and_width_gives_the_same_bits_f32(void **state)
{
    check_precision(*state, 4);
}

static void every_compiler_and_width_gives_the_same_bits_f64(void **state)
{
    check_precision(*state, 8);
}

/* ---- One kernel with every operation ------------------------------------------------------------------------------- */

static void store_at(struct loop_module *m, struct loop_list *body, loop_buffer_id to, int64_t *at, const struct loop_expr *x)
{
    loop_append(body, loop_store(m, (struct loop_place){to, loop_axis_index(m, 0, 1), loop_constant_index(*at)}, x));
    *at += LANES;
}

static const struct loop_expr *indirect(struct loop_module *m, const struct loop_expr *mask, const struct loop_expr *x,
                                        const struct loop_expr *y)
{
    return loop_select(m, mask, x, y);
}

/* Stores results of all operations on x and y, one every sixteen reals. */
static void add_operations(struct loop_module *m, struct loop_list *body, loop_buffer_id to, int64_t *at, const struct loop_expr *x,
                           const struct loop_expr *y)
{
    static const enum loop_op binary[] = {LOOP_ADD, LOOP_SUBTRACT, LOOP_MULTIPLY, LOOP_DIVIDE};
    static const enum loop_op compare[] = {LOOP_LESS, LOOP_LESS_EQUAL, LOOP_EQUAL, LOOP_NOT_EQUAL};
    static const enum loop_op logic[] = {LOOP_MASK_AND, LOOP_MASK_OR};

    for (int i = 0; i < 4; i++)
        store_at(m, body, to, at, loop_binary(m, binary[i], x, y));
    for (int i = 0; i < 4; i++)
        store_at(m, body, to, at, indirect(m, loop_binary(m, compare[i], x, y), x, y));
    for (int i = 0; i < 2; i++) {
        const struct loop_expr *small = loop_binary(m, LOOP_LESS, x, y), *large = loop_binary(m, LOOP_LESS, y, x);
        const struct loop_expr *both = loop_binary(m, logic[i], small, loop_binary(m, logic[1 - i], large, small));
        store_at(m, body, to, at, indirect(m, both, x, y));
    }
    store_at(m, body, to, at, loop_unary(m, LOOP_SQRT, loop_unary(m, LOOP_ABSOLUTE, x)));
    store_at(m, body, to, at, loop_unary(m, LOOP_NEGATE, loop_unary(m, LOOP_NEGATE, loop_unary(m, LOOP_NEGATE, x))));
    store_at(m, body, to, at, loop_binary(m, LOOP_SUBTRACT, x, loop_binary(m, LOOP_SUBTRACT, y, x)));
    store_at(m, body, to, at, loop_binary(m, LOOP_SUBTRACT, x, loop_real(m, x->type, -0.1)));
    store_at(m, body, to, at, loop_binary(m, LOOP_DIVIDE, x, loop_binary(m, LOOP_MULTIPLY, y, loop_real(m, x->type, 3))));
}

/* Stores which of 2, 3 and 4 is chosen by numbers around them, by what is no number, and by what no integer holds. */
static void add_choices(struct loop_module *m, struct loop_kernel *k, struct loop_list *body, loop_buffer_id to, int64_t *at)
{
    static const double numbers[] = {2, 3, 4, 2.999, 4.5, 5, 1.999, -3, 0, 1e300, -1e300};
    const struct loop_expr *zero = loop_real(m, m->real, 0);
    const loop_axis axis = loop_add_axis(m, k, "long");

    for (size_t i = 0; i <= sizeof numbers / sizeof *numbers; i++) {
        const bool last = i == sizeof numbers / sizeof *numbers;
        const struct loop_expr *x = last ? loop_binary(m, LOOP_DIVIDE, zero, zero) : loop_real(m, m->real, numbers[i]);
        struct loop_list chosen = {0};
        store_at(m, &chosen, to, at, loop_index_value(m, m->real, loop_axis_index(m, axis, 1)));
        loop_append(body, loop_indirect(m, axis, 2, 5, x, loop_list_block(m, chosen)));
    }
}

/* The same of all operations on words. */
static void add_words(struct loop_module *m, struct loop_list *body, loop_buffer_id to, int64_t *at, const struct loop_expr *x,
                      const struct loop_expr *y)
{
    static const enum loop_op binary[] = {LOOP_WORD_LOW, LOOP_WORD_HIGH, LOOP_BITS_XOR, LOOP_BITS_AND, LOOP_BITS_OR};
    const struct loop_expr *high =
        loop_select(m, loop_binary(m, LOOP_LESS, x, y), loop_real(m, x->type, 65535), loop_real(m, x->type, 40503));
    const struct loop_expr *upper = loop_shift(m, LOOP_SHIFT_LEFT, loop_unary(m, LOOP_TO_WORD, high), 16);
    const struct loop_expr *a = loop_binary(m, LOOP_BITS_OR, upper, loop_unary(m, LOOP_TO_WORD, loop_real(m, x->type, 31153)));
    const struct loop_expr *b = loop_bits(m, a->type, 0xd2511f53);

    for (int i = 0; i < 5; i++)
        store_at(m, body, to, at, loop_unary(m, LOOP_U01, loop_binary(m, binary[i], a, b)));
    store_at(m, body, to, at, loop_unary(m, LOOP_U01, loop_shift(m, LOOP_SHIFT_LEFT, loop_unary(m, LOOP_TO_WORD, high), 15)));
}

static struct loop_module *operations_module(struct arena *a, int vector_lanes)
{
    struct loop_module *m = small_module(a, 8, vector_lanes);
    struct loop_kernel *k = loop_add_kernel(m, "operations");
    struct loop_list body = {0};
    int64_t at = 0;

    /* Names that C or this file would take for something else. */
    loop_buffer_id out = loop_add_buffer(m, (struct loop_buffer){"int", SPACE_BLOCK, 0, SMALL_OUT, "", m->real});
    loop_axis block = loop_add_axis(m, k, "int"), i = loop_add_axis(m, k, "image");
    const struct loop_variable *x = loop_add_variable(m, "image", loop_vector_of(m->real)),
                               *y = loop_add_variable(m, "vec_less", loop_vector_of(m->real));
    const struct loop_variable *s = loop_add_variable(m, "step", m->real), *t = loop_add_variable(m, "t", m->real);
    struct loop_place first = {0, loop_axis_index(m, block, 1), loop_constant_index(0)}, second = first;
    second.at.constant = 160;
    k->title = "every operation /* and nothing else */ ?\?/";
    loop_append(&body, loop_define(m, x, loop_load(m, loop_vector_of(m->real), first)));
    loop_append(&body, loop_define(m, y, loop_load(m, loop_vector_of(m->real), second)));
    loop_append(&body, loop_define(m, s, loop_load(m, m->real, first)));
    loop_append(&body, loop_define(m, t, loop_real(m, m->real, -2.5)));
    add_operations(m, &body, out, &at, loop_read(m, x), loop_read(m, y));
    add_operations(m, &body, out, &at, loop_read(m, s), loop_read(m, t));
    add_words(m, &body, out, &at, loop_read(m, x), loop_read(m, y));
    add_words(m, &body, out, &at, loop_read(m, s), loop_read(m, t));
    store_at(m, &body, out, &at, loop_binary(m, LOOP_INTERLEAVE_LOW, loop_read(m, x), loop_read(m, y)));
    store_at(m, &body, out, &at, loop_binary(m, LOOP_INTERLEAVE_HIGH, loop_read(m, x), loop_read(m, y)));
    const struct loop_expr *word = loop_index_value(m, loop_word(m), index_of(m, INT64_C(0x90000000), 1, block, 3));
    store_at(m, &body, out, &at, loop_unary(m, LOOP_U01, word));
    store_at(m, &body, out, &at, loop_index_value(m, m->real, index_of(m, -7, 1, block, 3)));
    add_choices(m, k, &body, out, &at);
    loop_append(&body, loop_for(m, i, 1, 3,
                                loop_store(m, (struct loop_place){out, loop_axis_index(m, 0, 1), index_of(m, at, 1, i, 1)},
                                           loop_index_value(m, m->real, loop_axis_index(m, i, 1)))));
    k->body = loop_list_block(m, body);
    vec_push(a, &loop_find_program(m, "evaluate")->phase, ((struct loop_phase){"operations", 2, 1}));
    return m;
}

static void operations_mean_what_the_interpreter_says(void **state)
{
    struct loop_fixture *f = *state;
    static double uniform[SMALL_MAX_REALS], blocks[SMALL_MAX_REALS], image[SMALL_MAX_REALS];
    const double *input[1] = {image};
    double scale = 0.75;
    struct small_memory *memory = aligned_alloc(64, sizeof *memory);

    assert_non_null(memory);
    /* Operations do not depend on the width: the widest that runs here for each compiler will do. */
    for (int i = 0; i < BUILDS; i++) {
        const bool is_last = i + 1 == BUILDS || strcmp(builds[i].compiler, builds[i + 1].compiler) != 0;
        if (!is_possible(i) || (!is_last && is_possible(i + 1)))
            continue;
        struct loop_module *m = operations_module(f->arena, builds[i].vector_bytes / 8);
        assert_loops_verify(m);
        loop_find_program(m, "evaluate")->phase.at[0] = loop_find_program(m, "evaluate")->phase.at[1];
        loop_find_program(m, "evaluate")->phase.count = 1;
        struct loaded l = compile_and_load(builds[i].compiler, builds[i].march, printed(f->arena, emit, m));
        const struct netrt_model *model = model_of(&l);
        small_fill(memory, 8);
        memset(blocks, 0, sizeof blocks);
        memcpy(image, memory->image, sizeof image);
        small_run(model, netrt_model_program(model, "evaluate"), memory);
        loop_eval_program(m, loop_find_program(m, "evaluate"),
                          &(struct loop_memory){uniform, blocks, input, &scale, 16 * SMALL_BLOCKS, SMALL_BLOCKS});
        assert_memory_equal(memory->blocks, blocks, 8 * SMALL_OUT);
        unload(&l);
    }
    free(memory);
}

/* ---- What the file says -------------------------------------------------------------------------------------------- */

static void a_kernel_is_printed_for_people(void **state)
{
    struct loop_fixture *f = *state;
    const char *text = printed(f->arena, emit, small_module(f->arena, 4, 8));

    assert_non_null(strstr(text, "/* c: conv(3, 3x3, padding = 1) -> tanh\n"
                                 " * small.net:3\n"
                                 " *\n"
                                 " * no tiles: a test\n"
                                 " */\n"
                                 "static void conv(const struct netrt_step *step, int64_t block)\n"
                                 "{\n"));
    assert_non_null(strstr(text, "    const real *restrict weight = (const real *)step->uniform;\n"));
    assert_non_null(strstr(text, "    const real *restrict image = (const real *)step->input[0] + 640 * block;\n"));
    assert_non_null(strstr(text, "    real *restrict out = (real *)(step->blocks + 3840 * block);\n"));
    assert_non_null(strstr(text, "    const real scale = ((const real *)step->setting)[0];\n"));
    assert_non_null(strstr(text, "    for (int64_t block = 0; block < step->block_count; block++) {\n"
                                 "        const real *restrict out = (const real *)(step->blocks + 3840 * block);\n"));
}

static void buffers_that_share_memory_are_not_restrict(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "in_place");
    loop_buffer_id x = loop_add_buffer(m, (struct loop_buffer){"x", SPACE_BLOCK, 0, 32, "", m->real});
    loop_buffer_id y = loop_add_buffer(m, (struct loop_buffer){"y", SPACE_BLOCK, 64, 32, "", m->real});
    loop_buffer_id z = loop_add_buffer(m, (struct loop_buffer){"z", SPACE_BLOCK, 192, 32, "", m->real});
    struct loop_index block = loop_axis_index(m, loop_add_axis(m, k, "block"), 1);
    struct loop_list body = {0};

    m->block_bytes = 320;
    for (int i = 0; i < 2; i++)
        loop_append(&body,
                    loop_store(m, (struct loop_place){i == 0 ? y : z, block, loop_constant_index(0)},
                               loop_load(m, loop_vector_of(m->real), (struct loop_place){x, block, loop_constant_index(0)})));
    k->body = loop_list_block(m, body);
    assert_loops_verify(m);
    const char *text = printed(f->arena, emit, m);
    assert_non_null(strstr(text, "const real *x = "));
    assert_non_null(strstr(text, "real *y = "));
    assert_non_null(strstr(text, "real *restrict z = "));
}

static void print_conv(const void *m, FILE *out)
{
    emit_c_kernels(m, "c?nv", out);
}

static void chosen_kernels_are_printed_alone(void **state)
{
    struct loop_fixture *f = *state;
    const char *text = printed(f->arena, print_conv, small_module(f->arena, 4, 8));

    assert_int_equal(strncmp(text, "/* c: conv", 10), 0);
    assert_null(strstr(text, "void total("));
    assert_null(strstr(text, "netrt_model"));
}

static void the_description_survives_as_it_is(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);

    m->description =
        "{\"net\": \"a\\\\b\", \"what\": \"is?\?/it\", \"caf\xc3\xa9\": \"\n\t 0123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\"}";
    struct loaded l = compile_and_load("gcc", "x86-64-v3", printed(f->arena, emit, m));
    assert_string_equal(((const struct netrt_model *)dlsym(l.handle, "netrt_model"))->description, m->description);
    unload(&l);
}

static void the_peak_loop_counts_its_flops(void **state)
{
    struct loop_fixture *f = *state;
    struct loaded l = compile_and_load("gcc", "x86-64-v3", printed(f->arena, emit, small_module(f->arena, 4, 8)));

    assert_true(model_of(&l)->peak(1000) == 2.0 * 12 * 8 * 1000);
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(every_compiler_and_width_gives_the_same_bits_f32),
        loop_test(every_compiler_and_width_gives_the_same_bits_f64),
        loop_test(operations_mean_what_the_interpreter_says),
        loop_test(a_kernel_is_printed_for_people),
        loop_test(buffers_that_share_memory_are_not_restrict),
        loop_test(chosen_kernels_are_printed_alone),
        loop_test(the_description_survives_as_it_is),
        loop_test(the_peak_loop_counts_its_flops),
    };
    return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
