/* matmul: the product of two matrices of each sample, or of each of its heads.
 *
 *   y[t,u] = scale * sum over f of  a[t,f] * b[f,u]             a [T,F]    b [F,U]    y [T,U]
 *   y[h,t,u] = scale * sum over f of  a[h,t,f] * b[h,f,u]       a [H,T,F]  b [H,F,U]  y [H,T,U]
 *
 * transpose_a and transpose_b take the last two axes of a factor in the other order. A factor without heads, or with a single one,
 * is multiplied with every head of the other.
 *
 * Source: Vaswani et al., "Attention Is All You Need" (2017), equation 1; PyTorch, `torch.matmul`.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { TRANSPOSE_A, TRANSPOSE_B, SCALE, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [TRANSPOSE_A] = {.name = "transpose_a", .type = PARAM_BOOL},
    [TRANSPOSE_B] = {.name = "transpose_b", .type = PARAM_BOOL},
    [SCALE] = {.name = "scale", .type = PARAM_REAL, .fallback = 1},
};

/* A factor as [heads][rows][columns], as it is multiplied: in which dimension of its tensor each stands, or -1. */
struct factor {
    int heads, rows, columns;
    int64_t head_count, row_count, column_count;
};

static struct factor factor_of(const struct op_call *c, int i)
{
    const struct shape *s = op_shape(c, i);
    const bool turned = c->arg[i == 0 ? TRANSPOSE_A : TRANSPOSE_B].boolean;
    struct factor f = {.heads = s->rank - 3, .rows = s->rank - 2, .columns = s->rank - 1, .head_count = 1};

    if (turned) {
        f.rows = s->rank - 1;
        f.columns = s->rank - 2;
    }
    if (f.heads == 0)
        f.head_count = s->dim[0];
    f.row_count = s->dim[f.rows];
    f.column_count = s->dim[f.columns];
    return f;
}

/* What transposing one factor, or both of them in the other order, would mend. */
static void hint_transposed(struct op_call *c, const struct factor *a, const struct factor *b)
{
    if (a->column_count == b->column_count)
        diag_hint(c->diags, "%s", c->arg[TRANSPOSE_B].boolean ? "leave transpose_b out" : "say transpose_b = true: a * b^T");
    else if (a->row_count == b->row_count)
        diag_hint(c->diags, "%s", c->arg[TRANSPOSE_A].boolean ? "leave transpose_a out" : "say transpose_a = true: a^T * b");
}

static bool report(struct op_call *c, const char *what)
{
    diag_error(c->diags, c->at, DIAG_MATMUL, "matmul: %s", what);
    op_note_input(c, 0);
    op_note_input(c, 1);
    return false;
}

static bool want_factors(struct op_call *c, const struct factor *a, const struct factor *b)
{
    struct arena *arena = c->diags->arena;
    char left[SHAPE_TEXT], right[SHAPE_TEXT];

    shape_text(op_shape(c, 0), left);
    shape_text(op_shape(c, 1), right);
    if (a->column_count != b->row_count) {
        report(c, arena_printf(arena, "the inner sizes differ: %s%s has %" PRId64 " columns, %s%s has %" PRId64 " rows", left,
                               c->arg[TRANSPOSE_A].boolean ? " transposed" : "", a->column_count, right,
                               c->arg[TRANSPOSE_B].boolean ? " transposed" : "", b->row_count));
        hint_transposed(c, a, b);
        return false;
    }
    if (a->head_count != b->head_count && a->head_count != 1 && b->head_count != 1)
        return report(c,
                      arena_printf(arena, "%s has %" PRId64 " heads, %s has %" PRId64, left, a->head_count, right, b->head_count));
    return true;
}

/* Reads a factor at a head, a row and a column. */
static const struct expr *read_factor(struct op_call *c, struct nest *n, int i, const struct factor *f, struct index head,
                                      struct index row, struct index column)
{
    struct index at[MAX_RANK] = {0};

    if (f->head_count > 1)
        at[f->heads] = head;
    at[f->rows] = row;
    at[f->columns] = column;
    return nest_read(c->graph, n, c->in[i], at);
}

static node_id add_product(struct op_call *c, const struct factor *a, const struct factor *b, const struct shape *y)
{
    struct nest n = {.combine = COMBINE_SUM};
    struct index head = index_constant(0);
    int d = 0;

    if (y->rank == 3)
        n.out[d++] = head = index_axis(nest_add_axis(&n, "h", y->dim[0], false), 1);
    const struct index row = n.out[d] = index_axis(nest_add_axis(&n, "t", a->row_count, false), 1);
    const struct index column = n.out[d + 1] = index_axis(nest_add_axis(&n, "u", b->column_count, false), 1);
    const struct index inner = index_axis(nest_add_axis(&n, "f", a->column_count, true), 1);

    const struct expr *left = read_factor(c, &n, 0, a, head, row, inner);
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, left, read_factor(c, &n, 1, b, head, inner, column));
    return graph_add_compute(c->graph, "matmul", y, &n, false);
}

static bool matmul_build(struct op_call *c, node_id *result)
{
    for (int i = 0; i < 2; i++)
        if (!op_want_rank(c, i, 2, 3, "matrices TxF or heads of them HxTxF"))
            return false;

    const struct factor a = factor_of(c, 0), b = factor_of(c, 1);
    if (!want_factors(c, &a, &b))
        return false;
    struct shape y = {.rank = a.heads == 0 || b.heads == 0 ? 3 : 2};
    y.dim[0] = a.head_count > 1 ? a.head_count : b.head_count;
    y.dim[y.rank - 2] = a.row_count;
    y.dim[y.rank - 1] = b.column_count;
    if (!op_want_size(c, &y))
        return false;
    *result = add_product(c, &a, &b, &y);
    if (c->arg[SCALE].real < 1 || c->arg[SCALE].real > 1)
        *result = graph_add_scaled(c->graph, "scaled", FUNCTION_MULTIPLY, *result, c->arg[SCALE].real, false);
    return true;
}

const struct op op_matmul = {
    .name = "matmul",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = matmul_build,
    .doc =
        "`matmul(a, b, transpose_a=false, transpose_b=false, scale=1)`\n\n"
        "The product of two matrices that both come from the sample: `TxF` and `FxU` give `TxU`. Of rank 3, each of `H` heads has "
        "its own: `HxTxF` and `HxFxU` give `HxTxU`; a factor without heads, or with one, is multiplied with every head of the "
        "other.\n\n"
        "    y[t,u] = scale * sum over f of a[t,f] * b[f,u]\n\n"
        "`transpose_a` and `transpose_b` take the last two axes of a factor in the other order: attention compares queries "
        "with keys by `matmul(q, k, transpose_b = true, scale = 1/sqrt(q.shape[-1]))`. It has no parameters; of a matrix of "
        "weights and a sequence, `dense` is the product.\n",
    .example = "net attention {\n"
               "    input x: 6x8;\n"
               "    q = x -> dense(8);\n"
               "    k = x -> dense(8);\n"
               "    v = x -> dense(8);\n"
               "    weights = matmul(q, k, transpose_b = true, scale = 1/sqrt(8)) -> softmax(axis = 1);\n"
               "    output y = matmul(weights, v);\n"
               "}\n",
};
