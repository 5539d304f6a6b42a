#include "tests/support/plan_fixture.h"

static const char small[] = "input x: 1x8x8; output y = x -> conv(3, 3x3) -> relu -> maxpool(2x2) -> flatten -> dense(4);";

static void a_small_net_runs_in_three_phases(void **state)
{
    const struct plan *p = open_net(state, small, "cross_entropy(y, label)")->plan;

    assert_int_equal(p->phase.count, 3);
    assert_string_equal(p->phase.at[0].name, "forward and backward");
    assert_string_equal(p->phase.at[1].name, "gradients");
    assert_string_equal(p->phase.at[2].name, "update");
    assert_int_equal(p->phase.count, 3);
    assert_int_equal(p->evaluate_phases, 1);
    assert_int_equal(p->checked, 1);
}

static void assert_phases(const struct net_fixture *f)
{
    const struct plan *p = f->plan;
    int next = 0;

    for (size_t i = 0; i < p->phase.count; i++) {
        const struct plan_phase *phase = &p->phase.at[i];
        assert_int_equal(phase->first, next);
        assert_true(phase->count > 0);
        next = phase->first + phase->count;
        for (int k = phase->first; k < next; k++) {
            assert_int_equal(p->kernel.at[k].phase, i);
            assert_int_equal(p->kernel.at[k].kind == KERNEL_BLOCK, p->kernel.at[phase->first].kind == KERNEL_BLOCK);
        }
    }
    assert_int_equal(next, p->kernel.count);
}

static void phases_part_the_kernels_and_never_mix_blocks_with_others(void **state)
{
    assert_phases(open_net(state, small, "cross_entropy(y, label)"));
    assert_phases(open_net(state,
                           "input x: 4x6; h = x -> conv(4, 3, padding = 1) -> tanh; output y = h + x -> flatten -> dense(3);"
                           "output z = h -> softmax(axis = 0);",
                           "cross_entropy(y, label) + mse(z, t)"));
}

static void updates_are_the_last_phase(void **state)
{
    struct net_fixture *f = open_net(state, small, "cross_entropy(y, label)");

    for (size_t u = 0; u < f->plan->update.count; u++) {
        const int k = f->plan->kernel_of[f->plan->update.at[u].source];
        assert_int_equal(f->plan->kernel.at[k].phase, f->plan->phase.count - 1);
    }
}

/* The count of steps is a state that the steps of all parameters read: it moves on before them, on the updates' own levels. */
static void an_update_runs_after_the_updates_that_it_reads(void **state)
{
    struct net_fixture *f =
        open_text(state, "net it { input x: 5; output y = x -> dense(7) -> tanh -> dense(3); }\n"
                         "train { loss = mse(y, t); optimizer = adagrad(lr_decay = 0.1); batch = 20; epochs = 1; }");
    const struct plan *p = f->plan;
    const node_id count = net_find(f, "optimizer.step+"), weight = net_find(f, "dense1.weight+");

    assert_true(p->kernel.at[p->kernel_of[count]].phase < p->kernel.at[p->kernel_of[weight]].phase);
    assert_phases(f);
}

static void evaluation_runs_what_is_forward_and_nothing_that_updates(void **state)
{
    struct net_fixture *f = open_net(state, small, "cross_entropy(y, label)");

    for (size_t k = 0; k < f->plan->kernel.count; k++) {
        const struct plan_kernel *kernel = &f->plan->kernel.at[k];
        bool forward = false;
        for (size_t m = 0; m < kernel->fused.count; m++)
            forward = forward || !graph_node(f->graph, kernel->fused.at[m].v)->backward;
        assert_int_equal(f->plan->evaluated[k], forward);
    }
}

static void blocks_come_before_sums_over_samples_and_those_before_updates(void **state)
{
    const struct plan *p = open_net(state, "input x: 3; output y = x -> dense(2);", "mse(y, t)")->plan;

    assert_int_equal(p->kernel.at[0].kind, KERNEL_BLOCK);
    assert_int_equal(p->kernel.at[p->phase.at[1].first].kind, KERNEL_SAMPLES);
    assert_int_equal(p->kernel.at[p->phase.at[2].first].kind, KERNEL_UNIFORM);
}

static void a_kernel_that_reads_the_future_is_refused(void **state)
{
    struct net_fixture *f = open_net(state, small, "cross_entropy(y, label)");
    struct plan_kernel first = f->plan->kernel.at[0];
    char said[256] = "";
    FILE *out = fmemopen(said, sizeof said, "w");

    assert_true(plan_verify(f->plan, out));
    f->plan->kernel.at[0] = f->plan->kernel.at[1];
    f->plan->kernel.at[1] = first;
    for (size_t v = 0; v < f->graph->node.count; v++)
        if (f->plan->kernel_of[v] == 0 || f->plan->kernel_of[v] == 1)
            f->plan->kernel_of[v] = 1 - f->plan->kernel_of[v];
    assert_false(plan_verify(f->plan, out));
    fclose(out);
    assert_non_null(strstr(said, "reads a value that is computed later"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(a_small_net_runs_in_three_phases),
        net_test(phases_part_the_kernels_and_never_mix_blocks_with_others),
        net_test(updates_are_the_last_phase),
        net_test(an_update_runs_after_the_updates_that_it_reads),
        net_test(evaluation_runs_what_is_forward_and_nothing_that_updates),
        net_test(blocks_come_before_sums_over_samples_and_those_before_updates),
        net_test(a_kernel_that_reads_the_future_is_refused),
    };
    return cmocka_run_group_tests_name("phases", tests, NULL, NULL);
}
