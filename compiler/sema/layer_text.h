/* layer_text: a layer's operator as one reads it: "conv(16, 3x3, stride = 2)". */
#ifndef NETC_SEMA_LAYER_TEXT_H
#define NETC_SEMA_LAYER_TEXT_H

#include "compiler/ops/literal.h"
#include "compiler/support/source.h"

#include <stddef.h>

struct arena;

/* An argument of the call: where its value was written, and what it is. */
struct layer_argument {
    struct span at;
    const struct literal *value;    /* NULL: it stays as it was written */
};

/* The source of a call on one line, with the values of arguments in the place of what was written for them; the arguments in the order
 * of the source. */
const char *layer_text(struct arena *a, const struct sources *sources, struct span call, const struct layer_argument argument[],
                       size_t count);

#endif
