#include "tests/support/plan_fixture.h"

#include <stdlib.h>

/* Lowers a net for every target in either precision: loop_verify holds every access against its buffer. */
static void assert_lowers(void **state, const char *body, const char *loss)
{
    struct net_fixture *f = open_net(state, body, loss);

    for (int t = 0; t < INVENTED_TARGETS; t++)
        if (!net_lower(f, &invented_targets[t], stderr))
            fail_msg("%s for vectors of %d bytes", body, invented_targets[t].vector_bytes);
}

static void windows_of_every_size_stay_within_their_buffers(void **state)
{
    static const char *const forms[] = {"conv(3, %dx%d, stride = %dx%d, padding = %d)",
                                        "maxpool(%dx%d, stride = %dx%d, padding = %d, ceil = true)",
                                        "avgpool(%dx%d, stride = %dx%d, padding = %d, ceil = true)"};
    char body[256], stage[128];

    for (int form = 0; form < 3; form++)
        for (int kernel = 1; kernel <= 4; kernel++)
            for (int stride = 1; stride <= 3; stride++)
                for (int padding = 0; padding <= kernel / 2 && (form == 0 || 2 * padding <= kernel); padding++)
                    for (int size = kernel; size <= kernel + 4; size += 2) {
                        snprintf(stage, sizeof stage, forms[form], kernel, 1 + kernel / 2, stride, 1 + stride / 2,
                                 form == 0    ? padding
                                 : kernel > 1 ? padding / 2
                                              : 0);
                        snprintf(body, sizeof body, "input x: 2x%dx%d; output y = x -> conv(2, 1x1) -> %s -> tanh;", size, size + 1,
                                 stage);
                        assert_lowers(state, body, "mse(y, t)");
                    }
}

static void dense_layers_of_every_remainder_stay_within_their_buffers(void **state)
{
    char body[128];

    for (int in = 1; in <= 35; in += in < 18 ? 1 : 5)
        for (int units = 1; units <= 19; units += 3) {
            snprintf(body, sizeof body, "input x: %d; output y = x -> dense(%d) -> relu -> dense(%d);", in, units, in);
            assert_lowers(state, body, "mse(y, t)");
        }
}

static void channels_of_every_remainder_stay_within_their_buffers(void **state)
{
    char body[128];

    for (int channels = 1; channels <= 33; channels += channels < 18 ? 1 : 5) {
        snprintf(body, sizeof body, "input x: 3x5x4; output y = x -> conv(%d, 3x3, padding = 1) -> tanh -> conv(%d, 2x2);",
                 channels, channels + 1);
        assert_lowers(state, body, "mse(y, t)");
    }
}

static void a_target_decides_how_many_lanes_a_vector_has(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 4; output y = x -> dense(3);", "mse(y, t)");
    static const int lanes[INVENTED_TARGETS] = {4, 8, 16};

    for (int t = 0; t < INVENTED_TARGETS; t++) {
        assert_true(net_lower(f, &invented_targets[t], stderr));
        assert_int_equal(f->module->vector_lanes, lanes[t]);
        assert_int_equal(loop_type_bytes(f->module->real), 4);
    }
}

/* The loops of a kernel as text; freed by the caller. */
static char *loops_for(struct net_fixture *f, const struct target *target, const char *kernel)
{
    char *text = NULL;
    size_t length;

    assert_true(net_lower(f, target, stderr));
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    loop_print(f->module, kernel, out);
    fclose(out);
    return text;
}

static void the_cache_decides_how_many_rows_of_weights_a_tile_reads(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 2048; output y = x -> d: dense(64, bias = false);", "mse(y, t)");
    struct target small = invented_targets[1], large = invented_targets[1];

    small.l1 = (struct cache){4 << 10, 4};
    large.l1 = (struct cache){32 << 10, 8};
    char *few = loops_for(f, &small, "d"), *many = loops_for(f, &large, "d"), *again = loops_for(f, &large, "d");
    assert_string_not_equal(few, many);
    assert_string_equal(many, again);
    assert_null(strstr(few, "weight_u2"));    /* two ways, of rows that are all in the same set */
    assert_non_null(strstr(many, "weight_u5"));
    assert_null(strstr(many, "weight_u6"));
    free(few);
    free(many);
    free(again);
}

static void there_is_a_loop_kernel_for_each_planned_one_in_the_same_phases(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 1x8x8; output y = x -> conv(3, 3x3) -> relu -> flatten -> dense(4);", "cross_entropy(y, label)");

    assert_true(net_lower(f, &invented_targets[2], stderr));
    assert_int_equal(f->module->kernel.count, f->plan->kernel.count);
    for (size_t k = 0; k < f->plan->kernel.count; k++)
        assert_string_equal(f->module->kernel.at[k]->name, f->plan->kernel.at[k].name);
    assert_int_equal(loop_find_program(f->module, "train")->phase.count, f->plan->phase.count);
    assert_int_equal(loop_find_program(f->module, "train")->checked, f->plan->checked);
    assert_int_equal(f->module->uniform_bytes, f->plan->uniform_bytes);
    assert_int_equal(f->module->block_bytes, f->plan->block_bytes);
    assert_int_equal(f->module->batch, 20);
}

static void useful_products_are_counted_without_those_on_padding(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 2x4x4; output y = x -> c: conv(3, 3x3, padding = 1) -> d: conv(1, 4x4);", "mse(y, t)");
    double c = 0, d = 0;

    assert_true(net_lower(f, &invented_targets[2], stderr));
    for (size_t k = 0; k < f->module->kernel.count; k++) {
        c += strcmp(f->module->kernel.at[k]->name, "c") == 0 ? f->module->kernel.at[k]->multiply_adds : 0;
        d += strcmp(f->module->kernel.at[k]->name, "d") == 0 ? f->module->kernel.at[k]->multiply_adds : 0;
    }
    assert_true(c == 3 * 2 * 10 * 10);    /* along an axis of 4: 2 + 3 + 3 + 2 taps inside */
    assert_true(d == 3 * 4 * 4);
}

static void evaluation_leaves_parameters_alone_and_finds_the_same_loss(void **state)
{
    struct net_fixture *f =
        open_lowered(state, "input x: 5; output y = x -> dense(7) -> tanh -> dense(3);", "cross_entropy(y, label)", 19);
    const double before = net_elements(f, net_find(f, "dense1.weight"))[0];
    const double evaluated = net_loss(f);

    assert_true(net_elements(f, net_find(f, "dense1.weight"))[0] == before);
    net_train(f);
    assert_true(net_mean_loss(f) == evaluated);
    assert_true(net_elements(f, net_find(f, "dense1.weight"))[0] != before);
}

static void training_lowers_the_loss(void **state)
{
    struct net_fixture *f =
        open_lowered(state, "input x: 6; output y = x -> dense(8) -> relu -> dense(3);", "cross_entropy(y, label)", 20);
    const double first = net_loss(f);

    for (int step = 0; step < 100; step++)
        net_train(f);
    assert_true(net_loss(f) < first / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(windows_of_every_size_stay_within_their_buffers),
        net_test(dense_layers_of_every_remainder_stay_within_their_buffers),
        net_test(channels_of_every_remainder_stay_within_their_buffers),
        net_test(a_target_decides_how_many_lanes_a_vector_has),
        net_test(the_cache_decides_how_many_rows_of_weights_a_tile_reads),
        net_test(there_is_a_loop_kernel_for_each_planned_one_in_the_same_phases),
        net_test(useful_products_are_counted_without_those_on_padding),
        net_test(evaluation_leaves_parameters_alone_and_finds_the_same_loss),
        net_test(training_lowers_the_loss),
    };
    return cmocka_run_group_tests_name("lowering", tests, NULL, NULL);
}
