/* fuzz_idx: any bytes as a pair of IDX files, plain or gzip: the first two bytes say how long the first file is.
 *
 * Beyond not crashing: records that were accepted have as many bytes and labels as their shape says, and a refusal says why.
 */
#include "netrt/idx.h"
#include "tests/fuzz/fuzz.h"

static void read_all(const struct netrt_records *r)
{
    require(r->count >= 0 && r->shape.elements >= 1, "accepted records have a shape");
    fuzz_touch(r->image, (size_t)(r->count * r->shape.elements));
    if (r->label != NULL)
        fuzz_touch(r->label, (size_t)(r->count * r->label_shape.elements));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct netrt_records records = {0};
    struct netrt_error error = {0};
    char images_path[FUZZ_PATH], labels_path[FUZZ_PATH];

    if (size < 2)
        return 0;
    size_t first = data[0] + 256u * data[1];
    if (first > size - 2)
        first = size - 2;
    FILE *images = fuzz_file(data + 2, first, images_path);
    FILE *labels = fuzz_file(data + 2 + first, size - 2 - first, labels_path);
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
