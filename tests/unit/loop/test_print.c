#include "tests/support/loop_fixture.h"

#include <string.h>

static void print_first_kernel(const void *m, FILE *out)
{
    loop_print(m, "co*", out);
}

static void print_second_kernel(const void *m, FILE *out)
{
    loop_print(m, "total", out);
}

static void print_all(const void *m, FILE *out)
{
    loop_print(m, NULL, out);
}

static void a_kernel_reads_as_pseudo_code(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);

    assert_string_equal(printed(f->arena, print_first_kernel, m),
                        "kernel conv\n"
                        "  # c: conv(3, 3x3, padding = 1) -> tanh\n"
                        "  # small.net:3\n"
                        "  # no tiles: a test\n"
                        "  item: block\n"
                        "  for o = 0 .. 3\n"
                        "    for h = 0 .. 5\n"
                        "      for w = 0 .. 4\n"
                        "        for part = 0 .. 2\n"
                        "          sum: reals = splat(bias[o])\n"
                        "          for c = 0 .. 2\n"
                        "            for p = 0 .. 3\n"
                        "              for q = 0 .. 3\n"
                        "                if 0 <= h + p - 1 < 5\n"
                        "                  if 0 <= w + q - 1 < 4\n"
                        "                    sum = fma(image[block][64*h + 16*w + 8*part + 320*c + 64*p + 16*q - 80], "
                        "splat(weight[18*o + 9*c + 3*p + q]), sum)\n"
                        "          out[block][320*o + 64*h + 16*w + 8*part] = splat(scale) * vec_tanh(sum)\n");
}

static void items_and_blocks_are_shown(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 16);

    assert_string_equal(printed(f->arena, print_second_kernel, m), "kernel total\n"
                                                                   "  # the sum of out\n"
                                                                   "  item: o = 0 .. 3\n"
                                                                   "  sum: real = 0\n"
                                                                   "  for block = 0 .. blocks\n"
                                                                   "    for pixel = 0 .. 20\n"
                                                                   "      sum = sum + sum_lanes(out[block][320*o + 16*pixel])\n"
                                                                   "  total[o] = sum\n");
}

static void a_choice_shows_its_range(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    const struct loop_variable *v = loop_add_variable(m, "v", TYPE_F32);
    const loop_axis row = loop_add_axis(m, k, "row");
    const struct loop *body = loop_define(m, v, loop_index_value(m, TYPE_F32, loop_axis_index(m, row, 1)));

    k->body = loop_indirect(m, row, 0, 7, loop_real(m, TYPE_F32, 2.5), body);
    const char *text = printed(f->arena, print_all, m);
    assert_non_null(strstr(text, "  choose row = 2.5 in 0 .. 7\n    v: real = index(row)\n"));
}

static void operators_keep_their_order(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    const struct loop_variable *v = loop_add_variable(m, "v", TYPE_F32);
    const struct loop_expr *one = loop_real(m, TYPE_F32, 1), *two = loop_real(m, TYPE_F32, 2), *half = loop_real(m, TYPE_F32, 0.5);
    const struct loop_expr *inner = loop_binary(m, LOOP_SUBTRACT, one, loop_binary(m, LOOP_SUBTRACT, two, half));
    const struct loop_expr *sum =
        loop_binary(m, LOOP_MULTIPLY, inner, loop_unary(m, LOOP_NEGATE, loop_binary(m, LOOP_ADD, one, two)));

    k->body = loop_define(m, v, loop_select(m, loop_binary(m, LOOP_LESS, one, two), sum, half));
    const char *text = printed(f->arena, print_all, m);
    assert_non_null(strstr(text, "v: real = select(1 < 2, (1 - (2 - 0.5)) * -(1 + 2), 0.5)\n"));
}

static void the_whole_module_lists_buffers_and_phases(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 8, 4);
    const char *text = printed(f->arena, print_all, m);

    assert_non_null(strstr(text, "module small: f64, vectors of 4 lanes, batch 64\n"));
    assert_non_null(strstr(text, "uniform  weight                         54 reals at 0    # c.weight 3x2x3x3\n"));
    assert_non_null(strstr(text, "train\n  phase forward: conv    # the loss is known\n  phase sums: total\n"));
    assert_non_null(strstr(text, "function vec_tanh(x: reals): reals\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(a_kernel_reads_as_pseudo_code),
        loop_test(items_and_blocks_are_shown),
        loop_test(a_choice_shows_its_range),
        loop_test(operators_keep_their_order),
        loop_test(the_whole_module_lists_buffers_and_phases),
    };
    return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
