/* output: see output.h. */
#include "compiler/driver/output.h"

#include "compiler/driver/message.h"
#include "compiler/support/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_stdout(const struct output *o)
{
    return strcmp(o->path, "-") == 0;
}

static enum status cannot(const char *what, const char *path)
{
    return fail(STATUS_SYSTEM, "cannot %s '%s': %s", what, path, strerror(errno));
}

/* Whether the target is written in place: it exists and is no regular file. */
static bool is_in_place(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && !S_ISREG(s.st_mode);
}

/* Makes an empty file for `path` under a name of its own in `folder`, which ends with '/' or is empty. */
static enum status make_temporary(struct output *o, const char *folder, struct arena *a)
{
    char *name = arena_printf(a, "%s.netc-XXXXXX", folder);
    int fd = mkstemp(name);

    if (fd < 0)
        return cannot("write", o->path);
    close(fd);
    temporary_add(name);
    o->temporary = name;
    return STATUS_DONE;
}

static const char *folder_of(const char *path, struct arena *a)
{
    const char *slash = strrchr(path, '/');

    return slash ? arena_copy(a, path, (size_t)(slash - path) + 1) : "";
}

enum status output_open(struct output *o, const char *path, struct arena *a)
{
    *o = (struct output){.path = path};
    if (is_stdout(o)) {
        o->file = stdout;
        return STATUS_DONE;
    }
    if (!is_in_place(path)) {
        enum status status = make_temporary(o, folder_of(path, a), a);
        if (status != STATUS_DONE)
            return status;
    }
    o->file = fopen(o->temporary ? o->temporary : path, "w");
    if (!o->file) {
        enum status status = cannot("write", path);
        output_discard(o);
        return status;
    }
    return STATUS_DONE;
}

enum status output_reserve(struct output *o, const char *path, struct arena *a)
{
    const char *folder = getenv("TMPDIR");

    *o = (struct output){.path = path};
    if (!is_stdout(o) && !is_in_place(path))
        return make_temporary(o, folder_of(path, a), a);
    return make_temporary(o, arena_printf(a, "%s/", folder && folder[0] != '\0' ? folder : "/tmp"), a);
}

static enum status copy_to(FILE *out, const char *path, FILE *in)
{
    char bytes[1 << 14];
    size_t count;

    do {
        count = fread(bytes, 1, sizeof bytes, in);
        if (fwrite(bytes, 1, count, out) != count)
            return cannot("write", path);
    } while (count == sizeof bytes);
    return ferror(in) ? cannot("read", "a temporary file") : STATUS_DONE;
}

/* Copies a file to a path that exists, or to standard output. */
static enum status copy_file(FILE *in, const struct output *o)
{
    if (is_stdout(o))
        return copy_to(stdout, o->path, in);
    FILE *out = fopen(o->path, "w");
    if (!out)
        return cannot("write", o->path);
    enum status status = copy_to(out, o->path, in);
    if (fclose(out) != 0 && status == STATUS_DONE)
        status = cannot("write", o->path);
    return status;
}

/* Copies what a tool has written to a target that cannot be renamed to. */
static enum status copy_in_place(struct output *o)
{
    FILE *in = fopen(o->temporary, "r");
    enum status status = in ? copy_file(in, o) : cannot("read", o->temporary);

    if (in)
        fclose(in);
    output_discard(o);
    return status;
}

/* Closes the stream; false with errno if anything was not written. */
static bool close_stream(struct output *o)
{
    bool whole = !ferror(o->file);

    if (fclose(o->file) != 0)
        whole = false;
    o->file = NULL;
    return whole;
}

enum status output_commit(struct output *o, bool executable)
{
    enum status status = STATUS_DONE;
    mode_t mask = umask(0);

    umask(mask);
    if (o->file == stdout)
        return STATUS_DONE;    /* checked at the end, by output_close_stdout */
    if (o->file && !close_stream(o)) {
        status = cannot("write", o->path);
        output_discard(o);
        return status;
    }
    if (!o->temporary)
        return STATUS_DONE;
    if (is_stdout(o) || is_in_place(o->path))
        return copy_in_place(o);
    if (chmod(o->temporary, (executable ? 0777 : 0666) & ~mask) != 0 || rename(o->temporary, o->path) != 0) {
        status = cannot("write", o->path);
        output_discard(o);
        return status;
    }
    temporary_forget(o->temporary);
    return STATUS_DONE;
}

void output_discard(struct output *o)
{
    if (o->file && o->file != stdout)
        fclose(o->file);
    o->file = NULL;
    if (o->temporary) {
        unlink(o->temporary);
        temporary_forget(o->temporary);
        o->temporary = NULL;
    }
}

enum status output_close_stdout(void)
{
    bool whole = fflush(stdout) == 0 && !ferror(stdout);

    /* Nothing was to be written to a standard output that was closed from the beginning. */
    if (whole && fclose(stdout) != 0)
        whole = errno == EBADF;
    return whole ? STATUS_DONE : fail(STATUS_SYSTEM, "cannot write to standard output: %s", strerror(errno));
}
