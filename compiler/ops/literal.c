#include "compiler/ops/literal.h"

#include <assert.h>

const char *literal_kind_text(enum literal_kind kind)
{
    switch (kind) {
    case LITERAL_INT: return "an integer";
    case LITERAL_REAL: return "a number";
    case LITERAL_BOOL: return "true or false";
    case LITERAL_STRING: return "a string";
    case LITERAL_SIZE: return "a size";
    case LITERAL_LIST: return "a list";
    case LITERAL_NAME: return "a name";
    }
    return "";
}

double literal_number(const struct literal *l)
{
    assert(l->kind == LITERAL_INT || l->kind == LITERAL_REAL);
    return l->kind == LITERAL_INT ? (double)l->as.integer : l->as.real;
}
