#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/sema/sha256.h"

static void digest_is(const char *text, size_t times, const uint64_t wanted[4])
{
    struct sha256 h;
    uint64_t digest[4];

    sha256_init(&h);
    for (size_t i = 0; i < times; i++)
        sha256_add(&h, text, strlen(text));
    sha256_finish(&h, digest);
    assert_memory_equal(digest, wanted, sizeof digest);
}

/* Source: NIST, "Secure Hash Algorithm Validation System": the examples for SHA-256, and the million times "a". */
static void digests_are_those_of_the_standard(void **state)
{
    (void)state;
    digest_is("", 1, (const uint64_t[4]){0xe3b0c44298fc1c14, 0x9afbf4c8996fb924, 0x27ae41e4649b934c, 0xa495991b7852b855});
    digest_is("abc", 1, (const uint64_t[4]){0xba7816bf8f01cfea, 0x414140de5dae2223, 0xb00361a396177a9c, 0xb410ff61f20015ad});
    digest_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
              (const uint64_t[4]){0x248d6a61d20638b8, 0xe5c026930c3e6039, 0xa33ce45964ff2167, 0xf6ecedd419db06c1});
    digest_is("a", 1000000, (const uint64_t[4]){0xcdc76e5c9914fb92, 0x81a1c7e284d73e67, 0xf1809a48a497200e, 0x046d39ccc7112cd0});
}

#define TEXT(CONV, LR, EPOCHS, DATA)                                                                \
    "net t { input image: 1x8x8; output y = image -> c: conv(" CONV ") -> flatten -> dense(4); }\n" \
    "data { train = idx(" DATA "); }\n"                                                             \
    "train { loss = cross_entropy(y, label); optimizer = sgd(lr = " LR "); batch = 4; epochs = " EPOCHS "; }"

static const uint64_t *hash_of(struct parse_fixture *f, const char *text)
{
    const struct program *p = analyse(f, text);

    assert_non_null(p);
    return p->hash;
}

static bool same(const uint64_t a[4], const uint64_t b[4])
{
    return memcmp(a, b, 4 * sizeof *a) == 0;
}

static void the_hash_tells_apart_what_computes_differently(void **state)
{
    const uint64_t *h = hash_of(*state, TEXT("2, 3x3", "0.1", "1", "\"a\", \"b\""));

    assert_false(same(h, hash_of(*state, TEXT("2, 5x5", "0.1", "1", "\"a\", \"b\""))));
    assert_false(same(h, hash_of(*state, TEXT("2, 3x3, init = zeros", "0.1", "1", "\"a\", \"b\""))));
    assert_false(same(h, hash_of(*state, TEXT("2, 3x3", "0.1, momentum = 0.5", "1", "\"a\", \"b\""))));
    assert_false(same(h, hash_of(*state, TEXT("2, 3x3", "0.1", "1", "\"a\", \"b\") -> take(7"))));
}

static void the_hash_ignores_layout_files_and_epochs(void **state)
{
    const uint64_t *h = hash_of(*state, TEXT("2, 3x3", "0.1", "1", "\"a\", \"b\""));

    assert_true(same(h, hash_of(*state, TEXT("2, 3x3", "0.1", "1", "\"a\", \"b\""))));
    assert_true(same(h, hash_of(*state, "# a comment\n" TEXT("1 + 1, kernel = 3x3", "1e-1", "1", "\"a\", \"b\""))));
    assert_true(same(h, hash_of(*state, TEXT("2, 3x3", "0.1", "20", "\"elsewhere/a\", \"b\""))));
}

static void the_hash_ignores_what_a_run_may_change(void **state)
{
    const uint64_t *h = hash_of(*state, TEXT("2, 3x3", "0.1", "1", "\"a\", \"b\""));

    assert_true(same(h, hash_of(*state, TEXT("2, 3x3", "0.2", "1", "\"a\", \"b\""))));
    assert_true(same(h, hash_of(*state, TEXT("2, 3x3", "0.1", "1; seed = 7", "\"a\", \"b\""))));
    assert_true(same(h, hash_of(*state, TEXT("2, 3x3", "0.1", "1; metrics = [accuracy, top(2)]", "\"a\", \"b\""))));
}

/* What only a metric reads lies between the net's nodes and the settings: it must not move their numbers. */
static void a_metric_of_its_own_target_moves_nothing(void **state)
{
    const char *plain = "net t { input x: 5x4; input z: 3; output y = x -> dense(4) -> dropout(0.5) -> gru(3); }\n"
                        "regularize { l2(0.1); clip(norm = 1); }\n"
                        "train { loss = mse(y, z); optimizer = sgd(lr = 0.1, momentum = 0.9); batch = 4; epochs = 1; }";
    const char *measured = "net t { input x: 5x4; input z: 3; output y = x -> dense(4) -> dropout(0.5) -> gru(3); }\n"
                           "regularize { l2(0.1); clip(norm = 1); }\n"
                           "train { loss = mse(y, z); metrics = [mae, mse(x, x)]; optimizer = sgd(lr = 0.1, momentum = 0.9);\n"
                           "        batch = 4; epochs = 1; }";

    assert_true(same(hash_of(*state, plain), hash_of(*state, measured)));
}

/* Nodes and inputs are numbered as they are written; parts of recurrences read what follows them. */
static void the_hash_does_not_depend_on_the_order_of_statements(void **state)
{
    const char *train = "train { loss = mse(y, t); optimizer = adam(lr = 0.1); batch = 4; epochs = 1; }";
    const char *one = "net n { input a: 5x4; input b: 5x3; p = a -> g: gru(3) -> d: dropout(0.5); q = b -> l: lstm(3) -> tanh;\n"
                      "  output y = p * q -> o: dense(2); }\n";
    const char *other = "net n { input b: 5x3; input a: 5x4; q = b -> l: lstm(3) -> tanh; p = a -> g: gru(3) -> d: dropout(0.5);\n"
                        "  output y = p * q -> o: dense(2); }\n";
    const char *crossed =
        "net n { input a: 5x4; input b: 5x3; p = a -> g: gru(3) -> d: dropout(0.5) -> tanh; q = b -> l: lstm(3);\n"
        "  output y = p * q -> o: dense(2); }\n";
    char text[1024];

    snprintf(text, sizeof text, "%s%s", one, train);
    const uint64_t *h = hash_of(*state, text);
    snprintf(text, sizeof text, "%s%s", other, train);
    assert_true(same(h, hash_of(*state, text)));
    snprintf(text, sizeof text, "%s%s", crossed, train);
    assert_false(same(h, hash_of(*state, text)));
}

/* A run that is under way is this net's as long as this holds: see hash.c before you change it. */
static void the_form_is_the_one_that_runs_were_begun_with(void **state)
{
    const uint64_t *h = hash_of(*state, TEXT("2, 3x3", "0.1", "1", "\"a\", \"b\""));

    assert_true(h[0] == 0x3afe2e6abaa177fc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(digests_are_those_of_the_standard),
        parse_test(the_hash_tells_apart_what_computes_differently),
        parse_test(the_hash_ignores_layout_files_and_epochs),
        parse_test(the_hash_ignores_what_a_run_may_change),
        parse_test(a_metric_of_its_own_target_moves_nothing),
        parse_test(the_hash_does_not_depend_on_the_order_of_statements),
        parse_test(the_form_is_the_one_that_runs_were_begun_with),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
