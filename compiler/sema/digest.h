/* digest: a stream of numbers and texts, and what SHA-256 makes of it. */
#ifndef NETC_SEMA_DIGEST_H
#define NETC_SEMA_DIGEST_H

#include "compiler/sema/sha256.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct graph;

struct digest {
    uint64_t word[4];
};

/* Numbers go in as eight bytes, the lowest first, and texts with their length, NULL like the empty one: no two different streams look
 * alike. */
void digest_add_int(struct sha256 *h, int64_t number);
void digest_add_real(struct sha256 *h, double number);
void digest_add_text(struct sha256 *h, const char *text);
void digest_add(struct sha256 *h, const struct digest *d);
struct digest digest_end(struct sha256 *h);

/* Puts digests into ascending order: a set of them does not depend on the order in which they were made. */
void digests_sort(struct digest *d, size_t count);

/* What a graph computes before differentiation: outputs, the loss and updates, with all that they are computed from, and all parameters.
 * Nodes, inputs and parts go in by what they are and by their names, never by a number or a place in a table; how sums are rounded
 * does not count. (digest_graph.c) */
struct digest digest_of_graph(struct arena *scratch, const struct graph *g);

#endif
