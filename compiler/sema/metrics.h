/* metrics: what is measured beside the loss. */
#ifndef NETC_SEMA_METRICS_H
#define NETC_SEMA_METRICS_H

#include <stdbool.h>

struct ast_expr;
struct frame;
struct metric;

/* Reads `metrics = [accuracy, top(5)];` inside a train section whose loss has been read. */
bool metrics_read(struct frame *f, const struct ast_expr *e, struct metric **result);

#endif
