/* pool: a fixed set of threads that work off numbered items together.
 *
 * The calling thread is one of them. Items are handed out one at a time, so the order and the thread of an item are unspecified:
 * items of one run must not depend on each other. Every thread flushes denormals (FTZ and DAZ), the caller from netrt_pool_open on.
 */
#ifndef NETRT_POOL_H
#define NETRT_POOL_H

#include "netrt/status.h"

#include <stdint.h>

struct netrt_pool;

enum { NETRT_POOL_MOST_THREADS = 1024 };

typedef void netrt_item_fn(void *context, int64_t item);

/* Starts `threads` − 1 workers (1 … NETRT_POOL_MOST_THREADS threads in all). NETRT_E_SYSTEM if one cannot be started. */
enum netrt_status netrt_pool_open(struct netrt_pool **pool, int threads, struct netrt_error *error);
void netrt_pool_close(struct netrt_pool *pool);

int netrt_pool_threads(const struct netrt_pool *pool);

/* Calls run(context, item) for every item in 0 … count − 1 and returns when all are done: their writes are then visible to the
 * caller. Only one thread may call it, and not from within an item. Allocates nothing. */
void netrt_pool_run(struct netrt_pool *pool, int64_t count, netrt_item_fn *run, void *context);

/* CPUs in the affinity mask of the process; at least 1. */
int netrt_cpu_count(void);

/* Makes the calling thread flush denormal results and operands to zero, as the generated code expects. */
void netrt_flush_denormals(void);

/* Seconds of the monotonic clock. */
double netrt_seconds(void);

#endif
