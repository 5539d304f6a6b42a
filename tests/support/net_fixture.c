#include "tests/support/net_fixture.h"

#include "compiler/graph/inspect.h"
#include "compiler/graph/objective.h"
#include "compiler/support/arena.h"
#include "compiler/support/intern.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/parse.h"
#include "tests/support/generator.h"

#include <stdlib.h>
#include <string.h>

const struct target invented_targets[INVENTED_TARGETS] = {
    {.isa = &isa_x86_64_v3, .vector_bytes = 16, .vector_registers = 16, .l1 = {4 << 10, 4}},
    {.isa = &isa_x86_64_v3, .vector_bytes = 32, .vector_registers = 16, .l1 = {32 << 10, 8}},
    {.isa = &isa_x86_64_v4, .vector_bytes = 64, .vector_registers = 32, .l1 = {48 << 10, 12}},
};

static void exhausted(size_t bytes)
{
    fprintf(stderr, "no memory for %zu bytes\n", bytes);
    abort();
}

static bool analyse(struct net_fixture *f, const char *text)
{
    struct interner *names = interner_create(f->arena);
    struct sema_options options = {0};
    struct ast ast = {0};

    return parse_text("test.net", text, strlen(text), f->arena, names, &f->sources, &f->diags, &ast) &&
           sema_analyse(&ast, &options, f->arena, names, &f->sources, &f->diags, &f->program);
}

static bool make_plan(struct net_fixture *f, int precision, FILE *out)
{
    f->graph = f->program.graph;
    if (!graph_verify(f->graph, out))
        return false;
    pass_differentiate(f->graph);
    if (!graph_verify(f->graph, out))
        return false;
    const struct plan_options options = {.precision = precision, .batch = f->program.batch};
    f->plan = pass_plan(f->graph, &options, f->arena);
    return plan_verify(f->plan, out);
}

struct net_fixture *net_open(const char *text, int precision, FILE *out)
{
    struct arena *arena = arena_create(exhausted);
    struct net_fixture *f = arena_new(arena, struct net_fixture);

    f->arena = arena;
    f->sources.arena = arena;
    diags_init(&f->diags, arena, &f->sources);
    diag_set_warning(&f->diags, "unused-border", false);
    if (analyse(f, text) && make_plan(f, precision, out))
        return f;
    diag_print(&f->diags, DIAG_TEXT, false, out);
    fprintf(out, "%s\n", text);
    net_close(f);
    return NULL;
}

void net_close(struct net_fixture *f)
{
    arena_destroy(f->arena);
}

bool net_lower(struct net_fixture *f, const struct target *target, FILE *out)
{
    f->module = pass_lower(f->plan, target, f->arena);
    return loop_verify(f->module, out) && lower_verify(f->plan, f->module, out);
}

/* ---- Memory -------------------------------------------------------------------------------------------------------- */

void net_allocate(struct net_fixture *f, int64_t samples)
{
    const struct graph *g = f->graph;
    const int64_t blocks = (samples + LANES - 1) / LANES;

    f->memory.samples = samples;
    f->memory.block_count = blocks;
    f->memory.uniform = arena_array(f->arena, double, (size_t)(f->plan->uniform_bytes / f->plan->precision) + 1);
    f->memory.blocks = arena_array(f->arena, double, (size_t)(blocks * f->plan->block_bytes / f->plan->precision) + 1);
    f->input = arena_array(f->arena, double *, g->input.count + 1);
    for (size_t i = 0; i < g->input.count; i++) {
        const int64_t elements = shape_elements(&graph_node(g, g->input.at[i].v)->shape);
        f->input[i] = arena_array(f->arena, double, (size_t)(blocks * elements * LANES));
    }
    f->setting = arena_array(f->arena, double, g->setting.count + 1);
    for (size_t i = 0; i < g->setting.count; i++)
        f->setting[i] = g->setting.at[i].fact == RUNTIME_NONE ? g->setting.at[i].initial
                                                              : generator_half(generator_hash(g->setting.at[i].name), 0);
    f->memory.input = (const double *const *)f->input;
    f->memory.setting = f->setting;
}

void net_fill_parameters(struct net_fixture *f, uint64_t seed)
{
    for (size_t v = 0; v < f->graph->node.count; v++) {
        const struct node *n = &f->graph->node.at[v];
        if (n->kind != NODE_PARAMETER)
            continue;
        const int64_t count = shape_elements(&n->shape);
        const double scale = generator_scale(n->shape.rank, n->shape.rank > 0 ? n->shape.dim[0] : 1, count);
        double *to = net_elements(f, (node_id)v);
        for (int64_t i = 0; i < count; i++)
            to[i] = generator_shift(n->name) + scale * generator_number(generator_hash(n->name) + seed, (uint64_t)i);
    }
}

static double input_number(const struct graph_input *in, const struct net_fixture *f, uint64_t seed, int64_t place, int64_t lane)
{
    const uint64_t key = generator_hash(in->name) + seed;

    if (in->is_weight)
        return lane < f->memory.samples ? 1 / (double)f->memory.samples : 0;
    if (in->is_index)
        return generator_half((uint64_t)place / 2, place % 2);
    if (in->is_class)
        return (double)(generator_bits(key, (uint64_t)place) % (uint64_t)(in->classes > 0 ? in->classes : 2));
    return generator_number(key, (uint64_t)place);
}

void net_fill_inputs(struct net_fixture *f, uint64_t seed, int64_t step)
{
    const int64_t samples = f->memory.samples;

    for (size_t i = 0; i < f->graph->input.count; i++) {
        const struct graph_input *in = &f->graph->input.at[i];
        const int64_t elements = shape_elements(&graph_node(f->graph, in->v)->shape);
        for (int64_t lane = 0; lane < f->memory.block_count * LANES; lane++) {
            const int64_t sample = lane < samples ? lane : samples - 1;
            double *to = f->input[i] + lane / LANES * elements * LANES + lane % LANES;
            for (int64_t e = 0; e < elements; e++)
                to[e * LANES] = input_number(in, f, seed, (step * samples + sample) * elements + e, lane);
        }
    }
}

/* ---- Runs ---------------------------------------------------------------------------------------------------------- */

double net_mean_loss(const struct net_fixture *f)
{
    double sum = 0, loss = 0;

    for (int64_t s = 0; s < f->memory.samples; s++) {
        net_sample(f, f->plan->objective->loss, s, &loss);
        sum += loss;
    }
    return sum / (double)f->memory.samples;
}

double net_loss(struct net_fixture *f)
{
    loop_eval_program(f->module, loop_find_program(f->module, "evaluate"), &f->memory);
    return net_mean_loss(f);
}

double net_training_loss(struct net_fixture *f)
{
    struct loop_program forward = *loop_find_program(f->module, "train");

    forward.phase.count = (size_t)forward.checked;
    loop_eval_program(f->module, &forward, &f->memory);
    return net_mean_loss(f);
}

void net_train(struct net_fixture *f)
{
    loop_eval_program(f->module, loop_find_program(f->module, "train"), &f->memory);
}

/* ---- Looking ------------------------------------------------------------------------------------------------------- */

node_id net_find(const struct net_fixture *f, const char *name)
{
    for (size_t v = 0; v < f->graph->node.count; v++)
        if (strcmp(f->graph->node.at[v].name, name) == 0)
            return (node_id)v;
    for (size_t i = 0; i < f->graph->output.count; i++)
        if (strcmp(f->graph->output.at[i].name, name) == 0)
            return f->graph->output.at[i].v;
    return NO_NODE;
}

node_id net_setting(const struct net_fixture *f, const char *name)
{
    for (size_t i = 0; i < f->graph->setting.count; i++)
        if (strcmp(f->graph->setting.at[i].name, name) == 0)
            return (node_id)i;
    return NO_NODE;
}

double *net_elements(const struct net_fixture *f, node_id v)
{
    return f->memory.uniform + f->plan->place[v].offset / f->plan->precision;
}

void net_sample(const struct net_fixture *f, node_id v, int64_t sample, double to[])
{
    const struct plan_place *place = &f->plan->place[v];
    const int64_t elements = shape_elements(&graph_node(f->graph, v)->shape), block = sample / LANES;
    const double *from = place->kind == PLACE_INPUT
                             ? f->input[place->offset] + block * elements * LANES
                             : f->memory.blocks + (block * f->plan->block_bytes + place->offset) / f->plan->precision;

    for (int64_t e = 0; e < elements; e++)
        to[e] = from[e * LANES + sample % LANES];
}
