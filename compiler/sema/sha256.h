/* sha256: the digest of a stream of bytes (FIPS 180-4). */
#ifndef NETC_SEMA_SHA256_H
#define NETC_SEMA_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t length;    /* bytes so far */
    unsigned char block[64];
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *bytes, size_t count);

/* Ends the stream. The digest's bytes, in order, are those of the words, each with its most significant byte first. */
void sha256_finish(struct sha256 *h, uint64_t digest[4]);

#endif
