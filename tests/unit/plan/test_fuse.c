#include "compiler/graph/objective.h"
#include "compiler/support/arena.h"
#include "tests/support/plan_fixture.h"

static const char lenet5[] =
    "input image: 1x32x32;"
    "output logits = image -> c1: conv(6, 5x5) -> tanh -> s2: avgpool(2x2) -> c3: conv(16, 5x5) -> tanh -> s4: avgpool(2x2)"
    " -> c5: conv(120, 5x5) -> tanh -> flatten -> f6: dense(84) -> tanh -> out: dense(10);";

static const char *title_of(const struct net_fixture *f, const char *name)
{
    const struct plan_kernel *k = kernel_with(f, name);

    assert_non_null(k);
    return plan_title(f->plan, k, f->arena);
}

static void lenet5_has_a_kernel_for_each_layer_and_what_follows_it(void **state)
{
    struct net_fixture *f = open_net(state, lenet5, "cross_entropy(logits, label)");

    assert_string_equal(title_of(f, "s2"), "c1: conv(6, 5x5) -> tanh1: tanh -> s2: avgpool(2x2)");
    assert_string_equal(title_of(f, "s4"), "c3: conv(16, 5x5) -> tanh2: tanh -> s4: avgpool(2x2)");
    assert_string_equal(title_of(f, "tanh3"), "c5: conv(120, 5x5) -> tanh3: tanh");
    assert_string_equal(title_of(f, "f6"), "f6: dense(84) -> tanh4: tanh");
    assert_string_equal(title_of(f, "c1.weight'"), "gradient of c1.weight");
}

static void a_title_says_the_beginning_of_what_is_long(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 3; output y = x -> first: tanh -> repeat 40 { tanh };", "mse(y, t)");
    const char *title = title_of(f, "first");

    assert_true(strncmp(title, "first: tanh -> ", 15) == 0);
    assert_string_equal(title + strlen(title) - strlen(" -> ..."), " -> ...");
    assert_non_null(strstr(title, ".30.tanh1: tanh"));
    assert_null(strstr(title, ".31.tanh1: tanh"));
    f = open_net(state,
                 "input x: 3x3x3;"
                 "output y = x -> all: concat { | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1)"
                 " | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1) | conv(1, 1x1)"
                 " | conv(1, 1x1) | conv(1, 1x1) };",
                 "mse(y, t)");
    title = title_of(f, "all");
    assert_string_equal(title + strlen(title) - 4, " ...");
    assert_int_equal(strlen(title), strlen("all: ") + 200 + strlen(" ..."));
}

static void a_pool_that_tiles_joins_and_makes_cells(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 1x8x9; output y = x -> c: conv(4, 3x2) -> p: maxpool(3x4);", "mse(y, t)");
    const struct plan_kernel *k = kernel_with(f, "p");

    assert_true(share_kernel(f, "c", "p"));
    assert_int_equal(k->rank, 3);
    assert_memory_equal(k->tiles, ((int64_t[]){4, 2, 2}), 3 * sizeof(int64_t));
    assert_memory_equal(k->fused.at[0].per_tile, ((int64_t[]){1, 3, 4}), 3 * sizeof(int64_t));
}

static void a_pool_over_filters_stays_apart(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 2x3; output y = x -> c: dense(6) -> p: maxpool(3);", "mse(y, t)");

    assert_false(share_kernel(f, "c", "p"));
}

static void what_draws_begins_a_kernel_with_cells_of_four(void **state)
{
    struct net_fixture *f = open_net(
        state,
        "input x: 3x8; output y = x -> r: relu -> a: dropout(0.5) -> flatten -> v: tanh -> dense(10) -> b: dropout(0.5) -> u: tanh;",
        "mse(y, t)");
    const struct plan_kernel *k = kernel_with(f, "v"), *tens = kernel_with(f, "b");

    assert_false(share_kernel(f, "r", "v"));
    assert_string_equal(graph_node(f->graph, k->fused.at[0].v)->op_name, "dropout");
    assert_int_equal(k->tiles[0], 6);
    assert_int_equal(k->fused.at[0].per_tile[0], 4);
    assert_int_equal(plan_fused_node(k, net_find(f, "v"))->per_tile[0], 4);
    /* Fours do not divide ten. */
    assert_true(share_kernel(f, "b", "u"));
    assert_int_equal(tens->tiles[0], 10);
    assert_int_equal(tens->fused.at[0].per_tile[0], 1);
}

static void a_pool_that_leaves_rows_over_stays_apart(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 1x7x6; output y = x -> c: conv(4, 1x1) -> p: avgpool(2x2);", "mse(y, t)");

    assert_false(share_kernel(f, "c", "p"));
}

static void a_pool_whose_windows_overlap_stays_apart(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 1x7x7; output y = x -> c: conv(4, 1x1) -> p: maxpool(3x3, stride = 2);", "mse(y, t)");

    assert_false(share_kernel(f, "c", "p"));
}

static void a_window_too_large_for_the_registers_stays_apart(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 1x10x10; output y = x -> c: conv(2, 1x1) -> p: avgpool(5x5);", "mse(y, t)");

    assert_false(share_kernel(f, "c", "p"));
}

static void a_part_of_a_tensor_is_no_member(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 4; h = x -> d: dense(4) -> r: tanh; output y = concat(h, x) -> e: dense(3);", "mse(y, t)");

    /* The gradient of r is the first half of what flows back into the concatenation. */
    assert_false(share_kernel(f, "concat1'", "r'"));
    assert_false(share_kernel(f, "r", "concat1"));
}

static void a_residual_addition_joins_the_later_branch(void **state)
{
    struct net_fixture *f = open_net(
        state, "input x: 4x6x6; h = x -> a: conv(4, 1x1); m = h -> b: conv(4, 3x3, padding = 1); output y = m + h -> r: relu;",
        "mse(y, t)");

    assert_true(share_kernel(f, "b", "r"));
    assert_false(share_kernel(f, "a", "b"));
}

static void a_sum_over_a_whole_tensor_starts_a_kernel(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 3x5x5; output y = x -> c: conv(4, 1x1) -> tanh -> g: global_avgpool;", "mse(y, t)");

    assert_false(share_kernel(f, "c", "g"));
}

/* Every computed node that something needs is a fused node of exactly one kernel; fused nodes read each other in order. */
static void assert_partition(const struct net_fixture *f)
{
    int *seen = arena_array(f->arena, int, f->graph->node.count);

    for (size_t k = 0; k < f->plan->kernel.count; k++)
        for (size_t m = 0; m < f->plan->kernel.at[k].fused.count; m++) {
            const node_id v = f->plan->kernel.at[k].fused.at[m].v;
            assert_int_equal(seen[v]++, 0);
            assert_int_equal(f->plan->kernel_of[v], k);
            assert_int_equal(graph_node(f->graph, v)->kind, NODE_COMPUTE);
            assert_true(m == 0 || f->plan->kernel.at[k].fused.at[m - 1].v < v);
        }
    for (size_t u = 0; u < f->plan->update.count; u++)
        assert_int_equal(seen[f->plan->update.at[u].source], 1);
    assert_int_equal(seen[view_root(f->graph, f->plan->objective->loss)], 1);
}

static void kernels_part_the_graph(void **state)
{
    assert_partition(open_net(state, lenet5, "cross_entropy(logits, label)"));
    assert_partition(open_net(state,
                              "input x: 2x9x9; h = x -> conv(3, 3x3, stride = 2); output y = h -> concat { | tanh | relu }"
                              " -> maxpool(3x3, stride = 1); output z = h -> flatten -> dense(4) -> softmax;",
                              "mse(y, t) + mse(z, u)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(lenet5_has_a_kernel_for_each_layer_and_what_follows_it),
        net_test(a_title_says_the_beginning_of_what_is_long),
        net_test(a_pool_that_tiles_joins_and_makes_cells),
        net_test(a_pool_over_filters_stays_apart),
        net_test(a_pool_that_leaves_rows_over_stays_apart),
        net_test(a_pool_whose_windows_overlap_stays_apart),
        net_test(a_window_too_large_for_the_registers_stays_apart),
        net_test(a_part_of_a_tensor_is_no_member),
        net_test(what_draws_begins_a_kernel_with_cells_of_four),
        net_test(a_residual_addition_joins_the_later_branch),
        net_test(a_sum_over_a_whole_tensor_starts_a_kernel),
        net_test(kernels_part_the_graph),
    };
    return cmocka_run_group_tests_name("fuse", tests, NULL, NULL);
}
