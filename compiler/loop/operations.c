/* operations: types and operations by their rows. Nothing here knows a single operation. */
#include "compiler/loop/operations.h"

#include <ctype.h>
#include <stddef.h>

/* ---- Types --------------------------------------------------------------------------------------------------------- */

enum kind { KIND_REAL, KIND_SIGNED, KIND_UNSIGNED, KIND_MASK };

static const struct {
    enum loop_type scalar, vector;
    const char *name;
    enum kind kind;
    int bytes;
    const char *c, *c_vector;
} elements[] = {
#define LOOP_TYPE(id, name, kind, bytes, c, c_vector) \
    {TYPE_##id, TYPE_##id##_VECTOR, (name), KIND_##kind, (bytes), (c), (c_vector)},
#include "compiler/loop/loop_types.def"
#undef LOOP_TYPE
};

bool loop_is_vector(enum loop_type type)
{
    return type % 2 == 1;
}

enum loop_type loop_scalar_of(enum loop_type type)
{
    return elements[type / 2].scalar;
}

enum loop_type loop_vector_of(enum loop_type type)
{
    return elements[type / 2].vector;
}

enum loop_type loop_as_wide(enum loop_type element, enum loop_type type)
{
    return loop_is_vector(type) ? loop_vector_of(element) : loop_scalar_of(element);
}

enum loop_type loop_word(const struct loop_module *m)
{
    return loop_type_bytes(m->real) == 4 ? TYPE_U32 : TYPE_U64;
}

bool loop_is_real(enum loop_type type)
{
    return elements[type / 2].kind == KIND_REAL;
}

bool loop_is_integer(enum loop_type type)
{
    return elements[type / 2].kind == KIND_SIGNED || elements[type / 2].kind == KIND_UNSIGNED;
}

bool loop_is_signed(enum loop_type type)
{
    return elements[type / 2].kind == KIND_SIGNED;
}

int loop_type_bytes(enum loop_type type)
{
    return elements[type / 2].bytes;
}

const char *loop_type_name(enum loop_type type)
{
    return elements[type / 2].name;
}

const char *loop_type_in_c(const struct loop_module *m, enum loop_type type)
{
    const bool vector = loop_is_vector(type);

    if (loop_scalar_of(type) == m->real)
        return vector ? "vec" : "real";
    if (loop_scalar_of(type) == loop_word(m))
        return vector ? "vec_bits" : "bits";
    return vector ? elements[type / 2].c_vector : elements[type / 2].c;
}

/* ---- Operations ---------------------------------------------------------------------------------------------------- */

const struct loop_operation loop_operations[] = {
#define LOOP_OP(id, name, types, binds, c, c_vector, value) [LOOP_##id] = {(name), (types), BINDS_##binds, (c), (c_vector)},
#include "compiler/loop/loop_ops.def"
#undef LOOP_OP
};

int loop_arity(enum loop_op op)
{
    int count = 0;

    while (isalpha((unsigned char)loop_operations[op].types[count]))
        count++;
    return count;
}

/* Whether two letters stand for one element, alone or in a vector. */
static bool same_element(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Whether a letter of a row stands for types of this element. */
static bool letter_fits(const struct loop_module *m, char letter, enum loop_type type)
{
    switch (tolower((unsigned char)letter)) {
    case 'r': return loop_is_real(type);
    case 'w': return loop_scalar_of(type) == loop_word(m);
    case 'i': return loop_is_integer(type);
    case 'n': return loop_is_real(type) || loop_is_integer(type);
    case 'm': return loop_scalar_of(type) == TYPE_MASK;
    default: return true;
    }
}

static bool has_capital(const char *types)
{
    while (*types != '\0' && !isupper((unsigned char)*types))
        types++;
    return *types != '\0';
}

/* What the result's letter means where no argument has it. */
static enum loop_type own_result(const struct loop_module *m, char letter, enum loop_type stated)
{
    switch (letter) {
    case 'r': return m->real;
    case 'w': return loop_word(m);
    case 'm': return TYPE_MASK;
    default: return loop_scalar_of(stated);
    }
}

/* Whether an argument is what its letter says, and of the type of all before it that have the same letter. */
static bool argument_fits(const struct loop_module *m, const char *types, const struct loop_expr *const arg[], int i, bool vector)
{
    const enum loop_type own = arg[i]->type;

    for (int j = 0; j < i; j++)
        if (same_element(types[j], types[i]) && arg[j]->type != own)
            return false;
    return loop_is_vector(own) == vector && letter_fits(m, types[i], own);
}

bool loop_result_type(const struct loop_module *m, enum loop_op op, const struct loop_expr *const arg[3], enum loop_type stated,
                      enum loop_type *result)
{
    const char *types = loop_operations[op].types;
    const int count = loop_arity(op);
    const char last = types[count + 1];
    const bool capital = has_capital(types), wide = capital ? isupper((unsigned char)last) : loop_is_vector(arg[0]->type);
    enum loop_type element = own_result(m, last, stated);

    for (int i = 0; i < count; i++) {
        if (!argument_fits(m, types, arg, i, capital ? isupper((unsigned char)types[i]) : wide))
            return false;
        if (same_element(types[i], last))
            element = loop_scalar_of(arg[i]->type);
    }
    *result = wide ? loop_vector_of(element) : element;
    return true;
}
