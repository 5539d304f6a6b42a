/* fuzz: what the fuzzers share. */
#ifndef NETC_TESTS_FUZZ_FUZZ_H
#define NETC_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process, so that the fuzzer keeps the input, unless the promise holds. */
static inline void require(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken promise: %s\n", promise);
    abort();
}

enum { FUZZ_PATH = 32 };

/* A file with this content that vanishes when it is closed, and a path that opens it. */
static inline FILE *fuzz_file(const uint8_t *data, size_t size, char path[FUZZ_PATH])
{
    FILE *file = tmpfile();

    require(file != NULL && fwrite(data, 1, size, file) == size && fflush(file) == 0, "a temporary file can be written");
    snprintf(path, FUZZ_PATH, "/proc/self/fd/%d", fileno(file));
    return file;
}

/* Reads every byte, so that the address sanitizer sees a short buffer. */
static inline void fuzz_touch(const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    volatile unsigned sum = 0;

    for (size_t i = 0; i < count; i++)
        sum = sum + at[i];
}

#endif
