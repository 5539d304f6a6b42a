#include "compiler/graph/objective.h"
#include "compiler/support/arena.h"
#include "tests/support/plan_fixture.h"

#include <math.h>

/* One dense layer, trained by `optimizer`. */
static struct net_fixture *open_rule(void **state, const char *optimizer, const char *sections)
{
    char text[512];

    snprintf(text, sizeof text,
             "net it { input x: 5; output y = x -> dense(3); }\n"
             "train { loss = mse(y, t); optimizer = %s; batch = 20; epochs = 1; }\n%s",
             optimizer, sections);
    struct net_fixture *f = open_text(state, text);
    assert_true(net_lower(f, &invented_targets[0], stderr));
    net_allocate(f, 18);
    net_fill_parameters(f, 1);
    return f;
}

/* Its weight is regularised where the net asks for it, its bias never. */
static struct net_fixture *open_trained(void **state, const char *arguments, const char *sections)
{
    char sgd[256];

    snprintf(sgd, sizeof sgd, "sgd(%s)", arguments);
    return open_rule(state, sgd, sections);
}

struct rule {
    double lr, momentum, decay, l1, l2;
    bool nesterov;
};

/* Held against the formulas for some steps, element by element: w and m follow from the gradient that the step left. */
static void assert_rule(struct net_fixture *f, const char *name, const struct rule *r)
{
    const node_id w = net_find(f, name);
    const node_id slope = objective_gradient(f->plan->objective, w);
    const size_t count = (size_t)shape_elements(&graph_node(f->graph, w)->shape);
    double *weight = arena_array(f->arena, double, count), *moving = arena_array(f->arena, double, count);

    memcpy(weight, net_elements(f, w), count * sizeof *weight);
    for (int step = 0; step < 3; step++) {
        net_fill_inputs(f, 1, step);
        net_train(f);
        for (size_t i = 0; i < count; i++) {
            const double sign = weight[i] > 0 ? 1 : weight[i] < 0 ? -1 : 0;
            const double g = net_elements(f, slope)[i] + r->l1 * sign + 2 * r->l2 * weight[i] + r->decay * weight[i];
            moving[i] = r->momentum * moving[i] + g;
            weight[i] -= r->lr * (r->nesterov ? g + r->momentum * moving[i] : moving[i]);
            if (!(fabs(net_elements(f, w)[i] - weight[i]) <= 1e-14))
                fail_msg("%s[%zu] after step %d: %.17g, not %.17g", name, i, step, net_elements(f, w)[i], weight[i]);
        }
    }
}

static void plain_descent(void **state)
{
    struct net_fixture *f = open_trained(state, "lr = 0.1", "");

    assert_rule(f, "dense1.weight", &(struct rule){.lr = 0.1});
    assert_int_equal(net_find(f, "dense1.weight.momentum"), NO_NODE);
}

static void momentum_gathers_gradients(void **state)
{
    assert_rule(open_trained(state, "lr = 0.1, momentum = 0.9", ""), "dense1.bias", &(struct rule){.lr = 0.1, .momentum = 0.9});
}

static void nesterov_looks_ahead(void **state)
{
    assert_rule(open_trained(state, "lr = 0.1, momentum = 0.9, nesterov = true", ""), "dense1.weight",
                &(struct rule){.lr = 0.1, .momentum = 0.9, .nesterov = true});
}

static void weight_decay_counts_for_every_parameter(void **state)
{
    const struct rule rule = {.lr = 0.1, .momentum = 0.5, .decay = 0.2};

    assert_rule(open_trained(state, "lr = 0.1, momentum = 0.5, weight_decay = 0.2", ""), "dense1.weight", &rule);
    assert_rule(open_trained(state, "lr = 0.1, momentum = 0.5, weight_decay = 0.2", ""), "dense1.bias", &rule);
}

static void penalties_count_for_weights_only(void **state)
{
    const char *sections = "regularize { l1(0.03); l2(0.2); }";

    assert_rule(open_trained(state, "lr = 0.1", sections), "dense1.weight", &(struct rule){.lr = 0.1, .l1 = 0.03, .l2 = 0.2});
    assert_rule(open_trained(state, "lr = 0.1", sections), "dense1.bias", &(struct rule){.lr = 0.1});
}

static void a_pattern_chooses_other_parameters(void **state)
{
    const char *sections = "regularize { l2(0.2, on = \"*.bias\"); }";

    assert_rule(open_trained(state, "lr = 0.1", sections), "dense1.bias", &(struct rule){.lr = 0.1, .l2 = 0.2});
    assert_rule(open_trained(state, "lr = 0.1", sections), "dense1.weight", &(struct rule){.lr = 0.1});
}

static void all_of_it_together(void **state)
{
    const struct rule rule = {.lr = 0.05, .momentum = 0.8, .decay = 0.1, .l1 = 0.01, .l2 = 0.02, .nesterov = true};

    assert_rule(open_trained(state, "lr = 0.05, momentum = 0.8, weight_decay = 0.1, nesterov = true",
                             "regularize { elastic(0.01, 0.02); }"),
                "dense1.weight", &rule);
}

static void settings_are_read_at_run_time(void **state)
{
    struct net_fixture *f = open_trained(state, "lr = 0.1, momentum = 0.9", "");

    f->setting[net_setting(f, "train.optimizer.lr")] = 0.25;
    f->setting[net_setting(f, "train.optimizer.momentum")] = 0.5;
    assert_rule(f, "dense1.weight", &(struct rule){.lr = 0.25, .momentum = 0.5});
}

static void dead_lanes_count_for_nothing(void **state)
{
    struct net_fixture *f = open_trained(state, "lr = 0.1", "");
    const node_id gradient = objective_gradient(f->plan->objective, net_find(f, "dense1.weight"));
    double first[15];

    net_fill_inputs(f, 1, 0);
    net_train(f);
    memcpy(first, net_elements(f, gradient), sizeof first);
    net_fill_parameters(f, 1);
    /* Another number in lane 2 of block 1, whose samples are 16 and 17, for each of the five elements. */
    for (int e = 0; e < 5; e++)
        f->input[graph_node(f->graph, net_find(f, "x"))->number][(5 + e) * LANES + 2] = 1e6;
    net_train(f);
    assert_memory_equal(first, net_elements(f, gradient), sizeof first);
}

/* ---- Other rules, held against their formulas -------------------------------------------------------------------------- */

/* One element in a rule: its gradient g, what the rule keeps of it, and the step's number from 1. Returns what w loses. */
typedef double rule_formula(double g, double kept[3], int step);

static void assert_formula(struct net_fixture *f, rule_formula *formula)
{
    const node_id w = net_find(f, "dense1.weight");
    const node_id slope = objective_gradient(f->plan->objective, w);
    double weight[15], kept[15][3] = {{0}};

    memcpy(weight, net_elements(f, w), sizeof weight);
    for (int step = 1; step <= 4; step++) {
        net_fill_inputs(f, 1, step);
        net_train(f);
        for (int i = 0; i < 15; i++) {
            weight[i] -= formula(net_elements(f, slope)[i], kept[i], step);
            if (!(fabs(net_elements(f, w)[i] - weight[i]) <= 1e-13))
                fail_msg("[%d] after step %d: %.17g, not %.17g", i, step, net_elements(f, w)[i], weight[i]);
        }
    }
}

static double adam(double g, double kept[3], int step)
{
    kept[0] = 0.8 * kept[0] + 0.2 * g;
    kept[1] = 0.9 * kept[1] + 0.1 * g * g;
    kept[2] = fmax(kept[2], kept[1]);
    return 0.01 * kept[0] / (1 - pow(0.8, step)) / (sqrt(kept[2] / (1 - pow(0.9, step))) + 1e-3);
}

static void adam_corrects_the_bias_of_its_means(void **state)
{
    assert_formula(open_rule(state, "adam(lr = 0.01, betas = [0.8, 0.9], eps = 1e-3, amsgrad = true)", ""), adam);
}

static double rmsprop(double g, double kept[3], int step)
{
    (void)step;
    kept[0] = 0.9 * kept[0] + 0.1 * g * g;
    kept[1] = 0.9 * kept[1] + 0.1 * g;
    kept[2] = 0.5 * kept[2] + g / (sqrt(kept[0] - kept[1] * kept[1]) + 1e-2);
    return 0.01 * kept[2];
}

static void rmsprop_divides_by_the_spread_of_gradients(void **state)
{
    assert_formula(open_rule(state, "rmsprop(alpha = 0.9, eps = 1e-2, momentum = 0.5, centered = true)", ""), rmsprop);
}

static double adagrad(double g, double kept[3], int step)
{
    kept[0] += g * g;
    return 0.1 / (1 + 0.5 * (step - 1)) * g / (sqrt(0.25 + kept[0]) + 1e-10);
}

static void adagrad_slows_down(void **state)
{
    assert_formula(open_rule(state, "adagrad(lr = 0.1, lr_decay = 0.5, initial_accumulator_value = 0.25)", ""), adagrad);
}

static double bounded(double g, double kept[3], int step)
{
    (void)kept, (void)step;
    return 0.1 * fmin(fmax(g, -0.05), 0.05);
}

static void gradients_are_clipped_element_by_element(void **state)
{
    assert_formula(open_rule(state, "sgd(lr = 0.1)", "regularize { clip(value = 0.05); }"), bounded);
}

/* The norm is that of all gradients, bias and weight. */
static void gradients_are_clipped_by_their_norm(void **state)
{
    const double limits[] = {0.01, 1000};

    for (int k = 0; k < 2; k++) {
        struct net_fixture *f = open_rule(state, "sgd(lr = 0.1)", "regularize { clip(norm = 1); }");
        const node_id w = net_find(f, "dense1.weight"), b = net_find(f, "dense1.bias");
        double before[15], squares = 0;

        f->setting[net_setting(f, "regularize.clip.norm")] = limits[k];
        memcpy(before, net_elements(f, w), sizeof before);
        net_fill_inputs(f, 1, 1);
        net_train(f);
        const double *slope = net_elements(f, objective_gradient(f->plan->objective, w));
        for (int i = 0; i < 15; i++)
            squares += slope[i] * slope[i];
        for (int i = 0; i < 3; i++)
            squares += pow(net_elements(f, objective_gradient(f->plan->objective, b))[i], 2);
        const double scale = fmin(1, limits[k] / (sqrt(squares) + 1e-6));
        for (int i = 0; i < 15; i++)
            assert_true(fabs(net_elements(f, w)[i] - (before[i] - 0.1 * scale * slope[i])) <= 1e-14);
    }
}

/* Penalties, clipping, decay and all that a rule keeps, in one nest. */
static void every_rule_takes_everything_at_once(void **state)
{
    static const char *const rules[] = {
        "sgd(lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.1)",
        "adam(weight_decay = 0.1, amsgrad = true)",
        "adamw(weight_decay = 0.1, amsgrad = true)",
        "rmsprop(weight_decay = 0.1, centered = true)",
        "rmsprop(weight_decay = 0.1, centered = true, momentum = 0.5)",
        "adagrad(lr_decay = 0.1, weight_decay = 0.1, initial_accumulator_value = 0.1)",
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        for (int by_value = 0; by_value < 2; by_value++) {
            struct net_fixture *f = open_rule(state, rules[i],
                                              by_value ? "regularize { l1(0.1); l2(0.1); clip(value = 1); }"
                                                       : "regularize { l1(0.1); l2(0.1); clip(norm = 1); }");
            net_fill_inputs(f, 1, 0);
            net_train(f);
            assert_true(isfinite(net_elements(f, net_find(f, "dense1.weight"))[0]));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(plain_descent),
        net_test(momentum_gathers_gradients),
        net_test(nesterov_looks_ahead),
        net_test(weight_decay_counts_for_every_parameter),
        net_test(penalties_count_for_weights_only),
        net_test(a_pattern_chooses_other_parameters),
        net_test(all_of_it_together),
        net_test(settings_are_read_at_run_time),
        net_test(dead_lanes_count_for_nothing),
        net_test(adam_corrects_the_bias_of_its_means),
        net_test(rmsprop_divides_by_the_spread_of_gradients),
        net_test(adagrad_slows_down),
        net_test(gradients_are_clipped_element_by_element),
        net_test(gradients_are_clipped_by_their_norm),
        net_test(every_rule_takes_everything_at_once),
    };
    return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
