#include "compiler/support/arena.h"
#include "tests/support/plan_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static const struct plan_kernel *called(const struct plan *p, const char *name)
{
    for (size_t i = 0; i < p->kernel.count; i++)
        if (strcmp(p->kernel.at[i].name, name) == 0)
            return &p->kernel.at[i];
    return NULL;
}

static const char *anchor_of(const struct net_fixture *f, const char *name)
{
    const struct plan_kernel *k = called(f->plan, name);

    if (!k)
        fail_msg("no kernel is called %s", name);
    return graph_node(f->graph, k->fused.at[0].v)->name;
}

static size_t count_called(const struct plan *p, const char *name)
{
    size_t count = 0;

    for (; p; p = p->evaluation)
        for (size_t i = 0; i < p->kernel.count; i++)
            count += strcmp(p->kernel.at[i].name, name) == 0;
    return count;
}

static void assert_identifiers(const struct net_fixture *f)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    for (const struct plan *p = f->plan; p; p = p->evaluation)
        for (size_t i = 0; i < p->kernel.count; i++) {
            assert_int_equal(count_called(f->plan, p->kernel.at[i].name), 1);
            assert_int_equal(strspn(p->kernel.at[i].name, allowed), strlen(p->kernel.at[i].name));
        }
}

/* Labels that are what netc would have called another layer's kernel. */
static void a_label_like_a_made_up_name_takes_no_kernel_from_anybody(void **state)
{
    static const char *const bodies[] = {
        "input x: 4; output y = x -> c1_2: dense(5) -> tanh -> c1: dense(6) -> tanh -> o: dense(3);",
        "input x: 4; output y = x -> c1: dense(5) -> tanh -> c1_2: dense(6) -> tanh -> c1_3: dense(3);",
        "input x: 4; output y = x -> c1_backward_2: dense(5) -> tanh -> c1: dense(6) -> layernorm -> c1_backward: dense(3);",
        "input x: 4; output y = x -> c_weight_gradient_2: dense(5) -> tanh -> c_weight_gradient: dense(6) -> c: dense(3);",
        "input x: 4; output y = x -> b_3: dense(4) -> b: batchnorm -> b_2: dense(5) -> b_mean: dense(3) -> b_apply: dense(3);",
        "input x: 4; output y = x -> c: dense(5) -> dropout(0.5) -> c_inference: dense(6) -> c_inference_2: dense(3);",
        "input x: 4; output y = x -> up_2: dense(5) -> up: dense(5) -> loss_mse1_backward_3: dense(3) -> loss_mse1: dense(3);",
        "input x: 4; output y = x -> c_weight_update: dense(5) -> c_bias_update: dense(5) -> c: dense(3);",
    };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_identifiers(open_net(state, bodies[i], "mse(y, t)"));
}

static void a_layer_keeps_its_own_name(void **state)
{
    struct net_fixture *f = open_net(state,
                                     "input x: 4; output y = x -> c: dense(5) -> layernorm -> c_backward: dense(5) -> tanh"
                                     " -> c_weight_gradient: dense(3);",
                                     "mse(y, t)");

    assert_string_equal(anchor_of(f, "c_backward"), "c_backward.dense");
    assert_string_equal(anchor_of(f, "c_weight_gradient"), "c_weight_gradient.dense");
    assert_string_equal(anchor_of(f, "c_weight_gradient_2"), "c.weight'");
}

static void a_batch_normalisation_is_called_after_what_it_computes(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 4; output y = x -> dense(5) -> batchnorm -> dense(3);", "mse(y, t)");

    assert_string_equal(anchor_of(f, "batchnorm1_sum"), "batchnorm1.sum");
    assert_string_equal(anchor_of(f, "batchnorm1_mean"), "batchnorm1.mean");
    assert_string_equal(anchor_of(f, "batchnorm1_squares"), "batchnorm1.squares");
    assert_string_equal(anchor_of(f, "batchnorm1_variance"), "batchnorm1.variance");
    assert_string_equal(anchor_of(f, "batchnorm1_apply"), "batchnorm1");
    assert_non_null(called(f->plan, "batchnorm1_running_mean_update"));
    assert_non_null(called(f->plan, "batchnorm1_sum_gradient"));
    assert_non_null(called(f->plan->evaluation, "batchnorm1_scale_inference"));
}

static void a_gradient_with_its_update_is_called_after_the_parameter(void **state)
{
    struct net_fixture *f = open_text(state, "net it { input x: 40; output y = x -> d: dense(32); }"
                                             "train { loss = mse(y, t); optimizer = adam(lr = 0.1); batch = 64; epochs = 1; }");

    assert_string_equal(anchor_of(f, "d_weight_gradient"), "d.weight'");
    assert_string_equal(called(f->plan, "d_weight_gradient")->subject, "d.weight");
    assert_non_null(called(f->plan, "d_weight_update"));
}

static void a_name_that_two_kernels_have_is_refused(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 4; output y = x -> a: dense(5) -> dropout(0.5) -> b: dense(3);", "mse(y, t)");
    struct plan_kernel *mine = &f->plan->kernel.at[0], *theirs = &f->plan->evaluation->kernel.at[0];
    char *said = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&said, &length);

    theirs->name = mine->name;
    assert_false(plan_verify(f->plan, out));
    fclose(out);
    assert_non_null(strstr(said, "another is called"));
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(a_label_like_a_made_up_name_takes_no_kernel_from_anybody),
        net_test(a_layer_keeps_its_own_name),
        net_test(a_batch_normalisation_is_called_after_what_it_computes),
        net_test(a_gradient_with_its_update_is_called_after_the_parameter),
        net_test(a_name_that_two_kernels_have_is_refused),
    };
    return cmocka_run_group_tests_name("kernel_names", tests, NULL, NULL);
}
