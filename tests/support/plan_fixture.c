#include "tests/support/plan_fixture.h"

#include <stdlib.h>

enum { LONGEST_NET = 2048 };

int net_test_setup(void **state)
{
    *state = NULL;
    return 0;
}

int net_test_teardown(void **state)
{
    if (*state)
        net_close(*state);
    return 0;
}

struct net_fixture *open_text(void **state, const char *text)
{
    if (*state)
        net_close(*state);
    *state = net_open(text, sizeof(float), stderr);
    assert_non_null(*state);
    return *state;
}

struct net_fixture *open_net(void **state, const char *body, const char *loss)
{
    char text[LONGEST_NET];
    const int length = snprintf(text, sizeof text,
                                "net it { %s }\n"
                                "train { loss = %s; optimizer = sgd(lr = 0.1, momentum = 0.9); batch = 20; epochs = 1; }",
                                body, loss);

    assert_in_range(length, 1, (int)sizeof text - 1);
    return open_text(state, text);
}

struct net_fixture *open_lowered(void **state, const char *body, const char *loss, int64_t samples)
{
    struct net_fixture *f = open_net(state, body, loss);

    assert_true(net_lower(f, &invented_targets[1], stderr));
    net_allocate(f, samples);
    net_fill_parameters(f, 1);
    net_fill_inputs(f, 1, 0);
    return f;
}

const struct plan_kernel *kernel_with(const struct net_fixture *f, const char *name)
{
    const node_id v = net_find(f, name);

    return v == NO_NODE || f->plan->kernel_of[view_root(f->graph, v)] < 0
               ? NULL
               : &f->plan->kernel.at[f->plan->kernel_of[view_root(f->graph, v)]];
}

bool share_kernel(const struct net_fixture *f, const char *a, const char *b)
{
    const struct plan_kernel *k = kernel_with(f, a);

    if (!k || !kernel_with(f, b))
        fail_msg("there is no kernel of %s", k ? b : a);
    return k == kernel_with(f, b);
}
