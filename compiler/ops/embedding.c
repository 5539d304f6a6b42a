/* embedding: each token, a whole number, becomes a row of the weight.
 *
 *   y[t,d] = w[x[t],d]                     x [T], 0 … vocabulary - 1   w [vocabulary,dim]   y [T,dim]
 *
 * In the graph it is a sum of which one term counts, so that the gradient follows as for any other nest:
 *
 *   y[t,d] = sum over v of  x[t] = v ? w[v,d] : 0          dw[v,d] = sum over samples and t of  x[t] = v ? dy[t,d] : 0
 *
 * analysis/gather_scatter.h recognises both: nothing runs over the vocabulary.
 *
 * Source: PyTorch, `torch.nn.Embedding` (layout of the weight; it begins with normal(1)).
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { VOCABULARY, DIM, PARAM_COUNT };

/* Tokens are stored in 32 bits. */
enum { MAX_VOCABULARY = INT32_MAX };

static const struct param params[PARAM_COUNT] = {
    [VOCABULARY] = {.name = "vocabulary", .type = PARAM_INT, .required = true, .min = 1, .max = MAX_VOCABULARY},
    [DIM] = {.name = "dim", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
};

/* The input of integers that `v` is, perhaps in another shape; NULL: it is none. */
static struct graph_input *input_of_integers(const struct graph *g, node_id v)
{
    while (graph_node(g, v)->kind == NODE_VIEW)
        v = graph_node(g, v)->view_of;
    const struct node *n = graph_node(g, v);
    if (n->kind != NODE_INPUT || !g->input.at[n->number].is_class)
        return NULL;
    return &g->input.at[n->number];
}

static bool want_sequence(struct op_call *c)
{
    if (op_want_rank(c, 0, 1, 1, "tokens T"))
        return true;
    if (input_of_integers(c->graph, c->in[0]) != NULL)
        diag_hint(c->diags, "flatten them first: flatten -> embedding(%" PRId64 ", %" PRId64 ")", c->arg[VOCABULARY].integer,
                  c->arg[DIM].integer);
    return false;
}

/* Tokens are checked against the vocabulary when data is read, so the input has to know it. */
static bool want_tokens(struct op_call *c)
{
    const int64_t vocabulary = c->arg[VOCABULARY].integer;
    struct graph_input *input = input_of_integers(c->graph, c->in[0]);

    if (input == NULL) {
        diag_error(c->diags, c->at, DIAG_TOKENS, "embedding: wants tokens, an int input of the net, got numbers");
        op_note_input(c, 0);
        const struct node *n = graph_node(c->graph, c->in[0]);
        char text[SHAPE_TEXT];
        if (n->kind == NODE_INPUT)
            diag_hint(c->diags, "declare the input as int: input %s: int %s;", n->name, shape_text(&n->shape, text));
        return false;
    }
    if (input->classes != 0 && input->classes != vocabulary)
        return diag_error(c->diags, c->arg[VOCABULARY].at, DIAG_TOKENS,
                          "embedding: a vocabulary of %" PRId64 ", but %s has %" PRId64 " elsewhere", vocabulary, input->name,
                          input->classes);
    input->classes = vocabulary;
    return true;
}

/* A row is no contraction's weight: it is not regularised by default. Its fans are PyTorch's for the matrix. */
static node_id add_rows(struct op_call *c)
{
    const int64_t vocabulary = c->arg[VOCABULARY].integer, dim = c->arg[DIM].integer;
    const node_id w = op_add_parameter(c, "weight", &(struct shape){.rank = 2, .dim = {vocabulary, dim}}, true, dim, vocabulary);

    if (w == NO_NODE)
        return w;
    struct parameter *p = graph_node(c->graph, w)->parameter;
    p->is_weight = false;
    if (p->init == INIT_DEFAULT) {
        p->init = INIT_NORMAL;
        p->init_value = 1;
    }
    return w;
}

static bool embedding_build(struct op_call *c, node_id *result)
{
    struct graph *g = c->graph;
    struct nest n = {.combine = COMBINE_SUM};

    if (!want_sequence(c) || !want_tokens(c) || !op_want_no_bias(c))
        return false;
    const struct shape y = {.rank = 2, .dim = {op_shape(c, 0)->dim[0], c->arg[DIM].integer}};
    if (!op_want_size(c, &y))
        return false;
    const node_id w = add_rows(c);
    if (w == NO_NODE)
        return false;
    n.out[0] = index_axis(nest_add_axis(&n, "t", y.dim[0], false), 1);
    n.out[1] = index_axis(nest_add_axis(&n, "d", y.dim[1], false), 1);
    const struct index v = index_axis(nest_add_axis(&n, "v", c->arg[VOCABULARY].integer, true), 1);
    const struct expr *is = expr_binary(g, FUNCTION_EQUAL, nest_read(g, &n, c->in[0], n.out), expr_index(g, v));
    const struct expr *row = nest_read(g, &n, w, (struct index[]){v, n.out[1]});
    n.body = expr_select(g, is, row, expr_constant(g, 0));
    *result = graph_add_compute(g, "embedding", &y, &n, false);
    return true;
}

const struct op op_embedding = {
    .name = "embedding",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .build = embedding_build,
    .doc =
        "`embedding(vocabulary, dim)`\n\n"
        "Each token becomes a row of the weight: `T` tokens become a sequence `Txdim`.\n\n"
        "    y[t,d] = w[x[t],d]\n\n"
        "Tokens are whole numbers from 0 to vocabulary - 1: an `int` input of the net, perhaps reshaped. Data with any other number\n"
        "is refused. Convolutions read a sequence as `CxL`: `transpose([1, 0])` puts `dim` first.\n\n"
        "Parameters: `weight` [vocabulary, dim], normal(1) to begin with and not regularised by default, as in PyTorch. Its\n"
        "gradient is dense: an optimizer with momentum moves rows that a batch does not name, too.\n",
    .example = "net words {\n"
               "    input tokens: int 20;\n"
               "    output scores = tokens -> embedding(1000, 16) -> mean(axis = 0) -> dense(2);\n"
               "}\n",
};
