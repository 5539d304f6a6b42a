#include "tests/support/loop_fixture.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCKS = 3 };

struct run {
    double *uniform, *blocks, *image;
    const double *input[1];
    double scale;
    struct loop_memory memory;
};

static struct run prepare(struct arena *a)
{
    struct run r = {
        .uniform = arena_array(a, double, SMALL_UNIFORM),
        .blocks = arena_array(a, double, BLOCKS *SMALL_OUT),
        .image = arena_array(a, double, BLOCKS *SMALL_IMAGE),
        .scale = 0.75,
    };

    for (int i = 0; i < SMALL_UNIFORM; i++)
        r.uniform[i] = small_value(1, i);
    for (int i = 0; i < BLOCKS * SMALL_IMAGE; i++)
        r.image[i] = small_value(2, i);
    return r;
}

static void run_train(const struct loop_module *m, struct run *r)
{
    r->input[0] = r->image;
    r->memory = (struct loop_memory){r->uniform, r->blocks, r->input, &r->scale, 16 * BLOCKS, BLOCKS};
    loop_eval_program(m, loop_find_program(m, "train"), &r->memory);
}

/* The formula of small_module, for one element of one sample. */
static double wanted(const struct run *r, int block, int lane, int o, int h, int w)
{
    double sum = r->uniform[54 + o];

    for (int c = 0; c < SMALL_C; c++) {
        for (int p = 0; p < 3; p++) {
            for (int q = 0; q < 3; q++) {
                int y = h + p - 1, x = w + q - 1;
                if (y < 0 || y >= SMALL_H || x < 0 || x >= SMALL_W)
                    continue;
                sum = fma(r->image[block * SMALL_IMAGE + ((c * SMALL_H + y) * SMALL_W + x) * 16 + lane],
                          r->uniform[((o * SMALL_C + c) * 3 + p) * 3 + q], sum);
            }
        }
    }
    return r->scale * tanh(sum);
}

static void a_program_computes_its_formula(void **state)
{
    struct loop_fixture *f = *state;
    static const int lanes[] = {2, 4, 8, 16};

    for (int i = 0; i < 4; i++) {
        const struct loop_module *m = small_module(f->arena, 4, lanes[i]);
        struct run r = prepare(f->arena);
        double total[SMALL_O] = {0};
        run_train(m, &r);
        for (int at = 0; at < BLOCKS * SMALL_OUT; at++) {
            int lane = at % 16, w = at / 16 % SMALL_W, h = at / 16 / SMALL_W % SMALL_H, o = at / 16 / SMALL_W / SMALL_H % SMALL_O;
            double y = wanted(&r, at / SMALL_OUT, lane, o, h, w);
            assert_true(r.blocks[at] == y);
            total[o] += y;
        }
        for (int o = 0; o < SMALL_O; o++)
            assert_true(fabs(r.uniform[57 + o] - total[o]) < 1e-10);
    }
}

static void one_item_touches_nothing_else(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_module *m = small_module(f->arena, 8, 8);
    struct run r = prepare(f->arena);

    r.input[0] = r.image;
    r.memory = (struct loop_memory){r.uniform, r.blocks, r.input, &r.scale, 16 * BLOCKS, BLOCKS};
    loop_eval_kernel(m, m->kernel.at[0], &r.memory, 1);
    for (int i = 0; i < SMALL_OUT; i++) {
        assert_true(r.blocks[i] == 0);
        assert_true(r.blocks[SMALL_OUT + i] != 0);
        assert_true(r.blocks[2 * SMALL_OUT + i] == 0);
    }
}

static void many_variables_keep_their_values(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    enum { COUNT = 300 };
    const struct loop_variable *v[COUNT];
    struct loop_list body = {0};
    double result[COUNT] = {0};

    loop_buffer_id out = loop_add_buffer(m, (struct loop_buffer){"out", SPACE_UNIFORM, 0, COUNT, "", TYPE_F32});
    m->uniform_bytes = 4 * COUNT;
    loop_add_axis(m, k, "block");
    for (int i = 0; i < COUNT; i++) {
        v[i] = loop_add_variable(m, arena_printf(f->arena, "v%d", i), TYPE_F32);
        loop_append(&body, loop_define(m, v[i], loop_real(m, TYPE_F32, i)));
    }
    for (int i = 0; i < COUNT; i++)
        loop_append(&body,
                    loop_store(m, (struct loop_place){out, loop_constant_index(0), loop_constant_index(i)}, loop_read(m, v[i])));
    k->body = loop_list_block(m, body);
    struct loop_memory memory = {.uniform = result, .samples = 1, .block_count = 1};
    loop_eval_kernel(m, k, &memory, 0);
    for (int i = 0; i < COUNT; i++)
        assert_true(result[i] == i);
}

static void zips_take_lanes_in_turns(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    struct loop_list body = {0};
    double result[16] = {0, 1, 2, 3, 10, 11, 12, 13};

    m->vector_lanes = 4;
    m->uniform_bytes = 4 * 16;
    loop_buffer_id all = loop_add_buffer(m, (struct loop_buffer){"all", SPACE_UNIFORM, 0, 16, "", TYPE_F32});
    loop_add_axis(m, k, "block");
    const struct loop_expr *row[2];
    for (int i = 0; i < 2; i++)
        row[i] =
            loop_load(m, TYPE_F32_VECTOR, (struct loop_place){all, loop_constant_index(0), loop_constant_index((int64_t)(4 * i))});
    for (int i = 0; i < 2; i++) {
        const struct loop_place to = {all, loop_constant_index(0), loop_constant_index((int64_t)(8 + 4 * i))};
        loop_append(&body, loop_store(m, to, loop_binary(m, i == 0 ? LOOP_INTERLEAVE_LOW : LOOP_INTERLEAVE_HIGH, row[0], row[1])));
    }
    k->body = loop_list_block(m, body);
    struct loop_memory memory = {.uniform = result, .samples = 1, .block_count = 1};
    loop_eval_kernel(m, k, &memory, 0);
    const double expected[] = {0, 10, 1, 11, 2, 12, 3, 13};
    assert_memory_equal(result + 8, expected, sizeof expected);
}

/* Integers keep what a float would round, and wrap where they are cut. */
static void integers_are_exact(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    struct loop_list body = {0};
    double result[4] = {0};
    const double number = 16777217;
    const double *input[1] = {&number};
    const loop_axis row = loop_add_axis(m, k, "row");
    const struct loop_index none = loop_constant_index(0);

    m->uniform_bytes = 16;
    m->input_count = 1;
    loop_buffer_id from = loop_add_buffer(m, (struct loop_buffer){"token", SPACE_INPUT, 0, 1, "", TYPE_I32});
    loop_buffer_id to = loop_add_buffer(m, (struct loop_buffer){"out", SPACE_UNIFORM, 0, 4, "", TYPE_F32});
    const struct loop_expr *token = loop_load(m, TYPE_I32, (struct loop_place){from, none, none});
    const struct loop_expr *same = loop_binary(m, LOOP_EQUAL, token, loop_bits(m, TYPE_I32, 16777216));
    const struct loop_expr *value[] = {loop_select(m, same, loop_real(m, TYPE_F32, 1), loop_real(m, TYPE_F32, 2)),
                                       loop_convert(m, TYPE_F32, loop_convert(m, TYPE_U8, token)),
                                       loop_convert(m, TYPE_F32, loop_convert(m, TYPE_U16, loop_bits(m, TYPE_I32, -2)))};
    for (int i = 0; i < 3; i++)
        loop_append(&body, loop_store(m, (struct loop_place){to, none, loop_constant_index(i)}, value[i]));
    const struct loop_expr *found = loop_index_value(m, TYPE_F32, index_of(m, -16777210, 1, row, 1));
    loop_append(&body, loop_indirect(m, row, 0, 20000000, token,
                                     loop_store(m, (struct loop_place){to, none, loop_constant_index(3)}, found)));
    k->body = loop_list_block(m, body);
    k->item_count = 0;
    struct loop_memory memory = {.uniform = result, .input = input, .samples = 1, .block_count = 1};
    loop_eval_kernel(m, k, &memory, 0);
    const double expected[] = {2, 1, 65534, 7};
    assert_memory_equal(result, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(a_program_computes_its_formula),
        loop_test(one_item_touches_nothing_else),
        loop_test(many_variables_keep_their_values),
        loop_test(zips_take_lanes_in_turns),
        loop_test(integers_are_exact),
    };
    return cmocka_run_group_tests_name("eval", tests, NULL, NULL);
}
