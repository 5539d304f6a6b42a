#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NET "net t { input image: 1x28x28; output logits = image -> flatten -> h: dense(8) -> relu -> dense(10); }\n"
#define TRAIN(LOSS, METRICS) \
    "train { loss = " LOSS "; metrics = " METRICS "; optimizer = sgd(lr = 0.1, momentum = 0.9); batch = 32; epochs = 3; }\n"

static void a_data_section_becomes_steps(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input image: 3x28x28; output logits = image -> flatten -> dense(10); }\n"
                        "const dir = \"mnist/\";\n"
                        "data { train = idx(dir + \"i\", dir + \"l\") -> take(100) -> split(0.25, part = rest) -> "
                        "shuffle(7) -> filter(classes = [1, 3]);\n"
                        "val = idx(\"v\", \"w\"); prepare = pad(1x2, value = -1) -> scale(1/255) -> "
                        "normalize(mean = 0.5, std = [1, 2, 3]); }");

    assert_non_null(p);
    const struct data_step *s = p->data->train;
    assert_int_equal(s->kind, DATA_IDX);
    assert_string_equal(s->images, "mnist/i");
    assert_string_equal(s->labels, "mnist/l");
    assert_int_equal(s->next->kind, DATA_TAKE);
    assert_int_equal(s->next->count, 100);
    assert_int_equal(s->next->next->kind, DATA_SPLIT);
    assert_false(s->next->next->first);
    assert_true(s->next->next->fraction == 0.25);
    assert_int_equal(s->next->next->next->seed, 7);
    assert_int_equal(s->next->next->next->next->classes[1], 3);
    assert_string_equal(p->data->val->images, "v");
    assert_null(p->data->test);
    s = p->data->prepare;
    assert_int_equal(s->amount[0][1], 1);
    assert_int_equal(s->amount[1][0], 2);
    assert_true(s->value == -1);
    assert_true(s->next->factor == 1.0 / 255);
    assert_int_equal(s->next->next->list_count, 3);
    assert_true(s->next->next->mean[2] == 0.5 && s->next->next->std[2] == 3);
}

static void settings_of_data_are_checked(void **state)
{
    assert_error(*state, NET "data { train = digits(0); }", DIAG_ARGUMENT_RANGE,
                 "digits: count must be at least 1 and at most 100000000, got 0", "0");
    assert_error(*state, NET "data { train = digits(10) -> take(0); }", DIAG_ARGUMENT_RANGE,
                 "take: count must be at least 1, got 0", "0");
    assert_error(*state, NET "data { train = digits(10) -> filter(classes = []); }", DIAG_ARGUMENT_RANGE,
                 "filter: no class is left", "classes = []");
    assert_error(*state, NET "data { train = digits(10); prepare = normalize(0, 0); }", DIAG_ARGUMENT_RANGE,
                 "normalize: std must be greater than 0, got 0", "0");
    assert_error(*state, NET "data { train = digits(10); prepare = scale(1e999); }", DIAG_BAD_NUMBER,
                 "the number is larger than the largest 64-bit float", "1e999");
    assert_error(*state, NET "data { train = digits(10) -> x: take(1); }", DIAG_MISPLACED,
                 "the section data takes plain steps, without labels and branches", "take(1)");
    assert_error(*state, NET "data { train = image -> take(1); }", DIAG_SECTION_VALUE, "there is no source image", "image");
    assert_error(*state, NET "data { if true { train = digits(10); } }", DIAG_MISPLACED,
                 "the section data holds settings: key = value;", "if true { train = digits(10); }");
}

static void a_train_section_becomes_loss_settings_and_metrics(void **state)
{
    const struct program *p = analyse(*state, NET TRAIN("cross_entropy(logits, label)", "[accuracy, top(3), confusion]"));

    assert_non_null(p);
    assert_int_equal(p->batch, 32);
    assert_int_equal(p->train->epochs, 3);
    assert_int_equal(p->train->seed, 1);
    assert_int_equal(p->graph->input.count, 3);
    assert_string_equal(p->graph->input.at[1].name, "label");
    assert_true(p->graph->input.at[1].is_class);
    assert_int_equal(p->graph->input.at[1].classes, 10);
    assert_int_equal(graph_node(p->graph, p->graph->input.at[1].v)->shape.rank, 0);
    assert_string_equal(p->graph->input.at[2].name, "netrt.weight");
    assert_true(p->graph->input.at[2].is_weight);
    assert_int_equal(p->graph->weight, p->graph->input.at[2].v);
    assert_int_equal(graph_node(p->graph, p->graph->objective.at[0]->loss)->shape.rank, 0);
    assert_false(graph_node(p->graph, p->graph->objective.at[0]->loss)->uniform);
    assert_int_equal(p->graph->setting.count, 2);
    assert_string_equal(p->graph->setting.at[0].name, "train.optimizer.lr");
    assert_string_equal(p->graph->setting.at[1].name, "train.optimizer.momentum");
    assert_true(p->graph->setting.at[1].initial == 0.9);
    assert_int_equal(p->graph->objective.at[0]->optimizer.weight_decay, NO_NODE);
    assert_int_equal(p->graph->objective.at[0]->metrics->next->kind, METRIC_TOP);
    assert_int_equal(p->graph->objective.at[0]->metrics->next->k, 3);
    assert_int_equal(p->graph->objective.at[0]->metrics->target, p->graph->input.at[1].v);
    assert_int_equal(p->graph->objective.at[0]->metrics->prediction, p->graph->output.at[0].v);
    assert_string_equal(layer_names(*state, p), "flatten1 h relu1 dense1");
}

static void losses_are_weighted_sums_of_terms(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input image: 4; output code = image -> h: dense(4); output logits = code -> dense(3); }\n" TRAIN(
                            "0.5 * mse(h, image) + cross_entropy(logits, label) / 2",
                            "[mse, accuracy(logits, label), top(2, logits, label)]"));

    assert_non_null(p);
    assert_int_equal(p->graph->input.at[1].classes, 3);
    assert_int_equal(p->graph->objective.at[0]->metrics->target, p->graph->input.at[0].v);
    assert_int_equal(p->graph->objective.at[0]->metrics->next->target, p->graph->input.at[1].v);
    assert_int_equal(p->graph->objective.at[0]->metrics->next->next->k, 2);
}

static void a_field_without_a_data_section_takes_its_shape_from_the_loss(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input x: 4; output y = x -> reshape(2x2); }\n" TRAIN("half_mse(y, wanted)", "[mae]"));

    assert_non_null(p);
    assert_string_equal(p->graph->input.at[1].name, "wanted");
    assert_false(p->graph->input.at[1].is_class);
    assert_int_equal(graph_node(p->graph, p->graph->input.at[1].v)->shape.rank, 2);
}

static void the_only_input_is_the_image_whatever_its_name(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input pixels: 784; output y = pixels -> dense(784); } data { train = digits(10); }\n" TRAIN(
                            "mse(y, image)", "[mse]"));

    assert_non_null(p);
    assert_int_equal(p->graph->input.count, 2);
    assert_int_equal(p->graph->objective.at[0]->metrics->target, p->graph->input.at[0].v);
}

static void labels_that_the_prediction_cannot_tell_apart_are_refused(void **state)
{
    assert_error(*state,
                 "net t { input image: 784; output y = image -> dense(9); } data { train = digits(10); }\n" TRAIN(
                     "cross_entropy(y, label)", "[]"),
                 DIAG_BINDING, "the labels are 0 ... 9, but the prediction has 9 classes", "label");
    assert_non_null(analyse(*state,
                            "net t { input image: 784; output y = image -> dense(9); }\n"
                            "data { train = digits(10) -> filter(classes = [0, 8]); }\n" TRAIN("cross_entropy(y, label)", "[]")));
}

static void the_shape_of_the_data_must_fit_the_input(void **state)
{
    assert_error(*state, "net t { input image: 3x28x28; output y = image -> relu; } data { train = digits(10); }", DIAG_BINDING,
                 "the input image is 3x28x28, but the data are 1x28x28", "3x28x28");
    assert_non_null(analyse(*state, "net t { input image: 28x28; output y = image -> relu; } data { train = digits(10); }"));
    assert_non_null(
        analyse(*state, "net t { input a: 1x32x32; output y = a -> relu; } data { train = digits(10); prepare = pad(2); }"));
}

static void a_loss_must_be_one_number_a_sample(void **state)
{
    assert_error(*state, NET TRAIN("logits", "[]"), DIAG_SECTION_VALUE,
                 "the loss is one number for each sample, this is a tensor of 10", "logits");
    assert_error(*state, NET TRAIN("3", "[]"), DIAG_SECTION_VALUE,
                 "the loss is computed from the net's outputs, this is an integer", "3");
}

static void settings_of_train_are_checked(void **state)
{
    static const struct {
        const char *settings, *message;
        enum diag_code code;
    } rows[] = {
        {"optimizer = sgd(lr = -1); batch = 1; epochs = 1;", "sgd: lr must be at least 0, got -1", DIAG_ARGUMENT_RANGE},
        {"optimizer = sgd(momentum = 2); batch = 1; epochs = 1;", "sgd: momentum must be at least 0 and at most 1, got 2",
         DIAG_ARGUMENT_RANGE},
        {"optimizer = sgd(nesterov = true); batch = 1; epochs = 1;", "sgd: nesterov needs a momentum above 0", DIAG_ARGUMENT_RANGE},
        {"optimizer = sgd; batch = 1; epochs = 0;", "epochs must be at least 1, got 0", DIAG_VALUE_RANGE},
        {"optimizer = sgd; batch = 1048577; epochs = 1;", "batch must be at most 1048576, got 1048577", DIAG_VALUE_RANGE},
        {"optimizer = sgd; batch = 1.5; epochs = 1;", "batch must be an integer, this is a number", DIAG_VALUE_TYPE},
        {"optimizer = sgd; batch = 1; epochs = 1; seed = -1;", "seed must be at least 0, got -1", DIAG_VALUE_RANGE},
        {"optimizer = adam(betas = 0.9); batch = 1; epochs = 1;", "adam: betas must be two numbers, such as [0.9, 0.999]",
         DIAG_ARGUMENT_TYPE},
        {"optimizer = adamw(betas = [0.9, 1]); batch = 1; epochs = 1;",
         "adamw: betas must be at least 0 and at most 0.9999999, got 1", DIAG_ARGUMENT_RANGE},
        {"optimizer = rmsprop(eps = 0); batch = 1; epochs = 1;", "rmsprop: eps must be greater than 0, got 0", DIAG_ARGUMENT_RANGE},
        {"optimizer = adagrad(lr_decay = -1); batch = 1; epochs = 1;", "adagrad: lr_decay must be at least 0, got -1",
         DIAG_ARGUMENT_RANGE},
        {"optimizer = sgd; batch = 1; epochs = 1; schedule = constant;", "the setting schedule is not built yet",
         DIAG_SETTING_NOT_BUILT},
        {"optimizer = sgd; batch = 1; epochs = 1; metrics = [mse];",
         "mse compares element by element: the prediction is 10, the target label is a class", DIAG_SECTION_VALUE},
        {"optimizer = sgd; batch = 1; epochs = 1; a: top(2);", "the section train holds settings: key = value;", DIAG_MISPLACED},
        {"optimizer = o: sgd(lr = 1); batch = 1; epochs = 1;", "a label names a layer, and sgd is none", DIAG_MISPLACED},
        {"optimizer = sgd; batch = 1; epochs = 1; model = u;", "there is no net u; there are: t", DIAG_WHICH_NET},
    };
    struct parse_fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(analyse(f, arena_printf(f->arena, NET "train { loss = cross_entropy(logits, label); %s }", rows[i].settings)));
        assert_string_equal(first_message(f), rows[i].message);
        assert_int_equal(f->ds.first->code, rows[i].code);
        assert_int_equal(f->ds.errors, 1);
    }
}

static void a_section_that_stands_twice_is_an_error(void **state)
{
    assert_error(*state, NET "data { train = digits(10); } data { train = digits(10); }", DIAG_DOUBLE_SECTION,
                 "there is a section data already", "data");
    assert_error(*state, NET "regularize { l2(1e-4); } regularize { l1(1e-4); }", DIAG_DOUBLE_SECTION,
                 "there is a section regularize already", "regularize");
}

static void penalties_find_weights_by_pattern(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input x: 4; output y = x -> a: dense(4) -> b: dense(4, l2 = 0.5) -> c: dense(4); }\n"
                        "regularize { l2(1e-4, on = \"a.*\"); l2(1e-3, on = \"c.weight\"); l1(0.25); }");
    assert_non_null(p);
    const struct graph *g = p->graph;
    assert_string_equal(graph_node(g, find_node(p, "a.weight")->parameter->l2)->name, "regularize.l2");
    assert_string_equal(graph_node(g, find_node(p, "a.bias")->parameter->l2)->name, "regularize.l2");
    assert_string_equal(graph_node(g, find_node(p, "b.weight")->parameter->l2)->name, "b.l2");
    assert_string_equal(graph_node(g, find_node(p, "c.weight")->parameter->l2)->name, "regularize.l2.2");
    assert_int_equal(find_node(p, "c.bias")->parameter->l2, NO_NODE);
    assert_string_equal(graph_node(g, find_node(p, "c.weight")->parameter->l1)->name, "regularize.l1");
    assert_int_equal(find_node(p, "c.bias")->parameter->l1, NO_NODE);
}

/* The name of the setting that holds a parameter's l2, or NULL. */
static const char *l2_of(const struct program *p, const char *parameter)
{
    const node_id v = find_node(p, parameter)->parameter->l2;

    return v == NO_NODE ? NULL : graph_node(p->graph, v)->name;
}

static void the_later_penalty_counts_where_two_meet(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input x: 4; output y = x -> a: dense(4) -> b: dense(4, l2 = 0.5) -> c: dense(4); }\n"
                        "regularize { l2(1e-4, on = \"*\"); l2(1e-3); l2(0, on = \"c.*\"); }");

    assert_non_null(p);
    assert_string_equal(l2_of(p, "a.weight"), "regularize.l2.2");
    assert_string_equal(l2_of(p, "a.bias"), "regularize.l2");
    assert_string_equal(l2_of(p, "b.weight"), "b.l2");
    assert_string_equal(l2_of(p, "b.bias"), "regularize.l2");
    assert_null(l2_of(p, "c.weight"));
    assert_null(l2_of(p, "c.bias"));
}

static void exceptions_are_taken_out_of_a_penalty(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input x: 4; output y = x -> a: dense(4) -> b: dense(4) -> c: dense(4); }\n"
                        "regularize { l2(1e-4, except = \"c.*\"); l2(1e-3, on = \"?.bias\", except = \"a.*\"); }");

    assert_non_null(p);
    assert_string_equal(l2_of(p, "a.weight"), "regularize.l2");
    assert_string_equal(l2_of(p, "b.weight"), "regularize.l2");
    assert_string_equal(l2_of(p, "b.bias"), "regularize.l2.2");
    assert_string_equal(l2_of(p, "c.bias"), "regularize.l2.2");
    assert_null(l2_of(p, "a.bias"));
    assert_null(l2_of(p, "c.weight"));
    assert_error(*state, NET "regularize { l2(1e-4, except = \"nothing.*\"); }", DIAG_PATTERN, "no parameter matches \"nothing.*\"",
                 "except = \"nothing.*\"");
    assert_error(*state, NET "regularize { l2(1e-4, except = \"*\"); }", DIAG_PATTERN,
                 "except = \"*\" leaves no parameter to this rule", "l2(1e-4, except = \"*\")");
}

static void running_statistics_are_no_penalty(void **state)
{
    const struct program *p = analyse(*state, "net t { input x: 4; output y = x -> dense(3) -> b: batchnorm; }\n"
                                              "regularize { elastic(0.1, 0.2, on = \"*\"); }");

    assert_non_null(p);
    assert_int_not_equal(find_node(p, "b.weight")->parameter->l2, NO_NODE);
    assert_int_equal(find_node(p, "b.running_mean")->parameter->l1, NO_NODE);
    assert_int_equal(find_node(p, "b.running_var")->parameter->l2, NO_NODE);
    assert_error(*state, "net t { input x: 4; output y = x -> batchnorm; } regularize { l2(1e-4, on = \"*.running_*\"); }",
                 DIAG_PATTERN, "no parameter matches \"*.running_*\"", "on = \"*.running_*\"");
}

static void settings_never_share_a_name(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input x: 4; output y = x -> regularize: dense(4, l2 = 0.5) -> b: dense(4); }\n"
                        "regularize { l2(1e-3); }");

    assert_non_null(p);
    assert_string_equal(graph_node(p->graph, find_node(p, "regularize.weight")->parameter->l2)->name, "regularize.l2");
    assert_string_equal(graph_node(p->graph, find_node(p, "b.weight")->parameter->l2)->name, "regularize.l2.2");
}

static void an_image_is_no_class_and_a_label_no_image(void **state)
{
    const char *net = "net t { input image: 784; output y = image -> dense(784); output z = image -> reshape(28x28); }\n"
                      "data { train = digits(10); }\n";
    struct parse_fixture *f = *state;

    assert_error(f, arena_printf(f->arena, "%s%s", net, TRAIN("mse(y, label)", "[]")), DIAG_BINDING,
                 "mse wants a target of 784, and label is the number of a class", "label");
    assert_error(f, arena_printf(f->arena, "%s%s", net, TRAIN("cross_entropy(z, label)", "[]")), DIAG_BINDING,
                 "one label a sample does not fit a prediction of 28x28", "label");
    assert_error(f, arena_printf(f->arena, "%s%s", net, TRAIN("cross_entropy(y, labl)", "[]")), DIAG_BINDING,
                 "labl is no layer, no output and no field of the data", "labl");
    assert_error(f, arena_printf(f->arena, "%s%s", net, TRAIN("cross_entropy(y, image)", "[]")), DIAG_TARGET,
                 "cross_entropy: the target must be one class a sample, got 784 numbers", "cross_entropy(y, image)");
}

static void several_inputs_take_the_fields_of_their_names(void **state)
{
    assert_error(*state, "net t { input image: 784; input mask: 784; output y = image * mask; } data { train = digits(10); }",
                 DIAG_BINDING, "the data have no field mask", "784");
    assert_error(*state, "net t { input image: 784; input label: 1; output y = image * label; } data { train = digits(10); }",
                 DIAG_BINDING, "the input label takes the labels, which are integers: declare it as int", "1");
}

static void metrics_of_one_kind_are_named_after_their_predictions(void **state)
{
    const struct program *p = analyse(
        *state, "net t { input image: 4; output main = image -> dense(3); output side = image -> dense(3); }\n" TRAIN(
                    "cross_entropy(main, label)", "[accuracy(side, label), accuracy, top(2, side, label), top(3, side, label)]"));

    assert_non_null(p);
    const struct metric *m = p->graph->objective.at[0]->metrics;
    assert_string_equal(m->name, "accuracy_side");
    assert_string_equal(m->next->name, "accuracy");
    assert_string_equal(m->next->next->name, "top2");
    assert_string_equal(m->next->next->next->name, "top3");
}

static void files_may_label_each_pixel(void **state)
{
    const char *net = "net t { input image: 1x8x8; output y = image -> conv(3, 1x1); output z = image -> conv(3, 2x2); }\n"
                      "data { train = idx(\"images\", \"masks\"); }\n";
    struct parse_fixture *f = *state;
    const struct program *p =
        analyse(f, arena_printf(f->arena, "%s%s", net, TRAIN("cross_entropy(y, label)", "[accuracy, confusion]")));

    assert_non_null(p);
    const struct node *label = graph_node(p->graph, p->graph->input.at[1].v);
    assert_int_equal(label->shape.rank, 2);
    assert_int_equal(shape_elements(&label->shape), 64);
    assert_int_equal(p->graph->input.at[1].classes, 3);
    assert_error(f, arena_printf(f->arena, "%s%s", net, TRAIN("cross_entropy(y, label)", "[accuracy(z, label)]")),
                 DIAG_SECTION_VALUE, "accuracy compares scores of 3x7x7 with classes of 8x8: the first axis is that of the classes",
                 "accuracy(z, label)");
}

static void integers_take_records_as_they_are(void **state)
{
    const char *net = "net t { input tokens: int 784; output y = tokens -> embedding(256, 2) -> mean(axis = 0); }";
    struct parse_fixture *f = *state;

    assert_non_null(analyse(f, arena_printf(f->arena, "%s data { train = digits(10); }", net)));
    assert_error(f, arena_printf(f->arena, "%s data { train = digits(10); prepare = scale(2); }", net), DIAG_BINDING,
                 "the input tokens takes integers as they are: nothing prepares them", "scale(2)");
    assert_error(f, "net t { input tokens: int 783; output y = tokens -> embedding(256, 2); } data { train = digits(10); }",
                 DIAG_BINDING, "the input tokens is 783, but the data are 1x28x28", "783");
    assert_error(f, "net t { input tokens: int 784; output y = tokens -> dense(2); }\n" TRAIN("mse(y, t)", "[]"), DIAG_BINDING,
                 "nothing says how many integers there are for the input tokens", "784");
}

static void the_default_initialiser_looks_for_relu(void **state)
{
    const struct program *p = analyse(
        *state,
        "net t { input x: 1x8x8; output y = x -> a: conv(4, 3x3) -> maxpool(2) -> relu -> b: conv(4, 1x1) -> tanh -> flatten\n"
        "-> c: dense(4) -> identity -> leaky_relu -> d: dense(4, init = normal(0.5)) -> relu; }");

    assert_non_null(p);
    assert_int_equal(find_node(p, "a.weight")->parameter->init, INIT_HE_UNIFORM);
    assert_int_equal(find_node(p, "b.weight")->parameter->init, INIT_XAVIER_UNIFORM);
    assert_int_equal(find_node(p, "c.weight")->parameter->init, INIT_HE_UNIFORM);
    assert_int_equal(find_node(p, "d.weight")->parameter->init, INIT_NORMAL);
    assert_true(find_node(p, "d.weight")->parameter->init_value == 0.5);
    assert_int_equal(find_node(p, "a.bias")->parameter->init, INIT_ZEROS);
}

static void an_init_section_counts_less_than_the_layer(void **state)
{
    const struct program *p =
        analyse(*state, "net t { input x: 4; output y = x -> a: dense(4) -> b: dense(4, init = ones) -> c: dense(4); }\n"
                        "init { weights = normal(0.25); weights = zeros(on = \"c.*\"); biases = constant(0.125, on = \"a*\"); }");

    assert_non_null(p);
    assert_int_equal(find_node(p, "a.weight")->parameter->init, INIT_NORMAL);
    assert_true(find_node(p, "a.weight")->parameter->init_value == 0.25);
    assert_int_equal(find_node(p, "b.weight")->parameter->init, INIT_ONES);
    assert_int_equal(find_node(p, "c.weight")->parameter->init, INIT_ZEROS);
    assert_int_equal(find_node(p, "a.bias")->parameter->init, INIT_CONSTANT);
    assert_true(find_node(p, "a.bias")->parameter->init_value == 0.125);
    assert_int_equal(find_node(p, "c.bias")->parameter->init, INIT_ZEROS);
}

static void a_compile_section_is_kept_for_the_driver(void **state)
{
    const struct program *p = analyse(*state, NET "compile { precision = f64; backend = c; }");

    assert_non_null(p);
    assert_int_equal(p->compile.precision, 8);
    assert_string_equal(p->compile.backend, "c");
    p = analyse_with(*state, NET "compile { precision = f64; }", &(struct sema_options){.precision = 4});
    assert_int_equal(p->compile.precision, 4);
    assert_int_equal(analyse(*state, NET)->compile.precision, 4);
}

static void a_net_is_chosen_by_option_by_model_or_because_it_is_the_only_one(void **state)
{
    struct parse_fixture *f = *state;
    const char *two = "net a { input x: 4; output y = x -> relu; } net b { input x: 4; output z = x -> tanh; }\n";
    const char *train = "train { model = b; loss = mse(z, x); optimizer = sgd; batch = 1; epochs = 1; }";

    assert_error(f, two, DIAG_WHICH_NET, "the file declares several nets: a, b", "b");
    assert_string_equal(analyse_with(f, two, &(struct sema_options){.net = "b"})->net, "b");
    assert_string_equal(analyse(f, arena_printf(f->arena, "%s%s", two, train))->net, "b");
    const struct program *p = analyse_with(f, arena_printf(f->arena, "%s%s", two, train), &(struct sema_options){.net = "a"});
    assert_string_equal(p->net, "a");
    assert_null(p->train);
}

static void optimizers_have_settings_with_the_defaults_of_pytorch(void **state)
{
    static const struct {
        const char *rule;
        struct {
            const char *name;
            double initial;
        } settings[5];
    } rows[] = {
        {"adam", {{"lr", 1e-3}, {"beta1", 0.9}, {"beta2", 0.999}, {"eps", 1e-8}}},
        {"adamw(betas = [0.5, 0.75])", {{"lr", 1e-3}, {"beta1", 0.5}, {"beta2", 0.75}, {"eps", 1e-8}, {"weight_decay", 1e-2}}},
        {"rmsprop(momentum = 0.5)", {{"lr", 1e-2}, {"alpha", 0.99}, {"eps", 1e-8}, {"momentum", 0.5}}},
        {"adagrad(lr_decay = 0.1)", {{"lr", 1e-2}, {"lr_decay", 0.1}, {"eps", 1e-10}}},
    };
    struct parse_fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *train = "train { loss = cross_entropy(logits, label); optimizer = %s; batch = 1; epochs = 1; }";
        const struct program *p = analyse(f, arena_printf(f->arena, arena_printf(f->arena, NET "%s", train), rows[i].rule));
        assert_non_null(p);
        size_t count = 0;
        for (; count < 5 && rows[i].settings[count].name != NULL; count++) {
            const struct graph_setting *s = &p->graph->setting.at[count];
            assert_string_equal(s->name, arena_printf(f->arena, "train.optimizer.%s", rows[i].settings[count].name));
            assert_true(s->initial == rows[i].settings[count].initial);
        }
        assert_int_equal(p->graph->setting.count, count);
    }
}

static void gradients_are_clipped_in_one_way(void **state)
{
    static const struct {
        const char *rules, *message;
        enum diag_code code;
    } rows[] = {
        {"clip();", "clip takes either norm= or value=", DIAG_ARGUMENT_COUNT},
        {"clip(norm = 1, value = 1);", "clip takes either norm= or value=", DIAG_ARGUMENT_COUNT},
        {"clip(norm = 1); clip(value = 1);", "the gradients are clipped already", DIAG_DOUBLE_KEY},
        {"clip(norm = 0);", "clip: norm must be greater than 0, got 0", DIAG_ARGUMENT_RANGE},
    };
    struct parse_fixture *f = *state;

    const struct program *p =
        analyse(f, NET "regularize { clip(value = 0.5); } train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 1); }");
    assert_non_null(p);
    assert_int_equal(p->graph->objective.at[0]->clip.kind, CLIP_VALUE);
    assert_string_equal(p->graph->setting.at[0].name, "regularize.clip.value");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(analyse(f, arena_printf(f->arena, NET "regularize { %s }", rows[i].rules)));
        assert_string_equal(first_message(f), rows[i].message);
        assert_int_equal(f->ds.first->code, rows[i].code);
    }
}

static void what_a_train_section_leaves_out_has_the_defaults_of_the_manual(void **state)
{
    const struct program *p = analyse(*state, "net t { input x: 4; output y = x -> dense(3); }\n"
                                              "train { loss = mse(y, target); optimizer = sgd; }");

    assert_non_null(p);
    assert_int_equal(p->batch, 32);
    assert_int_equal(p->train->epochs, 10);
    assert_int_equal(p->train->seed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(a_data_section_becomes_steps),
        parse_test(settings_of_data_are_checked),
        parse_test(a_train_section_becomes_loss_settings_and_metrics),
        parse_test(losses_are_weighted_sums_of_terms),
        parse_test(a_field_without_a_data_section_takes_its_shape_from_the_loss),
        parse_test(the_only_input_is_the_image_whatever_its_name),
        parse_test(labels_that_the_prediction_cannot_tell_apart_are_refused),
        parse_test(the_shape_of_the_data_must_fit_the_input),
        parse_test(a_loss_must_be_one_number_a_sample),
        parse_test(what_a_train_section_leaves_out_has_the_defaults_of_the_manual),
        parse_test(settings_of_train_are_checked),
        parse_test(optimizers_have_settings_with_the_defaults_of_pytorch),
        parse_test(gradients_are_clipped_in_one_way),
        parse_test(a_section_that_stands_twice_is_an_error),
        parse_test(penalties_find_weights_by_pattern),
        parse_test(the_later_penalty_counts_where_two_meet),
        parse_test(exceptions_are_taken_out_of_a_penalty),
        parse_test(running_statistics_are_no_penalty),
        parse_test(settings_never_share_a_name),
        parse_test(an_image_is_no_class_and_a_label_no_image),
        parse_test(several_inputs_take_the_fields_of_their_names),
        parse_test(metrics_of_one_kind_are_named_after_their_predictions),
        parse_test(files_may_label_each_pixel),
        parse_test(integers_take_records_as_they_are),
        parse_test(the_default_initialiser_looks_for_relu),
        parse_test(an_init_section_counts_less_than_the_layer),
        parse_test(a_compile_section_is_kept_for_the_driver),
        parse_test(a_net_is_chosen_by_option_by_model_or_because_it_is_the_only_one),
    };
    return cmocka_run_group_tests_name("sections", tests, NULL, NULL);
}
