#include "compiler/sema/operand.h"

#include "compiler/support/arena.h"

struct operand operand_tensor(value v, struct span at)
{
    return (struct operand){.kind = OPERAND_TENSOR, .at = at, .tensor = v};
}

struct operand operand_literal(const struct literal *l, struct span at)
{
    return (struct operand){.kind = OPERAND_LITERAL, .at = at, .literal = l, .tensor = NO_VALUE};
}

static struct literal *new_literal(struct arena *a, enum literal_kind kind, struct span at)
{
    struct literal *l = arena_new(a, struct literal);

    l->kind = kind;
    l->at = at;
    return l;
}

struct operand operand_int(struct arena *a, int64_t integer, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_INT, at);

    l->as.integer = integer;
    return operand_literal(l, at);
}

struct operand operand_real(struct arena *a, double real, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_REAL, at);

    l->as.real = real;
    return operand_literal(l, at);
}

struct operand operand_bool(struct arena *a, bool boolean, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_BOOL, at);

    l->as.boolean = boolean;
    return operand_literal(l, at);
}

struct operand operand_string(struct arena *a, const char *text, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_STRING, at);

    l->as.string = text;
    return operand_literal(l, at);
}

struct operand operand_size(struct arena *a, const struct shape *size, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_SIZE, at);

    l->as.size = *size;
    return operand_literal(l, at);
}

struct operand operand_name(struct arena *a, const char *name, const struct literal *argument, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_NAME, at);

    l->as.string = name;
    l->argument = argument;
    return operand_literal(l, at);
}

const char *operand_kind_text(const struct operand *o)
{
    switch (o->kind) {
    case OPERAND_TENSOR: return "a tensor";
    case OPERAND_LITERAL: return literal_kind_text(o->literal->kind);
    case OPERAND_POISON: break;
    }
    return "a value that could not be computed";
}

bool operand_is(const struct operand *o, enum literal_kind kind)
{
    return o->kind == OPERAND_LITERAL && o->literal->kind == kind;
}

bool operand_is_number(const struct operand *o)
{
    return operand_is(o, LITERAL_INT) || operand_is(o, LITERAL_REAL);
}
