/* describe: what the runtime reads about a net, as JSON (runtime/include/netrt/description.md). */
#ifndef NETC_DESCRIBE_DESCRIBE_H
#define NETC_DESCRIBE_DESCRIBE_H

struct arena;
struct plan;
struct program;

/* The description of a planned program: `plan` gives places, kernels and phases, `p` data, metrics and settings. `backend`, `compiler` and
 * `march` say how the kernels were made. The text lives in the arena; NULL: memory is exhausted. */
const char *plan_describe(const struct plan *plan, const struct program *p, const char *backend, const char *compiler,
                          const char *march, struct arena *arena);

#endif
