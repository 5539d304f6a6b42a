/* synonyms: what other frameworks call the things that the language has. Messages know their words; the language does not. */
#ifndef NETC_SUPPORT_SYNONYMS_H
#define NETC_SUPPORT_SYNONYMS_H

#include <stdbool.h>
#include <stddef.h>

struct diags;

/* Where a word stands: the same word may mean several things. */
enum word_kind {
    WORD_OPERATOR,      /* losses are operators, too */
    WORD_PARAMETER,
    WORD_SETTING,
    WORD_SECTION,
    WORD_CHOICE,
    WORD_INITIALIZER,
    WORD_OPTIMIZER,
    WORD_METRIC,
    WORD_SOURCE,
    WORD_SELECTION,
    WORD_PREPARATION,
    WORD_REGULARIZER,
    WORD_ATTRIBUTE,
    WORD_KEYWORD
};

struct synonym {
    enum word_kind kind;
    const char *word;
    const char *name;      /* what it is called here; NULL: there is no such thing */
    const char *remark;    /* what else there is to know; NULL: nothing */
};

extern const struct synonym synonyms[];
extern const size_t synonym_count;

/* "optimizer", for messages. */
const char *word_kind_text(enum word_kind kind);

/* The row of a word, or NULL. A row with a name counts only where the name is one of `names`. */
const struct synonym *synonym_find(enum word_kind kind, const char *word, const char *const names[], size_t count);

/* "linear is called dense here", in the arena of the diagnostics. */
const char *synonym_text(struct diags *ds, const char *word, const struct synonym *s);

/* Says of an unknown word, to the latest error, which of `count` names that stand at the front of a table's rows is meant: "did you
 * mean NAME?" where the letters are near, else what other frameworks mean by it. Returns whether it did. */
#define hint_word(ds, kind, word, table, count) hint_word_of_rows((ds), (kind), (word), (table), sizeof *(table), (count))
bool hint_word_of_rows(struct diags *ds, enum word_kind kind, const char *word, const void *table, size_t stride, size_t count);

/* Whether a word, letter by letter, is a keyword of another language; NULL is none. */
bool is_foreign_keyword(const char *word);

/* Says, to the latest error, what a keyword of another language is here. Returns whether `word` is one. */
bool hint_keyword(struct diags *ds, const char *word);

/* Says, to the latest error, that a choice stands without quotes, if the text of a string is a name at all. */
void hint_unquoted(struct diags *ds, const char *text);

#endif
