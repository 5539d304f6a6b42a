/* data_facts: what is known of the data before the run, and what of it cannot go well. */
#include "compiler/sema/data.h"

#include "compiler/sema/sema.h"
#include "compiler/support/diag.h"

#include <inttypes.h>
#include <string.h>

const char *const data_fields[] = {"image", "label", NULL};

/* The embedded digits: one channel, 28 rows, 28 columns; record i shows i mod 10. */
enum { DIGITS_SIDE = 28, DIGITS_CLASSES = 10 };

/* Labels of files are whole numbers of at most 31 bits. */
#define FILE_CLASSES (INT64_C(1) << 31)

/* A number of records that only the run knows. */
#define UNKNOWN INT64_MAX

enum { PARTS = 3 };

static const struct data_step *part_of(const struct data_section *d, int i)
{
    const struct data_step *const parts[PARTS] = {d->train, d->val, d->test};

    return parts[i];
}

bool data_has_field(const char *name)
{
    for (size_t i = 0; data_fields[i] != NULL; i++)
        if (strcmp(data_fields[i], name) == 0)
            return true;
    return false;
}

/* ---- Shapes and channels --------------------------------------------------------------------------------------------- */

const struct data_step *data_known_shape(const struct data_section *d, struct shape *shape)
{
    const struct data_step *source = NULL;

    for (int i = 0; i < PARTS && source == NULL; i++)
        if (part_of(d, i) != NULL && part_of(d, i)->kind == DATA_DIGITS)
            source = part_of(d, i);
    *shape = (struct shape){.rank = 3, .dim = {1, DIGITS_SIDE, DIGITS_SIDE}};
    for (const struct data_step *s = d->prepare; s != NULL; s = s->next)
        for (int i = 0; s->kind == DATA_PAD && i < 2; i++)
            shape->dim[1 + i] += s->amount[i][0] + s->amount[i][1];
    return source;
}

bool data_check_channels(struct diags *ds, const struct data_section *d, const struct shape *record, struct span at)
{
    const int64_t channels = record->rank > 2 ? record->dim[0] : 1;
    bool ok = true;

    for (const struct data_step *s = d->prepare; s != NULL; s = s->next) {
        const int64_t numbers = s->kind == DATA_NORMALIZE ? (int64_t)s->list_count : 1;
        if (numbers == 1 || numbers == channels)
            continue;
        ok = diag_error(ds, s->at, DIAG_BINDING,
                        "normalize: %" PRId64 " means and deviations, but the data have %" PRId64 " channel%s", numbers, channels,
                        channels == 1 ? "" : "s");
        diag_note(ds, at, "the channels are known from here");
    }
    return ok;
}

/* ---- Labels ---------------------------------------------------------------------------------------------------------- */

bool data_has_one_label(const struct data_section *d)
{
    return d->train != NULL && d->train->kind == DATA_DIGITS;
}

/* One more than the greatest label that a part can have; 0: only the run knows. */
static int64_t classes_of(const struct data_step *part)
{
    if (part == NULL || part->kind != DATA_DIGITS)
        return 0;
    int64_t classes = part->count < DIGITS_CLASSES ? part->count : DIGITS_CLASSES;
    for (const struct data_step *s = part->next; s != NULL; s = s->next) {
        int64_t greatest = -1;
        for (size_t i = 0; s->kind == DATA_FILTER && i < s->list_count; i++)
            if (s->classes[i] > greatest && s->classes[i] < classes)
                greatest = s->classes[i];
        if (s->kind == DATA_FILTER)
            classes = greatest + 1;
    }
    return classes;
}

int64_t data_known_classes(const struct data_section *d, const struct data_step **source)
{
    int64_t most = 0;

    for (int i = 0; i < PARTS; i++) {
        const int64_t classes = classes_of(part_of(d, i));
        if (classes > most) {
            most = classes;
            *source = part_of(d, i);
        }
    }
    return most;
}

/* ---- Counts ---------------------------------------------------------------------------------------------------------- */

static int64_t split_count(const struct data_step *s, int64_t count)
{
    if (count == UNKNOWN)
        return s->fraction == (s->first ? 0 : 1) ? 0 : UNKNOWN;
    const int64_t first = (int64_t)(s->fraction * (double)count + 0.5);
    return s->first ? first : count - first;
}

/* Whether some label can be among the classes that are kept. */
static bool keeps_some(const struct data_step *s, int64_t classes)
{
    for (size_t i = 0; i < s->list_count; i++)
        if (s->classes[i] < classes)
            return true;
    return false;
}

/* At most how many records a step leaves of at most `count`. Labels are below `classes`. */
static int64_t count_after(const struct data_step *s, int64_t count, int64_t classes)
{
    switch (s->kind) {
    case DATA_TAKE: return s->count;
    case DATA_DROP: return count == UNKNOWN ? UNKNOWN : count - s->count;
    case DATA_SPLIT: return split_count(s, count);
    case DATA_FILTER: return keeps_some(s, classes) ? count : 0;
    case DATA_SHUFFLE:
    case DATA_IDX:
    case DATA_DIGITS:
    case DATA_PAD:
    case DATA_SCALE:
    case DATA_NORMALIZE: break;
    }
    return count;
}

static bool check_counts(struct diags *ds, const struct data_step *part)
{
    const bool digits = part != NULL && part->kind == DATA_DIGITS;
    int64_t count = digits ? part->count : UNKNOWN;

    for (const struct data_step *s = part != NULL ? part->next : NULL; s != NULL; s = s->next) {
        const bool counts = s->kind == DATA_TAKE || s->kind == DATA_DROP;
        if (counts && s->count > count)
            diag_error(ds, s->at, DIAG_VALUE_RANGE, "%s(%" PRId64 "): only %" PRId64 " record%s left",
                       s->kind == DATA_TAKE ? "take" : "drop", s->count, count, count == 1 ? " is" : "s are");
        else if ((count = count_after(s, count, digits ? DIGITS_CLASSES : FILE_CLASSES)) == 0)
            diag_error(ds, s->at, DIAG_VALUE_RANGE, "this leaves no record");
        else
            continue;
        diag_note(ds, part->at, "the records come from here");
        return false;
    }
    return true;
}

bool data_check_counts(struct diags *ds, const struct data_section *d)
{
    bool ok = true;

    for (int i = 0; i < PARTS; i++)
        ok = check_counts(ds, part_of(d, i)) && ok;
    return ok;
}
