/* dependencies: which files an output was made from, for make and ninja (-MD, -MF). */
#ifndef NETC_DRIVER_DEPENDENCIES_H
#define NETC_DRIVER_DEPENDENCIES_H

#include "compiler/driver/status.h"

struct compilation;

/* Where it goes: as -MF says, else beside the output. */
const char *dependencies_path(struct compilation *c, const char *output);

/* Writes "OUTPUT: FILE..." to the file of -MF, else beside the output with the suffix .d. */
enum status dependencies_write(struct compilation *c, const char *output);

#endif
