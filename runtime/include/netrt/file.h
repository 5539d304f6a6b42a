/* file: output files that appear whole or not at all. */
#ifndef NETRT_FILE_H
#define NETRT_FILE_H

#include "netrt/status.h"

#include <stdio.h>

struct netrt_file {
    FILE *stream;         /* write here */
    char *path, *partial;
};

/* Opens PATH.partial beside the target for writing. */
enum netrt_status netrt_file_begin(struct netrt_file *file, const char *path, struct netrt_error *error);

/* Flushes to the disk and renames onto the target: until then an older file is untouched. On failure, which includes any failed
 * write before, the partial file is removed. The file is closed in any case. */
enum netrt_status netrt_file_commit(struct netrt_file *file, struct netrt_error *error);

/* Gives up: closes and removes the partial file. */
void netrt_file_abandon(struct netrt_file *file);

/* Creates a folder and those above it where they are missing. */
enum netrt_status netrt_folder_create(const char *path, struct netrt_error *error);

#endif
