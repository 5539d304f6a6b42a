#include "tests/support/plan_fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* net_lower holds the loops against the graph. */
static void assert_adds_up(void **state, const char *body)
{
    struct net_fixture *f = open_net(state, body, "mse(y, t)");

    for (int t = 0; t < INVENTED_TARGETS; t++)
        if (!net_lower(f, &invented_targets[t], stderr))
            fail_msg("%s", body);
}

static void long_sums_are_nested_in_loops_as_in_the_graph(void **state)
{
    assert_adds_up(state, "input x: 2x40x37; output y = x -> conv(3, 1x1) -> global_avgpool;");
    assert_adds_up(state, "input x: 128x4x5; output y = x -> conv(6, 3x3, padding = 1) -> tanh -> conv(2, 1x1);");
    assert_adds_up(state, "input x: 2x3x700; output y = x -> conv(9, 3x3, padding = 1) -> tanh -> conv(2, 1x1) -> global_avgpool;");
    assert_adds_up(state, "input x: 1300; output y = x -> layernorm -> dense(7) -> tanh -> dense(1300) -> softmax;");
}

/* A batch of more blocks than a partial sum takes, whose last group is not full. */
static void blocks_are_grouped(void **state)
{
    struct net_fixture *f = open_text(state, "net it { input x: 3; output y = x -> dense(9) -> tanh -> dense(2); }\n"
                                             "train { loss = mse(y, t); batch = 2100; optimizer = sgd(lr = 0.5); }");

    assert_true(net_lower(f, &invented_targets[1], stderr));
    net_allocate(f, 2100);
    net_fill_parameters(f, 1);
    net_fill_inputs(f, 1, 0);
    const double before = net_loss(f);
    net_train(f);
    assert_true(net_loss(f) < before);
}

static double *weights_after_a_step(struct net_fixture *f, const char *name)
{
    const node_id w = net_find(f, name);

    net_allocate(f, 20);
    net_fill_parameters(f, 1);
    net_fill_inputs(f, 1, 0);
    net_train(f);
    return net_elements(f, w);
}

static void fusion_changes_no_bit(void **state)
{
    struct net_fixture *f = open_net(state,
                                     "input x: 2x8x8; output y = x -> c: conv(3, 3x3) -> tanh -> avgpool(2x2) -> lppool(3x3)\n"
                                     "    -> flatten -> d: dense(4) -> softmax;",
                                     "mse(y, t)");

    assert_true(net_lower(f, &invented_targets[1], stderr));
    const size_t kernels = f->module->kernel.count;
    const double *fused = weights_after_a_step(f, "c.weight");
    const struct plan_options options = {.precision = sizeof(float), .batch = f->program.batch, .unfused = true};
    f->plan = pass_plan(f->graph, &options, f->arena);
    assert_true(plan_verify(f->plan, stderr));
    assert_true(net_lower(f, &invented_targets[1], stderr));
    assert_true(f->module->kernel.count > kernels);
    assert_memory_equal(fused, weights_after_a_step(f, "c.weight"), 3 * 2 * 9 * sizeof *fused);
}

/* The graph's own nest, so that a test can break it. */
static struct nest *nest_of(const struct net_fixture *f, const char *name)
{
    return (struct nest *)(uintptr_t)graph_node(f->graph, net_find(f, name))->nest;
}

static void assert_refused(const struct net_fixture *f, const char *wanted)
{
    char *said = NULL;
    size_t length;
    FILE *out = open_memstream(&said, &length);

    assert_false(lower_verify(f->plan, f->module, out));
    fclose(out);
    assert_string_equal(said, wanted);
    free(said);
}

static void loops_that_add_up_otherwise_are_refused(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 300; output y = x -> d: dense(5) -> s: softmax;", "mse(y, t)");

    assert_true(net_lower(f, &invented_targets[1], stderr));
    nest_of(f, "d.dense")->sum.form = SUM_ADD;
    assert_refused(f, "kernel d: sum_u0 is added to in another way than the graph says: 300 products\n");
    nest_of(f, "d.dense")->sum.form = SUM_FMA;
    nest_of(f, "d.dense")->sum.partial_count = 1;
    nest_of(f, "d.dense")->sum.partial[0] = (struct partial){nest_of(f, "d.dense")->free_count, 100};
    assert_refused(f, "kernel d: sum_u0 is added to in another way than the graph says: 300 products\n");
    nest_of(f, "d.dense")->sum.partial_count = 0;
    for (size_t k = 0; k < f->module->kernel.count; k++)
        if (strcmp(f->module->kernel.at[k]->name, "d") == 0)
            f->module->kernel.at[k]->body = loop_list_block(f->module, (struct loop_list){0});
    assert_refused(f, "kernel d: no accumulator takes all terms of d.dense\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(long_sums_are_nested_in_loops_as_in_the_graph),
        net_test(blocks_are_grouped),
        net_test(fusion_changes_no_bit),
        net_test(loops_that_add_up_otherwise_are_refused),
    };
    return cmocka_run_group_tests_name("sums", tests, NULL, NULL);
}
