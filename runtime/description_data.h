/* description_data: the "data" member of a description. Private to the runtime. */
#ifndef NETRT_DESCRIPTION_DATA_H
#define NETRT_DESCRIPTION_DATA_H

#include "runtime/json.h"

struct netrt_description;

/* Fills has_data, train, val, test and prepare. Failures are left in the reader. */
void description_parse_data(struct json_reader *reader, const json_t *root, struct netrt_description *description);

#endif
