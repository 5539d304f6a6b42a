#include "tests/support/op_fixture.h"

#include "compiler/graph/build.h"
#include "netrt/random.h"

#include <math.h>

enum { SAMPLE = 9 };

/* The runtime's own number for an element of the only layer that draws; seed and epoch are 0. */
static double unit(const struct fixture *f, uint32_t element)
{
    assert_int_equal(f->graph->random->stream.count, 1);
    const struct netrt_stream stream = {.purpose = f->graph->random->stream.at[0], .index = SAMPLE};
    return (netrt_random_u32(&stream, element) >> 9) * 0x1p-23;
}

static void elements_below_the_rate_are_zero_and_others_grow(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), NUMBERS(SAMPLE, 0)};
    double wanted[12];
    int dropped = 0;

    assert_shape(infer(f, "dropout(0.5)", SHAPE(3, 2, 2)), SHAPE(3, 2, 2));
    for (uint32_t i = 0; i < 12; i++) {
        wanted[i] = unit(f, i) < 0.5 ? 0 : 2 * given[0][i];
        dropped += wanted[i] == 0;
    }
    assert_in_range(dropped, 1, 11);
    assert_computes(f, given, wanted);
}

static void the_upper_half_of_the_index_counts(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 1, 1, 1, 1, 1, 1, 1), NUMBERS(SAMPLE, 3)};
    double wanted[8];

    assert_shape(infer(f, "dropout(50%)", SHAPE(8)), SHAPE(8));
    const struct netrt_stream stream = {.purpose = f->graph->random->stream.at[0], .index = 3 << 16 | SAMPLE};
    for (uint32_t i = 0; i < 8; i++)
        wanted[i] = netrt_random_u32(&stream, i) >> 31 == 0 ? 0 : 2;
    assert_computes(f, given, wanted);
}

static void a_rate_is_rounded_up_to_a_step_of_the_numbers(void **state)
{
    struct fixture *f = *state;

    assert_non_null(infer(f, "dropout(0.1)", SHAPE(4)));
    const struct node *n = graph_node(f->graph, f->result);
    const double rate = n->nest[0].body->arg[0]->arg[1]->constant;
    assert_true(rate >= 0.1 && rate < 0.1 + 0x1p-23 && rate * 0x1p23 == floor(rate * 0x1p23) && rate == (double)(float)rate);
}

static void rate_0_is_the_input_itself(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "dropout(0)", SHAPE(3, 4)), SHAPE(3, 4));
    assert_int_equal(f->result, f->in[0]);
    assert_null(f->graph->random);
}

static void rate_1_leaves_zeros(void **state)
{
    const double *given[] = {NUMBERS(1, -2, 3), NUMBERS(SAMPLE, 0)};

    assert_shape(infer(*state, "dropout(100%)", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0, 0, 0));
}

static void outside_training_it_is_the_input(void **state)
{
    struct fixture *f = *state;

    assert_non_null(infer(f, "dropout(0.5)", SHAPE(2, 3)));
    assert_is_input_outside(f);
}

static void channels_are_dropped_as_a_whole(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), NUMBERS(SAMPLE, 0)};
    double wanted[10];

    assert_shape(infer(f, "spatial_dropout(0.25)", SHAPE(5, 2)), SHAPE(5, 2));
    for (uint32_t i = 0; i < 10; i++)
        wanted[i] = unit(f, i / 2) < 0.25 ? 0 : given[0][i] * (1 / 0.75);
    assert_computes(f, given, wanted);
    assert_is_input_outside(f);
}

static void every_layer_has_a_stream_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct graph *g = f->graph;
    const uint32_t first = graph_add_stream(g, "a"), same = graph_add_stream(g, "a"), other = graph_add_stream(g, "b");

    /* FNV-1a of "a", folded to 24 bits, below the purpose NETRT_FOR_LAYER. */
    assert_int_equal(first, NETRT_FOR_LAYER << 24 | ((0xe40c292c >> 24 ^ 0xe40c292c) & 0xffffff));
    assert_true(same != first && other != first && same != other);
    assert_int_equal(first >> 24, other >> 24);
}

static void a_rate_beyond_1_is_reported(void **state)
{
    assert_null(infer(*state, "dropout(1.5)", SHAPE(3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "dropout: rate must be at least 0 and at most 1, got 1.5", "1.5");
}

static void the_rate_must_be_said(void **state)
{
    assert_null(infer(*state, "spatial_dropout", SHAPE(3, 2)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_MISSING_ARGUMENT);
}

static void vectors_have_no_channels(void **state)
{
    assert_null(infer(*state, "spatial_dropout(0.5)", SHAPE(8)));
    assert_diagnostic(*state, DIAG_RANK, "spatial_dropout: wants an image CxHxW or a signal CxL, got 8", "spatial_dropout(0.5)");
}

static void more_elements_than_numbers_are_reported(void **state)
{
    assert_null(infer(*state, "dropout(0.5)", SHAPE(65536, 32769)));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE,
                      "dropout: draws at most 2147483648 numbers for a sample, 65536x32769 has 2147549184", "dropout(0.5)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(elements_below_the_rate_are_zero_and_others_grow),
        op_test(the_upper_half_of_the_index_counts),
        op_test(a_rate_is_rounded_up_to_a_step_of_the_numbers),
        op_test(rate_0_is_the_input_itself),
        op_test(rate_1_leaves_zeros),
        op_test(outside_training_it_is_the_input),
        op_test(channels_are_dropped_as_a_whole),
        op_test(every_layer_has_a_stream_of_its_own),
        op_test(a_rate_beyond_1_is_reported),
        op_test(the_rate_must_be_said),
        op_test(vectors_have_no_channels),
        op_test(more_elements_than_numbers_are_reported),
    };
    return cmocka_run_group_tests_name("dropout", tests, NULL, NULL);
}
