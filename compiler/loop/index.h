/* index: linear indices as text and as intervals; shared by the printer, the verifier and the back ends. */
#ifndef NETC_LOOP_INDEX_H
#define NETC_LOOP_INDEX_H

#include "compiler/loop/loop.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Returns the name under which an axis is printed. */
typedef const char *loop_axis_name_fn(const void *context, loop_axis axis);

/* Prints an index as an expression of C, by its dimensions where it has them: "((h + p - 1)*28 + w)*16 + 8*part". Else it is one sum:
 * "2*h + p - 1". */
void loop_index_print(const struct loop_index *index, loop_axis_name_fn *name, const void *context, FILE *out);

/* Whether two indices are the same sum. */
bool loop_index_equal(const struct loop_index *a, const struct loop_index *b);

/* Whether the dimensions of an index, if it has any, make the index. */
bool loop_index_agrees(const struct loop_index *index);

/* The factor of an axis in an index; 0 if it does not appear. */
int64_t loop_index_factor(const struct loop_index *index, loop_axis axis);

#endif
