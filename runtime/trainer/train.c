/* train: epochs of steps, with checkpoints, a validation an epoch and a test at the end. */
#include "netrt/records.h"
#include "netrt/step.h"
#include "netrt/weights.h"
#include "runtime/trainer/diverged.h"
#include "runtime/trainer/run_folder.h"
#include "runtime/trainer/session.h"
#include "runtime/trainer/stop.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct training {
    struct session *s;
    struct run_folder folder;
    struct netrt_log log;
    struct netrt_epoch epoch;         /* the record of the present one */
    struct netrt_position position;
    struct netrt_summary test;
};

static enum netrt_status save(struct training *t, const char *path, bool with_state)
{
    struct session *s = t->s;

    netrt_metrics_sums(s->metrics, t->position.sums);
    if (t->position.samples == 0)
        memset(t->position.sums, 0, (size_t)t->position.sum_count * sizeof t->position.sums[0]);
    return netrt_weights_save(&s->description, s->model->precision, path, s->uniform, &t->position, with_state, &s->error);
}

/* Forward and backward, then the check, then the update: a loss that is no number never reaches the weights. */
static enum netrt_status train_step(struct training *t, const struct netrt_batch *batch)
{
    struct session *s = t->s;
    const struct netrt_program *program = netrt_model_program(s->model, "train");

    session_take(s, batch);
    netrt_step_run(s->pool, s->model, program, 0, program->checked, &s->step);
    double loss = netrt_metrics_step_loss(s->metrics, &s->step);
    if (!isfinite(loss))
        return diverged(s, t->epoch.epoch, t->epoch.steps + 1, loss);
    netrt_metrics_add(s->metrics, s->pool, &s->step);
    netrt_step_run(s->pool, s->model, program, program->checked, program->phase_count, &s->step);
    t->epoch.steps++;
    t->position.samples += batch->samples;
    return NETRT_OK;
}

/* The loss is looked at before each update, so what the last update did to the weights is looked at here: nothing is saved of a run
 * that has left the numbers. */
static enum netrt_status check_weights(struct session *s, const struct netrt_epoch *epoch)
{
    const char *parameter = netrt_weights_first_wrong(&s->description, s->model->precision, s->uniform);

    if (parameter == NULL)
        return NETRT_OK;
    return netrt_fail(&s->error, NETRT_E_DIVERGED,
                      "epoch %" PRId64 ", step %" PRId64 ": the update made %s NaN or infinite (a smaller learning rate may help)",
                      epoch->epoch, epoch->steps, parameter);
}

/* The training pass of an epoch. When asked to stop it ends after the step in work. */
static enum netrt_status train_pass(struct training *t)
{
    struct session *s = t->s;
    struct netrt_batch batch;
    double begin = netrt_seconds();

    const struct netrt_shuffle shuffle = {s->seed, t->position.epoch, t->position.samples};
    int64_t before = t->position.samples;

    session_begin_epoch(s, t->position.epoch);
    netrt_metrics_restore(s->metrics, t->position.sums);
    netrt_log_begin(&t->log, before);
    enum netrt_status status = netrt_batches_begin_shuffled(s->batches, &s->train, &shuffle, &s->error);
    while (status == NETRT_OK && *s->stop == 0 && netrt_batches_next(s->batches, &batch)) {
        status = train_step(t, &batch);
        if (*s->stop == 0)
            netrt_log_progress(&t->log, t->epoch.epoch, t->epoch.epochs, t->position.samples, s->train.count, s->metrics);
    }
    double seconds = netrt_seconds() - begin;
    t->epoch.samples_per_second = seconds > 0 ? (double)(t->position.samples - before) / seconds : 0;
    t->epoch.waiting_share = seconds > 0 ? netrt_batches_waited(s->batches) / seconds : 0;
    netrt_summarize(&t->epoch.train, &s->description, s->metrics);
    return status == NETRT_OK ? check_weights(s, &t->epoch) : status;
}

/* The epoch is over: its loss may be the best, and the weights are kept. A loss that is no number never is the best. */
static enum netrt_status checkpoint(struct training *t)
{
    double loss = t->epoch.val.present ? t->epoch.val.loss : t->epoch.train.loss;
    bool best = isfinite(loss) && loss < t->position.best;
    enum netrt_status status = NETRT_OK;

    t->position.epoch++;
    t->position.samples = 0;
    if (best) {
        t->position.best = loss;
        status = save(t, t->folder.best, false);
    }
    return status == NETRT_OK ? save(t, t->folder.last, true) : status;
}

/* One epoch with its validation and checkpoint. A stop leaves the epoch open, in the validation too: a resumed run then has no step
 * of it left and validates anew. */
static enum netrt_status train_epoch(struct training *t)
{
    struct session *s = t->s;
    double begin = netrt_seconds();

    t->epoch.epoch = t->position.epoch + 1;
    t->epoch.steps = (t->position.samples + s->model->batch - 1) / s->model->batch;
    enum netrt_status status = train_pass(t);
    if (status != NETRT_OK || t->position.samples < s->train.count)
        return status;
    t->epoch.penalty = netrt_weights_penalty(&s->description, s->model->precision, s->uniform, s->setting);
    if (s->val.count > 0) {
        netrt_metrics_sums(s->metrics, t->position.sums);
        status = session_evaluate(s, &s->val);
        if (status == NETRT_OK && *s->stop == 0)
            netrt_summarize(&t->epoch.val, &s->description, s->metrics);
        netrt_metrics_restore(s->metrics, t->position.sums);
        if (status != NETRT_OK || *s->stop != 0)
            return status;
    }
    t->epoch.seconds = netrt_seconds() - begin;

    /* The line first: a run that is killed between the two does the epoch again, and its line. */
    netrt_log_epoch(&t->log, &t->epoch, t->folder.metrics);
    if (t->epoch.val.present && !isfinite(t->epoch.val.loss))
        fprintf(stderr, "warning: epoch %" PRId64 ": the validation loss is %s: the epoch cannot be the best\n", t->epoch.epoch,
                isnan(t->epoch.val.loss) ? "NaN" : "infinite");
    status = run_folder_sync(&t->folder, &s->error);
    return status == NETRT_OK ? checkpoint(t) : status;
}

/* The test is of the best weights, as they are on the disk. Without a test part the end says where they are. */
static enum netrt_status test_best(struct training *t)
{
    struct session *s = t->s;

    if (isinf(t->position.best))
        return netrt_fail(&s->error, NETRT_E_DIVERGED,
                          "no epoch had a finite validation loss, so none is the best: the weights of the last one are in %s",
                          t->folder.last);
    if (s->test.count == 0) {
        netrt_log_end(&t->log, t->folder.best, t->folder.metrics);
        return NETRT_OK;
    }
    enum netrt_status status = netrt_weights_load(&s->description, s->model->precision, t->folder.best, s->uniform, &s->error);
    if (status == NETRT_OK)
        status = session_evaluate(s, &s->test);
    if (status != NETRT_OK || *s->stop != 0)
        return status;
    netrt_summarize(&t->test, &s->description, s->metrics);
    netrt_log_test(&t->log, &t->test, t->folder.best, t->folder.metrics);
    return session_check_loss(s, &t->test);
}

static void tell_changes(const struct training *t, int changed)
{
    if ((changed & NETRT_RESUMED_METRICS) != 0 && t->position.samples > 0)
        fputs(
            "note: the metrics are others than those the run was begun with: loss and metrics of the unfinished epoch are measured "
            "from here on\n",
            stderr);
    if ((changed & NETRT_RESUMED_TEST) != 0)
        fputs("note: the test part is another than the one the run was begun with\n", stderr);
}

/* Weights and position to begin with: fresh, from a file, or where a run was left. */
static enum netrt_status start(struct training *t)
{
    struct session *s = t->s;
    enum netrt_status status = netrt_weights_init(&s->description, s->model->precision, s->seed, s->uniform, &s->error);

    if (status == NETRT_OK && s->options->weights != NULL)
        status = netrt_weights_load(&s->description, s->model->precision, s->options->weights, s->uniform, &s->error);
    if (status != NETRT_OK || !s->options->resume)
        return status;

    char *last = netrt_path_join(s->options->out, "last.safetensors");
    int changed = 0;
    if (last == NULL)
        return netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for the names of files");
    status = netrt_weights_resume(&s->description, s->model->precision, last, s->uniform, &t->position, &changed, &s->error);
    if (status == NETRT_OK)
        tell_changes(t, changed);
    free(last);
    return status;
}

/* Whether the net can learn from the last batch of an epoch, too. */
static enum netrt_status check_last_batch(struct session *s)
{
    const int64_t count = s->train.count, last = count % s->model->batch, least = s->description.least_batch;

    if (last == 0 || last >= least)
        return NETRT_OK;
    if (last == count)
        return netrt_fail(&s->error, NETRT_E_CONTENT,
                          "%s learns from batches of at least %" PRId64 ", but the part train has %" PRId64, s->description.net,
                          least, count);
    return netrt_fail(&s->error, NETRT_E_CONTENT,
                      "%s learns from batches of at least %" PRId64 ", but the last of %" PRId64 " samples in batches of %" PRId64
                      " has %" PRId64 ": leave it out with --limit %" PRId64 ", or compile with another --batch",
                      s->description.net, least, count, s->model->batch, last, count - last);
}

static enum netrt_status prepare(struct training *t)
{
    struct session *s = t->s;
    size_t metrics = (size_t)s->description.metric_count;

    t->epoch.epochs = s->options->epochs > 0 ? s->options->epochs : s->description.epochs;
    t->epoch.train.value = calloc(metrics + 1, sizeof(double));
    t->epoch.val.value = calloc(metrics + 1, sizeof(double));
    t->test.value = calloc(metrics + 1, sizeof(double));
    t->position.sum_count = netrt_metrics_sum_count(&s->description);
    t->position.sums = calloc((size_t)t->position.sum_count, sizeof(double));
    if (t->epoch.train.value == NULL || t->epoch.val.value == NULL || t->test.value == NULL || t->position.sums == NULL)
        return netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for metrics");

    enum netrt_status status = s->options->resume ? run_folder_reopen(&t->folder, s) : NETRT_OK;
    if (status == NETRT_OK)
        status = session_open_data(s, SESSION_TRAIN | SESSION_TEST);
    if (status == NETRT_OK)
        status = check_last_batch(s);
    if (status != NETRT_OK)
        return status;
    const struct netrt_part *const parts[NETRT_PARTS] = {&s->train, &s->val, &s->test};
    for (int i = 0; i < NETRT_PARTS; i++)
        t->position.part[i] = netrt_part_print(parts[i]);
    status = start(t);
    if (status != NETRT_OK)
        return status;
    stop_catch(t->log.live);
    return run_folder_open(&t->folder, s, t->epoch.epochs, t->position.epoch);
}

static enum netrt_status train(struct training *t)
{
    struct session *s = t->s;
    enum netrt_status status = prepare(t);

    while (status == NETRT_OK && *s->stop == 0 && t->position.epoch < t->epoch.epochs)
        status = train_epoch(t);
    if (status != NETRT_OK)
        return status;
    return *s->stop == 0 ? test_best(t) : save(t, t->folder.last, true);
}

int command_train(struct session *s)
{
    struct training t = {.s = s, .position = {.seed = s->seed, .best = INFINITY}};

    netrt_log_open(&t.log, &s->description, stdout, s->options->log);
    enum netrt_status status = train(&t);
    bool stopped = status == NETRT_OK && *s->stop != 0;
    int exit_status = 0;

    netrt_log_clear(&t.log);
    if (stopped)
        exit_status = stop_report(s, &t.position, t.folder.last, t.folder.path);
    else if (status != NETRT_OK && t.folder.metrics != NULL && t.position.epoch > 0)
        fprintf(stderr, "the weights after epoch %" PRId64 " are in %s\n", t.position.epoch, t.folder.last);
    enum netrt_status closed = run_folder_close(&t.folder, status == NETRT_OK ? &s->error : NULL);
    free(t.epoch.train.value);
    free(t.epoch.val.value);
    free(t.test.value);
    free(t.position.sums);
    return status != NETRT_OK || closed != NETRT_OK ? session_report(s) : exit_status;
}
