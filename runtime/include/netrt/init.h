/* init: starting values of parameters.
 *
 * Every element is a pure function of (seed, parameter, element): + − * / and square roots only, so the same bits from every
 * compiler. Formulas, with fan_in and fan_out from the description:
 *
 *   he_normal       N(0, 2/fan_in)              he_uniform       U(−a, a), a = sqrt(6/fan_in)
 *   xavier_normal   N(0, 2/(fan_in + fan_out))  xavier_uniform   U(−a, a), a = sqrt(6/(fan_in + fan_out))
 *   lecun_normal    N(0, 1/fan_in)              normal(std) · uniform(a) · constant(v) · zeros · ones · values
 *   orthogonal      rows (or, if there are more rows than columns, columns) of [dim 0, the rest] are orthonormal; of each
 *                   matrix by itself where several lie along dim 0: the gates of recurrent layers
 *
 * Rows of elements that the description does not list as connected are zero then.
 *
 * Sources: He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015; Glorot, Bengio, "Understanding the difficulty of training
 * deep feedforward neural networks", 2010; LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998; Saxe, McClelland, Ganguli,
 * "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014.
 */
#ifndef NETRT_INIT_H
#define NETRT_INIT_H

#include "netrt/description.h"
#include "netrt/status.h"

/* Fills `to`, real [shape.elements]. `number` is the parameter's place in the description, below 2^24; `precision` the bytes of a
 * real. NETRT_E_SYSTEM if orthogonal finds no memory for its matrix. */
enum netrt_status netrt_init_parameter(const struct netrt_parameter *parameter, uint32_t number, uint64_t seed, int precision,
                                       void *to, struct netrt_error *error);

#endif
