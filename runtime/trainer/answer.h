/* answer: what the net says of one record, as the line of JSON that `predict` prints. */
#ifndef NETRT_TRAINER_ANSWER_H
#define NETRT_TRAINER_ANSWER_H

#include "runtime/trainer/session.h"

/* A record by the file that it came from. */
struct answer_place {
    const char *file;
    int64_t record;    /* in an IDX file; -1 for a picture */
};

/* Prints the line of sample `sample` of the step that ran last. A net of classes says the class and, as the loss takes its argument,
 * probabilities or scores; any other says all outputs, and so does every net where `raw` asks for it. What is no number is null, a
 * class that it would decide too. Returns whether all were numbers. */
bool answer_print(const struct session *session, const struct answer_place *place, int64_t sample, bool raw);

#endif
