/* literals: from the text of a token to its value. */
#include "compiler/syntax/ast_build.h"
#include "compiler/syntax/parser.h"

#include "compiler/support/shape.h"
#include "compiler/support/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t length_of(struct span at)
{
    return at.end - at.begin;
}

/* ---- Numbers ------------------------------------------------------------------------------------------------------- */

/* Reads digits with `_` between them. Returns false if the number does not fit. */
static bool read_digits(const char *text, size_t length, int64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != '_' && (!checked_multiply(*value, 10, value) || !checked_add(*value, text[i] - '0', value)))
            return false;
    return true;
}

struct ast_expr *literal_integer(struct parser *p, struct span at)
{
    struct ast_expr *e = build_leaf(p, AST_INT, at);

    if (!read_digits(parser_text(p, at), length_of(at), &e->as.integer)) {
        diag_error(p->ds, at, DIAG_BAD_NUMBER, "the integer is larger than 9223372036854775807");
        e->as.integer = 1;
    }
    return e;
}

/* The number that is written in `length` bytes, followed by `suffix`. Reported if too large or too small for a double. */
static double read_float(struct parser *p, struct span at, size_t length, const char *suffix)
{
    const char *text = parser_text(p, at);
    char *digits = arena_alloc(p->arena, length + strlen(suffix) + 1);
    size_t used = 0;

    for (size_t i = 0; i < length; i++)
        if (text[i] != '_')
            digits[used++] = text[i];
    memcpy(digits + used, suffix, strlen(suffix));

    errno = 0;
    const double value = strtod(digits, NULL);
    if (errno == ERANGE && value > 1) {
        diag_error(p->ds, at, DIAG_BAD_NUMBER, "the number is larger than the largest 64-bit float");
        return 1;
    }
    if (errno == ERANGE && !(value > 0)) {
        diag_error(p->ds, at, DIAG_BAD_NUMBER, "the number is smaller than the smallest 64-bit float");
        return 1;
    }
    return value;
}

struct ast_expr *literal_float(struct parser *p, struct span at)
{
    struct ast_expr *e = build_leaf(p, AST_FLOAT, at);

    e->as.real = read_float(p, at, length_of(at), "");
    return e;
}

struct ast_expr *literal_percentage(struct parser *p, struct span at)
{
    struct ast_expr *e = build_leaf(p, AST_FLOAT, at);
    const char *text = parser_text(p, at);
    const size_t length = length_of(at) - 1;
    const bool has_exponent = memchr(text, 'e', length) != NULL || memchr(text, 'E', length) != NULL;

    /* An exponent makes 0.1% the double nearest to 0.001; a division would round twice. */
    e->as.real = has_exponent ? read_float(p, at, length, "") / 100 : read_float(p, at, length, "e-2");
    return e;
}

struct ast_expr *literal_size(struct parser *p, struct span at)
{
    struct ast_expr *e = build_leaf(p, AST_SIZE, at);
    const char *text = parser_text(p, at);
    const size_t length = length_of(at);
    struct shape *size = &e->as.size;

    for (size_t i = 0, end; i < length; i = end + 1) {
        for (end = i; end < length && text[end] != 'x';)
            end++;
        if (size->rank == MAX_RANK) {
            diag_error(p->ds, at, DIAG_BAD_NUMBER, "a size has at most %d numbers", MAX_RANK);
            break;
        }
        if (!read_digits(text + i, end - i, &size->dim[size->rank])) {
            diag_error(p->ds, at, DIAG_BAD_NUMBER, "a number of the size is larger than 9223372036854775807");
            size->dim[size->rank] = 1;
        }
        size->rank++;
    }
    return e;
}

struct ast_expr *literal_malformed(struct parser *p, struct span at)
{
    const char *text = parser_text(p, at);
    const size_t length = length_of(at);
    struct ast_expr *e = build_leaf(p, AST_INT, at);

    e->as.integer = 1;
    diag_error(p->ds, at, DIAG_BAD_NUMBER, "'%.*s' is not a number", length < 40 ? (int)length : 40, text);
    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X' || text[1] == 'b'))
        diag_hint(p->ds, "numbers are written in decimal");
    else if (text[length - 1] == 'x' || memchr(text, 'X', length) != NULL)
        diag_hint(p->ds, "sizes are written 3x32x32; a computed one is size(a, b)");
    else if (memchr(text, '_', length) != NULL)
        diag_hint(p->ds, "a '_' stands between two digits of an integer");
    return e;
}

/* ---- Strings ------------------------------------------------------------------------------------------------------- */

static bool read_escape(char c, char *meant)
{
    switch (c) {
    case '"':
    case '\\': *meant = c; return true;
    case 'n': *meant = '\n'; return true;
    case 't': *meant = '\t'; return true;
    default: return false;
    }
}

/* The string between two quotes, at the span `inside`. */
static struct ast_expr *string_from(struct parser *p, struct span at, struct span inside)
{
    const char *text = parser_text(p, inside);
    const size_t length = length_of(inside);
    char *bytes = arena_alloc(p->arena, length + 1);
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\\' || i + 1 == length) {
            bytes[used++] = text[i];
            continue;
        }
        const uint32_t place = inside.begin + (uint32_t)i++;
        if (!read_escape(text[i], &bytes[used++])) {
            uint32_t character;
            const size_t wide = utf8_decode(text + i, length - i, &character);
            diag_error(p->ds, (struct span){at.file, place, place + 1 + (uint32_t)wide}, DIAG_BAD_STRING, "unknown escape '\\%.*s'",
                       (int)wide, text + i);
            diag_hint(p->ds, "the escapes are \\\" \\\\ \\n \\t");
        }
    }

    struct ast_expr *e = build_leaf(p, AST_STRING, at);
    e->as.string.text = bytes;
    e->as.string.length = used;
    return e;
}

struct ast_expr *literal_string(struct parser *p, struct span at)
{
    return string_from(p, at, (struct span){at.file, at.begin + 1, at.end - 1});
}

struct ast_expr *literal_unterminated(struct parser *p, struct span at)
{
    p->bad = at;
    diag_error(p->ds, at, DIAG_BAD_STRING, "the string does not end on its line");
    diag_hint(p->ds, "close it with '\"'; a line break in a string is written \\n");

    struct ast_expr *e = build_leaf(p, AST_STRING, at);
    e->as.string.text = "";
    return e;
}

struct ast_expr *literal_single_quoted(struct parser *p, struct span at)
{
    diag_error(p->ds, at, DIAG_BAD_CHARACTER, "strings are written in double quotes");

    struct ast_expr *e = build_leaf(p, AST_STRING, at);
    e->as.string.length = length_of(at) - 2;
    e->as.string.text = arena_copy(p->arena, parser_text(p, at) + 1, e->as.string.length);
    return e;
}

/* ---- What is no token ---------------------------------------------------------------------------------------------- */

/* What people mean by characters that the language does not have. */
static const struct lookalike {
    uint32_t character;
    const char *hint;
} lookalikes[] = {
    {0x2192, "write '->'"},                              /* rightwards arrow */
    {0x00d7, "sizes are written 3x3, products a * b"},   /* multiplication sign */
    {0x2212, "write '-'"},                               /* minus sign */
    {0x2013, "write '-'"},                               /* en dash */
    {0x201c, "strings are written in straight quotes: \"…\""},
    {0x201d, "strings are written in straight quotes: \"…\""},
    {0x2018, "strings are written in straight quotes: \"…\""},
    {0x2019, "strings are written in straight quotes: \"…\""},
    {0x2264, "write '<='"},
    {0x2265, "write '>='"},
    {0x2260, "write '!='"},
    {0x00a0, "this is a no-break space; write a plain one"},
    {'%', "a percentage is written 20%; the remainder is mod(a, b)"},
    {'\'', "strings are written in double quotes"},
    {'&', "write 'and'"},
    {'@', "a layer is named 'name: layer(…)'"},
};

void report_bad_character(struct parser *p, struct span at)
{
    const char *text = parser_text(p, at);
    uint32_t character = (unsigned char)*text;

    p->bad = at;
    utf8_decode(text, length_of(at), &character);
    if (character < 0x20 || character == 0x7f)
        diag_error(p->ds, at, DIAG_BAD_CHARACTER, "unexpected control character U+%04X", (unsigned)character);
    else
        diag_error(p->ds, at, DIAG_BAD_CHARACTER, "unexpected character '%.*s'", (int)length_of(at), text);
    for (size_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++)
        if (lookalikes[i].character == character)
            diag_hint(p->ds, "%s", lookalikes[i].hint);
}

void report_foreign_operator(struct parser *p, struct span at, const char *here)
{
    diag_error(p->ds, at, DIAG_SYNTAX, "'%.*s' is not an operator of the language", (int)length_of(at), parser_text(p, at));
    diag_hint(p->ds, "write '%s'", here);
}
