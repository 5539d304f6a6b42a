#include "tests/support/op_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct shape *image(void)
{
    static const struct shape s = {.rank = 3, .dim = {4, 8, 8}};

    return &s;
}

static const struct shape halved = {.rank = 3, .dim = {6, 3, 3}};

static void positions_follow_the_order_of_the_parameters(void **state)
{
    assert_shape(infer(*state, "conv(6, 3x3, 2)", image()), &halved);
}

static void names_stand_in_any_order(void **state)
{
    assert_shape(infer(*state, "conv(stride = 2, kernel = 3, filters = 6)", image()), &halved);
}

static void positions_and_names_mix(void **state)
{
    assert_shape(infer(*state, "conv(6, kernel = 3x3, stride = 2x2)", image()), &halved);
}

static void unknown_arguments_suggest_the_nearest(void **state)
{
    struct fixture *f = *state;

    assert_null(infer(f, "conv(6, 3x3, pading = 1)", image()));
    assert_diagnostic(f, DIAG_UNKNOWN_ARGUMENT, "conv has no parameter pading", "pading");
    assert_hint(f, "did you mean padding?");
}

static void missing_arguments_are_named_together(void **state)
{
    assert_null(infer(*state, "conv(stride = 2)", image()));
    assert_diagnostic(*state, DIAG_MISSING_ARGUMENT, "conv: filters, kernel are missing", "conv(stride = 2)");
}

static void doubled_arguments_are_reported_at_the_second(void **state)
{
    assert_null(infer(*state, "conv(6, 3x3, filters = 7)", image()));
    assert_diagnostic(*state, DIAG_DOUBLE_ARGUMENT, "conv: filters is given twice", "filters = 7");
}

static void positions_end_with_the_parameters_of_the_operator(void **state)
{
    assert_null(infer(*state, "relu(1)", image()));
    assert_diagnostic(*state, DIAG_ARGUMENT_COUNT, "relu takes no arguments", "1");
}

static void positions_come_before_names(void **state)
{
    assert_null(infer(*state, "conv(6, kernel = 3x3, 2)", image()));
    assert_diagnostic(*state, DIAG_ARGUMENT_COUNT, "conv: a positional argument follows a named one", "2");
}

static void integers_are_no_reals(void **state)
{
    struct fixture *f = *state;

    assert_null(infer(f, "conv(2.0, 3x3)", image()));
    assert_diagnostic(f, DIAG_ARGUMENT_TYPE, "conv: filters must be an integer, got the real number 2", "2.0");
    assert_hint(f, "`/` gives a real number, `//` an integer");
}

static void ranges_are_checked_at_the_argument(void **state)
{
    assert_null(infer(*state, "conv(6, 3x0)", image()));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "conv: kernel must be at least 1, got 0", "3x0");
}

static void extents_that_no_tensor_has_are_refused(void **state)
{
    assert_null(infer(*state, "conv(1099511627777, 3x3)", image()));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "conv: filters must be at most 2^40, got 1099511627777", "1099511627777");
}

static void padding_may_be_a_number(void **state)
{
    assert_shape(infer(*state, "conv(6, 3x3, padding = 1)", image()), &(struct shape){.rank = 3, .dim = {6, 8, 8}});
}

static void padding_may_be_a_name(void **state)
{
    assert_shape(infer(*state, "conv(6, 3x3, padding = same)", image()), &(struct shape){.rank = 3, .dim = {6, 8, 8}});
}

static void padding_may_be_pairs(void **state)
{
    assert_shape(infer(*state, "conv(6, 3x3, padding = [[1, 0], [1, 2]])", image()), &(struct shape){.rank = 3, .dim = {6, 7, 9}});
}

static void pairs_of_padding_are_pairs_of_integers(void **state)
{
    assert_null(infer(*state, "conv(6, 3x3, padding = [[1, 0, 2], [1, 2]])", image()));
    assert_diagnostic(*state, DIAG_ARGUMENT_TYPE, "conv: each item of padding must be a pair [begin, end]", "[1, 0, 2]");
}

static void padding_is_never_negative(void **state)
{
    assert_null(infer(*state, "conv(6, 3x3, padding = [[0, -1], [0, 0]])", image()));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "conv: padding must be at least 0, got -1", "-1");
}

static void misspelt_choices_suggest_the_nearest(void **state)
{
    struct fixture *f = *state;

    assert_null(infer(f, "conv(6, 3x3, init = he_norml)", image()));
    assert_diagnostic(f, DIAG_ARGUMENT_CHOICE, "there is no initialiser he_norml", "init = he_norml");
    assert_hint(f, "did you mean he_normal?");
}

static void bias_may_be_left_out(void **state)
{
    const struct fixture *f = *state;
    size_t parameters = 0;

    assert_non_null(infer(*state, "conv(2, 3x3, bias = false)", image()));
    for (size_t v = 0; v < f->graph->node.count; v++)
        parameters += f->graph->node.at[v].kind == NODE_PARAMETER;
    assert_int_equal(parameters, 1);
}

static void fixed_biases_are_a_list(void **state)
{
    assert_non_null(infer(*state, "conv(2, 3x3, bias = [0.5, 1])", image()));
    assert_true(fixture_parameter(*state, "bias")->parameter->init_data[0] == 0.5);
}

static void values_are_nested_lists_of_numbers(void **state)
{
    assert_null(infer(*state, "conv(1, 1x1, weight = [[true]])", image()));
    assert_diagnostic(*state, DIAG_ARGUMENT_TYPE, "conv: weight must be nested lists of numbers, got true or false", "true");
}

static void every_fault_of_a_call_is_reported(void **state)
{
    struct fixture *f = *state;

    assert_null(infer(f, "conv(0, 0, strid = 1, bias = 1)", image()));
    assert_int_equal(f->diags.errors, 4);
}

/* ---- Tables of sections: types that no operator uses yet ---------------------------------------------------------------- */

static const struct param form_params[] = {
    {.name = "path", .type = PARAM_STRING, .required = true},
    {.name = "std", .type = PARAM_NUMBERS, .required = true, .above_min = true},
};
static const struct op form = {.name = "form", .params = form_params, .param_count = 2};

static bool check_form(struct fixture *f, const struct literal *path, const struct literal *std)
{
    struct op_call call = {.op = &form, .diags = &f->diags, .at = SPAN_NONE};
    const struct literal *const given[] = {path, std};
    const char *const names[] = {NULL, NULL};
    const struct span at[] = {SPAN_NONE, SPAN_NONE};

    return op_check_arguments(&call, 2, names, at, given);
}

static void numbers_are_one_or_a_list(void **state)
{
    const struct literal path = {.kind = LITERAL_STRING, .at = SPAN_NONE, .as.string = "a"};
    const struct literal one = {.kind = LITERAL_INT, .at = SPAN_NONE, .as.integer = 1};
    const struct literal none = {.kind = LITERAL_REAL, .at = SPAN_NONE, .as.real = 0};
    const struct literal *const items[] = {&one, &none};
    const struct literal good = {.kind = LITERAL_LIST, .at = SPAN_NONE, .as.list = {items, 1}};
    const struct literal bad = {.kind = LITERAL_LIST, .at = SPAN_NONE, .as.list = {items, 2}};
    const struct literal empty = {.kind = LITERAL_LIST, .at = SPAN_NONE, .as.list = {items, 0}};
    struct fixture *f = *state;

    assert_true(check_form(f, &path, &one));
    assert_true(check_form(f, &path, &good));
    assert_false(check_form(f, &path, &bad));
    assert_string_equal(f->diags.first->text, "form: std must be greater than 0, got 0");
    assert_false(check_form(f, &path, &empty));
    assert_string_equal(f->diags.last->text, "form: std is an empty list");
    assert_false(check_form(f, &one, &one));
    assert_string_equal(f->diags.last->text, "form: path must be a string, got an integer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(positions_follow_the_order_of_the_parameters),
        op_test(names_stand_in_any_order),
        op_test(positions_and_names_mix),
        op_test(unknown_arguments_suggest_the_nearest),
        op_test(missing_arguments_are_named_together),
        op_test(doubled_arguments_are_reported_at_the_second),
        op_test(positions_end_with_the_parameters_of_the_operator),
        op_test(positions_come_before_names),
        op_test(integers_are_no_reals),
        op_test(ranges_are_checked_at_the_argument),
        op_test(extents_that_no_tensor_has_are_refused),
        op_test(padding_may_be_a_number),
        op_test(padding_may_be_a_name),
        op_test(padding_may_be_pairs),
        op_test(pairs_of_padding_are_pairs_of_integers),
        op_test(padding_is_never_negative),
        op_test(misspelt_choices_suggest_the_nearest),
        op_test(bias_may_be_left_out),
        op_test(fixed_biases_are_a_list),
        op_test(values_are_nested_lists_of_numbers),
        op_test(every_fault_of_a_call_is_reported),
        op_test(numbers_are_one_or_a_list),
    };
    return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
