/* format: what a file is by its first bytes. */
#include "netrt/format.h"

#include "netrt/reading.h"

#include <stdio.h>
#include <string.h>

enum { HEAD = 16 };

/* Found at `at` of a file; `name` is for people. PNG by half of its signature: the other half tells of damage. */
static const struct {
    int at, count;
    const char *bytes;
    enum netrt_format format;
    const char *name;
} signatures[] = {
    {0, 4, "\x89PNG", NETRT_FORMAT_PNG, "a PNG picture"},
    {0, 3, "\xff\xd8\xff", NETRT_FORMAT_OTHER, "a JPEG picture"},
    {0, 4, "GIF8", NETRT_FORMAT_OTHER, "a GIF picture"},
    {0, 2, "BM", NETRT_FORMAT_OTHER, "a BMP picture"},
    {0, 4, "II*\0", NETRT_FORMAT_OTHER, "a TIFF picture"},
    {0, 4, "MM\0*", NETRT_FORMAT_OTHER, "a TIFF picture"},
    {8, 4, "WEBP", NETRT_FORMAT_OTHER, "a WebP picture"},
    {8, 4, "WAVE", NETRT_FORMAT_OTHER, "a WAV recording"},
    {4, 4, "ftyp", NETRT_FORMAT_OTHER, "an MP4, AVIF or HEIC file"},
    {0, 6, "\x93NUMPY", NETRT_FORMAT_OTHER, "a NumPy array"},
    {0, 4, "PK\3\4", NETRT_FORMAT_OTHER, "a zip archive, as .npz and .pt are"},
    {0, 4, "%PDF", NETRT_FORMAT_OTHER, "a PDF document"},
    {0, 4, "\x89HDF", NETRT_FORMAT_OTHER, "an HDF5 file"},
    {8, 2, "{\"", NETRT_FORMAT_OTHER, "a safetensors file"},
};

/* Two zero bytes, a type and how many sizes follow. */
static bool begins_as_idx(const unsigned char *head, int64_t count)
{
    return count >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 0x08 && head[2] <= 0x0e && head[3] != 0;
}

static bool is_text(const unsigned char *head, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        if (head[i] < 0x20 && (head[i] < '\t' || head[i] > '\r'))
            return false;
    }
    return true;
}

static enum netrt_format tell(const unsigned char *head, int64_t count, char text[NETRT_FORMAT_TEXT])
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        if (count < signatures[i].at + signatures[i].count ||
            memcmp(head + signatures[i].at, signatures[i].bytes, (size_t)signatures[i].count) != 0)
            continue;
        snprintf(text, NETRT_FORMAT_TEXT, "%s", signatures[i].name);
        return signatures[i].format;
    }
    if (begins_as_idx(head, count))
        return NETRT_FORMAT_IDX;
    if (count == 0) {
        snprintf(text, NETRT_FORMAT_TEXT, "empty");
    } else if (is_text(head, count)) {
        snprintf(text, NETRT_FORMAT_TEXT, "text");
    } else {
        size_t used = (size_t)snprintf(text, NETRT_FORMAT_TEXT, "beginning with 0x");
        for (int64_t i = 0; i < count && i < 4; i++)
            used += (size_t)snprintf(text + used, NETRT_FORMAT_TEXT - used, "%02x", head[i]);
    }
    return NETRT_FORMAT_OTHER;
}

enum netrt_status netrt_format_of(const char *path, enum netrt_format *format, char text[NETRT_FORMAT_TEXT],
                                  struct netrt_error *error)
{
    struct netrt_reading *reading;
    unsigned char head[HEAD];
    int64_t count = 0;

    text[0] = '\0';
    enum netrt_status status = netrt_reading_open(&reading, path, error);
    if (status != NETRT_OK)
        return status;
    status = netrt_reading_take(reading, head, HEAD, &count, error);
    netrt_reading_close(reading);
    if (status == NETRT_OK)
        *format = tell(head, count, text);
    return status;
}
