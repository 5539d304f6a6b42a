/* missing: what is said of data that are not there. Most often it is the first that somebody hears from a trainer, so it says where
 * was looked, how to look elsewhere, and what the file should hold. */
#ifndef NETRT_MISSING_H
#define NETRT_MISSING_H

#include "netrt/source.h"

/* NETRT_E_SYSTEM if a file of this step is in the folder neither plain nor as .gz; what else may be wrong with it shows when it is
 * read. */
enum netrt_status missing_check(const char *folder, const struct netrt_data_step *step, const struct netrt_part_options *options,
                                struct netrt_error *error);

#endif
