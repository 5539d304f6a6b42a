#include "tests/support/op_fixture.h"

#include <string.h>

static void the_table_is_that_of_ops_def(void **state)
{
    static const char *const names[] = {
#define OP(name, file) #name,
#include "compiler/ops/ops.def"
#undef OP
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_non_null(ops[i]);
        assert_string_equal(ops[i]->name, names[i]);
        assert_ptr_equal(op_find(names[i]), ops[i]);
    }
    assert_null(ops[sizeof names / sizeof names[0]]);
    assert_null(op_find("convolution"));
}

static void every_operator_is_documented_and_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; ops[i] != NULL; i++) {
        assert_non_null(ops[i]->doc);
        assert_non_null(strstr(ops[i]->doc, ops[i]->name));
        assert_non_null(strstr(ops[i]->example, ops[i]->kind == OP_LOSS ? "loss = " : ops[i]->name));
        assert_true(ops[i]->min_inputs >= (strcmp(ops[i]->name, "parameter") == 0 ? 0 : 1));
        assert_true(op_param_count(ops[i]) <= MAX_PARAMS);
        for (int k = 0; k < op_param_count(ops[i]); k++)
            assert_non_null(op_param(ops[i], k)->name);
    }
}

static void operators_with_weights_take_more(void **state)
{
    const struct op *dense = op_find("dense");

    (void)state;
    assert_int_equal(op_param_count(dense), dense->param_count + WEIGHT_PARAM_COUNT);
    assert_string_equal(op_param(dense, 0)->name, "units");
    assert_string_equal(op_param(dense, dense->param_count + WEIGHT_INIT)->name, "init");
    assert_int_equal(op_param_count(op_find("relu")), 0);
}

static void branches_without_a_name_are_numbered(void **state)
{
    struct fixture *f = *state;
    const node_id in[] = {fixture_input(f, "a", SHAPE(1)), fixture_input(f, "b", SHAPE(2))};
    const struct span in_at[] = {SPAN_NONE, {source_add(&f->sources, "n.net", "conv(3, 3)", 10), 0, 10}};
    struct op_call call = {.op = op_find("add"),
                           .graph = f->graph,
                           .diags = &f->diags,
                           .name = "it",
                           .in_count = 2,
                           .in = in,
                           .in_at = in_at,
                           .at = in_at[1]};
    node_id result;

    assert_false(call.op->build(&call, &result));
    assert_diagnostic(f, DIAG_BRANCHES, "add: the branches differ: branch 1 1, branch 2 2", "conv(3, 3)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_table_is_that_of_ops_def),
        op_test(every_operator_is_documented_and_bounded),
        op_test(operators_with_weights_take_more),
        op_test(branches_without_a_name_are_numbered),
    };
    return cmocka_run_group_tests_name("op", tests, NULL, NULL);
}
