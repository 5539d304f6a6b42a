/* What loops must do, whatever the tiles: each element is computed once, with as many multiply-adds as there are terms inside. */
#include "compiler/lower/tile_split.h"
#include "tests/support/loop_trace.h"
#include "tests/support/plan_fixture.h"

/* That the kernel writes each element of the buffer once, sixteen lanes of each where samples are apart. */
static struct loop_trace assert_writes_once(const struct net_fixture *f, const char *kernel, const char *buffer, int64_t elements)
{
    const struct loop_trace t = loop_trace(f->module, loop_kernel_named(f->module, kernel), 2);
    const loop_buffer_id b = loop_buffer_named(f->module, buffer);

    assert_true(f->module->buffer.at[b].elements >= elements);
    for (int64_t e = 0; e < elements; e++)
        if (t.written[b][e] != 1)
            fail_msg("%s writes element %lld of %s %lld times", kernel, (long long)e, buffer, (long long)t.written[b][e]);
    return t;
}

/* A layer over an input, for each target: each element is written once, with so many multiply-adds, which is what the plan says. */
static void assert_contracts(void **state, const char *in, const char *call, int64_t elements, int64_t multiply_adds)
{
    char body[256];

    snprintf(body, sizeof body, "input x: %s; output y = x -> c: %s;", in, call);
    struct net_fixture *f = open_net(state, body, "mse(y, t)");
    for (int i = 0; i < INVENTED_TARGETS; i++) {
        assert_true(net_lower(f, &invented_targets[i], stderr));
        const struct loop_trace t = assert_writes_once(f, "c", "c", LANES * elements);
        assert_true(loop_kernel_named(f->module, "c")->multiply_adds == (double)multiply_adds);
        if (t.multiply_adds != LANES * multiply_adds)
            fail_msg("%s over %s: %lld multiply-adds in a lane block, not %lld", call, in, (long long)t.multiply_adds,
                     (long long)(LANES * multiply_adds));
    }
}

/* ---- Tiles ----------------------------------------------------------------------------------------------------------- */

static void axes_are_split_evenly(void **state)
{
    struct tile_segment s[2];

    (void)state;
    for (int64_t extent = 1; extent <= 40; extent++)
        for (int64_t most = 1; most <= 12; most++) {
            const int count = split_evenly(extent, most, s);
            int64_t covered = s[0].size * s[0].count + (count == 2 ? s[1].size * s[1].count : 0);
            assert_int_equal(covered, extent);
            assert_int_equal(s[0].begin, 0);
            assert_true(s[0].size <= most && s[0].count > 0);
            assert_int_equal(s[0].count + (count == 2 ? s[1].count : 0), (extent + most - 1) / most); /* no more than it takes */
            if (count == 2) {
                assert_int_equal(s[1].size, s[0].size - 1);
                assert_int_equal(s[1].begin, s[0].size * s[0].count);
            }
        }
}

static void contractions_compute_each_element_once(void **state)
{
    assert_contracts(state, "5", "dense(1)", 1, 5);
    assert_contracts(state, "17", "dense(13)", 13, 17 * 13);
    assert_contracts(state, "3x4", "dense(7)", 3 * 7, 3 * 4 * 7);
    assert_contracts(state, "2x6x7", "conv(7, 3x3)", 7 * 4 * 5, 7 * 4 * 5 * 18);
    assert_contracts(state, "3x1x33", "conv(5, 1x1)", 5 * 33, 5 * 33 * 3);
    assert_contracts(state, "1x7x9", "conv(3, 3x2, stride = 2x3, dilation = 2x1)", 3 * 2 * 3, 3 * 2 * 3 * 6);
    assert_contracts(state, "4x5x5", "conv(6, 2x2, groups = 2)", 6 * 16, 6 * 16 * 8);
    assert_contracts(state, "4x5x5", "depthwise_conv(3x3, multiplier = 2)", 8 * 9, 8 * 9 * 9);
    assert_contracts(state, "3x4x5", "conv_transpose(2, 2x2, stride = 2)", 2 * 8 * 10, 2 * 8 * 10 * 3);
}

/* Along an axis of 4 with taps of 3 and padding 1: 2 + 3 + 3 + 2 terms lie inside. No product is spent on padding. */
static void borders_take_part_only_inside(void **state)
{
    assert_contracts(state, "2x4x4", "conv(3, 3x3, padding = 1)", 3 * 16, 3 * 2 * 10 * 10);
    assert_contracts(state, "2x4x4", "conv(3, 1x3, padding = [[0, 0], [2, 0]])", 3 * 16, 3 * 2 * 4 * (1 + 2 + 3 + 3));
    assert_contracts(state, "1x2x2", "conv(2, 3x3, padding = 1)", 2 * 4, 2 * 4 * 4);
    assert_contracts(state, "1x5", "conv(1, 5, padding = same)", 5, 3 + 4 + 5 + 4 + 3);
}

static bool says(const struct loop *s, const char *text)
{
    for (; s; s = s->next)
        if ((s->note && strstr(s->note, text)) || (s->kind == LOOP_FOR && says(s->as.for_.body, text)) ||
            (s->kind == LOOP_IF && says(s->as.if_.body, text)) || (s->kind == LOOP_BLOCK && says(s->as.block, text)))
            return true;
    return false;
}

static void only_tiles_at_a_border_ask(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 2x6x30; output y = x -> c: conv(4, 1x3, padding = [[0, 0], [1, 1]]);", "mse(y, t)");

    assert_true(net_lower(f, &invented_targets[1], stderr));
    const struct loop_kernel *k = loop_kernel_named(f->module, "c");
    const struct loop_trace bordered = loop_trace(f->module, k, 1);
    assert_true(says(k->body, "left border") && says(k->body, "right border"));
    /* Of ten tiles of three columns the first asks for one column, the last for three: in 6 rows, 2 parts, 2 channels, at 3 taps. */
    assert_true(bordered.conditions > 0 && bordered.conditions <= (1 + 3) * 6 * 2 * 2 * 3);
    f = open_net(state, "input x: 2x6x32; output y = x -> c: conv(4, 1x3);", "mse(y, t)");
    assert_true(net_lower(f, &invented_targets[1], stderr));
    k = loop_kernel_named(f->module, "c");
    assert_int_equal(loop_trace(f->module, k, 1).conditions, 0);
    assert_false(says(k->body, "border"));
}

/* ---- Sums over samples ------------------------------------------------------------------------------------------------- */

static void weight_gradients_are_computed_once_whatever_the_tiles(void **state)
{
    static const struct {
        const char *body;
        int64_t elements, terms; /* terms of an element for one sample, on average: elements * terms products */
    } nets[] = {
        {"input x: 5; output y = x -> c: dense(3);", 15, 1},
        {"input x: 19; output y = x -> c: dense(17);", 19 * 17, 1},
        {"input x: 3x4x5; output y = x -> c: conv(7, 2x2);", 7 * 3 * 4, 12},
        {"input x: 2x9; output y = x -> c: conv(20, 3);", 20 * 2 * 3, 7},
        {"input x: 17x3x3; output y = x -> c: conv(16, 1x1);", 17 * 16, 9},
    };

    for (size_t n = 0; n < sizeof nets / sizeof *nets; n++) {
        struct net_fixture *f = open_net(state, nets[n].body, "mse(y, t)");
        for (int i = 0; i < INVENTED_TARGETS; i++) {
            assert_true(net_lower(f, &invented_targets[i], stderr));
            const struct loop_trace t = assert_writes_once(f, "c_weight_gradient", "dc_weight", nets[n].elements);
            /* Whole vectors may hold channels that are none. */
            assert_true(t.multiply_adds >= 2 * LANES * nets[n].elements * nets[n].terms);
        }
    }
}

static void copies_along_channels_are_written_once(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 20x3x3; output y = x -> a: conv(18, 1x1) -> tanh -> c: conv(17, 2x2);", "mse(y, t)");
    int copies = 0;

    assert_true(net_lower(f, &invented_targets[1], stderr));
    for (size_t b = 0; b < f->module->buffer.count; b++) {
        int64_t writers = 0;
        if (!strstr(f->module->buffer.at[b].name, "_by_channel"))
            continue;
        copies++;
        for (size_t k = 0; k < f->module->kernel.count; k++)
            writers += loop_trace(f->module, f->module->kernel.at[k], 1).written[b][0];
        assert_int_equal(writers, 1);
    }
    assert_true(copies > 0);
}

/* ---- Rows by number, recurrences ------------------------------------------------------------------------------------------ */

static void rows_are_read_by_number_and_added_to_by_number(void **state)
{
    struct net_fixture *f = open_net(state, "input x: int 3; output y = x -> e: embedding(11, 5);", "mse(y, t)");

    for (int i = 0; i < INVENTED_TARGETS; i++) {
        assert_true(net_lower(f, &invented_targets[i], stderr));
        const struct loop_trace gather = assert_writes_once(f, "e", "e", LANES * 3 * 5);
        assert_int_equal(gather.multiply_adds, 0);
        assert_true(gather.indirections >= 3 * LANES && gather.indirections <= 3 * LANES * 5); /* each token of each sample */
        assert_true(loop_trace(f->module, loop_kernel_named(f->module, "e_weight_gradient"), 2).indirections > 0);
    }
}

/* The first loop of a kernel. */
static const struct loop *first_loop(const struct loop *s)
{
    while (s && s->kind == LOOP_BLOCK)
        s = s->as.block;
    while (s && s->kind != LOOP_FOR)
        s = s->next;
    assert_non_null(s);
    return s;
}

static void a_recurrence_goes_through_all_steps_in_its_order(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 6x3; output y = x -> r: rnn(4, sequences = true);", "mse(y, t)");

    assert_true(net_lower(f, &invented_targets[1], stderr));
    const struct loop_trace t = assert_writes_once(f, "r_steps", "r", LANES * 6 * 4);
    const struct loop *steps = first_loop(loop_kernel_named(f->module, "r_steps")->body);
    assert_int_equal(steps->as.for_.begin, 0);
    assert_int_equal(steps->as.for_.end, 6);
    assert_true(t.multiply_adds >= LANES * 5 * 4 * 4); /* the state of each step but the first */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(axes_are_split_evenly),
        net_test(contractions_compute_each_element_once),
        net_test(borders_take_part_only_inside),
        net_test(only_tiles_at_a_border_ask),
        net_test(weight_gradients_are_computed_once_whatever_the_tiles),
        net_test(copies_along_channels_are_written_once),
        net_test(rows_are_read_by_number_and_added_to_by_number),
        net_test(a_recurrence_goes_through_all_steps_in_its_order),
    };
    return cmocka_run_group_tests_name("schedules", tests, NULL, NULL);
}
