/* read: a regular file as text: size, encoding and forbidden bytes are checked before anything looks at it. */
#include "compiler/support/utf8.h"
#include "compiler/syntax/parser.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads to the end, into fresh arena memory as long as the file grows. */
static enum read_status read_descriptor(int fd, size_t expected, struct arena *arena, const char **text, size_t *length)
{
    struct {
        char *at;
        size_t count, capacity;
    } bytes = {.capacity = (expected < MAX_FILE_BYTES ? expected : MAX_FILE_BYTES) + 2};

    bytes.at = arena_alloc(arena, bytes.capacity);
    for (;;) {
        if (bytes.count > MAX_FILE_BYTES)
            return READ_TOO_LARGE;
        bytes.at = vec_reserve(arena, bytes.at, bytes.count, &bytes.capacity, 1);
        const ssize_t got = read(fd, bytes.at + bytes.count, bytes.capacity - bytes.count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return READ_FAILED;
        if (got == 0)
            break;
        bytes.count += (size_t)got;
    }
    *text = bytes.at;
    *length = bytes.count;
    return READ_OK;
}

enum read_status read_whole_file(const char *path, struct arena *arena, const char **text, size_t *length)
{
    enum read_status status = READ_FAILED;
    struct stat info;

    if (strcmp(path, "-") == 0)
        return read_descriptor(STDIN_FILENO, 0, arena, text, length);
    /* Without O_NONBLOCK the opening of a pipe that nobody writes to would wait, before it can be refused. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return READ_FAILED;
    if (fstat(fd, &info) == 0) {
        if (!S_ISREG(info.st_mode))
            status = READ_NOT_REGULAR;
        else if (info.st_size > MAX_FILE_BYTES)
            status = READ_TOO_LARGE;
        else
            status = read_descriptor(fd, (size_t)info.st_size, arena, text, length);
    }
    const int reason = errno;
    close(fd);
    errno = reason;
    return status;
}

bool check_text(const struct sources *sources, uint32_t file, struct diags *ds)
{
    const struct source *f = &sources->file.at[file];

    for (size_t i = 0; i < f->length;) {
        const struct span here = {file, (uint32_t)i, (uint32_t)i + 1};
        uint32_t character;
        const size_t wide = utf8_decode(f->text + i, f->length - i, &character);
        if (wide == 0) {
            diag_error(ds, here, DIAG_BAD_UTF8, "the byte 0x%02X is not valid UTF-8 here", (unsigned char)f->text[i]);
            diag_hint(ds, "save the file as UTF-8");
            return false;
        }
        if (character == 0)
            return diag_error(ds, here, DIAG_BAD_UTF8, "the file contains a NUL byte");
        i += wide;
    }
    return true;
}
