/* sched_getaffinity is not part of POSIX. */
#define _GNU_SOURCE
#include "netrt/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/* A barrier in a training step is over within microseconds; beyond this many pauses a thread sleeps rather than burn its CPU. */
enum { SPINS = 4000, ITEM_BITS = 40 };

static const uint64_t item_mask = (UINT64_C(1) << ITEM_BITS) - 1;

/* A job is over when its items are done, not when every worker has noticed it: a worker that sleeps or was put aside by the system
 * holds up nobody. So a worker may come late, when the next job has begun. That is why items are handed out as tickets that carry
 * the job's number in their upper bits, and why a ticket is worth something only against a `limit` of the same job. Whoever holds
 * a ticket below the limit keeps its job from ending, and with it `run` and `context` from changing. */
struct netrt_pool {
    int threads, spins, started;
    pthread_t *worker;                    /* [threads - 1] */
    uint64_t sequence;                    /* jobs begun; only the caller uses it */
    netrt_item_fn *run;
    void *context;
    _Alignas(64) _Atomic uint64_t next;   /* job | the next item to hand out */
    _Alignas(64) _Atomic uint64_t limit;  /* job | number of items */
    _Alignas(64) _Atomic uint64_t done;   /* items of the job that are done */
    _Alignas(64) _Atomic uint64_t calls;  /* times that workers were called to look for items */
    atomic_int sleeping;                  /* workers waiting on `wake` */
    atomic_bool waiting;                  /* whether the caller waits on `finished` */
    atomic_bool stopping;
    pthread_mutex_t mutex;
    pthread_cond_t wake, finished;
};

void netrt_flush_denormals(void)
{
#if defined(__SSE__)
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
    _mm_setcsr(_mm_getcsr() | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
#elif defined(__aarch64__)
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | (1u << 24)));
#endif
}

double netrt_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int netrt_cpu_count(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 1)
        return 1;
    return CPU_COUNT(&set);
}

static void relax(void)
{
#if defined(__SSE__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wake_caller(struct netrt_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->finished);
    pthread_mutex_unlock(&pool->mutex);
}

/* Takes items until there are none. */
static void work(struct netrt_pool *pool)
{
    for (;;) {
        uint64_t ticket = atomic_fetch_add(&pool->next, 1), limit = atomic_load(&pool->limit);
        uint64_t item = ticket & item_mask, count = limit & item_mask;

        if (ticket >> ITEM_BITS != limit >> ITEM_BITS || item >= count)
            return;
        pool->run(pool->context, (int64_t)item);
        if (atomic_fetch_add(&pool->done, 1) + 1 == count && atomic_load(&pool->waiting))
            wake_caller(pool);
    }
}

/* Waits for a call beyond `seen`. The sleeper announces itself before it looks again, and the caller calls before it looks for
 * sleepers, both in one total order: one of the two always sees the other. */
static void wait_for_call(struct netrt_pool *pool, uint64_t seen)
{
    for (int i = 0; i < pool->spins; i++) {
        if (atomic_load(&pool->calls) != seen)
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->calls) == seen)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void call_workers(struct netrt_pool *pool)
{
    atomic_fetch_add(&pool->calls, 1);
    if (atomic_load(&pool->sleeping) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void wait_until_done(struct netrt_pool *pool, uint64_t count)
{
    for (int i = 0; i < pool->spins; i++) {
        if (atomic_load(&pool->done) == count)
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->waiting, true);
    while (atomic_load(&pool->done) < count)
        pthread_cond_wait(&pool->finished, &pool->mutex);
    atomic_store(&pool->waiting, false);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    struct netrt_pool *pool = argument;
    uint64_t seen = 0;

    netrt_flush_denormals();
    for (;;) {
        wait_for_call(pool, seen);
        if (atomic_load(&pool->stopping))
            return NULL;
        seen = atomic_load(&pool->calls);
        work(pool);
    }
}

enum netrt_status netrt_pool_open(struct netrt_pool **result, int threads, struct netrt_error *error)
{
    if (threads < 1 || threads > NETRT_POOL_MOST_THREADS)
        return netrt_fail(error, NETRT_E_USAGE, "%d threads: expected 1 to %d", threads, NETRT_POOL_MOST_THREADS);

    struct netrt_pool *pool = aligned_alloc(64, sizeof *pool);
    pthread_t *worker = calloc((size_t)threads, sizeof *worker);
    if (pool == NULL || worker == NULL) {
        free(pool);
        free(worker);
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for %d threads", threads);
    }
    *pool = (struct netrt_pool){.threads = threads, .worker = worker};
    pool->spins = threads <= netrt_cpu_count() ? SPINS : 0;    /* a spinning thread would hold up the one it waits for */
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->finished, NULL);
    netrt_flush_denormals();
    for (int i = 0; i < threads - 1; i++) {
        int reason = pthread_create(&pool->worker[i], NULL, worker_main, pool);
        if (reason != 0) {
            netrt_pool_close(pool);
            return netrt_fail(error, NETRT_E_SYSTEM, "cannot start thread %d of %d (error %d)", i + 2, threads, reason);
        }
        pool->started++;
    }
    *result = pool;
    return NETRT_OK;
}

void netrt_pool_close(struct netrt_pool *pool)
{
    if (pool == NULL)
        return;
    atomic_store(&pool->stopping, true);
    call_workers(pool);
    for (int i = 0; i < pool->started; i++)
        pthread_join(pool->worker[i], NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->worker);
    free(pool);
}

int netrt_pool_threads(const struct netrt_pool *pool)
{
    return pool->threads;
}

void netrt_pool_run(struct netrt_pool *pool, int64_t count, netrt_item_fn *run, void *context)
{
    if (pool->threads == 1 || count <= 1) {
        for (int64_t item = 0; item < count; item++)
            run(context, item);
        return;
    }
    uint64_t job = ++pool->sequence << ITEM_BITS;    /* wraps after 2^24 jobs: no ticket is held as long */
    pool->run = run;
    pool->context = context;
    atomic_store(&pool->done, 0);
    atomic_store(&pool->limit, job | (uint64_t)count);
    atomic_store(&pool->next, job);
    call_workers(pool);
    work(pool);
    wait_until_done(pool, (uint64_t)count);
}
