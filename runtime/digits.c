/* digits: strokes as lines and Bézier curves, drawn with pseudo-random pens into a grid of bytes. */
#include "netrt/digits.h"

#include "netrt/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = NETRT_DIGITS_SIDE, PIXELS = SIDE * SIDE, MOST_POINTS = 48, PIECES = 8 };

/* Elements of an image's random stream; pixels' noise comes last. */
enum draw {
    DRAW_VARIANT,
    DRAW_TURN,
    DRAW_SHEAR,
    DRAW_WIDE,
    DRAW_TALL,
    DRAW_RIGHT,
    DRAW_DOWN,
    DRAW_PEN,
    DRAW_INK,
    DRAW_BEND,
    DRAW_POINT = DRAW_BEND + 6,
    DRAW_NOISE = DRAW_POINT + 2 * MOST_POINTS
};

struct point {
    double x, y;
};

/* A glyph in a unit square, y downwards. Points alternate between the curve and its control points: on, control, on, control, on;
 * a stroke ends at LIFT. A straight line has its control point in its middle. */
#define LIFT {-1, -1}

struct glyph {
    int digit, count;
    struct point point[MOST_POINTS];
};

#define GLYPH(digit, ...)                                                  \
    {                                                                      \
        digit, sizeof(struct point[]){__VA_ARGS__} / sizeof(struct point), \
        {                                                                  \
            __VA_ARGS__                                                    \
        }                                                                  \
    }

static const struct glyph glyphs[] = {
    GLYPH(0, {.52, .10}, {.79, .10}, {.77, .50}, {.77, .90}, {.50, .90}, {.22, .90}, {.23, .50}, {.24, .10}, {.52, .10}),
    GLYPH(0, {.58, .12}, {.28, .08}, {.26, .52}, {.28, .92}, {.52, .90}, {.76, .88}, {.75, .50}, {.74, .16}, {.46, .11}),
    GLYPH(1, {.52, .10}, {.51, .50}, {.50, .90}),
    GLYPH(1, {.36, .27}, {.46, .21}, {.53, .10}, {.53, .50}, {.52, .90}),
    GLYPH(1, {.36, .26}, {.46, .20}, {.52, .10}, {.52, .50}, {.52, .90}, LIFT, {.34, .90}, {.52, .90}, {.70, .90}),
    GLYPH(2, {.25, .31}, {.26, .10}, {.50, .10}, {.77, .11}, {.73, .35}, {.66, .56}, {.25, .90}, {.51, .90}, {.78, .89}),
    GLYPH(2, {.27, .24}, {.42, .05}, {.60, .13}, {.80, .25}, {.62, .52}, {.46, .74}, {.32, .87}, {.16, .92}, {.24, .78}, {.34, .70},
          {.50, .84}, {.64, .94}, {.79, .82}),
    GLYPH(3, {.27, .18}, {.42, .06}, {.57, .12}, {.78, .20}, {.70, .36}, {.64, .48}, {.44, .48}, {.76, .49}, {.75, .70}, {.74, .90},
          {.50, .90}, {.33, .90}, {.24, .78}),
    GLYPH(3, {.27, .11}, {.50, .11}, {.73, .11}, {.60, .27}, {.47, .42}, {.78, .46}, {.74, .69}, {.70, .92}, {.46, .90}, {.31, .88},
          {.25, .77}),
    GLYPH(4, {.60, .10}, {.42, .36}, {.22, .62}, {.51, .62}, {.80, .62}, LIFT, {.62, .38}, {.62, .64}, {.61, .90}),
    GLYPH(4, {.30, .11}, {.28, .32}, {.25, .52}, {.51, .53}, {.77, .51}, LIFT, {.69, .10}, {.67, .50}, {.64, .90}),
    GLYPH(5, {.73, .10}, {.54, .10}, {.35, .11}, {.33, .28}, {.30, .46}, {.50, .34}, {.66, .46}, {.82, .62}, {.68, .80}, {.50, .98},
          {.25, .82}),
    GLYPH(5, {.34, .12}, {.32, .29}, {.31, .45}, {.72, .36}, {.74, .65}, {.72, .92}, {.45, .90}, {.32, .88}, {.24, .79}, LIFT,
          {.34, .12}, {.53, .12}, {.74, .10}),
    GLYPH(6, {.67, .10}, {.31, .28}, {.27, .65}, {.27, .90}, {.50, .90}, {.74, .90}, {.74, .69}, {.73, .48}, {.52, .48}, {.32, .50},
          {.27, .65}),
    GLYPH(6, {.52, .10}, {.28, .40}, {.28, .68}, {.30, .90}, {.51, .90}, {.72, .88}, {.71, .70}, {.68, .54}, {.50, .56}, {.34, .58},
          {.29, .74}),
    GLYPH(7, {.24, .11}, {.50, .11}, {.76, .10}, {.53, .44}, {.43, .90}),
    GLYPH(7, {.24, .12}, {.50, .12}, {.77, .10}, {.60, .40}, {.40, .90}, LIFT, {.37, .50}, {.53, .50}, {.70, .49}),
    GLYPH(8, {.50, .10}, {.72, .10}, {.72, .29}, {.70, .46}, {.50, .48}, {.30, .46}, {.28, .29}, {.28, .10}, {.50, .10}, LIFT,
          {.50, .48}, {.77, .52}, {.76, .70}, {.74, .90}, {.50, .90}, {.26, .90}, {.24, .70}, {.23, .52}, {.50, .48}),
    GLYPH(8, {.70, .20}, {.55, .04}, {.37, .14}, {.20, .28}, {.50, .47}, {.84, .66}, {.66, .83}, {.50, .97}, {.33, .82}, {.18, .66},
          {.50, .47}, {.78, .30}, {.68, .17}),
    GLYPH(9, {.72, .32}, {.72, .10}, {.50, .10}, {.27, .10}, {.27, .33}, {.28, .52}, {.50, .52}, {.70, .52}, {.72, .32}, {.73, .60},
          {.60, .90}),
    GLYPH(9, {.70, .22}, {.58, .06}, {.40, .14}, {.24, .26}, {.33, .42}, {.46, .56}, {.62, .42}, {.72, .30}, {.71, .20}, {.70, .55},
          {.69, .90}),
};

enum { GLYPHS = sizeof glyphs / sizeof glyphs[0] };

struct pen {
    double reach;       /* half the width of a stroke, in pixels */
    double ink[PIXELS]; /* coverage, 0 … 1 */
};

static double between(const struct netrt_stream *random, uint32_t element, double low, double high)
{
    return low + (high - low) * netrt_random_unit(random, element);
}

/* Full ink within the stroke, fading over one pixel at its edge. */
static void draw_line(struct pen *pen, struct point a, struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy, margin = pen->reach + 1;
    int left = (int)fmax(0, fmin(a.x, b.x) - margin), right = (int)fmin(SIDE - 1, fmax(a.x, b.x) + margin);
    int top = (int)fmax(0, fmin(a.y, b.y) - margin), bottom = (int)fmin(SIDE - 1, fmax(a.y, b.y) + margin);

    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
            double along = square > 0 ? (px * dx + py * dy) / square : 0;
            along = along < 0 ? 0 : along > 1 ? 1 : along;
            double ex = px - along * dx, ey = py - along * dy;
            double cover = pen->reach + 0.5 - sqrt(ex * ex + ey * ey);
            cover = cover < 0 ? 0 : cover > 1 ? 1 : cover;
            if (cover > pen->ink[y * SIDE + x])
                pen->ink[y * SIDE + x] = cover;
        }
    }
}

static void draw_curve(struct pen *pen, struct point a, struct point control, struct point b)
{
    struct point from = a;

    for (int i = 1; i <= PIECES; i++) {
        double t = (double)i / (double)PIECES, s = 1 - t;
        struct point to = {s * s * a.x + 2 * s * t * control.x + t * t * b.x, s * s * a.y + 2 * s * t * control.y + t * t * b.y};
        draw_line(pen, from, to);
        from = to;
    }
}

/* Bends the square smoothly, then turns, shears, scales and moves it onto the image. The rotation is given by t = tan(angle / 2),
 * which needs no sine. */
static void place_points(const struct glyph *glyph, const struct netrt_stream *random, struct point out[MOST_POINTS])
{
    double bend[6], t = between(random, DRAW_TURN, -0.19, 0.19), shear = between(random, DRAW_SHEAR, -0.25, 0.4);
    double cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
    double wide = between(random, DRAW_WIDE, 17, 27), tall = between(random, DRAW_TALL, 18, 25);
    double right = between(random, DRAW_RIGHT, -2.6, 2.6), down = between(random, DRAW_DOWN, -2.2, 2.2);

    for (uint32_t i = 0; i < 6; i++)
        bend[i] = between(random, DRAW_BEND + i, -0.45, 0.45);
    for (int i = 0; i < glyph->count; i++) {
        uint32_t element = DRAW_POINT + 2 * (uint32_t)i;
        double x = glyph->point[i].x - 0.5 + between(random, element, -0.03, 0.03);
        double y = glyph->point[i].y - 0.5 + between(random, element + 1, -0.03, 0.03);
        double u = x + bend[0] * x * x + bend[1] * x * y + bend[2] * y * y;
        double v = y + bend[3] * x * x + bend[4] * x * y + bend[5] * y * y;
        u = wide * (u - shear * v);
        v = tall * v;
        out[i] = (struct point){(double)SIDE / 2 + cosine * u - sine * v + right, (double)SIDE / 2 + sine * u + cosine * v + down};
    }
}

static const struct glyph *choose(int digit, double share)
{
    int first = 0, count = 0;

    while (glyphs[first].digit != digit)
        first++;
    while (first + count < GLYPHS && glyphs[first + count].digit == digit)
        count++;
    return &glyphs[first + (int)(share * count)];
}

static void draw_digit(struct pen *pen, const struct netrt_stream *random, int digit)
{
    const struct glyph *glyph = choose(digit, netrt_random_unit(random, DRAW_VARIANT));
    struct point at[MOST_POINTS];

    memset(pen->ink, 0, sizeof pen->ink);
    pen->reach = between(random, DRAW_PEN, 0.6, 1.7);
    place_points(glyph, random, at);
    for (int i = 0; i + 2 < glyph->count; i += 2) {
        if (glyph->point[i + 1].x < 0)
            continue;    /* the pen is lifted after this point: the next stroke begins two further */
        draw_curve(pen, at[i], at[i + 1], at[i + 2]);
    }
}

static void draw_image(unsigned char image[PIXELS], uint64_t seed, int64_t index, double noise)
{
    struct netrt_stream random = netrt_stream(seed, NETRT_FOR_DIGITS, 0, 0, (uint32_t)index);
    double strength = 255 * between(&random, DRAW_INK, 0.75, 1);
    struct pen pen;

    draw_digit(&pen, &random, (int)(index % 10));
    for (uint32_t i = 0; i < PIXELS; i++) {
        double light = strength * pen.ink[i];
        if (noise > 0)
            light += 255 * noise * netrt_normal_quantile(netrt_random_open(&random, DRAW_NOISE + i));
        image[i] = (unsigned char)(light < 0 ? 0 : light > 255 ? 255 : light + 0.5 > 255 ? 255 : light + 0.5);
    }
}

enum netrt_status netrt_digits_draw(struct netrt_records *records, int64_t count, uint64_t seed, double noise,
                                    struct netrt_error *error)
{
    static const int64_t shape[] = {1, SIDE, SIDE};

    *records = (struct netrt_records){0};
    if (count < 1 || count > INT64_C(1) << 31)
        return netrt_fail(error, NETRT_E_CONTENT, "digits: a count of %" PRId64 ": expected 1 to 2^31", count);
    if (!(noise >= 0 && noise <= 100))
        return netrt_fail(error, NETRT_E_CONTENT, "digits: a noise of %g: expected 0 to 100", noise);
    netrt_shape_make(&records->shape, 3, shape);
    records->count = count;
    records->image = malloc((size_t)count * PIXELS);
    netrt_shape_make(&records->label_shape, 0, NULL);
    records->label = malloc((size_t)count);
    records->image_name = netrt_path_join(".", "digits");
    records->label_name = netrt_path_join(".", "digits");
    if (records->image == NULL || records->label == NULL || records->image_name == NULL || records->label_name == NULL) {
        netrt_records_free(records);
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for %" PRId64 " digits", count);
    }
    for (int64_t i = 0; i < count; i++) {
        records->label[i] = (unsigned char)(i % 10);
        draw_image(records->image + i * PIXELS, seed, i, noise);
    }
    return NETRT_OK;
}
