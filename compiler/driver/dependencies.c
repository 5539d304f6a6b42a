/* dependencies: see dependencies.h. */
#include "compiler/driver/dependencies.h"

#include "compiler/driver/compilation.h"
#include "compiler/driver/output.h"

#include <string.h>

/* A name as make reads it: blanks, # and \ get a backslash, $ is doubled. */
static void print_name(const char *name, FILE *out)
{
    for (; *name != '\0'; name++) {
        if (*name == ' ' || *name == '\t' || *name == '#' || *name == '\\')
            fputc('\\', out);
        else if (*name == '$')
            fputc('$', out);
        fputc(*name, out);
    }
}

/* "a/lenet5.d" for "a/lenet5" and "a/lenet5.o". */
static const char *beside(struct compilation *c, const char *output)
{
    const char *slash = strrchr(output, '/'), *name = slash ? slash + 1 : output, *dot = strrchr(name, '.');
    size_t length = dot && dot != name ? (size_t)(dot - output) : strlen(output);

    return arena_printf(c->arena, "%.*s.d", (int)length, output);
}

const char *dependencies_path(struct compilation *c, const char *output)
{
    return c->options->dependency_file ? c->options->dependency_file : beside(c, output);
}

enum status dependencies_write(struct compilation *c, const char *output)
{
    const char *path = dependencies_path(c, output);
    struct output o;
    enum status status = output_open(&o, path, c->arena);

    if (status != STATUS_DONE)
        return status;
    print_name(output, o.file);
    fputc(':', o.file);
    for (size_t i = 0; i < c->sources.file.count; i++) {
        if (i == 0 && strcmp(c->file, "-") == 0)
            continue;    /* standard input is no file that make could look at */
        fputs(" \\\n  ", o.file);
        print_name(c->sources.file.at[i].name, o.file);
    }
    fputc('\n', o.file);
    return output_commit(&o, false);
}
