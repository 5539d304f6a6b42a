#include "compiler/loop/loop.h"

#include "tests/support/loop_fixture.h"

#include <string.h>

static const struct loop_variable *define(struct loop_module *m, struct loop_list *list, const char *name)
{
    const struct loop_variable *v = loop_add_variable(m, name, TYPE_F32);

    loop_append(list, loop_define(m, v, loop_real(m, TYPE_F32, 0)));
    return v;
}

static struct loop *block_of(struct loop_module *m, struct loop_list list)
{
    return (struct loop *)loop_list_block(m, list);
}

static void two_that_are_seen_together_are_numbered(void **state)
{
    struct loop_module *m = ((struct loop_fixture *)*state)->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    struct loop_list body = {0}, inner = {0};
    const struct loop_variable *sum = define(m, &body, "sum"), *again = define(m, &body, "sum"), *inside = define(m, &inner, "sum");

    loop_append(&body, loop_for(m, loop_add_axis(m, k, "i"), 0, 2, loop_list_block(m, inner)));
    k->body = loop_list_block(m, body);
    loop_rename_variables(m, k);
    assert_string_equal(sum->name, "sum");
    assert_string_equal(again->name, "sum_2");
    assert_string_equal(inside->name, "sum_3");
}

static void those_of_different_blocks_share_a_name(void **state)
{
    struct loop_module *m = ((struct loop_fixture *)*state)->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    struct loop_list body = {0}, first = {0}, second = {0};
    const struct loop_variable *x[4];

    x[0] = define(m, &first, "x");
    x[1] = define(m, &first, "x");
    x[2] = define(m, &second, "x");
    loop_append(&body, block_of(m, first));
    loop_append(&body, block_of(m, second));
    x[3] = define(m, &body, "x");
    k->body = loop_list_block(m, body);
    loop_rename_variables(m, k);
    assert_string_equal(x[0]->name, "x");
    assert_string_equal(x[1]->name, "x_2");
    assert_string_equal(x[2]->name, "x");
    assert_string_equal(x[3]->name, "x");
}

static void a_number_is_skipped_that_is_a_name_already(void **state)
{
    struct loop_module *m = ((struct loop_fixture *)*state)->module;
    struct loop_kernel *k = loop_add_kernel(m, "k");
    struct loop_list body = {0};
    const struct loop_variable *taken = define(m, &body, "x_2"), *first = define(m, &body, "x"), *second = define(m, &body, "x");

    k->body = loop_list_block(m, body);
    loop_rename_variables(m, k);
    assert_string_equal(taken->name, "x_2");
    assert_string_equal(first->name, "x");
    assert_string_equal(second->name, "x_3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(two_that_are_seen_together_are_numbered),
        loop_test(those_of_different_blocks_share_a_name),
        loop_test(a_number_is_skipped_that_is_a_name_already),
    };
    return cmocka_run_group_tests_name("rename", tests, NULL, NULL);
}
