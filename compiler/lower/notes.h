/* notes: what a kernel says about itself, and where its statements come from. */
#ifndef NETC_LOWER_NOTES_H
#define NETC_LOWER_NOTES_H

#include "compiler/lower/lowering.h"

/* Statements that are made from now on compute a value: debuggers show them at its layer's line. Returns what l->m->origin is to be
 * again afterwards. */
const struct loop_origin *enter_value(struct lowering *l, node_id v);

/* Title, place in the source and notes of the kernel, for dumps and for its comment in C. */
void add_notes(struct lowering *l, const struct plan_kernel *k);

#endif
