/* size_hint: sizes as other languages write them, as this one does: (3, 3) and 3 x 3 are 3x3. */
#include "compiler/syntax/parser.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands at a place of the source, and how much of it is left. */
struct reader {
    const char *at, *end;
};

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && strchr(" \t\r\n", *r->at) != NULL)
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* A number, a name or -1. Its length; 0: there is none. */
static size_t take_item(struct reader *r, const char **text)
{
    skip_blanks(r);
    *text = r->at;
    if (r->at < r->end && *r->at == '-')
        r->at++;
    while (r->at < r->end && (isalnum((unsigned char)*r->at) != 0 || *r->at == '_'))
        r->at++;
    return (size_t)(r->at - *text);
}

/* The batch, as PyTorch and Keras write one that may be of any size. */
static bool is_any_batch(const char *text, size_t length)
{
    static const char *const words[] = {"None", "-1", "batch", "batch_size", "N"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == length && strncmp(words[i], text, length) == 0)
            return true;
    return false;
}

static bool is_number(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (isdigit((unsigned char)text[i]) == 0)
            return false;
    return true;
}

/* The items of a list in parentheses, each with its length; their number, or 0 where it is none of plain items. */
static size_t read_items(struct reader *r, const char *text[], size_t length[])
{
    size_t count = 0;

    if (!take(r, '('))
        return 0;
    while (count < MAX_RANK + 1 && (length[count] = take_item(r, &text[count])) > 0) {
        count++;
        if (!take(r, ','))
            break;
    }
    return take(r, ')') ? count : 0;
}

static void print_size(FILE *out, const char *const text[], const size_t length[], size_t first, size_t count)
{
    bool known = true;

    for (size_t i = first; i < count; i++)
        known = known && is_number(text[i], length[i]);
    fputs(known ? "" : "size(", out);
    for (size_t i = first; i < count; i++)
        fprintf(out, "%s%.*s", i == first ? "" : known ? "x" : ", ", (int)length[i], text[i]);
    fputs(known ? "" : ")", out);
}

bool hint_size_in_parentheses(struct parser *p, struct span open)
{
    const struct source *file = &p->sources->file.at[p->file];
    struct reader r = {file->text + open.begin, file->text + file->length};
    const char *item[MAX_RANK + 1];
    size_t length[MAX_RANK + 1], bytes = 0;
    char *text = NULL;
    const size_t count = read_items(&r, item, length);
    const size_t first = count > 1 && is_any_batch(item[0], length[0]) ? 1 : 0;
    FILE *out = count > first ? open_memstream(&text, &bytes) : NULL;

    if (out == NULL)
        return false;
    print_size(out, item, length, first, count);
    fclose(out);
    diag_hint(p->ds, "%s%s", first > 0 ? "the batch is implicit: " : "a size is written ", text);
    free(text);
    return true;
}

bool hint_size_in_words(struct parser *p, struct span begin)
{
    const struct source *file = &p->sources->file.at[p->file];
    struct reader r = {file->text + begin.begin, file->text + file->length};
    char text[64];
    size_t n = 0;
    bool number = true;    /* what comes next, an x between two numbers apart */

    for (; n + 1 < sizeof text; n++) {
        skip_blanks(&r);
        const char c = r.at < r.end ? *r.at : ';';
        if (isdigit((unsigned char)c) == 0 && (c != 'x' || number))
            break;
        if (isdigit((unsigned char)c) != 0 && n > 0 && r.at[-1] == ' ' && !number)
            break;    /* two numbers side by side */
        number = c == 'x';
        text[n] = c;
        r.at++;
    }
    text[n] = '\0';
    if (n == 0 || number || strchr(text, 'x') == NULL)
        return false;
    diag_hint(p->ds, "a size is written in one word: %s", text);
    return true;
}
