/* intern: one copy of each name, so that names compare by pointer. */
#ifndef NETC_SUPPORT_INTERN_H
#define NETC_SUPPORT_INTERN_H

#include <stddef.h>

struct arena;
struct interner;

struct interner *interner_create(struct arena *a);

/* The unique copy of a text. Lives as long as the arena. */
const char *intern(struct interner *in, const char *text, size_t length);

#endif
