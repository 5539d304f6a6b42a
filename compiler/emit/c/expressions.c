/* expressions: loop expressions as C. Operators are written where C has them for both scalars and vectors, functions of
 * netrt/vector.h elsewhere: vector comparisons and choices, multiply-adds, bits. */
#include "compiler/emit/c/emitter.h"

#include "compiler/loop/index.h"
#include "compiler/loop/operations.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void c_index(const struct emitter *e, const struct loop_index *index)
{
    loop_index_print(index, c_axis_name, e, e->out);
}

void c_place(const struct emitter *e, const struct loop_place *place)
{
    const int p = view_pointer_of(e->view, place);

    fputs(e->pointer[p].name, e->out);
    if (e->view->pointer.at[p].buffer->space == SPACE_SETTING)
        return;
    fputc('[', e->out);
    c_index(e, &place->at);
    fputc(']', e->out);
}

void c_address(const struct emitter *e, const struct loop_place *place)
{
    if (place->at.count == 0 && place->at.constant == 0) {
        fputs(e->pointer[view_pointer_of(e->view, place)].name, e->out);
        return;
    }
    fputc('&', e->out);
    c_place(e, place);
}

/* ---- Constants ----------------------------------------------------------------------------------------------------- */

/* The shortest decimal that reads back as the same real. */
static void shortest(double value, bool single, char text[40])
{
    for (int digits = single ? 6 : 15; digits <= 17; digits++) {
        snprintf(text, 40, "%.*g", digits, value);
        bool same = single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
        if (same)
            break;
    }
}

static void real_constant(const struct emitter *e, const struct loop_expr *x)
{
    const bool single = loop_type_bytes(x->type) == 4;
    const double value = single ? (double)(float)x->as.real : x->as.real;
    const char *suffix = single ? "f" : "";
    char text[40];

    if (isnan(value)) {
        fprintf(e->out, "__builtin_nan%s(\"\")", suffix);
    } else if (isinf(value)) {
        fprintf(e->out, "%s__builtin_inf%s()", value < 0 ? "-" : "", suffix);
    } else {
        shortest(value, single, text);
        fprintf(e->out, "%s%s%s", text, strpbrk(text, ".e") ? "" : ".0", suffix);
    }
}

static void bits_constant(const struct emitter *e, const struct loop_expr *x)
{
    if (loop_is_signed(x->type))
        fprintf(e->out, "INT32_C(%" PRId64 ")", x->as.bits);
    else if (loop_type_bytes(x->type) == 8)
        fprintf(e->out, "UINT64_C(0x%016" PRIx64 ")", (uint64_t)x->as.bits);
    else
        fprintf(e->out, "UINT32_C(0x%08" PRIx32 ")", (uint32_t)x->as.bits);
}

static void constant(const struct emitter *e, const struct loop_expr *x)
{
    if (loop_is_vector(x->type))
        fprintf(e->out, "%s_splat(", loop_type_in_c(e->module, x->type));
    if (x->op == LOOP_CONSTANT)
        real_constant(e, x);
    else
        bits_constant(e, x);
    fputs(loop_is_vector(x->type) ? ")" : "", e->out);
}

/* ---- Operations ---------------------------------------------------------------------------------------------------- */

/* How C says an operation: an operator, or a function with types in its name; NULL: by the row's own name. */
static const char *spelling(const struct loop_expr *x)
{
    const struct loop_operation *row = &loop_operations[x->op];

    return loop_is_vector(x->type) || (x->arg[0] && loop_is_vector(x->arg[0]->type)) ? row->c_vector : row->c;
}

static bool is_operator(const char *spelling)
{
    return spelling && strchr("+-*/<>=!&|^?", spelling[0]);
}

/* As the row says where C has an operator; there is a sign before what is negative, and before a conversion its type. */
static enum loop_binding binding(const struct loop_expr *x)
{
    const char *c = spelling(x);

    if (x->op == LOOP_CONSTANT)
        return !loop_is_vector(x->type) && signbit(x->as.real) ? BINDS_SIGN : BINDS_CALL;
    if (x->op == LOOP_INDEX || (x->op == LOOP_CONVERT && !loop_is_vector(x->type)))
        return BINDS_SIGN;
    if (!is_operator(c))
        return BINDS_CALL;
    return c[0] == '?' ? BINDS_CHOICE : loop_operations[x->op].binds;
}

static void function_name(const struct emitter *e, const struct loop_expr *x)
{
    const char *c = spelling(x), *result = loop_type_in_c(e->module, x->type);

    if (!c) {
        fprintf(e->out, "%s_%s", result, loop_operations[x->op].name);
        return;
    }
    for (; *c != '\0'; c++) {
        if (*c == '%')
            fputs(result, e->out);
        else if (*c == '$')
            fputs(loop_type_in_c(e->module, x->arg[0]->type), e->out);
        else
            fputc(*c, e->out);
    }
}

static void call(const struct emitter *e, const struct loop_expr *x)
{
    if (x->op == LOOP_CALL)
        fputs(x->as.function->name, e->out);
    else if (x->op == LOOP_CONVERT)
        fputs("NETRT_CONVERT", e->out);
    else
        function_name(e, x);
    fputc('(', e->out);
    for (int i = 0; i < loop_arity(x->op); i++) {
        fputs(i > 0 ? ", " : "", e->out);
        c_expr(e, x->arg[i]);
    }
    if (x->op == LOOP_SHIFT_RIGHT)
        fprintf(e->out, ", %" PRId64, x->as.bits);
    if (x->op == LOOP_CONVERT)
        fprintf(e->out, ", %s", loop_type_in_c(e->module, x->type));
    fputc(')', e->out);
}

static void operand(const struct emitter *e, const struct loop_expr *x, bool in_parentheses)
{
    fputs(in_parentheses ? "(" : "", e->out);
    c_expr(e, x);
    fputs(in_parentheses ? ")" : "", e->out);
}

/* Mixtures that -Wparentheses questions are spelt out: whatever stands under a logical, bitwise or shift operator, unless it is
 * the same operator on the left. */
static bool left_needs_parentheses(const struct loop_expr *x, enum loop_binding own)
{
    enum loop_binding left = binding(x->arg[0]);

    if (own <= BINDS_SHIFT)
        return left < BINDS_SIGN && x->arg[0]->op != x->op;
    return left < own;
}

const char *c_update_operator(const struct loop_expr *x)
{
    const char *c = x->arg[1] ? spelling(x) : NULL;

    return is_operator(c) && strchr("+-*/&|^", c[0]) && c[1] == '\0' ? c : NULL;
}

static void infix(const struct emitter *e, const struct loop_expr *x, enum loop_binding own)
{
    operand(e, x->arg[0], left_needs_parentheses(x, own));
    fprintf(e->out, " %s ", spelling(x));
    if (own == BINDS_SHIFT)
        fprintf(e->out, "%" PRId64, x->as.bits);
    else
        operand(e, x->arg[1], own <= BINDS_SHIFT ? binding(x->arg[1]) < BINDS_SIGN : binding(x->arg[1]) <= own);
}

static void choice(const struct emitter *e, const struct loop_expr *x)
{
    operand(e, x->arg[0], binding(x->arg[0]) <= BINDS_CHOICE);
    fputs(" ? ", e->out);
    operand(e, x->arg[1], binding(x->arg[1]) <= BINDS_CHOICE);
    fputs(" : ", e->out);
    c_expr(e, x->arg[2]);
}

/* "-x", "(real)x" */
static void prefix(const struct emitter *e, const struct loop_expr *x)
{
    if (x->op == LOOP_CONVERT)
        fprintf(e->out, "(%s)", loop_type_in_c(e->module, x->type));
    else
        fputs(spelling(x), e->out);
    operand(e, x->arg[0], binding(x->arg[0]) <= BINDS_SIGN);
}

static void leaf(const struct emitter *e, const struct loop_expr *x)
{
    const char *type = loop_type_in_c(e->module, x->type);

    if (x->op == LOOP_VARIABLE) {
        fputs(c_variable_name(e, x->as.variable), e->out);
    } else if (x->op == LOOP_INDEX) {
        bool alone =
            x->as.index.count + (x->as.index.constant != 0) <= 1 && (x->as.index.count == 0 || x->as.index.term->factor == 1);
        fprintf(e->out, "(%s)%s", type, alone ? "" : "(");
        c_index(e, &x->as.index);
        fputs(alone ? "" : ")", e->out);
    } else if (x->op == LOOP_SUM_LANES) {
        fputs("netrt_sum_lanes(", e->out);
        c_address(e, &x->as.place);
        fputc(')', e->out);
    } else if (x->op == LOOP_LOAD && !loop_is_vector(x->type)) {
        c_place(e, &x->as.place);
    } else if (x->op == LOOP_LOAD) {
        fprintf(e->out, "%s_load(", type);
        c_address(e, &x->as.place);
        fputc(')', e->out);
    } else {
        constant(e, x);
    }
}

void c_expr(const struct emitter *e, const struct loop_expr *x)
{
    enum loop_binding own = binding(x);

    if (!x->arg[0])
        leaf(e, x);
    else if (own == BINDS_CALL)
        call(e, x);
    else if (own == BINDS_CHOICE)
        choice(e, x);
    else if (own == BINDS_SIGN)
        prefix(e, x);
    else
        infix(e, x, own);
}
