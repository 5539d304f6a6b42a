/* run_folder: where a training run leaves its files. */
#ifndef NETRT_TRAINER_RUN_FOLDER_H
#define NETRT_TRAINER_RUN_FOLDER_H

#include "runtime/trainer/run_lock.h"
#include "runtime/trainer/session.h"

#include <stdio.h>

struct run_folder {
    char *path, *last, *best;    /* the folder, last.safetensors, best.safetensors */
    FILE *metrics;               /* metrics.jsonl, a line an epoch */
    struct run_lock lock;
};

/* For --resume, before the checkpoint is read: locks the folder and holds what is asked for now to what the run was begun with.
 * NETRT_E_USAGE names a setting that must be the same, its two values and what to do; numbers of the optimizer and of penalties may
 * differ, which is told on standard error. On failure run_folder_close is still to be called. */
enum netrt_status run_folder_reopen(struct run_folder *folder, struct session *session);

/* Creates and locks --out, or the first free runs/MODEL-N, unless it was reopened; writes config.json and opens metrics.jsonl.
 * NETRT_E_USAGE if the folder holds a run already or another trainer writes to it. Of the metrics.jsonl of a resumed run the first
 * `done` epochs are kept. `epochs` goes into config.json. On failure run_folder_close is still to be called. */
enum netrt_status run_folder_open(struct run_folder *folder, struct session *session, int64_t epochs, int64_t done);

/* NETRT_E_SYSTEM if a line of metrics.jsonl could not be written. Syncs it with the disk. */
enum netrt_status run_folder_sync(struct run_folder *folder, struct netrt_error *error);

/* Closes metrics.jsonl and gives the folder free; NETRT_E_SYSTEM if a line was not written. Only the first failure of a run matters: pass NULL to
 * keep an earlier reason. */
enum netrt_status run_folder_close(struct run_folder *folder, struct netrt_error *error);

#endif
