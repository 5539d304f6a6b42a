/* session: what every command of the trainer works with: the model, its arenas, threads and data. */
#ifndef NETRT_TRAINER_SESSION_H
#define NETRT_TRAINER_SESSION_H

#include "netrt/batches.h"
#include "netrt/description.h"
#include "netrt/log.h"
#include "netrt/metrics.h"
#include "netrt/model.h"
#include "netrt/pool.h"
#include "runtime/trainer/options.h"

#include <signal.h>

struct session {
    const struct options *options;
    const struct netrt_model *model;
    struct netrt_description description;
    struct netrt_error error;           /* why the latest call failed */
    struct netrt_pool *pool;
    struct netrt_step step;             /* samples, blocks and input change from step to step */
    unsigned char *uniform, *blocks;
    size_t blocks_bytes;
    double *setting;                    /* [setting_count], after --set */
    void *setting_reals;                /* the same as the kernels read them */
    uint64_t seed;
    struct netrt_library *library;
    struct netrt_part train, val, test; /* count 0: not opened, or there is none */
    struct netrt_preparation preparation;
    struct netrt_batches *batches;
    struct netrt_metrics *metrics;
    const volatile sig_atomic_t *stop;  /* the signal that asked to stop, or 0 */
};

enum session_parts { SESSION_TEST = 1, SESSION_TRAIN = 2 };    /* SESSION_TRAIN: train, and val where there is one */

/* Starts threads, maps the arenas and applies --set. Nothing is initialised yet: see netrt_weights_init. On failure the reason is
 * in session->error and session_close is still to be called. */
enum netrt_status session_open(struct session *session, const struct options *options, const struct netrt_model *model,
                               const volatile sig_atomic_t *stop);
void session_close(struct session *session);

/* Reads the parts that are asked for. NETRT_E_CONTENT if the net has none of that kind. */
enum netrt_status session_open_data(struct session *session, int parts);

/* What is drawn in kernels from here on belongs to this epoch, counted from 0. */
void session_begin_epoch(struct session *session, int64_t epoch);

/* Points the step at a batch. */
void session_take(struct session *session, const struct netrt_batch *batch);

/* Measures a part in inference mode: session->metrics then hold the result. Ends early, with NETRT_OK, when asked to stop. */
enum netrt_status session_evaluate(struct session *session, const struct netrt_part *part);

/* NETRT_E_DIVERGED if a measured loss is NaN or infinite. */
enum netrt_status session_check_loss(struct session *session, const struct netrt_summary *test);

/* Bytes that the session takes: arenas and batches. */
size_t session_bytes(const struct netrt_description *description, const struct netrt_model *model);

/* The commands. They return the exit status and have reported what went wrong. */
int command_train(struct session *session);
int command_eval(struct session *session);
int command_predict(struct session *session);
int command_info(struct session *session);
int command_bench(struct session *session);

/* Reports session->error on standard error; returns the exit status for it. */
int session_report(const struct session *session);

#endif
