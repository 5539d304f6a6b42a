#include "compiler/differentiate/differentiate.h"
#include "compiler/graph/build.h"
#include "compiler/graph/invert_access.h"
#include "tests/support/graph_fixture.h"

enum { READS_X, READS_K, READS_Y };

/* y[h] = sum over p of x[stride*h + dilation*p - begin] * k[p], multiplied by what flows into y[h], as an adjoint is. */
struct window {
    int64_t in, out, kernel, stride, dilation, begin;
};

static node_id add_vector(struct graph_fixture *f, const char *name, int64_t size)
{
    return graph_add_input(f->graph, name, &(struct shape){.rank = 1, .dim = {size}}, false, SPAN_NONE);
}

static struct nest window_nest(struct graph_fixture *f, const struct window *w)
{
    struct nest n = {.combine = COMBINE_SUM};
    const int h = nest_add_axis(&n, "h", w->out, false), p = nest_add_axis(&n, "p", w->kernel, true);
    const struct index k = index_axis(p, 1), y = index_axis(h, 1);
    struct index x = index_add(index_axis(h, w->stride), index_axis(p, w->dilation));

    x.offset = -w->begin;
    n.out[0] = y;
    const struct expr *pixel = nest_read(f->graph, &n, add_vector(f, "x", w->in), &x);
    const struct expr *tap = nest_read(f->graph, &n, add_vector(f, "k", w->kernel), &k);
    const struct expr *flow = nest_read(f->graph, &n, add_vector(f, "y", w->out), &y);
    n.body = expr_binary(f->graph, FUNCTION_MULTIPLY, expr_binary(f->graph, FUNCTION_MULTIPLY, pixel, tap), flow);
    return n;
}

static struct nest_list inverted(struct graph_fixture *f, const struct window *w, int to)
{
    const struct nest n = window_nest(f, w);
    struct nest_list list = {0};

    nest_invert_access(f->graph, &n, to, &list);
    return list;
}

static int64_t value_at(const struct index *i, const int64_t at[])
{
    int64_t sum = i->offset;

    for (int a = 0; a < MAX_AXES; a++)
        sum += i->factor[a] * at[a];
    return sum;
}

static bool advance(const struct nest *n, int64_t at[])
{
    for (int a = n->axis_count; a-- > 0;) {
        if (++at[a] < n->extent[a])
            return true;
        at[a] = 0;
    }
    return false;
}

enum { MOST = 32 };

/* How often (element of x, tap) is reached, where all accesses are inside. */
static void count_pairs(const struct graph_fixture *f, const struct nest *n, int64_t count[MOST][MOST])
{
    int64_t at[MAX_AXES] = {0};

    do {
        const int64_t x = value_at(&n->in[READS_X].dim[0], at), k = value_at(&n->in[READS_K].dim[0], at);
        const int64_t y = value_at(&n->in[READS_Y].dim[0], at);
        if (x >= 0 && x < graph_node(f->graph, n->in[READS_X].of)->shape.dim[0] && y >= 0 &&
            y < graph_node(f->graph, n->in[READS_Y].of)->shape.dim[0])
            count[x][k]++;
    } while (advance(n, at));
}

/* The inverted nests must meet every pair of an element and a tap exactly as often as the window does: once or never. Their body
 * still reads x, where the result stands, and k, so both indices can be read off. */
static void assert_same_pairs(struct graph_fixture *f, const struct window *w)
{
    const struct nest n = window_nest(f, w);
    int64_t wanted[MOST][MOST] = {{0}}, got[MOST][MOST] = {{0}};
    struct nest_list list = {0};

    count_pairs(f, &n, wanted);
    nest_invert_access(f->graph, &n, READS_X, &list);
    for (size_t i = 0; i < list.count; i++)
        count_pairs(f, &list.at[i], got);
    assert_memory_equal(got, wanted, sizeof got);
}

static void each_residue_of_a_stride_has_a_nest_with_its_taps(void **state)
{
    const struct window w = {.in = 7, .out = 3, .kernel = 3, .stride = 2, .dilation = 1};
    const struct nest_list list = inverted(*state, &w, READS_X);

    assert_int_equal(list.count, 2);
    assert_int_equal(list.at[0].extent[0], 4);    /* elements 0 2 4 6 */
    assert_int_equal(list.at[0].extent[1], 2);    /* taps 0 2 */
    assert_int_equal(list.at[1].extent[0], 3);    /* elements 1 3 5 */
    assert_int_equal(list.at[1].out[0].offset, 1);
    assert_int_equal(list.at[1].out[0].factor[0], 2);
    assert_int_equal(list.at[1].extent[1], 1);    /* tap 1 */
}

static void residues_that_no_tap_reaches_have_no_nest(void **state)
{
    const struct window w = {.in = 9, .out = 3, .kernel = 1, .stride = 3, .dilation = 1};
    const struct nest_list list = inverted(*state, &w, READS_X);

    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].out[0].factor[0], 3);
    assert_int_equal(list.at[0].out[0].offset, 0);
}

/* One nest for each of two residues, whatever the stride is: none is looked for among those that no tap reaches. */
static void residues_are_those_of_taps_however_large_the_stride(void **state)
{
    const int64_t huge = INT64_C(1) << 30;
    const struct window w = {.in = huge + 7, .out = 2, .kernel = 2, .stride = huge, .dilation = 3, .begin = 1};
    const struct nest_list list = inverted(*state, &w, READS_X);

    assert_int_equal(list.count, 2);
    assert_int_equal(list.at[0].out[0].offset, 2);    /* tap 1; tap 0 reaches huge - 1, the first one's lies in the padding */
    assert_int_equal(list.at[0].extent[0], 2);
    assert_int_equal(list.at[1].out[0].offset, huge - 1);
    assert_int_equal(list.at[1].extent[0], 1);
    const struct window short_of_it = {.in = 5, .out = 1, .kernel = 2, .stride = huge, .dilation = 3, .begin = 1};
    const struct nest_list one = inverted(*state, &short_of_it, READS_X);
    assert_int_equal(one.count, 1);
    assert_int_equal(one.at[0].out[0].offset, 2);
}

static void windows_that_do_not_overlap_keep_their_axes(void **state)
{
    const struct window w = {.in = 6, .out = 3, .kernel = 2, .stride = 2, .dilation = 1};
    const struct nest_list list = inverted(*state, &w, READS_X);

    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].free_count, 2);
    assert_int_equal(list.at[0].axis_count, 2);
    assert_int_equal(list.at[0].combine, COMBINE_NONE);
}

static void a_single_axis_is_cut_to_the_tensor(void **state)
{
    const struct window w = {.in = 4, .out = 6, .kernel = 1, .stride = 1, .dilation = 1, .begin = 1};
    const struct nest_list list = inverted(*state, &w, READS_X);

    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].extent[0], 4);    /* h = 1 … 4 */
    assert_int_equal(list.at[0].out[0].offset, 0);
}

static void a_window_in_the_padding_has_no_nest(void **state)
{
    const struct window outside = {.in = 3, .out = 1, .kernel = 1, .stride = 5, .dilation = 1, .begin = 1};
    const struct window both = {.in = 3, .out = 2, .kernel = 1, .stride = 4, .dilation = 1, .begin = 1};

    assert_int_equal(inverted(*state, &outside, READS_X).count, 0);
    assert_int_equal(inverted(*state, &both, READS_X).count, 0);
}

static void the_kernel_sums_over_the_places(void **state)
{
    const struct window w = {.in = 7, .out = 5, .kernel = 3, .stride = 1, .dilation = 1};
    const struct nest_list list = inverted(*state, &w, READS_K);

    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].free_count, 1);
    assert_int_equal(list.at[0].extent[0], 3);
    assert_int_equal(list.at[0].extent[1], 5);
    assert_int_equal(list.at[0].combine, COMBINE_SUM);
}

static void groups_are_a_mixed_radix(void **state)
{
    struct graph_fixture *f = *state;
    struct nest n = {.combine = COMBINE_SUM};
    const int g = nest_add_axis(&n, "g", 2, false), o = nest_add_axis(&n, "o", 4, false), c = nest_add_axis(&n, "c", 3, true);
    const struct index x = index_add(index_axis(g, 3), index_axis(c, 1));
    struct nest_list list = {0};

    n.out[0] = index_add(index_axis(g, 4), index_axis(o, 1));
    n.body = nest_read(f->graph, &n, add_vector(f, "x", 6), &x);
    nest_invert_access(f->graph, &n, 0, &list);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].free_count, 2);    /* g and c make the element; o is summed over */
    assert_int_equal(list.at[0].extent[0] * list.at[0].extent[1], 6);
    assert_int_equal(list.at[0].extent[2], 4);
}

/* y[3 + h] += x[2h + p], h = 0 … 2: places 0 … 2 and 6 of y are there, but no h stands for them. */
static void solved_axes_stay_within_their_extent(void **state)
{
    struct graph_fixture *f = *state;
    const struct window w = {.in = 8, .out = 7, .kernel = 3, .stride = 2, .dilation = 1};
    struct nest n = window_nest(f, &w);
    const double *given[] = {NUMBERS(0, 0, 0, 0, 0, 0, 0, 0), NUMBERS(1, 10, 100), NUMBERS(9, 9, 9, 1, 2, 3, 9)};
    struct nest_list list = {0};

    n.extent[0] = 3;
    n.in[READS_Y].dim[0].offset = 3;
    n.body = expr_binary(f->graph, FUNCTION_MULTIPLY, n.body->arg[0]->arg[1], n.body->arg[1]);
    nest_invert_access(f->graph, &n, READS_X, &list);
    assert_int_equal(list.count, 2);
    const node_id dx = graph_add_parts(f->graph, "dx", SHAPE(8), 2, list.at, false);
    assert_verifies(f);
    assert_elements(f, dx, given, NUMBERS(1, 10, 102, 20, 203, 30, 300, 0));
}

static void every_window_meets_the_same_pairs_from_either_side(void **state)
{
    for (int64_t kernel = 1; kernel <= 4; kernel++)
        for (int64_t stride = 1; stride <= 4; stride++)
            for (int64_t dilation = 1; dilation <= 3; dilation++)
                for (int64_t begin = 0; begin <= 3; begin++)
                    for (int64_t in = dilation * (kernel - 1) + 1; in <= 9; in++) {
                        const int64_t room = in + 2 * begin - dilation * (kernel - 1) - 1;
                        const struct window w = {in, room / stride + 1, kernel, stride, dilation, begin};
                        if (w.out > 1 && w.kernel > 1)    /* axes of extent 1 are dropped when a node is made */
                            assert_same_pairs(*state, &w);
                    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(each_residue_of_a_stride_has_a_nest_with_its_taps),
        graph_test(residues_that_no_tap_reaches_have_no_nest),
        graph_test(residues_are_those_of_taps_however_large_the_stride),
        graph_test(windows_that_do_not_overlap_keep_their_axes),
        graph_test(a_single_axis_is_cut_to_the_tensor),
        graph_test(a_window_in_the_padding_has_no_nest),
        graph_test(the_kernel_sums_over_the_places),
        graph_test(groups_are_a_mixed_radix),
        graph_test(solved_axes_stay_within_their_extent),
        graph_test(every_window_meets_the_same_pairs_from_either_side),
    };
    return cmocka_run_group_tests_name("invert_access", tests, NULL, NULL);
}
