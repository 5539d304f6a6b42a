#include "compiler/differentiate/differentiate.h"
#include "compiler/graph/build.h"
#include "tests/support/graph_eval.h"
#include "tests/support/graph_fixture.h"

#include <math.h>

enum { A, B };

static const struct expr *access_number(struct graph_fixture *f, int number)
{
    struct expr *e = arena_new(f->arena, struct expr);

    e->kind = EXPR_ACCESS;
    e->access = number;
    return e;
}

static double evaluate(const struct expr *e, const double at[])
{
    double x[3] = {0};

    if (e->kind == EXPR_CONSTANT)
        return e->constant;
    if (e->kind == EXPR_ACCESS)
        return at[e->access];
    for (int i = 0; i < 3 && e->arg[i]; i++)
        x[i] = evaluate(e->arg[i], at);
    return graph_eval_function(e->function, x);
}

/* The adjoint of `body` towards both accesses, against central differences, with a seed that is not 1. */
static void assert_derivative(struct graph_fixture *f, const struct expr *body, double a, double b)
{
    const double step = 1e-5, seed = 1.75;

    for (int to = A; to <= B; to++) {
        double at[] = {a, b};
        const struct expr *adjoint = expr_adjoint(f->graph, body, NULL, expr_constant(f->graph, seed), to);
        const double got = adjoint ? evaluate(adjoint, at) : 0;
        at[to] += step;
        const double above = evaluate(body, at);
        at[to] -= 2 * step;
        const double wanted = seed * (above - evaluate(body, at)) / (2 * step);
        if (!(fabs(got - wanted) <= 1e-8 * (1 + fabs(wanted))))
            fail_msg("towards access %d at (%g, %g): %.12g, not %.12g", to, a, b, got, wanted);
    }
}

static void every_smooth_function_has_its_derivative(void **state)
{
    static const struct {
        enum function function;
        int arity;
    } functions[] = {
#define FUNCTION(id, name, arity) {FUNCTION_##id, arity},
#include "compiler/graph/functions.def"
#undef FUNCTION
    };
    static const double points[][2] = {{0.7, 1.3}, {0.9, -0.4}, {0.2, 2.5}};
    struct graph_fixture *f = *state;
    const struct expr *a = access_number(f, A), *b = access_number(f, B);

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
            const struct expr *body = functions[i].arity == 1 ? expr_unary(f->graph, functions[i].function, a)
                                      : functions[i].function == FUNCTION_POWER
                                          ? expr_binary(f->graph, FUNCTION_POWER, a, expr_constant(f->graph, points[p][1]))
                                      : functions[i].arity == 2
                                          ? expr_binary(f->graph, functions[i].function, a, b)
                                          : expr_select(f->graph, expr_binary(f->graph, FUNCTION_LESS, a, b), a, b);
            assert_derivative(f, body, points[p][0], points[p][1]);
        }
}

static void negative_arguments_have_their_derivatives_too(void **state)
{
    static const enum function functions[] = {FUNCTION_ABSOLUTE, FUNCTION_TANH, FUNCTION_SIGMOID, FUNCTION_RELU,    FUNCTION_NEGATE,
                                              FUNCTION_EXP,      FUNCTION_ERF,  FUNCTION_EXPM1,   FUNCTION_SOFTPLUS};
    struct graph_fixture *f = *state;

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        assert_derivative(f, expr_unary(f->graph, functions[i], access_number(f, A)), -0.8, 1);
}

static void powers_have_their_derivatives(void **state)
{
    static const double exponents[] = {0, 1, 2, 3, -1, -2.5, 0.5, 3.7};
    struct graph_fixture *f = *state;
    const struct expr *a = access_number(f, A);

    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++)
        assert_derivative(f, expr_binary(f->graph, FUNCTION_POWER, a, expr_constant(f->graph, exponents[i])), 1.02, 1);
    assert_derivative(f, expr_binary(f->graph, FUNCTION_POWER, a, expr_constant(f->graph, 3)), -0.8, 1);
}

static void equals_share_what_flows_into_an_extreme(void **state)
{
    static const enum function functions[] = {FUNCTION_MAXIMUM, FUNCTION_MINIMUM};
    struct graph_fixture *f = *state;

    for (size_t i = 0; i < 2; i++)
        for (int to = A; to <= B; to++) {
            const struct expr *body = expr_binary(f->graph, functions[i], access_number(f, A), access_number(f, B));
            const struct expr *adjoint = expr_adjoint(f->graph, body, NULL, expr_constant(f->graph, 3), to);
            assert_true(evaluate(adjoint, (const double[]){2, 2}) == 1.5);
        }
}

static void an_access_that_is_read_twice_gets_both_flows(void **state)
{
    struct graph_fixture *f = *state;
    struct graph *g = f->graph;
    const struct expr *a = access_number(f, A), *b = access_number(f, B);
    const struct expr *product = expr_binary(g, FUNCTION_MULTIPLY, a, expr_binary(g, FUNCTION_MULTIPLY, a, b));

    assert_derivative(f, product, 0.6, -1.1);
    assert_derivative(f, expr_binary(g, FUNCTION_DIVIDE, expr_unary(g, FUNCTION_EXP, a), expr_binary(g, FUNCTION_ADD, a, b)), 0.6,
                      1.1);
}

static void a_given_result_is_read_instead_of_computed_again(void **state)
{
    struct graph_fixture *f = *state;
    struct graph *g = f->graph;
    const struct expr *body = expr_unary(g, FUNCTION_TANH, access_number(f, A));
    const struct expr *adjoint = expr_adjoint(g, body, access_number(f, B), expr_constant(g, 1), A);
    const double at[] = {NAN, 0.5};    /* the argument itself must not be needed */

    assert_true(evaluate(adjoint, at) == 0.75);
}

static void nothing_flows_through_comparisons_signs_and_other_accesses(void **state)
{
    struct graph_fixture *f = *state;
    struct graph *g = f->graph;
    const struct expr *a = access_number(f, A), *b = access_number(f, B), *seed = expr_constant(g, 1);

    assert_null(expr_adjoint(g, expr_binary(g, FUNCTION_LESS, a, b), NULL, seed, A));
    assert_null(expr_adjoint(g, expr_binary(g, FUNCTION_EQUAL, a, b), NULL, seed, B));
    assert_null(expr_adjoint(g, expr_unary(g, FUNCTION_SIGN, a), NULL, seed, A));
    assert_null(expr_adjoint(g, expr_unary(g, FUNCTION_EXP, b), NULL, seed, A));
    assert_null(expr_adjoint(g, expr_constant(g, 3), NULL, seed, A));
    assert_null(expr_adjoint(g, expr_select(g, expr_binary(g, FUNCTION_LESS, a, seed), b, b), NULL, seed, A));
}

static void a_rectified_zero_passes_nothing(void **state)
{
    struct graph_fixture *f = *state;
    const struct expr *body = expr_unary(f->graph, FUNCTION_RELU, access_number(f, A));
    const struct expr *adjoint = expr_adjoint(f->graph, body, NULL, expr_constant(f->graph, 1), A);

    assert_true(evaluate(adjoint, (double[]){0, 0}) == 0);
    assert_true(evaluate(adjoint, (double[]){1e-300, 0}) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(every_smooth_function_has_its_derivative),
        graph_test(negative_arguments_have_their_derivatives_too),
        graph_test(powers_have_their_derivatives),
        graph_test(equals_share_what_flows_into_an_extreme),
        graph_test(an_access_that_is_read_twice_gets_both_flows),
        graph_test(a_given_result_is_read_instead_of_computed_again),
        graph_test(nothing_flows_through_comparisons_signs_and_other_accesses),
        graph_test(a_rectified_zero_passes_nothing),
    };
    return cmocka_run_group_tests_name("derivative", tests, NULL, NULL);
}
