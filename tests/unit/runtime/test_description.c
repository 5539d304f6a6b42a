#include "netrt/description.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A description that is right; tests replace one text in it. */
static const char right[] =
    "{ \"net\": \"n\", \"hash\": \"ff\", \"precision\": \"f32\", \"batch\": 16, \"parameters_total\": 6, \"multiply_adds\": 6,"
    "  \"inputs\": [ {\"name\": \"x\", \"shape\": [3], \"kind\": \"real\", \"main\": true, \"needed\": true},"
    "    {\"name\": \"label\", \"shape\": [], \"kind\": \"class\", \"classes\": 2, \"ignored\": 9} ],"
    "  \"outputs\": [ {\"name\": \"y\", \"shape\": [2], \"offset\": 0} ], \"loss\": {\"offset\": 128, \"parts\": [ {\"factor\": 2, \"sum\": 64}, {\"factor\": 0.5, \"count\": 128} ]},"
    "  \"scores\": {\"kind\": \"binary_logits\", \"shape\": [1], \"offset\": 64},"
    "  \"metrics\": [ {\"name\": \"accuracy\", \"kind\": \"accuracy\", \"prediction\": {\"shape\": [2], \"offset\": 0}, \"target\": 1} ],"
    "  \"parameters\": [ {\"name\": \"w\", \"shape\": [2,3], \"offset\": 0, \"gradient\": 24, \"trainable\": true,"
    "    \"init\": {\"kind\": \"values\", \"data\": [[1,2,3],[4,5,6]], \"connections\": [[0,2],[1]]}, \"l1\": null, \"l2\": 0} ],"
    "  \"states\": [ {\"name\": \"w.momentum\", \"shape\": [2,3], \"offset\": 48} ],"
    "  \"settings\": [ {\"name\": \"lr\", \"value\": 0.5, \"minimum\": 0, \"maximum\": null} ],"
    "  \"layers\": [ {\"name\": \"d\", \"operator\": \"dense\", \"output\": [2], \"parameters\": 6, \"multiply_adds\": 6} ],"
    "  \"data\": { \"train\": [ {\"kind\": \"idx\", \"images\": \"i\", \"labels\": \"l\"}, {\"kind\": \"take\", \"count\": 5} ],"
    "    \"prepare\": [ {\"kind\": \"pad\", \"amount\": [[1,2]], \"value\": 3},"
    "      {\"kind\": \"normalize\", \"mean\": [0.5], \"std\": [0.25]} ] },"
    "  \"train\": {\"epochs\": 2, \"seed\": 9007199254740993, \"batch\": 16, \"least_batch\": 2} }";

static struct netrt_model model_of(const char *text)
{
    return (struct netrt_model){.precision = sizeof(float),
                                .description = text,
                                .uniform_bytes = 72,
                                .block_bytes = 192,
                                .batch = 16,
                                .input_count = 2,
                                .setting_count = 1};
}

static void what_is_described_is_parsed(void **state)
{
    static const bool connected[] = {true, false, true, false, true, false};
    struct netrt_model model = model_of(right);
    struct netrt_description d;
    struct netrt_error error;

    (void)state;
    assert_int_equal(netrt_description_open(&d, &model, &error), NETRT_OK);
    assert_string_equal(d.net, "n");
    assert_true(d.seed == UINT64_C(9007199254740993));    /* not a double's: 2^53 + 1 */
    assert_int_equal(d.least_batch, 2);
    assert_int_equal(d.input_count, 2);
    assert_true(d.input[0].main);
    assert_int_equal(d.input[1].kind, NETRT_INPUT_CLASS);
    assert_int_equal(d.input[1].shape.elements, 1);
    assert_int_equal(d.loss_offset, 128);
    assert_int_equal(d.loss_part_count, 2);
    assert_true(d.loss_part[0].has_sum && !d.loss_part[0].has_count);
    assert_int_equal(d.loss_part[0].sum, 64);
    assert_true(!d.loss_part[1].has_sum && d.loss_part[1].has_count);
    assert_int_equal(d.loss_part[1].count, 128);
    assert_true(d.input[1].ignores);
    assert_int_equal(d.input[1].ignored, 9);
    assert_false(d.input[0].ignores);
    assert_int_equal(d.metric[0].target, 1);
    assert_int_equal(d.parameter[0].shape.elements, 6);
    assert_true(d.parameter[0].init.values[5] > 5.5);
    assert_memory_equal(d.parameter[0].init.connected, connected, sizeof connected);
    assert_int_equal(d.parameter[0].l1, -1);
    assert_int_equal(d.parameter[0].l2, 0);
    assert_true(d.input[0].needed);
    assert_false(d.input[1].needed);
    assert_int_equal(d.scores.kind, NETRT_SCORES_BINARY_LOGITS);
    assert_int_equal(d.scores.shape.elements, 1);
    assert_int_equal(d.scores.offset, 64);
    assert_int_equal(d.state[0].offset, 48);
    assert_true(d.setting[0].maximum > 1e308);
    assert_true(d.has_data);
    assert_int_equal(d.train.count, 2);
    assert_string_equal(d.train.step[0].images, "i");
    assert_int_equal(d.train.step[1].count, 5);
    assert_int_equal(d.val.count, 0);
    assert_int_equal(d.prepare[0].after[0], 2);
    assert_int_equal(d.prepare[1].channels, 1);
    netrt_description_close(&d);
}

/* The description with its first `old` replaced by `new` is refused for `reason`. */
static void refused(const char *old, const char *new, const char *reason)
{
    char text[4096];
    const char *at = strstr(right, old);
    struct netrt_model model = model_of(text);
    struct netrt_description d;
    struct netrt_error error = {NETRT_OK, ""};

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - right), right, new, at + strlen(old));
    assert_int_equal(netrt_description_open(&d, &model, &error), NETRT_E_CONTENT);
    if (strstr(error.text, reason) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
    assert_null(d.memory);
}

static void missing_and_ill_typed_members_are_named(void **state)
{
    (void)state;
    refused("\"net\": \"n\"", "\"nets\": \"n\"", "description: \"net\" is missing");
    refused("\"net\": \"n\"", "\"net\": 1", "description: \"net\" is no string");
    refused("\"net\": \"n\",", "\"net\": \"n\"", "line 1, column");
    refused("\"kind\": \"real\"", "\"kind\": \"reel\"", "x: \"kind\" is \"reel\", which this version does not know");
    refused("\"shape\": [3]", "\"shape\": [0]", "x: \"shape\" is no shape");
    refused("\"shape\": [3]", "\"shape\": 3", "x: \"shape\" is no list");
    refused("[[0,2],[1]]", "[[0,2]]", "w: the connections do not fit its shape");
    refused("[[0,2],[1]]", "[[0,3],[1]]", "w: a connection beyond its shape");
    refused("\"main\": true", "\"main\": 1", "x: \"main\" is neither true nor false");
    refused("\"classes\": 2", "\"classes\": 0", "label: a class input needs at least one class");
    refused("\"value\": 0.5", "\"value\": \"a\"", "lr: \"value\" is no number");
    refused("\"kind\": \"real\"", "\"kind\": \"index\"", "x: an index comes in two halves");
    refused("\"value\": 0.5", "\"value\": 0, \"kind\": \"sed\"", "lr: \"kind\" is \"sed\", which this version does not know");
    refused("\"value\": 0.5", "\"value\": 0, \"kind\": \"seed\"", "lr: \"half\" is missing");
    refused("\"value\": 0.5", "\"value\": 0, \"kind\": \"seed\", \"half\": 4", "lr: half 4 of 4");
    refused("\"value\": 0.5", "\"value\": 0, \"kind\": \"epoch\", \"half\": 2", "lr: half 2 of 2");
    refused("\"binary_logits\"", "\"logit\"", "scores: \"kind\" is \"logit\", which this version does not know");
    refused("\"count\": 5", "\"count\": -5", "train: \"count\" is no whole number from 0");
}

static void places_outside_the_arenas_are_refused(void **state)
{
    (void)state;
    refused("\"loss\": {\"offset\": 128", "\"loss\": {\"offset\": 192",
            "loss: 1 elements from byte 192 leave the arena of 192 bytes");
    refused("\"sum\": 64", "\"sum\": 192", "loss: 1 elements from byte 192 leave the arena of 192 bytes");
    refused("\"factor\": 2", "\"factors\": 2", "loss: \"factor\" is missing");
    refused("\"offset\": 64", "\"offset\": 192", "scores: 1 elements from byte 192 leave the arena of 192 bytes");
    refused("\"loss\": {\"offset\": 128", "\"loss\": {\"offset\": 126", "no boundary of 4 bytes");
    refused("\"shape\": [2,3], \"offset\": 48", "\"shape\": [2,3], \"offset\": 52", "w.momentum: 6 elements from byte 52");
    refused("\"gradient\": 24", "\"gradient\": 52", "w: 6 elements from byte 52");
    refused("\"shape\": [2,3], \"offset\": 48", "\"shape\": [1099511627776], \"offset\": 48", "leave the arena");
}

static void members_that_disagree_are_refused(void **state)
{
    (void)state;
    refused("\"target\": 1", "\"target\": 2", "accuracy: there is no input 2");
    refused("\"target\": 1", "\"target\": 0", "accuracy: the metric needs scores and a class");
    refused("\"classes\": 2", "\"classes\": 3", "accuracy: 3 classes but 2 scores");
    refused("\"kind\": \"accuracy\"", "\"kind\": \"mse\"", "do not agree in shape");
    refused("\"l2\": 0", "\"l2\": 1", "w: \"l2\" names setting 1 of 1");
    refused("[4,5,6]", "[4,5]", "w: expected 6 starting values, found 5");
    refused("\"seed\": 9007199254740993, \"batch\": 16", "\"seed\": 1, \"batch\": 17", "a batch of 17, but the kernels take 16");
    refused("\"settings\": [", "\"settings\": [ {\"name\": \"more\", \"value\": 1},", "2 settings, but the kernels take 1");
    refused("{\"kind\": \"idx\", \"images\": \"i\", \"labels\": \"l\"}, ", "", "a part is one source and then steps");
    refused("[[1,2]]", "[[1]]", "pad: an amount is a pair");
    refused("\"std\": [0.25]", "\"std\": [0]", "a deviation must be above 0");
    refused("\"std\": [0.25]", "\"std\": []", "1 means but 0 deviations");
}

static void a_net_need_not_have_data(void **state)
{
    char text[4096];
    struct netrt_model model = model_of(text);
    struct netrt_description d;
    struct netrt_error error;
    const char *data = strstr(right, "\"data\": {"), *rest = strstr(right, "\"train\": {\"epochs\"");

    (void)state;
    snprintf(text, sizeof text, "%.*s\"data\": null, %s", (int)(data - right), right, rest);
    assert_int_equal(netrt_description_open(&d, &model, &error), NETRT_OK);
    assert_false(d.has_data);
    netrt_description_close(&d);
}

static void a_batch_may_have_one_sample_unless_the_net_says_more(void **state)
{
    char text[4096];
    struct netrt_model model = model_of(text);
    struct netrt_description d;
    struct netrt_error error;
    const char *least = strstr(right, ", \"least_batch\": 2");

    (void)state;
    snprintf(text, sizeof text, "%.*s} }", (int)(least - right), right);
    assert_int_equal(netrt_description_open(&d, &model, &error), NETRT_OK);
    assert_int_equal(d.least_batch, 1);
    netrt_description_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_described_is_parsed),
        cmocka_unit_test(missing_and_ill_typed_members_are_named),
        cmocka_unit_test(places_outside_the_arenas_are_refused),
        cmocka_unit_test(members_that_disagree_are_refused),
        cmocka_unit_test(a_net_need_not_have_data),
        cmocka_unit_test(a_batch_may_have_one_sample_unless_the_net_says_more),
    };
    return cmocka_run_group_tests_name("description", tests, NULL, NULL);
}
