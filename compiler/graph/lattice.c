/* lattice: counts by Euclid's algorithm instead of going through the points.
 *
 * With both factors positive the points with f*p + g*q <= c are those of a triangle, less those beyond the end of p and those
 * beyond the end of q, and those beyond both were taken off twice. A triangle is a sum of quotients rounded down; the same points
 * counted along the other side are such a sum with smaller factors (Graham, Knuth, Patashnik: Concrete Mathematics, 3.5).
 */
#include "compiler/graph/lattice.h"

/* Sizes are below 2^41, so that no product of two of them overflows here. */
__extension__ typedef __int128 wide;

/* The sum of (a*i + b) / m rounded down, over i = 0 … n - 1; a, b >= 0. */
static wide sum_of_quotients(wide n, wide m, wide a, wide b)
{
    wide total = 0;

    while (n > 0) {
        total += (n - 1) * n / 2 * (a / m) + n * (b / m);
        a %= m;
        b %= m;
        /* What is left lies below a flat line: count it by rows, from the far end. */
        const wide rise = a * n + b, turned = a;
        n = rise / m;
        b = rise % m;
        a = m;
        m = turned;
    }
    return total;
}

/* How many p, q >= 0 give f*p + g*q <= c. */
static wide points_of_triangle(wide c, wide f, wide g)
{
    if (c < 0)
        return 0;
    return c / f + 1 + sum_of_quotients(c / f + 1, g, f, c % f);
}

static wide points_up_to(wide c, struct lattice_axis a, struct lattice_axis b)
{
    const wide f = a.factor, g = b.factor, beyond_a = f * a.extent, beyond_b = g * b.extent;

    return points_of_triangle(c, f, g) - points_of_triangle(c - beyond_a, f, g) - points_of_triangle(c - beyond_b, f, g) +
           points_of_triangle(c - beyond_a - beyond_b, f, g);
}

/* The axis with its factor positive, counted from its other end if need be; one that does not move has a single point. */
static struct lattice_axis upwards(struct lattice_axis a, int64_t *offset, double *times)
{
    if (a.factor == 0) {
        *times *= (double)a.extent;
        return (struct lattice_axis){1, 1};
    }
    if (a.factor < 0)
        *offset += a.factor * (a.extent - 1);
    return (struct lattice_axis){a.factor < 0 ? -a.factor : a.factor, a.extent};
}

double lattice_points_within(int64_t offset, struct lattice_axis a, struct lattice_axis b, int64_t size)
{
    double times = 1;

    a = upwards(a, &offset, &times);
    b = upwards(b, &offset, &times);
    return times * (double)(points_up_to((wide)size - 1 - offset, a, b) - points_up_to(-(wide)1 - offset, a, b));
}
