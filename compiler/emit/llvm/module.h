/* module: loops as machine code, through LLVM 19.
 *
 * The code offers the same `netrt_model` and computes the same bits as the C back end's: multiply-adds are llvm.fma, no operation
 * carries a fast-math flag, and no pass here or in LLVM reassociates. LLVM may end the process when it meets a defect of its own:
 * call this where that harms nobody.
 */
#ifndef NETC_EMIT_LLVM_MODULE_H
#define NETC_EMIT_LLVM_MODULE_H

#include <stdbool.h>
#include <stdio.h>

struct loop_module;
struct target;

enum llvm_product {
    LLVM_PRODUCT_TEXT,      /* LLVM's assembly language, after our passes */
    LLVM_PRODUCT_ASSEMBLY,
    LLVM_PRODUCT_OBJECT
};

struct llvm_options {
    enum llvm_product product;
    int level;               /* -O: 0 … 3; chooses passes, never a bit of a result */
    const struct target *target;    /* the one that `m` was lowered for */
    const char *kernel;      /* TEXT: only the kernels whose names match (text_matches); NULL: the whole module */
};

/* Writes the product to `out`. `m` has passed loop_verify. On failure, which is a defect of netc or LLVM, says why on `errors`.
 * Failures to write are left to the caller: see ferror. */
bool emit_llvm(const struct loop_module *m, const struct llvm_options *o, FILE *out, FILE *errors);

/* "LLVM 19.1.7": lives as long as the program. */
const char *emit_llvm_version(void);

#endif
