/* run_folder: where a training run leaves its files. */
#ifndef NETRT_TRAINER_RUN_FOLDER_H
#define NETRT_TRAINER_RUN_FOLDER_H

#include "runtime/trainer/session.h"

#include <stdio.h>

struct run_folder {
    char *path, *last, *best;    /* the folder, last.safetensors, best.safetensors */
    FILE *metrics;               /* metrics.jsonl, a line an epoch */
};

/* Creates --out, or the first free runs/MODEL-N, writes config.json and opens metrics.jsonl. NETRT_E_USAGE if the folder holds a
 * run already. With --resume the folder must hold one that was asked for the same, epochs aside (NETRT_E_USAGE names what differs);
 * of metrics.jsonl the first `done` epochs are kept. `epochs` goes into config.json. On failure run_folder_close is still to be
 * called. */
enum netrt_status run_folder_open(struct run_folder *folder, struct session *session, int64_t epochs, int64_t done);

/* The path of last.safetensors in the folder of --out; the caller frees it. NULL if memory is out. */
char *run_folder_last(const struct session *session);

/* Closes metrics.jsonl; NETRT_E_SYSTEM if a line of it was not written. Only the first failure of a run matters: pass NULL to
 * keep an earlier reason. */
enum netrt_status run_folder_close(struct run_folder *folder, struct netrt_error *error);

#endif
