/* names: a set of names in which each is given once. Identifiers that are derived (kernels, buffers, what C calls them) are taken
 * from one, so that a name is free or is not taken, whatever a user calls a layer. */
#ifndef NETC_SUPPORT_NAMES_H
#define NETC_SUPPORT_NAMES_H

#include <stdbool.h>

struct arena;
struct names;

struct names *names_create(struct arena *a);

bool names_are_taken(const struct names *n, const char *name);

/* Takes `wish` if it is free, else the first free one of wish_2, wish_3 …; returns it, in the arena. */
const char *names_take(struct names *n, const char *wish);

/* `text` as a C identifier: letters, digits and '_', a '_' for all else, and in front of a digit. */
const char *names_identifier(const char *text, struct arena *a);

#endif
