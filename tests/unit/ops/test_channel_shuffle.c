#include "tests/support/op_fixture.h"

static void channels_are_dealt_out(void **state)
{
    const double *given[] = {NUMBERS(0, 1, 2, 3, 4, 5)};

    assert_shape(infer(*state, "channel_shuffle(2)", SHAPE(6, 1)), SHAPE(6, 1));
    assert_computes(*state, given, NUMBERS(0, 3, 1, 4, 2, 5));
}

static void places_stay_where_they_are(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8)};

    assert_shape(infer(*state, "channel_shuffle(groups = 2)", SHAPE(4, 1, 2)), SHAPE(4, 1, 2));
    assert_computes(*state, given, NUMBERS(1, 2, 5, 6, 3, 4, 7, 8));
}

static void one_group_changes_nothing(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3)};

    assert_shape(infer(*state, "channel_shuffle(1)", SHAPE(3, 1)), SHAPE(3, 1));
    assert_computes(*state, given, given[0]);
}

static void a_group_for_each_channel_changes_nothing(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3)};

    assert_shape(infer(*state, "channel_shuffle(3)", SHAPE(3, 1)), SHAPE(3, 1));
    assert_computes(*state, given, given[0]);
}

static void groups_divide_the_channels(void **state)
{
    assert_null(infer(*state, "channel_shuffle(2)", SHAPE(3, 4)));
    assert_diagnostic(*state, DIAG_GROUPS, "channel_shuffle: 2 groups do not divide 3 channels", "2");
}

static void vectors_have_no_channels(void **state)
{
    assert_null(infer(*state, "channel_shuffle(2)", SHAPE(4)));
    assert_diagnostic(*state, DIAG_RANK, "channel_shuffle: wants an image CxHxW or a signal CxL, got 4", "channel_shuffle(2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(channels_are_dealt_out),     op_test(places_stay_where_they_are),
        op_test(one_group_changes_nothing),  op_test(a_group_for_each_channel_changes_nothing),
        op_test(groups_divide_the_channels), op_test(vectors_have_no_channels),
    };
    return cmocka_run_group_tests_name("channel_shuffle", tests, NULL, NULL);
}
