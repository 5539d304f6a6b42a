/* temporary: a folder for the files of one test. */
#ifndef NETC_TESTS_TEMPORARY_H
#define NETC_TESTS_TEMPORARY_H

#include <stddef.h>

/* For cmocka's setup and teardown: *state becomes the folder's path. */
int temporary_setup(void **state);
int temporary_teardown(void **state);

/* The path of a file in it, in a buffer of its own for each of the last four calls. */
const char *temporary_path(void *state, const char *name);

/* Writes a file in it and returns its path as temporary_path does. */
const char *temporary_write(void *state, const char *name, const void *bytes, size_t count);

/* Reads a whole file; the caller frees. */
unsigned char *temporary_read(const char *path, size_t *count);

#endif
