#include "tests/support/loop_fixture.h"

static void terms_are_sorted_and_merged(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_index x = index_of(f->module, 5, 4, 3, 7, 1, 2, 3, -2, 0, 4);

    assert_int_equal(x.constant, 5);
    assert_int_equal(x.count, 3);
    assert_int_equal(x.term[0].axis, 0);
    assert_int_equal(x.term[0].factor, 4);
    assert_int_equal(x.term[1].axis, 1);
    assert_int_equal(x.term[2].axis, 3);
    assert_int_equal(x.term[2].factor, 5);
}

static void terms_that_cancel_disappear(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_index x = index_of(f->module, 0, 2, 1, 3, 1, -3);

    assert_int_equal(x.count, 0);
    assert_int_equal(loop_axis_index(f->module, 2, 0).count, 0);
}

static void scaling_reaches_every_term(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_index x = loop_index_scale(f->module, index_of(f->module, 3, 2, 0, 1, 1, -2), -4);

    assert_int_equal(x.constant, -12);
    assert_int_equal(x.term[0].factor, -4);
    assert_int_equal(x.term[1].factor, 8);
    assert_int_equal(loop_index_scale(f->module, x, 0).count, 0);
    assert_int_equal(loop_index_scale(f->module, x, 0).constant, 0);
}

static void types_follow_from_arguments(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_expr *one = loop_real(f->module, TYPE_F32, 1), *ones = loop_splat(f->module, one);

    assert_int_equal(ones->type, TYPE_F32_VECTOR);
    assert_int_equal(loop_binary(f->module, LOOP_LESS, one, one)->type, TYPE_MASK);
    assert_int_equal(loop_binary(f->module, LOOP_LESS, ones, ones)->type, TYPE_MASK_VECTOR);
    assert_int_equal(loop_unary(f->module, LOOP_TO_BITS, ones)->type, TYPE_U32_VECTOR);
    assert_int_equal(loop_unary(f->module, LOOP_FROM_BITS, loop_bits(f->module, TYPE_U32, 1))->type, TYPE_F32);
}

static void local_buffers_follow_the_modules(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;

    loop_add_buffer(m, (struct loop_buffer){"a", SPACE_UNIFORM, 0, 4, "", TYPE_F32});
    struct loop_kernel *k = loop_add_kernel(m, "k");
    loop_buffer_id tile = loop_add_local(m, k, "tile", TYPE_F32, 8);
    assert_int_equal(tile, 1);
    assert_string_equal(loop_buffer_at(m, k, tile)->name, "tile");
    assert_string_equal(loop_buffer_at(m, k, 0)->name, "a");
}

static void a_function_is_added_once_for_each_type(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_function *scalar = loop_math_function(f->module, MATH_EXP, TYPE_F32);

    assert_ptr_equal(scalar, loop_math_function(f->module, MATH_EXP, TYPE_F32));
    assert_ptr_not_equal(scalar, loop_math_function(f->module, MATH_EXP, TYPE_F32_VECTOR));
    assert_int_equal(f->module->function.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(terms_are_sorted_and_merged),      loop_test(terms_that_cancel_disappear),
        loop_test(scaling_reaches_every_term),       loop_test(types_follow_from_arguments),
        loop_test(local_buffers_follow_the_modules), loop_test(a_function_is_added_once_for_each_type),
    };
    return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
