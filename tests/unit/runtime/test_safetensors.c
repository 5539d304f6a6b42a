#include "netrt/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

/* A file of a header's text and `data` zero bytes. */
static const char *write_file(void *state, const char *header, size_t data)
{
    unsigned char bytes[1024] = {0};
    size_t length = strlen(header);

    bytes[0] = (unsigned char)length;
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    return temporary_write(state, "hostile", bytes, 8 + length + data);
}

static void refused(void *state, const char *header, size_t data, const char *reason)
{
    struct netrt_safetensors file;
    struct netrt_error error = {NETRT_OK, ""};
    const char *path = write_file(state, header, data);

    assert_int_equal(netrt_safetensors_read(&file, path, &error), NETRT_E_CONTENT);
    if (strstr(error.text, reason) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
    assert_non_null(strstr(error.text, path));
    assert_null(file.tensor);
}

#define TENSOR(dtype, shape, begin, end) "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void hostile_headers_are_refused(void **state)
{
    refused(*state, "[]", 0, "no JSON object");
    refused(*state, "{\"a\":", 0, "header, byte");
    refused(*state, "{\"a\":1}", 0, "\"\" is no type");
    refused(*state, "{\"a\":" TENSOR("F31", "[1]", "0", "4") "}", 4, "\"F31\" is no type");
    refused(*state, "{\"a\":" TENSOR("F32", "[3,-1]", "0", "4") "}", 4, "a: the shape: size 2 of 3x-1 is -1, but the least is 1");
    refused(*state, "{\"a\":" TENSOR("F32", "[0]", "0", "0") "}", 0, "a: the shape: size 1 of 0 is 0, but the least is 1");
    refused(*state, "{\"a\":" TENSOR("F32", "[1,1,1,1,1,1,1,1,1]", "0", "4") "}", 4, "the shape is no list");
    refused(*state, "{\"a\":" TENSOR("F32", "[4294967296,4294967296]", "0", "4") "}", 4,
            "4294967296x4294967296 are more than 2^40 elements together");
    refused(*state, "{\"a\":" TENSOR("F32", "[1.5]", "0", "4") "}", 4, "size 1 of the shape is no whole number");
    refused(*state, "{\"a\":" TENSOR("F32", "[2]", "0", "4") "}", 4, "4 bytes of data, but 2 of type F32");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "0", "5") "}", 5, "5 bytes of data");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "4", "0") "}", 4, "no pair begin <= end");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "-4", "0") "}", 4, "no pair begin <= end");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "4", "8") "}", 4, "data end at byte 8 of 4");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "0", "9223372036854775807") "}", 4, "data end at byte");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "0", "99999999999999999999") "}", 4, "too big");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "4", "8") "}", 8, "expected 0 (a gap)");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "0", "4") "}", 5, "expected 4 bytes of data, found 5");
    refused(*state, "{\"a\":" TENSOR("F32", "[2]", "0", "8") ",\"b\":" TENSOR("F32", "[1]", "4", "8") "}", 8, "they overlap");
    refused(*state, "{\"a\":" TENSOR("F32", "[1]", "0", "4") ",\"a\":" TENSOR("F32", "[1]", "0", "4") "}", 4, "duplicate");
}

static void refused_bytes(void *state, const void *bytes, size_t count, const char *reason)
{
    struct netrt_safetensors file;
    struct netrt_error error = {NETRT_OK, ""};

    assert_int_equal(netrt_safetensors_read(&file, temporary_write(state, "bytes", bytes, count), &error), NETRT_E_CONTENT);
    if (strstr(error.text, reason) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
}

static void lengths_beyond_the_file_are_refused(void **state)
{
    refused_bytes(*state, "", 0, "found 0 bytes");
    refused_bytes(*state, "\4\0\0", 3, "found 3 bytes");
    refused_bytes(*state, "\377\377\377\377\377\377\377\377{}", 10, "a header of 18446744073709551615 bytes");
    refused_bytes(*state, "\3\0\0\0\0\0\0\0{}", 10, "a header of 3 bytes, but 2 bytes follow");
}

static struct netrt_tensor tensor(const char *name, int precision, const void *data, int rank, const int64_t dim[])
{
    struct netrt_tensor made = {.name = name, .precision = precision, .data = data};

    assert_true(netrt_shape_make(&made.shape, rank, dim));
    return made;
}

static const float one[3] = {1, 2, 3}, two[1] = {4};
static const double three[4] = {5, 6, 7, 8};
static const struct netrt_metadata metadata[] = {{"seed", "1"}, {"epoch", "2"}};

static const char *write_three(void *state, const char *name)
{
    const struct netrt_tensor tensors[] = {tensor("b", 4, one, 2, (int64_t[]){3, 1}), tensor("a", 4, two, 0, NULL),
                                           tensor("c", 8, three, 2, (int64_t[]){2, 2})};
    const char *path = temporary_path(state, name);
    struct netrt_error error;

    assert_int_equal(netrt_safetensors_write(path, tensors, 3, metadata, 2, &error), NETRT_OK);
    return path;
}

static void what_was_written_is_read(void **state)
{
    struct netrt_safetensors file;
    struct netrt_error error;

    assert_int_equal(netrt_safetensors_read(&file, write_three(*state, "three"), &error), NETRT_OK);
    assert_int_equal(file.count, 3);
    const struct netrt_tensor *b = netrt_safetensors_find(&file, "b"), *c = netrt_safetensors_find(&file, "c");
    assert_non_null(b);
    assert_int_equal(b->shape.rank, 2);
    assert_int_equal(b->shape.dim[0], 3);
    assert_int_equal(b->precision, 4);
    assert_memory_equal(b->data, one, sizeof one);
    assert_memory_equal(c->data, three, sizeof three);
    assert_int_equal(netrt_safetensors_find(&file, "a")->shape.rank, 0);
    assert_null(netrt_safetensors_find(&file, "d"));
    assert_string_equal(netrt_safetensors_metadata(&file, "epoch"), "2");
    assert_null(netrt_safetensors_metadata(&file, "path"));
    netrt_safetensors_close(&file);
}

/* The whole file, byte by byte: sorted keys, wide elements first, data at a multiple of eight. */
static void files_have_one_form(void **state)
{
    static const char header[] = "{\"__metadata__\":{\"epoch\":\"2\",\"seed\":\"1\"},"
                                 "\"a\":{\"data_offsets\":[32,36],\"dtype\":\"F32\",\"shape\":[]},"
                                 "\"b\":{\"data_offsets\":[36,48],\"dtype\":\"F32\",\"shape\":[3,1]},"
                                 "\"c\":{\"data_offsets\":[0,32],\"dtype\":\"F64\",\"shape\":[2,2]}}";
    size_t count, padded = (sizeof header - 1 + 7) / 8 * 8;
    unsigned char *bytes = temporary_read(write_three(*state, "form"), &count);

    assert_int_equal(count, 8 + padded + 48);
    assert_int_equal(bytes[0] | bytes[1] << 8, padded);
    assert_memory_equal(bytes + 8, header, sizeof header - 1);
    for (size_t i = sizeof header - 1; i < padded; i++)
        assert_int_equal(bytes[8 + i], ' ');
    assert_memory_equal(bytes + 8 + padded, three, sizeof three);
    assert_memory_equal(bytes + 8 + padded + 32, two, sizeof two);
    free(bytes);
}

static void every_truncated_copy_is_refused(void **state)
{
    size_t count;
    unsigned char *bytes = temporary_read(write_three(*state, "whole"), &count);

    for (size_t length = 0; length < count; length++)
        refused_bytes(*state, bytes, length, "");
    free(bytes);
}

static void other_types_are_listed_but_have_no_precision(void **state)
{
    struct netrt_safetensors file;
    struct netrt_error error;

    assert_int_equal(netrt_safetensors_read(&file, write_file(*state, "{\"n\":" TENSOR("I64", "[1]", "0", "8") "}", 8), &error),
                     NETRT_OK);
    assert_int_equal(file.count, 1);
    assert_int_equal(file.tensor[0].precision, 0);
    netrt_safetensors_close(&file);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    struct netrt_tensor t = tensor("a", 4, two, 0, NULL);
    struct netrt_error error;

    assert_int_equal(netrt_safetensors_write(temporary_path(*state, "no/such/folder"), &t, 1, NULL, 0, &error), NETRT_E_SYSTEM);
    assert_non_null(strstr(error.text, "cannot write"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_headers_are_refused),        cmocka_unit_test(lengths_beyond_the_file_are_refused),
        cmocka_unit_test(what_was_written_is_read),           cmocka_unit_test(files_have_one_form),
        cmocka_unit_test(every_truncated_copy_is_refused),    cmocka_unit_test(other_types_are_listed_but_have_no_precision),
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
    };
    return cmocka_run_group_tests_name("safetensors", tests, temporary_setup, temporary_teardown);
}
