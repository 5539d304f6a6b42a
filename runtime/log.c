/* log: builds each line from a summary, for people or as JSON; redraws the live line only on a terminal that can. */
#include "netrt/log.h"

#include "netrt/metrics.h"
#include "netrt/pool.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { JSON_STYLE = JSON_COMPACT | JSON_REAL_PRECISION(9), MOST_LINE = 512 };

/* The cursor waits at the beginning of the live line. There it stays when a window becomes narrower and the terminal breaks the line
 * in two, so that what is wiped from there on is all of it. */
#define WIPE "\r\033[J"

/* A terminal that moves its cursor and wipes lines, as all do but those that say that they are dumb. */
static bool can_redraw(FILE *out)
{
    const char *kind = getenv("TERM");

    return isatty(fileno(out)) != 0 && kind != NULL && *kind != '\0' && strcmp(kind, "dumb") != 0;
}

/* Asked anew for each line: a window that changes its size needs no signal. */
static int columns(FILE *out)
{
    struct winsize size;

    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : NETRT_UNKNOWN_COLUMNS;
}

void netrt_log_open(struct netrt_log *log, const struct netrt_description *description, FILE *out, enum netrt_log_mode mode)
{
    *log = (struct netrt_log){.description = description, .out = out, .mode = mode};
    log->live = mode == NETRT_LOG_TEXT && can_redraw(out);
}

void netrt_summarize(struct netrt_summary *summary, const struct netrt_description *description,
                     const struct netrt_metrics *metrics)
{
    summary->present = true;
    summary->samples = netrt_metrics_samples(metrics);
    summary->loss = netrt_metrics_loss(metrics);
    for (int i = 0; i < description->metric_count; i++)
        summary->value[i] = netrt_metrics_value(metrics, i);
}

static bool has_value(const struct netrt_metric *metric)
{
    return metric->kind != NETRT_METRIC_CONFUSION;
}

static bool is_share(const struct netrt_metric *metric)
{
    return metric->kind == NETRT_METRIC_ACCURACY || metric->kind == NETRT_METRIC_TOP;
}

/* A number that JSON can hold: NaN and infinities, which it has no words for, become null. */
static json_t *number(double value)
{
    json_t *made = json_real(value);

    return made != NULL ? made : json_null();
}

static json_t *summary_json(const struct netrt_log *log, const struct netrt_summary *summary)
{
    json_t *object = json_object();

    json_object_set_new(object, "loss", number(summary->loss));
    for (int i = 0; i < log->description->metric_count; i++) {
        if (has_value(&log->description->metric[i]))
            json_object_set_new(object, log->description->metric[i].name, number(summary->value[i]));
    }
    return object;
}

static void write_line(const json_t *object, FILE *out)
{
    json_dumpf(object, out, JSON_STYLE);
    fputc('\n', out);
    fflush(out);
}

/* The line goes to the record in any case, to `out` in JSON mode. */
static void emit(struct netrt_log *log, json_t *object, FILE *record)
{
    if (record != NULL)
        write_line(object, record);
    if (log->mode == NETRT_LOG_JSON)
        write_line(object, log->out);
    json_decref(object);
}

/* Four digits after the point; a number that has run away as a power of ten. */
static void print_number(FILE *out, const char *name, double number)
{
    fprintf(out, number > -1e6 && number < 1e6 ? "%s %.4f" : "%s %.4e", name, number);
}

static void print_summary(const struct netrt_log *log, const char *name, const struct netrt_summary *summary)
{
    fputs(name, log->out);
    print_number(log->out, " loss", summary->loss);
    for (int i = 0; i < log->description->metric_count; i++) {
        const struct netrt_metric *metric = &log->description->metric[i];
        if (is_share(metric))
            fprintf(log->out, " %s %.2f%%", metric->name, 100 * summary->value[i]);
        else if (has_value(metric)) {
            fputc(' ', log->out);
            print_number(log->out, metric->name, summary->value[i]);
        }
    }
}

void netrt_log_begin(struct netrt_log *log, int64_t done)
{
    netrt_window_begin(&log->window, netrt_seconds(), done);
}

/* "loss 0.2500 accuracy 91.00%": the loss and what is a share. `text` begins as zeros; what has no room is left out. */
static void print_results(char *text, size_t size, const struct netrt_log *log, const struct netrt_metrics *metrics)
{
    FILE *out = fmemopen(text, size - 1, "w");

    if (out == NULL)
        return;
    print_number(out, "loss", netrt_metrics_loss(metrics));
    for (int i = 0; i < log->description->metric_count; i++) {
        if (is_share(&log->description->metric[i]))
            fprintf(out, " %s %.2f%%", log->description->metric[i].name, 100 * netrt_metrics_value(metrics, i));
    }
    fclose(out);
}

void netrt_log_progress(struct netrt_log *log, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                        const struct netrt_metrics *metrics)
{
    double now = netrt_seconds();
    char results[MOST_LINE / 2] = "", line[MOST_LINE];

    if (!log->live || now - log->last_drawn < 0.1)
        return;
    log->last_drawn = now;
    log->drawn = true;
    netrt_window_add(&log->window, now, done);
    print_results(results, sizeof results, log, metrics);
    const struct netrt_progress progress = {epoch, epochs, done, total, netrt_window_rate(&log->window), results};
    netrt_progress_print(line, sizeof line, columns(log->out), &progress);
    fprintf(log->out, WIPE "%s\r", line);
    fflush(log->out);
}

void netrt_log_clear(struct netrt_log *log)
{
    if (log->drawn)
        fputs(WIPE, log->out);
    fflush(log->out);
    log->drawn = false;
}

static json_t *epoch_json(const struct netrt_log *log, const struct netrt_epoch *epoch)
{
    json_t *object = json_object(), *train = summary_json(log, &epoch->train);

    if (epoch->penalty > 0 || epoch->penalty < 0)
        json_object_set_new(train, "penalty", number(epoch->penalty));
    json_object_set_new(object, "epoch", json_integer(epoch->epoch));
    json_object_set_new(object, "steps", json_integer(epoch->steps));
    json_object_set_new(object, "train", train);
    if (epoch->val.present)
        json_object_set_new(object, "val", summary_json(log, &epoch->val));
    json_object_set_new(object, "seconds", number(epoch->seconds));
    json_object_set_new(object, "samples_per_second", number(epoch->samples_per_second));
    json_object_set_new(object, "waiting_share", number(epoch->waiting_share));
    return object;
}

void netrt_log_epoch(struct netrt_log *log, const struct netrt_epoch *epoch, FILE *record)
{
    emit(log, epoch_json(log, epoch), record);
    if (log->mode != NETRT_LOG_TEXT)
        return;
    netrt_log_clear(log);
    fprintf(log->out, "epoch %" PRId64 "/%" PRId64, epoch->epoch, epoch->epochs);
    print_summary(log, "  train", &epoch->train);
    if (epoch->penalty > 0 || epoch->penalty < 0)
        print_number(log->out, " penalty", epoch->penalty);
    if (epoch->val.present)
        print_summary(log, "  val", &epoch->val);
    fprintf(log->out, epoch->samples_per_second < 10 ? "  %.1f s  %.1f/s" : "  %.1f s  %.0f/s", epoch->seconds,
            epoch->samples_per_second);
    if (epoch->waiting_share >= 0.01)
        fprintf(log->out, "  waiting %.0f%%", 100 * epoch->waiting_share);
    fputc('\n', log->out);
    fflush(log->out);
}

void netrt_log_test(struct netrt_log *log, const struct netrt_summary *test, const char *weights, FILE *record)
{
    json_t *object = json_object();

    json_object_set_new(object, "test", summary_json(log, test));
    if (weights != NULL)
        json_object_set_new(object, "weights", json_string(weights));
    else
        json_object_set_new(object, "samples", json_integer(test->samples));
    emit(log, object, record);
    if (log->mode != NETRT_LOG_TEXT)
        return;
    print_summary(log, "test", test);
    if (weights != NULL)
        fprintf(log->out, "  weights %s\n", weights);
    else
        fprintf(log->out, "  samples %" PRId64 "\n", test->samples);
    fflush(log->out);
}

void netrt_log_end(struct netrt_log *log, const char *weights, FILE *record)
{
    json_t *object = json_object();

    json_object_set_new(object, "weights", json_string(weights));
    emit(log, object, record);
    if (log->mode != NETRT_LOG_TEXT)
        return;
    fprintf(log->out, "weights %s\n", weights);
    fflush(log->out);
}

static json_t *matrix_json(const int64_t *matrix, int64_t classes)
{
    json_t *rows = json_array();

    for (int64_t r = 0; r < classes; r++) {
        json_t *row = json_array();
        for (int64_t c = 0; c < classes; c++)
            json_array_append_new(row, json_integer(matrix[r * classes + c]));
        json_array_append_new(rows, row);
    }
    return rows;
}

void netrt_log_confusion(struct netrt_log *log, const struct netrt_summary *test, const int64_t *matrix, int64_t classes)
{
    if (log->mode == NETRT_LOG_JSON) {
        json_t *object = json_object(), *inner = summary_json(log, test);
        json_object_set_new(inner, "confusion", matrix_json(matrix, classes));
        json_object_set_new(object, "test", inner);
        json_object_set_new(object, "samples", json_integer(test->samples));
        emit(log, object, NULL);
        return;
    }
    netrt_log_test(log, test, NULL, NULL);
    fprintf(log->out, "rows: target, columns: highest score\n");
    for (int64_t r = 0; r < classes; r++) {
        fprintf(log->out, "%6" PRId64 " |", r);
        for (int64_t c = 0; c < classes; c++)
            fprintf(log->out, " %6" PRId64, matrix[r * classes + c]);
        fputc('\n', log->out);
    }
    fflush(log->out);
}
