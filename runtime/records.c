/* records: frees record sets, and joins paths under the data folder. */
#include "netrt/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t netrt_element_bytes(enum netrt_element element)
{
    static const size_t bytes[] = {
        [NETRT_U8] = sizeof(uint8_t), [NETRT_U16] = sizeof(uint16_t), [NETRT_I32] = sizeof(int32_t), [NETRT_F32] = sizeof(float)};

    return bytes[element];
}

size_t netrt_record_bytes(const struct netrt_records *records)
{
    return (size_t)records->shape.elements * netrt_element_bytes(records->element);
}

size_t netrt_label_bytes(const struct netrt_records *records)
{
    return (size_t)records->label_shape.elements * netrt_element_bytes(records->label_element);
}

void netrt_records_free(struct netrt_records *records)
{
    free(records->image);
    free(records->label);
    free(records->image_name);
    free(records->label_name);
    *records = (struct netrt_records){0};
}

char *netrt_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder), size = length + 1 + strlen(name) + 1;
    char *path = malloc(size);

    if (path == NULL)
        return NULL;
    if (name[0] == '/' || strcmp(folder, ".") == 0)
        snprintf(path, size, "%s", name);
    else
        snprintf(path, size, "%s%s%s", folder, length > 0 && folder[length - 1] != '/' ? "/" : "", name);
    return path;
}
