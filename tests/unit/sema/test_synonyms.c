/* Each row of synonyms.def: a text that uses the word is answered with the row, and what the row names exists there. */
#include "compiler/ops/op.h"
#include "compiler/support/synonyms.h"
#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NET "net t { input x: 4x8x8; output y = x -> flatten -> dense(3); }\n"
#define TRAIN "train { loss = mse(y, y); batch = 2; epochs = 1; "

/* Where a word of a kind may stand; `?` is the word. */
static const struct place {
    enum word_kind kind;
    const char *text;
} places[] = {
    {WORD_OPERATOR, "net t { input x: 4x8x8; output y = x -> ?(2); }"},
    {WORD_PARAMETER, NET TRAIN "optimizer = sgd(? = 1); }"},
    {WORD_PARAMETER, NET TRAIN "optimizer = adam(? = 1); }"},
    {WORD_PARAMETER, NET TRAIN "optimizer = rmsprop(? = 1); }"},
    {WORD_PARAMETER, NET "data { train = digits(? = 1); }"},
    {WORD_PARAMETER, NET "data { train = digits(9) -> split(? = 1); }"},
    {WORD_SETTING, NET "data { ? = 1; }"},
    {WORD_SETTING, NET "train { ? = 1; }"},
    {WORD_SETTING, NET "init { ? = 1; }"},
    {WORD_SETTING, NET "compile { ? = 1; }"},
    {WORD_SECTION, NET "? { }"},
    {WORD_CHOICE, NET "compile { precision = ?; }"},
    {WORD_CHOICE, NET "compile { backend = ?; }"},
    {WORD_CHOICE, "net t { input x: 4x8x8; output y = x -> upsample(2, mode = ?); }"},
    {WORD_CHOICE, "net t { input x: 4x8x8; output y = x -> maxpool(2, padding = ?); }"},
    {WORD_INITIALIZER, "net t { input x: 4; output y = x -> dense(2, init = ?); }"},
    {WORD_INITIALIZER, NET "init { weights = ?; }"},
    {WORD_OPTIMIZER, NET TRAIN "optimizer = ?; }"},
    {WORD_METRIC, NET TRAIN "optimizer = sgd; metrics = [?]; }"},
    {WORD_SOURCE, NET "data { train = ?; }"},
    {WORD_SELECTION, NET "data { train = digits(9) -> ?; }"},
    {WORD_PREPARATION, NET "data { train = digits(9); prepare = ?; }"},
    {WORD_REGULARIZER, NET "regularize { ?(1); }"},
    {WORD_ATTRIBUTE, "net t { input x: 4x8x8; output y = x -> reshape(x.?); }"},
    {WORD_KEYWORD, "net t { input x: 4; output y = x; ? other; }"},
};

enum { PLACES = sizeof places / sizeof places[0] };

static const char *put(char text[512], const char *place, const char *word)
{
    const char *mark = strchr(place, '?');

    snprintf(text, 512, "%.*s%s%s", (int)(mark - place), place, word, mark + 1);
    return text;
}

/* Whether some error of the text carries this hint. */
static bool hints(struct parse_fixture *f, const char *text, const char *hint)
{
    if (analyse(f, text) != NULL)
        return false;
    for (const struct diag *d = f->ds.first; d != NULL; d = d->next)
        if (d->hint != NULL && strcmp(d->hint, hint) == 0)
            return true;
    return false;
}

/* Whether an error says of this kind of word that there is none of its name. */
static bool says_unknown(enum word_kind kind, const char *error)
{
    if (kind == WORD_CHOICE)
        return strstr(error, "must be ") != NULL || strstr(error, "has no choice") != NULL;
    return strstr(error, "there is no ") != NULL || strstr(error, "has no ") != NULL || strstr(error, "have no ") != NULL;
}

static bool names_what_exists(struct parse_fixture *f, enum word_kind kind, const char *text)
{
    if (analyse(f, text) != NULL)
        return true;
    for (const struct diag *d = f->ds.first; d != NULL; d = d->next)
        if (says_unknown(kind, d->text))
            return false;
    return true;
}

/* A place of this row's kind that answers with it, and takes its name; false: there is none. */
static bool stands_in(struct parse_fixture *f, const struct synonym *s, const char *place)
{
    char text[512];
    const char *hint = synonym_text(&f->ds, s->word, s);

    return hints(f, put(text, place, s->word), hint) &&
           (s->name == NULL || s->kind == WORD_KEYWORD || names_what_exists(f, s->kind, put(text, place, s->name)));
}

/* Parameters may be those of any operator. */
static bool stands_in_an_operator(struct parse_fixture *f, const struct synonym *s)
{
    char place[128];

    for (size_t i = 0; ops[i] != NULL; i++) {
        snprintf(place, sizeof place,
                 ops[i]->kind == OP_LOSS ? NET "train { loss = %s(y, y, ? = 1); }"
                                         : "net t { input x: 4x8x8; output y = x -> %s(? = 1); }",
                 ops[i]->name);
        if (stands_in(f, s, place))
            return true;
    }
    return false;
}

static void each_row_is_said_where_its_word_stands(void **state)
{
    int missing = 0;

    for (size_t i = 0; i < synonym_count; i++) {
        const struct synonym *s = &synonyms[i];
        bool found = s->kind == WORD_PARAMETER && stands_in_an_operator(*state, s);
        for (size_t k = 0; k < PLACES && !found; k++)
            found = places[k].kind == s->kind && stands_in(*state, s, places[k].text);
        missing += !found;
        if (!found)
            print_error("%s %s: no text is answered with this row, or what it names is not there\n", word_kind_text(s->kind),
                        s->word);
    }
    assert_int_equal(missing, 0);
}

static void each_row_says_something_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < synonym_count; i++) {
        const struct synonym *s = &synonyms[i];
        assert_true(s->name != NULL || s->remark != NULL);
        for (size_t k = 0; k < i; k++)
            assert_false(
                s->kind == synonyms[k].kind && strcmp(s->word, synonyms[k].word) == 0 &&
                (s->name == NULL ? synonyms[k].name == NULL : synonyms[k].name != NULL && strcmp(s->name, synonyms[k].name) == 0));
    }
}

static const char *hint_of_stage(struct parse_fixture *f, const char *stage)
{
    char text[256];

    snprintf(text, sizeof text, "block fc2 { return in; }\nnet t { input x: 4x8x8; output y = x -> %s -> fc2; }", stage);
    assert_null(analyse(f, text));
    return first_hint(f);
}

static void capitals_underscores_and_axes_do_not_count(void **state)
{
    assert_string_equal(hint_of_stage(*state, "Conv2d(8, 3)"), "did you mean conv?");
    assert_string_equal(hint_of_stage(*state, "max_pool2d(2)"), "did you mean maxpool?");
    assert_string_equal(hint_of_stage(*state, "MaxPooling2D(2)"), "MaxPooling2D is called maxpool here");
    assert_string_equal(hint_of_stage(*state, "max_pooling1d(2)"), "max_pooling1d is called maxpool here");
    assert_string_equal(hint_of_stage(*state, "LeakyReLU"), "did you mean leaky_relu?");
    assert_string_equal(hint_of_stage(*state, "Dropout(0.5)"), "did you mean dropout?");
    assert_string_equal(hint_of_stage(*state, "Dropout2d(0.5)"), "Dropout2d is called spatial_dropout here");
    assert_string_equal(hint_of_stage(*state, "conv(8, 3, init = kaiming_normal_)"), "kaiming_normal_ is called he_normal here");
}

static void what_the_file_declares_comes_first(void **state)
{
    assert_string_equal(hint_of_stage(*state, "FC2"), "did you mean fc2?");
    assert_string_equal(hint_of_stage(*state, "fc"), "fc is called dense here");
}

static void a_row_counts_where_its_name_fits(void **state)
{
    assert_string_equal(hint_of_stage(*state, "conv(units = 8)"), "units is called filters here");
    assert_string_equal(hint_of_stage(*state, "flatten -> dense(filters = 8)"), "filters is called units here");
    assert_string_equal(hint_of_stage(*state, "flatten -> dense(kernel_size = 8)"), "");
    assert_string_equal(hint_of_stage(*state, "flatten -> dense(8, activation = relu)"),
                        "an activation is a stage of its own: dense(10) -> relu");
    assert_string_equal(hint_of_stage(*state, "softmax(dim = 1)"), "dim is called axis here");
}

static void names_in_quotes_are_told_so(void **state)
{
    assert_string_equal(hint_of_stage(*state, "conv(8, 3, padding = \"same\")"), "without quotes: same");
    assert_string_equal(hint_of_stage(*state, "conv(8, 3, init = \"he_normal\")"), "without quotes: he_normal");
    assert_string_equal(hint_of_stage(*state, "upsample(2, mode = \"nearest\")"), "without quotes: nearest");
    assert_string_equal(hint_of_stage(*state, "conv(8, 3, padding = \"3 on each side\")"), "");
    assert_null(analyse(*state, NET "compile { precision = \"f64\"; }"));
    assert_string_equal(first_hint(*state), "without quotes: f64");
    assert_null(analyse(*state, NET TRAIN "optimizer = \"adam\"; }"));
    assert_string_equal(first_hint(*state), "without quotes: adam");
}

static void what_is_not_built_is_said_by_name(void **state)
{
    assert_error(*state, NET TRAIN "optimizer = sgd; metrics = [auc]; }", DIAG_SETTING_NOT_BUILT, "the metric auc is not built yet",
                 "auc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(each_row_is_said_where_its_word_stands),     cmocka_unit_test(each_row_says_something_once),
        parse_test(capitals_underscores_and_axes_do_not_count), parse_test(what_the_file_declares_comes_first),
        parse_test(a_row_counts_where_its_name_fits),           parse_test(names_in_quotes_are_told_so),
        parse_test(what_is_not_built_is_said_by_name),
    };
    return cmocka_run_group_tests_name("synonyms", tests, NULL, NULL);
}
