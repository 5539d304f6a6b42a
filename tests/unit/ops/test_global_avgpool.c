#include "tests/support/op_fixture.h"

static void an_image_becomes_its_channels(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8)};

    assert_shape(infer(*state, "global_avgpool", SHAPE(2, 2, 2)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(2.5, 6.5));
}

static void a_signal_too(void **state)
{
    assert_shape(infer(*state, "global_avgpool", SHAPE(7, 9)), SHAPE(7));
}

static void one_place_is_its_own_mean(void **state)
{
    const double *given[] = {NUMBERS(4, 5)};

    assert_shape(infer(*state, "global_avgpool", SHAPE(2, 1, 1)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(4, 5));
}

static void vectors_have_no_places(void **state)
{
    assert_null(infer(*state, "global_avgpool", SHAPE(8)));
    assert_diagnostic(*state, DIAG_RANK, "global_avgpool: wants an image CxHxW or a signal CxL, got 8", "global_avgpool");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(an_image_becomes_its_channels),
        op_test(a_signal_too),
        op_test(one_place_is_its_own_mean),
        op_test(vectors_have_no_places),
    };
    return cmocka_run_group_tests_name("global_avgpool", tests, NULL, NULL);
}
