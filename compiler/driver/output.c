/* output: see output.h. */
#include "compiler/driver/output.h"

#include "compiler/driver/message.h"
#include "compiler/driver/signals.h"
#include "compiler/support/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_PATH = 4096 };

static bool is_stdout(const struct output *o)
{
    return strcmp(o->path, "-") == 0;
}

static const char *scratch_folder(void)
{
    const char *folder = getenv("TMPDIR");

    return folder && folder[0] != '\0' ? folder : "/tmp";
}

static const char *who_named_it(void)
{
    const char *folder = getenv("TMPDIR");

    return folder && folder[0] != '\0' ? "as TMPDIR says" : "and TMPDIR can name another folder";
}

enum status output_cannot_write(const struct output *o)
{
    int error = errno;

    if (o->scratch)
        return fail_about(STATUS_SYSTEM, o->scratch, "cannot write a temporary file: %s (they lie in '%s', %s)", strerror(error),
                          o->scratch, who_named_it());
    if (is_stdout(o))
        return fail(STATUS_SYSTEM, "cannot write to standard output: %s", strerror(error));
    return fail_about(STATUS_SYSTEM, o->path, "cannot write '%s': %s", o->path, strerror(error));
}

const char *output_scratch_advice(struct arena *a)
{
    return arena_printf(a, "; temporary files lie in '%s', %s", scratch_folder(), who_named_it());
}

static bool same_folder(const char *a, const char *b)
{
    struct stat s, t;

    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* Whether two files of which none is there yet would be one. */
static bool same_name(const char *a, const char *b)
{
    const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');
    char folder_a[LONGEST_PATH], folder_b[LONGEST_PATH];

    if (strcmp(slash_a ? slash_a + 1 : a, slash_b ? slash_b + 1 : b) != 0)
        return false;
    snprintf(folder_a, sizeof folder_a, "%.*s", slash_a ? (int)(slash_a - a) + 1 : 1, slash_a ? a : ".");
    snprintf(folder_b, sizeof folder_b, "%.*s", slash_b ? (int)(slash_b - b) + 1 : 1, slash_b ? b : ".");
    return same_folder(folder_a, folder_b);
}

bool output_is_file(const char *path, const char *file)
{
    struct stat s, t;
    bool is_standard = strcmp(path, "-") == 0;
    bool output_exists = (is_standard ? fstat(STDOUT_FILENO, &s) : stat(path, &s)) == 0;
    bool file_exists = (strcmp(file, "-") == 0 ? fstat(STDIN_FILENO, &t) : stat(file, &t)) == 0;

    if (output_exists && file_exists)
        return S_ISREG(s.st_mode) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
    return !output_exists && !file_exists && !is_standard && same_name(path, file);
}

/* Whether the target is written in place: it exists and is no regular file. */
static bool is_in_place(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && !S_ISREG(s.st_mode);
}

/* Makes an empty file under a name of its own in `folder`, which ends with '/' or is empty. */
static enum status make_temporary(struct output *o, const char *folder, struct arena *a)
{
    char *name = arena_printf(a, "%s.netc-XXXXXX", folder);
    sigset_t before;

    signals_hold(&before);
    int fd = mkstemp(name), error = errno;
    if (fd >= 0)
        temporary_add(name);
    signals_release(&before);
    errno = error;
    if (fd < 0)
        return output_cannot_write(o);
    close(fd);
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
        enum status status = output_cannot_write(o);
        output_discard(o);
        return status;
    }
    return STATUS_DONE;
}

static enum status make_scratch(struct output *o, struct arena *a)
{
    o->scratch = scratch_folder();
    return make_temporary(o, arena_printf(a, "%s/", o->scratch), a);
}

enum status output_scratch(struct output *o, struct arena *a)
{
    *o = (struct output){.path = "a temporary file"};
    return make_scratch(o, a);
}

enum status output_reserve(struct output *o, const char *path, struct arena *a)
{
    *o = (struct output){.path = path};
    if (!is_stdout(o) && !is_in_place(path))
        return make_temporary(o, folder_of(path, a), a);
    return make_scratch(o, a);
}

static enum status cannot_read_back(const struct output *o)
{
    return fail_about(STATUS_SYSTEM, o->temporary, "cannot read the temporary file '%s': %s", o->temporary, strerror(errno));
}

/* The target itself, for messages: what was written to the temporary file is whole by now. */
static enum status cannot_write_target(const struct output *o)
{
    return output_cannot_write(&(struct output){.path = o->path});
}

static enum status copy_to(FILE *out, const struct output *o, FILE *in)
{
    char bytes[1 << 14];
    size_t count;

    do {
        count = fread(bytes, 1, sizeof bytes, in);
        if (fwrite(bytes, 1, count, out) != count)
            return cannot_write_target(o);
    } while (count == sizeof bytes);
    return ferror(in) ? cannot_read_back(o) : STATUS_DONE;
}

/* Copies a file to a path that exists, or to standard output. */
static enum status copy_file(FILE *in, const struct output *o)
{
    if (is_stdout(o))
        return copy_to(stdout, o, in);
    FILE *out = fopen(o->path, "w");
    if (!out)
        return cannot_write_target(o);
    enum status status = copy_to(out, o, in);
    if (fclose(out) != 0 && status == STATUS_DONE)
        status = cannot_write_target(o);
    return status;
}

/* Copies what a tool has written to a target that cannot be renamed to. */
static enum status copy_in_place(struct output *o)
{
    FILE *in = fopen(o->temporary, "r");
    enum status status = in ? copy_file(in, o) : cannot_read_back(o);

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
        status = output_cannot_write(o);
        output_discard(o);
        return status;
    }
    if (!o->temporary)
        return STATUS_DONE;
    if (is_stdout(o) || is_in_place(o->path))
        return copy_in_place(o);
    if (chmod(o->temporary, (executable ? 0777 : 0666) & ~mask) != 0 || rename(o->temporary, o->path) != 0) {
        status = output_cannot_write(o);
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
