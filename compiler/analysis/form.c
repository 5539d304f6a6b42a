/* form: which matcher recognises a nest, the most special one first. */
#include "compiler/analysis/form.h"

#include "compiler/analysis/access.h"
#include "compiler/graph/query.h"

/* Whether a free axis moves one access alone, so that a register tile can hold it fixed for several elements of the other. */
static bool has_own_axis(const struct graph *g, const struct nest *n, int access, int other)
{
    for (int a = 0; a < n->free_count; a++)
        if (access_uses(g, &n->in[access], a) && !access_uses(g, &n->in[other], a))
            return true;
    return false;
}

/* A sum of products of a varying and a uniform value, or of two varying ones of which each has an axis of its own. */
static bool match_contraction(const struct graph *g, const struct nest *n, struct nest_form *f)
{
    int factor[2];

    if (n->combine != COMBINE_SUM || !match_product(n->body, factor))
        return false;
    const bool first = graph_node(g, n->in[factor[0]].of)->uniform, second = graph_node(g, n->in[factor[1]].of)->uniform;
    f->x = factor[first];
    f->w = factor[!first];
    return first != second || (!first && has_own_axis(g, n, factor[0], factor[1]) && has_own_axis(g, n, factor[1], factor[0]));
}

static enum form form_over_samples(const struct graph *g, node_id v, struct nest_form *f)
{
    if (find_scatter(g, v, &f->gather_scatter))
        return FORM_SCATTER;
    if (graph_node(g, v)->order == ORDER_SAMPLES && find_batch_gemm(g, v, &f->batch_gemm))
        return FORM_BATCH_GEMM;
    return FORM_BATCH_REDUCTION;
}

struct nest_form match_form(const struct graph *g, node_id v, const struct nest *n)
{
    const struct node *node = graph_node(g, v);
    struct nest_form f = {.form = n->combine == COMBINE_NONE ? FORM_ELEMENTWISE : FORM_REDUCTION};

    if (node_sums_samples(g, node))
        f.form = form_over_samples(g, v, &f);
    else if (find_gather(g, v, n, &f.gather_scatter))
        f.form = FORM_GATHER;
    else if (!node->uniform && match_contraction(g, n, &f))
        f.form = FORM_CONTRACTION;
    return f;
}

const char *form_name(enum form form)
{
    switch (form) {
    case FORM_ELEMENTWISE: return "element-wise";
    case FORM_REDUCTION: return "reduction";
    case FORM_CONTRACTION: return "contraction";
    case FORM_GATHER: return "gather";
    case FORM_SCATTER: return "scatter";
    case FORM_BATCH_GEMM: return "batch GEMM";
    case FORM_BATCH_REDUCTION: return "batch reduction";
    case FORM_UPDATE: return "update";
    case FORM_ROWS: return "rows";
    case FORM_RECURRENCE: return "recurrence";
    }
    return "";
}
