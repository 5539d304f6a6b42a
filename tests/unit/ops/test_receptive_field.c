/* Receptive fields of chains of operators (graph/receptive_field.c): the operators make the nests that it reads. */
#include "compiler/graph/query.h"
#include "tests/support/op_fixture.h"

/* Applies calls one after the other to an input of this shape. */
static node_id chain(struct fixture *f, const struct shape *shape, int count, const char *const calls[])
{
    f->result = fixture_input(f, "x", shape);
    for (int i = 0; i < count; i++) {
        const node_id from = f->result;
        /* The latest result takes the place of the only input. */
        f->in[0] = from;
        const char *name = graph_node(f->graph, from)->name;
        graph_node(f->graph, from)->name = "x";
        assert_non_null(infer_text(f, arena_printf(f->arena, "x -> %s", calls[i])));
        graph_node(f->graph, from)->name = name;
    }
    return f->result;
}

#define CHAIN(f, shape, ...) \
    chain(f, shape, (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)), (const char *[]){__VA_ARGS__})

static void assert_field(struct fixture *f, node_id v, int axes, const int64_t wanted[])
{
    int64_t field[MAX_RANK];

    assert_int_equal(graph_receptive_field(f->graph, v, field), axes);
    for (int i = 0; i < axes; i++)
        assert_int_equal(field[i], wanted[i]);
}

static void an_element_of_the_input_sees_itself(void **state)
{
    struct fixture *f = *state;

    assert_field(f, fixture_input(f, "x", SHAPE(3, 8, 9)), 2, (int64_t[]){1, 1});
}

static void strides_multiply_and_kernels_add(void **state)
{
    struct fixture *f = *state;

    /* LeNet-5: 5, 6, 14, 16, 32. */
    const node_id v = CHAIN(f, SHAPE(1, 32, 32), "conv(6, 5x5)", "tanh", "avgpool(2x2)", "conv(16, 5x5)", "tanh", "avgpool(2x2)");
    assert_field(f, v, 2, (int64_t[]){16, 16});
}

static void a_result_of_one_place_keeps_its_field(void **state)
{
    struct fixture *f = *state;
    const node_id v =
        CHAIN(f, SHAPE(1, 32, 32), "conv(6, 5x5)", "avgpool(2x2)", "conv(16, 5x5)", "avgpool(2x2)", "conv(120, 5x5)", "tanh");

    assert_field(f, v, 2, (int64_t[]){32, 32});
}

static void axes_are_told_apart(void **state)
{
    struct fixture *f = *state;

    assert_field(f, CHAIN(f, SHAPE(1, 32, 32), "conv(6, 1x5, stride = 2x1)", "conv(6, 3x1, dilation = 2x1)"), 2, (int64_t[]){9, 5});
}

static void signals_have_one_axis(void **state)
{
    struct fixture *f = *state;

    assert_field(f, CHAIN(f, SHAPE(1, 32), "conv(6, 3, padding = 1, groups = 1)", "maxpool(2)"), 1, (int64_t[]){4});
}

static void padding_counts(void **state)
{
    struct fixture *f = *state;

    assert_field(f, CHAIN(f, SHAPE(1, 4), "conv(6, 3, padding = 1)", "conv(6, 3, padding = 1)"), 1, (int64_t[]){5});
}

static void a_vector_sees_everything(void **state)
{
    struct fixture *f = *state;

    assert_field(f, CHAIN(f, SHAPE(1, 8, 8), "conv(6, 3x3)", "flatten", "dense(4)"), 0, NULL);
}

static void what_was_folded_stays_folded(void **state)
{
    struct fixture *f = *state;

    assert_field(f, CHAIN(f, SHAPE(1, 4, 4), "flatten", "reshape(1x4x4)"), 2, (int64_t[]){4, 4});
}

static void steps_of_a_sequence_stay_apart(void **state)
{
    struct fixture *f = *state;

    assert_field(f, CHAIN(f, SHAPE(7, 5), "dense(3)"), 1, (int64_t[]){1});
}

static void the_widest_branch_counts(void **state)
{
    struct fixture *f = *state;
    const node_id x = fixture_input(f, "x", SHAPE(1, 8));

    infer_text(f, "x -> conv(2, 5, padding = 2)");
    f->in[f->in_count++] = f->result;
    graph_node(f->graph, f->result)->name = "wide";
    infer_text(f, "concat(x, wide)");
    assert_field(f, f->result, 1, (int64_t[]){5});
    assert_field(f, x, 1, (int64_t[]){1});
}

static void a_convolution_sees_a_window_of_tokens(void **state)
{
    struct fixture *f = *state;

    fixture_integers(f, "tokens", SHAPE(20));
    infer_text(f, "tokens -> embedding(50, 8)");
    assert_field(f, f->result, 1, (int64_t[]){1});
    f->in[f->in_count++] = f->result;
    graph_node(f->graph, f->result)->name = "rows";
    infer_text(f, "rows -> transpose([1, 0])");
    f->in[f->in_count++] = f->result;
    graph_node(f->graph, f->result)->name = "signal";
    infer_text(f, "signal -> conv(4, 3)");
    assert_field(f, f->result, 1, (int64_t[]){3});
    infer_text(f, "rows -> mean(axis = 0)");
    assert_field(f, f->result, 0, NULL);
}

static void layers_that_draw_keep_the_field(void **state)
{
    static const char *const layers[] = {"dropout(0.5)", "spatial_dropout(0.5)", "gaussian_noise(1)"};

    for (int i = 0; i < 3; i++) {
        struct fixture *f = *state;
        assert_field(f, CHAIN(f, SHAPE(1, 9, 9), "conv(2, 3x2)", layers[i], "conv(2, 3x2)"), 2, (int64_t[]){5, 3});
        fixture_teardown(state);
        fixture_setup(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(an_element_of_the_input_sees_itself),
        op_test(strides_multiply_and_kernels_add),
        op_test(a_result_of_one_place_keeps_its_field),
        op_test(axes_are_told_apart),
        op_test(signals_have_one_axis),
        op_test(padding_counts),
        op_test(a_vector_sees_everything),
        op_test(what_was_folded_stays_folded),
        op_test(steps_of_a_sequence_stay_apart),
        op_test(the_widest_branch_counts),
        op_test(a_convolution_sees_a_window_of_tokens),
        op_test(layers_that_draw_keep_the_field),
    };
    return cmocka_run_group_tests_name("receptive_field", tests, NULL, NULL);
}
