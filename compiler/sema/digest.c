/* digest: the stream. */
#include "compiler/sema/digest.h"

#include <stdlib.h>
#include <string.h>

void digest_add_int(struct sha256 *h, int64_t number)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    sha256_add(h, bytes, sizeof bytes);
}

void digest_add_real(struct sha256 *h, double number)
{
    int64_t bits;

    memcpy(&bits, &number, sizeof bits);
    digest_add_int(h, bits);
}

void digest_add_text(struct sha256 *h, const char *text)
{
    const size_t length = text == NULL ? 0 : strlen(text);

    digest_add_int(h, (int64_t)length);
    sha256_add(h, text == NULL ? "" : text, length);
}

void digest_add(struct sha256 *h, const struct digest *d)
{
    for (int i = 0; i < 4; i++)
        digest_add_int(h, (int64_t)d->word[i]);
}

struct digest digest_end(struct sha256 *h)
{
    struct digest d;

    sha256_finish(h, d.word);
    return d;
}

static int compare(const void *a, const void *b)
{
    const struct digest *x = a, *y = b;

    for (int i = 0; i < 4; i++)
        if (x->word[i] != y->word[i])
            return x->word[i] < y->word[i] ? -1 : 1;
    return 0;
}

void digests_sort(struct digest *d, size_t count)
{
    if (count > 1)
        qsort(d, count, sizeof *d, compare);
}
