/* image: single pictures for `predict`. */
#ifndef NETRT_IMAGE_H
#define NETRT_IMAGE_H

#include "netrt/records.h"

/* Reads a PNG as one record of shape [channels, height, width]: 1 channel is grey, 3 are red, green, blue. Transparent pixels are
 * laid over black. NETRT_E_SYSTEM if the file cannot be opened, NETRT_E_CONTENT if it is no PNG or larger than 2^28 pixels,
 * NETRT_E_USAGE for other numbers of channels. */
enum netrt_status netrt_image_read_png(struct netrt_records *records, const char *path, int64_t channels,
                                       struct netrt_error *error);

/* Whether a file begins as a PNG does. False too if it cannot be read. */
bool netrt_image_is_png(const char *path);

#endif
