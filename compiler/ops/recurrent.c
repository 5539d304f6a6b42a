/* rnn, gru, lstm: a sequence x [T,F] step by step; h(t) follows from x(t) and h(t-1), with h(-1) = c(-1) = 0, or what
 * state= and cell= give. y is h of all steps or of the last one; besides, h and c of the last step are results.
 *
 *   a(t) = W_ih x(t) + b_ih,   r(t) = W_hh h(t-1) + b_hh            G gates of `units` rows each: [G*units]
 *
 *   rnn    h = tanh(a + r), or relu
 *   gru    s = sigmoid(a_0 + r_0)   z = sigmoid(a_1 + r_1)   n = tanh(a_2 + s r_2)              h = (1 - z) n + z h(t-1)
 *   lstm   i = sigmoid(a_0 + r_0)   f = sigmoid(a_1 + r_1)   g = tanh(a_2 + r_2)   o = sigmoid(a_3 + r_3)
 *          c = f c(t-1) + i g   h = o tanh(c)
 *
 *   weight_ih_l0 [G*units,F]   weight_hh_l0 [G*units,units]   bias_ih_l0, bias_hh_l0 [G*units]; and with _reverse
 *
 * Source: PyTorch, `torch.nn.RNN`, `GRU`, `LSTM` (equations, order of the gates, layout); Elman (1990); Cho et al. (2014), Section
 * 2.3; Hochreiter & Schmidhuber (1997) with the forget gate of Gers, Schmidhuber, Cummins (2000).
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { UNITS, SEQUENCES, REVERSE, BIDIRECTIONAL, COMMON_COUNT, ACTIVATION = COMMON_COUNT, RNN_COUNT };

/* Tensors that a call gives by name. */
enum { STATE, CELL, STARTS };

static const char *const starts_of_h[] = {"state", NULL};
static const char *const starts_of_both[] = {"state", "cell", NULL};

enum { ACTIVATION_TANH, ACTIVATION_RELU };

static const char *const activations[] = {"tanh", "relu", NULL};

static const struct param params[RNN_COUNT] = {
    [UNITS] = {.name = "units", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
    [SEQUENCES] = {.name = "sequences", .type = PARAM_BOOL},
    [REVERSE] = {.name = "reverse", .type = PARAM_BOOL},
    [BIDIRECTIONAL] = {.name = "bidirectional", .type = PARAM_BOOL},
    [ACTIVATION] = {.name = "activation", .type = PARAM_NAME, .choices = activations},
};

/* One direction of a layer while it is built. */
struct direction {
    struct op_call *call;
    const char *suffix;   /* of its parameters */
    int number;           /* 0, or 1 for the other direction */
    bool descending;
    int gates;
    int64_t steps, units;
    struct index t, u;    /* of the nest that is being made: its step, its unit */
    node_id weight[2], bias[2]; /* _ih and _hh */
    node_id all[STARTS];        /* h and c of all steps; c: NO_NODE where there is none */
};

/* Sets h and c of all steps, from a = W_ih x + b_ih of all steps; within the recurrence. */
typedef void cell_fn(struct direction *d, node_id a);

/* ---- Parameters ---------------------------------------------------------------------------------------------------- */

static struct op_arg *fixed_values(struct op_call *c, int which)
{
    return &c->arg[c->op->param_count + which];
}

/* weight= and bias= are lists with an entry for each of the layer's weights or biases, in the order in which they are listed
 * above. */
static bool want_lists(struct op_call *c, int directions)
{
    static const int lists[] = {WEIGHT_WEIGHT, WEIGHT_BIAS};

    for (int i = 0; i < 2; i++) {
        const struct op_arg *arg = fixed_values(c, lists[i]);
        const struct literal *l = arg->literal;
        if (arg->tensor != NO_NODE)
            return diag_error(c->diags, arg->at, DIAG_TIED, "%s: one tensor cannot stand for %d parameters", c->op->name,
                              2 * directions);
        if (l != NULL && (l->kind != LITERAL_LIST || l->as.list.count != 2 * (size_t)directions))
            return diag_error(c->diags, l->at, DIAG_FIXED_VALUES, "%s: %s= wants a list of %d: %s_ih_l0, %s_hh_l0%s", c->op->name,
                              op_weight_params[lists[i]].name, 2 * directions, op_weight_params[lists[i]].name,
                              op_weight_params[lists[i]].name, directions == 2 ? " and those of the other direction" : "");
    }
    return true;
}

static node_id add_parameter(struct direction *d, int which, const struct shape *shape, bool is_weight)
{
    static const char *const stems[2][2] = {{"bias_ih", "bias_hh"}, {"weight_ih", "weight_hh"}};
    struct op_call c = *d->call;
    struct op_arg *fixed = fixed_values(&c, is_weight ? WEIGHT_WEIGHT : WEIGHT_BIAS);
    const char *suffix = arena_printf(c.graph->arena, "%s_l0%s", stems[is_weight][which], d->suffix);

    if (fixed->literal != NULL)
        fixed->literal = fixed->literal->as.list.at[2 * d->number + which];
    if (d->number > 0 || which > 0)
        fixed_values(&c, WEIGHT_L1)->literal = fixed_values(&c, WEIGHT_L2)->literal = NULL;
    const node_id v = op_add_parameter(&c, suffix, shape, is_weight, is_weight ? shape->dim[1] : 0, is_weight ? d->units : 0);
    if (v != NO_NODE && is_weight)
        graph_node(c.graph, v)->parameter->matrices = d->gates;    /* each gate is a matrix of its own */
    return v;
}

/* The weights of a layer share their λ. `first`: the direction that was added first. */
static void share_penalties(struct direction *d, const struct direction *first)
{
    const struct parameter *from = graph_node(d->call->graph, first->weight[0])->parameter;

    for (int i = 0; i < 2; i++) {
        struct parameter *p = graph_node(d->call->graph, d->weight[i])->parameter;
        p->l1 = from->l1;
        p->l2 = from->l2;
    }
}

static bool add_parameters(struct direction *d, const struct direction *first)
{
    const int64_t rows = d->gates * d->units, columns[2] = {op_shape(d->call, 0)->dim[1], d->units};

    for (int i = 0; i < 2; i++) {
        d->weight[i] = add_parameter(d, i, &(struct shape){.rank = 2, .dim = {rows, columns[i]}}, true);
        if (d->weight[i] == NO_NODE)
            return false;
    }
    for (int i = 0; i < 2; i++) {
        d->bias[i] = add_parameter(d, i, &(struct shape){.rank = 1, .dim = {rows}}, false);
        if (d->bias[i] == NO_NODE)
            return false;
    }
    share_penalties(d, first);
    return true;
}

/* ---- Nests ---------------------------------------------------------------------------------------------------------
 *
 * Accesses are numbered as they are added, and C does not say in which order arguments are evaluated: each is read by a statement
 * of its own where there are two.
 */

/* A nest over steps and `units` places, of which its result has `offset` before them. */
static struct nest begin_nest(struct direction *d, int64_t units, int64_t offset)
{
    struct nest n = {0};

    d->t = index_axis(nest_add_axis(&n, "t", d->steps, false), 1);
    d->u = index_axis(nest_add_axis(&n, "u", units, false), 1);
    n.out[0] = d->t;
    n.out[1] = index_add(d->u, index_constant(offset));
    return n;
}

/* Gate `gate` of v at the nest's place. */
static const struct expr *read_gate(struct direction *d, struct nest *n, node_id v, int gate)
{
    const struct index at[2] = {d->t, index_add(d->u, index_constant(gate * d->units))};

    return nest_read(d->call->graph, n, v, at);
}

static const struct expr *read(struct direction *d, struct nest *n, node_id v)
{
    return read_gate(d, n, v, 0);
}

static const struct expr *multiply(struct direction *d, const struct expr *a, const struct expr *b)
{
    return expr_binary(d->call->graph, FUNCTION_MULTIPLY, a, b);
}

static const struct expr *add(struct direction *d, const struct expr *a, const struct expr *b)
{
    return expr_binary(d->call->graph, FUNCTION_ADD, a, b);
}

static node_id add_node(struct direction *d, const char *op_name, const struct nest *n, int64_t units)
{
    const struct shape shape = {.rank = 2, .dim = {d->steps, units}};

    return graph_add_compute(d->call->graph, op_name, &shape, n, false);
}

/* W x + b at each step: [T, rows]; `which`: 0 for _ih, 1 for _hh. */
static node_id add_affine(struct direction *d, node_id x, int which)
{
    struct graph *g = d->call->graph;
    const int64_t rows = d->gates * d->units;
    struct nest n = begin_nest(d, rows, 0);

    n.combine = COMBINE_SUM;
    const struct index f = index_axis(nest_add_axis(&n, "f", graph_node(g, x)->shape.dim[1], true), 1);
    const struct expr *feature = nest_read(g, &n, x, (struct index[]){d->t, f});
    n.body = multiply(d, feature, nest_read(g, &n, d->weight[which], (struct index[]){d->u, f}));
    const node_id product = add_node(d, which == 0 ? "ih" : "hh", &n, rows);
    n = begin_nest(d, rows, 0);
    const struct expr *sum = read(d, &n, product);
    n.body = add(d, sum, nest_read(g, &n, d->bias[which], &d->u));
    return add_node(d, "add", &n, rows);
}

/* a + r: a node of its own, so that the same gradient flows into both. */
static node_id add_sum(struct direction *d, node_id a, node_id r)
{
    const struct shape shape = graph_node(d->call->graph, a)->shape;

    return graph_add_binary(d->call->graph, "sum", FUNCTION_ADD, a, r, &shape);
}

/* ---- Cells --------------------------------------------------------------------------------------------------------- */

/* The step a direction begins with. */
static int64_t first_step(const struct direction *d)
{
    return d->descending ? d->steps - 1 : 0;
}

/* h or c of the step before: a delay, and at the first step what the call gives. */
struct before {
    node_id delay, value;
};

static struct before begin_state(struct direction *d, int which)
{
    struct graph *g = d->call->graph;
    const node_id delay = graph_add_delay(g, &(struct shape){.rank = 2, .dim = {d->steps, d->units}});
    const node_id start = d->call->named_in[which];
    struct before b = {delay, delay};

    if (start == NO_NODE)
        return b;
    struct nest n = begin_nest(d, d->units, 0);
    const struct expr *earlier = read(d, &n, delay);
    const struct index at = index_add(d->u, index_constant(d->number * d->units));
    const struct expr *is_first = expr_binary(g, FUNCTION_EQUAL, expr_index(g, d->t), expr_constant(g, (double)first_step(d)));
    n.body = expr_select(g, is_first, nest_read(g, &n, start, &at), earlier);
    b.value = add_node(d, which == STATE ? "start" : "cell_start", &n, d->units);
    return b;
}

static void rnn_cell(struct direction *d, node_id a)
{
    const bool relu = d->call->arg[ACTIVATION].integer == ACTIVATION_RELU;
    const struct before before = begin_state(d, STATE);
    const node_id sum = add_sum(d, a, add_affine(d, before.value, 1));
    const node_id h = graph_add_unary(d->call->graph, relu ? "relu" : "tanh", relu ? FUNCTION_RELU : FUNCTION_TANH, sum);

    graph_set_delayed(d->call->graph, before.delay, h);
    d->all[STATE] = h;
}

static void gru_cell(struct direction *d, node_id a)
{
    struct graph *g = d->call->graph;
    const struct before before = begin_state(d, STATE);
    const node_id r = add_affine(d, before.value, 1);
    struct nest n = begin_nest(d, 2 * d->units, 0);
    const struct expr *from_input = read(d, &n, a), *from_state = read(d, &n, r);
    n.body = expr_unary(g, FUNCTION_SIGMOID, add(d, from_input, from_state));
    const node_id gates = add_node(d, "gates", &n, 2 * d->units);

    n = begin_nest(d, d->units, 0);
    const struct expr *reset = read_gate(d, &n, gates, 0), *state = read_gate(d, &n, r, 2);
    n.body = expr_unary(g, FUNCTION_TANH, add(d, read_gate(d, &n, a, 2), multiply(d, reset, state)));
    const node_id candidate = add_node(d, "candidate", &n, d->units);

    /* n + z (h(t-1) - n) */
    n = begin_nest(d, d->units, 0);
    const struct expr *now = read(d, &n, candidate);
    const struct expr *change = expr_binary(g, FUNCTION_SUBTRACT, read(d, &n, before.value), now);
    n.body = add(d, now, multiply(d, read_gate(d, &n, gates, 1), change));
    const node_id h = add_node(d, "state", &n, d->units);
    graph_set_delayed(g, before.delay, h);
    d->all[STATE] = h;
}

/* The four gates: one node, so that what flows back into them is one too. */
static node_id add_lstm_gates(struct direction *d, node_id sum)
{
    static const enum function function[4] = {FUNCTION_SIGMOID, FUNCTION_SIGMOID, FUNCTION_TANH, FUNCTION_SIGMOID};
    const struct shape shape = {.rank = 2, .dim = {d->steps, 4 * d->units}};
    struct nest parts[4];

    for (int i = 0; i < 4; i++) {
        parts[i] = begin_nest(d, d->units, i * d->units);
        parts[i].body = expr_unary(d->call->graph, function[i], read_gate(d, &parts[i], sum, i));
    }
    return graph_add_parts(d->call->graph, "gates", &shape, 4, parts, false);
}

static void lstm_cell(struct direction *d, node_id a)
{
    enum { INPUT, FORGET, CANDIDATE, OUTPUT };
    struct graph *g = d->call->graph;
    const struct before h_before = begin_state(d, STATE), c_before = begin_state(d, CELL);
    const node_id gates = add_lstm_gates(d, add_sum(d, a, add_affine(d, h_before.value, 1)));
    struct nest n = begin_nest(d, d->units, 0);
    const struct expr *forget = read_gate(d, &n, gates, FORGET), *before = read(d, &n, c_before.value);
    const struct expr *input = read_gate(d, &n, gates, INPUT), *candidate = read_gate(d, &n, gates, CANDIDATE);
    n.body = add(d, multiply(d, forget, before), multiply(d, input, candidate));
    const node_id c = add_node(d, "cell", &n, d->units), squashed = graph_add_unary(g, "tanh", FUNCTION_TANH, c);
    n = begin_nest(d, d->units, 0);
    const struct expr *output = read_gate(d, &n, gates, OUTPUT), *shown = read(d, &n, squashed);
    n.body = multiply(d, output, shown);
    const node_id h = add_node(d, "state", &n, d->units);
    graph_set_delayed(g, h_before.delay, h);
    graph_set_delayed(g, c_before.delay, c);
    d->all[STATE] = h;
    d->all[CELL] = c;
}

/* ---- Building ------------------------------------------------------------------------------------------------------ */

static void add_direction(struct direction *d, cell_fn *cell)
{
    const node_id a = add_affine(d, d->call->in[0], 0);

    d->all[CELL] = NO_NODE;
    graph_begin_recurrence(d->call->graph, d->steps, d->descending);
    cell(d, a);
    graph_end_recurrence(d->call->graph);
}

/* h or c, `which`, of all steps or of the last one in each direction's own order; directions side by side. */
static node_id add_side_by_side(struct op_call *c, const struct direction d[], int directions, int which, bool sequences)
{
    static const char *const last[STARTS] = {"last", "last_cell"};
    const int64_t units = d[0].units;
    struct shape shape = {.rank = 1, .dim = {directions * units}};
    struct nest parts[2];

    if (sequences && directions == 1)
        return d[0].all[which];
    if (sequences)
        shape = (struct shape){.rank = 2, .dim = {d[0].steps, directions * units}};
    for (int i = 0; i < directions; i++) {
        struct nest *n = &parts[i];
        *n = (struct nest){0};
        struct index at[2] = {index_constant(d[i].steps - 1 - first_step(&d[i]))};
        if (sequences)
            at[0] = n->out[0] = index_axis(nest_add_axis(n, "t", d[i].steps, false), 1);
        at[1] = index_axis(nest_add_axis(n, "u", units, false), 1);
        n->out[shape.rank - 1] = index_add(at[1], index_constant(i * units));
        n->body = nest_read(c->graph, n, d[i].all[which], at);
    }
    return graph_add_parts(c->graph, sequences ? "concat" : last[which], &shape, directions, parts, false);
}

/* y, and where more results are wanted the last h, and of an lstm the last c. */
static void add_results(struct op_call *c, const struct direction d[], int directions, node_id *result)
{
    const bool sequences = c->arg[SEQUENCES].boolean;

    *result = add_side_by_side(c, d, directions, STATE, sequences);
    if (c->wanted_results < 2)
        return;
    vec_push(c->graph->arena, &c->results, *result);
    const node_id h = sequences ? add_side_by_side(c, d, directions, STATE, false) : *result;
    vec_push(c->graph->arena, &c->results, h);
    if (d[0].all[CELL] != NO_NODE) {
        const node_id last = add_side_by_side(c, d, directions, CELL, false);
        vec_push(c->graph->arena, &c->results, last);
    }
}

/* The first states are as many numbers as the last ones: those of the directions side by side. */
static bool want_starts(struct op_call *c, int directions)
{
    const struct shape wanted = {.rank = 1, .dim = {directions * c->arg[UNITS].integer}};
    char want[SHAPE_TEXT], got[SHAPE_TEXT];

    for (int i = 0; i < STARTS && c->op->named_inputs[i] != NULL; i++) {
        if (c->named_in[i] == NO_NODE)
            continue;
        const struct shape *shape = &graph_node(c->graph, c->named_in[i])->shape;
        if (!shape_equal_but_ones(shape, &wanted)) {
            diag_error(c->diags, c->named_at[i], DIAG_STATE, "%s: %s wants %s number%s, one a unit%s, got %s", c->op->name,
                       c->op->named_inputs[i], shape_text(&wanted, want), wanted.dim[0] == 1 ? "" : "s",
                       directions == 2 ? " of each direction" : "", shape_text(shape, got));
            if (shape->rank == 2)
                diag_hint(c->diags, "the last state of a layer is its second result: y, h = %s(...)", c->op->name);
            return false;
        }
        c->named_in[i] = graph_add_view(c->graph, c->named_in[i], &wanted);
    }
    return true;
}

static bool want_sequence(struct op_call *c)
{
    if (op_want_rank(c, 0, 2, 2, "a sequence TxF"))
        return true;

    const int layer = graph_node(c->graph, c->in[0])->layer;
    const struct op *before = layer < 0 ? NULL : op_find(c->graph->layer.at[layer].op_name);
    if (before != NULL && before->params == params)
        diag_hint(c->diags, "%s(..., sequences = true) before it passes on all steps", before->name);
    if (op_shape(c, 0)->rank == 3 && op_shape(c, 0)->dim[0] == 1)
        diag_hint(c->diags, "the rows of an image as steps: reshape(%" PRId64 "x%" PRId64 ") -> %s(%" PRId64 ")",
                  op_shape(c, 0)->dim[1], op_shape(c, 0)->dim[2], c->op->name, c->arg[UNITS].integer);
    return false;
}

static bool build(struct op_call *c, int gates, cell_fn *cell, node_id *result)
{
    const int directions = c->arg[BIDIRECTIONAL].boolean ? 2 : 1;
    struct direction d[2] = {{.call = c, .suffix = "", .descending = c->arg[REVERSE].boolean}};
    int64_t rows;

    if (!want_sequence(c) || !want_lists(c, directions))
        return false;
    if (directions == 2 && c->arg[REVERSE].boolean)
        return diag_error(c->diags, c->arg[REVERSE].at, DIAG_MISPLACED, "%s: bidirectional runs both ways: leave out reverse",
                          c->op->name);
    d[0].gates = gates;
    d[0].steps = op_shape(c, 0)->dim[0];
    d[0].units = c->arg[UNITS].integer;
    if (!checked_multiply(d[0].units, (int64_t)gates * directions, &rows))
        rows = INT64_MAX;
    if (!op_want_size(c, &(struct shape){.rank = 2, .dim = {d[0].steps, rows}}))
        return false;
    if (!want_starts(c, directions))
        return false;
    for (int i = 0; i < directions; i++) {
        if (i == 1) {
            d[1] = d[0];
            d[1].suffix = "_reverse";
            d[1].number = 1;
            d[1].descending = true;
        }
        if (!add_parameters(&d[i], &d[0]))
            return false;
        add_direction(&d[i], cell);
    }
    add_results(c, d, directions, result);
    return true;
}

static bool rnn_build(struct op_call *c, node_id *result)
{
    return build(c, 1, rnn_cell, result);
}

static bool gru_build(struct op_call *c, node_id *result)
{
    return build(c, 3, gru_cell, result);
}

static bool lstm_build(struct op_call *c, node_id *result)
{
    return build(c, 4, lstm_cell, result);
}

/* ---- The table's rows ------------------------------------------------------------------------------------------------ */

#define COMMON_DOC                                                                                                                    \
    "A sequence `TxF` becomes the `units` numbers of the last step, or with `sequences = true` those of every step, `Txunits`. "      \
    "`reverse` runs from the last step to the first: its last step is step 0, and the steps of a sequence keep their places. "        \
    "`bidirectional` runs both ways and puts the results side by side: `2*units`.\n\n"                                                \
    "The state starts at zero, or with `state = h` at a tensor of as many numbers as the layer's last state has. Training goes back " \
    "through all steps, and into what gave the first state. Each gate's weights start as a matrix of their own. `weight=` "           \
    "and `bias=` are lists of all weights and biases in the order below.\n\n"

#define LAST_DOC \
    ", `units` numbers, of both directions `2*units`, each after the last step in its own order. An encoder hands them on to a decoder.\n\n"

#define RECURRENT(NAME, COUNT, STARTS_AT, DOC, EXAMPLE) \
    const struct op op_##NAME = {                       \
        .name = #NAME,                                  \
        .kind = OP_LAYER,                               \
        .params = params,                               \
        .param_count = (COUNT),                         \
        .min_inputs = 1,                                \
        .max_inputs = 1,                                \
        .has_weights = true,                            \
        .named_inputs = (STARTS_AT),                    \
        .has_more_results = true,                       \
        .build = NAME##_build,                          \
        .doc = (DOC),                                   \
        .example = (EXAMPLE),                           \
    };

RECURRENT(
    rnn, RNN_COUNT, starts_of_h,
    "`rnn(units, sequences=false, reverse=false, bidirectional=false, activation=tanh, state=zeros)`\n\n"
    "    h(t) = tanh(W_ih x(t) + b_ih + W_hh h(t-1) + b_hh)\n\n"
    "`activation` is `tanh` or `relu`. " COMMON_DOC "`y, h = x -> rnn(...)` also binds the last state" LAST_DOC
    "Parameters: `weight_ih_l0` [units, F], `weight_hh_l0` [units, units], `bias_ih_l0`, `bias_hh_l0` [units]; with `_reverse` "
    "for the other direction.\n",
    "net rows {\n"
    "    input image: 1x28x28;\n"
    "    output logits = image -> reshape(28x28) -> rnn(64) -> dense(10);\n"
    "}\n")

RECURRENT(
    gru, COMMON_COUNT, starts_of_h,
    "`gru(units, sequences=false, reverse=false, bidirectional=false, state=zeros)`\n\n"
    "    s(t) = sigmoid(W_is x(t) + b_is + W_hs h(t-1) + b_hs)\n"
    "    z(t) = sigmoid(W_iz x(t) + b_iz + W_hz h(t-1) + b_hz)\n"
    "    n(t) = tanh(W_in x(t) + b_in + s(t) * (W_hn h(t-1) + b_hn))\n"
    "    h(t) = (1 - z(t)) * n(t) + z(t) * h(t-1)\n\n" COMMON_DOC "`y, h = x -> gru(...)` also binds the last state" LAST_DOC
    "Parameters, with the rows of s, z and n one after the other: `weight_ih_l0` [3*units, F], `weight_hh_l0` [3*units, units], "
    "`bias_ih_l0`, `bias_hh_l0` [3*units]; with `_reverse` for the other direction.\n",
    "net tagger {\n"
    "    input steps: 20x8;\n"
    "    output scores = steps -> gru(16, sequences = true, bidirectional = true) -> dense(4);\n"
    "}\n")

RECURRENT(lstm, COMMON_COUNT, starts_of_both,
          "`lstm(units, sequences=false, reverse=false, bidirectional=false, state=zeros, cell=zeros)`\n\n"
          "    i(t) = sigmoid(W_ii x(t) + b_ii + W_hi h(t-1) + b_hi)\n"
          "    f(t) = sigmoid(W_if x(t) + b_if + W_hf h(t-1) + b_hf)\n"
          "    g(t) = tanh(W_ig x(t) + b_ig + W_hg h(t-1) + b_hg)\n"
          "    o(t) = sigmoid(W_io x(t) + b_io + W_ho h(t-1) + b_ho)\n"
          "    c(t) = f(t) * c(t-1) + i(t) * g(t)\n"
          "    h(t) = o(t) * tanh(c(t))\n\n" COMMON_DOC
          "`cell = c` gives the first cell. `y, h, c = x -> lstm(...)` also binds the last state and the last cell" LAST_DOC
          "Parameters, with the rows of i, f, g and o one after the other: `weight_ih_l0` [4*units, F], `weight_hh_l0` [4*units, "
          "units], `bias_ih_l0`, `bias_hh_l0` [4*units]; with `_reverse` for the other direction.\n",
          "net encoder_decoder {\n"
          "    input rows: 28x28;\n"
          "    _, h, c = rows -> lstm(64);\n"
          "    steps = h -> reshape(64x1) -> upsample(28) -> transpose([1, 0]);\n"
          "    output drawn = steps -> lstm(64, sequences = true, state = h, cell = c) -> dense(28);\n"
          "}\n")
