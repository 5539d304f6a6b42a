/* text: nearest spellings by edit distance, shell patterns, quoting, lists in words. */
#include "compiler/support/text.h"

#include "compiler/support/arena.h"

#include "compiler/support/utf8.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* Words longer than this are never suggested nor corrected. */
enum { LONGEST_WORD = 64 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whether two letters are the same, capital or small: who writes ReLU means relu. */
static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`, no letter edited twice.
 * Source: Damerau, "A technique for computer detection and correction of spelling errors" (1964). */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[3][LONGEST_WORD + 1];
    size_t *before = row[0], *above = row[1], *here = row[2];

    for (size_t j = 0; j <= b_length; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        here[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            here[j] = smaller(smaller(above[j], here[j - 1]) + 1, above[j - 1] + !same_letter(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]))
                here[j] = smaller(here[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = above;
        above = here;
        here = free_row;
    }
    return above[b_length];
}

const char *text_nearest(const char *word, const char *const candidates[], size_t count)
{
    const size_t length = strlen(word);
    size_t best_distance = length <= 4 ? 2 : (length / 3 > 2 ? length / 3 : 2) + 1;
    const char *best = NULL;

    if (length == 0 || length > LONGEST_WORD)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t candidate_length = strlen(candidates[i]);
        if (candidate_length == 0 || candidate_length > LONGEST_WORD)
            continue;
        const size_t distance = edit_distance(word, length, candidates[i], candidate_length);
        /* A suggestion that keeps no letter of the word is noise. */
        if (distance < best_distance && distance < length) {
            best_distance = distance;
            best = candidates[i];
        }
    }
    return best;
}

bool text_matches(const char *pattern, const char *name)
{
    const char *star = NULL, *resume = NULL;

    /* Only the latest star needs to be tried again: what an earlier one could swallow more, it can swallow as well. */
    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            resume = name;
        } else if (*pattern == '?' || *pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static void print_escaped(uint32_t character, const char *bytes, size_t length, FILE *out)
{
    switch (character) {
    case '"': fputs("\\\"", out); break;
    case '\\': fputs("\\\\", out); break;
    case '\n': fputs("\\n", out); break;
    case '\r': fputs("\\r", out); break;
    case '\t': fputs("\\t", out); break;
    default:
        if (character < 0x20 || character == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)character);
        else
            fwrite(bytes, 1, length, out);
    }
}

void text_print_quoted(const char *text, FILE *out)
{
    size_t left = strlen(text);

    putc('"', out);
    while (left > 0) {
        uint32_t character;
        const size_t length = utf8_decode(text, left, &character);
        if (length == 0)
            fputs("\\ufffd", out);
        else
            print_escaped(character, text, length, out);
        text += length == 0 ? 1 : length;
        left -= length == 0 ? 1 : length;
    }
    putc('"', out);
}

const char *text_list(struct arena *a, const char *const names[], size_t count)
{
    char *text = NULL;
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += strlen(names[i]) + 2;
    text = arena_alloc(a, length + 1);
    text[0] = '\0';
    for (size_t i = 0, at = 0; i < count; i++)
        at += (size_t)snprintf(text + at, length + 1 - at, "%s%s", i > 0 ? ", " : "", names[i]);
    return text;
}
