/* synonyms: words are compared by their letters and digits alone; a row of the table comes before a mere likeness of spelling. */
#include "compiler/support/synonyms.h"

#include "compiler/support/arena.h"
#include "compiler/support/diag.h"

#include <ctype.h>
#include <string.h>

const struct synonym synonyms[] = {
#define WORD(KIND, WORD_OF_OTHERS, NAME, REMARK) {WORD_##KIND, (WORD_OF_OTHERS), (NAME), (REMARK)},
#include "compiler/support/synonyms.def"
#undef WORD
};

const size_t synonym_count = sizeof synonyms / sizeof synonyms[0];

const char *word_kind_text(enum word_kind kind)
{
    static const char *const texts[] = {
        [WORD_OPERATOR] = "operator",   [WORD_PARAMETER] = "parameter",     [WORD_SETTING] = "setting",
        [WORD_SECTION] = "section",     [WORD_CHOICE] = "choice",           [WORD_INITIALIZER] = "initialiser",
        [WORD_OPTIMIZER] = "optimizer", [WORD_METRIC] = "metric",           [WORD_SOURCE] = "source",
        [WORD_SELECTION] = "selection", [WORD_PREPARATION] = "preparation", [WORD_REGULARIZER] = "regularizer",
        [WORD_ATTRIBUTE] = "attribute", [WORD_KEYWORD] = "keyword",
    };

    return texts[kind];
}

/* ---- Comparing ------------------------------------------------------------------------------------------------------- */

/* The length of a word without the "2d" at its end, if it has one: of layers that do not say here how many axes they have. */
static size_t without_axes(const char *word)
{
    const size_t length = strlen(word);
    const bool axes = length > 3 && tolower((unsigned char)word[length - 1]) == 'd' && strchr("123", word[length - 2]) != NULL;

    return axes ? length - 2 : length;
}

/* Whether the letters and digits of two words are the same. */
static bool alike(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t i = 0, k = 0;

    for (;;) {
        while (i < a_length && a[i] == '_')
            i++;
        while (k < b_length && b[k] == '_')
            k++;
        if (i == a_length || k == b_length)
            return i == a_length && k == b_length;
        if (tolower((unsigned char)a[i++]) != tolower((unsigned char)b[k++]))
            return false;
    }
}

static const char *find_alike(const char *word, size_t length, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (alike(word, length, names[i], strlen(names[i])))
            return names[i];
    return NULL;
}

static bool fits(const struct synonym *s, const char *const names[], size_t count)
{
    for (size_t i = 0; s->name != NULL && i < count; i++)
        if (strcmp(names[i], s->name) == 0)
            return true;
    return s->name == NULL;
}

static const struct synonym *find_row(enum word_kind kind, const char *word, size_t length, const char *const names[], size_t count)
{
    for (size_t i = 0; i < synonym_count; i++) {
        const struct synonym *s = &synonyms[i];
        if (s->kind == kind && alike(word, length, s->word, strlen(s->word)) && fits(s, names, count))
            return s;
    }
    return NULL;
}

const struct synonym *synonym_find(enum word_kind kind, const char *word, const char *const names[], size_t count)
{
    const struct synonym *s = find_row(kind, word, strlen(word), names, count);

    return s != NULL ? s : find_row(kind, word, without_axes(word), names, count);
}

/* ---- Saying ---------------------------------------------------------------------------------------------------------- */

const char *synonym_text(struct diags *ds, const char *word, const struct synonym *s)
{
    if (s->name == NULL)
        return s->remark;
    return arena_printf(ds->arena, "%s is called %s here%s%s", word, s->name, s->remark != NULL ? ": " : "",
                        s->remark != NULL ? s->remark : "");
}

bool hint_word_of_rows(struct diags *ds, enum word_kind kind, const char *word, const void *table, size_t stride, size_t count)
{
    const char **names = arena_array(ds->arena, const char *, count + 1);

    for (size_t i = 0; i < count; i++)
        memcpy(&names[i], (const char *)table + i * stride, sizeof names[i]);

    const char *name = find_alike(word, strlen(word), names, count);
    const struct synonym *s = name == NULL ? synonym_find(kind, word, names, count) : NULL;
    if (name == NULL && s == NULL)
        name = find_alike(word, without_axes(word), names, count);
    if (s != NULL)
        diag_hint(ds, "%s", synonym_text(ds, word, s));
    else if (name != NULL)
        diag_hint(ds, "did you mean %s?", name);
    else
        return diag_hint_nearest(ds, word, names, count);
    return true;
}

static const struct synonym *find_keyword(const char *word)
{
    for (size_t i = 0; i < synonym_count && word != NULL; i++)
        if (synonyms[i].kind == WORD_KEYWORD && strcmp(synonyms[i].word, word) == 0)
            return &synonyms[i];
    return NULL;
}

bool is_foreign_keyword(const char *word)
{
    return find_keyword(word) != NULL;
}

bool hint_keyword(struct diags *ds, const char *word)
{
    const struct synonym *s = find_keyword(word);

    if (s != NULL)
        diag_hint(ds, "%s", synonym_text(ds, word, s));
    return s != NULL;
}

void hint_unquoted(struct diags *ds, const char *text)
{
    bool is_name = isalpha((unsigned char)text[0]) != 0;

    for (const char *c = text; *c != '\0'; c++)
        is_name = is_name && (isalnum((unsigned char)*c) != 0 || *c == '_');
    if (is_name)
        diag_hint(ds, "without quotes: %s", text);
}
