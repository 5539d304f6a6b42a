#include "tests/support/op_fixture.h"

static void flatten_keeps_row_order(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4)};

    assert_shape(infer(*state, "flatten", SHAPE(1, 2, 2)), SHAPE(4));
    assert_computes(*state, given, given[0]);
}

static void a_vector_is_flat(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "flatten", SHAPE(4)), SHAPE(4));
    assert_int_equal(f->result, f->in[0]);
}

static void a_size_replaces_the_shape(void **state)
{
    assert_shape(infer(*state, "reshape(1x28x28)", SHAPE(784)), SHAPE(1, 28, 28));
}

static void an_integer_is_a_vector(void **state)
{
    assert_shape(infer(*state, "reshape(12)", SHAPE(3, 4)), SHAPE(12));
}

static void minus_one_takes_what_is_left(void **state)
{
    assert_shape(infer(*state, "reshape(size(-1, 7))", SHAPE(3, 14)), SHAPE(6, 7));
}

static void minus_one_alone_is_a_vector(void **state)
{
    assert_shape(infer(*state, "reshape(-1)", SHAPE(3, 4)), SHAPE(12));
}

static void another_number_of_elements_is_reported(void **state)
{
    assert_null(infer(*state, "reshape(5x5)", SHAPE(4, 6)));
    assert_diagnostic(*state, DIAG_RESHAPE, "reshape: 24 elements (4x6) do not fit into 5x5", "5x5");
    assert_hint(*state, "5x5 has 25");
}

static void what_is_left_must_divide(void **state)
{
    assert_null(infer(*state, "reshape(size(-1, 7))", SHAPE(15)));
    assert_diagnostic(*state, DIAG_RESHAPE, "reshape: 15 elements (15) do not fit into -1x7", "size(-1, 7)");
    assert_hint(*state, "7 does not divide 15");
}

static void only_one_size_may_be_open(void **state)
{
    assert_null(infer(*state, "reshape(size(-1, -1))", SHAPE(4)));
    assert_diagnostic(*state, DIAG_RESHAPE, "reshape: only one size may be -1", "size(-1, -1)");
}

static void sizes_are_positive(void **state)
{
    assert_null(infer(*state, "reshape(size(0, 4))", SHAPE(4)));
    assert_diagnostic(*state, DIAG_RESHAPE, "reshape: 0 is no size of an axis: use 1 or more, or -1", "size(0, 4)");
}

static void sizes_whose_product_overflows_are_reported(void **state)
{
    assert_null(infer(*state, "reshape(1099511627776x1099511627776)", SHAPE(4)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_RESHAPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(flatten_keeps_row_order),
        op_test(a_vector_is_flat),
        op_test(a_size_replaces_the_shape),
        op_test(an_integer_is_a_vector),
        op_test(minus_one_takes_what_is_left),
        op_test(minus_one_alone_is_a_vector),
        op_test(another_number_of_elements_is_reported),
        op_test(what_is_left_must_divide),
        op_test(only_one_size_may_be_open),
        op_test(sizes_are_positive),
        op_test(sizes_whose_product_overflows_are_reported),
    };
    return cmocka_run_group_tests_name("reshape", tests, NULL, NULL);
}
