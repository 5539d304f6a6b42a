/* hash: a fingerprint of what a net computes and how it learns. */
#ifndef NETC_SEMA_HASH_H
#define NETC_SEMA_HASH_H

#include <stdint.h>

struct arena;
struct program;

/* SHA-256 over the graph before differentiation, the training data with their preparation, and the rule of the optimizer. Not of
 * places, names of files, the back end, metrics, the values of settings, batch, epochs or seed: a run may go on with others, or they
 * are compared by name. */
void program_hash(struct arena *scratch, const struct program *p, uint64_t hash[4]);

#endif
