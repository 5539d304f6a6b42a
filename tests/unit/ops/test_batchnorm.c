#include "tests/support/graph_eval.h"
#include "tests/support/op_fixture.h"

#include "compiler/support/arena.h"

#include <math.h>
#include <string.h>

/* The `count` elements of `v` for one sample. `given` as for assert_computes. */
static void assert_value(struct fixture *f, node_id v, const double *const given[], int64_t count, const double *wanted)
{
    double **known = graph_eval(f->graph, given, f->arena);

    assert_int_not_equal(v, NO_NODE);
    assert_int_equal(shape_elements(&graph_node(f->graph, v)->shape), count);
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(known[v][i] - wanted[i]) <= 1e-12 * (1 + fabs(wanted[i]))))
            fail_msg("element %lld is %.17g, not %.17g", (long long)i, known[v][i], wanted[i]);
}

/* What "it.SUFFIX" is after a step. */
static node_id updated(struct fixture *f, const char *suffix)
{
    const node_id target = (node_id)(fixture_parameter(f, suffix) - f->graph->node.at);

    for (size_t i = 0; i < f->graph->update.count; i++)
        if (f->graph->update.at[i].target == target)
            return f->graph->update.at[i].source;
    fail_msg("nothing updates %s", suffix);
    return NO_NODE;
}

static void assert_stays(struct fixture *f, const char *name, const struct shape *shape)
{
    fixture_input(f, name, shape);
    assert_shape(infer_text(f, arena_printf(f->arena, "%s -> batchnorm", name)), shape);
}

static void shapes_stay(void **state)
{
    assert_stays(*state, "image", SHAPE(3, 5, 4));
    assert_stays(*state, "signal", SHAPE(2, 7));
    assert_stays(*state, "vector", SHAPE(6));
    assert_stays(*state, "point", SHAPE(1, 1, 1));
}

static void parameters_have_torchs_names_and_start_as_theirs(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "batchnorm", SHAPE(5, 2, 3)), SHAPE(5, 2, 3));
    const struct node *weight = fixture_parameter(f, "weight"), *bias = fixture_parameter(f, "bias");
    const struct node *mean = fixture_parameter(f, "running_mean"), *var = fixture_parameter(f, "running_var");
    assert_shape(&weight->shape, SHAPE(5));
    assert_shape(&bias->shape, SHAPE(5));
    assert_shape(&mean->shape, SHAPE(5));
    assert_shape(&var->shape, SHAPE(5));
    assert_int_equal(weight->parameter->init, INIT_ONES);
    assert_int_equal(mean->parameter->init, INIT_ZEROS);
    assert_int_equal(var->parameter->init, INIT_ONES);
    assert_false(weight->parameter->is_weight);
    assert_false(weight->no_gradient);
    assert_true(mean->no_gradient && var->no_gradient);
}

/* Channel 0 is 1 and 3: mean 2, variance 1. Channel 1 is 10 and 14: mean 12, variance 4. */
static void channels_are_normalized_by_their_batch(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3, 10, 14), NUMBERS(2, 1), NUMBERS(1, 0), NUMBERS(7, -5), NUMBERS(3, 9), NUMBERS(1)};

    assert_shape(infer(f, "batchnorm(eps = 3)", SHAPE(2, 2)), SHAPE(2, 2));
    assert_computes(f, given, NUMBERS(0, 2, -2 / 2.6457513110645907, 2 / 2.6457513110645907));
}

static void running_statistics_take_a_step_towards_the_batch(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3, 10, 14), NUMBERS(2, 1), NUMBERS(1, 0), NUMBERS(6, 0), NUMBERS(4, 0), NUMBERS(1)};

    assert_shape(infer(f, "batchnorm(momentum = 0.25)", SHAPE(2, 2)), SHAPE(2, 2));
    assert_value(f, updated(f, "running_mean"), given, 2, NUMBERS(5, 3));
    /* The variance with the divisor n - 1 = 1. */
    assert_value(f, updated(f, "running_var"), given, 2, NUMBERS(3.5, 2));
}

static void without_momentum_running_statistics_stay(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3), NUMBERS(0.5), NUMBERS(4), NUMBERS(1)};

    assert_shape(infer(f, "batchnorm(affine = false, momentum = 0)", SHAPE(1, 2)), SHAPE(1, 2));
    assert_value(f, updated(f, "running_mean"), given, 1, NUMBERS(0.5));
    assert_value(f, updated(f, "running_var"), given, 1, NUMBERS(4));
}

static void outside_training_running_statistics_count(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3, 10, 14), NUMBERS(2, 1), NUMBERS(1, 0), NUMBERS(1, 10), NUMBERS(1, 6), NUMBERS(1)};

    assert_shape(infer(f, "batchnorm(eps = 3)", SHAPE(2, 2)), SHAPE(2, 2));
    assert_value(f, graph_node(f->graph, f->result)->inference, given, 4, NUMBERS(1, 3, 0, 4.0 / 3));
}

static bool adds_samples(const struct node *n)
{
    return n->kind == NODE_COMPUTE &&
           (strcmp(n->op_name, "samples") == 0 || strcmp(n->op_name, "sum") == 0 || strcmp(n->op_name, "squares") == 0);
}

static void dead_samples_count_nowhere(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(NAN, INFINITY), NUMBERS(0.5), NUMBERS(4), NUMBERS(0)};

    assert_shape(infer(f, "batchnorm(affine = false)", SHAPE(1, 2)), SHAPE(1, 2));
    for (node_id v = 0; v < (node_id)f->graph->node.count; v++)
        if (adds_samples(graph_node(f->graph, v)))
            assert_value(f, v, given, 1, NUMBERS(0));
}

static void norms_without_parameters_take_no_values_for_them(void **state)
{
    assert_null(infer(*state, "batchnorm(affine = false, l2 = 0.1)", SHAPE(2, 2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "batchnorm: l2= for parameters that affine = false leaves out", "l2 = 0.1");
}

static void arguments_out_of_range_are_reported_where_they_stand(void **state)
{
    assert_null(infer(*state, "batchnorm(eps = 0)", SHAPE(2, 2)));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "batchnorm: eps must be greater than 0, got 0", "eps = 0");
}

static void a_momentum_is_a_share(void **state)
{
    assert_null(infer(*state, "batchnorm(momentum = 1.5)", SHAPE(2, 2)));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "batchnorm: momentum must be at least 0 and at most 1, got 1.5",
                      "momentum = 1.5");
}

static void four_axes_are_no_image(void **state)
{
    assert_null(infer(*state, "batchnorm", SHAPE(2, 2, 2, 2)));
    assert_diagnostic(*state, DIAG_RANK, "batchnorm: wants a vector F, a signal CxL or an image CxHxW, got 2x2x2x2", "batchnorm");
}

static int64_t least_batch(struct fixture *f)
{
    return op_find("batchnorm")->least_batch(&graph_node(f->graph, f->result)->shape);
}

static void a_single_sample_with_places_has_statistics(void **state)
{
    assert_shape(infer(*state, "batchnorm", SHAPE(3, 1, 2)), SHAPE(3, 1, 2));
    assert_int_equal(least_batch(*state), 1);
}

static void a_single_value_has_none(void **state)
{
    assert_shape(infer(*state, "batchnorm", SHAPE(3, 1, 1)), SHAPE(3, 1, 1));
    assert_int_equal(least_batch(*state), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(shapes_stay),
        op_test(parameters_have_torchs_names_and_start_as_theirs),
        op_test(channels_are_normalized_by_their_batch),
        op_test(running_statistics_take_a_step_towards_the_batch),
        op_test(without_momentum_running_statistics_stay),
        op_test(outside_training_running_statistics_count),
        op_test(dead_samples_count_nowhere),
        op_test(norms_without_parameters_take_no_values_for_them),
        op_test(arguments_out_of_range_are_reported_where_they_stand),
        op_test(a_momentum_is_a_share),
        op_test(four_axes_are_no_image),
        op_test(a_single_sample_with_places_has_statistics),
        op_test(a_single_value_has_none),
    };
    return cmocka_run_group_tests_name("batchnorm", tests, NULL, NULL);
}
