#include "compiler/graph/build.h"
#include "tests/support/op_fixture.h"

static const struct shape *infer_tokens(struct fixture *f, const char *call, const struct shape *shape)
{
    fixture_integers(f, "x", shape);
    return infer_text(f, arena_printf(f->arena, "x -> %s", call));
}

static void each_token_becomes_a_row(void **state)
{
    const double *given[] = {NUMBERS(2, 0, 2), NUMBERS(0.5, 1, -2, 3, 4, -5)};

    assert_shape(infer_tokens(*state, "embedding(3, 2)", SHAPE(3)), SHAPE(3, 2));
    assert_shape(&fixture_parameter(*state, "weight")->shape, SHAPE(3, 2));
    assert_computes(*state, given, NUMBERS(4, -5, 0.5, 1, 4, -5));
}

static void one_token_of_one_word_in_one_number(void **state)
{
    const double *given[] = {NUMBERS(0), NUMBERS(-7)};

    assert_shape(infer_tokens(*state, "embedding(1, 1)", SHAPE(1)), SHAPE(1, 1));
    assert_computes(*state, given, NUMBERS(-7));
}

static void the_input_learns_its_vocabulary(void **state)
{
    struct fixture *f = *state;

    infer_tokens(f, "embedding(vocabulary = 300, dim = 2)", SHAPE(4));
    assert_int_equal(f->graph->input.at[0].classes, 300);
}

static void two_embeddings_of_one_vocabulary_share_their_tokens(void **state)
{
    assert_non_null(infer_tokens(*state, "embedding(5, 2)", SHAPE(4)));
    assert_shape(infer_text(*state, "x -> embedding(5, 3)"), SHAPE(4, 3));
}

static void another_vocabulary_for_the_same_tokens_is_reported(void **state)
{
    infer_tokens(*state, "embedding(5, 2)", SHAPE(4));
    assert_null(infer_text(*state, "x -> embedding(6, 2)"));
    assert_diagnostic(*state, DIAG_TOKENS, "embedding: a vocabulary of 6, but x has 5 elsewhere", "6");
}

static void numbers_are_no_tokens(void **state)
{
    assert_null(infer(*state, "embedding(5, 2)", SHAPE(4)));
    assert_diagnostic(*state, DIAG_TOKENS, "embedding: wants tokens, an int input of the net, got numbers", "embedding(5, 2)");
    assert_hint(*state, "declare the input as int: input x: int 4;");
}

static void tokens_in_rows_must_be_reshaped(void **state)
{
    assert_null(infer_tokens(*state, "embedding(5, 2)", SHAPE(4, 3)));
    assert_diagnostic(*state, DIAG_RANK, "embedding: wants tokens T, got 4x3", "embedding(5, 2)");
}

static void reshaped_tokens_are_tokens(void **state)
{
    struct fixture *f = *state;
    const node_id x = fixture_integers(f, "rows", SHAPE(4, 3));

    f->in[f->in_count++] = graph_add_view(f->graph, x, SHAPE(12));
    graph_node(f->graph, f->in[1])->name = "flat";
    assert_shape(infer_text(f, "flat -> embedding(5, 2)"), SHAPE(12, 2));
    assert_int_equal(f->graph->input.at[0].classes, 5);
}

static void rows_begin_as_in_pytorch_and_are_not_regularised(void **state)
{
    infer_tokens(*state, "embedding(50, 8)", SHAPE(4));
    const struct parameter *p = fixture_parameter(*state, "weight")->parameter;

    assert_int_equal(p->init, INIT_NORMAL);
    assert_true(p->init_value == 1);
    assert_false(p->is_weight);
    assert_int_equal(p->fan_in, 8);
    assert_int_equal(p->fan_out, 50);
}

static void another_beginning_can_be_asked_for(void **state)
{
    infer_tokens(*state, "embedding(50, 8, init = uniform(0.1))", SHAPE(4));
    const struct parameter *p = fixture_parameter(*state, "weight")->parameter;

    assert_int_equal(p->init, INIT_UNIFORM);
    assert_true(p->init_value == 0.1);
}

static void fixed_rows_are_taken(void **state)
{
    infer_tokens(*state, "embedding(2, 2, weight = [[1, 2], [3, 4]])", SHAPE(4));
    const struct parameter *p = fixture_parameter(*state, "weight")->parameter;

    assert_int_equal(p->init, INIT_VALUES);
    assert_true(p->init_data[3] == 4);
}

static void fixed_rows_must_fit(void **state)
{
    assert_null(infer_tokens(*state, "embedding(2, 2, weight = [[1, 2]])", SHAPE(4)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "embedding: weight has 1 list instead of 2: the shape is 2x2", "[[1, 2]]");
}

static void frozen_rows_take_no_gradient(void **state)
{
    infer_tokens(*state, "embedding(5, 2, frozen = true)", SHAPE(4));
    assert_true(fixture_parameter(*state, "weight")->no_gradient);
}

static void penalties_are_settings(void **state)
{
    infer_tokens(*state, "embedding(5, 2, l2 = 0.1)", SHAPE(4));
    assert_int_not_equal(fixture_parameter(*state, "weight")->parameter->l2, NO_NODE);
}

static void there_is_no_bias(void **state)
{
    assert_null(infer_tokens(*state, "embedding(5, 2, bias = [1, 2])", SHAPE(4)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "embedding: values for a bias that it does not have", "bias = [1, 2]");
}

static void a_vocabulary_has_a_word_and_fits_31_bits(void **state)
{
    assert_non_null(infer_tokens(*state, "embedding(2147483647, 1)", SHAPE(2)));
    assert_null(infer_text(*state, "x -> embedding(0, 2)"));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "embedding: vocabulary must be at least 1 and at most 2147483647, got 0", "0");
}

static void greater_vocabularies_are_refused(void **state)
{
    assert_null(infer_tokens(*state, "embedding(2147483648, 2)", SHAPE(2)));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE,
                      "embedding: vocabulary must be at least 1 and at most 2147483647, got 2147483648", "2147483648");
}

static void a_result_beyond_the_limits_is_reported(void **state)
{
    assert_null(infer_tokens(*state, "embedding(2, 1099511627776)", SHAPE(2)));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE, "embedding: a tensor of 2x1099511627776 has more than 2^40 elements",
                      "embedding(2, 1099511627776)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(each_token_becomes_a_row),
        op_test(one_token_of_one_word_in_one_number),
        op_test(the_input_learns_its_vocabulary),
        op_test(two_embeddings_of_one_vocabulary_share_their_tokens),
        op_test(another_vocabulary_for_the_same_tokens_is_reported),
        op_test(numbers_are_no_tokens),
        op_test(tokens_in_rows_must_be_reshaped),
        op_test(reshaped_tokens_are_tokens),
        op_test(rows_begin_as_in_pytorch_and_are_not_regularised),
        op_test(another_beginning_can_be_asked_for),
        op_test(fixed_rows_are_taken),
        op_test(fixed_rows_must_fit),
        op_test(frozen_rows_take_no_gradient),
        op_test(penalties_are_settings),
        op_test(there_is_no_bias),
        op_test(a_vocabulary_has_a_word_and_fits_31_bits),
        op_test(greater_vocabularies_are_refused),
        op_test(a_result_beyond_the_limits_is_reported),
    };
    return cmocka_run_group_tests_name("embedding", tests, NULL, NULL);
}
