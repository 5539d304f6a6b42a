/* text: small helpers on strings. */
#ifndef NETC_SUPPORT_TEXT_H
#define NETC_SUPPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct arena;

/* The candidate nearest to `word` by edit distance (Damerau-Levenshtein, capitals as small letters), or NULL if none is near enough
 * to suggest (distance at most 1 for words up to 4 letters, else 2 or a third of the length). Ties go to the first. */
const char *text_nearest(const char *word, const char *const candidates[], size_t count);

/* Whether `name` matches `pattern`, in which `*` stands for any run of characters and `?` for one. */
bool text_matches(const char *pattern, const char *name);

/* "a, b, c". */
const char *text_list(struct arena *a, const char *const names[], size_t count);

/* Prints `text` in double quotes with JSON's escapes. */
void text_print_quoted(const char *text, FILE *out);

#endif
