/* fuzz_png: any bytes as a PNG picture, read as grey and in colours.
 *
 * Beyond not crashing: a picture that was accepted has as many samples as its shape says, and a refusal says why.
 */
#include "netrt/image.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH];
    FILE *file = fuzz_file(data, size, path);

    for (int64_t channels = 1; channels <= 3; channels += 2) {
        struct netrt_records records = {0};
        struct netrt_error error = {0};
        if (netrt_image_read_png(&records, path, channels, &error) == NETRT_OK) {
            require(records.count == 1 && records.shape.dim[0] == channels, "an accepted picture has the channels asked for");
            fuzz_touch(records.image, netrt_record_bytes(&records));
            netrt_records_free(&records);
        } else {
            require(error.text[0] != '\0', "a refusal says why");
        }
    }
    fclose(file);
    return 0;
}
