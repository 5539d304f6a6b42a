/* Windows: how many places a kernel has along each axis of an image or a signal.
 *
 *   out = floor((n + begin + end - d*(k - 1) - 1) / s) + 1        a last, partial window is left out
 *   out = ceil ((n + begin + end - d*(k - 1) - 1) / s) + 1        or kept, if it begins inside the input or the padding before it
 *   same: out = ceil(n / s), with as much padding as that takes, the odd one at the end
 *
 * Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", relationships 6 and 15; PyTorch,
 * `pooling_output_shape` (the rule for the last window); TensorFlow, `tf.nn.convolution` (same).
 */
#include "compiler/ops/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Messages ------------------------------------------------------------------------------------------------------ */

static const char *sizes_text(const struct window *w, const int64_t sizes[], char text[SHAPE_TEXT])
{
    struct shape s = {.rank = w->rank};

    for (int i = 0; i < w->rank; i++)
        s.dim[i] = sizes[i];
    return shape_text(&s, text);
}

enum { PADDING_TEXT = 48, FORMULA_TEXT = 256 };

/* What both ends add: "0", "2*1", "0 + 1". */
static const char *padding_text(const struct window *w, int i, char text[PADDING_TEXT])
{
    if (w->begin[i] == 0 && w->end[i] == 0)
        snprintf(text, PADDING_TEXT, "0");
    else if (w->begin[i] == w->end[i])
        snprintf(text, PADDING_TEXT, "2*%" PRId64, w->begin[i]);
    else
        snprintf(text, PADDING_TEXT, "%" PRId64 " + %" PRId64, w->begin[i], w->end[i]);
    return text;
}

/* The formula of axis `i` with its numbers: "floor((4 + 0 - 1*(5 - 1) - 1)/1) + 1 = 0". */
static const char *formula_text(const struct window *w, int i, bool ceil_mode, char text[FORMULA_TEXT])
{
    char padding[PADDING_TEXT];

    snprintf(text, FORMULA_TEXT, "%s((%" PRId64 " + %s - %" PRId64 "*(%" PRId64 " - 1) - 1)/%" PRId64 ") + 1 = %" PRId64,
             ceil_mode ? "ceil" : "floor", w->in[i], padding_text(w, i, padding), w->dilation[i], w->kernel[i], w->stride[i],
             w->out[i]);
    return text;
}

/* How many rows a kernel covers, from its first tap to its last; window_infer has checked that it fits. */
static int64_t covered(const struct window *w, int i)
{
    return w->dilation[i] * (w->kernel[i] - 1) + 1;
}

static bool report_kernel(struct op_call *c, const struct window *w, int i, bool ceil_mode)
{
    int64_t padded[3] = {0}, wide[3] = {0}, largest[3] = {0};
    char kernel[SHAPE_TEXT], dilated[SHAPE_TEXT + 16] = "", text[SHAPE_TEXT], formula[FORMULA_TEXT];
    const struct span origin = op_origin(c, 0, 1);

    for (int k = 0; k < w->rank; k++) {
        padded[k] = w->in[k] + w->begin[k] + w->end[k];
        wide[k] = covered(w, k);
        largest[k] = (padded[k] - 1) / w->dilation[k] + 1;
    }
    if (memcmp(wide, w->kernel, (size_t)w->rank * sizeof wide[0]) != 0)
        snprintf(dilated, sizeof dilated, ", dilated to %s,", sizes_text(w, wide, text));
    diag_error(c->diags, c->at, DIAG_KERNEL, "%s: the %s kernel%s is larger than the padded %s input: %s", c->op->name,
               sizes_text(w, w->kernel, kernel), dilated, sizes_text(w, padded, text), formula_text(w, i, ceil_mode, formula));
    if (!span_is_none(origin))
        diag_note(c->diags, origin, "the size %s comes from here", sizes_text(w, w->in, text));
    diag_hint(c->diags, "a kernel of at most %s fits, or more padding", sizes_text(w, largest, text));
    return false;
}

/* Input rows after the last one that a window reaches. Where the stride is wider than the kernel the windows leave gaps by
 * intention, and a gap at the end is no other than those between; a single window has none between. */
static int64_t unused(const struct window *w, int i)
{
    const int64_t last = (w->out[i] - 1) * w->stride[i] + covered(w, i) - 1 - w->begin[i];
    const int64_t gap = w->out[i] > 1 && w->stride[i] > covered(w, i) ? w->stride[i] - covered(w, i) : 0;
    const int64_t rows = w->in[i] - 1 - last;

    return rows > gap ? rows : 0;
}

static void warn_of_borders(struct op_call *c, const struct window_args *args, const struct window *w)
{
    static const char *const names[3][3] = {{"element"}, {"row", "column"}, {"slice", "row", "column"}};
    const char *list = "";
    char text[SHAPE_TEXT];

    for (int i = 0; i < w->rank; i++) {
        const int64_t rows = unused(w, i);
        if (rows > 0)
            list = arena_printf(c->diags->arena, "%s%s%" PRId64 " %s%s", list, *list != '\0' ? " and " : "", rows,
                                names[w->rank - 1][i], rows == 1 ? "" : "s");
    }
    if (*list == '\0')
        return;
    diag_warning(c->diags, args->stride >= 0 ? c->arg[args->stride].at : c->at, DIAG_UNUSED_BORDER,
                 "%s: no window reaches the last %s of the %s input", c->op->name, list, sizes_text(w, w->in, text));
    diag_hint(c->diags, "%s",
              args->ceil >= 0 ? "pad the input, or keep the last window with ceil = true" : "pad or crop the input");
}

/* ---- Arguments ----------------------------------------------------------------------------------------------------- */

bool op_pairs(struct op_call *c, int arg, int rank, int64_t begin[], int64_t end[])
{
    const struct literal *l = c->arg[arg].literal;
    const bool bare = l->as.list.count > 0 && l->as.list.at[0]->kind == LITERAL_INT;
    const size_t listed = bare ? 1 : l->as.list.count;

    if (listed != (size_t)rank) {
        diag_error(c->diags, c->arg[arg].at, DIAG_SPATIAL, "%s: %s lists %zu %s, the input has %d", c->op->name,
                   op_param(c->op, arg)->name, listed, listed == 1 ? "axis" : "axes", rank);
        if (bare)
            diag_hint(c->diags, "an image wants a pair for each axis: [[begin, end], [begin, end]]");
        return false;
    }
    for (int i = 0; i < rank; i++) {
        const struct literal *pair = bare ? l : l->as.list.at[i];
        begin[i] = pair->as.list.at[0]->as.integer;
        end[i] = pair->as.list.at[1]->as.integer;
    }
    return true;
}

/* Padding that makes out = ceil(n / s). */
static bool pad_same(struct window *w)
{
    for (int i = 0; i < w->rank; i++) {
        const int64_t out = (w->in[i] - 1) / w->stride[i] + 1;
        int64_t taps, total;
        if (!checked_multiply(w->dilation[i], w->kernel[i] - 1, &taps) ||
            !checked_add((out - 1) * w->stride[i] - w->in[i] + 1, taps, &total))
            return false;
        total = total > 0 ? total : 0;
        w->begin[i] = total / 2;
        w->end[i] = total - total / 2;
    }
    return true;
}

static bool report_overflow(struct op_call *c)
{
    return diag_error(c->diags, c->at, DIAG_TENSOR_SIZE, "%s: the size of the window exceeds 64 bits", c->op->name);
}

static bool read_padding(struct op_call *c, int arg, struct window *w)
{
    const struct literal *l = arg >= 0 ? c->arg[arg].literal : NULL;

    if (l == NULL || (l->kind == LITERAL_NAME && strcmp(l->as.string, "valid") == 0))
        return true;
    if (l->kind == LITERAL_LIST)
        return op_pairs(c, arg, w->rank, w->begin, w->end);
    if (l->kind == LITERAL_NAME)
        return pad_same(w) || report_overflow(c);
    if (!op_spatial(c, arg, w->rank, w->begin))
        return false;
    memcpy(w->end, w->begin, sizeof w->end);
    return true;
}

static bool read_sizes(struct op_call *c, int arg, struct window *w, int64_t sizes[])
{
    if (arg >= 0)
        return op_spatial(c, arg, w->rank, sizes);
    for (int i = 0; i < w->rank; i++)
        sizes[i] = 1;
    return true;
}

bool window_read(struct op_call *c, const struct window_args *args, struct window *w)
{
    const struct shape *in = op_shape(c, 0);

    w->rank = in->rank - 1;
    for (int i = 0; i < w->rank; i++)
        w->in[i] = in->dim[i + 1];
    if (!read_sizes(c, args->kernel, w, w->kernel) || !read_sizes(c, args->dilation, w, w->dilation))
        return false;
    if (args->stride_is_kernel && c->arg[args->stride].literal == NULL)
        memcpy(w->stride, w->kernel, sizeof w->stride);
    else if (!read_sizes(c, args->stride, w, w->stride))
        return false;
    return read_padding(c, args->padding, w);
}

/* ---- Sizes --------------------------------------------------------------------------------------------------------- */

/* n + begin + end - d*(k - 1) - 1: the first places of the first and of the last possible window lie this far apart. */
static bool measure(const struct window *w, int i, int64_t *room)
{
    int64_t padded, taps;

    return checked_add(w->in[i], w->begin[i], &padded) && checked_add(padded, w->end[i], &padded) &&
           checked_multiply(w->dilation[i], w->kernel[i] - 1, &taps) && taps <= INT64_MAX / 2 &&
           checked_add(padded, -taps - 1, room);
}

static void count_windows(struct window *w, int i, int64_t room, bool ceil_mode)
{
    w->out[i] = ceil_mode ? ceil_divide(room, w->stride[i]) + 1 : floor_divide(room, w->stride[i]) + 1;
    if (ceil_mode && w->out[i] > 1 && (w->out[i] - 1) * w->stride[i] >= w->in[i] + w->begin[i])
        w->out[i]--;
}

/* The first axis that changes says how. */
static void keep_formula(struct op_call *c, const struct window *w, bool ceil_mode)
{
    char text[FORMULA_TEXT];

    for (int i = 0; i < w->rank; i++)
        if (w->out[i] != w->in[i]) {
            graph_set_formula(c->graph, formula_text(w, i, ceil_mode, text));
            return;
        }
}

bool window_infer(struct op_call *c, const struct window_args *args, struct window *w)
{
    const bool ceil_mode = args->ceil >= 0 && c->arg[args->ceil].boolean;

    *w = (struct window){0};
    if (!window_read(c, args, w))
        return false;
    for (int i = 0; i < w->rank; i++) {
        int64_t room;
        if (!measure(w, i, &room))
            return report_overflow(c);
        count_windows(w, i, room, ceil_mode);
    }
    for (int i = 0; i < w->rank; i++)
        if (w->out[i] < 1)
            return report_kernel(c, w, i, ceil_mode);
    warn_of_borders(c, args, w);
    keep_formula(c, w, ceil_mode);
    return true;
}

/* Taps lie `dilation` apart: a window that begins in the padding reaches the input if it is long enough, unless the input is so
 * small that the taps step over it. */
bool window_want_contact(struct op_call *c, int padding_arg, const struct window *w)
{
    char kernel[SHAPE_TEXT];

    for (int i = 0; i < w->rank; i++) {
        const bool beyond = (w->out[i] - 1) * w->stride[i] - w->begin[i] >= w->in[i];
        if (w->begin[i] < covered(w, i) && !beyond && (w->begin[i] == 0 || w->dilation[i] <= w->in[i]))
            continue;
        diag_error(c->diags, c->arg[padding_arg].at, DIAG_POOL_PADDING,
                   "%s: with padding %" PRId64 " and %" PRId64 " a window of the %s kernel lies wholly in the padding", c->op->name,
                   w->begin[i], w->end[i], sizes_text(w, w->kernel, kernel));
        if (w->begin[i] >= covered(w, i))
            diag_hint(c->diags, "a padding of at most %" PRId64 " leaves none empty", covered(w, i) - 1);
        return false;
    }
    return true;
}

/* ---- Indices ------------------------------------------------------------------------------------------------------- */

struct index window_index(const struct window *w, int i, int out_axis, int tap_axis)
{
    const struct index place = index_add(index_axis(out_axis, w->stride[i]), index_axis(tap_axis, w->dilation[i]));

    return index_add(place, index_constant(-w->begin[i]));
}

struct shape window_shape(const struct window *w, int64_t channels)
{
    struct shape y = {.rank = w->rank + 1, .dim = {channels}};

    for (int i = 0; i < w->rank; i++)
        y.dim[i + 1] = w->out[i];
    return y;
}

void window_add_space(const struct window *w, struct nest *n, int axis[], struct index at[])
{
    for (int i = 0; i < w->rank; i++) {
        axis[i] = nest_add_axis(n, op_space_name(w->rank, i), w->out[i], false);
        at[i] = index_axis(axis[i], 1);
    }
}

void window_add_taps(const struct window *w, struct nest *n, const int axis[], struct index input[])
{
    for (int i = 0; i < w->rank; i++)
        input[i] = window_index(w, i, axis[i], nest_add_axis(n, op_tap_name(i), w->kernel[i], true));
}
