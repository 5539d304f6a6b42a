/* progress: the live line of a run: how fast it is now, and what of it fits a terminal.
 *
 * Pure: the time, the width and the numbers are given. Nothing fails.
 */
#ifndef NETRT_PROGRESS_H
#define NETRT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NETRT_WINDOW_MARKS = 32, NETRT_UNKNOWN_COLUMNS = 80 };

/* Speed over a sliding window of about eight seconds, of more where a step takes longer than a quarter of one. */
struct netrt_window {
    double seconds[NETRT_WINDOW_MARKS];     /* of the monotonic clock, oldest first */
    int64_t samples[NETRT_WINDOW_MARKS];
    int count;
};

/* Starts at a time when `samples` were done already, by an earlier run for one. */
void netrt_window_begin(struct netrt_window *window, double seconds, int64_t samples);
void netrt_window_add(struct netrt_window *window, double seconds, int64_t samples);

/* Samples a second over the window; 0 while nothing is known. */
double netrt_window_rate(const struct netrt_window *window);

struct netrt_progress {
    int64_t epoch, epochs, done, total;    /* samples of the epoch, from earlier runs too */
    double rate;
    const char *results;                   /* "loss 0.2500 accuracy 91.00%" */
};

/* Makes a line of less than `columns` characters, without a newline: the bar shrinks first and goes when it says nothing any more;
 * what is still too long ends in "...". Returns its length, which is below `size`. */
size_t netrt_progress_print(char *line, size_t size, int columns, const struct netrt_progress *progress);

/* "0:07", "1:02:03"; "-:--" for what is no time. */
const char *netrt_clock_print(double seconds, char text[32]);

#endif
