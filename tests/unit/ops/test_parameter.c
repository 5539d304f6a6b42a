#include "tests/support/op_fixture.h"

/* The parameter that was just made. */
static const struct node *made(struct fixture *f)
{
    return graph_node(f->graph, f->result);
}

static void it_is_called_as_its_layer(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer_text(f, "parameter(2x3)"), SHAPE(2, 3));
    assert_int_equal(made(f)->kind, NODE_PARAMETER);
    assert_string_equal(made(f)->name, "it");
    assert_true(made(f)->uniform);
}

static void it_starts_small_and_is_not_regularised(void **state)
{
    struct fixture *f = *state;

    infer_text(f, "parameter(5)");
    assert_int_equal(made(f)->parameter->init, INIT_NORMAL);
    assert_true(made(f)->parameter->init_value == 0.02);
    assert_false(made(f)->parameter->is_weight);
    assert_int_equal(made(f)->parameter->l2, NO_NODE);
}

static void it_takes_an_initialiser(void **state)
{
    struct fixture *f = *state;

    infer_text(f, "parameter(5, init = constant(3))");
    assert_int_equal(made(f)->parameter->init, INIT_CONSTANT);
    assert_true(made(f)->parameter->init_value == 3);
}

static void its_fans_are_those_of_a_matrix(void **state)
{
    struct fixture *f = *state;

    infer_text(f, "parameter(2x3x4, init = xavier_normal)");
    assert_int_equal(made(f)->parameter->fan_in, 12);
    assert_int_equal(made(f)->parameter->fan_out, 2);
    infer_text(f, "parameter(7)");
    assert_int_equal(made(f)->parameter->fan_in, 7);
    assert_int_equal(made(f)->parameter->fan_out, 7);
}

static void it_takes_fixed_values_of_its_shape(void **state)
{
    struct fixture *f = *state;

    infer_text(f, "parameter(2x1, weight = [[3], [4]])");
    assert_true(made(f)->parameter->init_data[1] == 4);
    assert_null(infer_text(f, "parameter(2x1, weight = [3, 4])"));
    assert_diagnostic(f, DIAG_FIXED_VALUES, "parameter: weight[0] is an integer instead of a list of 1 number: the shape is 2x1",
                      "3");
}

static void it_may_be_frozen_and_penalised(void **state)
{
    struct fixture *f = *state;

    infer_text(f, "parameter(3, l1 = 0.5, frozen = true)");
    assert_true(made(f)->no_gradient);
    assert_true(graph_node(f->graph, made(f)->parameter->l1)->kind == NODE_SETTING);
}

static void it_has_no_bias(void **state)
{
    assert_null(infer_text(*state, "parameter(3, bias = [1, 2, 3])"));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "parameter: values for a bias that it does not have", "bias = [1, 2, 3]");
}

static void its_sizes_are_at_least_one(void **state)
{
    assert_null(infer_text(*state, "parameter(size(3, -1))"));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "parameter: a size is at least 1, got -1", "size(3, -1)");
}

static void it_stays_within_the_limits_of_tensors(void **state)
{
    assert_null(infer_text(*state, "parameter(1048576x1048577)"));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE, "parameter: a tensor of 1048576x1048577 has more than 2^40 elements",
                      "parameter(1048576x1048577)");
}

static void its_shape_must_be_said(void **state)
{
    assert_null(infer_text(*state, "parameter(init = zeros)"));
    assert_diagnostic(*state, DIAG_MISSING_ARGUMENT, "parameter: shape is missing", "parameter(init = zeros)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(it_is_called_as_its_layer),
        op_test(it_starts_small_and_is_not_regularised),
        op_test(it_takes_an_initialiser),
        op_test(its_fans_are_those_of_a_matrix),
        op_test(it_takes_fixed_values_of_its_shape),
        op_test(it_may_be_frozen_and_penalised),
        op_test(it_has_no_bias),
        op_test(its_sizes_are_at_least_one),
        op_test(it_stays_within_the_limits_of_tensors),
        op_test(its_shape_must_be_said),
    };
    return cmocka_run_group_tests_name("parameter", tests, NULL, NULL);
}
