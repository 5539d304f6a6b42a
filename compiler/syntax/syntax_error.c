/* syntax_error: says what is wrong with a token that does not follow the grammar, in the words of the language. */
#include "compiler/syntax/parser.h"

#include "compiler/support/synonyms.h"
#include "compiler/support/text.h"
#include "grammar/net.tab.h"

#include <stdlib.h>
#include <string.h>

/* A token where it should not be. */
struct mistake {
    struct parser *p;
    const int *expected;
    size_t count;
    int found, before;         /* the token in error and the one before it */
    struct span at;            /* of the token in error */
};

static bool expects(const struct mistake *m, int code)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->expected[i] == code)
            return true;
    return false;
}

/* Where a missing token belongs: directly behind the one before. */
static struct span behind_previous(const struct parser *p)
{
    return (struct span){p->file, p->previous.at.end, p->previous.at.end};
}

static bool on_new_line(const struct parser *p)
{
    const char *between = parser_text(p, behind_previous(p));

    return p->latest.at.begin > p->previous.at.end && memchr(between, '\n', p->latest.at.begin - p->previous.at.end) != NULL;
}

/* Whether `name =` or `name :` follows what was read: `c` follows the token in error, and no second `=`. */
static bool is_followed_by(const struct mistake *m, char c)
{
    const struct source *file = &m->p->sources->file.at[m->p->file];
    size_t i = m->at.end;

    while (i < file->length && strchr(" \t\r\n", file->text[i]) != NULL)
        i++;
    return i < file->length && file->text[i] == c && (i + 1 == file->length || file->text[i + 1] != '=');
}

/* Whether a word of the source is a keyword: the scanner gives every other word the code NAME. */
static bool is_keyword(const struct mistake *m, int code, struct span at)
{
    const char first = at.end > at.begin ? *parser_text(m->p, at) : '\0';

    return code != NAME && ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z'));
}

/* Whether the token in error is a keyword in the place of a name: as a label, as an input, before '='. */
static bool keyword_is_name(const struct mistake *m)
{
    return is_keyword(m, m->found, m->at) && expects(m, NAME) &&
           (m->count == 1 || is_followed_by(m, ':') || is_followed_by(m, '='));
}

static bool is_declaration(int code)
{
    return code == NET || code == BLOCK || code == CONST || code == INCLUDE;
}

static bool is_statement_keyword(int code)
{
    return is_declaration(code) || code == INPUT || code == OUTPUT || code == RETURN || code == IF || code == ASSERT ||
           code == SHARED;
}

/* ---- Unclosed brackets --------------------------------------------------------------------------------------------- */

static char partner(char open)
{
    return open == '(' ? ')' : open == '[' ? ']' : '}';
}

static void report_unclosed(const struct mistake *m, const struct bracket *open)
{
    struct parser *p = m->p;

    if (m->found == '{' && open->kind == '{')
        diag_error(p->ds, p->previous.at, DIAG_UNCLOSED, "expected '}' before this section");
    else if (is_declaration(m->found) && open->kind == '{')
        diag_error(p->ds, m->at, DIAG_UNCLOSED, "expected '}' before this declaration");
    else
        diag_error(p->ds, behind_previous(p), DIAG_UNCLOSED, "expected '%c'%s", partner(open->kind),
                   m->found == NET_EOF ? " before the end of the file" : "");
    diag_note(p->ds, open->at, "to close this '%c'", open->kind);
}

/* Whether the error is at the brace of `name {` where a statement should be: a section, or a `}` is missing before it. */
static bool is_section_inside(const struct mistake *m)
{
    const int before = m->p->earlier.code;

    return m->found == '{' && m->before == NAME && (before == ';' || before == '}') && m->p->depth > 1;
}

/* A bracket that the token in error shows to be unclosed, or NULL. */
static struct bracket *find_unclosed(const struct mistake *m)
{
    struct parser *p = m->p;
    const bool inside = p->depth > 0 && p->open[p->depth - 1].kind == '{';

    if (m->found == NET_EOF && inside)
        return &p->open[p->depth - 1];
    if (p->unclosed.kind != 0 && expects(m, partner(p->unclosed.kind)))
        return &p->unclosed;
    if (is_declaration(m->found) && inside && !keyword_is_name(m))
        return &p->open[p->depth - 1];
    if (is_section_inside(m) && p->open[p->depth - 2].kind == '{')
        return &p->open[p->depth - 2];
    if (m->found == ';' && inside && expects(m, '}') && !expects(m, ';') && !expects(m, RETURN))
        return &p->open[p->depth - 1];
    return NULL;
}

/* ---- What is expected ---------------------------------------------------------------------------------------------- */

/* Tokens that go on with an expression that could as well end here: naming them all would hide what is missing. */
static bool continues_expression(int code)
{
    switch (code) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '^':
    case '<':
    case '>':
    case '?':
    case '.':
    case '[':
    case '(':
    case '{':
    case EQ:
    case NE:
    case LE:
    case GE:
    case FLOOR_DIVIDE:
    case AND:
    case OR: return true;
    default: return false;
    }
}

/* Whether a token should be named among the expected ones. */
static bool is_telling(const struct mistake *m, int code)
{
    if (!continues_expression(code))
        return true;
    for (size_t i = 0; i < m->count; i++)
        if (!continues_expression(m->expected[i]))
            return false;
    return code == '{' || !expects(m, '{');
}

static void print_expected(const struct mistake *m, FILE *out)
{
    const char *name[8];
    size_t count = 0;
    const bool expression = expects(m, INTEGER) && expects(m, '(');
    const bool grouped = expression || expects(m, RETURN) || expects(m, NET) || expects(m, REPEAT);

    if (expects(m, RETURN))
        name[count++] = "a statement";
    else if (expects(m, NET))
        name[count++] = "a declaration (const, include, net, block or a section)";
    else if (expression)
        name[count++] = "an expression";
    else if (expects(m, REPEAT))
        name[count++] = "a layer";
    for (size_t i = 0; i < m->count && count < sizeof name / sizeof *name; i++) {
        const int code = m->expected[i];
        const bool closes = code == ')' || code == ']' || code == '}';
        if (grouped && !closes)
            continue;
        if (is_telling(m, code))
            name[count++] = code == NAME ? "a name" : code == STRING ? "a string" : token_name(code);
    }
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i == 0 ? "expected " : i + 1 < count ? ", " : " or ", name[i]);
}

static void print_found(const struct mistake *m, FILE *out)
{
    const char *text = parser_text(m->p, m->at);
    const size_t length = m->at.end - m->at.begin;

    if (m->found == NET_EOF)
        fputs("found the end of the file", out);
    else if (m->found == STRING)
        fputs("found a string", out);
    else
        fprintf(out, "found '%.*s'%s", length < 60 ? (int)length : 60, text, length < 60 ? "" : "…");
}

static const char *describe(const struct mistake *m)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return "this does not follow the grammar";
    if (m->count > 0) {
        print_expected(m, out);
        fputs(", ", out);
    }
    print_found(m, out);
    if (m->count == 0)
        fputs(" where nothing fits", out);
    fclose(out);

    const char *copy = arena_copy(m->p->arena, text, length);
    free(text);
    return copy;
}

/* The word of another language that may stand for a keyword: `for i`, `def f(x)`; else NULL. */
static const char *foreign_word(const struct mistake *m)
{
    const struct parser *p = m->p;
    const bool begins = strchr(";{}|", p->earlier.code) != NULL || p->earlier.code == ARROW;    /* the file, too: its code is 0 */
    const struct token *word = begins ? &p->previous : &p->earlier;

    return m->before == NAME && word->code == NAME ? word->value.name.text : NULL;
}

/* ---- Hints --------------------------------------------------------------------------------------------------------- */

/* A keyword that the name before the error, or the token itself, nearly spells. */
static const char *misspelt(const struct mistake *m, struct span at)
{
    static const char *const keywords[] = {"const",  "include", "net", "block", "input", "output",
                                           "return", "repeat",  "as",  "if",    "else",  "assert"};
    const size_t length = at.end - at.begin;
    char word[16];

    if (length == 0 || length >= sizeof word)
        return NULL;
    memcpy(word, parser_text(m->p, at), length);
    word[length] = '\0';
    const char *keyword = text_nearest(word, keywords, sizeof keywords / sizeof *keywords);
    return keyword != NULL && strcmp(keyword, word) != 0 ? keyword : NULL;
}

static bool expects_keyword(const struct mistake *m, const char *keyword)
{
    const size_t length = strlen(keyword);

    for (size_t i = 0; i < m->count; i++) {
        const char *name = token_name(m->expected[i]);    /* in quotes */
        if (strncmp(name + 1, keyword, length) == 0 && name[length + 1] == '\'')
            return true;
    }
    return false;
}

static const char *hint_for_equals(const struct mistake *m)
{
    if (expects(m, EQ))
        return "to compare, write '=='";
    if (expects(m, ':') && m->before == NAME && m->p->earlier.code == INPUT)
        return "an input is written 'input name: shape;'";
    if (m->before == OUTPUT)
        return "an output is written 'output name = x -> layer(…);'";
    return NULL;
}

static const char *hint_for_colon(const struct mistake *m)
{
    if (m->before == INPUT)
        return "an input is written 'input name: shape;'";
    if (expects(m, ')'))
        return "a named argument is written 'name = value'";
    if (expects(m, '=') && m->before == NAME)
        return "a setting or a binding is written 'name = value;'";
    if (m->before == NAME)
        return "a name of a layer stands behind '->': x -> name: layer(…)";
    return NULL;
}

static const char *hint_for_start(const struct mistake *m)
{
    if (m->found == FLOOR_DIVIDE || m->found == '/')
        return "comments begin with '#'";
    if (m->found == ARROW)
        return "a chain begins with the tensor that goes through it: x -> layer(…)";
    if (m->found == REPEAT)
        return "a repeat stands in a chain: x -> repeat n { layer(…) }";
    if (m->found == ';')
        return m->before == '}' ? "no ';' stands behind '}'" : "there is no empty statement";
    return NULL;
}

/* `epochs: 3;` and `optimizer: sgd;`: behind a label at the start of a statement stands a call and nothing else. */
static bool is_after_label(const struct mistake *m)
{
    return m->count == 1 && ((m->before == ':' && expects(m, NAME)) || (m->p->earlier.code == ':' && expects(m, '(')));
}

static const char *hint_for_token(const struct mistake *m)
{
    const bool comparison =
        m->found == EQ || m->found == NE || m->found == '<' || m->found == '>' || m->found == LE || m->found == GE;

    if (m->found == ARROW && (expects(m, ',') || expects(m, ']')))
        return "a chain inside an expression stands in parentheses: (x -> layer(…))";
    if (m->found == '=')
        return hint_for_equals(m);
    if (is_after_label(m))
        return "a setting or a binding is written 'name = value;'";
    if (m->found == ':')
        return hint_for_colon(m);
    if (comparison && (expects(m, AND) || expects(m, '?')))
        return "comparisons do not chain: write a < b and b < c";
    if (m->before == ',' && (m->found == ')' || m->found == ']'))
        return "no ',' stands behind the last item";
    if (m->found == NOT && expects(m, INTEGER))
        return "'not' binds weaker than this operator: write (not x)";
    if (expects(m, RETURN) || expects(m, NET))
        return hint_for_start(m);
    if (expects(m, '|') && m->before == '{')
        return "each branch begins with '|': concat { | a | b }";
    return NULL;
}

/* `-> dense 4`: the name before the error is that of a layer, and behind an arrow the only keyword is `repeat`. */
static void hint_for_layer(const struct mistake *m)
{
    struct parser *p = m->p;
    const char *keyword = misspelt(m, p->previous.at);
    const bool is_argument = m->found == INTEGER || m->found == FLOAT || m->found == SIZE || m->found == '[';

    if (keyword != NULL && strcmp(keyword, "repeat") == 0)
        diag_hint(p->ds, "did you mean 'repeat'?");
    else if (is_argument)
        diag_hint(p->ds, "arguments stand in parentheses: %.*s(…)", (int)(p->previous.at.end - p->previous.at.begin),
                  parser_text(p, p->previous.at));
    else if (m->found == NAME && !on_new_line(p))
        diag_hint(p->ds, "layers are chained with '->'");
}

/* A keyword in the place of a name. */
static bool hint_for_keyword(const struct mistake *m)
{
    struct parser *p = m->p;
    const bool is_found = keyword_is_name(m);
    const bool is_before = m->found == ':' && is_keyword(m, m->before, p->previous.at) && m->before != INPUT;
    const struct span at = is_found ? m->at : p->previous.at;

    if (is_found || is_before)
        diag_hint(p->ds, "'%.*s' is a keyword: choose another name", (int)(at.end - at.begin), parser_text(p, at));
    return is_found || is_before;
}

/* `nn.Conv2d(…)`: other languages keep layers in modules. */
static bool hint_for_module(const struct mistake *m)
{
    struct parser *p = m->p;

    if (m->found != '.' || m->before != NAME || (p->earlier.code != ARROW && p->earlier.code != '|'))
        return false;
    diag_hint(p->ds, "layers are called without '%s.'", p->previous.value.name.text);
    return true;
}

/* (3, 3), 1 x 28 x 28 */
static bool hint_for_size(const struct mistake *m)
{
    struct parser *p = m->p;
    const struct bracket *open = p->depth > 0 ? &p->open[p->depth - 1] : NULL;
    const char x = m->found == NAME ? *parser_text(p, m->at) : '\0';

    if (m->found == ',' && expects(m, ')') && open != NULL && open->kind == '(') {
        if (!hint_size_in_parentheses(p, open->at))
            diag_hint(p->ds, "a size is written 3x3, a computed one size(a, b)");
        return true;
    }
    return (m->before == INTEGER || m->before == SIZE) && x == 'x' && hint_size_in_words(p, p->previous.at);
}

static void add_hint(const struct mistake *m)
{
    struct parser *p = m->p;

    if (hint_for_keyword(m) || hint_for_size(m) || hint_for_module(m) || hint_keyword(p->ds, foreign_word(m)))
        return;
    const char *hint = hint_for_token(m);
    const char *keyword;

    if (hint != NULL) {
        diag_hint(p->ds, "%s", hint);
    } else if (m->before == FLOAT && parser_text(p, p->previous.at)[p->previous.at.end - p->previous.at.begin - 1] == '%') {
        diag_hint(p->ds, "'%%' writes a percentage; the remainder is mod(a, b)");
    } else if (m->before == NAME && (p->earlier.code == ARROW || p->earlier.code == '|')) {
        hint_for_layer(m);
    } else if (m->before == NAME && p->earlier.code == NAME && (keyword = misspelt(m, p->earlier.at)) != NULL) {
        diag_hint(p->ds, "did you mean '%s'?", keyword);
    } else if (m->before == NAME && (keyword = misspelt(m, p->previous.at)) != NULL) {
        diag_hint(p->ds, "did you mean '%s'?", keyword);
    } else if (m->found == NAME && (keyword = misspelt(m, m->at)) != NULL && expects_keyword(m, keyword)) {
        diag_hint(p->ds, "did you mean '%s'?", keyword);
    } else if (m->found == NAME && expects(m, ARROW) && !on_new_line(p)) {
        diag_hint(p->ds, "layers are chained with '->'");
    }
}

/* ---- The report ---------------------------------------------------------------------------------------------------- */

static bool is_missing_semicolon(const struct mistake *m)
{
    return expects(m, ';') && m->count > 1 &&
           (m->found == '}' || m->found == NET_EOF || is_statement_keyword(m->found) || on_new_line(m->p) ||
            (m->found == NAME && is_followed_by(m, '=') && !is_foreign_keyword(foreign_word(m)))) &&
           m->found != ARROW && !continues_expression(m->found);
}

static void report(const struct mistake *m)
{
    struct parser *p = m->p;
    struct bracket *open = find_unclosed(m);

    if (open != NULL) {
        if (!open->reported)
            report_unclosed(m, open);
        open->reported = true;
        p->closing = open->kind == '{' && m->found == ';';
    } else if (is_missing_semicolon(m) || (m->count == 1 && expects(m, ';'))) {
        diag_error(p->ds, behind_previous(p), DIAG_SYNTAX, "expected ';' after the statement");
    } else {
        diag_error(p->ds, m->at, DIAG_SYNTAX, "%s", describe(m));
        add_hint(m);
    }
}

void report_syntax_error(struct parser *p, const int expected[], size_t count)
{
    const struct mistake m = {
        .p = p, .expected = expected, .count = count, .found = p->latest.code, .before = p->previous.code, .at = p->latest.at};

    /* What the scanner could not read just before explains this error: one mistake, one message. */
    const bool explained = !span_is_none(p->bad) && p->bad.begin >= p->previous.at.begin;

    if (p->gave_up)
        return;
    if (!explained)
        report(&m);
    parser_start_skipping(p);
}

void report_too_deep(struct parser *p, struct span at)
{
    if (!p->gave_up)
        diag_error(p->ds, at, DIAG_TOO_DEEP, "nested deeper than %d levels", MAX_NESTING);
    p->gave_up = true;
}
