/* verify: whether loops add up as the graph says.
 *
 * An accumulator is a variable that is set to itself plus something: a term, or a partial sum, which is an accumulator again. So they
 * form chains from the innermost to the outermost. Of each is counted how often it is added to while it lives, loops in full and
 * conditions as if they held; the nests of the kernel's anchors say how often that is at most (struct accumulation). Where none of a
 * nest's points lies outside its tensors, one chain of the kernel has all terms.
 *
 * Sums that a fusion tile finishes are straight lines without accumulators: fusion_tile.c asserts that they need no partial sums.
 */
#include "compiler/graph/query.h"
#include "compiler/loop/loop.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "compiler/support/arena.h"

#include <inttypes.h>
#include <stdint.h>

enum { MAX_LEVELS = MAX_PARTIALS + 3 };

enum term_kind { TERM_NONE, TERM_ADDED, TERM_FUSED, TERM_LANES };    /* lanes: the sum of a block's */

struct accumulator {
    const struct loop_variable *variable;    /* NULL: a free slot */
    size_t number;                           /* in the order of definitions */
    double rounds;                           /* of the loops around its definition */
    int64_t adds;
    enum term_kind term;
    struct accumulator *into;                /* what it is added to, or NULL */
    bool has_parts;
};

struct checker {
    const struct plan *plan;
    const struct plan_kernel *planned;
    const struct loop_kernel *kernel;
    int64_t blocks;
    struct accumulator *slot;
    size_t slots;    /* a power of two */
    size_t definitions;    /* so far */
    FILE *out;
};

/* ---- What the loops do --------------------------------------------------------------------------------------------- */

static struct accumulator *find(const struct checker *c, const struct loop_variable *v)
{
    size_t at = (size_t)(((uintptr_t)v >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);

    while (c->slot[at & (c->slots - 1)].variable != NULL && c->slot[at & (c->slots - 1)].variable != v)
        at++;
    return &c->slot[at & (c->slots - 1)];
}

static bool reads(const struct loop_expr *e, const struct loop_variable *v)
{
    return e->op == LOOP_VARIABLE && e->as.variable == v;
}

/* `v` is set to itself and a term: which. */
static enum term_kind term_of(const struct loop_expr *e, const struct loop_variable *v)
{
    if (e->op == LOOP_FMA && reads(e->arg[2], v))
        return TERM_FUSED;
    if (e->op != LOOP_ADD || !reads(e->arg[0], v))
        return TERM_NONE;
    return e->arg[1]->op == LOOP_SUM_LANES ? TERM_LANES : TERM_ADDED;
}

static void count_addition(const struct checker *c, const struct loop *s, double rounds)
{
    struct accumulator *sum = find(c, s->as.set.variable);
    const enum term_kind term = term_of(s->as.set.value, sum->variable);
    const struct loop_expr *added = s->as.set.value->arg[1];

    if (term == TERM_NONE)
        return;
    sum->adds += (int64_t)(rounds / sum->rounds);
    struct accumulator *part = term == TERM_ADDED && added->op == LOOP_VARIABLE ? find(c, added->as.variable) : NULL;
    if (part != NULL && part->adds > 0) {
        part->into = sum;
        sum->has_parts = true;
    } else {
        sum->term = term;
    }
}

static void walk(struct checker *c, const struct loop *s, double rounds)
{
    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR:
            walk(c, s->as.for_.body, rounds * (double)(s->as.for_.over_blocks ? c->blocks : s->as.for_.end - s->as.for_.begin));
            break;
        case LOOP_IF: walk(c, s->as.if_.body, rounds); break;
        case LOOP_INDIRECT: walk(c, s->as.indirect.body, rounds); break;
        case LOOP_BLOCK: walk(c, s->as.block, rounds); break;
        case LOOP_DEFINE: {
            struct accumulator *a = find(c, s->as.set.variable);
            *a = (struct accumulator){.variable = s->as.set.variable, .number = c->definitions++, .rounds = rounds};
            break;
        }
        case LOOP_SET: count_addition(c, s, rounds); break;
        case LOOP_STORE: break;
        }
    }
}

/* ---- What the graph says ------------------------------------------------------------------------------------------- */

/* A chain: how its terms are added, and how many each level takes at most, the innermost first. */
struct chain {
    enum term_kind term;
    int count;
    int64_t most[MAX_LEVELS];
};

static void end_level(struct chain *c, int64_t *terms)
{
    c->most[c->count++] = *terms;
    *terms = 1;
}

/* The reduced axes, from the innermost outwards; *terms: of the level that is not ended yet. */
static void count_axes(const struct nest *n, struct chain *c, int64_t *terms)
{
    int cut = n->sum.partial_count;

    for (int axis = n->axis_count; axis-- > n->free_count;) {
        int64_t done = 1;    /* points of the axis that are one term by now */
        for (; cut > 0 && n->sum.partial[cut - 1].axis == axis; cut--) {
            *terms *= n->sum.partial[cut - 1].count / done;
            end_level(c, terms);
            done = n->sum.partial[cut - 1].count;
        }
        *terms *= (n->extent[axis] + done - 1) / done;
    }
}

/* The chains of a nest: one, or in the order of lanes that of the lanes and that of the blocks. */
static int chains_of(const struct checker *c, const struct node *node, const struct nest *n, struct chain chain[2])
{
    const bool samples = node_sums_samples(c->plan->graph, node);
    int64_t terms = samples && node->order == ORDER_SAMPLES ? LANES : 1;
    int count = 0;

    chain[0] = chain[1] = (struct chain){.term = n->sum.form == SUM_FMA ? TERM_FUSED : TERM_ADDED};
    count_axes(n, &chain[0], &terms);
    if (samples && node->order == ORDER_LANES) {
        end_level(&chain[count++], &terms);
        chain[count].term = TERM_LANES;
    }
    if (samples && c->blocks > n->sum.blocks) {
        terms *= n->sum.blocks;
        end_level(&chain[count], &terms);
        terms = (c->blocks + n->sum.blocks - 1) / n->sum.blocks;
    } else if (samples) {
        terms *= c->blocks;
    }
    end_level(&chain[count], &terms);
    return count + 1;
}

/* ---- Comparison ---------------------------------------------------------------------------------------------------- */

static struct chain chain_in_loops(const struct accumulator *a)
{
    struct chain c = {.term = a->term};

    for (; a != NULL && c.count < MAX_LEVELS; a = a->into)
        c.most[c.count++] = a->adds;
    return c;
}

static bool agrees(const struct chain *got, const struct chain *wanted)
{
    bool within = got->term == wanted->term && got->count == wanted->count;

    for (int i = 0; within && i < got->count; i++)
        within = got->most[i] <= wanted->most[i];
    return within;
}

static bool is_complete(const struct chain *got, const struct chain *wanted)
{
    bool complete = agrees(got, wanted);

    for (int i = 0; complete && i < got->count; i++)
        complete = got->most[i] == wanted->most[i];
    return complete;
}

/* The anchors of a kernel, one after the other: of a recurrence, or of kernels that share rows, those of its parts. */
static node_id anchor_of(const struct plan_kernel *k, int i)
{
    if (k->part_count > 0)
        return i < k->part_count ? k->part[i].fused.at[0].v : NO_NODE;
    return i == 0 ? k->fused.at[0].v : NO_NODE;
}

static bool adds_up(const struct checker *c, node_id v, const struct nest *n)
{
    const struct node *node = graph_node(c->plan->graph, v);

    if (n->combine != COMBINE_SUM && !node_sums_samples(c->plan->graph, node))
        return false;
    return plan_form_of_nest(c->plan, v, n)->form != FORM_GATHER && node->order != ORDER_ROWS;
}

/* Whether an accumulator's chain is one of the nests'. */
static bool is_known(const struct checker *c, const struct chain *got)
{
    struct chain wanted[2];

    for (int i = 0; anchor_of(c->planned, i) != NO_NODE; i++) {
        const struct node *node = graph_node(c->plan->graph, anchor_of(c->planned, i));
        for (int q = 0; q < node->nest_count; q++) {
            const int count = adds_up(c, anchor_of(c->planned, i), &node->nest[q]) ? chains_of(c, node, &node->nest[q], wanted) : 0;
            for (int w = 0; w < count; w++)
                if (agrees(got, &wanted[w]))
                    return true;
        }
    }
    return false;
}

static bool is_innermost(const struct accumulator *a)
{
    return a->variable != NULL && a->adds > 0 && !a->has_parts;
}

static bool verify_accumulators(const struct checker *c)
{
    const struct accumulator *wrong = NULL;

    for (size_t i = 0; i < c->slots; i++) {
        const struct accumulator *a = &c->slot[i];
        const struct chain got = is_innermost(a) ? chain_in_loops(a) : (struct chain){0};
        if (got.count > 0 && !is_known(c, &got) && (wrong == NULL || a->number < wrong->number))
            wrong = a;
    }
    if (wrong == NULL)
        return true;
    const struct chain got = chain_in_loops(wrong);
    fprintf(c->out, "kernel %s: %s is added to in another way than the graph says:", c->kernel->name, wrong->variable->name);
    for (int level = 0; level < got.count; level++)
        fprintf(c->out, "%s %" PRId64, level > 0 ? " of" : "", got.most[level]);
    fprintf(c->out, " %s\n", got.term == TERM_FUSED ? "products" : got.term == TERM_LANES ? "sums of lanes" : "terms");
    return false;
}

static bool is_anywhere(const struct checker *c, const struct chain *wanted)
{
    for (size_t i = 0; i < c->slots; i++) {
        const struct accumulator *a = &c->slot[i];
        const struct chain got = is_innermost(a) ? chain_in_loops(a) : (struct chain){0};
        if (is_complete(&got, wanted))
            return true;
    }
    return false;
}

/* Of nests whose points all count, no term is forgotten. */
static bool verify_completeness(const struct checker *c)
{
    struct chain wanted[2];

    for (int i = 0; anchor_of(c->planned, i) != NO_NODE; i++) {
        const node_id v = anchor_of(c->planned, i);
        const struct node *node = graph_node(c->plan->graph, v);
        for (int q = 0; q < node->nest_count; q++) {
            const struct nest *n = &node->nest[q];
            if (!adds_up(c, v, n) || nest_may_be_out_of_bounds(c->plan->graph, n) || nest_share_of_products(c->plan->graph, n) < 1)
                continue;
            const int count = chains_of(c, node, n, wanted);
            for (int w = 0; w < count; w++)
                if (!is_anywhere(c, &wanted[w])) {
                    fprintf(c->out, "kernel %s: no accumulator takes all terms of %s\n", c->kernel->name, node->name);
                    return false;
                }
        }
    }
    return true;
}

static bool verify_kernel(struct checker *c, struct arena *arena)
{
    struct arena *scratch = arena_open_scratch(arena);

    c->slots = 16;
    c->definitions = 0;
    while (c->slots < 2 * loop_count_definitions(c->kernel->body))
        c->slots *= 2;
    c->slot = arena_array(scratch, struct accumulator, c->slots);
    walk(c, c->kernel->body, 1);
    const bool ok = verify_accumulators(c) && verify_completeness(c);
    arena_close_scratch(scratch);
    return ok;
}

static bool verify_kernels(const struct plan *plan, const struct loop_module *m, size_t first, struct arena *arena, FILE *out)
{
    struct checker c = {.plan = plan, .blocks = plan_blocks(plan), .out = out};

    for (size_t i = 0; i < plan->kernel.count; i++) {
        c.planned = &plan->kernel.at[i];
        c.kernel = m->kernel.at[first + i];
        if (!verify_kernel(&c, arena))
            return false;
    }
    return plan->evaluation == NULL || verify_kernels(plan->evaluation, m, first + plan->kernel.count, arena, out);
}

bool lower_verify(const struct plan *plan, const struct loop_module *m, FILE *out)
{
    return verify_kernels(plan, m, 0, m->arena, out);
}
