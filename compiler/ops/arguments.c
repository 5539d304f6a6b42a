/* arguments: from what a call gives to what its operator asks for. */
#include "compiler/ops/build.h"

#include "compiler/support/synonyms.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Greater extents overflow any tensor; refusing them here keeps every later product within 64 bits for the operators' first
 * step. */
#define LARGEST_EXTENT SHAPE_MAX_ELEMENTS

static const struct initializer_row {
    const char *name;
    enum initializer init;
    const char *argument; /* what its argument is called; NULL: it takes none */
} initializers[] = {
#define INITIALIZER(id, word, sees, argument, called, doc) {(word), INIT_##id, (called)},
#include "runtime/include/netrt/words.def"
};

enum { INITIALIZER_COUNT = sizeof initializers / sizeof initializers[0] };

/* ---- Faults of one argument ---------------------------------------------------------------------------------------- */

static bool wrong_type(const struct op_call *c, const struct param *p, const struct op_arg *a, const char *wanted)
{
    return diag_error(c->diags, a->at, DIAG_ARGUMENT_TYPE, "%s: %s must be %s, got %s", c->op->name, p->name, wanted,
                      literal_kind_text(a->literal->kind));
}

/* The same where a name is among what is wanted: other languages write it as a string. */
static bool wrong_name(const struct op_call *c, const struct param *p, const struct op_arg *a, const char *wanted)
{
    wrong_type(c, p, a, wanted);
    if (a->literal->kind == LITERAL_STRING)
        hint_unquoted(c->diags, a->literal->as.string);
    return false;
}

/* Whether `number` lies in the parameter's range. A maximum below the minimum stands for none. */
static bool in_range(const struct op_call *c, const struct param *p, const struct op_arg *a, double number)
{
    const bool any = p->min == 0 && p->max == 0 && !p->above_min;
    const bool bounded = p->max >= p->min && !isinf(p->max) && !(p->above_min && p->max == p->min);
    const bool low = p->above_min ? !(number > p->min) : !(number >= p->min);

    if (any || (!low && !(bounded && number > p->max)))
        return true;
    const char *bound = p->above_min ? "greater than" : "at least";
    if (bounded)
        return diag_error(c->diags, a->at, DIAG_ARGUMENT_RANGE, "%s: %s must be %s %.15g and at most %.15g, got %.15g", c->op->name,
                          p->name, bound, p->min, p->max, number);
    return diag_error(c->diags, a->at, DIAG_ARGUMENT_RANGE, "%s: %s must be %s %.15g, got %.15g", c->op->name, p->name, bound,
                      p->min, number);
}

static bool is_extent(const struct op_call *c, const struct param *p, const struct op_arg *a, int64_t number)
{
    if (number >= -LARGEST_EXTENT && number <= LARGEST_EXTENT)
        return true;
    return diag_error(c->diags, a->at, DIAG_ARGUMENT_RANGE, "%s: %s must be at most 2^40, got %" PRId64, c->op->name, p->name,
                      number);
}

/* ---- One function for each type of parameter ------------------------------------------------------------------------- */

static bool check_name(const struct op_call *c, const struct param *p, struct op_arg *a);

/* Whether a name was given to a parameter that takes one beside its values. */
static bool is_choice(const struct param *p, const struct op_arg *a)
{
    return p->choices != NULL && a->literal->kind == LITERAL_NAME;
}

static bool check_int(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (is_choice(p, a))
        return check_name(c, p, a);
    if (a->literal->kind == LITERAL_REAL) {
        diag_error(c->diags, a->at, DIAG_ARGUMENT_TYPE, "%s: %s must be an integer, got the real number %.15g", c->op->name,
                   p->name, a->literal->as.real);
        diag_hint(c->diags, "`/` gives a real number, `//` an integer");
        return false;
    }
    if (a->literal->kind != LITERAL_INT)
        return wrong_type(c, p, a, "an integer");
    a->integer = a->literal->as.integer;
    a->real = (double)a->integer;
    return is_extent(c, p, a, a->integer) && in_range(c, p, a, a->real);
}

static bool check_axes(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    const struct literal *l = a->literal;

    if (l->kind != LITERAL_LIST)
        return l->kind == LITERAL_INT || l->kind == LITERAL_REAL ? check_int(c, p, a) : wrong_type(c, p, a, "an integer or a list");
    if (l->as.list.count == 0)
        return diag_error(c->diags, a->at, DIAG_ARGUMENT_RANGE, "%s: %s is an empty list", c->op->name, p->name);
    for (size_t i = 0; i < l->as.list.count; i++) {
        struct op_arg item = {.literal = l->as.list.at[i], .at = l->as.list.at[i]->at};
        if (!check_int(c, p, &item))
            return false;
    }
    return true;
}

static bool check_real(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (a->literal->kind != LITERAL_INT && a->literal->kind != LITERAL_REAL)
        return wrong_type(c, p, a, "a number");
    a->real = literal_number(a->literal);
    if (!isfinite(a->real))
        return diag_error(c->diags, a->at, DIAG_ARGUMENT_RANGE, "%s: %s must be finite", c->op->name, p->name);
    return in_range(c, p, a, a->real);
}

static bool check_bool(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (a->literal->kind != LITERAL_BOOL)
        return wrong_type(c, p, a, "true or false");
    a->boolean = a->literal->as.boolean;
    return true;
}

/* An integer becomes a shape of rank 0 that holds it. */
static bool read_sizes(const struct op_call *c, const struct param *p, struct op_arg *a, const char *wanted)
{
    const struct literal *l = a->literal;

    if (l->kind != LITERAL_INT && l->kind != LITERAL_SIZE) {
        wrong_type(c, p, a, wanted);
        if (literal_size_text(l, c->diags->arena) != NULL)
            diag_hint(c->diags, "a size is written %s", literal_size_text(l, c->diags->arena));
        return false;
    }
    if (l->kind == LITERAL_INT)
        a->sizes = (struct shape){.rank = 0, .dim = {l->as.integer}};
    else
        a->sizes = l->as.size;
    for (int i = 0; i < (a->sizes.rank == 0 ? 1 : a->sizes.rank); i++)
        if (!is_extent(c, p, a, a->sizes.dim[i]))
            return false;
    return true;
}

static bool check_sizes(const struct op_call *c, const struct param *p, struct op_arg *a, const char *wanted)
{
    if (!read_sizes(c, p, a, wanted))
        return false;
    for (int i = 0; i < (a->sizes.rank == 0 ? 1 : a->sizes.rank); i++)
        if (!in_range(c, p, a, (double)a->sizes.dim[i]))
            return false;
    return true;
}

static bool check_shape(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (!read_sizes(c, p, a, "an integer or a size"))
        return false;
    if (a->literal->kind == LITERAL_INT)
        a->sizes.rank = 1;
    return true;
}

static bool check_padding_pair(const struct op_call *c, const struct param *p, const struct op_arg *a, const struct literal *pair)
{
    if (pair->kind != LITERAL_LIST || pair->as.list.count != 2)
        return diag_error(c->diags, pair->at, DIAG_ARGUMENT_TYPE, "%s: each item of %s must be a pair [begin, end]", c->op->name,
                          p->name);
    for (size_t i = 0; i < 2; i++) {
        const struct literal *l = pair->as.list.at[i];
        if (l->kind != LITERAL_INT)
            return diag_error(c->diags, l->at, DIAG_ARGUMENT_TYPE, "%s: %s must be integers, got %s", c->op->name, p->name,
                              literal_kind_text(l->kind));
        if (!is_extent(c, p, a, l->as.integer))
            return false;
        if (l->as.integer < 0)
            return diag_error(c->diags, l->at, DIAG_ARGUMENT_RANGE, "%s: %s must be at least 0, got %" PRId64, c->op->name, p->name,
                              l->as.integer);
    }
    return true;
}

static bool check_padding(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    static const char *const choices[] = {"same", "valid"};
    const struct literal *l = a->literal;

    if (l->kind == LITERAL_LIST && l->as.list.count == 2 && l->as.list.at[0]->kind == LITERAL_INT)
        return check_padding_pair(c, p, a, l);
    if (l->kind == LITERAL_LIST) {
        for (size_t i = 0; i < l->as.list.count; i++)
            if (!check_padding_pair(c, p, a, l->as.list.at[i]))
                return false;
        return true;
    }
    if (l->kind == LITERAL_NAME) {
        if (strcmp(l->as.string, "same") == 0 || strcmp(l->as.string, "valid") == 0)
            return true;
        diag_error(c->diags, a->at, DIAG_ARGUMENT_CHOICE, "%s: %s has no choice %s: use a number, a size, same or valid",
                   c->op->name, p->name, l->as.string);
        hint_word(c->diags, WORD_CHOICE, l->as.string, choices, 2);
        return false;
    }
    if (l->kind != LITERAL_INT && l->kind != LITERAL_SIZE)
        return wrong_name(c, p, a, "an integer, a size, same, valid or [[begin, end], ...]");
    if (!read_sizes(c, p, a, "an integer or a size"))
        return false;
    for (int i = 0; i < (a->sizes.rank == 0 ? 1 : a->sizes.rank); i++)
        if (a->sizes.dim[i] < 0)
            return diag_error(c->diags, a->at, DIAG_ARGUMENT_RANGE, "%s: %s must be at least 0, got %" PRId64, c->op->name, p->name,
                              a->sizes.dim[i]);
    return true;
}

static const struct initializer_row *find_initializer(const char *name)
{
    for (size_t i = 0; i < INITIALIZER_COUNT; i++)
        if (strcmp(initializers[i].name, name) == 0)
            return &initializers[i];
    return NULL;
}

static bool check_initializer_argument(const struct op_call *c, const struct initializer_row *row, struct op_arg *a)
{
    const struct literal *given = a->literal->argument;

    if (row->argument == NULL) {
        if (given != NULL)
            return diag_error(c->diags, given->at, DIAG_ARGUMENT_COUNT, "%s takes no argument", row->name);
        return true;
    }
    if (given == NULL)
        return diag_error(c->diags, a->at, DIAG_MISSING_ARGUMENT, "%s wants %s: %s(0.1)", row->name, row->argument, row->name);
    if (given->kind != LITERAL_INT && given->kind != LITERAL_REAL)
        return diag_error(c->diags, given->at, DIAG_ARGUMENT_TYPE, "%s wants %s, got %s", row->name, row->argument,
                          literal_kind_text(given->kind));
    a->real = literal_number(given);
    if (!isfinite(a->real) || (row->init != INIT_CONSTANT && a->real < 0))
        return diag_error(c->diags, given->at, DIAG_ARGUMENT_RANGE, "%s wants %s of at least 0, got %.15g", row->name,
                          row->argument, a->real);
    return true;
}

static bool check_initializer(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (a->literal->kind != LITERAL_NAME)
        return wrong_name(c, p, a, "an initialiser, such as he_normal");
    const struct initializer_row *row = find_initializer(a->literal->as.string);
    if (row == NULL) {
        diag_error(c->diags, a->at, DIAG_ARGUMENT_CHOICE, "there is no initialiser %s", a->literal->as.string);
        hint_word(c->diags, WORD_INITIALIZER, a->literal->as.string, initializers, INITIALIZER_COUNT);
        return false;
    }
    a->init = row->init;
    return check_initializer_argument(c, row, a);
}

/* Nested lists of finite numbers. How they must be nested follows from the parameter's shape: op_add_parameter compares. */
static bool check_values(const struct op_call *c, const struct param *p, const struct literal *l, int depth)
{
    if (l->kind == LITERAL_LIST && depth < MAX_RANK) {
        for (size_t i = 0; i < l->as.list.count; i++)
            if (!check_values(c, p, l->as.list.at[i], depth + 1))
                return false;
        return true;
    }
    if (depth == 0 || (l->kind != LITERAL_INT && l->kind != LITERAL_REAL))
        return diag_error(c->diags, l->at, DIAG_ARGUMENT_TYPE, "%s: %s must be nested lists of numbers, got %s", c->op->name,
                          p->name, literal_kind_text(l->kind));
    if (!isfinite(literal_number(l)))
        return diag_error(c->diags, l->at, DIAG_ARGUMENT_RANGE, "%s: %s must be finite", c->op->name, p->name);
    return in_range(c, p, &(struct op_arg){.at = l->at}, literal_number(l));
}

/* "nearest or bilinear" */
static const char *choices_text(const struct op_call *c, const struct param *p, size_t count)
{
    const char *text = p->choices[0];

    for (size_t i = 1; i < count; i++)
        text = arena_printf(c->diags->arena, "%s%s%s", text, i + 1 == count ? " or " : ", ", p->choices[i]);
    return text;
}

static bool check_name(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    size_t count = 0;

    while (p->choices[count] != NULL)
        count++;
    if (a->literal->kind != LITERAL_NAME)
        return wrong_name(c, p, a, "a name");
    for (size_t i = 0; i < count; i++)
        if (strcmp(p->choices[i], a->literal->as.string) == 0) {
            a->integer = (int64_t)i;
            return true;
        }
    diag_error(c->diags, a->at, DIAG_ARGUMENT_CHOICE, "%s: %s has no choice %s: use %s", c->op->name, p->name,
               a->literal->as.string, choices_text(c, p, count));
    hint_word(c->diags, WORD_CHOICE, a->literal->as.string, p->choices, count);
    return false;
}

static bool check_list(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (is_choice(p, a))
        return check_name(c, p, a);
    return a->literal->kind == LITERAL_LIST || wrong_type(c, p, a, "a list");
}

static bool check_numbers(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (a->literal->kind != LITERAL_LIST)
        return check_real(c, p, a);
    if (a->literal->as.list.count == 0)
        return diag_error(c->diags, a->at, DIAG_ARGUMENT_RANGE, "%s: %s is an empty list", c->op->name, p->name);
    for (size_t i = 0; i < a->literal->as.list.count; i++) {
        struct op_arg item = {.literal = a->literal->as.list.at[i], .at = a->literal->as.list.at[i]->at, .tensor = NO_NODE};
        if (!check_real(c, p, &item))
            return false;
    }
    return true;
}

static bool check_argument(const struct op_call *c, const struct param *p, struct op_arg *a)
{
    if (a->literal->kind == LITERAL_NAME && a->literal->argument != NULL && p->type != PARAM_INITIALIZER)
        return diag_error(c->diags, a->at, DIAG_ARGUMENT_TYPE,
                          "%s: %s takes no call: %s is neither a value function nor a constant", c->op->name, p->name,
                          a->literal->as.string);
    switch (p->type) {
    case PARAM_INT: return check_int(c, p, a);
    case PARAM_REAL: return check_real(c, p, a);
    case PARAM_BOOL: return check_bool(c, p, a);
    case PARAM_SIZES: return check_sizes(c, p, a, "an integer or a size");
    case PARAM_PADDING: return check_padding(c, p, a);
    case PARAM_SHAPE: return check_shape(c, p, a);
    case PARAM_AXES: return check_axes(c, p, a);
    case PARAM_INITIALIZER: return check_initializer(c, p, a);
    case PARAM_VALUES: return is_choice(p, a) ? check_name(c, p, a) : check_values(c, p, a->literal, 0);
    case PARAM_NUMBER_OR_VALUES: return a->literal->kind == LITERAL_LIST ? check_values(c, p, a->literal, 0) : check_real(c, p, a);
    case PARAM_LIST: return check_list(c, p, a);
    case PARAM_NAME: return check_name(c, p, a);
    case PARAM_STRING: return a->literal->kind == LITERAL_STRING || wrong_type(c, p, a, "a string");
    case PARAM_NUMBERS: return check_numbers(c, p, a);
    }
    assert(!"a parameter has a type");
    return false;
}

/* ---- Range --------------------------------------------------------------------------------------------------------- */

/* Denormal numbers count as zero. */
static bool is_beyond_f32(const struct literal *l)
{
    if (l->kind != LITERAL_INT && l->kind != LITERAL_REAL)
        return false;
    const double number = literal_number(l);
    const float held = fabsf((float)number);
    return isinf(held) || (number != 0 && held < FLT_MIN);
}

static const struct literal *find_beyond_f32(const struct literal *l)
{
    const struct literal *found = NULL;

    if (l->kind == LITERAL_NAME && l->argument != NULL)
        return find_beyond_f32(l->argument);
    if (l->kind != LITERAL_LIST)
        return is_beyond_f32(l) ? l : NULL;
    for (size_t i = 0; i < l->as.list.count && found == NULL; i++)
        found = find_beyond_f32(l->as.list.at[i]);
    return found;
}

void op_warn_beyond_f32(struct diags *ds, const struct literal *l, struct span at)
{
    const struct literal *found = find_beyond_f32(l);

    if (found == NULL)
        return;
    const double number = literal_number(found);
    diag_warning(ds, at, DIAG_NUMBER_RANGE, "%.15g is out of the range of f32 and counts as %s", number,
                 fabs(number) < 1 ? "0"
                 : number < 0     ? "-infinity"
                                  : "infinity");
    diag_hint(ds, "compile { precision = f64; }");
}

/* ---- Matching -------------------------------------------------------------------------------------------------------- */

/* Two parameters may share a name: `bias = false` and `bias = [0.5, 1]`. A list is meant for the one that takes lists. */
static int find_param(const struct op *op, const char *name, const struct literal *given)
{
    int found = -1;

    for (int i = 0; i < op_param_count(op); i++)
        if (strcmp(op_param(op, i)->name, name) == 0 && (found < 0 || given->kind == LITERAL_LIST))
            found = i;
    return found;
}

static bool unknown_argument(const struct op_call *c, const char *name, struct span at)
{
    const int count = op_param_count(c->op);
    const char *names[MAX_PARAMS + MAX_NAMED_INPUTS];
    size_t known = (size_t)count;

    for (int i = 0; i < count; i++)
        names[i] = op_param(c->op, i)->name;
    for (int i = 0; c->op->named_inputs != NULL && c->op->named_inputs[i] != NULL; i++)
        names[known++] = c->op->named_inputs[i];
    diag_error(c->diags, at, DIAG_UNKNOWN_ARGUMENT, "%s has no parameter %s", c->op->name, name);
    hint_word(c->diags, WORD_PARAMETER, name, names, known);
    return false;
}

/* The parameter that argument `i` is for, or -1 after an error. */
static int match_argument(const struct op_call *c, size_t i, const char *const names[], const struct span name_at[],
                          const struct literal *const literals[])
{
    if (names[i] != NULL) {
        const int k = find_param(c->op, names[i], literals[i]);
        if (k < 0)
            unknown_argument(c, names[i], name_at[i]);
        return k;
    }
    if (i > 0 && names[i - 1] != NULL) {
        diag_error(c->diags, literals[i]->at, DIAG_ARGUMENT_COUNT, "%s: a positional argument follows a named one", c->op->name);
        return -1;
    }
    if (op_param_count(c->op) == 0) {
        diag_error(c->diags, literals[i]->at, DIAG_ARGUMENT_COUNT, "%s takes no arguments%s", c->op->name,
                   c->op->min_inputs > 1 ? " but tensors" : "");
        return -1;
    }
    if (i >= (size_t)c->op->param_count) {
        diag_error(c->diags, literals[i]->at, DIAG_ARGUMENT_COUNT, "%s takes %d positional argument%s, this is number %zu",
                   c->op->name, c->op->param_count, c->op->param_count == 1 ? "" : "s", i + 1);
        return -1;
    }
    return (int)i;
}

static void set_default(struct op_call *c, int k)
{
    const struct param *p = op_param(c->op, k);
    struct op_arg *a = &c->arg[k];

    *a = (struct op_arg){.at = c->at, .init = INIT_DEFAULT, .tensor = NO_NODE};
    if (p->type == PARAM_NAME || p->type == PARAM_INITIALIZER)
        return;
    a->integer = (int64_t)p->fallback;
    a->real = p->fallback;
    a->boolean = p->fallback != 0;
    a->sizes.dim[0] = (int64_t)p->fallback;
}

/* "conv: filters is missing": each name once, in one message. */
static bool report_missing(struct op_call *c)
{
    const char *list = "";
    int missing = 0;

    for (int k = 0; k < op_param_count(c->op); k++)
        if (op_param(c->op, k)->required && c->arg[k].literal == NULL)
            list = arena_printf(c->diags->arena, "%s%s%s", list, missing++ > 0 ? ", " : "", op_param(c->op, k)->name);
    if (missing == 0)
        return true;
    return diag_error(c->diags, c->at, DIAG_MISSING_ARGUMENT, "%s: %s %s missing", c->op->name, list, missing == 1 ? "is" : "are");
}

bool op_is_given(const struct op_arg *a)
{
    return a->literal != NULL && a->literal->kind != LITERAL_NAME;
}

bool op_check_arguments(struct op_call *call, size_t count, const char *const names[], const struct span name_at[],
                        const struct literal *const literals[])
{
    bool ok = true;

    assert(op_param_count(call->op) <= MAX_PARAMS);
    for (int k = 0; k < op_param_count(call->op); k++)
        set_default(call, k);
    for (size_t i = 0; i < count; i++) {
        /* Too many are said once, and not after another fault: f(1, 0, 2) for f([1, 0, 2]) is one mistake. */
        if (!ok && names[i] == NULL && i >= (size_t)call->op->param_count)
            continue;
        const int k = match_argument(call, i, names, name_at, literals);
        if (k < 0) {
            ok = false;
            continue;
        }
        struct op_arg *a = &call->arg[k];
        const struct span at = names[i] != NULL ? span_join(name_at[i], literals[i]->at) : literals[i]->at;
        if (a->literal != NULL) {
            ok = diag_error(call->diags, at, DIAG_DOUBLE_ARGUMENT, "%s: %s is given twice", call->op->name,
                            op_param(call->op, k)->name);
            diag_note(call->diags, a->at, "it was given here");
            continue;
        }
        a->literal = literals[i];
        a->at = at;
        ok = check_argument(call, op_param(call->op, k), a) && ok;
        if (call->f32)
            op_warn_beyond_f32(call->diags, literals[i], at);
    }
    return ok && report_missing(call);
}
