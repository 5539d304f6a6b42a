/* hash: a fingerprint of what a net computes and how it learns. */
#ifndef NETC_SEMA_HASH_H
#define NETC_SEMA_HASH_H

#include <stdint.h>

struct program;

/* SHA-256 over the graph before differentiation, the training data with their preparation, and the train section. Not of places,
 * names of files, the back end, what is only measured, or the number of epochs: a run may be continued for longer. */
void program_hash(const struct program *p, uint64_t hash[4]);

#endif
