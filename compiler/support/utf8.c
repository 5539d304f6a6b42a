/* Source: RFC 3629, section 4 (the syntax of UTF-8 byte sequences); Unicode 15, EastAsianWidth.txt (the wide ranges). */
#include "compiler/support/utf8.h"

size_t utf8_decode(const char *text, size_t length, uint32_t *character)
{
    const unsigned char *byte = (const unsigned char *)text;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t bytes;

    if (byte[0] < 0x80) {
        *character = byte[0];
        return 1;
    }
    if ((byte[0] & 0xe0) == 0xc0)
        bytes = 2;
    else if ((byte[0] & 0xf0) == 0xe0)
        bytes = 3;
    else if ((byte[0] & 0xf8) == 0xf0)
        bytes = 4;
    else
        return 0;
    if (bytes > length)
        return 0;

    uint32_t value = byte[0] & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (byte[i] & 0x3fu);
    }
    if (value < smallest[bytes] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *character = value;
    return bytes;
}

struct range {
    uint32_t first, last;
};

static const struct range no_columns[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                                          {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
                                          {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}};

static const struct range two_columns[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
                                           {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                                           {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

static int within(const struct range *ranges, size_t count, uint32_t character)
{
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return 1;
    return 0;
}

int utf8_columns(uint32_t character)
{
    if (within(no_columns, sizeof no_columns / sizeof *no_columns, character))
        return 0;
    return within(two_columns, sizeof two_columns / sizeof *two_columns, character) ? 2 : 1;
}
