/* form: what kind of computation a nest is, matched once: planning stores it, and whoever lowers, prints or verifies a kernel reads it. */
#ifndef NETC_ANALYSIS_FORM_H
#define NETC_ANALYSIS_FORM_H

#include "compiler/analysis/batch_gemm.h"
#include "compiler/analysis/gather_scatter.h"

enum form {
    FORM_ELEMENTWISE, /* one element from elements: maps, copies */
    FORM_REDUCTION, /* a sum or a maximum within a sample, or of uniform values */
    FORM_CONTRACTION, /* a sum of products that fills a register tile: conv, dense, matmul */
    FORM_GATHER, /* a row by its number */
    FORM_SCATTER, /* over samples: rows by their numbers */
    FORM_BATCH_GEMM, /* over samples: a matrix product whose vectors are channels */
    FORM_BATCH_REDUCTION, /* over samples: an accumulator for each lane */
    FORM_UPDATE, /* of kernels: element-wise work on whole parameters */
    FORM_ROWS, /* of kernels: several, one after the other at each row of their tensors */
    FORM_RECURRENCE /* of kernels: several, one after the other at each timestep */
};

struct nest_form {
    enum form form;
    int x, w; /* CONTRACTION: the accesses, w the uniform one where there is one */
    struct gather_scatter gather_scatter; /* GATHER, SCATTER */
    struct batch_gemm batch_gemm; /* BATCH_GEMM */
};

/* The form of nest `n` of node `v`. From shapes alone. */
struct nest_form match_form(const struct graph *g, node_id v, const struct nest *n);

/* "batch GEMM" */
const char *form_name(enum form form);

#endif
