/* progress: a window of recent rates, and the parts of the live line by their priority. */
#include "netrt/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BAR = 20, LEAST_BAR = 5, BRACKETS = 3 };

static const double between_marks = 0.25;

void netrt_window_begin(struct netrt_window *w, double seconds, int64_t samples)
{
    *w = (struct netrt_window){.seconds = {seconds}, .samples = {samples}, .count = 1};
}

/* The newest mark moves until it is far enough from the one before. */
void netrt_window_add(struct netrt_window *w, double seconds, int64_t samples)
{
    bool moves = w->count > 1 && w->seconds[w->count - 1] - w->seconds[w->count - 2] < between_marks;

    if (!moves && w->count == NETRT_WINDOW_MARKS) {
        w->count--;
        memmove(&w->seconds[0], &w->seconds[1], (size_t)w->count * sizeof w->seconds[0]);
        memmove(&w->samples[0], &w->samples[1], (size_t)w->count * sizeof w->samples[0]);
    }
    int at = moves ? w->count - 1 : w->count++;
    w->seconds[at] = seconds;
    w->samples[at] = samples;
}

double netrt_window_rate(const struct netrt_window *w)
{
    double seconds = w->count > 1 ? w->seconds[w->count - 1] - w->seconds[0] : 0;

    return seconds > 0 ? (double)(w->samples[w->count - 1] - w->samples[0]) / seconds : 0;
}

const char *netrt_clock_print(double seconds, char text[32])
{
    int64_t whole = seconds >= 0 && seconds < 1e9 ? (int64_t)(seconds + 0.5) : -1;

    if (whole < 0)
        snprintf(text, 32, "-:--");
    else if (whole >= 3600)
        snprintf(text, 32, "%" PRId64 ":%02" PRId64 ":%02" PRId64, whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, 32, "%" PRId64 ":%02" PRId64, whole / 60, whole % 60);
    return text;
}

/* "[####....] ", or nothing where a bar would be too short to tell more than the numbers do. */
static void print_bar(char bar[MOST_BAR + BRACKETS + 1], int64_t room, const struct netrt_progress *p)
{
    int length = room - BRACKETS > MOST_BAR ? MOST_BAR : (int)room - BRACKETS;

    bar[0] = '\0';
    if (length < LEAST_BAR)
        return;
    int filled = p->total > 0 ? (int)((double)p->done / (double)p->total * length) : 0;
    bar[0] = '[';
    memset(bar + 1, '.', (size_t)length);
    memset(bar + 1, '#', (size_t)(filled > length ? length : filled));
    memcpy(bar + 1 + length, "] ", sizeof "] ");
}

size_t netrt_progress_print(char *line, size_t size, int columns, const struct netrt_progress *p)
{
    char head[64], tail[512], left[32], bar[MOST_BAR + BRACKETS + 1];
    size_t most = columns > 1 ? (size_t)columns - 1 : 0; /* the last column stays free: some terminals wrap when it is filled */

    snprintf(head, sizeof head, "epoch %" PRId64 "/%" PRId64 " ", p->epoch, p->epochs);
    snprintf(tail, sizeof tail, p->rate < 10 ? "%.1f/s  %s  %s left" : "%.0f/s  %s  %s left", p->rate, p->results,
             netrt_clock_print(p->rate > 0 ? (double)(p->total - p->done) / p->rate : -1, left));
    print_bar(bar, (int64_t)most - (int64_t)strlen(head) - (int64_t)strlen(tail), p);
    snprintf(line, size, "%s%s%s", head, bar, tail);
    if (strlen(line) > most) {
        line[most] = '\0';
        for (size_t i = 1; i <= 3 && i <= most; i++)
            line[most - i] = '.';
    }
    return strlen(line);
}
