/* eval: loss and metrics of given weights on the test part. */
#include "netrt/weights.h"
#include "runtime/trainer/session.h"

#include <stdlib.h>

/* The metric of kind confusion, or -1. */
static int find_confusion(const struct netrt_description *d)
{
    for (int i = 0; i < d->metric_count; i++) {
        if (d->metric[i].kind == NETRT_METRIC_CONFUSION)
            return i;
    }
    return -1;
}

static enum netrt_status measure(struct session *s)
{
    enum netrt_status status = NETRT_OK;

    if (s->options->confusion && find_confusion(&s->description) < 0)
        return netrt_fail(&s->error, NETRT_E_USAGE, "--confusion: %s has no metric called confusion in its train section",
                          s->description.net);
    status = netrt_weights_load(&s->description, s->model->precision, s->options->weights, s->uniform, &s->error);
    if (status == NETRT_OK)
        status = session_open_data(s, SESSION_TEST);
    return status == NETRT_OK ? session_evaluate(s, &s->test) : status;
}

int command_eval(struct session *s)
{
    struct netrt_summary test = {.value = calloc((size_t)s->description.metric_count + 1, sizeof(double))};
    struct netrt_log log;
    enum netrt_status status;

    if (test.value == NULL)
        status = netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for metrics");
    else
        status = measure(s);
    if (status == NETRT_OK) {
        netrt_log_open(&log, &s->description, stdout, s->options->log);
        netrt_summarize(&test, &s->description, s->metrics);
        if (s->options->confusion) {
            int64_t classes;
            const int64_t *matrix = netrt_metrics_confusion(s->metrics, find_confusion(&s->description), &classes);
            netrt_log_confusion(&log, &test, matrix, classes);
        } else {
            netrt_log_test(&log, &test, NULL, NULL);
        }
        status = session_check_loss(s, &test);
    }
    free(test.value);
    return status == NETRT_OK ? 0 : session_report(s);
}
