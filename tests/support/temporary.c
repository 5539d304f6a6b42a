/* nftw is an X/Open extension. */
#define _XOPEN_SOURCE 700
#include "tests/support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ftw.h>

enum { PATHS = 4, PATH_BYTES = 512 };

int temporary_setup(void **state)
{
    static char path[PATH_BYTES];
    const char *folder = getenv("TMPDIR");

    snprintf(path, sizeof path, "%s/netrt-test-XXXXXX", folder != NULL ? folder : "/tmp");
    *state = mkdtemp(path);
    return *state == NULL;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

int temporary_teardown(void **state)
{
    return nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *temporary_path(void *state, const char *name)
{
    static char path[PATHS][PATH_BYTES];
    static int next;
    char *made = path[next++ % PATHS];

    assert_true(snprintf(made, PATH_BYTES, "%s/%s", (const char *)state, name) < PATH_BYTES);
    return made;
}

const char *temporary_write(void *state, const char *name, const void *bytes, size_t count)
{
    const char *path = temporary_path(state, name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
    return path;
}

unsigned char *temporary_read(const char *path, size_t *count)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(1 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *count = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}
