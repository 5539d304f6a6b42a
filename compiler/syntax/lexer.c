/* lexer: between the scanner and the grammar. Keeps the open brackets, limits nesting, and skips after errors. */
#include "compiler/syntax/parser.h"

#include "grammar/net.tab.h"

#include <ctype.h>
#include <string.h>

struct parser *parser_open(struct arena *arena, struct interner *names, const struct sources *sources, struct diags *ds,
                           uint32_t file)
{
    struct arena *scratch = arena_open_scratch(arena);
    struct parser *p = arena_new(scratch, struct parser);

    p->arena = arena;
    p->scratch = scratch;
    p->names = names;
    p->sources = sources;
    p->ds = ds;
    p->file = file;
    p->bad = SPAN_NONE;
    p->latest.at = p->previous.at = (struct span){file, 0, 0};
    scanner_open(p);
    return p;
}

void parser_close(struct parser *p)
{
    arena_close_scratch(p->scratch);
}

const char *parser_text(const struct parser *p, struct span at)
{
    return p->sources->file.at[at.file].text + at.begin;
}

/* ---- Brackets ------------------------------------------------------------------------------------------------------ */

static void open_bracket(struct parser *p, char kind, struct span at)
{
    if (p->depth < MAX_NESTING) {
        p->open[p->depth++] = (struct bracket){.kind = kind, .at = at};
        return;
    }
    report_too_deep(p, at);
}

/* Forgets the ( and [ within the innermost brace: its statements cannot lie in them. */
static void drop_to_brace(struct parser *p)
{
    while (p->depth > 0 && p->open[p->depth - 1].kind != '{')
        p->unclosed = p->open[--p->depth];
}

static void close_bracket(struct parser *p, char kind)
{
    if (p->depth > 0 && p->open[p->depth - 1].kind == kind) {
        p->depth--;
    } else if (kind == '{') {
        drop_to_brace(p);
        if (p->depth > 0)
            p->depth--;
    }
}

static void follow_brackets(struct parser *p, const struct token *t)
{
    p->unclosed = (struct bracket){0};
    switch (t->code) {
    case '(':
    case '[':
    case '{': open_bracket(p, (char)t->code, t->at); break;
    case ')': close_bracket(p, '('); break;
    case ']': close_bracket(p, '['); break;
    case '}': close_bracket(p, '{'); break;
    case ';':
    case NET_EOF: drop_to_brace(p); break;
    default: break;
    }
}

/* ---- Recovery ------------------------------------------------------------------------------------------------------ */

void parser_start_skipping(struct parser *p)
{
    drop_to_brace(p);
    p->level = p->depth;
    if (p->closing) {
        p->depth--;
        p->holding = true;
        p->held = p->latest;
        return;
    }
    if (p->latest.code == '{' && p->level > 0) {
        /* The error is at this brace: what it opens is skipped as well. */
        p->level--;
        while (p->level > 0 && p->open[p->level - 1].kind != '{')
            p->level--;
    }
    p->skipping = p->latest.code != ';' && p->latest.code != '}' && p->latest.code != NET_EOF;
}

static bool begins_statement(int code)
{
    return code == NAME || (code >= CONST && code <= ASSERT && code != AS && code != ELSE);
}

/* Whether a word follows, past blanks and comments. */
static bool word_follows(const struct parser *p)
{
    const struct source *file = &p->sources->file.at[p->file];
    bool comment = false;

    for (size_t i = p->offset; i < file->length; i++) {
        const char c = file->text[i];
        comment = c != '\n' && (comment || c == '#');
        if (!comment && strchr(" \t\r\n", c) == NULL)
            return isalpha((unsigned char)c) || c == '_';
    }
    return false;
}

/* `shared` is a keyword where it begins a statement and a name follows: no other statement begins with two names. Elsewhere it is a
 * name like any other. */
static bool declares_shared(const struct parser *p, const struct token *t)
{
    const int before = p->latest.code;
    const bool begins = before == ';' || before == '{' || before == '}' || before == NET_EOF;

    return t->code == NAME && begins && strcmp(t->value.name.text, "shared") == 0 && word_follows(p);
}

static struct token scan(struct parser *p)
{
    struct token t = {.code = 0};

    if (p->holding) {
        p->holding = false;
        return p->held;
    }
    t.code = scanner_next(&t.value, &t.at, p->scanner);
    if (t.code == NET_EOF)
        t.at = (struct span){p->file, p->offset, p->offset};
    if (declares_shared(p, &t))
        t.code = SHARED;
    follow_brackets(p, &t);
    return t;
}

/* Skips to the token at which the grammar can go on. After a skipped { … } that is the statement behind it: a `;`, or at the
 * top a `}`, that is not in the text ends the one in error. */
static struct token skip(struct parser *p)
{
    bool behind_brace = false;

    for (;;) {
        const struct token t = scan(p);
        const bool at_level = p->depth <= p->level;
        if (p->gave_up || t.code == NET_EOF || (at_level && t.code == ';') || (t.code == '}' && p->depth < p->level)) {
            p->skipping = false;
            return t;
        }
        if (behind_brace && begins_statement(t.code)) {
            p->skipping = false;
            p->holding = true;
            p->held = t;
            return (struct token){.code = p->level > 0 ? ';' : '}', .at = {p->file, t.at.begin, t.at.begin}};
        }
        behind_brace = t.code == '}' && p->depth == p->level;
        if (behind_brace && p->level == 0) {
            p->skipping = false;
            return t;
        }
    }
}

static struct token take(struct parser *p)
{
    if (p->gave_up)
        return (struct token){.code = NET_EOF, .at = p->latest.at};
    if (p->closing) {
        p->closing = false;
        return (struct token){.code = '}', .at = {p->file, p->latest.at.begin, p->latest.at.begin}};
    }
    return p->skipping ? skip(p) : scan(p);
}

int parser_next_token(union parser_value *value, struct span *at, struct parser *p)
{
    if (p->ds->errors > DIAG_MAX_ERRORS)
        p->gave_up = true;

    struct token t = take(p);
    if (p->gave_up)
        t.code = NET_EOF;
    p->earlier = p->previous;
    p->previous = p->latest;
    p->latest = t;
    *value = t.value;
    *at = t.at;
    return t.code;
}
