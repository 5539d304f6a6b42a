/* fuzz_idx: any bytes as a pair of IDX files, plain or gzip: the first two bytes say how long the first file is.
 *
 * Beyond not crashing: records that were accepted have as many bytes and labels as their shape says, and a refusal says why.
 */
#include "netrt/idx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken promise: %s\n", what);
    abort();
}

/* A file that vanishes when it is closed, and a path that opens it. */
static FILE *write_file(const uint8_t *data, size_t size, char path[32])
{
    FILE *file = tmpfile();

    require(file != NULL && fwrite(data, 1, size, file) == size && fflush(file) == 0, "a temporary file can be written");
    snprintf(path, 32, "/proc/self/fd/%d", fileno(file));
    return file;
}

/* Reads every byte that the shape promises, so that the address sanitizer sees a short buffer. */
static void read_all(const struct netrt_records *r)
{
    volatile unsigned sum = 0;

    require(r->count >= 0 && r->shape.elements >= 1, "accepted records have a shape");
    for (int64_t i = 0; i < r->count * r->shape.elements; i++)
        sum += r->image[i];
    for (int64_t i = 0; r->label != NULL && i < r->count; i++)
        sum += r->label[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct netrt_records records = {0};
    struct netrt_error error = {0};
    char images_path[32], labels_path[32];

    if (size < 2)
        return 0;
    size_t first = data[0] + 256u * data[1];
    if (first > size - 2)
        first = size - 2;
    FILE *images = write_file(data + 2, first, images_path);
    FILE *labels = write_file(data + 2 + first, size - 2 - first, labels_path);
    if (netrt_idx_read_records(&records, images_path, labels_path, &error) == NETRT_OK) {
        read_all(&records);
        netrt_records_free(&records);
    } else {
        require(error.text[0] != '\0', "a refusal says why");
    }
    fclose(images);
    fclose(labels);
    return 0;
}
