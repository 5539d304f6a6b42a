/* expression: bodies of nests as loop expressions. */
#include "compiler/lower/expression.h"

#include "compiler/lower/lowering.h"
#include "compiler/lower/random.h"
#include "compiler/lower/reduce.h"

#include <math.h>

struct body {
    struct lowering *l;
    const struct nest *nest;
    const struct instance *instance;
    read_fn *read;
    void *context;
    struct loop_list *out;
};

static const struct loop_expr *real(const struct body *b, double number)
{
    return loop_real(b->l->m, b->l->type, number);
}

static const struct loop_expr *lower(const struct body *b, const struct expr *e);

static const struct loop_expr *call(const struct body *b, enum loop_math which, const struct expr *argument)
{
    /* One after the other: the order in which C takes arguments would be that of the functions in a dump. */
    const struct loop_expr *x = lower(b, argument);

    return loop_call(b->l->m, loop_math_function(b->l->m, which, b->l->type), x);
}

static const struct loop_expr *binary(const struct body *b, enum loop_op op, const struct expr *e)
{
    const struct loop_expr *first = lower(b, e->arg[0]);

    return loop_binary(b->l->m, op, first, lower(b, e->arg[1]));
}

/* An integer that is read as it is. */
static bool reads_integer(const struct body *b, const struct expr *e)
{
    return e->kind == EXPR_ACCESS && loop_is_integer(type_of_node(b->l, b->nest->in[e->access].of));
}

/* A whole number as an integer: what is read, an index or a constant. NULL: it may have a fraction. */
static const struct loop_expr *integer(const struct body *b, const struct expr *e)
{
    struct loop_module *m = b->l->m;
    struct loop_index number;

    if (reads_integer(b, e))
        return loop_load(m, loop_as_wide(TYPE_I32, b->l->type),
                         place_of_access(b->l, b->nest, &b->nest->in[e->access], b->instance));
    if (e->kind == EXPR_INDEX)
        number = at_instance(b->l, b->nest, &e->index, b->instance);
    else if (e->kind == EXPR_CONSTANT && e->constant >= INT32_MIN && e->constant <= INT32_MAX && rint(e->constant) == e->constant)
        number = loop_constant_index((int64_t)e->constant);
    else
        return NULL;
    if (number.count == 0)
        return loop_bits(m, loop_as_wide(TYPE_I32, b->l->type), number.constant);
    const struct loop_expr *index = loop_index_value(m, TYPE_I32, number);
    return loop_is_vector(b->l->type) ? loop_splat(m, index) : index;
}

/* Integers are compared as such: a real does not tell all of them apart. */
static const struct loop_expr *equal(const struct body *b, const struct expr *e)
{
    const bool reads = reads_integer(b, e->arg[0]) || reads_integer(b, e->arg[1]);
    const struct loop_expr *first = reads ? integer(b, e->arg[0]) : NULL, *second = first ? integer(b, e->arg[1]) : NULL;

    return second ? loop_binary(b->l->m, LOOP_EQUAL, first, second) : binary(b, LOOP_EQUAL, e);
}

/* 0 > x ? 0 : x */
static const struct loop_expr *relu(const struct body *b, const struct expr *argument)
{
    const struct loop_expr *x = keep(b->l, "operand", lower(b, argument), b->out), *zero = real(b, 0);

    return loop_select(b->l->m, loop_binary(b->l->m, LOOP_LESS, x, zero), zero, x);
}

/* 1, -1, or x itself where it is 0 or NaN */
static const struct loop_expr *sign(const struct body *b, const struct expr *argument)
{
    struct loop_module *m = b->l->m;
    const struct loop_expr *x = keep(b->l, "operand", lower(b, argument), b->out), *zero = real(b, 0);
    const struct loop_expr *negative = loop_select(m, loop_binary(m, LOOP_LESS, x, zero), real(b, -1), x);

    return loop_select(m, loop_binary(m, LOOP_LESS, zero, x), real(b, 1), negative);
}

/* The greater (smaller) of two; NaN if either is. */
static const struct loop_expr *extreme(const struct body *b, const struct expr *e)
{
    struct loop_module *m = b->l->m;
    const struct loop_expr *first = keep(b->l, "operand", lower(b, e->arg[0]), b->out);
    const struct loop_expr *second = keep(b->l, "operand", lower(b, e->arg[1]), b->out);
    const bool greatest = e->function == FUNCTION_MAXIMUM;
    const struct loop_expr *better = loop_binary(m, LOOP_LESS, greatest ? first : second, greatest ? second : first);
    const struct loop_expr *none = loop_binary(m, LOOP_NOT_EQUAL, second, second);

    return loop_select(m, loop_binary(m, LOOP_MASK_OR, better, none), second, first);
}

static const struct loop_expr *lower_function(const struct body *b, const struct expr *e)
{
    struct loop_module *m = b->l->m;

    switch (e->function) {
    case FUNCTION_ADD: return binary(b, LOOP_ADD, e);
    case FUNCTION_SUBTRACT: return binary(b, LOOP_SUBTRACT, e);
    case FUNCTION_MULTIPLY: return binary(b, LOOP_MULTIPLY, e);
    case FUNCTION_DIVIDE: return binary(b, LOOP_DIVIDE, e);
    case FUNCTION_LESS: return binary(b, LOOP_LESS, e);
    case FUNCTION_EQUAL: return equal(b, e);
    case FUNCTION_NEGATE: return loop_unary(m, LOOP_NEGATE, lower(b, e->arg[0]));
    case FUNCTION_ABSOLUTE: return loop_unary(m, LOOP_ABSOLUTE, lower(b, e->arg[0]));
    case FUNCTION_SQRT: return loop_unary(m, LOOP_SQRT, lower(b, e->arg[0]));
    case FUNCTION_SIGN: return sign(b, e->arg[0]);
#define MATH(id, name, reference, comment) \
    case FUNCTION_##id: return call(b, MATH_##id, e->arg[0]);
#include "compiler/loop/math.def"
#undef MATH
    case FUNCTION_RELU: return relu(b, e->arg[0]);
    case FUNCTION_MAXIMUM:
    case FUNCTION_MINIMUM: return extreme(b, e);
    case FUNCTION_POWER: return lower_power(b->l, lower(b, e->arg[0]), e->arg[1]->constant, b->out);
    case FUNCTION_SELECT: {
        const struct loop_expr *mask = lower(b, e->arg[0]), *yes = lower(b, e->arg[1]);
        return loop_select(m, mask, yes, lower(b, e->arg[2]));
    }
    }
    return NULL;
}

static const struct loop_expr *lower_index(const struct body *b, const struct index *i)
{
    struct loop_index index = at_instance(b->l, b->nest, i, b->instance);

    if (index.count == 0)
        return real(b, (double)index.constant);
    const struct loop_expr *e = loop_index_value(b->l->m, b->l->m->real, index);
    return loop_is_vector(b->l->type) ? loop_splat(b->l->m, e) : e;
}

static const struct loop_expr *lower_random_number(const struct body *b, const struct expr *e)
{
    const struct loop_expr *half[2] = {lower(b, e->arg[0]), lower(b, e->arg[1])};

    return lower_random(b->l, e->stream, at_instance(b->l, b->nest, &e->index, b->instance), half, b->out);
}

static const struct loop_expr *lower(const struct body *b, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_CONSTANT: return real(b, e->constant);
    case EXPR_ACCESS: return b->read(b->context, b->nest, e->access, b->instance);
    case EXPR_INDEX: return lower_index(b, &e->index);
    case EXPR_RANDOM: return lower_random_number(b, e);
    case EXPR_FUNCTION: return lower_function(b, e);
    }
    return NULL;
}

const struct loop_expr *read_memory(void *lowering, const struct nest *n, int access, const struct instance *p)
{
    return load_access(lowering, n, &n->in[access], p);
}

const struct loop_expr *lower_body(struct lowering *l, const struct nest *n, const struct expr *e, const struct instance *p,
                                   read_fn *read, void *context, struct loop_list *out)
{
    struct body b = {l, n, p, read, context, out};

    return lower(&b, e);
}

const struct loop_expr *exceeds(struct lowering *l, const struct loop_expr *x, const struct loop_expr *best)
{
    const struct loop_expr *greater = loop_binary(l->m, LOOP_LESS, best, x);

    return loop_binary(l->m, LOOP_MASK_OR, greater, loop_binary(l->m, LOOP_NOT_EQUAL, x, x));
}
