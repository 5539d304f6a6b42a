#include "tests/support/loop_fixture.h"

/* A block kernel "k" that stores to `out` (of 32 reals in a lane block) over an axis of 2. */
static struct loop_kernel *store_kernel(struct loop_module *m, struct loop_index at, const struct loop_expr *x)
{
    struct loop_kernel *k = loop_add_kernel(m, "k");
    loop_buffer_id out = loop_add_buffer(m, (struct loop_buffer){"out", SPACE_BLOCK, 0, 32, "", TYPE_F32});
    struct loop_index block = loop_axis_index(m, loop_add_axis(m, k, "block"), 1);

    m->block_bytes = 128;
    k->body = loop_for(m, loop_add_axis(m, k, "i"), 0, 2, loop_store(m, (struct loop_place){out, block, at}, x));
    return k;
}

static const struct loop_expr *ones(struct loop_module *m)
{
    return loop_real(m, TYPE_F32_VECTOR, 1);
}

static void the_small_module_keeps_its_promises(void **state)
{
    struct loop_fixture *f = *state;

    for (int lanes = 2; lanes <= 16; lanes *= 2) {
        assert_loops_verify(small_module(f->arena, 4, lanes));
        assert_loops_verify(small_module(f->arena, 8, lanes));
    }
}

static void all_functions_keep_their_promises(void **state)
{
    struct loop_fixture *f = *state;

    for (int precision = 4; precision <= 8; precision += 4) {
        struct loop_module *m = small_module(f->arena, precision, 4);
        for (int which = MATH_EXP; which <= MATH_SOFTPLUS; which++) {
            loop_math_function(m, (enum loop_math)which, m->real);
            loop_math_function(m, (enum loop_math)which, loop_vector_of(m->real));
        }
        assert_loops_verify(m);
    }
}

static void a_store_beyond_the_buffer_is_seen(void **state)
{
    struct loop_fixture *f = *state;

    store_kernel(f->module, index_of(f->module, 0, 1, 1, 16), ones(f->module));
    assert_loops_verify(f->module);
    f->module->kernel.count = f->module->buffer.count = 0;
    store_kernel(f->module, index_of(f->module, 9, 1, 1, 16), ones(f->module));
    assert_loops_broken(f->module, "kernel k: store: out has 32 elements, but 8 from 9 … 25 are used\n");
}

static void a_store_before_the_buffer_is_seen(void **state)
{
    struct loop_fixture *f = *state;

    store_kernel(f->module, index_of(f->module, 8, 1, 1, -16), ones(f->module));
    assert_loops_broken(f->module, "kernel k: store: out has 32 elements, but 8 from -8 … 8 are used\n");
}

static void a_lane_block_that_does_not_exist_is_seen(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_kernel *k = store_kernel(f->module, loop_constant_index(0), ones(f->module));
    struct loop *store = (struct loop *)(uintptr_t)k->body->as.for_.body;

    store->as.store.place.block = index_of(f->module, 1, 1, 0, 1);
    assert_loops_broken(f->module, "kernel k: store: out: the lane block 1 … 4 is none of 4\n"
                                   "kernel k: store: out: a kernel over lane blocks stores outside its own block\n");
}

static void a_kernel_over_lane_blocks_keeps_off_uniform_memory(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);
    struct loop_kernel *k = loop_add_kernel(m, "k");

    k->body = loop_store(m, (struct loop_place){3, loop_constant_index(0), loop_constant_index(0)}, loop_real(m, TYPE_F32, 0));
    assert_loops_broken(m, "kernel k: store: total: a kernel over lane blocks stores outside its own block\n");
}

/* A kernel of 4 x 3 items, a and b, that stores one real to `weight`. */
static void add_item_kernel(struct loop_module *m, int64_t factor_a, int64_t factor_b)
{
    struct loop_kernel *k = loop_add_kernel(m, "k");
    struct loop_index at = loop_index_add(m, loop_axis_index(m, 0, factor_a), loop_axis_index(m, 1, factor_b));

    loop_add_axis(m, k, "a");
    loop_add_axis(m, k, "b");
    k->item_count = 2;
    k->item_extent[0] = 4;
    k->item_extent[1] = 3;
    k->body = loop_store(m, (struct loop_place){1, loop_constant_index(0), at}, loop_real(m, TYPE_F32, 0));
}

static void items_store_to_places_of_their_own(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);

    add_item_kernel(m, 3, 1);
    assert_loops_verify(m);
    m->kernel.count--;
    add_item_kernel(m, 1, 4);
    assert_loops_verify(m);
    m->kernel.count--;
    add_item_kernel(m, 2, 1);
    assert_loops_broken(m, "kernel k: store: weight: places of different items may overlap\n");
    m->kernel.count--;
    add_item_kernel(m, 0, 1);
    assert_loops_broken(m, "kernel k: store: weight: the items along a store to the same place\n");
}

static void an_axis_outside_its_loop_is_seen(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_kernel *k = store_kernel(f->module, loop_constant_index(0), ones(f->module));

    k->body = k->body->as.for_.body;
    assert_loops_verify(f->module);
    ((struct loop *)(uintptr_t)k->body)->as.store.place.at = index_of(f->module, 0, 1, 1, 1);
    assert_loops_broken(f->module, "kernel k: store: an index uses the axis 1 outside its loop\n");
}

static void an_axis_used_twice_is_seen(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_kernel *k = store_kernel(f->module, loop_constant_index(0), ones(f->module));

    k->body = loop_for(f->module, 1, 0, 2, k->body);
    assert_loops_broken(f->module, "kernel k: for: the axis i is already in use\n");
}

static void axes_inside_each_other_have_names_of_their_own(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = store_kernel(m, loop_constant_index(0), ones(m));

    k->body = loop_for(m, loop_add_axis(m, k, "i"), 0, 2, k->body);
    assert_loops_broken(m, "kernel k: for: an axis i inside another of that name\n");
    loop_rename_variables(m, k);
    assert_loops_verify(m);
    assert_string_equal(k->axis.at[1].name, "i_2");
    assert_string_equal(k->axis.at[2].name, "i");
}

static void an_undefined_variable_is_seen(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_variable *v = loop_add_variable(f->module, "lost", TYPE_F32_VECTOR);

    store_kernel(f->module, loop_constant_index(0), loop_read(f->module, v));
    assert_loops_broken(f->module, "kernel k: store: lost is used where it is not defined\n");
}

static void a_variable_ends_with_its_block(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    const struct loop_variable *v = loop_add_variable(m, "inner", TYPE_F32_VECTOR);
    struct loop_kernel *k = store_kernel(m, loop_constant_index(0), loop_read(m, v));
    struct loop_list body = {0};

    loop_append(&body, loop_for(m, 1, 0, 2, loop_define(m, v, ones(m))));
    loop_append(&body, (struct loop *)(uintptr_t)k->body->as.for_.body);
    k->body = loop_list_block(m, body);
    assert_loops_broken(m, "kernel k: store: inner is used where it is not defined\n");
}

static void a_variable_defined_twice_is_seen(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    const struct loop_variable *v = loop_add_variable(m, "v", TYPE_F32_VECTOR);
    struct loop_kernel *k = loop_add_kernel(m, "k");
    struct loop_list body = {0};

    loop_append(&body, loop_define(m, v, ones(m)));
    loop_append(&body, loop_define(m, v, ones(m)));
    k->body = loop_list_block(m, body);
    assert_loops_broken(m, "kernel k: definition of v: the name is already in use\n");
}

static void inputs_are_read_only(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);
    struct loop_kernel *k = loop_add_kernel(m, "k");

    k->body = loop_store(m, (struct loop_place){0, loop_constant_index(0), loop_constant_index(0)}, ones(m));
    assert_loops_broken(m, "kernel k: store: image is read only\n");
}

static void wrong_types_are_seen(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_expr *mixed = (struct loop_expr *)(uintptr_t)loop_binary(f->module, LOOP_ADD, ones(f->module), ones(f->module));

    mixed->arg[1] = loop_real(f->module, TYPE_F32, 1);
    store_kernel(f->module, loop_constant_index(0), mixed);
    assert_loops_broken(f->module, "kernel k: store: an operation has arguments or a result of the wrong type\n");
}

static void a_place_gives_its_own_elements(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    loop_buffer_id tokens = loop_add_buffer(m, (struct loop_buffer){"tokens", SPACE_INPUT, 0, 32, "", TYPE_I32});
    const struct loop_place first = {tokens, loop_constant_index(0), loop_constant_index(0)};

    m->input_count = 1;
    store_kernel(m, loop_constant_index(0), loop_load(m, TYPE_F32_VECTOR, first));
    assert_loops_broken(m, "kernel k: store: tokens holds i32, not f32\n");
    m->kernel.count = 0;
    m->buffer.count--;
    store_kernel(m, loop_constant_index(0), loop_load(m, TYPE_I32_VECTOR, first));
    assert_loops_broken(m, "kernel k: store: out holds f32, not i32\n");
    m->kernel.count = 0;
    m->buffer.count--;
    store_kernel(m, loop_constant_index(0), loop_convert(m, TYPE_F32, loop_load(m, TYPE_I32_VECTOR, first)));
    assert_loops_verify(m);
}

static void only_inputs_and_locals_hold_integers(void **state)
{
    struct loop_fixture *f = *state;

    f->module->uniform_bytes = 64;
    loop_add_buffer(f->module, (struct loop_buffer){"counts", SPACE_UNIFORM, 0, 4, "", TYPE_I32});
    assert_loops_broken(f->module, "counts: elements of type i32\n");
}

static void conversions_lose_no_fractions(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_expr *cut = (struct loop_expr *)(uintptr_t)loop_convert(m, TYPE_F64, loop_real(m, TYPE_F32, 1.5));

    cut->type = TYPE_I32;
    store_kernel(m, loop_constant_index(0), loop_splat(m, loop_convert(m, TYPE_F32, cut)));
    assert_loops_broken(m, "kernel k: store: no conversion makes i32 of f32\n");
}

static void no_vector_is_wider_than_a_register(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;

    store_kernel(m, loop_constant_index(0), loop_convert(m, TYPE_F32, loop_convert(m, TYPE_F64, ones(m))));
    assert_loops_broken(m, "kernel k: store: a vector of f64 is wider than a register\n");
}

static void an_index_fits_its_type(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *k = store_kernel(m, loop_constant_index(0), ones(m));
    struct loop *store = (struct loop *)(uintptr_t)k->body->as.for_.body;
    const struct loop_expr *index = loop_index_value(m, TYPE_I32, index_of(m, INT32_MAX, 1, 1, 1));

    store->as.store.value = loop_splat(m, loop_convert(m, TYPE_F32, index));
    assert_loops_broken(m, "kernel k: store: an index of 2147483647 … 2147483648 is no i32\n");
}

static void bits_of_reals_stay_inside_functions(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;

    store_kernel(m, loop_constant_index(0), loop_unary(m, LOOP_FROM_BITS, loop_unary(m, LOOP_TO_BITS, ones(m))));
    assert_loops_broken(m, "kernel k: store: the bits of a real appear outside a function\n"
                           "kernel k: store: the bits of a real appear outside a function\n");
}

static void functions_are_listed_before_their_callers(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;

    loop_math_function(m, MATH_SIGMOID, TYPE_F32_VECTOR);
    assert_loops_verify(m);
    struct loop_function *first = m->function.at[0];
    m->function.at[0] = m->function.at[1];
    m->function.at[1] = first;
    assert_loops_broken(m,
                        "function vec_sigmoid: definition of grown: a function is called that the module does not list before\n");
}

static void names_are_those_of_one_alone(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    struct loop_kernel *first = store_kernel(m, index_of(m, 0, 1, 1, 16), ones(m));

    store_kernel(m, index_of(m, 0, 1, 1, 16), ones(m));
    assert_loops_broken(m, "two kernels are called k\ntwo buffers are called out\n");
    assert_false(loop_verify_tables(m, stdout));
    first->name = "other";
    m->buffer.at[0].name = "other";
    assert_loops_verify(m);
    assert_true(loop_verify_tables(m, stdout));
    loop_math_function(m, MATH_SIGMOID, TYPE_F32_VECTOR);
    m->function.at[0]->name = m->function.at[1]->name;
    assert_loops_broken(m, "two functions are called vec_sigmoid\n");
}

static void an_expression_without_end_is_refused(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_expr *x = ones(f->module);

    for (int i = 0; i < 1200; i++)
        x = loop_unary(f->module, LOOP_NEGATE, x);
    store_kernel(f->module, loop_constant_index(0), x);
    assert_loops_broken(f->module, "kernel k: store: an expression is deeper than 1000\n");
}

static void phases_do_not_mix(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);

    loop_find_program(m, "train")->phase.at[0].count = 2;
    loop_find_program(m, "train")->phase.count = 1;
    assert_loops_broken(m, "train: the phase forward mixes kernels over lane blocks with others\n");
    loop_find_program(m, "train")->phase.at[0] = (struct loop_phase){"forward", 2, 1};
    assert_loops_broken(m, "train: the phase forward has no such kernels\n");
}

static void buffers_fit_into_memory(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 8);

    m->uniform_bytes -= 4;
    m->setting_count = 0;
    assert_loops_broken(m, "total: 3 elements at 228 do not fit in 236 bytes\nscale: number 0 of 0\n");
}

static void padding_needs_its_condition(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = small_module(f->arena, 4, 16);
    const struct loop *s = m->kernel.at[0]->body;

    while (s->kind != LOOP_IF) {
        s = s->kind == LOOP_FOR ? s->as.for_.body : s->as.block;
        if (s->kind == LOOP_DEFINE)
            s = s->next;
    }
    struct loop *row = (struct loop *)(uintptr_t)s;
    row->as.if_.high++;
    assert_loops_broken(m, "kernel conv: set of sum: image has 640 elements, but 16 from 0 … 688 are used\n");
}

/* A block kernel that copies a row of `table` (of `rows` reals) for each sample; the row is that of `value`, within begin … end -
 * 1. */
static void add_choice(struct loop_module *m, int64_t rows, int64_t begin, int64_t end, const struct loop_expr *value)
{
    struct loop_kernel *k = loop_add_kernel(m, "k");
    loop_buffer_id table = loop_add_buffer(m, (struct loop_buffer){"table", SPACE_UNIFORM, 0, rows, "", TYPE_F32});
    loop_buffer_id out = loop_add_buffer(m, (struct loop_buffer){"out", SPACE_BLOCK, 0, 16, "", TYPE_F32});
    struct loop_index block = loop_axis_index(m, loop_add_axis(m, k, "block"), 1);
    loop_axis row = loop_add_axis(m, k, "row");
    const struct loop_expr *chosen =
        loop_load(m, TYPE_F32, (struct loop_place){table, loop_constant_index(0), loop_axis_index(m, row, 1)});

    m->uniform_bytes = 4 * rows;
    m->block_bytes = 64;
    k->body =
        loop_indirect(m, row, begin, end, value, loop_store(m, (struct loop_place){out, block, loop_constant_index(0)}, chosen));
}

static void a_choice_bounds_what_is_read(void **state)
{
    struct loop_fixture *f = *state;

    add_choice(f->module, 10, 0, 10, loop_real(f->module, TYPE_F32, 3));
    assert_loops_verify(f->module);
}

static void a_choice_beyond_the_table_is_seen(void **state)
{
    struct loop_fixture *f = *state;

    add_choice(f->module, 10, 2, 11, loop_real(f->module, TYPE_F32, 3));
    assert_loops_broken(f->module, "kernel k: store: table has 10 elements, but 1 from 2 … 10 are used\n");
}

static void a_choice_has_a_range_of_exact_reals(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_expr *three = loop_real(f->module, TYPE_F32, 3);

    add_choice(f->module, MAX_INDIRECT + 1, 0, MAX_INDIRECT + 1, three);
    assert_loops_broken(f->module, "kernel k: choice: a choice from 0 … 16777216\n");
    f->module->kernel.count = f->module->buffer.count = 0;
    add_choice(f->module, 10, 4, 4, three);
    assert_loops_broken(f->module, "kernel k: choice: a choice from 4 … 3\n");
}

static void a_choice_keeps_its_axis_to_itself(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;

    add_choice(m, 10, 0, 10, loop_real(m, TYPE_F32, 3));
    m->kernel.at[0]->body = loop_indirect(m, 1, 0, 10, loop_real(m, TYPE_F32, 3), m->kernel.at[0]->body);
    assert_loops_broken(m, "kernel k: choice: the axis row is already in use\n");
}

static void a_choice_by_what_is_not_there_is_seen(void **state)
{
    struct loop_fixture *f = *state;

    add_choice(f->module, 10, 0, 10, loop_read(f->module, loop_add_variable(f->module, "v", TYPE_F32)));
    assert_loops_broken(f->module, "kernel k: choice: v is used where it is not defined\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(the_small_module_keeps_its_promises),
        loop_test(all_functions_keep_their_promises),
        loop_test(a_store_beyond_the_buffer_is_seen),
        loop_test(a_store_before_the_buffer_is_seen),
        loop_test(a_lane_block_that_does_not_exist_is_seen),
        loop_test(a_kernel_over_lane_blocks_keeps_off_uniform_memory),
        loop_test(items_store_to_places_of_their_own),
        loop_test(an_axis_outside_its_loop_is_seen),
        loop_test(an_axis_used_twice_is_seen),
        loop_test(axes_inside_each_other_have_names_of_their_own),
        loop_test(an_undefined_variable_is_seen),
        loop_test(a_variable_ends_with_its_block),
        loop_test(a_variable_defined_twice_is_seen),
        loop_test(inputs_are_read_only),
        loop_test(wrong_types_are_seen),
        loop_test(a_place_gives_its_own_elements),
        loop_test(only_inputs_and_locals_hold_integers),
        loop_test(conversions_lose_no_fractions),
        loop_test(no_vector_is_wider_than_a_register),
        loop_test(an_index_fits_its_type),
        loop_test(bits_of_reals_stay_inside_functions),
        loop_test(functions_are_listed_before_their_callers),
        loop_test(names_are_those_of_one_alone),
        loop_test(an_expression_without_end_is_refused),
        loop_test(phases_do_not_mix),
        loop_test(buffers_fit_into_memory),
        loop_test(padding_needs_its_condition),
        loop_test(a_choice_bounds_what_is_read),
        loop_test(a_choice_beyond_the_table_is_seen),
        loop_test(a_choice_has_a_range_of_exact_reals),
        loop_test(a_choice_keeps_its_axis_to_itself),
        loop_test(a_choice_by_what_is_not_there_is_seen),
    };
    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
