/* suggest: Levenshtein's distance, one row at a time. */
#include "runtime/trainer/suggest.h"

#include <stddef.h>
#include <string.h>

enum { MOST_LETTERS = 64 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Letters to insert, remove or replace; words longer than MOST_LETTERS are far from everything. */
static int distance(const char *a, const char *b)
{
    int row[MOST_LETTERS + 1];
    size_t wide = strlen(b);

    if (wide > MOST_LETTERS || strlen(a) > MOST_LETTERS)
        return MOST_LETTERS;
    for (size_t j = 0; j <= wide; j++)
        row[j] = (int)j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        int diagonal = row[0];
        row[0] = (int)i + 1;
        for (size_t j = 0; j < wide; j++) {
            int kept = row[j + 1];
            row[j + 1] = least(least(row[j], row[j + 1]) + 1, diagonal + (a[i] != b[j]));
            diagonal = kept;
        }
    }
    return row[wide];
}

const char *suggest(const char *word, const char *const known[])
{
    const char *best = NULL;
    int nearest = ((int)strlen(word) + 2) / 3 + 1;

    for (int i = 0; known[i] != NULL; i++) {
        int apart = distance(word, known[i]);
        if (apart < nearest) {
            nearest = apart;
            best = known[i];
        }
    }
    return best;
}
