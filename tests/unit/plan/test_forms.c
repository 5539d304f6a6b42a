#include "tests/support/plan_fixture.h"

static enum form form_of(const struct net_fixture *f, const char *name)
{
    const struct plan_kernel *k = kernel_with(f, name);

    assert_non_null(k);
    return k->form;
}

static void layers_have_the_form_of_their_sums(void **state)
{
    struct net_fixture *f = open_net(state,
                                     "input x: 2x6x6; output y = x -> c: conv(8, 3x3) -> maxpool(2x2) -> flatten -> d: dense(16)"
                                     " -> s: softmax -> out: dense(3);",
                                     "cross_entropy(y, label)");

    assert_int_equal(form_of(f, "c"), FORM_CONTRACTION);
    assert_int_equal(form_of(f, "s.max"), FORM_REDUCTION);    /* of a vector: it has no rows */
    assert_int_equal(form_of(f, "s"), FORM_ELEMENTWISE);
    assert_int_equal(form_of(f, "d.weight'"), FORM_BATCH_GEMM);
    assert_int_equal(form_of(f, "c.weight'"), FORM_BATCH_REDUCTION);
    assert_int_equal(form_of(f, "c.bias+"), FORM_UPDATE);
}

static void rows_by_number_are_gathered_and_scattered(void **state)
{
    struct net_fixture *f = open_net(state, "input tokens: int 5; output y = tokens -> e: embedding(7, 4) -> flatten -> dense(3);",
                                     "cross_entropy(y, label)");

    assert_int_equal(form_of(f, "e"), FORM_GATHER);
    assert_int_equal(form_of(f, "e.weight'"), FORM_SCATTER);
}

static void a_recurrence_is_one_kernel_of_several_forms(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 4x3; output y = x -> r: rnn(2) -> dense(2);", "mse(y, t)");
    const struct plan_kernel *k = kernel_with(f, "r.tanh");

    assert_int_equal(k->form, FORM_RECURRENCE);
    assert_true(k->part_count > 0);
    for (int i = 0; i < k->part_count; i++)
        assert_true(k->part[i].form == FORM_CONTRACTION || k->part[i].form == FORM_ELEMENTWISE);
}

static void what_was_matched_is_kept_by_nest(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 4; output y = x -> d: dense(2, bias = false);", "mse(y, t)");
    const node_id v = kernel_with(f, "d")->fused.at[0].v;
    const struct nest *n = graph_node(f->plan->graph, v)->nest;
    const struct nest_form *form = plan_form_of_nest(f->plan, v, n);

    assert_int_equal(form->form, FORM_CONTRACTION);
    assert_false(graph_node(f->plan->graph, n->in[form->x].of)->uniform);
    assert_true(graph_node(f->plan->graph, n->in[form->w].of)->uniform);
}

static void a_softmax_of_rows_is_one_kernel(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 2x3x5; output y = x -> c: conv(2, 1x1) -> s: softmax(axis = 1);", "mse(y, t)");
    const struct plan_kernel *k = kernel_with(f, "s");

    assert_int_equal(k->form, FORM_ROWS);
    assert_ptr_equal(k, kernel_with(f, "s.max"));
    assert_int_equal(k->part_count, 4);
    assert_int_equal(k->row_count, 2);
    assert_int_equal(k->row_dim[0], 0);
    assert_int_equal(k->row_dim[1], 2);
    assert_int_equal(k->tiles[0], 2);
    assert_int_equal(k->tiles[1], 5);
    assert_false(share_kernel(f, "c", "s"));
}

static void rows_end_where_another_row_is_read(void **state)
{
    struct net_fixture *f = open_net(
        state, "input x: 3x3; output y = x -> conv(3, 1) -> s: softmax(axis = 1) -> turned: transpose([1, 0]);", "mse(y, t)");

    assert_true(share_kernel(f, "s.max", "s"));
    assert_false(share_kernel(f, "s", "turned"));
}

static void a_product_of_two_activations_is_a_contraction(void **state)
{
    struct net_fixture *f = open_net(
        state, "input x: 4x6; q = x -> dense(6); y1 = matmul(q, x, transpose_b = true, scale = 0.5); output y = y1;", "mse(y, t)");
    const struct plan_kernel *k = kernel_with(f, "matmul1");

    assert_int_equal(k->form, FORM_CONTRACTION);
    assert_true(share_kernel(f, "matmul1.matmul", "matmul1"));
    assert_int_equal(form_of(f, "dense1'"), FORM_CONTRACTION);
    /* Along a single axis there is nothing to hold: a sum like any other. */
    f = open_net(state, "input x: 6; y1 = x -> dense(6); output y = y1 * x -> sum(axis = 0);", "mse(y, t)");
    assert_int_equal(form_of(f, "sum1"), FORM_REDUCTION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(layers_have_the_form_of_their_sums),
        net_test(rows_by_number_are_gathered_and_scattered),
        net_test(a_recurrence_is_one_kernel_of_several_forms),
        net_test(what_was_matched_is_kept_by_nest),
        net_test(a_softmax_of_rows_is_one_kernel),
        net_test(rows_end_where_another_row_is_read),
        net_test(a_product_of_two_activations_is_a_contraction),
    };

    return cmocka_run_group_tests_name("forms", tests, NULL, NULL);
}
