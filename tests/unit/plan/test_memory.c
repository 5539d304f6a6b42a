#include "compiler/graph/objective.h"
#include "tests/support/plan_fixture.h"

#include <limits.h>
#include <stdlib.h>

static const char deep[] = "input x: 2x8x8; output y = x -> conv(4, 3x3, padding = 1) -> relu -> maxpool(2x2)"
                           " -> conv(6, 3x3) -> tanh -> flatten -> dense(5) -> tanh -> dense(3);";

static struct plan_place *place_of(const struct net_fixture *f, const char *name)
{
    const node_id v = net_find(f, name);

    assert_int_not_equal(v, NO_NODE);
    return &f->plan->place[v];
}

/* That plan_verify refuses the plan, and says this. */
static void assert_refused(const struct net_fixture *f, const char *wanted)
{
    char *said = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&said, &length);

    assert_false(plan_verify(f->plan, out));
    fclose(out);
    if (!strstr(said, wanted))
        fail_msg("it says: %s", said);
    free(said);
}

static void every_place_lies_in_its_space_on_a_cache_line(void **state)
{
    struct net_fixture *f = open_net(state, deep, "cross_entropy(y, label)");

    for (size_t v = 0; v < f->graph->node.count; v++) {
        const struct plan_place *p = &f->plan->place[v];
        if (p->kind != PLACE_UNIFORM && p->kind != PLACE_BLOCK)
            continue;
        const int64_t room = p->kind == PLACE_UNIFORM ? f->plan->uniform_bytes : f->plan->block_bytes;
        assert_int_equal(p->offset % 64, 0);
        assert_true(p->offset >= 0 && p->offset + p->reals * f->plan->precision <= room);
        assert_true(p->reals >= shape_elements(&graph_node(f->graph, (node_id)v)->shape));
        assert_int_equal(p->reals % 16, 0);
    }
    assert_int_equal(f->plan->block_bytes % 64, 0);
}

static bool overlap(int64_t a, int64_t a_end, int64_t b, int64_t b_end)
{
    return a < b_end && b < a_end;
}

static void values_that_never_meet_share_bytes_and_those_that_do_never_share(void **state)
{
    struct net_fixture *f = open_net(state, deep, "cross_entropy(y, label)");
    int shared = 0;

    for (size_t v = 0; v < f->graph->node.count; v++)
        for (size_t u = 0; u < v; u++) {
            const struct plan_place *a = &f->plan->place[v], *b = &f->plan->place[u];
            const int64_t a_end = a->offset + a->reals * f->plan->precision, b_end = b->offset + b->reals * f->plan->precision;
            if (a->kind != PLACE_BLOCK || b->kind != PLACE_BLOCK || f->graph->node.at[v].kind == NODE_VIEW ||
                f->graph->node.at[u].kind == NODE_VIEW || !overlap(a->offset, a_end, b->offset, b_end))
                continue;
            assert_true(a->last < b->first || b->last < a->first);
            shared++;
        }
    assert_true(shared > 0);
}

static void an_update_stands_where_its_target_stands(void **state)
{
    struct net_fixture *f = open_net(state, deep, "cross_entropy(y, label)");

    assert_true(f->plan->update.count > 0);
    for (size_t u = 0; u < f->plan->update.count; u++) {
        const struct graph_update *update = &f->plan->update.at[u];
        assert_int_equal(f->plan->place[update->source].offset, f->plan->place[update->target].offset);
        assert_int_equal(f->plan->place[update->source].kind, PLACE_UNIFORM);
    }
}

static void outputs_and_losses_live_to_the_end(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 4; h = x -> dense(4) -> tanh; output early = h; output y = h -> dense(3);",
                                     "cross_entropy(y, label)");

    assert_int_equal(place_of(f, "early")->last, INT_MAX);
    assert_int_equal(place_of(f, "y")->last, INT_MAX);
    assert_int_equal(f->plan->place[view_root(f->graph, f->plan->objective->loss)].last, INT_MAX);
}

static void a_view_stands_where_its_elements_stand(void **state)
{
    struct net_fixture *f = open_net(state, deep, "cross_entropy(y, label)");

    assert_int_equal(place_of(f, "flatten1")->offset, place_of(f, "tanh1")->offset);
    assert_int_equal(place_of(f, "flatten1")->kind, PLACE_BLOCK);
}

static void what_is_needed_in_all_follows_from_batch_and_blocks(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 4; output y = x -> dense(3);", "mse(y, t)");
    const int64_t inputs = (4 + 3 + 1) * 16 * 4, blocks = 2;    /* x, t and the weight; a batch of 20, and one to come */

    assert_int_equal(plan_memory_bytes(f->plan), f->plan->uniform_bytes + blocks * (f->plan->block_bytes + 2 * inputs));
}

static void blocks_are_no_whole_number_of_pages_apart(void **state)
{
    for (int units = 14; units <= 18; units++) {
        char body[128];
        snprintf(body, sizeof body, "input x: 4; output y = x -> dense(%d) -> tanh -> dense(16) -> tanh;", 4 * units);
        struct net_fixture *f = open_net(state, body, "mse(y, t)");
        assert_int_not_equal(f->plan->block_bytes % 4096, 0);
    }
}

static void a_plan_whose_values_overlap_is_refused(void **state)
{
    struct net_fixture *f = open_net(state, deep, "cross_entropy(y, label)");
    struct plan_place *pool = place_of(f, "maxpool1"), *tanh1 = place_of(f, "tanh1");
    const int64_t kept = tanh1->offset;

    assert_true(plan_verify(f->plan, stderr));
    tanh1->offset = pool->offset;
    assert_refused(f, "shares bytes with a value that lives at the same time");
    tanh1->offset = kept;
    assert_true(plan_verify(f->plan, stderr));
    tanh1->offset = pool->offset + pool->reals * f->plan->precision - 4;    /* the last element */
    assert_refused(f, "shares bytes with a value that lives at the same time");
}

static void parameters_that_overlap_are_refused(void **state)
{
    struct net_fixture *f = open_net(state, deep, "cross_entropy(y, label)");

    place_of(f, "dense1.bias")->offset = place_of(f, "dense1.weight")->offset;
    assert_refused(f, "shares bytes with another uniform value");
}

static void a_value_without_a_place_that_others_read_is_refused(void **state)
{
    struct net_fixture *f = open_net(state, deep, "cross_entropy(y, label)");

    place_of(f, "tanh1")->kind = PLACE_NONE;
    assert_refused(f, "is read by another kernel and has no place");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(every_place_lies_in_its_space_on_a_cache_line),
        net_test(values_that_never_meet_share_bytes_and_those_that_do_never_share),
        net_test(an_update_stands_where_its_target_stands),
        net_test(outputs_and_losses_live_to_the_end),
        net_test(a_view_stands_where_its_elements_stand),
        net_test(what_is_needed_in_all_follows_from_batch_and_blocks),
        net_test(blocks_are_no_whole_number_of_pages_apart),
        net_test(a_plan_whose_values_overlap_is_refused),
        net_test(parameters_that_overlap_are_refused),
        net_test(a_value_without_a_place_that_others_read_is_refused),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
