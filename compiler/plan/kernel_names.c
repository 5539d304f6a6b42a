/* kernel_names: what kernels are called.
 *
 * A kernel that gives a layer's result has the layer's name; one that prepares it (a sum over the batch, a mean) is called after what
 * it computes: batchnorm1_mean. Work of the backward pass says so: c1_backward, c1_weight_gradient, c1_weight_update.
 *
 * Ensures: each name is a C identifier that no other kernel of the program has, in training or outside. A layer's own name is its
 *          kernel's: those that are made up (c1_2, c1_inference) give way to a layer that is called so.
 */
#include "compiler/plan/plan.h"

#include "compiler/support/names.h"

#include <string.h>

struct naming {
    const struct plan *plan;
    struct names *names;        /* of training and evaluation */
    const bool *has_statistics; /* by layer: it sums over the batch before it has a result */
    const node_id *target;        /* by value: what it is the next value of, or NO_NODE */
    struct arena *arena;
};

static const struct node *fused_at(const struct naming *n, const struct plan_kernel *k, size_t i)
{
    return graph_node(n->plan->graph, k->fused.at[i].v);
}

static const struct node *first_stored(const struct naming *n, const struct plan_kernel *k)
{
    for (size_t i = 0; i < k->fused.count; i++)
        if (k->fused.at[i].stored)
            return fused_at(n, k, i);
    return fused_at(n, k, 0);
}

/* "c1.weight'", a gradient, and "c1.weight+", a parameter's next value, without their marks. */
static const char *without_mark(const struct naming *n, const char *name)
{
    return arena_copy(n->arena, name, strcspn(name, "'+"));
}

/* Whether a kernel of block results goes as far as its first layer's result, or beyond. */
static bool gives_result(const struct naming *n, const struct plan_kernel *k, int layer)
{
    const node_id result = plan_layer_result(n->plan, layer);

    for (size_t i = 0; i < k->fused.count; i++)
        if (k->fused.at[i].v == result || fused_at(n, k, i)->layer != layer)
            return true;
    return false;
}

static const char *block_name(const struct naming *n, const struct plan_kernel *k)
{
    const struct node *first = fused_at(n, k, 0);

    if (first->layer < 0)
        return arena_printf(n->arena, "%s%s", without_mark(n, first->name), first->backward ? "_backward" : "");
    const char *layer = n->plan->graph->layer.at[first->layer].name;
    if (first->backward)
        return arena_printf(n->arena, "%s_backward%s", layer, k->recurrence ? "_steps" : "");
    if (k->recurrence)
        return arena_printf(n->arena, "%s_steps", layer);
    if (!gives_result(n, k, first->layer))
        return first_stored(n, k)->name;
    return n->has_statistics[first->layer] ? arena_printf(n->arena, "%s_apply", layer) : layer;
}

/* What a kernel that is not of lane blocks computes: "batchnorm1.mean", "c1.weight". */
static const char *subject_of(const struct naming *n, const struct plan_kernel *k)
{
    const struct node *first = fused_at(n, k, 0), *last = fused_at(n, k, k->fused.count - 1);

    if (k->kind == KERNEL_SAMPLES)
        return without_mark(n, first->name);
    if (!last->backward)
        return first_stored(n, k)->name;
    /* The last update of several is the parameter's; what comes before it is the optimizer's state. */
    for (size_t i = k->fused.count; i-- > 0;)
        if (n->target[k->fused.at[i].v] != NO_NODE)
            return graph_node(n->plan->graph, n->target[k->fused.at[i].v])->name;
    return without_mark(n, last->name);
}

static const char *role_of(const struct naming *n, const struct plan_kernel *k)
{
    if (!fused_at(n, k, k->fused.count - 1)->backward)
        return "";
    for (size_t i = 0; k->kind == KERNEL_UNIFORM && i < k->fused.count; i++)
        if (n->target[k->fused.at[i].v] != NO_NODE)
            return "_update";
    return "_gradient";
}

/* Whether the wish is the name of the layer that the kernel begins with. */
static bool is_own_name(const struct naming *n, const struct plan_kernel *k, const char *wish)
{
    const int layer = fused_at(n, k, 0)->layer;

    return layer >= 0 && strcmp(wish, n->plan->graph->layer.at[layer].name) == 0;
}

static void name_kernels(const struct naming *n, struct plan *p, const char *suffix, bool own)
{
    for (size_t i = 0; i < p->kernel.count; i++) {
        struct plan_kernel *k = &p->kernel.at[i];
        const char *wish = k->subject ? arena_printf(n->arena, "%s%s", k->subject, role_of(n, k)) : block_name(n, k);
        if (is_own_name(n, k, wish) == own)
            k->name = names_take(n->names, names_identifier(arena_printf(n->arena, "%s%s", wish, suffix), n->arena));
    }
}

static void name_program(struct plan *p, struct names *names, const char *suffix, struct arena *arena)
{
    const struct graph *g = p->graph;
    bool *has_statistics = arena_array(arena, bool, g->layer.count);
    node_id *target = arena_array(arena, node_id, g->node.count);
    const struct naming n = {p, names, has_statistics, target, arena};

    for (size_t i = 0; i < p->kernel.count; i++) {
        const struct node *first = fused_at(&n, &p->kernel.at[i], 0);
        if (p->kernel.at[i].kind == KERNEL_SAMPLES && !first->backward && first->layer >= 0)
            has_statistics[first->layer] = true;
    }
    for (size_t v = 0; v < g->node.count; v++)
        target[v] = NO_NODE;
    for (size_t i = 0; i < p->update.count; i++)
        target[view_root(g, p->update.at[i].source)] = p->update.at[i].target;
    for (size_t i = 0; i < p->kernel.count; i++)
        if (p->kernel.at[i].kind != KERNEL_BLOCK)
            p->kernel.at[i].subject = subject_of(&n, &p->kernel.at[i]);
    name_kernels(&n, p, suffix, true);
    name_kernels(&n, p, suffix, false);
}

void plan_name_kernels(struct plan *p, struct arena *arena)
{
    struct names *names = names_create(arena);

    name_program(p, names, "", arena);
    if (p->evaluation)
        name_program(p->evaluation, names, "_inference", arena);
}
