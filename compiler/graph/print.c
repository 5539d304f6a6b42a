/* print: --emit=graph and --emit=train-graph: a line for each node, with its nests as formulas. Output has no addresses and
 * counts from 0. */
#include "compiler/graph/graph.h"

#include "compiler/graph/inspect.h"
#include "compiler/graph/objective.h"
#include "compiler/graph/query.h"

#include <ctype.h>
#include <inttypes.h>

/* ---- Indices ------------------------------------------------------------------------------------------------------- */

static void print_term(const struct nest *n, int axis, int64_t factor, FILE *out)
{
    if (factor != 1)
        fprintf(out, "%" PRId64 "*", factor);
    fputs(n->axis_name[axis], out);
}

/* "2*h + p - 1" */
static void print_index(const struct nest *n, const struct index *i, FILE *out)
{
    bool first = true;

    for (int axis = 0; axis < n->axis_count; axis++) {
        const int64_t factor = i->factor[axis];
        if (factor == 0)
            continue;
        fputs(first ? (factor < 0 ? "-" : "") : (factor < 0 ? " - " : " + "), out);
        print_term(n, axis, factor < 0 ? -factor : factor, out);
        first = false;
    }
    if (first)
        fprintf(out, "%" PRId64, i->offset);
    else if (i->offset != 0)
        fprintf(out, " %c %" PRId64, i->offset < 0 ? '-' : '+', i->offset < 0 ? -i->offset : i->offset);
}

static void print_indices(const struct nest *n, const struct index dim[], int rank, FILE *out)
{
    fputc('[', out);
    for (int d = 0; d < rank; d++) {
        fputs(d > 0 ? ", " : "", out);
        print_index(n, &dim[d], out);
    }
    fputc(']', out);
}

static void print_axes(const struct nest *n, int from, int to, FILE *out)
{
    fputc('[', out);
    for (int axis = from; axis < to; axis++)
        fprintf(out, "%s%s<%" PRId64, axis > from ? "," : "", n->axis_name[axis], n->extent[axis]);
    fputc(']', out);
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

/* Whether a function is written between its arguments. */
static bool is_infix(enum function f)
{
    return function_arity(f) == 2 && !isalpha((unsigned char)function_name(f)[0]);
}

/* How tightly each kind of expression binds; arguments that bind less tightly stand in parentheses. */
enum binding { BINDS_COMPARISON, BINDS_SUM, BINDS_PRODUCT, BINDS_TIGHTLY };

static enum binding binding_of(const struct expr *e)
{
    if (e->kind == EXPR_CONSTANT)
        return e->constant < 0 ? BINDS_SUM : BINDS_TIGHTLY;
    if (e->kind != EXPR_FUNCTION || !is_infix(e->function))
        return e->kind == EXPR_FUNCTION && e->function == FUNCTION_NEGATE ? BINDS_SUM : BINDS_TIGHTLY;
    if (e->function == FUNCTION_ADD || e->function == FUNCTION_SUBTRACT)
        return BINDS_SUM;
    if (e->function == FUNCTION_MULTIPLY || e->function == FUNCTION_DIVIDE)
        return BINDS_PRODUCT;
    return BINDS_COMPARISON;
}

static void print_expr(const struct graph *g, const struct nest *n, const struct expr *e, FILE *out);

static void print_value(const struct graph *g, const struct nest *n, const struct expr *e, bool grouped, FILE *out)
{
    fputs(grouped ? "(" : "", out);
    print_expr(g, n, e, out);
    fputs(grouped ? ")" : "", out);
}

static void print_function(const struct graph *g, const struct nest *n, const struct expr *e, FILE *out)
{
    const enum binding own = binding_of(e);

    if (e->function == FUNCTION_NEGATE) {
        fputc('-', out);
        print_value(g, n, e->arg[0], binding_of(e->arg[0]) <= BINDS_PRODUCT, out);
    } else if (is_infix(e->function)) {
        /* Order and association are part of the meaning: only the left argument may share the operator's own level. */
        print_value(g, n, e->arg[0], binding_of(e->arg[0]) < own, out);
        fprintf(out, " %s ", function_name(e->function));
        print_value(g, n, e->arg[1], binding_of(e->arg[1]) <= own, out);
    } else {
        fprintf(out, "%s(", function_name(e->function));
        for (int i = 0; i < function_arity(e->function); i++) {
            fputs(i > 0 ? ", " : "", out);
            print_expr(g, n, e->arg[i], out);
        }
        fputc(')', out);
    }
}

static void print_expr(const struct graph *g, const struct nest *n, const struct expr *e, FILE *out)
{
    switch (e->kind) {
    case EXPR_CONSTANT: fprintf(out, "%.9g", e->constant); break;
    case EXPR_INDEX:
        fputs("index(", out);
        print_index(n, &e->index, out);
        fputc(')', out);
        break;
    case EXPR_RANDOM:
        fprintf(out, "random(%06" PRIx32 ", ", e->stream);
        print_index(n, &e->index, out);
        fputc(')', out);
        break;
    case EXPR_ACCESS: {
        const struct access *a = &n->in[e->access];
        const int rank = graph_node(g, a->of)->shape.rank;
        fprintf(out, "%%%d", (int)a->of);
        if (rank > 0)
            print_indices(n, a->dim, rank, out);
        break;
    }
    case EXPR_FUNCTION: print_function(g, n, e, out); break;
    }
}

/* ---- Nests --------------------------------------------------------------------------------------------------------- */

static const char *combine_name(enum combine c)
{
    switch (c) {
    case COMBINE_NONE: break;
    case COMBINE_SUM: return "sum";
    case COMBINE_MAX: return "max";
    case COMBINE_ARGMAX: return "argmax";
    }
    return "";
}

/* Whether the axes are the result's dimensions, in order, from 0. */
static bool is_plain(const struct node *node, const struct nest *n)
{
    if (n->free_count != node->shape.rank)
        return false;
    for (int d = 0; d < node->shape.rank; d++)
        for (int axis = 0; axis < MAX_AXES; axis++)
            if (n->out[d].offset != 0 || n->out[d].factor[axis] != (axis == d))
                return false;
    return true;
}

static bool reads_samples(const struct graph *g, const struct nest *n)
{
    for (int k = 0; k < n->in_count; k++)
        if (!graph_node(g, n->in[k].of)->uniform)
            return true;
    return false;
}

/* "[h<224 by 56,w<224 by 112]": 56 of h, and within them 112 of w, make a partial sum. */
static void print_reduced_axes(const struct nest *n, FILE *out)
{
    fputc('[', out);
    for (int axis = n->free_count; axis < n->axis_count; axis++) {
        fprintf(out, "%s%s<%" PRId64, axis > n->free_count ? "," : "", n->axis_name[axis], n->extent[axis]);
        for (int i = 0; i < n->sum.partial_count; i++)
            if (n->sum.partial[i].axis == axis)
                fprintf(out, " by %" PRId64, n->sum.partial[i].count);
    }
    fputc(']', out);
}

/* "sum[samples by 2048] ", in lanes; "fma[samples in order by 512] ", all of it in one sum but for the partial ones. */
static void print_samples(const struct node *node, const struct nest *n, FILE *out)
{
    const bool in_order = node->order != ORDER_LANES;

    fprintf(out, "%s[samples%s", in_order && n->sum.form == SUM_FMA ? "fma" : "sum", in_order ? " in order" : "");
    if (n->sum.blocks > 0)
        fprintf(out, " by %" PRId64, n->sum.blocks * BLOCK_SAMPLES);
    fputs("] ", out);
}

const char *sample_order_text(const struct graph *g, const struct node *n)
{
    static const char *const order[] = {
        [ORDER_LANES] = "in lanes: points, then lanes by a tree, then blocks",
        [ORDER_SAMPLES] = "along channels: blocks, in a block points, at a point samples",
        [ORDER_ROWS] = "into rows by their numbers: blocks, in a block points, at a point samples",
    };
    const struct accumulation *sum = &n->nest[0].sum;

    if (sum->blocks == 0)
        return order[n->order];
    return arena_printf(g->arena, "%s; partial sums of %" PRId64 " samples", order[n->order], sum->blocks * BLOCK_SAMPLES);
}

static void print_nest(const struct graph *g, const struct node *node, const struct nest *n, FILE *out)
{
    fputs("= ", out);
    if (node->uniform && reads_samples(g, n))
        print_samples(node, n, out);
    if (n->combine != COMBINE_NONE) {
        fputs(n->combine == COMBINE_SUM && n->sum.form == SUM_FMA ? "fma" : combine_name(n->combine), out);
        print_reduced_axes(n, out);
        fputc(' ', out);
    }
    print_expr(g, n, n->body, out);
    if (n->combine == COMBINE_NONE && nest_may_be_out_of_bounds(g, n))
        fprintf(out, " else %.9g", n->otherwise);
    if (n->free_count > 0) {
        fputs("   over ", out);
        print_axes(n, 0, n->free_count, out);
    }
    if (!is_plain(node, n)) {
        fputs(" at ", out);
        print_indices(n, n->out, node->shape.rank, out);
    }
}

/* ---- Nodes --------------------------------------------------------------------------------------------------------- */

const char *initializer_name(enum initializer init)
{
    static const char *const names[] = {
        [INIT_DEFAULT] = "default",
#define INITIALIZER(id, word, sees, argument, called, doc) [INIT_##id] = (word),
#include "runtime/include/netrt/words.def"
        [INIT_VALUES] = "values",
    };

    return names[init];
}

/* ", gradient %7": one for each objective that trains it. */
static void print_gradients(const struct graph *g, node_id v, FILE *out)
{
    for (size_t i = 0; i < g->objective.count; i++) {
        const node_id gradient = objective_gradient(g->objective.at[i], v);
        if (gradient != NO_NODE)
            fprintf(out, ", gradient %%%d", (int)gradient);
    }
}

static void print_parameter(const struct graph *g, node_id v, FILE *out)
{
    const struct node *n = graph_node(g, v);
    const struct parameter *p = n->parameter;

    fprintf(out, "  init %s", initializer_name(p->init));
    if (p->init == INIT_NORMAL || p->init == INIT_UNIFORM || p->init == INIT_CONSTANT)
        fprintf(out, "(%.9g)", p->init_value);
    if (p->init == INIT_VALUES) {
        const int64_t count = shape_elements(&n->shape), shown = count < 8 ? count : 8;
        for (int64_t i = 0; i < shown; i++)
            fprintf(out, "%s%.9g", i == 0 ? " [" : ", ", p->init_data[i]);
        fputs(shown < count ? ", ...]" : "]", out);
    }
    if (p->fan_in > 0)
        fprintf(out, ", fan in %" PRId64 " out %" PRId64, p->fan_in, p->fan_out);
    fputs(p->is_weight ? ", weight" : "", out);
    if (p->connected != NULL)
        fprintf(out, ", %" PRId64 " connected", parameter_elements(n));
    if (p->l1 != NO_NODE)
        fprintf(out, ", l1 %%%d", (int)p->l1);
    if (p->l2 != NO_NODE)
        fprintf(out, ", l2 %%%d", (int)p->l2);
    print_gradients(g, v, out);
}

static void print_input(const struct graph *g, const struct node *n, FILE *out)
{
    const struct graph_input *in = &g->input.at[n->number];

    if (in->is_class && in->classes > 0)
        fprintf(out, "  one of %" PRId64 " classes", in->classes);
    else if (in->is_class)
        fputs("  a class", out);
    if (in->ignores)
        fprintf(out, ", %" PRId64 " ignored", in->ignored);
    fputs(in->is_weight ? "  the sample's weight" : in->is_index ? "  the sample's index" : "", out);
}

static void print_setting(const struct graph *g, const struct node *n, FILE *out)
{
    const struct graph_setting *s = &g->setting.at[n->number];

    switch (s->fact) {
    case RUNTIME_NONE: fprintf(out, "  %.9g within [%.9g, %.9g]", s->initial, s->minimum, s->maximum); break;
    case RUNTIME_SEED: fprintf(out, "  the seed, half %d", s->half); break;
    case RUNTIME_EPOCH: fprintf(out, "  the epoch, half %d", s->half); break;
    }
}

static void print_computed(const struct graph *g, const struct node *n, FILE *out)
{
    if (n->nest_count == 1) {
        fputc(' ', out);
        print_nest(g, n, &n->nest[0], out);
        return;
    }
    for (int i = 0; i < n->nest_count; i++) {
        fputs("\n     ", out);
        print_nest(g, n, &n->nest[i], out);
    }
}

static const char *kind_name(const struct node *n)
{
    switch (n->kind) {
    case NODE_INPUT: return "input";
    case NODE_PARAMETER: return "parameter";
    case NODE_STATE: return "state";
    case NODE_SETTING: return "setting";
    case NODE_VIEW: return "view";
    case NODE_COMPUTE: return n->op_name;
    }
    return "";
}

static void print_node(const struct graph *g, node_id v, FILE *out)
{
    const struct node *n = graph_node(g, v);
    char text[SHAPE_TEXT];

    fprintf(out, "%%%d = %s: %s %s", (int)v, n->name, kind_name(n), shape_text(&n->shape, text));
    fputs(n->uniform ? " uniform" : "", out);
    fputs(n->no_gradient ? " no_gradient" : "", out);
    fputs(n->backward ? " backward" : "", out);
    switch (n->kind) {
    case NODE_INPUT: print_input(g, n, out); break;
    case NODE_PARAMETER: print_parameter(g, v, out); break;
    case NODE_STATE: break;
    case NODE_SETTING: print_setting(g, n, out); break;
    case NODE_VIEW: fprintf(out, " of %%%d", (int)n->view_of); break;
    case NODE_COMPUTE: print_computed(g, n, out); break;
    }
    fputc('\n', out);
}

/* "recurrence %4 to %9: 28 steps, the last first" before the first of its nodes. */
static void print_recurrence(const struct graph *g, node_id v, FILE *out)
{
    for (size_t i = 0; i < g->recurrence.count; i++) {
        const struct recurrence *r = &g->recurrence.at[i];
        if (r->first == v)
            fprintf(out, "recurrence %%%d to %%%d: %" PRId64 " steps%s\n", (int)r->first, (int)r->last, r->steps,
                    r->descending ? ", the last first" : "");
    }
}

static void print_loss_value(node_id v, FILE *out)
{
    if (v == NO_NODE)
        fputs("samples", out);
    else
        fprintf(out, "sum(%%%d)", (int)v);
}

/* "loss over samples = 0.5 * sum(%7) / sum(%9)" */
static void print_loss_parts(const struct objective *o, FILE *out)
{
    for (size_t i = 0; i < o->part.count; i++) {
        const struct loss_part *p = &o->part.at[i];
        fprintf(out, "%s%.9g * ", i == 0 ? "loss over samples = " : " + ", p->factor);
        print_loss_value(p->sum, out);
        fputs(" / ", out);
        print_loss_value(p->count, out);
        fputs(i + 1 == o->part.count ? "\n" : "", out);
    }
}

static void print_updates(const struct graph_update *at, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, "update %%%d <- %%%d\n", (int)at[i].target, (int)at[i].source);
}

/* "loss = %7", or "loss of fine_tuning = %7" */
static void print_objective(const struct objective *o, FILE *out)
{
    fprintf(out, "loss%s%s = %%%d\n", o->name != NULL ? " of " : "", o->name != NULL ? o->name : "", (int)o->loss);
    print_loss_parts(o, out);
}

void graph_print(const struct graph *g, FILE *out)
{
    fprintf(out, "graph %s\n", g->name);
    for (size_t v = 0; v < g->node.count; v++) {
        print_recurrence(g, (node_id)v, out);
        print_node(g, (node_id)v, out);
    }
    for (size_t i = 0; i < g->layer.count; i++) {
        const struct layer *l = &g->layer.at[i];
        fprintf(out, "layer %s = %%%d: %s\n", l->name, (int)l->result, l->text != NULL ? l->text : l->op_name);
    }
    for (size_t i = 0; i < g->output.count; i++)
        fprintf(out, "output %s = %%%d\n", g->output.at[i].name, (int)g->output.at[i].v);
    for (size_t i = 0; i < g->objective.count; i++)
        print_objective(g->objective.at[i], out);
    if (g->weight != NO_NODE)
        fprintf(out, "weight = %%%d\n", (int)g->weight);
    print_updates(g->update.at, g->update.count, out);
    for (size_t i = 0; i < g->objective.count; i++)
        print_updates(g->objective.at[i]->update.at, g->objective.at[i]->update.count, out);
}
