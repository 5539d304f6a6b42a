/* format: what a file is by its first bytes, whatever it is called. */
#ifndef NETRT_FORMAT_H
#define NETRT_FORMAT_H

#include "netrt/status.h"

enum netrt_format { NETRT_FORMAT_PNG, NETRT_FORMAT_IDX, NETRT_FORMAT_OTHER };

/* Of OTHER, `text` says what it seems to be, for a message: "a JPEG picture", "empty", "text", "beginning with 0x7f454c46".
 * A file that was compressed with gzip is what it was before. NETRT_E_SYSTEM, NETRT_E_CONTENT: it cannot be read. */
enum { NETRT_FORMAT_TEXT = 64 };
enum netrt_status netrt_format_of(const char *path, enum netrt_format *format, char text[NETRT_FORMAT_TEXT],
                                  struct netrt_error *error);

#endif
