/* assembly: see assembly.h. A kernel's function is called as the kernel is, or kernel_NAME (emit/identifiers.h); it begins with that
 * label and ends with the directive .size. */
#define _XOPEN_SOURCE 700 /* getline */

#include "compiler/driver/assembly.h"

#include "compiler/driver/message.h"
#include "compiler/driver/output.h"
#include "compiler/loop/loop.h"
#include "compiler/support/arena.h"
#include "compiler/support/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether the line is the label of a kernel that matches. */
static bool begins_kernel(const struct loop_module *m, const char *pattern, const char *line, struct arena *a)
{
    static const char prefix[] = "kernel_";
    size_t length = strcspn(line, ":");

    if (line[length] != ':')
        return false;
    const char *label = arena_copy(a, line, length);
    const char *name = strncmp(label, prefix, sizeof prefix - 1) == 0 ? label + sizeof prefix - 1 : label;
    for (size_t i = 0; i < m->kernel.count; i++) {
        const char *kernel = m->kernel.at[i]->name;
        if (strcmp(kernel, name) == 0 || strcmp(kernel, label) == 0)
            return text_matches(pattern, kernel);
    }
    return false;
}

static bool ends_function(const char *line)
{
    return strncmp(line + strspn(line, " \t"), ".size", 5) == 0;
}

static void copy_kernels(const struct loop_module *m, const char *pattern, FILE *in, FILE *out, struct arena *a)
{
    char *line = NULL;
    size_t capacity = 0;
    bool inside = false;

    while (getline(&line, &capacity, in) > 0) {
        inside = inside || begins_kernel(m, pattern, line, a);
        if (inside)
            fputs(line, out);
        if (inside && ends_function(line)) {
            fputc('\n', out);
            inside = false;
        }
    }
    free(line);
}

static enum status replace(const char *path, const char *text, size_t length, const struct output *to)
{
    FILE *out = fopen(path, "w");
    bool whole = out && fwrite(text, 1, length, out) == length;

    if (out && fclose(out) != 0)
        whole = false;
    return whole ? STATUS_DONE : output_cannot_write(to);
}

enum status assembly_keep_kernels(const struct loop_module *m, const char *pattern, const struct output *to, struct arena *a)
{
    char *text = NULL;
    size_t length = 0;
    FILE *in = fopen(to->temporary, "r");

    if (!in)
        return fail_about(STATUS_SYSTEM, to->temporary, "cannot read '%s': %s", to->temporary, strerror(errno));
    FILE *out = open_memstream(&text, &length);
    if (!out)
        end_out_of_memory(0);
    copy_kernels(m, pattern, in, out, a);
    bool read = !ferror(in);
    fclose(in);
    if (fclose(out) != 0)
        end_out_of_memory(length);
    enum status status = read ? replace(to->temporary, text, length, to)
                              : fail_about(STATUS_SYSTEM, to->temporary, "cannot read '%s' to the end", to->temporary);
    free(text);
    return status;
}
