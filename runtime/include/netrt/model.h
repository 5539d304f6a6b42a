/* model: what a compiled net offers to the trainer. Generated code defines `netrt_model`; the runtime knows nothing else of it.
 *
 * Lanes are samples: an activation of shape [C, H, W] is stored as [block][C][H][W][16], where a lane block is sixteen samples.
 * `real` below is float or double, by the model's precision.
 */
#ifndef NETRT_MODEL_H
#define NETRT_MODEL_H

#include <stddef.h>
#include <stdint.h>

enum { NETRT_LANES = 16, NETRT_MODEL_VERSION = 2 };

/* The run-time values of one step. Kernels read it and write only to `uniform` and `blocks`. */
struct netrt_step {
    unsigned char *uniform;        /* parameters, optimizer state, gradients: one copy. 64-byte aligned */
    unsigned char *blocks;         /* activations: lane block b starts at blocks + b * model->block_bytes. 64-byte aligned */
    const void *const *input; /* [model->input_count], each [block_count][elements][16] of int32_t where it takes classes, else
                                      of real, 64-byte aligned. Dead lanes (beyond the last sample) copy the last sample */
    const void *setting; /* real [model->setting_count]: learning rate and the like; see the description */
    int64_t samples; /* 1 … batch */
    int64_t block_count; /* ceil(samples / 16) */
};

/* Computes item `item` of a kernel: lane block `item` where `items` is 0, else part `item` of `items`. Items of one phase may run
 * at the same time and in any order: the results are the same bits. */
typedef void netrt_kernel_fn(const struct netrt_step *step, int64_t item);

struct netrt_kernel {
    const char *name;
    netrt_kernel_fn *run;
    int64_t items; /* 0: one per lane block */
    double multiply_adds; /* a sample's, where items is 0 or the kernel sums over samples; useful ones only */
    double bytes; /* read and written: a lane block's where items is 0, else in all */
    int32_t per_sample; /* whether multiply_adds count once a sample */
    int32_t reserved;
};

/* Kernels `first` … `first + count - 1`. All phases of a program run one after the other, with a barrier between them.
 * A phase of block kernels (items 0) runs all its kernels on a lane block before the next block; a phase of others runs their
 * items independently. A phase never mixes the two. */
struct netrt_phase {
    const char *name;
    int32_t first, count;
};

struct netrt_program {
    const char *name;
    const struct netrt_phase *phase;
    int32_t phase_count;
    int32_t checked; /* train: after this many phases the loss is known; the runtime checks it before it goes on */
};

struct netrt_model {
    int32_t version; /* NETRT_MODEL_VERSION */
    int32_t precision; /* bytes of a real: 4 or 8 */
    const char *description; /* JSON; see description.md beside this file */
    size_t uniform_bytes, block_bytes;
    int64_t batch; /* most samples a step takes */
    int32_t input_count, setting_count;
    const struct netrt_kernel *kernel;
    int32_t kernel_count, vector_bytes;    /* of the registers the code was generated for */
    /* What the net can do, by name: "train" (forward, loss, gradients, update), "evaluate" (forward in inference mode, and loss),
     * "predict" (forward in inference mode). A net that was compiled without a train section predicts alone. */
    const struct netrt_program *program;
    int32_t program_count, reserved;
    /* Runs `count` rounds of independent multiply-adds on the generated code's vectors and returns the flops done:
     * the loop that measures the machine's peak. */
    double (*peak)(int64_t count);
    const char *(*unsupported)(void); /* NULL, or the CPU feature that this binary needs and this CPU lacks */
};

extern const struct netrt_model netrt_model;

/* The program of a name, or NULL: the model has none. */
const struct netrt_program *netrt_model_program(const struct netrt_model *model, const char *name);

#endif
