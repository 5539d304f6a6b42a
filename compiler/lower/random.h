/* random: random numbers as loop expressions. */
#ifndef NETC_LOWER_RANDOM_H
#define NETC_LOWER_RANDOM_H

#include "compiler/lower/lowering.h"

/* Four neighbouring elements share one evaluation of the generator: its words, and for which element and stream they are. */
struct drawn {
    bool valid;
    uint32_t stream;
    struct loop_index group;
    const struct loop_expr *word[RANDOM_WORDS];
};

/* A number uniform in [0, 1), a multiple of 2^-23, in the kernel's type. `half`: the sample's index. */
const struct loop_expr *lower_random(struct lowering *l, uint32_t stream, struct loop_index element,
                                     const struct loop_expr *const half[2], struct loop_list *out);

/* Puts what the kernel's random numbers share in front of its body. */
void finish_random(struct lowering *l);

#endif
