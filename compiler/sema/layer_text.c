/* layer_text: the source's own words on one line, with values in the place of expressions that were computed. */
#include "compiler/sema/layer_text.h"

#include "compiler/support/arena.h"

#include <string.h>

/* Blanks and ends of lines become single blanks. */
static const char *on_one_line(struct arena *a, const char *text)
{
    char *line = arena_strdup(a, text);
    size_t n = 0;

    for (const char *c = text; *c != '\0'; c++) {
        const bool blank = strchr(" \t\r\n", *c) != NULL;
        if (!blank || (n > 0 && line[n - 1] != ' '))
            line[n++] = blank ? ' ' : *c;
    }
    line[n] = '\0';
    return line;
}

const char *layer_text(struct arena *a, const struct sources *sources, struct span call, const struct layer_argument argument[],
                       size_t count)
{
    const char *source = sources->file.at[call.file].text, *text = "";
    uint32_t done = call.begin;

    for (size_t i = 0; i < count; i++) {
        const struct span at = argument[i].at;
        const char *value = argument[i].value ? literal_text(argument[i].value, a) : NULL;
        if (!value || at.file != call.file || at.begin < done || at.end > call.end)
            continue;
        text = arena_printf(a, "%s%.*s%s", text, (int)(at.begin - done), source + done, value);
        done = at.end;
    }
    return on_one_line(a, arena_printf(a, "%s%.*s", text, (int)(call.end - done), source + done));
}
