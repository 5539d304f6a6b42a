/* digits: a data set that needs no file: the digits 0 to 9, drawn as a hand might.
 *
 * 1x28x28, bytes, light on dark like MNIST. Each image is a pure function of (seed, index): the label is index mod 10, the strokes
 * are Bézier curves bent, turned, sheared, scaled and moved at random, of random width and ink.
 */
#ifndef NETRT_DIGITS_H
#define NETRT_DIGITS_H

#include "netrt/records.h"

enum { NETRT_DIGITS_SIDE = 28 };

/* Draws `count` digits. `noise`: standard deviation of the noise added to every pixel, as a share of full brightness (0: none).
 * NETRT_E_CONTENT for a count outside 1 … 2^31 or a noise that is negative or not finite; NETRT_E_SYSTEM if memory is out. */
enum netrt_status netrt_digits_draw(struct netrt_records *records, int64_t count, uint64_t seed, double noise,
                                    struct netrt_error *error);

#endif
