#include "compiler/graph/query.h"
#include "tests/support/op_fixture.h"

/* matmul(a, b, …) of two new inputs. */
static const struct shape *multiply(struct fixture *f, const char *text, const struct shape *a, const struct shape *b)
{
    fixture_input(f, "a", a);
    fixture_input(f, "b", b);
    return infer_text(f, text);
}

static void rows_meet_columns(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6), NUMBERS(1, 0, 2, 1, 0, 3)};

    assert_shape(multiply(*state, "matmul(a, b)", SHAPE(2, 3), SHAPE(3, 2)), SHAPE(2, 2));
    assert_computes(*state, given, NUMBERS(5, 11, 14, 23));
}

static void a_second_factor_may_be_transposed(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6), NUMBERS(1, 2, 0, 0, 1, 3)};

    assert_shape(multiply(*state, "matmul(a, b, transpose_b = true)", SHAPE(2, 3), SHAPE(2, 3)), SHAPE(2, 2));
    assert_computes(*state, given, NUMBERS(5, 11, 14, 23));
}

static void a_first_factor_may_be_transposed(void **state)
{
    const double *given[] = {NUMBERS(1, 4, 2, 5, 3, 6), NUMBERS(1, 0, 2, 1, 0, 3)};

    assert_shape(multiply(*state, "matmul(a, b, true)", SHAPE(3, 2), SHAPE(3, 2)), SHAPE(2, 2));
    assert_computes(*state, given, NUMBERS(5, 11, 14, 23));
}

static void each_head_has_its_own(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(5, 6, 7, 8)};

    assert_shape(multiply(*state, "matmul(a, b, scale = 0.5)", SHAPE(2, 1, 2), SHAPE(2, 2, 1)), SHAPE(2, 1, 1));
    assert_computes(*state, given, NUMBERS(8.5, 26.5));
}

static void a_factor_without_heads_meets_all_of_them(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(5, 6)};

    assert_shape(multiply(*state, "matmul(a, b)", SHAPE(2, 1, 2), SHAPE(2, 1)), SHAPE(2, 1, 1));
    assert_computes(*state, given, NUMBERS(17, 39));
}

static void a_single_head_meets_all_of_them(void **state)
{
    const double *given[] = {NUMBERS(5, 6), NUMBERS(1, 2, 3, 4)};

    assert_shape(multiply(*state, "matmul(a, b, false, true)", SHAPE(1, 1, 2), SHAPE(2, 1, 2)), SHAPE(2, 1, 1));
    assert_computes(*state, given, NUMBERS(17, 39));
}

static void a_single_head_stays_an_axis(void **state)
{
    assert_shape(multiply(*state, "matmul(a, b)", SHAPE(1, 4, 3), SHAPE(3, 5)), SHAPE(1, 4, 5));
}

static void an_inner_size_of_one_is_an_outer_product(void **state)
{
    const double *given[] = {NUMBERS(1, 2), NUMBERS(3, 4, 5)};

    assert_shape(multiply(*state, "matmul(a, b)", SHAPE(2, 1), SHAPE(1, 3)), SHAPE(2, 3));
    assert_computes(*state, given, NUMBERS(3, 4, 5, 6, 8, 10));
}

static void a_tensor_may_meet_itself(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4)};

    fixture_input(f, "a", SHAPE(2, 2));
    assert_shape(infer_text(f, "matmul(a, a, transpose_b = true)"), SHAPE(2, 2));
    assert_computes(f, given, NUMBERS(5, 11, 11, 25));
}

static void one_factor_may_be_piped(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "a", SHAPE(4, 3));
    fixture_input(f, "b", SHAPE(3, 5));
    assert_shape(infer_text(f, "a -> matmul(b)"), SHAPE(4, 5));
}

static void inner_sizes_agree(void **state)
{
    assert_null(multiply(*state, "matmul(a, b)", SHAPE(7, 16), SHAPE(9, 16)));
    assert_diagnostic(*state, DIAG_MATMUL, "matmul: the inner sizes differ: 7x16 has 16 columns, 9x16 has 9 rows", "matmul(a, b)");
    assert_hint(*state, "say transpose_b = true: a * b^T");
}

static void a_transpose_too_many_is_named(void **state)
{
    assert_null(multiply(*state, "matmul(a, b, transpose_a = true)", SHAPE(7, 16), SHAPE(16, 9)));
    assert_diagnostic(*state, DIAG_MATMUL, "matmul: the inner sizes differ: 7x16 transposed has 7 columns, 16x9 has 16 rows",
                      "matmul(a, b, transpose_a = true)");
    assert_hint(*state, "leave transpose_a out");
}

static void heads_agree(void **state)
{
    assert_null(multiply(*state, "matmul(a, b)", SHAPE(4, 2, 3), SHAPE(3, 3, 2)));
    assert_diagnostic(*state, DIAG_MATMUL, "matmul: 4x2x3 has 4 heads, 3x3x2 has 3", "matmul(a, b)");
}

static void vectors_are_no_matrices(void **state)
{
    assert_null(multiply(*state, "matmul(a, b)", SHAPE(3, 3), SHAPE(3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_RANK);
}

static void products_are_multiply_adds(void **state)
{
    struct fixture *f = *state;

    multiply(f, "matmul(a, b)", SHAPE(5, 2, 3), SHAPE(5, 3, 4));
    assert_true(node_multiply_adds(f->graph, f->result) == 5 * 2 * 3 * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(rows_meet_columns),
        op_test(a_second_factor_may_be_transposed),
        op_test(a_first_factor_may_be_transposed),
        op_test(each_head_has_its_own),
        op_test(a_factor_without_heads_meets_all_of_them),
        op_test(a_single_head_meets_all_of_them),
        op_test(a_single_head_stays_an_axis),
        op_test(an_inner_size_of_one_is_an_outer_product),
        op_test(a_tensor_may_meet_itself),
        op_test(one_factor_may_be_piped),
        op_test(inner_sizes_agree),
        op_test(a_transpose_too_many_is_named),
        op_test(heads_agree),
        op_test(vectors_are_no_matrices),
        op_test(products_are_multiply_adds),
    };
    return cmocka_run_group_tests_name("matmul", tests, NULL, NULL);
}
