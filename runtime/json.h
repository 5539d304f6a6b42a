/* json: reading members of a JSON tree with errors that name them. Private to the runtime.
 *
 * A reader stops looking at the first failure: later calls return zeros, so a caller checks `failed` once at the end.
 */
#ifndef NETRT_JSON_H
#define NETRT_JSON_H

#include "netrt/description.h"
#include "netrt/status.h"

#include <jansson.h>
#include <stdbool.h>

struct json_reader {
    const char *what;             /* the document, for messages */
    struct netrt_error *error;
    struct json_block *blocks;    /* memory handed out */
    bool failed;
};

/* Records the first failure. */
void json_fail(struct json_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Zeroed memory that lives until json_free. Never NULL: after a failure, a shared block is returned for no items. */
void *json_allocate(struct json_reader *reader, size_t count, size_t size);
void json_free(struct json_block *blocks);

/* Members of `object`; `where` names it. The optional forms return `fallback` where the member is missing or null. */
json_t *json_member(struct json_reader *reader, const json_t *object, const char *where, const char *name);
json_t *json_list(struct json_reader *reader, const json_t *object, const char *where, const char *name);
const char *json_text(struct json_reader *reader, const json_t *object, const char *where, const char *name);
const char *json_text_or(struct json_reader *reader, const json_t *object, const char *where, const char *name,
                         const char *fallback);
int64_t json_whole(struct json_reader *reader, const json_t *object, const char *where, const char *name);
int64_t json_whole_or(struct json_reader *reader, const json_t *object, const char *where, const char *name, int64_t fallback);
double json_number(struct json_reader *reader, const json_t *object, const char *where, const char *name);
double json_number_or(struct json_reader *reader, const json_t *object, const char *where, const char *name, double fallback);
bool json_flag_or(struct json_reader *reader, const json_t *object, const char *where, const char *name, bool fallback);
struct netrt_shape json_shape(struct json_reader *reader, const json_t *object, const char *where, const char *name);

/* One of `names` (NULL ends the list) as its index. */
int json_choice(struct json_reader *reader, const json_t *object, const char *where, const char *name, const char *const names[]);

#endif
