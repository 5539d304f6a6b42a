/* random: numbers that are a pure function of what they are for.
 *
 * Nothing is advanced or kept: a number follows from (seed, epoch, sample, stream, element), so every pass over a net and any order
 * of work find the same one.
 */
#include "compiler/graph/build.h"
#include "compiler/graph/graph.h"

#include <string.h>

/* A stream as the runtime numbers them (netrt/random.h): the purpose in the upper eight bits, the layer below. */
enum { PURPOSE_LAYER = 6, LAYER_BITS = 24 };

static struct graph_random *random_of(struct graph *g)
{
    if (g->random == NULL) {
        g->random = arena_new(g->arena, struct graph_random);
        g->random->index = NO_NODE;
    }
    return g->random;
}

static node_id add_half(struct graph *g, enum runtime_scalar fact, int half)
{
    const char *name = arena_printf(g->arena, "netrt.%s.%d", fact == RUNTIME_SEED ? "seed" : "epoch", half);
    const node_id v = graph_add_setting(g, name, 0, 0, UINT16_MAX);
    struct graph_setting *s = &g->setting.at[g->setting.count - 1];

    s->fact = fact;
    s->half = half;
    return v;
}

static void add_runtime_scalars(struct graph *g, struct graph_random *r)
{
    r->index = graph_add_input(g, "netrt.index", &(struct shape){.rank = 1, .dim = {2}}, false, SPAN_NONE);
    g->input.at[g->input.count - 1].is_index = true;
    for (int half = 0; half < SEED_HALVES; half++)
        r->seed[half] = add_half(g, RUNTIME_SEED, half);
    for (int half = 0; half < EPOCH_HALVES; half++)
        r->epoch[half] = add_half(g, RUNTIME_EPOCH, half);
}

/* FNV-1a (Fowler, Noll, Vo), 32 bits, folded to 24 as its authors advise. */
static uint32_t hash_name(const char *name)
{
    uint32_t h = UINT32_C(2166136261);

    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * UINT32_C(16777619);
    return (h >> LAYER_BITS ^ h) & ((UINT32_C(1) << LAYER_BITS) - 1);
}

static bool is_taken(const struct graph_random *r, uint32_t stream)
{
    for (size_t i = 0; i < r->stream.count; i++)
        if (r->stream.at[i] == stream)
            return true;
    return false;
}

/* By the layer's name, so that what is added elsewhere in a net changes no number here. */
uint32_t graph_add_stream(struct graph *g, const char *layer)
{
    struct graph_random *r = random_of(g);
    uint32_t number = hash_name(layer), stream;

    do {
        stream = (uint32_t)PURPOSE_LAYER << LAYER_BITS | number;
        number = (number + 1) & ((UINT32_C(1) << LAYER_BITS) - 1);
    } while (is_taken(r, stream));
    vec_push(g->arena, &r->stream, stream);
    return stream;
}

const struct expr *expr_random(struct graph *g, struct nest *n, uint32_t stream, struct index element)
{
    struct graph_random *r = random_of(g);
    struct expr *e = arena_new(g->arena, struct expr);

    if (r->index == NO_NODE)
        add_runtime_scalars(g, r);
    *e = (struct expr){.kind = EXPR_RANDOM, .stream = stream, .index = element};
    for (int half = 0; half < 2; half++)
        e->arg[half] = nest_read(g, n, r->index, (struct index[]){index_constant(half)});
    return e;
}

bool expr_draws(const struct expr *e)
{
    if (e->kind == EXPR_RANDOM)
        return true;
    for (int i = 0; i < 3 && e->arg[i] != NULL; i++)
        if (expr_draws(e->arg[i]))
            return true;
    return false;
}
