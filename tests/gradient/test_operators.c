/* The gradients that differentiation derives from each operator's nests, against central differences, in double.
 *
 * An operator's input is x + shift, where shift is a parameter: its gradient is that of the input. What the operator gives is
 * summed with fixed coefficients, so that no two elements can stand for each other; a loss is taken as it is.
 */
#include "compiler/describe/describe.h"
#include "compiler/differentiate/differentiate.h"
#include "compiler/graph/build.h"
#include "compiler/graph/inspect.h"
#include "compiler/graph/objective.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "compiler/sema/sema.h"
#include "tests/support/graph_eval.h"
#include "tests/support/op_fixture.h"

#include <math.h>
#include <string.h>

/* Deterministic numbers within (-1, 1), far enough from each other that neither relu nor maxpool meets a kink. */
static double number(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / (double)(UINT64_C(1) << 52) - 1;
}

/* An input NAME that has a gradient. */
static void add_shifted_input(struct fixture *f, const char *name, const struct shape *shape)
{
    struct graph *g = f->graph;
    const node_id x = graph_add_input(g, arena_printf(f->arena, "%s.data", name), shape, false, SPAN_NONE);
    const node_id shift = graph_add_parameter(g, arena_printf(f->arena, "%s.shift", name), shape, SPAN_NONE);
    const node_id v = graph_add_binary(g, "add", FUNCTION_ADD, x, shift, shape);

    graph_node(g, v)->name = name;
    f->in[f->in_count++] = v;
}

static node_id add_weighted_sum(struct fixture *f, node_id v)
{
    struct graph *g = f->graph;
    const struct shape shape = graph_node(g, v)->shape;
    const node_id weights = graph_add_input(g, "coefficients", &shape, false, SPAN_NONE);
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];

    for (int d = 0; d < shape.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, (const char *[]){"i", "j", "k", "l", "m", "n"}[d], shape.dim[d], true), 1);
    const struct expr *x = nest_read(g, &n, v, at);
    n.body = expr_binary(g, FUNCTION_MULTIPLY, x, nest_read(g, &n, weights, at));
    return graph_add_compute(g, "sum", SCALAR, &n, false);
}

static void differentiate(struct fixture *f)
{
    struct graph *g = f->graph;
    struct objective *o = graph_add_objective(g, NULL);

    o->optimizer = (struct optimizer){.momentum = NO_NODE, .weight_decay = NO_NODE};
    o->loss = op_find(g->layer.at[0].op_name)->kind == OP_LOSS ? f->result : add_weighted_sum(f, f->result);
    g->weight = graph_add_input(g, "netrt.weight", SCALAR, false, SPAN_NONE);
    g->input.at[g->input.count - 1].is_weight = true;
    o->optimizer.lr = graph_add_setting(g, "lr", 0.1, 0, 1);
    pass_differentiate(g);
    assert_true(graph_verify(g, stdout));
}

static void count_down(double *x, int64_t elements, int64_t classes)
{
    for (int64_t i = 0; i < elements; i++)
        x[i] = (double)(classes - 1 - i % classes);
}

/* Elements of inputs, parameters and states in their order; the sample's weight is 1, integers count down from the last. */
static double **draw(const struct fixture *f, size_t *count)
{
    const struct graph *g = f->graph;
    double **given = arena_array(f->arena, double *, g->node.count);
    uint64_t state = 1;

    *count = 0;
    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = &g->node.at[v];
        if (n->kind != NODE_INPUT && n->kind != NODE_PARAMETER && n->kind != NODE_STATE)
            continue;
        const int64_t elements = shape_elements(&n->shape);
        double *x = given[(*count)++] = arena_array(f->arena, double, (size_t)elements);
        for (int64_t i = 0; i < elements; i++)
            x[i] = number(&state);
        if ((node_id)v == g->weight)
            x[0] = 1;
        else if (n->kind == NODE_INPUT && g->input.at[n->number].is_index)
            x[0] = 4464, x[1] = 1; /* 70000 */
        else if (n->kind == NODE_INPUT && g->input.at[n->number].is_class)
            count_down(x, elements, g->input.at[n->number].classes);
    }
    return given;
}

static double loss_at(const struct fixture *f, double **given, double *x, double at)
{
    const double kept = *x;

    *x = at;
    const double loss = graph_eval(f->graph, (const double *const *)given, f->arena)[f->graph->objective.at[0]->loss][0];
    *x = kept;
    return loss;
}

/* Compares each element of a parameter's gradient with (loss(x + e) - loss(x - e))/2e. */
static void check_parameter(const struct fixture *f, double **given, double *x, const struct node *n, const double *gradient)
{
    const double e = 1e-5;

    for (int64_t i = 0; i < shape_elements(&n->shape); i++) {
        const double wanted = (loss_at(f, given, &x[i], x[i] + e) - loss_at(f, given, &x[i], x[i] - e)) / (2 * e);
        if (!(fabs(gradient[i] - wanted) <= 1e-6 * (1 + fabs(wanted))))
            fail_msg("%s[%lld]: the gradient is %.12g, the difference %.12g", n->name, (long long)i, gradient[i], wanted);
    }
}

static void assert_gradients(struct fixture *f, const char *text)
{
    size_t count, next = 0;

    if (infer_text(f, text) == NULL)
        fail_msg("%s: %s", text, f->diags.first->text);
    const size_t forward = f->graph->node.count;
    differentiate(f);
    double **given = draw(f, &count), **known = graph_eval(f->graph, (const double *const *)given, f->arena);
    size_t checked = 0;
    for (size_t v = 0; v < forward; v++) {
        const struct node *n = &f->graph->node.at[v];
        if (n->kind != NODE_INPUT && n->kind != NODE_PARAMETER && n->kind != NODE_STATE)
            continue;
        double *x = given[next++];
        if (n->kind != NODE_PARAMETER)
            continue;
        /* A parameter that the loss does not depend on has none. */
        const double *none = arena_array(f->arena, double, (size_t)shape_elements(&n->shape));
        const node_id gradient = objective_gradient(f->graph->objective.at[0], (node_id)v);
        check_parameter(f, given, x, n, gradient == NO_NODE ? none : known[gradient]);
        checked++;
    }
    assert_true(checked > 0);
}

/* Calls on one input of a shape. */
static const struct {
    const char *call;
    struct shape shape;
} calls[] = {
    {"rnn(3)", {2, {4, 2}}},
    {"rnn(2, sequences = true, reverse = true)", {2, {3, 2}}},
    {"rnn(2, bidirectional = true, activation = relu)", {2, {3, 2}}},
    {"gru(2)", {2, {4, 3}}},
    {"gru(3, sequences = true, bidirectional = true)", {2, {3, 2}}},
    {"lstm(2)", {2, {4, 3}}},
    {"lstm(1, reverse = true)", {2, {1, 2}}},
    {"lstm(3, sequences = true, bidirectional = true)", {2, {3, 2}}},
    {"conv(3, 3x2)", {3, {2, 5, 4}}},
    {"conv(3, 3x2, stride = 2, padding = 1)", {3, {2, 5, 4}}},
    {"conv(2, 3, stride = 3, padding = same)", {2, {2, 7}}},
    {"conv(2, 3x3, padding = [[0, 2], [1, 0]], dilation = 2x1)", {3, {1, 5, 4}}},
    {"conv(2, 1x1, stride = 2, bias = false)", {3, {2, 4, 3}}},
    {"conv(6, 2x2, groups = 3, padding = 1)", {3, {6, 3, 3}}},
    {"conv(4, 3, groups = 4, stride = 2, padding = 2)", {2, {4, 6}}},
    {"conv(3, 4x4)", {3, {2, 4, 4}}},
    {"maxpool(2x2)", {3, {2, 4, 6}}},
    {"maxpool(3, stride = 2, padding = 1)", {3, {2, 5, 4}}},
    {"maxpool(3, stride = 1)", {2, {2, 6}}},
    {"maxpool(2, stride = 3, dilation = 2)", {2, {2, 9}}},
    {"maxpool(2x3, ceil = true)", {3, {1, 5, 7}}},
    {"maxpool(4x4)", {3, {2, 4, 4}}},
    {"avgpool(2x2)", {3, {2, 4, 6}}},
    {"avgpool(3, stride = 2, padding = 1)", {3, {2, 5, 4}}},
    {"avgpool(3, stride = 2, padding = 1, count_include_pad = true, ceil = true)", {3, {1, 6, 5}}},
    {"avgpool(3, stride = 1, padding = 1)", {2, {1, 4}}},
    {"global_avgpool", {3, {3, 2, 4}}},
    {"dense(3)", {1, {4}}},
    {"dense(3)", {2, {2, 4}}},
    {"dense(1, bias = false)", {1, {1}}},
    {"flatten", {3, {2, 2, 3}}},
    {"reshape(size(-1, 2))", {2, {3, 4}}},
    {"identity", {1, {3}}},
    {"relu", {2, {3, 5}}},
    {"leaky_relu(0.3)", {1, {9}}},
    {"sigmoid", {1, {5}}},
    {"tanh", {3, {2, 2, 2}}},
    {"softmax", {1, {5}}},
    {"softmax(axis = 1)", {2, {2, 3}}},
    {"softmax", {3, {3, 2, 2}}},
    {"log_softmax", {1, {5}}},
    {"log_softmax(axis = 0)", {2, {3, 2}}},
    {"relu6", {1, {9}}},
    {"hard_tanh", {1, {9}}},
    {"elu(0.7)", {2, {3, 5}}},
    {"hard_sigmoid", {1, {9}}},
    {"hard_swish", {1, {9}}},
    {"mish", {1, {9}}},
    {"selu", {1, {9}}},
    {"gelu", {1, {9}}},
    {"silu", {1, {9}}},
    {"softplus", {1, {9}}},
    {"softsign", {1, {9}}},
    {"prelu", {1, {9}}},
    {"prelu(per_channel = true)", {3, {3, 2, 2}}},
    {"exp", {1, {5}}},
    {"abs", {1, {5}}},
    {"square", {1, {5}}},
    {"sum(axis = 1)", {3, {2, 3, 2}}},
    {"mean(axis = 0)", {2, {3, 2}}},
    {"max(axis = -1)", {3, {2, 2, 3}}},
    {"min(axis = [0, 2])", {3, {2, 2, 3}}},
    {"global_maxpool", {3, {3, 2, 4}}},
    {"transpose([2, 0, 1])", {3, {2, 3, 4}}},
    {"slice(1, -1, axis = 1)", {2, {2, 5}}},
    {"split(2)", {1, {6}}},
    {"pad([[1, 0], [2, 3]], value = 2)", {3, {1, 2, 3}}},
    {"crop([[1, 0], [0, 2]])", {3, {2, 3, 4}}},
    {"upsample(2x3)", {3, {2, 2, 3}}},
    {"upsample(3, mode = bilinear)", {2, {2, 4}}},
    {"upsample(2x3, mode = bilinear)", {3, {1, 3, 2}}},
    {"channel_shuffle(2)", {2, {6, 2}}},
    {"depthwise_conv(3x2, multiplier = 2, padding = 1)", {3, {2, 4, 3}}},
    {"conv_transpose(3, 3x2, stride = 2, padding = 1, output_padding = 1)", {3, {2, 3, 2}}},
    {"deconv(2, 3, stride = 2, groups = 2)", {2, {4, 3}}},
    {"lppool(2, power = 3)", {3, {2, 4, 4}}},
    {"adaptive_avgpool(2x3)", {3, {2, 5, 4}}},
    {"layernorm", {1, {6}}},
    {"groupnorm(2)", {3, {4, 3, 2}}},
    {"instancenorm", {3, {2, 3, 3}}},
    {"lrn(3)", {3, {5, 2, 2}}},
    {"dropout(0.4)", {3, {2, 2, 3}}},
    {"spatial_dropout(0.4)", {3, {4, 2, 2}}},
    {"gaussian_noise(0.5)", {2, {2, 3}}},
};

/* Calls on inputs a and b of one shape. */
static const char *const joins[] = {
    "add(a, b)",
    "add(a, b, a)",
    "mul(a, b)",
    "mul(a, a)",
    "mul(a, b, a)",
    "matmul(a, b, transpose_b = true)",
    "matmul(a, b, transpose_a = true, scale = 0.5)",
    "concat(a, b)",
    "concat(a, b, a, axis = 1)",
    "mse(a, b)",
    "half_mse(a, b)",
    "mae(a, b)",
    "huber(a, b, delta = 0.7)",
    "binary_cross_entropy_with_logits(a, b)",
};

static void check(void (*prepare)(struct fixture *f, size_t i), size_t i, const char *text)
{
    void *state;

    assert_int_equal(fixture_setup(&state), 0);
    prepare(state, i);
    print_message("           %s\n", text);
    assert_gradients(state, text);
    fixture_teardown(&state);
}

static void prepare_call(struct fixture *f, size_t i)
{
    add_shifted_input(f, "x", &calls[i].shape);
}

static void prepare_join(struct fixture *f, size_t i)
{
    (void)i;
    add_shifted_input(f, "a", SHAPE(2, 3));
    add_shifted_input(f, "b", SHAPE(2, 3));
}

static void prepare_classes(struct fixture *f, size_t i)
{
    (void)i;
    add_shifted_input(f, "z", SHAPE(4));
    fixture_class(f, "label");
}

static void gradients_of_layers_match_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "x -> %s", calls[i].call);
        check(prepare_call, i, text);
    }
}

static void gradients_of_several_inputs_match_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++)
        check(prepare_join, i, joins[i]);
}

static void prepare_tokens(struct fixture *f, size_t i)
{
    (void)i;
    fixture_integers(f, "tokens", SHAPE(5));
}

/* Its gradient flows to the weight alone. */
static void gradients_of_rows_match_differences(void **state)
{
    (void)state;
    check(prepare_tokens, 0, "tokens -> embedding(4, 3)");
}

/* Losses of z and a class. */
static const char *const of_classes[] = {"cross_entropy(z, label)", "cross_entropy(z, label, smoothing = 0.2)", "hinge(z, label)"};

static void gradients_of_losses_of_classes_match_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof of_classes / sizeof of_classes[0]; i++)
        check(prepare_classes, i, of_classes[i]);
}

static bool is_called(const char *text, const char *name)
{
    const size_t length = strlen(name);

    return strncmp(text, name, length) == 0 && (text[length] == '(' || text[length] == '\0');
}

static void every_operator_is_checked(void **state)
{
    /* test_gradient.c checks what samples share, logs and roots of positive numbers, losses of probabilities, and what no input flows through; rows stand
     * above. */
    static const char *const elsewhere[] = {
        "batchnorm", "log",       "sqrt",          "categorical_cross_entropy", "binary_cross_entropy", "kl_divergence",
        "embedding", "parameter", "stop_gradient",
    };

    (void)state;
    for (size_t i = 0; ops[i] != NULL; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof elsewhere / sizeof elsewhere[0]; k++)
            found = found || strcmp(ops[i]->name, elsewhere[k]) == 0;
        for (size_t k = 0; k < sizeof calls / sizeof calls[0]; k++)
            found = found || is_called(calls[k].call, ops[i]->name);
        for (size_t k = 0; k < sizeof joins / sizeof joins[0]; k++)
            found = found || is_called(joins[k], ops[i]->name);
        for (size_t k = 0; k < sizeof of_classes / sizeof of_classes[0]; k++)
            found = found || is_called(of_classes[k], ops[i]->name);
        if (!found)
            fail_msg("no gradient of %s is checked", ops[i]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_layers_match_differences),
        cmocka_unit_test(gradients_of_several_inputs_match_differences),
        cmocka_unit_test(gradients_of_rows_match_differences),
        cmocka_unit_test(gradients_of_losses_of_classes_match_differences),
        cmocka_unit_test(every_operator_is_checked),
    };
    return cmocka_run_group_tests_name("operators", tests, NULL, NULL);
}
