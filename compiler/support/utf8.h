/* utf8: decoding, and how wide a character is on a terminal. */
#ifndef NETC_SUPPORT_UTF8_H
#define NETC_SUPPORT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the character at the front of `text`. Returns its length in bytes (1 to 4), or 0 when the bytes are not valid
 * UTF-8: stray or missing continuation bytes, overlong forms, surrogates, beyond U+10FFFF. `length` is at least 1. */
size_t utf8_decode(const char *text, size_t length, uint32_t *character);

/* Columns that a character takes on a terminal: 0 for combining marks, 2 for wide East Asian characters and emoji, else 1. */
int utf8_columns(uint32_t character);

#endif
