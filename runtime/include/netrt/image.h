/* image: pictures from files, for whoever feeds a net with them. */
#ifndef NETRT_IMAGE_H
#define NETRT_IMAGE_H

#include "netrt/records.h"

/* Reads a PNG as one record of shape [channels, height, width]: 1 channel is grey, 3 are red, green, blue.
 *
 * Samples are taken as they are stored: gamma, profiles and white points count for nothing. Samples of 1, 2 and 4 bits are spread
 * over 0 to 255, those of 16 bits stay as fine as they are (NETRT_U16), indices become the colours of the palette. Colours
 * become one channel by the weights 0.299, 0.587 and 0.114. What is transparent, wholly or in part, lies over black.
 *
 * NETRT_E_SYSTEM if the file cannot be opened or read or memory is out, NETRT_E_CONTENT if it is no PNG, damaged, or larger than
 * 2^28 pixels, NETRT_E_USAGE for other numbers of channels. */
enum netrt_status netrt_image_read_png(struct netrt_records *records, const char *path, int64_t channels,
                                       struct netrt_error *error);

#endif
