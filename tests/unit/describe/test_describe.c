#include "compiler/describe/describe.h"
#include "compiler/graph/objective.h"
#include "tests/support/plan_fixture.h"

#include <jansson.h>
#include <stdlib.h>

static const char net[] =
    "net it { input picture: 1x28x28; output scores = picture -> c: conv(2, 25x25) -> flatten -> dense(10); }\n"
    "data { train = digits(100, seed = 3) -> take(50); prepare = scale(0.5) -> normalize(mean = 1, std = 2); }\n"
    "regularize { l2(0.25); }\n"
    "train { loss = cross_entropy(scores, label); metrics = [accuracy, top(2), confusion];"
    " optimizer = sgd(lr = 0.5, momentum = 0.75); batch = 20; epochs = 7; seed = 9; }\n";

/* A member by its path: names and numbers between dots. */
static const json_t *member(const json_t *o, const char *path)
{
    char name[64];

    while (*path) {
        const size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        o = json_is_array(o) ? json_array_get(o, (size_t)strtoul(name, NULL, 10)) : json_object_get(o, name);
        if (!o)
            fail_msg("there is no %s in %s", name, path);
        path += length + (path[length] == '.');
    }
    return o;
}

static json_t *described(void **state, const char *text)
{
    struct net_fixture *f = open_text(state, text);
    json_error_t error;
    json_t *o = json_loads(plan_describe(f->plan, &f->program, "c", "gcc", "native", f->arena), 0, &error);

    if (!o)
        fail_msg("%s", error.text);
    return o;
}

static void assert_text(const json_t *o, const char *path, const char *wanted)
{
    assert_string_equal(json_string_value(member(o, path)), wanted);
}

static void assert_number(const json_t *o, const char *path, double wanted)
{
    assert_true(json_is_number(member(o, path)));
    if (json_number_value(member(o, path)) != wanted)
        fail_msg("%s is %.17g, not %.17g", path, json_number_value(member(o, path)), wanted);
}

static void a_description_says_what_was_compiled_and_how(void **state)
{
    json_t *o = described(state, net);

    assert_text(o, "net", "it");
    assert_text(o, "source", "test.net");
    assert_text(o, "backend", "c");
    assert_text(o, "compiler", "gcc");
    assert_text(o, "march", "native");
    assert_text(o, "precision", "f32");
    assert_int_equal(strlen(json_string_value(member(o, "hash"))), 64);
    assert_number(o, "batch", 20);
    assert_number(o, "parameters_total", 2 * 625 + 2 + 10 * 32 + 10);
    assert_number(o, "multiply_adds", 2 * 625 * 16 + 10 * 32);
    json_decref(o);
}

static void weights_without_a_connection_are_no_parameters(void **state)
{
    json_t *o = described(state, "net it { input x: 3x4; output y = x -> conv(3, 2, connections = [[0], [2, 1], [0, 2]]); }\n"
                                 "train { loss = mse(y, t); optimizer = sgd(lr = 0.1); batch = 20; epochs = 3; }");

    assert_number(o, "layers.0.parameters", 5 * 2 + 3);
    assert_number(o, "parameters_total", 5 * 2 + 3);
    json_decref(o);
}

static void inputs_outputs_and_metrics_name_each_other(void **state)
{
    json_t *o = described(state, net);

    assert_int_equal(json_array_size(member(o, "inputs")), 3);
    assert_text(o, "inputs.0.name", "picture");
    assert_text(o, "inputs.0.kind", "real");
    assert_true(json_is_true(member(o, "inputs.0.main")));
    assert_int_equal(json_array_size(member(o, "inputs.0.shape")), 3);
    assert_text(o, "inputs.1.name", "label");
    assert_text(o, "inputs.1.kind", "class");
    assert_number(o, "inputs.1.classes", 10);
    assert_text(o, "inputs.2.name", "netrt.weight");
    assert_text(o, "inputs.2.kind", "weight");
    assert_text(o, "outputs.0.name", "scores");
    assert_text(o, "metrics.0.kind", "accuracy");
    assert_number(o, "metrics.0.target", 1);
    assert_text(o, "metrics.1.name", "top2");
    assert_number(o, "metrics.1.k", 2);
    assert_text(o, "metrics.2.kind", "confusion");
    assert_number(o, "metrics.2.prediction.offset", json_number_value(member(o, "outputs.0.offset")));
    json_decref(o);
}

/* The kind and the place of the scores of a net with this train section; NULL: it has none. */
static void assert_scores(void **state, const char *body, const char *loss, const char *kind, const char *like)
{
    char text[1024];

    snprintf(text, sizeof text, "net it { input image: 4; %s }\ntrain { %s; optimizer = sgd(lr = 0.1); batch = 2; epochs = 1; }",
             body, loss);
    json_t *o = described(state, text);
    if (!kind) {
        assert_null(json_object_get(o, "scores"));
    } else {
        assert_text(o, "scores.kind", kind);
        assert_number(o, "scores.offset", json_number_value(member(o, like)));
    }
    json_decref(o);
}

static void the_loss_says_what_its_argument_is(void **state)
{
    static const char z[] = "output z = image -> dense(3);", p[] = "output z = image -> dense(3) -> softmax;";
    static const char both[] = "output side = image -> dense(3); output z = image -> dense(3);";
    static const char yes[] = "output z = image -> dense(1);", first[] = "outputs.0.offset", second[] = "outputs.1.offset";

    assert_scores(state, z, "loss = cross_entropy(z, label)", "logits", first);
    assert_scores(state, z, "loss = hinge(z, label)", "scores", first);
    assert_scores(state, p, "loss = categorical_cross_entropy(z, label)", "probabilities", first);
    assert_scores(state, z, "loss = categorical_cross_entropy(z, label)", "probabilities", first);
    assert_scores(state, yes, "loss = binary_cross_entropy_with_logits(z, t)", "binary_logits", first);
    assert_scores(state, yes, "loss = binary_cross_entropy(z, t)", "binary_probabilities", first);
    assert_scores(state, z, "loss = mse(z, t)", NULL, NULL);
    /* Where the argument itself is not kept, an output made of it answers; where none is, nothing does. */
    assert_scores(state, "z = image -> dense(3); output q = z -> softmax;", "loss = cross_entropy(z, label)", "probabilities",
                  first);
    assert_scores(state, "z = image -> dense(1); output q = z -> sigmoid;", "loss = binary_cross_entropy_with_logits(z, t)",
                  "binary_probabilities", first);
    assert_scores(state, "z = image -> dense(3); output q = z -> relu;", "loss = cross_entropy(z, label)", NULL, NULL);
    /* The first term answers, unless a metric on classes looks elsewhere. */
    assert_scores(state, both, "loss = cross_entropy(z, label) + hinge(side, label)", "logits", second);
    assert_scores(state, both, "loss = cross_entropy(z, label) + hinge(side, label); metrics = [accuracy(side, label)]", "scores",
                  first);
}

static bool is_needed(void **state, const char *body, const char *loss)
{
    char text[1024];

    snprintf(text, sizeof text,
             "net it { input image: 4; input label: int 1; e = label -> embedding(3, 4) -> flatten; %s }\n"
             "train { loss = %s; optimizer = sgd(lr = 0.1); batch = 2; epochs = 1; }",
             body, loss);
    json_t *o = described(state, text);
    assert_true(json_is_true(member(o, "inputs.0.needed")));
    assert_text(o, "inputs.1.name", "label");
    const bool needed = json_is_true(json_object_get(member(o, "inputs.1"), "needed"));
    json_decref(o);
    return needed;
}

static void inputs_that_the_results_depend_on_are_needed(void **state)
{
    assert_true(is_needed(state, "output y = image + e;", "mse(y, image)"));
    assert_true(is_needed(state, "h = image + e; output y = h -> dropout(0.5);", "mse(y, image)"));
    assert_true(is_needed(state, "output y = image -> dense(4); output side = e;", "mse(y, image)"));
    assert_false(is_needed(state, "output y = image -> dense(4);", "mse(y, e)"));
    assert_false(is_needed(state, "output y = image -> dense(3);", "cross_entropy(y, label) + 0 * mse(e, image)"));
}

static void what_random_numbers_are_drawn_from_is_the_runs_own(void **state)
{
    json_t *o = described(state, "net it { input x: 3; output y = x -> dropout(0.5); }\n"
                                 "train { loss = mse(y, t); optimizer = sgd(lr = 0.1); batch = 20; epochs = 3; }");

    assert_text(o, "inputs.1.name", "netrt.index");
    assert_text(o, "inputs.1.kind", "index");
    assert_number(o, "inputs.1.shape.0", 2);
    assert_text(o, "settings.3.kind", "seed");
    assert_number(o, "settings.3.half", 3);
    assert_text(o, "settings.4.kind", "epoch");
    assert_number(o, "settings.4.half", 0);
    assert_text(o, "settings.6.name", "train.optimizer.lr");
    assert_null(json_object_get(member(o, "settings.6"), "kind"));
    json_decref(o);
}

static void parameters_lie_where_the_plan_puts_them(void **state)
{
    json_t *o = described(state, net);
    const struct net_fixture *f = *state;
    const struct plan_place *place = f->plan->place;
    const node_id w = net_find(f, "c.weight");

    assert_text(o, "parameters.0.name", "c.weight");
    assert_number(o, "parameters.0.offset", (double)place[w].offset);
    assert_number(o, "parameters.0.gradient", (double)place[objective_gradient(f->plan->objective, w)].offset);
    assert_true(json_is_true(member(o, "parameters.0.trainable")));
    assert_number(o, "parameters.0.init.fan_in", 625);
    assert_text(o, "parameters.1.init.kind", "zeros");
    assert_true(json_is_null(member(o, "parameters.0.l1")));
    const json_t *lambda = json_array_get(member(o, "settings"), (size_t)json_integer_value(member(o, "parameters.0.l2")));
    assert_text(lambda, "name", "regularize.l2");
    assert_number(lambda, "value", 0.25);
    assert_true(json_is_null(member(o, "parameters.1.l2")));
    assert_text(o, "states.0.name", "c.weight.momentum");
    assert_number(o, "states.0.offset", (double)place[net_find(f, "c.weight.momentum")].offset);
    assert_number(o, "memory.uniform", (double)f->plan->uniform_bytes);
    assert_number(o, "memory.block", (double)f->plan->block_bytes);
    assert_number(o, "loss.offset", (double)place[view_root(f->graph, f->plan->objective->loss)].offset);
    json_decref(o);
}

static void settings_stand_in_the_order_of_their_numbers(void **state)
{
    json_t *o = described(state, net);
    const struct graph *g = ((struct net_fixture *)*state)->graph;

    assert_int_equal(json_array_size(member(o, "settings")), g->setting.count);
    for (size_t i = 0; i < g->setting.count; i++) {
        const json_t *s = json_array_get(member(o, "settings"), i);
        assert_string_equal(json_string_value(json_object_get(s, "name")), g->setting.at[i].name);
        assert_true(json_number_value(json_object_get(s, "value")) == g->setting.at[i].initial);
    }
    json_decref(o);
}

static void data_and_training_are_carried_over(void **state)
{
    json_t *o = described(state, net);

    assert_text(o, "data.train.0.kind", "digits");
    assert_number(o, "data.train.0.count", 100);
    assert_number(o, "data.train.0.seed", 3);
    assert_text(o, "data.train.1.kind", "take");
    assert_number(o, "data.train.1.count", 50);
    assert_text(o, "data.prepare.0.kind", "scale");
    assert_number(o, "data.prepare.0.factor", 0.5);
    assert_number(o, "data.prepare.1.mean.0", 1);
    assert_number(o, "data.prepare.1.std.0", 2);
    assert_number(o, "train.epochs", 7);
    assert_number(o, "train.seed", 9);
    json_decref(o);
}

static void layers_have_their_costs_and_receptive_fields(void **state)
{
    json_t *o = described(state, net);

    assert_text(o, "layers.0.name", "c");
    assert_text(o, "layers.0.operator", "conv");
    assert_number(o, "layers.0.parameters", 1252);
    assert_number(o, "layers.0.multiply_adds", 20000);
    assert_number(o, "layers.0.receptive_field.0", 25);
    assert_number(o, "layers.0.output.1", 4);
    json_decref(o);
}

static void parts_of_a_loss_are_described(void **state)
{
    json_t *o =
        described(state, "net it { input x: 5; output y = x -> dense(3); output z = x -> dense(2); }\n"
                         "train { loss = cross_entropy(y, label, ignore = 7) - 2 * mse(z, t) / 4 + 0.5; optimizer = sgd(lr = 1); "
                         "batch = 20; }\n");

    assert_int_equal(json_integer_value(member(o, "inputs.1.ignored")), 7);
    assert_true(json_real_value(member(o, "loss.parts.0.factor")) == 1);
    assert_true(json_is_integer(member(o, "loss.parts.0.sum")));
    assert_true(json_is_integer(member(o, "loss.parts.0.count")));
    assert_true(json_real_value(member(o, "loss.parts.1.factor")) == -0.5);
    assert_true(json_is_integer(member(o, "loss.parts.1.sum")));
    assert_null(json_object_get(member(o, "loss.parts.1"), "count"));
    assert_true(json_real_value(member(o, "loss.parts.2.factor")) == 0.5);
    assert_null(json_object_get(member(o, "loss.parts.2"), "sum"));
    json_decref(o);
}

static void a_loss_of_means_has_no_parts(void **state)
{
    json_t *o = described(state, net);

    assert_null(json_object_get(member(o, "loss"), "parts"));
    assert_null(json_object_get(member(o, "inputs.1"), "ignored"));
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(parts_of_a_loss_are_described),
        net_test(a_loss_of_means_has_no_parts),
        net_test(a_description_says_what_was_compiled_and_how),
        net_test(inputs_outputs_and_metrics_name_each_other),
        net_test(what_random_numbers_are_drawn_from_is_the_runs_own),
        net_test(parameters_lie_where_the_plan_puts_them),
        net_test(settings_stand_in_the_order_of_their_numbers),
        net_test(data_and_training_are_carried_over),
        net_test(the_loss_says_what_its_argument_is),
        net_test(inputs_that_the_results_depend_on_are_needed),
        net_test(layers_have_their_costs_and_receptive_fields),
        net_test(weights_without_a_connection_are_no_parameters),
    };
    return cmocka_run_group_tests_name("describe", tests, NULL, NULL);
}
