#include "compiler/graph/build.h"
#include "tests/support/graph_fixture.h"

enum { STEPS = 4 };

/* s[t] = x[t] + s[t-1]: sums of all steps so far. */
struct sums {
    struct graph *g;
    node_id x, before, sum;
};

static struct sums add_sums(void **state, bool descending)
{
    struct sums s = {.g = (*(struct graph_fixture **)state)->graph};

    s.x = graph_add_input(s.g, "x", SHAPE(STEPS), false, SPAN_NONE);
    graph_begin_recurrence(s.g, STEPS, descending);
    s.before = graph_add_delay(s.g, SHAPE(STEPS));
    s.sum = graph_add_binary(s.g, "sum", FUNCTION_ADD, s.x, s.before, SHAPE(STEPS));
    graph_set_delayed(s.g, s.before, s.sum);
    graph_end_recurrence(s.g);
    return s;
}

/* The graph's own nest, so that a test can break it. */
static struct nest *nest_of(const struct sums *s, node_id v)
{
    return (struct nest *)(uintptr_t)graph_node(s->g, v)->nest;
}

static void a_delay_is_the_step_before(void **state)
{
    const struct sums s = add_sums(state, false);
    const double *given[] = {NUMBERS(1, 20, 300, 4000)};

    assert_verifies(*state);
    assert_elements(*state, s.before, given, NUMBERS(0, 1, 21, 321));
    assert_elements(*state, s.sum, given, NUMBERS(1, 21, 321, 4321));
}

static void or_the_step_after_where_steps_descend(void **state)
{
    const struct sums s = add_sums(state, true);
    const double *given[] = {NUMBERS(1, 20, 300, 4000)};

    assert_verifies(*state);
    assert_elements(*state, s.sum, given, NUMBERS(4321, 4320, 4300, 4000));
}

static void nodes_behind_it_are_outside(void **state)
{
    const struct sums s = add_sums(state, false);
    const node_id y = graph_add_unary(s.g, "y", FUNCTION_NEGATE, s.sum);

    assert_int_equal(graph_node(s.g, s.sum)->recurrence, 0);
    assert_int_equal(graph_node(s.g, y)->recurrence, -1);
    assert_verifies(*state);
}

static void only_a_delay_looks_ahead(void **state)
{
    const struct sums s = add_sums(state, false);

    graph_node(s.g, s.before)->delay = false;
    assert_broken(*state, "%1 (delay): access 0 reads %2, which does not precede it\n");
}

static void a_delay_reads_the_neighbouring_step(void **state)
{
    const struct sums s = add_sums(state, false);

    nest_of(&s, s.before)->in[0].dim[0].offset = -2;
    assert_broken(*state, "%1 (delay): access 0 reads another step of %2\n");
}

static void others_read_their_own_step(void **state)
{
    const struct sums s = add_sums(state, false);

    nest_of(&s, s.sum)->in[1].dim[0].offset = -1;
    assert_broken(*state, "%2 (sum): access 1 reads another step of %1\n");
}

static void every_nest_runs_over_all_steps(void **state)
{
    const struct sums s = add_sums(state, false);

    nest_of(&s, s.sum)->extent[0] = STEPS - 1;
    assert_broken(*state, "%2 (sum): a nest of a recurrence does not run over its 4 steps\n");
}

static void nodes_of_a_recurrence_have_its_steps(void **state)
{
    const struct sums s = add_sums(state, false);

    s.g->recurrence.at[0].steps = 5;
    assert_broken(*state, "%1 (delay): a node of a recurrence computes its steps for each sample\n");
}

static void it_is_printed_with_its_steps(void **state)
{
    add_sums(state, true);
    assert_prints_graph(*state, "graph test\n%0 = x: input 4\n"
                                "recurrence %1 to %2: 4 steps, the last first\n"
                                "%1 = delay: delay 4 = %2[t + 1] else 0   over [t<4]\n"
                                "%2 = sum: sum 4 = %0[i] + %1[i]   over [i<4]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(a_delay_is_the_step_before),          graph_test(or_the_step_after_where_steps_descend),
        graph_test(nodes_behind_it_are_outside),         graph_test(only_a_delay_looks_ahead),
        graph_test(a_delay_reads_the_neighbouring_step), graph_test(others_read_their_own_step),
        graph_test(every_nest_runs_over_all_steps),      graph_test(nodes_of_a_recurrence_have_its_steps),
        graph_test(it_is_printed_with_its_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
