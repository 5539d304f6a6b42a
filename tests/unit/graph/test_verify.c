#include "compiler/graph/build.h"
#include "compiler/graph/objective.h"
#include "tests/support/graph_fixture.h"

#include <math.h>

/* x [4] -> y [4], both over i; what it reads and writes is spoilt by the tests. */
struct copy {
    struct graph *g;
    node_id x, y;
    struct nest *nest;
};

static struct copy add_copy(void **state)
{
    struct copy c = {.g = (*(struct graph_fixture **)state)->graph};
    struct nest n = {0};

    c.x = graph_add_input(c.g, "x", SHAPE(4), false, SPAN_NONE);
    n.out[0] = index_axis(nest_add_axis(&n, "i", 4, false), 1);
    n.body = nest_read(c.g, &n, c.x, n.out);
    c.y = graph_add_compute(c.g, "y", SHAPE(4), &n, false);
    /* The nest is the graph's own, so that a test can break it. */
    c.nest = (struct nest *)(uintptr_t)graph_node(c.g, c.y)->nest;
    return c;
}

static void a_copy_is_sound(void **state)
{
    add_copy(state);
    assert_verifies(*state);
}

static void inputs_precede_their_users(void **state)
{
    struct copy c = add_copy(state);

    c.nest->in[0].of = c.y;
    assert_broken(*state, "%1 (y): access 0 reads %1, which does not precede it\n");
}

static void results_stay_within_the_shape(void **state)
{
    struct copy c = add_copy(state);

    c.nest->out[0].offset = 1;
    assert_broken(*state, "%1 (y): dimension 0 of the result runs from 1 to 4 of 4\n");
}

static void two_points_have_two_places(void **state)
{
    struct copy c = add_copy(state);

    c.nest->out[0].factor[0] = 0;
    assert_broken(*state, "%1 (y): two points of axis i have the same place in the result\n");
}

static void axes_of_a_dimension_form_a_mixed_radix(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(3, 2), false, SPAN_NONE);
    struct nest n = {0};

    const int a = nest_add_axis(&n, "a", 3, false), b = nest_add_axis(&n, "b", 2, false);
    n.out[0] = index_add(index_axis(a, 2), index_axis(b, 1));
    n.body = nest_read(g, &n, x, (struct index[]){index_axis(a, 1), index_axis(b, 1)});
    graph_add_compute(g, "rows", SHAPE(6), &n, false);
    assert_verifies(*state);

    n.out[0] = index_add(index_axis(a, 1), index_axis(b, 1));
    graph_add_compute(g, "overlap", SHAPE(6), &n, false);
    assert_broken(*state, "%2 (overlap): two points of axis a have the same place in the result\n"
                          "%2 (overlap): two points of axis b have the same place in the result\n");
}

static void reductions_are_combined(void **state)
{
    struct copy c = add_copy(state);

    c.nest->combine = COMBINE_SUM;
    assert_broken(*state, "%1 (y): there is nothing to combine\n");
}

static void combinations_reduce(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(3), false, SPAN_NONE);
    struct nest n = {0};
    const struct index i = index_axis(nest_add_axis(&n, "i", 3, true), 1);

    n.body = nest_read(g, &n, x, &i);
    graph_add_compute(g, "sum", SCALAR, &n, false);
    assert_broken(*state, "%1 (sum): reduced axes are not combined\n");
}

static void samples_are_summed_and_not_compared(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(3), false, SPAN_NONE);
    struct nest n = {.combine = COMBINE_MAX};
    const struct index i = index_axis(nest_add_axis(&n, "i", 3, true), 1);

    n.body = nest_read(g, &n, x, &i);
    graph_add_compute(g, "max", SCALAR, &n, true);
    assert_broken(*state, "%1 (max): samples are summed, so their points cannot be compared\n");
}

static void only_sums_over_samples_have_an_order(void **state)
{
    struct copy c = add_copy(state);

    graph_node(c.g, c.y)->order = ORDER_SAMPLES;
    assert_broken(*state, "%1 (y): an order of samples, but samples are not summed\n");
}

static void bodies_read_their_own_accesses(void **state)
{
    struct copy c = add_copy(state);

    c.nest->body = expr_binary(c.g, FUNCTION_ADD, c.nest->body, c.nest->body);
    assert_verifies(*state);
    c.nest->in_count = 0;
    assert_broken(*state, "%1 (y): the body reads access 0 of 0\n%1 (y): the body reads access 0 of 0\n");
}

static void indices_use_known_axes(void **state)
{
    struct copy c = add_copy(state);

    c.nest->in[0].dim[0].factor[3] = 1;
    assert_broken(*state, "%1 (y): dimension 0 of access 0 uses an unknown axis\n");
}

static void scalars_have_no_indices(void **state)
{
    struct copy c = add_copy(state);

    c.nest->in[0].dim[1].factor[0] = 1;
    assert_broken(*state, "%1 (y): dimension 1 of access 0 uses an unknown axis\n");
}

/* Two parts of a result [6]: from `first` and from `second`, every `step`. */
static void add_parts(struct graph *g, int64_t first, int64_t second, int64_t step)
{
    const node_id x = graph_add_input(g, "x", SHAPE(3), false, SPAN_NONE);
    const int64_t begin[2] = {first, second};
    struct nest n[2] = {{0}};

    for (int i = 0; i < 2; i++) {
        const int axis = nest_add_axis(&n[i], "i", 3, false);
        n[i].out[0] = index_add(index_axis(axis, step), index_constant(begin[i]));
        n[i].body = nest_read(g, &n[i], x, (struct index[]){index_axis(axis, 1)});
    }
    graph_add_parts(g, "parts", SHAPE(6), 2, n, false);
}

static void ranges_keep_parts_apart(void **state)
{
    add_parts((*(struct graph_fixture **)state)->graph, 0, 3, 1);
    assert_verifies(*state);
}

static void residues_keep_parts_apart(void **state)
{
    add_parts((*(struct graph_fixture **)state)->graph, 0, 1, 2);
    assert_verifies(*state);
}

static void parts_do_not_overlap(void **state)
{
    add_parts((*(struct graph_fixture **)state)->graph, 0, 2, 1);
    assert_broken(*state, "%1 (parts): parts 0 and 1 are not shown to be apart\n");
}

static void views_keep_the_elements(void **state)
{
    struct copy c = add_copy(state);
    const node_id v = graph_add_view(c.g, c.x, SHAPE(2, 2));

    assert_verifies(*state);
    graph_node(c.g, v)->shape.dim[0] = 3;
    assert_broken(*state, "%2 (view): a view has the elements of what it shows\n");
}

static void names_of_parameters_are_unique(void **state)
{
    struct copy c = add_copy(state);

    graph_add_parameter(c.g, "w", SHAPE(1), SPAN_NONE);
    graph_add_parameter(c.g, "w", SHAPE(1), SPAN_NONE);
    assert_broken(*state, "two inputs, parameters, states or settings are called w\n");
}

static void settings_lie_within_their_bounds(void **state)
{
    struct copy c = add_copy(state);

    graph_add_setting(c.g, "lr", 2, 0, INFINITY);
    assert_verifies(*state);
    c.g->setting.at[0].initial = NAN;
    assert_broken(*state, "%2 (lr): nan is not within [0, inf]\n");
}

static void layers_have_results(void **state)
{
    struct copy c = add_copy(state);

    graph_begin_layer(c.g, "dense1", "dense", "dense(3)", SPAN_NONE);
    assert_broken(*state, "layer dense1 has no result\n");
}

static void the_loss_is_one_number_a_sample(void **state)
{
    struct copy c = add_copy(state);

    graph_add_objective(c.g, NULL)->loss = c.y;
    assert_broken(*state, "the loss is not one number a sample\n");
}

static void updates_keep_the_shape_and_happen_once(void **state)
{
    struct copy c = add_copy(state);
    const node_id w = graph_add_parameter(c.g, "w", SHAPE(4), SPAN_NONE);
    const node_id next = graph_add_unary(c.g, "next", FUNCTION_NEGATE, w);
    struct graph_update update = {.target = w, .source = next};

    vec_push(c.g->arena, &c.g->update, update);
    assert_verifies(*state);
    vec_push(c.g->arena, &c.g->update, update);
    assert_broken(*state, "w is updated twice\n");
    c.g->update.at[1].target = c.x;
    c.g->update.at[0].source = c.y;
    assert_broken(*state, "update 0 of w has another shape\nupdate 1 changes no parameter or state\n");
}

static void gradients_have_the_parameters_shape(void **state)
{
    struct copy c = add_copy(state);
    const node_id w = graph_add_parameter(c.g, "w", SHAPE(5), SPAN_NONE);

    node_id gradient[3] = {NO_NODE, NO_NODE, NO_NODE};
    struct objective *o = graph_add_objective(c.g, NULL);
    o->loss = graph_add_input(c.g, "loss", &(struct shape){.rank = 0}, false, SPAN_NONE);
    o->gradient = gradient;
    o->forward = 3;
    gradient[w] = c.y;
    assert_broken(*state, "the gradient of w has another shape\n");
    gradient[w] = NO_NODE;
    gradient[c.x] = c.y;
    assert_broken(*state, "a gradient of what is no parameter\n");
}

static void axes_have_at_least_two_points_and_a_name(void **state)
{
    struct copy c = add_copy(state);

    c.nest->extent[0] = 1;
    assert_broken(*state, "%1 (y): axis 0 has extent 1\n");
    c.nest->extent[0] = 4;
    c.nest->axis_name[0] = NULL;
    assert_broken(*state, "%1 (y): axis 0 has no name\n");
}

static void counts_of_a_nest_are_possible(void **state)
{
    struct copy c = add_copy(state);

    c.nest->free_count = 2;
    assert_broken(*state, "%1 (y): a nest of 1 axes, 2 of them free, with 1 accesses\n");
}

static void functions_have_their_arguments(void **state)
{
    struct copy c = add_copy(state);
    struct expr *e = arena_new(c.g->arena, struct expr);

    *e = (struct expr){.kind = EXPR_FUNCTION, .function = FUNCTION_ADD, .arg = {c.nest->body}};
    c.nest->body = e;
    assert_broken(*state, "%1 (y): + has not 2 arguments\n");
}

static void results_use_free_axes(void **state)
{
    struct copy c = add_copy(state);

    c.nest->out[1] = index_axis(0, 1);
    assert_broken(*state, "%1 (y): dimension 1 of the result uses an axis that is not free\n");
}

static void nodes_are_computed(void **state)
{
    struct copy c = add_copy(state);

    graph_node(c.g, c.y)->nest_count = 0;
    assert_broken(*state, "%1 (y): nothing is computed\n");
}

static void views_follow_what_they_show(void **state)
{
    struct copy c = add_copy(state);
    const node_id v = graph_add_view(c.g, c.x, SHAPE(2, 2));

    graph_node(c.g, v)->view_of = v;
    assert_broken(*state, "%2 (view): a view of %2, which does not precede it\n");
}

static void shapes_are_possible_and_layers_exist(void **state)
{
    struct copy c = add_copy(state);

    graph_node(c.g, c.x)->layer = 3;
    graph_node(c.g, c.y)->shape.dim[0] = 0;
    assert_broken(*state, "%0 (x): there is no layer 3\n%1 (y): impossible shape\n");
}

static void inputs_states_and_parameters_are_what_they_say(void **state)
{
    struct copy c = add_copy(state);
    const node_id w = graph_add_parameter(c.g, "w", SHAPE(4), SPAN_NONE), m = graph_add_state(c.g, "m", SHAPE(4));

    graph_node(c.g, c.x)->number = 1;
    graph_node(c.g, w)->parameter->init = INIT_VALUES;
    graph_node(c.g, w)->parameter->l1 = c.x;
    graph_node(c.g, m)->uniform = false;
    assert_broken(*state, "%0 (x): an input varies and stands in the table of inputs\n"
                          "%2 (w): no initial values\n"
                          "%2 (w): a penalty is a setting\n"
                          "%3 (m): a state is uniform\n");
}

static void tables_name_nodes_of_their_kind(void **state)
{
    struct copy c = add_copy(state);
    const struct graph_output output = {.name = "out", .v = 9};

    graph_add_setting(c.g, "lr", 1, 0, 2);
    c.g->setting.at[0].v = c.y;
    c.g->input.at[0].v = c.y;
    c.g->weight = c.y;
    vec_push(c.g->arena, &c.g->output, output);
    assert_broken(*state, "%0 (x): an input varies and stands in the table of inputs\n"
                          "%2 (lr): a setting is one number in the table of settings\n"
                          "input x is no input\n"
                          "setting lr is no setting\n"
                          "output out has no value\n"
                          "the samples' weight is no input\n");
}

static void a_sum_over_samples_has_one_part(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(4), false, SPAN_NONE);
    struct nest parts[2] = {0};

    for (int i = 0; i < 2; i++) {
        const struct index at = index_add(index_axis(nest_add_axis(&parts[i], "i", 2, false), 1), index_constant(2 * i));
        parts[i].out[0] = at;
        parts[i].body = nest_read(g, &parts[i], x, &at);
    }
    graph_add_parts(g, "sum", SHAPE(4), 2, parts, true);
    assert_broken(*state, "%1 (sum): a sum over samples has one part\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(a_copy_is_sound),
        graph_test(inputs_precede_their_users),
        graph_test(results_stay_within_the_shape),
        graph_test(two_points_have_two_places),
        graph_test(axes_of_a_dimension_form_a_mixed_radix),
        graph_test(reductions_are_combined),
        graph_test(combinations_reduce),
        graph_test(samples_are_summed_and_not_compared),
        graph_test(only_sums_over_samples_have_an_order),
        graph_test(bodies_read_their_own_accesses),
        graph_test(indices_use_known_axes),
        graph_test(scalars_have_no_indices),
        graph_test(ranges_keep_parts_apart),
        graph_test(residues_keep_parts_apart),
        graph_test(parts_do_not_overlap),
        graph_test(views_keep_the_elements),
        graph_test(names_of_parameters_are_unique),
        graph_test(settings_lie_within_their_bounds),
        graph_test(layers_have_results),
        graph_test(the_loss_is_one_number_a_sample),
        graph_test(updates_keep_the_shape_and_happen_once),
        graph_test(gradients_have_the_parameters_shape),
        graph_test(axes_have_at_least_two_points_and_a_name),
        graph_test(counts_of_a_nest_are_possible),
        graph_test(functions_have_their_arguments),
        graph_test(results_use_free_axes),
        graph_test(nodes_are_computed),
        graph_test(views_follow_what_they_show),
        graph_test(shapes_are_possible_and_layers_exist),
        graph_test(inputs_states_and_parameters_are_what_they_say),
        graph_test(tables_name_nodes_of_their_kind),
        graph_test(a_sum_over_samples_has_one_part),
    };
    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
