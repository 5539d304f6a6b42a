/* expressions: loop expressions as C. Operators are written where C has them for both scalars and vectors, functions of
 * netrt/vector.h elsewhere: vector comparisons and choices, multiply-adds, bits. */
#include "compiler/emit/c/emitter.h"

#include "compiler/loop/index.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How tightly an operation binds in C; CALL: written as a call or a name, never in parentheses. */
enum binding { CHOICE = 1, LOGIC, BITWISE, COMPARE, SHIFT, SUM, PRODUCT, SIGN, CALL };

const char *c_type(enum loop_type type)
{
    switch (type) {
    case TYPE_REAL: return "real";
    case TYPE_REALS: return "vec";
    case TYPE_INT: return "bits";
    case TYPE_INT_VECTOR: return "vec_bits";
    case TYPE_MASK: return "int";
    case TYPE_MASKS: return "vec_mask";
    }
    return "";
}

void c_index(const struct emitter *e, const struct loop_index *index)
{
    loop_index_print(index, c_axis_name, e, e->out);
}

void c_place(const struct emitter *e, const struct loop_place *place)
{
    const struct c_pointer *p = c_pointer_of(e, place);

    fputs(p->name, e->out);
    if (loop_buffer_at(e->module, e->kernel, place->buffer)->space == SPACE_SETTING)
        return;
    fputc('[', e->out);
    c_index(e, &place->at);
    fputc(']', e->out);
}

void c_address(const struct emitter *e, const struct loop_place *place)
{
    if (place->at.count == 0 && place->at.constant == 0) {
        fputs(c_pointer_of(e, place)->name, e->out);
        return;
    }
    fputc('&', e->out);
    c_place(e, place);
}

/* ---- Constants ----------------------------------------------------------------------------------------------------- */

/* The shortest decimal that reads back as the same real. */
static void shortest(double value, int precision, char text[40])
{
    for (int digits = precision == 4 ? 6 : 15; digits <= 17; digits++) {
        snprintf(text, 40, "%.*g", digits, value);
        bool same = precision == 4 ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
        if (same)
            break;
    }
}

static void real_constant(const struct emitter *e, double value)
{
    const char *suffix = e->module->precision == 4 ? "f" : "";
    char text[40];

    if (e->module->precision == 4)
        value = (double)(float)value;
    if (isnan(value)) {
        fprintf(e->out, "__builtin_nan%s(\"\")", suffix);
    } else if (isinf(value)) {
        fprintf(e->out, "%s__builtin_inf%s()", value < 0 ? "-" : "", suffix);
    } else {
        shortest(value, e->module->precision, text);
        fprintf(e->out, "%s%s%s", text, strpbrk(text, ".e") ? "" : ".0", suffix);
    }
}

static void bits_constant(const struct emitter *e, int64_t value)
{
    if (e->module->precision == 4)
        fprintf(e->out, "UINT32_C(0x%08" PRIx32 ")", (uint32_t)value);
    else
        fprintf(e->out, "UINT64_C(0x%016" PRIx64 ")", (uint64_t)value);
}

static void constant(const struct emitter *e, const struct loop_expr *x)
{
    if (x->type == TYPE_REALS)
        fputs("vec_splat(", e->out);
    else if (x->type == TYPE_INT_VECTOR)
        fputs("vec_bits_splat(", e->out);
    if (x->op == LOOP_CONSTANT)
        real_constant(e, x->as.real);
    else
        bits_constant(e, x->as.bits);
    fputs(loop_is_vector(x->type) ? ")" : "", e->out);
}

/* ---- Operations ---------------------------------------------------------------------------------------------------- */

static enum binding binding(const struct loop_expr *x)
{
    bool vector = loop_is_vector(x->type);

    switch (x->op) {
    case LOOP_SELECT: return vector ? CALL : CHOICE;
    case LOOP_MASK_AND:
    case LOOP_MASK_OR: return vector ? BITWISE : LOGIC;
    case LOOP_BITS_AND:
    case LOOP_BITS_OR:
    case LOOP_BITS_XOR: return BITWISE;
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL:
    case LOOP_NOT_EQUAL: return vector ? CALL : COMPARE;
    case LOOP_SHIFT_LEFT: return SHIFT;
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_BITS_ADD:
    case LOOP_BITS_SUBTRACT: return SUM;
    case LOOP_MULTIPLY:
    case LOOP_DIVIDE: return PRODUCT;
    case LOOP_NEGATE: return SIGN;
    case LOOP_CONSTANT: return !vector && signbit(x->as.real) ? SIGN : CALL;
    case LOOP_INDEX: return SIGN;
    case LOOP_BITS_CONSTANT:
    case LOOP_VARIABLE:
    case LOOP_LOAD:
    case LOOP_SUM_LANES:
    case LOOP_SPLAT:
    case LOOP_ABSOLUTE:
    case LOOP_SQRT:
    case LOOP_TO_BITS:
    case LOOP_FROM_BITS:
    case LOOP_CALL:
    case LOOP_TO_WORD:
    case LOOP_U01:
    case LOOP_WORD_LOW:
    case LOOP_WORD_HIGH:
    case LOOP_INTERLEAVE_LOW:
    case LOOP_INTERLEAVE_HIGH:
    case LOOP_SHIFT_RIGHT:
    case LOOP_FMA: break;
    }
    return CALL;
}

static const char *operator_of(const struct loop_expr *x)
{
    switch (x->op) {
    case LOOP_MASK_AND: return x->type == TYPE_MASKS ? "&" : "&&";
    case LOOP_MASK_OR: return x->type == TYPE_MASKS ? "|" : "||";
    case LOOP_BITS_AND: return "&";
    case LOOP_BITS_OR: return "|";
    case LOOP_BITS_XOR: return "^";
    case LOOP_LESS: return "<";
    case LOOP_LESS_EQUAL: return "<=";
    case LOOP_EQUAL: return "==";
    case LOOP_NOT_EQUAL: return "!=";
    case LOOP_SHIFT_LEFT: return "<<";
    case LOOP_ADD:
    case LOOP_BITS_ADD: return "+";
    case LOOP_SUBTRACT:
    case LOOP_BITS_SUBTRACT: return "-";
    case LOOP_MULTIPLY: return "*";
    case LOOP_DIVIDE: return "/";
    case LOOP_CONSTANT:
    case LOOP_BITS_CONSTANT:
    case LOOP_VARIABLE:
    case LOOP_LOAD:
    case LOOP_INDEX:
    case LOOP_SUM_LANES:
    case LOOP_SPLAT:
    case LOOP_NEGATE:
    case LOOP_ABSOLUTE:
    case LOOP_SQRT:
    case LOOP_TO_BITS:
    case LOOP_FROM_BITS:
    case LOOP_CALL:
    case LOOP_TO_WORD:
    case LOOP_U01:
    case LOOP_WORD_LOW:
    case LOOP_WORD_HIGH:
    case LOOP_INTERLEAVE_LOW:
    case LOOP_INTERLEAVE_HIGH:
    case LOOP_SHIFT_RIGHT:
    case LOOP_FMA:
    case LOOP_SELECT: break;
    }
    assert(!"no operator of C");
    return "?";
}

static const char *name_of_call(const struct loop_expr *x)
{
    bool vector = loop_is_vector(x->arg[0]->type);

    switch (x->op) {
    case LOOP_SPLAT: return x->type == TYPE_REALS ? "vec_splat" : x->type == TYPE_INT_VECTOR ? "vec_bits_splat" : "vec_mask_splat";
    case LOOP_ABSOLUTE: return vector ? "vec_abs" : "real_abs";
    case LOOP_SQRT: return vector ? "vec_sqrt" : "real_sqrt";
    case LOOP_TO_BITS: return vector ? "vec_to_bits" : "real_to_bits";
    case LOOP_FROM_BITS: return vector ? "vec_from_bits" : "real_from_bits";
    case LOOP_TO_WORD: return vector ? "vec_to_words" : "real_to_word";
    case LOOP_U01: return vector ? "vec_unit" : "real_unit";
    case LOOP_WORD_LOW: return vector ? "vec_words_low" : "word_low";
    case LOOP_WORD_HIGH: return vector ? "vec_words_high" : "word_high";
    case LOOP_INTERLEAVE_LOW: return "vec_interleave_low";
    case LOOP_INTERLEAVE_HIGH: return "vec_interleave_high";
    case LOOP_SHIFT_RIGHT: return vector ? "vec_bits_shift_right" : "bits_shift_right";
    case LOOP_CALL: return x->as.function->name;
    case LOOP_LESS: return "vec_less";
    case LOOP_LESS_EQUAL: return "vec_less_equal";
    case LOOP_EQUAL: return "vec_equal";
    case LOOP_NOT_EQUAL: return "vec_not_equal";
    case LOOP_FMA: return vector ? "vec_fma" : "real_fma";
    case LOOP_SELECT: return x->type == TYPE_INT_VECTOR ? "vec_bits_select" : "vec_select";
    case LOOP_CONSTANT:
    case LOOP_BITS_CONSTANT:
    case LOOP_VARIABLE:
    case LOOP_LOAD:
    case LOOP_INDEX:
    case LOOP_SUM_LANES:
    case LOOP_NEGATE:
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_MULTIPLY:
    case LOOP_DIVIDE:
    case LOOP_BITS_ADD:
    case LOOP_BITS_SUBTRACT:
    case LOOP_BITS_AND:
    case LOOP_BITS_OR:
    case LOOP_BITS_XOR:
    case LOOP_SHIFT_LEFT:
    case LOOP_MASK_AND:
    case LOOP_MASK_OR: break;
    }
    assert(!"not written as a call");
    return "?";
}

static void call(const struct emitter *e, const struct loop_expr *x)
{
    fprintf(e->out, "%s(", name_of_call(x));
    for (int i = 0; i < 3 && x->arg[i]; i++) {
        fputs(i > 0 ? ", " : "", e->out);
        c_expr(e, x->arg[i]);
    }
    if (x->op == LOOP_SHIFT_RIGHT)
        fprintf(e->out, ", %" PRId64, x->as.bits);
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
static bool left_needs_parentheses(const struct loop_expr *x, enum binding own)
{
    enum binding left = binding(x->arg[0]);

    if (own <= SHIFT)
        return left < SIGN && x->arg[0]->op != x->op;
    return left < own;
}

const char *c_infix_operator(const struct loop_expr *x)
{
    enum binding own = x->arg[0] ? binding(x) : CALL;

    return own == BITWISE || own == SUM || own == PRODUCT ? operator_of(x) : NULL;
}

static void infix(const struct emitter *e, const struct loop_expr *x, enum binding own)
{
    operand(e, x->arg[0], left_needs_parentheses(x, own));
    fprintf(e->out, " %s ", operator_of(x));
    if (own == SHIFT)
        fprintf(e->out, "%" PRId64, x->as.bits);
    else
        operand(e, x->arg[1], own <= SHIFT ? binding(x->arg[1]) < SIGN : binding(x->arg[1]) <= own);
}

static void choice(const struct emitter *e, const struct loop_expr *x)
{
    operand(e, x->arg[0], binding(x->arg[0]) <= CHOICE);
    fputs(" ? ", e->out);
    operand(e, x->arg[1], binding(x->arg[1]) <= CHOICE);
    fputs(" : ", e->out);
    c_expr(e, x->arg[2]);
}

static void leaf(const struct emitter *e, const struct loop_expr *x)
{
    if (x->op == LOOP_VARIABLE) {
        fputs(c_variable_of(e, x->as.variable)->name, e->out);
    } else if (x->op == LOOP_INDEX) {
        bool alone =
            x->as.index.count + (x->as.index.constant != 0) <= 1 && (x->as.index.count == 0 || x->as.index.term->factor == 1);
        fprintf(e->out, "(%s)%s", c_type(x->type), alone ? "" : "(");
        c_index(e, &x->as.index);
        fputs(alone ? "" : ")", e->out);
    } else if (x->op == LOOP_SUM_LANES) {
        fputs("netrt_sum_lanes(", e->out);
        c_address(e, &x->as.place);
        fputc(')', e->out);
    } else if (x->op == LOOP_LOAD && x->type == TYPE_REAL) {
        c_place(e, &x->as.place);
    } else if (x->op == LOOP_LOAD) {
        fputs("vec_load(", e->out);
        c_address(e, &x->as.place);
        fputc(')', e->out);
    } else {
        constant(e, x);
    }
}

void c_expr(const struct emitter *e, const struct loop_expr *x)
{
    enum binding own = binding(x);

    if (!x->arg[0]) {
        leaf(e, x);
    } else if (own == CALL) {
        call(e, x);
    } else if (own == CHOICE) {
        choice(e, x);
    } else if (own == SIGN) {
        fputc('-', e->out);
        operand(e, x->arg[0], binding(x->arg[0]) <= SIGN);
    } else {
        infix(e, x, own);
    }
}
