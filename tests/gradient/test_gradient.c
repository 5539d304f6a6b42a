/* Every operator's gradients, as the lowered loops compute them, against central differences; and the same bits for every target.
 *
 * A case stands behind two fronts: a dense layer whose bias is the input itself, so that its gradient is the data gradient element
 * by element; and a layer that the operator's loops may be fused with.
 */
#include "compiler/graph/objective.h"
#include "tests/support/net_fixture.h"

#include "compiler/support/arena.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct gradient_case {
    const char *op_name, *in, *net;
    int64_t batch;
    const char *loss;
};

static const struct gradient_case cases[] = {
#define CASE(op_name, in, net, batch, loss) {#op_name, in, net, batch, loss},
#include "tests/gradient/cases.def"
#undef CASE
};

enum { CASES = sizeof cases / sizeof *cases, SEEDS = 8, LONGEST_NET = 2048 };

static const double step = 1e-4, tolerance = 1e-6;

/* ---- Texts ----------------------------------------------------------------------------------------------------------- */

enum front { FRONT_BIAS, FRONT_LAYER, FRONTS };

static int read_shape(const char *text, int64_t dim[3])
{
    int rank = 0;

    for (char *end = NULL; rank < 3; text = end + 1) {
        dim[rank++] = strtoll(text, &end, 10);
        if (*end != 'x')
            break;
    }
    return rank;
}

static void write_front(FILE *out, const struct gradient_case *c, enum front front)
{
    int64_t dim[3], size = 1;
    const int rank = read_shape(c->in, dim);

    for (int d = 0; d < rank; d++)
        size *= dim[d];
    if (front == FRONT_BIAS)
        fprintf(out, "input s: 1; x = s -> front: dense(%lld)%s%s%s; ", (long long)size, rank > 1 ? " -> reshape(" : "",
                rank > 1 ? c->in : "", rank > 1 ? ")" : "");
    else if (rank == 1)
        fprintf(out, "input s: %s; x = s -> front: dense(%lld); ", c->in, (long long)dim[0]);
    else
        fprintf(out, "input s: %s; x = s -> front: conv(%lld, %s); ", c->in, (long long)dim[0], rank == 2 ? "1" : "1x1");
}

static struct net_fixture *open_case(const struct gradient_case *c, enum front front, int precision)
{
    char text[LONGEST_NET];
    FILE *out = fmemopen(text, sizeof text, "w");

    assert_non_null(out);
    fprintf(out, "net n { ");
    write_front(out, c, front);
    fprintf(out, "%s }\ntrain { loss = %s; optimizer = sgd(lr = 0.1, momentum = 0.9); batch = %lld; epochs = 1; }", c->net, c->loss,
            (long long)c->batch);
    fclose(out);
    struct net_fixture *f = net_open(text, precision, stderr);
    assert_non_null(f);
    return f;
}

/* Loops for a target, and the same starting point every time. */
static void prepare(struct net_fixture *f, const struct gradient_case *c, const struct target *target, uint64_t seed)
{
    assert_true(net_lower(f, target, stderr));
    net_allocate(f, c->batch);
    net_fill_parameters(f, seed);
    net_fill_inputs(f, seed, 0);
}

/* ---- Central differences ----------------------------------------------------------------------------------------------- */

/* What one element's gradient is held against. */
struct slope {
    double difference, bend;    /* (f(+h) - f(-h))/2h;  |f(+h) - 2 f(0) + f(-h)|/h, which does not vanish with h at a kink */
};

static struct slope measure(struct net_fixture *f, double *at, double loss)
{
    const double kept = *at;

    *at = kept + step;
    const double above = net_training_loss(f);
    *at = kept - step;
    const double below = net_training_loss(f);
    *at = kept;
    return (struct slope){(above - below) / (2 * step), fabs(above - 2 * loss + below) / step};
}

enum outcome { AGREES, BENDS, DIFFERS };

/* One parameter's gradient, as the step left it in `gradient`. */
static enum outcome check_parameter(struct net_fixture *f, node_id w, const double *gradient)
{
    const struct node *n = graph_node(f->graph, w);
    const int64_t count = shape_elements(&n->shape);
    const double loss = net_training_loss(f);
    enum outcome result = AGREES;
    double largest = 0, error = 0, difference = 0;
    int64_t worst = 0;

    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(gradient[i]));
    for (int64_t i = 0; i < count; i++) {
        const struct slope s = measure(f, net_elements(f, w) + i, loss);
        if (s.bend > 0.05 * (largest + step))
            result = BENDS;
        if (!(fabs(s.difference - gradient[i]) <= error)) {
            error = fabs(s.difference - gradient[i]);
            difference = s.difference;
            worst = i;
        }
    }
    /* The loss is known to a few units in its last place, so a difference is known no better than this. */
    const double rounding = 64 * DBL_EPSILON * (1 + fabs(loss)) / step;
    if (error <= tolerance * largest + rounding)
        return result;
    if (result != BENDS)
        print_error("%s[%lld]: gradient %.12g, difference %.12g, largest %.3g\n", n->name, (long long)worst, gradient[worst],
                    difference, largest);
    return result == BENDS ? BENDS : DIFFERS;
}

/* Parameters in front of the update, and their gradients after it. */
static double *copy_elements(struct net_fixture *f, node_id v)
{
    const size_t bytes = (size_t)shape_elements(&graph_node(f->graph, v)->shape) * sizeof(double);

    return memcpy(arena_alloc(f->arena, bytes), net_elements(f, v), bytes);
}

/* Running statistics are parameters without a gradient. */
static bool is_trained(const struct node *n)
{
    return n->kind == NODE_PARAMETER && !n->no_gradient;
}

static enum outcome check_all(struct net_fixture *f, const struct gradient_case *c, uint64_t seed)
{
    const struct graph *g = f->graph;
    double **gradient = arena_array(f->arena, double *, g->node.count);
    enum outcome result = AGREES;

    net_train(f);
    for (size_t v = 0; v < g->node.count; v++)
        if (is_trained(&g->node.at[v])) {
            const node_id of = objective_gradient(f->plan->objective, (node_id)v);
            if (of == NO_NODE)
                fail_msg("%s: %s has no gradient", c->net, g->node.at[v].name);
            gradient[v] = copy_elements(f, of);
        }
    net_fill_parameters(f, seed);
    for (size_t v = 0; v < g->node.count && result == AGREES; v++)
        if (is_trained(&g->node.at[v]))
            result = check_parameter(f, (node_id)v, gradient[v]);
    return result;
}

/* Looks for a seed that keeps all values away from kinks: tolerances stay as they are. */
static void check_case(const struct gradient_case *c, enum front front)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct net_fixture *f = open_case(c, front, 8);
        prepare(f, c, &invented_targets[seed % INVENTED_TARGETS], seed);
        const enum outcome result = check_all(f, c, seed);
        net_close(f);
        if (result == DIFFERS)
            fail_msg("%s: %s: %s", c->op_name, c->in, c->net);
        if (result == AGREES)
            return;
    }
    fail_msg("%s: %s: no seed keeps away from kinks", c->op_name, c->net);
}

static void gradients_match_central_differences(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++)
        for (enum front front = 0; front < FRONTS; front++)
            check_case(&cases[i], front);
}

/* ---- Bits ------------------------------------------------------------------------------------------------------------ */

/* All parameters, states and gradients after two steps on a target, one after the other; the caller frees. */
static double *numbers_after_steps(struct net_fixture *f, const struct gradient_case *c, int target, size_t *count)
{
    double *all = NULL;

    prepare(f, c, &invented_targets[target], 3);
    net_train(f);
    net_fill_inputs(f, 3, 1);
    net_train(f);
    *count = 0;
    for (size_t v = 0; v < f->graph->node.count; v++) {
        const struct plan_place *place = &f->plan->place[v];
        if (place->kind != PLACE_UNIFORM)
            continue;
        const size_t reals = (size_t)shape_elements(&graph_node(f->graph, (node_id)v)->shape);
        double *grown = realloc(all, (*count + reals) * sizeof *all);
        assert_non_null(grown);
        all = grown;
        memcpy(all + *count, net_elements(f, (node_id)v), reals * sizeof *all);
        *count += reals;
    }
    return all;
}

/* Vectors of 4, 8, 16 and 2 reals: the interpreter knows of a precision only how many fit into a register. */
static const struct {
    int precision, target;
} bit_variants[] = {{4, 0}, {4, 1}, {4, 2}, {8, 0}};

static void check_bits(const struct gradient_case *c, enum front front)
{
    struct net_fixture *f = NULL;
    double *first = NULL;
    size_t count = 0;

    for (size_t v = 0; v < sizeof bit_variants / sizeof *bit_variants; v++) {
        const int precision = bit_variants[v].precision, target = bit_variants[v].target;
        size_t other = 0;
        if (f && f->plan->precision != precision) {
            net_close(f);
            f = NULL;
        }
        f = f ? f : open_case(c, front, precision);
        double *all = numbers_after_steps(f, c, target, &other);
        if (first && (other != count || memcmp(first, all, count * sizeof *all) != 0))
            fail_msg("%s: %s: other bits for %d bytes a vector", c->op_name, c->net, invented_targets[target].vector_bytes);
        if (first)
            free(all);
        else {
            first = all;
            count = other;
        }
    }
    net_close(f);
    free(first);
}

static void every_target_computes_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++)
        for (enum front front = 0; front < FRONTS; front++)
            check_bits(&cases[i], front);
}

/* ---- The table ------------------------------------------------------------------------------------------------------- */

static void every_operator_has_a_case(void **state)
{
    static const char *const operators[] = {
#define OP(name, file) #name,
#include "compiler/ops/ops.def"
#undef OP
    };

    (void)state;
    for (size_t o = 0; o < sizeof operators / sizeof *operators; o++) {
        int found = 0;
        for (int i = 0; i < CASES; i++)
            found += strcmp(cases[i].op_name, operators[o]) == 0 &&
                     (strstr(cases[i].net, operators[o]) || strstr(cases[i].loss, operators[o]) ||
                      strcmp(operators[o], "add") == 0 || strcmp(operators[o], "mul") == 0);
        if (found == 0)
            fail_msg("tests/gradient/cases.def has no case of %s", operators[o]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operator_has_a_case),
        cmocka_unit_test(gradients_match_central_differences),
        cmocka_unit_test(every_target_computes_the_same_bits),
    };
    return cmocka_run_group_tests_name("gradient", tests, NULL, NULL);
}
