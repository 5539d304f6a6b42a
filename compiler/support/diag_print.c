/* diag_print: diagnostics as text for people and as JSON for tools. */
#include "compiler/support/diag.h"
#include "compiler/support/text.h"
#include "compiler/support/utf8.h"

#include <string.h>

/* Columns of source that are shown of a long line; columns before the span when its beginning is cut; a tab stop. */
enum { WINDOW = 120, LEAD = 40, TAB = 8 };

struct style {
    const char *error, *warning, *note, *place, *caret, *end;
};

static const struct style plain = {"", "", "", "", "", ""};
static const struct style colored = {"\033[1;31m", "\033[1;35m", "\033[1;36m", "\033[1m", "\033[1;32m", "\033[0m"};

static const char *severity_text(enum diag_severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR: return "error";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_NOTE: return "note";
    }
    return "";
}

static const char *severity_color(const struct style *s, enum diag_severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR: return s->error;
    case SEVERITY_WARNING: return s->warning;
    case SEVERITY_NOTE: return s->note;
    }
    return "";
}

/* The file that a message without a place is about: the main one. NULL: no file was read. */
static const char *whole_file(const struct diags *ds)
{
    return ds->sources != NULL && ds->sources->file.count > 0 ? ds->sources->file.at[0].name : NULL;
}

static void print_message(const struct diags *ds, const struct diag *d, const struct style *s, FILE *out)
{
    if (!span_is_none(d->at)) {
        const struct position p = source_position(ds->sources, d->at);
        fprintf(out, "%s%s:%u:%u:%s ", s->place, p.file, p.line, p.column, s->end);
    } else if (whole_file(ds) != NULL) {
        fprintf(out, "%s%s:%s ", s->place, whole_file(ds), s->end);
    }
    fprintf(out, "%s%s:%s %s", severity_color(s, d->severity), severity_text(d->severity), s->end, d->text);

    const char *flag = d->severity == SEVERITY_NOTE ? NULL : diag_warning_flag(d->code);
    if (flag != NULL)
        fprintf(out, " [-W%s%s]", d->severity == SEVERITY_ERROR ? "error=" : "", flag);
    putc('\n', out);
}

/* ---- The source line ----------------------------------------------------------------------------------------------- */

/* One character of a line as the terminal shows it. */
struct cell {
    const char *bytes;
    size_t length;    /* of its bytes in the file */
    int columns;
    bool literal;     /* its bytes are printed; else spaces (a tab) or a question mark (what would upset a terminal) */
};

static struct cell cell_at(const char *text, size_t left, size_t column)
{
    uint32_t character;
    const size_t length = utf8_decode(text, left, &character);

    if (*text == '\t')
        return (struct cell){text, 1, TAB - (int)(column % TAB), false};
    if (length == 0)
        return (struct cell){text, 1, 1, false};
    if (character < 0x20 || (character >= 0x7f && character < 0xa0))
        return (struct cell){text, length, 1, false};
    return (struct cell){text, length, utf8_columns(character), true};
}

/* The column, from 0, at which the byte `offset` of a line is shown. */
static size_t column_of(const char *line, size_t length, size_t offset)
{
    size_t column = 0;

    for (size_t i = 0; i < offset && i < length;) {
        const struct cell c = cell_at(line + i, length - i, column);
        column += (size_t)c.columns;
        i += c.length;
    }
    return column;
}

static void print_cell(const struct cell *c, FILE *out)
{
    if (c->literal)
        fwrite(c->bytes, 1, c->length, out);
    else if (*c->bytes == '\t')
        fprintf(out, "%*s", c->columns, "");
    else
        putc('?', out);
}

/* Prints the columns [first, last) of a line. Of a character that begins before `first` the rest is shown as spaces. */
static void print_columns(const char *line, size_t length, size_t first, size_t last, FILE *out)
{
    size_t column = 0;

    for (size_t i = 0; i < length && column < last;) {
        const struct cell c = cell_at(line + i, length - i, column);
        const size_t after = column + (size_t)c.columns;
        if (column >= first && after <= last)
            print_cell(&c, out);
        else if (column < first && after > first)
            fprintf(out, "%*s", (int)(after - first), "");
        column = after;
        i += c.length;
    }
}

static void print_underline(size_t indent, size_t columns, const struct style *s, FILE *out)
{
    fprintf(out, "      | %*s%s^", (int)indent, "", s->caret);
    for (size_t i = 1; i < columns; i++)
        putc('~', out);
    fprintf(out, "%s\n", s->end);
}

/* The line without its end: CR LF counts as one end. */
static size_t line_length(const struct source *file, size_t begin)
{
    size_t end = begin;

    while (end < file->length && file->text[end] != '\n')
        end++;
    return end > begin && file->text[end - 1] == '\r' ? end - begin - 1 : end - begin;
}

static void print_line(const struct diags *ds, struct span at, const struct style *s, FILE *out)
{
    const struct source *file = &ds->sources->file.at[at.file];
    const struct position p = source_position(ds->sources, at);
    const size_t line_begin = file->lines.at[p.line - 1];
    const char *line = file->text + line_begin;
    const size_t length = line_length(file, line_begin);
    const size_t total = column_of(line, length, length);
    const size_t begin = column_of(line, length, at.begin - line_begin);
    const size_t end = column_of(line, length, at.end > at.begin ? at.end - line_begin : 0);

    size_t first = 0, last = total;
    if (total > WINDOW) {
        first = begin > WINDOW - LEAD ? begin - LEAD : 0;
        last = first + WINDOW < total ? first + WINDOW : total;
    }
    const size_t mark = first > 0 ? 4 : 0;    /* columns of "... " */

    fprintf(out, "%5u | %s", p.line, first > 0 ? "... " : "");
    print_columns(line, length, first, last, out);
    fprintf(out, "%s\n", last < total ? " ..." : "");

    const size_t stop = end < last ? end : last;
    print_underline(mark + begin - first, stop > begin ? stop - begin : 1, s, out);
}

static void print_text(const struct diags *ds, const struct diag *d, const struct style *s, FILE *out)
{
    print_message(ds, d, s, out);
    if (!span_is_none(d->at))
        print_line(ds, d->at, s, out);
    for (const struct diag *note = d->notes; note != NULL; note = note->next)
        print_message(ds, note, s, out);
    for (const struct diag *call = d->calls; call != NULL; call = call->next)
        print_message(ds, call, s, out);
    if (d->hint != NULL)
        fprintf(out, "   hint: %s\n", d->hint);
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

static void print_json_place(const struct diags *ds, const struct diag *d, FILE *out)
{
    fputs("\"message\": ", out);
    text_print_quoted(d->text, out);
    if (span_is_none(d->at)) {
        if (whole_file(ds) != NULL) {
            fputs(", \"file\": ", out);
            text_print_quoted(whole_file(ds), out);
        }
        return;
    }
    const struct position begin = source_position(ds->sources, d->at);
    const struct position end = source_position(ds->sources, (struct span){d->at.file, d->at.end, d->at.end});
    fputs(", \"file\": ", out);
    text_print_quoted(begin.file, out);
    fprintf(out, ", \"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u", begin.line, begin.column, end.line,
            end.column);
}

static void print_json_notes(const struct diags *ds, const struct diag *notes, bool *first, FILE *out)
{
    for (const struct diag *note = notes; note != NULL; note = note->next) {
        fputs(*first ? "{" : ", {", out);
        print_json_place(ds, note, out);
        putc('}', out);
        *first = false;
    }
}

static void print_json(const struct diags *ds, const struct diag *d, FILE *out)
{
    const char *flag = diag_warning_flag(d->code);
    bool first = true;

    fprintf(out, "{\"severity\": \"%s\", \"code\": \"%c%d\", ", severity_text(d->severity), flag != NULL ? 'W' : 'E', (int)d->code);
    if (flag != NULL) {
        fputs("\"flag\": ", out);
        text_print_quoted(flag, out);
        fputs(", ", out);
    }
    print_json_place(ds, d, out);
    fputs(", \"notes\": [", out);
    print_json_notes(ds, d->notes, &first, out);
    print_json_notes(ds, d->calls, &first, out);
    putc(']', out);
    if (d->hint != NULL) {
        fputs(", \"hint\": ", out);
        text_print_quoted(d->hint, out);
    }
    fputs("}\n", out);
}

void diag_print(const struct diags *ds, enum diag_format format, bool color, FILE *out)
{
    const struct style *s = color ? &colored : &plain;

    for (const struct diag *d = ds->first; d != NULL; d = d->next) {
        if (format == DIAG_JSON)
            print_json(ds, d, out);
        else
            print_text(ds, d, s, out);
    }
    if (format == DIAG_TEXT && ds->errors > DIAG_MAX_ERRORS)
        fprintf(out, "too many errors: %zu found, the first %d are shown\n", ds->errors, DIAG_MAX_ERRORS);
}
