/* Several objectives in one graph. The language has sections for one so far, so the second is added by hand. */
#include "compiler/differentiate/differentiate.h"
#include "compiler/graph/inspect.h"
#include "compiler/graph/objective.h"
#include "compiler/plan/plan.h"
#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A trunk with two heads; the first objective is the sum of two losses, the second the other head's alone. */
static struct graph *two_objectives(struct parse_fixture *f)
{
    struct program *p = analyse(f, "net t { input x: 6; h = x -> trunk: dense(4) -> tanh;\n"
                                   "output y = h -> a: dense(3); output z = h -> b: dense(6); }\n"
                                   "train { loss = cross_entropy(y, label) + 0.5 * mse(z, x);"
                                   " optimizer = adam(lr = 0.1); batch = 20; }");

    assert_non_null(p);
    const struct objective *first = p->graph->objective.at[0];
    struct objective *second = graph_add_objective(p->graph, "second");
    assert_int_equal(first->terms.count, 2);
    second->loss = first->terms.at[1].result;
    second->optimizer = first->optimizer;
    second->clip = first->clip;
    return p->graph;
}

static node_id parameter(const struct graph *g, const char *name)
{
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].kind == NODE_PARAMETER && strcmp(g->node.at[v].name, name) == 0)
            return (node_id)v;
    fail_msg("there is no parameter %s", name);
    return NO_NODE;
}

static bool updates(const struct objective *o, node_id target)
{
    for (size_t i = 0; i < o->update.count; i++)
        if (o->update.at[i].target == target)
            return true;
    return false;
}

static void each_trains_what_its_loss_depends_on(void **state)
{
    struct graph *g = two_objectives(*state);

    pass_differentiate(g);
    assert_true(graph_verify(g, stdout));
    const struct objective *first = g->objective.at[0], *second = g->objective.at[1];
    const node_id trunk = parameter(g, "trunk.weight"), a = parameter(g, "a.weight"), b = parameter(g, "b.weight");
    assert_true(updates(first, trunk) && updates(first, a) && updates(first, b));
    assert_true(updates(second, trunk) && !updates(second, a) && updates(second, b));
    assert_int_equal(objective_gradient(second, a), NO_NODE);
    assert_int_not_equal(objective_gradient(first, trunk), objective_gradient(second, trunk));
}

static void each_has_states_of_its_own(void **state)
{
    struct graph *g = two_objectives(*state);
    int first = 0, second = 0;

    pass_differentiate(g);
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].kind == NODE_STATE)
            ++*(strstr(g->node.at[v].name, ".second.") == NULL ? &first : &second);
    assert_int_equal(first, 2 + 2 * 6);     /* Adam: two corrections, and two means of each parameter */
    assert_int_equal(second, 2 + 2 * 4);
}

static void each_has_a_plan_of_its_own(void **state)
{
    struct parse_fixture *f = *state;
    struct graph *g = two_objectives(f);

    pass_differentiate(g);
    for (size_t i = 0; i < g->objective.count; i++) {
        const struct plan_options options = {.objective = i, .precision = sizeof(float), .batch = 20};
        const struct plan *p = pass_plan(g, &options, f->arena);
        assert_true(plan_verify(p, stdout));
        assert_ptr_equal(p->objective, g->objective.at[i]);
        assert_int_equal(p->update.count, p->objective->update.count);
        const node_id gradient = objective_gradient(g->objective.at[0], parameter(g, "a.weight"));
        assert_int_equal(p->kernel_of[view_root(g, gradient)] >= 0, i == 0);
    }
}

static void a_graph_without_objectives_is_planned_for_prediction(void **state)
{
    struct parse_fixture *f = *state;
    const struct program *p =
        analyse(f, "net t { input x: 6; output y = x -> dense(4) -> batchnorm -> dropout(0.5) -> dense(3); }");
    const struct plan_options options = {.precision = sizeof(float), .batch = 20};

    assert_non_null(p);
    pass_differentiate(p->graph);
    const struct plan *plan = pass_plan(p->graph, &options, f->arena);
    assert_true(plan_verify(plan, stdout));
    assert_null(plan->objective);
    assert_null(plan->evaluation);
    assert_int_equal(plan->update.count, 0);
    for (size_t i = 0; i < plan->kernel.count; i++)
        assert_int_not_equal(plan->kernel.at[i].kind, KERNEL_SAMPLES);    /* no statistics of a batch */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(each_trains_what_its_loss_depends_on),
        parse_test(each_has_states_of_its_own),
        parse_test(each_has_a_plan_of_its_own),
        parse_test(a_graph_without_objectives_is_planned_for_prediction),
    };
    return cmocka_run_group_tests_name("objectives", tests, NULL, NULL);
}
