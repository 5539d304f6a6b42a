/* statements: one statement a line, long ones broken where they are least nested; string literals. */
#include "compiler/emit/c/emitter.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 132, INDENT = 4 };

void c_begin_statement(struct emitter *e)
{
    FILE *text = open_memstream(&e->text, &e->length);

    e->file = e->out;
    /* Without memory for the text the statement goes to the file directly: on one line, but whole. */
    if (text)
        e->out = text;
}

/* Whether a line may end before the blank at `at`: after a comma, or before an operator. */
static bool may_break(const char *text, size_t at)
{
    if (text[at] != ' ' || at == 0)
        return false;
    return text[at - 1] == ',' || (strchr("+-*/?:|&", text[at + 1]) && text[at + 2] == ' ');
}

/* The last of the least nested blanks before `limit` at which a line may end; 0 if there is none. */
static size_t find_break(const char *text, size_t limit)
{
    size_t best = 0;
    int depth = 0, best_depth = 0;

    for (size_t i = 0; i < limit && text[i] != '\0'; i++) {
        depth += (text[i] == '(' || text[i] == '[') - (text[i] == ')' || text[i] == ']');
        if (may_break(text, i) && i >= WIDTH / 4 && (best == 0 || depth <= best_depth)) {
            best = i;
            best_depth = depth;
        }
    }
    return best;
}

void c_end_statement(struct emitter *e)
{
    int column = INDENT * e->depth;

    if (e->out == e->file)
        return;
    fclose(e->out);
    e->out = e->file;
    const char *rest = e->text;
    while (column < WIDTH && strlen(rest) > (size_t)(WIDTH - column)) {
        size_t end = find_break(rest, (size_t)(WIDTH - column));
        if (end == 0)
            break;
        fprintf(e->out, "%*s%.*s\n", column, "", (int)end, rest);
        rest += end + 1;
        column = INDENT * (e->depth + 1);
    }
    fprintf(e->out, "%*s%s\n", column, "", rest);
    free(e->text);
    e->text = NULL;
}

void c_string(const char *text, const char *margin, FILE *out)
{
    enum { LINE = 110 };
    int column = 0;

    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        /* Not inside the bytes of one UTF-8 character. */
        if (margin && column >= LINE && (c & 0xc0) != 0x80) {
            fprintf(out, "\"\n%s\"", margin);
            column = 0;
        }
        if (c == '"' || c == '\\' || c == '?')
            column += fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            column += fprintf(out, "\\%03o", c);
        else
            column += fputc(c, out) != EOF;
    }
    fputc('"', out);
}
