/* reading: regular files, and what gzip made of them. */
#include "netrt/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* The most that deflate can expand a file: 258 bytes from two bits, so a little above 1032 to 1 (zlib's own documentation). */
enum { DEFLATE_MOST = 1040, BUFFER = 1 << 17, CHUNK = 1 << 24, GZIP_WINDOW = 15 + 16, MAGIC_1 = 0x1f, MAGIC_2 = 0x8b };

struct netrt_reading {
    char *name;
    int handle;
    int64_t file_bytes;
    int64_t file_offset;    /* of the end of what is in the buffer */
    int64_t offset;         /* in the contents */
    bool packed;
    bool between;           /* compressed data have ended; more of them may follow */
    z_stream unpack;        /* next_in, avail_in: what is left in the buffer, for plain files too */
    unsigned char buffer[BUFFER];
};

/* ---- Opening --------------------------------------------------------------------------------------------------------- */

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode) ? "a folder" : S_ISFIFO(mode) ? "a named pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

/* It is looked at before it is opened, and again after: a name may have come to mean something else in between. */
enum netrt_status netrt_regular_open(const char *path, int *handle, int64_t *bytes, struct netrt_error *error)
{
    struct stat facts;

    if (stat(path, &facts) != 0)
        return netrt_fail_errno(error, "cannot open %s", path);
    if (!S_ISREG(facts.st_mode))
        return netrt_fail(error, NETRT_E_SYSTEM, "%s is no regular file, but %s", path, kind_of(facts.st_mode));
    *handle = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*handle < 0)
        return netrt_fail_errno(error, "cannot open %s", path);
    if (fstat(*handle, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(*handle);
        return netrt_fail(error, NETRT_E_SYSTEM, "%s is no regular file, but %s", path, kind_of(facts.st_mode));
    }
    *bytes = facts.st_size;
    return NETRT_OK;
}

static enum netrt_status out_of_memory(struct netrt_error *error, const char *path)
{
    return netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory", path);
}

/* r->name becomes the file that was found: where there is none, an error about `path` itself. */
static enum netrt_status open_either(struct netrt_reading *r, const char *path, struct netrt_error *error)
{
    size_t size = strlen(path) + sizeof ".gz";
    struct stat facts;

    r->name = malloc(size);
    if (r->name == NULL)
        return out_of_memory(error, path);
    snprintf(r->name, size, "%s", path);
    if (stat(path, &facts) != 0 && errno == ENOENT) {
        snprintf(r->name, size, "%s.gz", path);
        if (stat(r->name, &facts) != 0)
            snprintf(r->name, size, "%s", path);
    }
    return netrt_regular_open(r->name, &r->handle, &r->file_bytes, error);
}

/* Reads the buffer full, as far as the file goes. */
static enum netrt_status fill(struct netrt_reading *r, struct netrt_error *error)
{
    size_t got = 0;

    while (got < BUFFER) {
        ssize_t part = read(r->handle, r->buffer + got, BUFFER - got);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return netrt_fail_errno(error, "%s: cannot read at byte %" PRId64, r->name, r->file_offset + (int64_t)got);
        if (part == 0)
            break;
        got += (size_t)part;
    }
    r->file_offset += (int64_t)got;
    r->unpack.next_in = r->buffer;
    r->unpack.avail_in = (uInt)got;
    return NETRT_OK;
}

static enum netrt_status begin(struct netrt_reading *r, const char *path, struct netrt_error *error)
{
    enum netrt_status status = open_either(r, path, error);

    if (status == NETRT_OK)
        status = fill(r, error);
    if (status != NETRT_OK)
        return status;
    if (r->unpack.avail_in >= 2 && r->buffer[0] == MAGIC_1 && r->buffer[1] == MAGIC_2) {
        if (inflateInit2(&r->unpack, GZIP_WINDOW) != Z_OK)
            return out_of_memory(error, r->name);
        r->packed = true;
    }
    return NETRT_OK;
}

enum netrt_status netrt_reading_open(struct netrt_reading **reading, const char *path, struct netrt_error *error)
{
    struct netrt_reading *r = calloc(1, sizeof *r);

    *reading = NULL;
    if (r == NULL)
        return out_of_memory(error, path);
    r->handle = -1;
    enum netrt_status status = begin(r, path, error);
    if (status != NETRT_OK)
        netrt_reading_close(r);
    else
        *reading = r;
    return status;
}

void netrt_reading_close(struct netrt_reading *r)
{
    if (r == NULL)
        return;
    if (r->packed)
        inflateEnd(&r->unpack);
    if (r->handle >= 0)
        close(r->handle);
    free(r->name);
    free(r);
}

/* ---- Taking ---------------------------------------------------------------------------------------------------------- */

/* zlib's reasons for the parts of a file that people know by other names. */
static const char *reason_of(const char *message)
{
    static const char *const other[][2] = {
        {"incorrect data check", "the checksum does not fit the contents"},
        {"incorrect length check", "the length at the end does not fit the contents"},
        {"incorrect header check", "no gzip data begin there"},
        {"header crc mismatch", "the checksum of the header does not fit it"},
    };

    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        if (message != NULL && strcmp(message, other[i][0]) == 0)
            return other[i][1];
    }
    return message != NULL ? message : "they need a dictionary, which the file does not have";
}

static int64_t place_in_file(const struct netrt_reading *r)
{
    return r->file_offset - (int64_t)r->unpack.avail_in;
}

/* One step of inflate. *got grows by what it gives. */
static enum netrt_status unpack_some(struct netrt_reading *r, unsigned char *to, int64_t count, int64_t *got,
                                     struct netrt_error *error)
{
    int64_t wanted = count - *got < CHUNK ? count - *got : CHUNK;

    r->unpack.next_out = to + *got;
    r->unpack.avail_out = (uInt)wanted;
    int code = inflate(&r->unpack, Z_NO_FLUSH);
    *got += wanted - (int64_t)r->unpack.avail_out;
    if (code == Z_MEM_ERROR)
        return out_of_memory(error, r->name);
    if (code == Z_DATA_ERROR || code == Z_NEED_DICT || code == Z_STREAM_ERROR)
        return netrt_fail(error, NETRT_E_CONTENT,
                          "%s: damaged gzip data at byte %" PRId64 " of the file, %" PRId64 " of the contents: %s", r->name,
                          place_in_file(r), r->offset + *got, reason_of(r->unpack.msg));
    r->between = code == Z_STREAM_END;
    return NETRT_OK;
}

/* After compressed data: the end, zeros up to it as tapes have them, or more compressed data. */
static enum netrt_status go_on(struct netrt_reading *r, struct netrt_error *error)
{
    while (r->unpack.avail_in > 0 && *r->unpack.next_in == 0) {
        r->unpack.next_in++;
        r->unpack.avail_in--;
    }
    if (r->unpack.avail_in == 0)
        return NETRT_OK;
    if (*r->unpack.next_in != MAGIC_1)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: the gzip data end at byte %" PRId64 ", but something else follows", r->name,
                          place_in_file(r));
    inflateReset(&r->unpack);
    r->between = false;
    return NETRT_OK;
}

static enum netrt_status take_packed(struct netrt_reading *r, unsigned char *to, int64_t count, int64_t *got,
                                     struct netrt_error *error)
{
    enum netrt_status status = NETRT_OK;

    while (*got < count && status == NETRT_OK) {
        if (r->unpack.avail_in == 0) {
            status = fill(r, error);
            if (status == NETRT_OK && r->unpack.avail_in == 0) {
                if (r->between)
                    break;
                return netrt_fail(error, NETRT_E_CONTENT, "%s: the gzip data break off at the end of the file, byte %" PRId64,
                                  r->name, r->file_offset);
            }
        }
        if (status == NETRT_OK && r->between)
            status = go_on(r, error);
        else if (status == NETRT_OK)
            status = unpack_some(r, to, count, got, error);
    }
    return status;
}

static enum netrt_status take_plain(struct netrt_reading *r, unsigned char *to, int64_t count, int64_t *got,
                                    struct netrt_error *error)
{
    while (*got < count) {
        if (r->unpack.avail_in == 0) {
            enum netrt_status status = fill(r, error);
            if (status != NETRT_OK || r->unpack.avail_in == 0)
                return status;
        }
        int64_t part = count - *got < (int64_t)r->unpack.avail_in ? count - *got : (int64_t)r->unpack.avail_in;
        memcpy(to + *got, r->unpack.next_in, (size_t)part);
        r->unpack.next_in += part;
        r->unpack.avail_in -= (uInt)part;
        *got += part;
    }
    return NETRT_OK;
}

enum netrt_status netrt_reading_take(struct netrt_reading *r, void *to, int64_t count, int64_t *got, struct netrt_error *error)
{
    *got = 0;
    enum netrt_status status = r->packed ? take_packed(r, to, count, got, error) : take_plain(r, to, count, got, error);
    r->offset += *got;
    return status;
}

const char *netrt_reading_name(const struct netrt_reading *r)
{
    return r->name;
}

bool netrt_reading_is_packed(const struct netrt_reading *r)
{
    return r->packed;
}

int64_t netrt_reading_file_bytes(const struct netrt_reading *r)
{
    return r->file_bytes;
}

int64_t netrt_reading_offset(const struct netrt_reading *r)
{
    return r->offset;
}

bool netrt_reading_is_too_short(const struct netrt_reading *r, int64_t bytes)
{
    int64_t most = r->packed ? r->file_bytes * DEFLATE_MOST : r->file_bytes;

    return bytes > most;
}
