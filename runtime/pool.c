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
enum { SPINS = 4000 };

struct netrt_pool {
    int threads, spins, started;
    pthread_t *worker;                /* [threads - 1] */
    netrt_item_fn *run;               /* the current job; written before `job` changes */
    void *context;
    int64_t count;
    _Alignas(64) atomic_llong next;   /* the next item to hand out */
    _Alignas(64) atomic_ulong job;    /* number of jobs begun */
    _Alignas(64) atomic_int busy;     /* workers that have not left the current job */
    atomic_int sleeping;              /* workers waiting on `wake` */
    atomic_int waiting;               /* whether the caller waits on `done` */
    atomic_bool stopping;
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
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

static void work(struct netrt_pool *pool)
{
    int64_t count = pool->count;

    for (int64_t item = atomic_fetch_add(&pool->next, 1); item < count; item = atomic_fetch_add(&pool->next, 1))
        pool->run(pool->context, item);
}

/* Waits until a job beyond `seen` has begun. The sleeper announces itself before it looks again, and the caller begins the job
 * before it looks for sleepers, both in one total order: one of the two always sees the other. */
static void wait_for_job(struct netrt_pool *pool, unsigned long seen)
{
    for (int i = 0; i < pool->spins; i++) {
        if (atomic_load(&pool->job) != seen)
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->job) == seen)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void begin_job(struct netrt_pool *pool)
{
    atomic_store(&pool->busy, pool->started);
    atomic_fetch_add(&pool->job, 1);
    if (atomic_load(&pool->sleeping) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void leave_job(struct netrt_pool *pool)
{
    if (atomic_fetch_sub(&pool->busy, 1) == 1 && atomic_load(&pool->waiting)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void wait_for_workers(struct netrt_pool *pool)
{
    for (int i = 0; i < pool->spins; i++) {
        if (atomic_load(&pool->busy) == 0)
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->waiting, 1);
    while (atomic_load(&pool->busy) > 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->waiting, 0);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    struct netrt_pool *pool = argument;

    netrt_flush_denormals();
    for (unsigned long seen = 0;; seen++) {
        wait_for_job(pool, seen);
        if (atomic_load(&pool->stopping))
            return NULL;
        work(pool);
        leave_job(pool);
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
    pthread_cond_init(&pool->done, NULL);
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
    begin_job(pool);
    for (int i = 0; i < pool->started; i++)
        pthread_join(pool->worker[i], NULL);
    pthread_cond_destroy(&pool->done);
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
    pool->run = run;
    pool->context = context;
    pool->count = count;
    atomic_store(&pool->next, 0);
    begin_job(pool);
    work(pool);
    wait_for_workers(pool);
}
