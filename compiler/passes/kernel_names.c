/* kernel_names: what kernels are called: after the layer or the parameter they work for, and what they do for it. */
#include "compiler/passes/plan.h"

#include <ctype.h>
#include <string.h>

static const char *identifier(const char *text, struct arena *arena)
{
    char *copy = arena_strdup(arena, text);

    for (char *c = copy; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return isdigit((unsigned char)*copy) ? arena_printf(arena, "_%s", copy) : copy;
}

static const char *role_of(const struct plan *p, const struct plan_kernel *k)
{
    const struct node *n = graph_node(p->graph, k->member.at[0].v);

    if (k->kind == KERNEL_SAMPLES)
        return n->backward ? "_gradient" : "_statistics";
    if (k->kind == KERNEL_UNIFORM)
        return n->backward ? "_update" : "";
    if (k->recurrence)
        return n->backward ? "_backward_steps" : "_steps";
    return n->backward ? "_backward" : "";
}

/* "c1.weight'" without the marks of gradients and updates. */
static const char *stem_of(const struct plan *p, const struct plan_kernel *k, struct arena *arena)
{
    const struct node *n = graph_node(p->graph, k->member.at[0].v);

    if ((k->kind == KERNEL_BLOCK || !n->backward) && n->layer >= 0)
        return p->graph->layer.at[n->layer].name;
    /* The last member of an update is the parameter's; what comes before it is the optimizer's state. */
    n = graph_node(p->graph, k->member.at[k->member.count - 1].v);
    return arena_copy(arena, n->name, strcspn(n->name, "'+"));
}

void plan_name_kernels(struct plan *p, struct arena *arena)
{
    for (size_t i = 0; i < p->kernel.count; i++) {
        struct plan_kernel *k = &p->kernel.at[i];
        const char *base = identifier(arena_printf(arena, "%s%s%s", stem_of(p, k, arena), role_of(p, k), p->suffix), arena);
        int same = 1;
        for (size_t j = 0; j < i; j++)
            if (strcmp(p->kernel.at[j].name, base) == 0 ||
                (strncmp(p->kernel.at[j].name, base, strlen(base)) == 0 && p->kernel.at[j].name[strlen(base)] == '_' &&
                 isdigit((unsigned char)p->kernel.at[j].name[strlen(base) + 1])))
                same++;
        k->name = same == 1 ? base : arena_printf(arena, "%s_%d", base, same);
    }
}
