/* source: reads each file once for all parts, applies selections to lists of record numbers, and checks labels against what the
 * net takes. */
#include "netrt/source.h"

#include "netrt/digits.h"
#include "netrt/idx.h"
#include "netrt/random.h"
#include "runtime/missing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct entry {
    struct entry *next;
    const struct netrt_data_step *step;    /* what was asked for; lives in the description */
    struct netrt_records records;
};

struct netrt_library {
    const char *folder;
    struct entry *entries;
};

enum netrt_status netrt_library_open(struct netrt_library **library, const char *folder, struct netrt_error *error)
{
    *library = calloc(1, sizeof **library);
    if (*library == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for the data");
    (*library)->folder = folder;
    return NETRT_OK;
}

void netrt_library_close(struct netrt_library *library)
{
    if (library == NULL)
        return;
    while (library->entries != NULL) {
        struct entry *entry = library->entries;
        library->entries = entry->next;
        netrt_records_free(&entry->records);
        free(entry);
    }
    free(library);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_source(const struct netrt_data_step *a, const struct netrt_data_step *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == NETRT_DATA_IDX)
        return same_text(a->images, b->images) && same_text(a->labels, b->labels);
    return a->count == b->count && a->seed == b->seed && !(a->noise < b->noise) && !(a->noise > b->noise);
}

static enum netrt_status read_idx(struct netrt_records *records, const char *folder, const struct netrt_data_step *step,
                                  struct netrt_error *error)
{
    char *images = netrt_path_join(folder, step->images);
    char *labels = step->labels != NULL ? netrt_path_join(folder, step->labels) : NULL;
    enum netrt_status status;

    if (images == NULL || (step->labels != NULL && labels == NULL))
        status = netrt_fail(error, NETRT_E_SYSTEM, "out of memory for the data");
    else
        status = netrt_idx_read_records(records, images, labels, error);
    free(images);
    free(labels);
    return status;
}

static enum netrt_status find_records(struct netrt_library *library, const struct netrt_data_step *step,
                                      const struct netrt_part_options *options, const struct netrt_records **records,
                                      struct netrt_error *error)
{
    for (struct entry *entry = library->entries; entry != NULL; entry = entry->next) {
        if (same_source(entry->step, step)) {
            *records = &entry->records;
            return NETRT_OK;
        }
    }

    struct entry *entry = calloc(1, sizeof *entry);
    enum netrt_status status;
    if (entry == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for the data");
    if (step->kind == NETRT_DATA_IDX)
        status = missing_check(library->folder, step, options, error);
    else
        status = netrt_digits_draw(&entry->records, step->count, step->seed, step->noise, error);
    if (status == NETRT_OK && step->kind == NETRT_DATA_IDX)
        status = read_idx(&entry->records, library->folder, step, error);
    if (status != NETRT_OK) {
        free(entry);
        return status;
    }
    entry->step = step;
    entry->next = library->entries;
    library->entries = entry;
    *records = &entry->records;
    return NETRT_OK;
}

static void keep(struct netrt_part *part, int64_t first, int64_t count)
{
    memmove(part->index, part->index + first, (size_t)count * sizeof part->index[0]);
    part->count = count;
}

static enum netrt_status shuffle(struct netrt_part *part, uint64_t seed, struct netrt_error *error)
{
    struct netrt_stream random = netrt_stream(seed, NETRT_FOR_SOURCE, 0, 0, 0);
    size_t bytes = (size_t)part->count * sizeof part->index[0];
    int64_t *order = malloc(2 * bytes + 1);

    if (order == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory to shuffle %" PRId64 " records", part->count);
    int64_t *old = order + part->count;
    memcpy(old, part->index, bytes);
    netrt_permutation(&random, part->count, order);
    for (int64_t i = 0; i < part->count; i++)
        part->index[i] = old[order[i]];
    free(order);
    return NETRT_OK;
}

static bool is_among(const struct netrt_data_step *step, double label)
{
    bool found = false;

    for (int i = 0; i < step->class_count && !found; i++)
        found = !(label < (double)step->classes[i]) && !(label > (double)step->classes[i]);
    return found;
}

static enum netrt_status filter(struct netrt_part *part, const struct netrt_data_step *step, const char *name,
                                struct netrt_error *error)
{
    const struct netrt_records *r = part->records;
    char labels[NETRT_SHAPE_TEXT];
    int64_t kept = 0;

    if (part->records->label == NULL)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: filter: %s has no labels", name, part->records->image_name);
    if (part->records->label_shape.elements != 1)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: filter: %s has a label of %s, not one class", name,
                          part->records->label_name, netrt_shape_print(&part->records->label_shape, labels));
    for (int64_t i = 0; i < part->count; i++) {
        if (is_among(step, netrt_number(r->label, r->label_element, part->index[i])))
            part->index[kept++] = part->index[i];
    }
    part->count = kept;
    return NETRT_OK;
}

static enum netrt_status apply(struct netrt_part *part, const struct netrt_data_step *step, const char *name,
                               struct netrt_error *error)
{
    int64_t first = 0;

    switch (step->kind) {
    case NETRT_DATA_TAKE:
    case NETRT_DATA_DROP:
        if (step->count > part->count)
            return netrt_fail(error, NETRT_E_CONTENT, "%s: %s(%" PRId64 "): only %" PRId64 " records of %s are left", name,
                              step->kind == NETRT_DATA_TAKE ? "take" : "drop", step->count, part->count, part->records->image_name);
        if (step->kind == NETRT_DATA_TAKE)
            keep(part, 0, step->count);
        else
            keep(part, step->count, part->count - step->count);
        return NETRT_OK;
    case NETRT_DATA_SPLIT:
        if (!(step->fraction >= 0 && step->fraction <= 1))
            return netrt_fail(error, NETRT_E_CONTENT, "%s: split(%g): expected a fraction of 0 to 1", name, step->fraction);
        first = (int64_t)(step->fraction * (double)part->count + 0.5);
        keep(part, step->rest ? first : 0, step->rest ? part->count - first : first);
        return NETRT_OK;
    case NETRT_DATA_SHUFFLE: return shuffle(part, step->seed, error);
    case NETRT_DATA_FILTER: return filter(part, step, name, error);
    case NETRT_DATA_IDX:
    case NETRT_DATA_DIGITS: break;
    }
    assert(false && "a source among the steps: the parser of descriptions refuses it");
    return NETRT_OK;
}

/* The first of some numbers that is neither a whole one from 0 to limit - 1 nor `other`; -1: there is none. */
static int64_t first_beyond(const unsigned char *at, enum netrt_element element, int64_t elements, int64_t limit, int64_t other)
{
    for (int64_t e = 0; e < elements; e++) {
        double number = netrt_number(at, element, e);
        int64_t whole = number >= 0 && number <= INT32_MAX ? (int64_t)number : -1;
        if (whole < 0 || number > (double)whole || (whole >= limit && whole != other))
            return e;
    }
    return -1;
}

static enum netrt_status check_label(const struct netrt_records *records, int64_t record, int64_t classes, int64_t ignored,
                                     struct netrt_error *error)
{
    char besides[32] = "";
    int64_t elements = records->label_shape.elements;
    const unsigned char *label = records->label + (size_t)record * netrt_label_bytes(records);
    int64_t wrong = first_beyond(label, records->label_element, elements, classes, ignored);

    if (wrong < 0)
        return NETRT_OK;
    double found = netrt_number(label, records->label_element, wrong);
    if (ignored >= classes)
        snprintf(besides, sizeof besides, " or %" PRId64, ignored);
    if (elements == 1)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: record %" PRId64 ": expected a class of 0 to %" PRId64 "%s, found %.15g",
                          records->label_name, record, classes - 1, besides, found);
    return netrt_fail(error, NETRT_E_CONTENT,
                      "%s: record %" PRId64 ", element %" PRId64 ": expected a class of 0 to %" PRId64 "%s, found %.15g",
                      records->label_name, record, wrong, classes - 1, besides, found);
}

static enum netrt_status check_labels(const struct netrt_part *part, const struct netrt_part_options *options,
                                      struct netrt_error *error)
{
    const struct netrt_records *records = part->records;
    enum netrt_status status = NETRT_OK;

    if (records->label == NULL)
        return netrt_fail(error, NETRT_E_CONTENT, "%s has no labels, but the net needs them", records->image_name);
    for (int64_t i = 0; i < part->count && status == NETRT_OK; i++)
        status = check_label(records, part->index[i], options->classes, options->ignored, error);
    return status;
}

enum netrt_status netrt_check_integers(const struct netrt_records *records, int64_t record, int64_t integers,
                                       struct netrt_error *error)
{
    const unsigned char *at = records->image + (size_t)record * netrt_record_bytes(records);
    int64_t wrong = first_beyond(at, records->element, records->shape.elements, integers, -1);

    if (wrong < 0)
        return NETRT_OK;
    return netrt_fail(error, NETRT_E_CONTENT, "%s: record %" PRId64 ", element %" PRId64 ": expected 0 to %" PRId64 ", found %.15g",
                      records->image_name, record, wrong, integers - 1, netrt_number(at, records->element, wrong));
}

static enum netrt_status check_records(const struct netrt_part *part, int64_t integers, struct netrt_error *error)
{
    enum netrt_status status = NETRT_OK;

    for (int64_t i = 0; i < part->count && status == NETRT_OK; i++)
        status = netrt_check_integers(part->records, part->index[i], integers, error);
    return status;
}

enum netrt_status netrt_part_open(struct netrt_part *part, struct netrt_library *library, const struct netrt_data_part *steps,
                                  const struct netrt_part_options *options, struct netrt_error *error)
{
    *part = (struct netrt_part){0};
    enum netrt_status status = find_records(library, &steps->step[0], options, &part->records, error);

    if (status != NETRT_OK)
        return status;
    part->count = part->records->count;
    part->index = calloc((size_t)part->count, sizeof part->index[0]);
    if (part->index == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for %" PRId64 " records", part->count);
    for (int64_t i = 0; i < part->count; i++)
        part->index[i] = i;
    for (int i = 1; i < steps->count && status == NETRT_OK; i++)
        status = apply(part, &steps->step[i], options->name, error);
    if (status == NETRT_OK && part->count == 0)
        status = netrt_fail(error, NETRT_E_CONTENT, "%s: no record of %s is left", options->name, part->records->image_name);
    if (options->limit > 0 && options->limit < part->count)
        part->count = options->limit;
    if (status == NETRT_OK && options->classes > 0)
        status = check_labels(part, options, error);
    if (status == NETRT_OK && options->integers > 0)
        status = check_records(part, options->integers, error);
    if (status != NETRT_OK)
        netrt_part_free(part);
    return status;
}

static uint32_t add_bytes(uint32_t sum, const void *bytes, size_t count)
{
    return (uint32_t)crc32_z(sum, bytes, count);
}

/* Whole numbers go in as eight bytes, the lowest first: the sum is the same on every machine. */
static uint32_t add_number(uint32_t sum, int64_t number)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    return add_bytes(sum, bytes, sizeof bytes);
}

struct netrt_part_print netrt_part_print(const struct netrt_part *part)
{
    enum { SAMPLED = 1024 };
    const struct netrt_records *r = part->records;
    struct netrt_part_print print = {.samples = part->count};

    if (part->count == 0)
        return print;
    for (int i = 0; i < r->shape.rank; i++)
        print.sum = add_number(print.sum, r->shape.dim[i]);
    const int64_t step = part->count / SAMPLED + 1;
    const size_t image = netrt_record_bytes(r), label = netrt_label_bytes(r);
    for (int64_t i = 0; i < part->count; i++) {
        print.sum = add_number(print.sum, part->index[i]);
        if (i % step != 0)
            continue;
        print.sum = add_bytes(print.sum, r->image + (size_t)part->index[i] * image, image);
        if (r->label != NULL)
            print.sum = add_bytes(print.sum, r->label + (size_t)part->index[i] * label, label);
    }
    return print;
}

void netrt_part_free(struct netrt_part *part)
{
    free(part->index);
    *part = (struct netrt_part){0};
}
