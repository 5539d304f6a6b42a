/* source: the parts of a data set (train, val, test) as lists of records.
 *
 * A part is a source and steps that choose among its records. Parts share what they read: a file is read once.
 */
#ifndef NETRT_SOURCE_H
#define NETRT_SOURCE_H

#include "netrt/records.h"

struct netrt_library;

struct netrt_part {
    const struct netrt_records *records;    /* owned by the library */
    int64_t *index;                         /* [count], in records */
    int64_t count;                          /* at least 1 in an opened part */
};

/* A library whose files lie below `folder`. */
enum netrt_status netrt_library_open(struct netrt_library **library, const char *folder, struct netrt_error *error);
void netrt_library_close(struct netrt_library *library);

struct netrt_part_options {
    const char *name;    /* "train", for messages */
    int64_t classes;     /* labels must lie below; 0: labels are not looked at, and need not exist */
    int64_t ignored;     /* a label that is allowed besides; -1: none */
    int64_t limit;       /* keep the first `limit` samples at the end; 0: all */
    int64_t integers;    /* the elements of records must lie below; 0: they are not looked at */
    const struct netrt_description *description;    /* what the records are for, for messages; NULL: they say less */
};

/* Reads the part's source and applies its steps in order: take(n) and drop(n) want n records; split(f) keeps the first
 * round(f·n) or the rest; shuffle(seed) permutes; filter keeps the records of some classes.
 * NETRT_E_SYSTEM if a file cannot be read; of one that is not there it says what it should hold and how to look elsewhere.
 * NETRT_E_CONTENT names the step that does not fit, or the record whose label or element is out of range. The part's index is the
 * caller's: netrt_part_free. */
enum netrt_status netrt_part_open(struct netrt_part *part, struct netrt_library *library, const struct netrt_data_part *steps,
                                  const struct netrt_part_options *options, struct netrt_error *error);
void netrt_part_free(struct netrt_part *part);

enum { NETRT_TRAIN, NETRT_VAL, NETRT_TEST, NETRT_PARTS };

/* What tells one part from another: how many samples, and a check sum over their order, their shapes and, of at most 1,024 of them at
 * equal distances, their bytes. A part that was not opened has zeros. */
struct netrt_part_print {
    int64_t samples;
    uint32_t sum;
};
struct netrt_part_print netrt_part_print(const struct netrt_part *part);

/* Whether all elements of a record lie below `integers`; NETRT_E_CONTENT names the first that does not. */
enum netrt_status netrt_check_integers(const struct netrt_records *records, int64_t record, int64_t integers,
                                       struct netrt_error *error);

#endif
