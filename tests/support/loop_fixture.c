#include "tests/support/loop_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void exhausted(size_t bytes)
{
    fail_msg("out of memory: %zu bytes", bytes);
}

static struct loop_module *new_module(struct arena *a, int precision, int vector_lanes)
{
    struct loop_module *m = arena_new(a, struct loop_module);

    m->arena = a;
    m->real = precision == 4 ? TYPE_F32 : TYPE_F64;
    m->vector_lanes = vector_lanes;
    m->name = "small";
    m->source = "small.net";
    m->batch = 64;
    return m;
}

int loop_fixture_setup(void **state)
{
    struct loop_fixture *f = malloc(sizeof *f);

    if (!f)
        return -1;
    f->arena = arena_create(exhausted);
    f->module = new_module(f->arena, 4, 8);
    *state = f;
    return 0;
}

int loop_fixture_teardown(void **state)
{
    struct loop_fixture *f = *state;

    arena_destroy(f->arena);
    free(f);
    return 0;
}

struct loop_index index_of(struct loop_module *m, int64_t constant, int count, ...)
{
    struct loop_index sum = loop_constant_index(constant);
    va_list args;

    va_start(args, count);
    for (int i = 0; i < count; i++) {
        loop_axis axis = va_arg(args, int);
        sum = loop_index_add(m, sum, loop_axis_index(m, axis, va_arg(args, int)));
    }
    va_end(args);
    return sum;
}

/* ---- The small module ---------------------------------------------------------------------------------------------- */

struct small_buffers {
    loop_buffer_id image, weight, bias, total, out, scale;
};

static struct small_buffers add_buffers(struct loop_module *m)
{
    int64_t real = loop_type_bytes(m->real);
    struct small_buffers b = {
        .image = loop_add_buffer(m, (struct loop_buffer){"image", SPACE_INPUT, 0, SMALL_IMAGE, "image 2x5x4", m->real}),
        .weight = loop_add_buffer(m, (struct loop_buffer){"weight", SPACE_UNIFORM, 0, 54, "c.weight 3x2x3x3", m->real}),
        .bias = loop_add_buffer(m, (struct loop_buffer){"bias", SPACE_UNIFORM, 54 * real, 3, "c.bias 3", m->real}),
        .total = loop_add_buffer(m, (struct loop_buffer){"total", SPACE_UNIFORM, 57 * real, 3, "total 3", m->real}),
        .out = loop_add_buffer(m, (struct loop_buffer){"out", SPACE_BLOCK, 0, SMALL_OUT, "out 3x5x4", m->real}),
        .scale = loop_add_buffer(m, (struct loop_buffer){"scale", SPACE_SETTING, 0, 1, "scale", m->real}),
    };

    m->uniform_bytes = SMALL_UNIFORM * real;
    m->block_bytes = SMALL_OUT * real;
    m->input_count = 1;
    m->setting_count = 1;
    return b;
}

static struct loop_place place(loop_buffer_id buffer, struct loop_index block, struct loop_index at)
{
    return (struct loop_place){buffer, block, at};
}

static const struct loop_origin third_line = {"small.net", 3};

/* sum = fma(image, weight, sum), where the pixel is inside. Axes: block o h w part c p q = 0 ... 7. */
static const struct loop *tap(struct loop_module *m, const struct small_buffers *b, const struct loop_variable *sum)
{
    struct loop_index pixel = index_of(m, -16 * (SMALL_W + 1), 6, 5, 16 * SMALL_H * SMALL_W, 2, 16 * SMALL_W, 6, 16 * SMALL_W, 3,
                                       16, 7, 16, 4, m->vector_lanes);
    struct loop_index weight = index_of(m, 0, 4, 1, 18, 5, 9, 6, 3, 7, 1);
    const struct loop_expr *x = loop_load(m, loop_vector_of(m->real), place(b->image, index_of(m, 0, 1, 0, 1), pixel));
    const struct loop_expr *k = loop_load(m, m->real, place(b->weight, loop_constant_index(0), weight));
    const struct loop_expr *next = loop_fma(m, x, loop_splat(m, k), loop_read(m, sum));
    struct loop *column = loop_if(m, index_of(m, -1, 2, 3, 1, 7, 1), 0, SMALL_W, loop_set(m, sum, next));

    return loop_if(m, index_of(m, -1, 2, 2, 1, 6, 1), 0, SMALL_H, column);
}

static void add_conv(struct loop_module *m, const struct small_buffers *b)
{
    static const char *const axes[] = {"block", "o", "h", "w", "part", "c", "p", "q"};
    static const int64_t extent[] = {0, SMALL_O, SMALL_H, SMALL_W, 0, SMALL_C, 3, 3};
    struct loop_kernel *k = loop_add_kernel(m, "conv");
    const struct loop_variable *sum = loop_add_variable(m, "sum", loop_vector_of(m->real));
    struct loop_list body = {0};

    k->title = "c: conv(3, 3x3, padding = 1) -> tanh";
    k->where = "small.net:3";
    k->origin = &third_line;
    vec_push(m->arena, &k->notes, "no tiles: a test");
    for (int i = 0; i < 8; i++)
        loop_add_axis(m, k, axes[i]);
    const struct loop_expr *bias = loop_load(m, m->real, place(b->bias, loop_constant_index(0), index_of(m, 0, 1, 1, 1)));
    loop_append(&body, loop_define(m, sum, loop_splat(m, bias)));
    loop_append(&body, loop_for(m, 5, 0, extent[5], loop_for(m, 6, 0, 3, loop_for(m, 7, 0, 3, tap(m, b, sum)))));
    const struct loop_expr *scale = loop_load(m, m->real, place(b->scale, loop_constant_index(0), loop_constant_index(0)));
    const struct loop_expr *y = loop_call(m, loop_math_function(m, MATH_TANH, loop_vector_of(m->real)), loop_read(m, sum));
    struct loop_index to = index_of(m, 0, 4, 1, 16 * SMALL_H * SMALL_W, 2, 16 * SMALL_W, 3, 16, 4, m->vector_lanes);
    loop_append(&body,
                loop_store(m, place(b->out, index_of(m, 0, 1, 0, 1), to), loop_binary(m, LOOP_MULTIPLY, loop_splat(m, scale), y)));
    const struct loop *nest = loop_for(m, 4, 0, LANES / m->vector_lanes, loop_list_block(m, body));
    for (int i = 3; i >= 1; i--)
        nest = loop_for(m, i, 0, extent[i], nest);
    k->body = nest;
}

static void add_total(struct loop_module *m, const struct small_buffers *b)
{
    struct loop_kernel *k = loop_add_kernel(m, "total");
    const struct loop_variable *sum = loop_add_variable(m, "sum", m->real);
    struct loop_list body = {0};

    k->title = "the sum of out";
    k->item_count = 1;
    k->item_extent[0] = SMALL_O;
    loop_add_axis(m, k, "o");
    loop_add_axis(m, k, "block");
    loop_add_axis(m, k, "pixel");
    struct loop_index from = index_of(m, 0, 2, 0, 16 * SMALL_H * SMALL_W, 2, 16);
    const struct loop_expr *lanes = loop_sum_lanes(m, place(b->out, index_of(m, 0, 1, 1, 1), from));
    const struct loop *add = loop_set(m, sum, loop_binary(m, LOOP_ADD, loop_read(m, sum), lanes));
    loop_append(&body, loop_define(m, sum, loop_real(m, m->real, 0)));
    loop_append(&body, loop_for_blocks(m, 1, loop_for(m, 2, 0, SMALL_H * SMALL_W, add)));
    loop_append(&body, loop_store(m, place(b->total, loop_constant_index(0), index_of(m, 0, 1, 0, 1)), loop_read(m, sum)));
    k->body = loop_list_block(m, body);
}

struct loop_module *small_module(struct arena *a, int precision, int vector_lanes)
{
    struct loop_module *m = new_module(a, precision, vector_lanes);
    struct small_buffers b = add_buffers(m);

    add_conv(m, &b);
    add_total(m, &b);
    struct loop_program *train = loop_add_program(m, "train"), *evaluate = loop_add_program(m, "evaluate");
    vec_push(a, &train->phase, ((struct loop_phase){"forward", 0, 1}));
    vec_push(a, &train->phase, ((struct loop_phase){"sums", 1, 1}));
    train->checked = 1;
    vec_push(a, &evaluate->phase, ((struct loop_phase){"forward", 0, 1}));
    return m;
}

double small_value(int seed, int64_t i)
{
    return (double)(float)sin(0.7 * (double)i + 1.3 * seed);
}

/* ---- Assertions ---------------------------------------------------------------------------------------------------- */

const char *printed(struct arena *a, void (*print)(const void *what, FILE *out), const void *what)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    print(what, out);
    fclose(out);
    const char *copy = arena_strdup(a, text);
    free(text);
    return copy;
}

static void complaints(const void *m, FILE *out)
{
    bool ok = loop_verify(m, out);

    fputs(ok ? "ok\n" : "", out);
}

void assert_loops_verify(const struct loop_module *m)
{
    assert_string_equal(printed(m->arena, complaints, m), "ok\n");
}

void assert_loops_broken(const struct loop_module *m, const char *wanted)
{
    assert_string_equal(printed(m->arena, complaints, m), wanted);
}
