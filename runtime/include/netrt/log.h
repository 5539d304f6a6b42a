/* log: how a run reports, to people and to programs.
 *
 * Lines are built from summaries, so that the screen, `--log json` and metrics.jsonl say the same. Nothing here is checked for
 * write errors: the owner of a stream asks ferror when it is closed.
 */
#ifndef NETRT_LOG_H
#define NETRT_LOG_H

#include "netrt/description.h"
#include "netrt/progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct netrt_metrics;

enum netrt_log_mode { NETRT_LOG_TEXT, NETRT_LOG_JSON, NETRT_LOG_QUIET };

/* What a pass over a part came to. */
struct netrt_summary {
    bool present;
    int64_t samples;
    double loss;
    double *value;    /* [metric_count]; owned by whoever made the summary */
};

struct netrt_epoch {
    int64_t epoch, epochs, steps;    /* epochs count from 1 */
    struct netrt_summary train, val;
    double penalty;                  /* logged where it is not zero */
    double seconds, samples_per_second, waiting_share;
};

struct netrt_log {
    const struct netrt_description *description;
    FILE *out;
    enum netrt_log_mode mode;
    bool live;                 /* `out` is a terminal that can redraw: a line changes until the epoch is over */
    bool drawn;                /* that line is on the screen, the cursor at its beginning */
    double last_drawn;         /* seconds of the monotonic clock */
    struct netrt_window window;
};

void netrt_log_open(struct netrt_log *log, const struct netrt_description *description, FILE *out, enum netrt_log_mode mode);

/* Copies a pass's results; summary->value must have room for every metric. */
void netrt_summarize(struct netrt_summary *summary, const struct netrt_description *description,
                     const struct netrt_metrics *metrics);

/* A pass begins: `done` samples of it are from an earlier run, and its speed is measured from now on. */
void netrt_log_begin(struct netrt_log *log, int64_t done);

/* Redraws the live line, at most ten times a second, as wide as the terminal is now: `done` of `total` samples of the epoch. */
void netrt_log_progress(struct netrt_log *log, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                        const struct netrt_metrics *metrics);

/* Wipes the live line, if there is one, so that something else can be said in its place. */
void netrt_log_clear(struct netrt_log *log);

/* The line of an epoch, to `out` and, as JSON, to `record` (may be NULL). */
void netrt_log_epoch(struct netrt_log *log, const struct netrt_epoch *epoch, FILE *record);

/* The end of a run without a test part, {"weights": …}. */
void netrt_log_end(struct netrt_log *log, const char *weights, FILE *record);

/* The line of a test: {"test": …, "weights": …} or, with weights NULL, {"test": …, "samples": …}. */
void netrt_log_test(struct netrt_log *log, const struct netrt_summary *test, const char *weights, FILE *record);

/* "test" with a confusion matrix, for the metric of that kind. */
void netrt_log_confusion(struct netrt_log *log, const struct netrt_summary *test, const int64_t *matrix, int64_t classes);

#endif
