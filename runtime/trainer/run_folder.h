/* run_folder: where a training run leaves its files. */
#ifndef NETRT_TRAINER_RUN_FOLDER_H
#define NETRT_TRAINER_RUN_FOLDER_H

#include "runtime/trainer/session.h"

#include <stdio.h>

struct run_folder {
    char *path, *last, *best;    /* the folder, last.safetensors, best.safetensors */
    FILE *metrics;               /* metrics.jsonl, a line an epoch */
};

/* Creates --out, or the first free runs/MODEL-N, writes config.json and opens metrics.jsonl. NETRT_E_USAGE if the folder holds a run
 * already. `epochs` goes into config.json. On failure run_folder_close is still to be called. */
enum netrt_status run_folder_open(struct run_folder *folder, struct session *session, int64_t epochs);

/* Closes metrics.jsonl; NETRT_E_SYSTEM if a line of it was not written. Only the first failure of a run matters: pass NULL to
 * keep an earlier reason. */
enum netrt_status run_folder_close(struct run_folder *folder, struct netrt_error *error);

#endif
