/* lower: from a plan to scheduled loops.
 *
 * Needs:   a verified plan.
 * Ensures: one loop kernel for each kernel of the plan, in its order; buffers where the plan places values.
 * Decides: nothing that changes a bit. Tiles and unrolling follow from the target, orders of summation from the nests.
 */
#include "compiler/lower/lower.h"
#include "compiler/graph/objective.h"

#include "compiler/analysis/access.h"
#include "compiler/graph/query.h"
#include "compiler/lower/kernels.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/notes.h"
#include "compiler/lower/random.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile_split.h"
#include "compiler/support/names.h"

#include <string.h>

static enum loop_space space_of(enum place_kind kind)
{
    switch (kind) {
    case PLACE_UNIFORM: return SPACE_UNIFORM;
    case PLACE_BLOCK: return SPACE_BLOCK;
    case PLACE_INPUT: return SPACE_INPUT;
    case PLACE_SETTING: return SPACE_SETTING;
    case PLACE_NONE: break;
    }
    return SPACE_LOCAL;
}

/* A C identifier that no other buffer has; "dc1" for c1', what the loss changes with c1. */
static const char *buffer_name(struct lowering *l, const char *value_name)
{
    const size_t stem = strcspn(value_name, "'");
    const char *rest = value_name + stem, *d = *rest ? "d" : "";

    rest += *rest ? 1 : 0;
    return names_take(l->buffer_names,
                      names_identifier(arena_printf(l->arena, "%s%.*s%s", d, (int)stem, value_name, rest), l->arena));
}

static void add_transposed(struct lowering *l)
{
    const struct plan *p = l->plan;

    l->transposed = arena_array(l->arena, loop_buffer_id, p->transposed.count);
    for (size_t i = 0; i < p->transposed.count; i++) {
        const struct plan_transposed *t = &p->transposed.at[i];
        const struct node *n = graph_node(l->graph, t->root);
        struct loop_buffer b = {.space = SPACE_BLOCK, .offset = t->place.offset, .elements = t->place.reals, .type = l->m->real};
        b.name = buffer_name(l, arena_printf(l->arena, "%s_by_channel", n->name));
        b.label = arena_printf(l->arena, "%s as [pixel][sample][channel]", n->name);
        l->transposed[i] = loop_add_buffer(l->m, b);
    }
}

/* Buffers of a plan. Inputs, settings, parameters and states are those of `shared`, where there is one. */
static void add_buffers(struct lowering *l, const struct lowering *shared)
{
    const struct graph *g = l->graph;
    node_id *target = arena_array(l->arena, node_id, g->node.count);
    char text[SHAPE_TEXT];

    l->buffer = arena_array(l->arena, loop_buffer_id, g->node.count);
    l->origin = arena_array(l->arena, const struct loop_origin *, g->node.count);
    for (size_t v = 0; v < g->node.count; v++)
        target[v] = NO_NODE;
    for (size_t i = 0; i < l->plan->update.count; i++)
        target[l->plan->update.at[i].source] = l->plan->update.at[i].target;
    for (size_t v = 0; v < g->node.count; v++) {
        const struct plan_place *place = &l->plan->place[v];
        const struct node *n = &g->node.at[v];
        l->buffer[v] = -1;
        if (n->kind == NODE_VIEW || place->kind == PLACE_NONE)
            continue;
        if (shared && n->kind != NODE_COMPUTE) {
            l->buffer[v] = shared->buffer[v];
            continue;
        }
        /* An update's result stands in its target's buffer. */
        if (target[v] != NO_NODE)
            l->buffer[v] = l->buffer[target[v]];
        if (l->buffer[v] >= 0)
            continue;
        struct loop_buffer b = {.name = buffer_name(l, n->name),
                                .space = space_of(place->kind),
                                .offset = place->offset,
                                .elements = place->reals,
                                .type = type_of_node(l, (node_id)v)};
        b.label = arena_printf(l->arena, "%s %s", n->name, shape_text(&n->shape, text));
        l->buffer[v] = loop_add_buffer(l->m, b);
    }
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].kind == NODE_VIEW)
            l->buffer[v] = l->buffer[view_root(g, (node_id)v)];
    add_transposed(l);
}

static void count_costs(struct lowering *l)
{
    l->k->per_sample = l->planned->kind != KERNEL_UNIFORM;
    l->k->multiply_adds = kernel_work(l->plan, l->planned).multiply_adds;
    l->k->bytes = kernel_bytes(l->plan, l->planned);
}

/* Elements that no nest reaches are zero. */
static void clear_uncovered(struct lowering *l, struct loop_list *out)
{
    node_id v = l->planned->fused.at[0].v;
    const struct node *n = graph_node(l->graph, v);
    struct loop_list body = {0}, store = {0};

    if (node_is_covered(n))
        return;
    loop_axis i = open_axis(l, "i", 0, shape_elements(&n->shape));
    loop_axis part = begin_parts(l);
    const struct loop_dimension dimension[] = {{0, loop_axis_index(l->m, i, 1)}, {LANES, l->lane}};
    struct loop_place place = {l->buffer[v], l->block, loop_index_in(l->m, n->uniform ? 1 : 2, dimension)};
    loop_append(&store, loop_store(l->m, place, loop_real(l->m, l->type, 0)));
    end_parts(l, part, store, &body);
    close_axis(l, i, body, out);
}

static void lower_anchor(struct lowering *l, struct loop_list *out)
{
    const node_id v = l->planned->fused.at[0].v;
    const struct node *n = graph_node(l->graph, v);
    const struct loop_origin *before = enter_value(l, v);

    for (int q = 0; q < n->nest_count; q++) {
        const struct nest_form *form = &l->plan->form[v][q];
        if (form->form == FORM_GATHER)
            lower_gather(l, &n->nest[q], form, out);
        else if (form->form == FORM_CONTRACTION)
            lower_contraction(l, &n->nest[q], form, out);
        else
            lower_elementwise(l, &n->nest[q], out);
    }
    l->m->origin = before;
}

/* The kernels of a recurrence, one after the other at each step. */
static void lower_timesteps(struct lowering *l, const struct plan_kernel *k, struct loop_list *out)
{
    const struct recurrence *r = k->recurrence;
    struct loop_list body = {0};

    for (int i = 0; i < k->part_count; i++) {
        l->planned = &k->part[i];
        clear_uncovered(l, out);
    }
    loop_axis step = open_axis(l, "step", 0, r->steps);
    l->timestep = axis_times(l, step, r->descending ? -1 : 1);
    if (r->descending)
        l->timestep = loop_index_add(l->m, l->timestep, loop_constant_index(r->steps - 1));
    for (int i = 0; i < k->part_count; i++) {
        l->planned = &k->part[i];
        lower_anchor(l, &body);
    }
    l->planned = k;
    close_axis(l, step, body, out);
}

/* Kernels that share rows, one after the other at each row: loops over dimensions `r` and further ones, and the parts' inside. These name
 * the same rows by axes of their own, some of which are called alike: so the loops are called rows. */
static void lower_rows(struct lowering *l, const struct plan_kernel *k, int r, struct loop_list *out)
{
    struct loop_list body = {0};

    l->row_count = r;
    if (r < k->row_count) {
        loop_axis row = open_axis(l, r == 0 ? "row" : arena_printf(l->arena, "row_%d", r + 1), 0, k->tiles[r]);
        l->row_dim[r] = k->row_dim[r];
        l->row[r] = axis_times(l, row, 1);
        lower_rows(l, k, r + 1, &body);
        close_axis(l, row, body, out);
        return;
    }
    for (int i = 0; i < k->part_count; i++) {
        l->planned = &k->part[i];
        lower_anchor(l, out);
    }
    l->planned = k;
    l->row_count = 0;
}

static void lower_copy(struct lowering *l, int i, struct loop_list *out)
{
    const struct plan_transposed *t = &l->plan->transposed.at[i];
    struct loop_list copy = {0};

    lower_transposed(l, t, l->transposed[i], &copy);
    if (copy.first)
        copy.first->note = arena_printf(l->arena, "copies %s as [pixel][sample][channel]", graph_node(l->graph, t->root)->name);
    append_list(out, copy);
}

static void lower_nests(struct lowering *l)
{
    struct loop_list body = {0};

    if (l->planned->recurrence) {
        lower_timesteps(l, l->planned, &body);
    } else if (l->planned->form == FORM_ROWS) {
        lower_rows(l, l->planned, 0, &body);
    } else {
        clear_uncovered(l, &body);
        lower_anchor(l, &body);
    }
    const struct plan_transposed *copies = l->plan->transposed.at;
    for (int i = l->plan->copy_by[l->planned - l->plan->kernel.at]; i >= 0; i = copies[i].next_of_host)
        lower_copy(l, i, &body);
    l->k->body = loop_list_block(l->m, body);
}

static void lower_uniform(struct lowering *l)
{
    l->type = l->m->real;
    add_all_item(l);
    lower_nests(l);
}

static void lower_block(struct lowering *l)
{
    l->block = loop_axis_index(l->m, open_axis(l, "block", 0, l->m->batch / LANES + 1), 1);
    lower_nests(l);
}

static void lower_form(struct lowering *l, const struct plan_kernel *k)
{
    const node_id v = k->fused.at[0].v;

    switch (k->form) {
    case FORM_SCATTER: lower_scatter(l, v, l->plan->form[v]); break;
    case FORM_BATCH_GEMM: lower_batch_gemm(l, v, l->plan->form[v]); break;
    case FORM_BATCH_REDUCTION: lower_batch_reduction(l, graph_node(l->graph, v)->nest); break;
    case FORM_UPDATE: lower_update(l); break;
    case FORM_ELEMENTWISE:
    case FORM_REDUCTION:
    case FORM_CONTRACTION:
    case FORM_GATHER:
    case FORM_ROWS:
    case FORM_RECURRENCE: (k->kind == KERNEL_UNIFORM ? lower_uniform : lower_block)(l); break;
    }
}

/* ---- Kernels ------------------------------------------------------------------------------------------------------- */

static void lower_kernel(struct lowering *l, const struct plan_kernel *k)
{
    l->planned = k;
    l->k = loop_add_kernel(l->m, k->name);
    add_notes(l, k);
    l->range.count = 0;
    l->random = NULL;
    l->drawn = NULL;
    l->block = l->lane = loop_constant_index(0);
    l->type = loop_vector_of(l->m->real);
    lower_form(l, k);
    finish_random(l);
    loop_rename_variables(l->m, l->k);
    count_costs(l);
}

static void add_phase(struct lowering *l, struct loop_program *to, const char *name, int first, int count)
{
    struct loop_phase phase = {name, first, count};

    vec_push(l->arena, &to->phase, phase);
}

/* Evaluation by training's kernels: runs of those that it needs, phase by phase. */
static void add_shared_evaluation(struct lowering *l, struct loop_program *to)
{
    const struct plan *p = l->plan;

    for (int i = 0; i < p->evaluate_phases; i++) {
        int end = p->phase.at[i].first + p->phase.at[i].count;
        for (int k = p->phase.at[i].first; k < end; k++) {
            int first = k;
            while (k < end && p->evaluated[k])
                k++;
            if (k > first)
                add_phase(l, to, "forward", first, k - first);
        }
    }
}

/* Lowers all kernels of a plan, behind those that the module has, and appends its phases to a program. */
static void lower_plan(struct lowering *l, struct loop_program *to)
{
    int before = (int)l->m->kernel.count;

    for (size_t i = 0; i < l->plan->kernel.count; i++)
        lower_kernel(l, &l->plan->kernel.at[i]);
    for (size_t i = 0; i < l->plan->phase.count; i++) {
        const struct plan_phase *phase = &l->plan->phase.at[i];
        add_phase(l, to, phase->name, before + phase->first, phase->count);
    }
    to->checked = l->plan->checked;
}

static const char *without_folders(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static struct loop_module *make_module(const struct plan *plan, const struct target *target, struct arena *arena)
{
    struct loop_module *m = arena_new(arena, struct loop_module);
    int lanes = target->vector_bytes / plan->precision;

    m->arena = arena;
    m->real = plan->precision == 4 ? TYPE_F32 : TYPE_F64;
    m->vector_lanes = lanes > LANES ? LANES : lanes;
    m->name = plan->graph->name;
    m->path = plan->graph->sources && plan->graph->sources->file.count > 0 ? plan->graph->sources->file.at[0].name : NULL;
    m->source = m->path ? without_folders(m->path) : "";
    m->uniform_bytes = plan->uniform_bytes;
    m->block_bytes = plan->block_bytes;
    m->batch = plan->batch;
    m->input_count = (int)plan->graph->input.count;
    m->setting_count = (int)plan->graph->setting.count;
    return m;
}

/* A net that learns has three programs; one that does not predicts alone. */
static void lower_programs(struct lowering *train, struct lowering *evaluate)
{
    struct loop_module *m = train->m;

    if (!train->plan->objective) {
        lower_plan(train, loop_add_program(m, "predict"));
        return;
    }
    lower_plan(train, loop_add_program(m, "train"));
    struct loop_program *program = loop_add_program(m, "evaluate");
    if (train->plan->evaluation)
        lower_plan(evaluate, program);
    else
        add_shared_evaluation(train, program);
    /* The loss beside it costs next to nothing, and where the labels are not known nobody looks at it. */
    loop_add_program(m, "predict")->phase = program->phase;
}

struct loop_module *pass_lower(const struct plan *plan, const struct target *target, struct arena *arena)
{
    struct loop_module *m = make_module(plan, target, arena);
    struct lowering train = {
        .plan = plan, .graph = plan->graph, .target = target, .arena = arena, .m = m, .buffer_names = names_create(arena)};
    struct lowering evaluate = train;

    add_buffers(&train, NULL);
    if (plan->evaluation) {
        evaluate.plan = plan->evaluation;
        evaluate.graph = plan->evaluation->graph;
        add_buffers(&evaluate, &train);
    }
    lower_programs(&train, &evaluate);
    return m;
}
