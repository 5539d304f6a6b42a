/* value: constructors of sema_value, and its kinds in words. */
#include "compiler/sema/value.h"

#include "compiler/support/arena.h"

struct sema_value value_tensor(node_id v, struct span at)
{
    return (struct sema_value){.kind = VALUE_TENSOR, .at = at, .tensor = v};
}

struct sema_value value_literal(const struct literal *l, struct span at)
{
    return (struct sema_value){.kind = VALUE_LITERAL, .at = at, .literal = l, .tensor = NO_NODE};
}

static struct literal *new_literal(struct arena *a, enum literal_kind kind, struct span at)
{
    struct literal *l = arena_new(a, struct literal);

    l->kind = kind;
    l->at = at;
    return l;
}

struct sema_value value_int(struct arena *a, int64_t integer, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_INT, at);

    l->as.integer = integer;
    return value_literal(l, at);
}

struct sema_value value_real(struct arena *a, double real, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_REAL, at);

    l->as.real = real;
    return value_literal(l, at);
}

struct sema_value value_bool(struct arena *a, bool boolean, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_BOOL, at);

    l->as.boolean = boolean;
    return value_literal(l, at);
}

struct sema_value value_string(struct arena *a, const char *text, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_STRING, at);

    l->as.string = text;
    return value_literal(l, at);
}

struct sema_value value_size(struct arena *a, const struct shape *size, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_SIZE, at);

    l->as.size = *size;
    return value_literal(l, at);
}

struct sema_value value_name(struct arena *a, const char *name, const struct literal *argument, struct span at)
{
    struct literal *l = new_literal(a, LITERAL_NAME, at);

    l->as.string = name;
    l->argument = argument;
    return value_literal(l, at);
}

const char *value_kind_text(const struct sema_value *o)
{
    switch (o->kind) {
    case VALUE_TENSOR: return "a tensor";
    case VALUE_LITERAL: return literal_kind_text(o->literal->kind);
    case OPERAND_SHARED: return "a set of shared parameters";
    case VALUE_POISON: break;
    }
    return "a value that could not be computed";
}

bool value_is(const struct sema_value *o, enum literal_kind kind)
{
    return o->kind == VALUE_LITERAL && o->literal->kind == kind;
}

bool value_is_number(const struct sema_value *o)
{
    return value_is(o, LITERAL_INT) || value_is(o, LITERAL_REAL);
}
