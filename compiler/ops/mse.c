/* mse, half_mse: squared differences.
 *
 *   mse       loss = 1/n * sum over i of  (x[i] - t[i])^2
 *   half_mse  loss = 1/2 * sum over i of  (x[i] - t[i])^2
 *
 *   x [n, any shape]   t: as many numbers   loss: one number a sample
 *
 * Source: PyTorch, `torch.nn.MSELoss`; half_mse as in lectures on back-propagation.
 */
#include "compiler/ops/build.h"

enum { PREDICTION, TARGET };

/* Whether the shapes agree where axes of size 1 are left out. */
static bool agree(const struct shape *a, const struct shape *b)
{
    int i = 0, k = 0;

    for (;;) {
        while (i < a->rank && a->dim[i] == 1)
            i++;
        while (k < b->rank && b->dim[k] == 1)
            k++;
        if (i == a->rank || k == b->rank)
            return i == a->rank && k == b->rank;
        if (a->dim[i++] != b->dim[k++])
            return false;
    }
}

static bool want_target(struct op_call *c)
{
    const struct node *target = graph_node(c->graph, c->in[TARGET]);

    if (target->kind == NODE_INPUT && c->graph->input.at[target->number].is_class) {
        diag_error(c->diags, c->at, DIAG_TARGET, "%s: the target is a class, and classes have no distance", c->op->name);
        diag_hint(c->diags, "cross_entropy takes a class");
        return false;
    }
    if (agree(op_shape(c, PREDICTION), &target->shape))
        return true;
    diag_error(c->diags, c->at, DIAG_TARGET, "%s: prediction and target differ: %s", c->op->name, op_inputs_text(c));
    op_note_input(c, PREDICTION);
    op_note_input(c, TARGET);
    return false;
}

/* The sum of squares of x - t over all elements. */
static value add_squares(struct op_call *c)
{
    const struct shape shape = *op_shape(c, PREDICTION);
    const value target = graph_add_view(c->graph, c->in[TARGET], &shape);
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];

    for (int d = 0; d < shape.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_axis_name(shape.rank, d), shape.dim[d], true), 1);
    const struct expr *x = nest_read(c->graph, &n, c->in[PREDICTION], at);
    const struct expr *difference = expr_binary(c->graph, FUNCTION_SUBTRACT, x, nest_read(c->graph, &n, target, at));
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, difference, difference);
    return graph_add_compute(c->graph, "squares", &(struct shape){.rank = 0}, &n, false);
}

static bool mse_build(struct op_call *c, value *result)
{
    if (!want_target(c))
        return false;
    const double elements = (double)shape_elements(op_shape(c, PREDICTION));
    *result = graph_add_scaled(c->graph, "mse", FUNCTION_MULTIPLY, add_squares(c), 1 / elements, false);
    return true;
}

static bool half_mse_build(struct op_call *c, value *result)
{
    if (!want_target(c))
        return false;
    *result = graph_add_scaled(c->graph, "half_mse", FUNCTION_MULTIPLY, add_squares(c), 0.5, false);
    return true;
}

const struct op op_mse = {
    .name = "mse",
    .kind = OP_LOSS,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = mse_build,
    .doc = "`mse(prediction, target)`\n\n"
           "The mean of the squared differences over all elements and the batch.\n\n"
           "    loss = 1/n * sum over i of (x[i] - t[i])^2\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = mse(y, image); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

const struct op op_half_mse = {
    .name = "half_mse",
    .kind = OP_LOSS,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = half_mse_build,
    .doc = "`half_mse(prediction, target)`\n\n"
           "Half the sum of the squared differences, averaged over the batch: its gradient is x - t.\n\n"
           "    loss = 1/2 * sum over i of (x[i] - t[i])^2\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = half_mse(y, image); optimizer = sgd(lr = 0.01); batch = 32; epochs = 1; }\n",
};
