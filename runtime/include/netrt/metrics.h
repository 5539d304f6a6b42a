/* metrics: loss and metrics of a pass over data, from the buffers of its steps.
 *
 * Each sample's value is computed alone, in double; values are added in the order of the samples. So sums are the same bits for any
 * number of threads.
 */
#ifndef NETRT_METRICS_H
#define NETRT_METRICS_H

#include "netrt/description.h"
#include "netrt/model.h"
#include "netrt/status.h"

struct netrt_pool;
struct netrt_metrics;

enum netrt_status netrt_metrics_open(struct netrt_metrics **metrics, const struct netrt_description *description,
                                     const struct netrt_model *model, struct netrt_error *error);
void netrt_metrics_close(struct netrt_metrics *metrics);
void netrt_metrics_reset(struct netrt_metrics *metrics);

/* The sum of the samples' losses, in order: NaN or infinite if one of them is. */
double netrt_metrics_step_loss(const struct netrt_metrics *metrics, const struct netrt_step *step);

/* Adds a step whose loss and predictions are in its buffers. Allocates nothing. */
void netrt_metrics_add(struct netrt_metrics *metrics, struct netrt_pool *pool, const struct netrt_step *step);

/* Of the samples since the last reset; 0 where there are none.
 * accuracy, top: the share of targets that are the highest score, among the k highest (the first of equals counts as higher).
 * Targets that are ignored are left out: NaN where that leaves none, as is a loss of which nothing counts.
 * mae, mse: the mean over samples and elements. confusion has no single value: 0. */
int64_t netrt_metrics_samples(const struct netrt_metrics *metrics);
double netrt_metrics_loss(const struct netrt_metrics *metrics);
double netrt_metrics_value(const struct netrt_metrics *metrics, int metric);

/* Whether anything that the loss is a mean over has been added. */
bool netrt_metrics_has_count(const struct netrt_metrics *metrics);

/* What has been added since the last reset, as so many numbers, and back again: a pass can be left and taken up later. Confusion
 * matrices are left out. */
int netrt_metrics_sum_count(const struct netrt_description *description);
void netrt_metrics_sums(const struct netrt_metrics *metrics, double sums[]);
void netrt_metrics_restore(struct netrt_metrics *metrics, const double sums[]);

/* The matrix of a `confusion` metric, [classes][classes]: row = target, column = highest score. NULL for other kinds. */
const int64_t *netrt_metrics_confusion(const struct netrt_metrics *metrics, int metric, int64_t *classes);

#endif
