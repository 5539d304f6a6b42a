#include "tests/support/op_fixture.h"

static void an_image_becomes_its_channels(void **state)
{
    const double *given[] = {NUMBERS(1, 4, 2, 3, -5, -6, -7, -8)};

    assert_shape(infer(*state, "global_maxpool", SHAPE(2, 2, 2)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(4, -5));
}

static void a_signal_too(void **state)
{
    assert_shape(infer(*state, "global_maxpool", SHAPE(7, 9)), SHAPE(7));
}

static void one_place_is_its_own_maximum(void **state)
{
    const double *given[] = {NUMBERS(4, 5)};

    assert_shape(infer(*state, "global_maxpool", SHAPE(2, 1, 1)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(4, 5));
}

static void vectors_have_no_places(void **state)
{
    assert_null(infer(*state, "global_maxpool", SHAPE(8)));
    assert_diagnostic(*state, DIAG_RANK, "global_maxpool: wants an image CxHxW or a signal CxL, got 8", "global_maxpool");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(an_image_becomes_its_channels),
        op_test(a_signal_too),
        op_test(one_place_is_its_own_maximum),
        op_test(vectors_have_no_places),
    };
    return cmocka_run_group_tests_name("global_maxpool", tests, NULL, NULL);
}
