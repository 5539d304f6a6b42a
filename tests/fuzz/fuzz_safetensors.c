/* fuzz_safetensors: any bytes as a file of weights.
 *
 * Beyond not crashing: tensors that were accepted have as many bytes as their shapes say and are found by their names, and a
 * refusal says why.
 */
#include "netrt/safetensors.h"
#include "tests/fuzz/fuzz.h"

static void read_all(const struct netrt_safetensors *file)
{
    for (int i = 0; i < file->count; i++) {
        const struct netrt_tensor *t = &file->tensor[i];
        require(netrt_safetensors_find(file, t->name) == t, "a tensor is found by its name");
        if (t->precision != 0)
            fuzz_touch(t->data, (size_t)t->shape.elements * (size_t)t->precision);
    }
    require(netrt_safetensors_find(file, "no such tensor, surely") == NULL, "a name that is not there is not found");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct netrt_safetensors file = {0};
    struct netrt_error error = {0};
    char path[FUZZ_PATH];
    FILE *temporary = fuzz_file(data, size, path);

    if (netrt_safetensors_read(&file, path, &error) == NETRT_OK) {
        read_all(&file);
        netrt_safetensors_close(&file);
    } else {
        require(error.text[0] != '\0', "a refusal says why");
    }
    fclose(temporary);
    return 0;
}
