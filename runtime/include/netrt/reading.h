/* reading: files that are read from the first byte to the last, plain or compressed with gzip.
 *
 * Only regular files are opened: a named pipe would keep the program waiting for ever, and to open a device may do anything.
 */
#ifndef NETRT_READING_H
#define NETRT_READING_H

#include "netrt/status.h"

#include <stdbool.h>
#include <stdint.h>

struct netrt_reading;

/* Opens a regular file, and nothing else, for reading; *bytes becomes its length. The caller closes *handle.
 * NETRT_E_SYSTEM if it cannot be opened or is something else: the message says what. */
enum netrt_status netrt_regular_open(const char *path, int *handle, int64_t *bytes, struct netrt_error *error);

/* Opens `path`, or `path`.gz where there is no `path`. NETRT_E_SYSTEM as netrt_regular_open, and if memory is out. */
enum netrt_status netrt_reading_open(struct netrt_reading **reading, const char *path, struct netrt_error *error);
void netrt_reading_close(struct netrt_reading *reading);

/* Reads up to `count` bytes of the contents; *got is less only at their end.
 * NETRT_E_SYSTEM if the system cannot read. NETRT_E_CONTENT if compressed data are damaged, end too early or are followed by
 * something else: the message has the place in the file. What was compressed is known to be whole when the end has been seen. */
enum netrt_status netrt_reading_take(struct netrt_reading *reading, void *to, int64_t count, int64_t *got,
                                     struct netrt_error *error);

const char *netrt_reading_name(const struct netrt_reading *reading); /* the file that was found; lives as long as the reading */
bool netrt_reading_is_packed(const struct netrt_reading *reading); /* whether the contents are compressed in the file */
int64_t netrt_reading_file_bytes(const struct netrt_reading *reading); /* of the file, as it lies on the disk */
int64_t netrt_reading_offset(const struct netrt_reading *reading); /* bytes of the contents taken so far */

/* Whether the file is so short that, even compressed by deflate as well as that can be, it cannot hold `bytes` of contents: to be
 * asked before memory is taken for what a header promises. */
bool netrt_reading_is_too_short(const struct netrt_reading *reading, int64_t bytes);

#endif
