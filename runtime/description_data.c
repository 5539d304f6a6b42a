/* description_data: parses the "data" member: sources, what selects from them, and how records are prepared. */
#include "runtime/description_data.h"

#include <string.h>

static void parse_classes(struct json_reader *r, const json_t *object, const char *where, struct netrt_data_step *step)
{
    const json_t *list = json_list(r, object, where, "classes");
    size_t count = json_array_size(list);

    step->classes = json_allocate(r, count, sizeof step->classes[0]);
    step->class_count = r->failed ? 0 : (int)count;
    for (int i = 0; i < step->class_count; i++)
        step->classes[i] = json_integer_value(json_array_get(list, (size_t)i));
}

static void parse_step(struct json_reader *r, const json_t *object, const char *where, struct netrt_data_step *step)
{
    static const char *const kinds[] = {"idx", "digits", "take", "drop", "split", "shuffle", "filter", NULL};
    static const char *const parts[] = {"first", "rest", NULL};

    step->kind = (enum netrt_data_kind)json_choice(r, object, where, "kind", kinds);
    switch (step->kind) {
    case NETRT_DATA_IDX:
        step->images = json_text(r, object, where, "images");
        step->labels = json_text_or(r, object, where, "labels", NULL);
        break;
    case NETRT_DATA_DIGITS:
        step->count = json_whole(r, object, where, "count");
        step->seed = (uint64_t)json_whole_or(r, object, where, "seed", 1);
        step->noise = json_number_or(r, object, where, "noise", 0);
        break;
    case NETRT_DATA_TAKE:
    case NETRT_DATA_DROP: step->count = json_whole(r, object, where, "count"); break;
    case NETRT_DATA_SPLIT:
        step->fraction = json_number(r, object, where, "fraction");
        step->rest = json_choice(r, object, where, "part", parts) == 1;
        break;
    case NETRT_DATA_SHUFFLE: step->seed = (uint64_t)json_whole(r, object, where, "seed"); break;
    case NETRT_DATA_FILTER: parse_classes(r, object, where, step); break;
    }
}

static void parse_part(struct json_reader *r, const json_t *data, const char *name, struct netrt_data_part *part)
{
    const json_t *list = json_object_get(data, name);

    if (list == NULL || json_is_null(list) || json_array_size(list) == 0)
        return;
    part->step = json_allocate(r, json_array_size(list), sizeof part->step[0]);
    part->count = r->failed ? 0 : (int)json_array_size(list);
    for (int i = 0; i < part->count && !r->failed; i++) {
        parse_step(r, json_array_get(list, (size_t)i), name, &part->step[i]);
        bool source = part->step[i].kind == NETRT_DATA_IDX || part->step[i].kind == NETRT_DATA_DIGITS;
        if (source != (i == 0))
            json_fail(r, "%s: step %d: a part is one source and then steps", name, i);
    }
}

static void parse_pad(struct json_reader *r, const json_t *object, struct netrt_prepare_step *step)
{
    const json_t *amounts = json_list(r, object, "pad", "amount");

    step->value = json_number_or(r, object, "pad", "value", 0);
    step->axes = (int)json_array_size(amounts);
    if (step->axes < 1 || step->axes > NETRT_MOST_AXES)
        json_fail(r, "pad: expected amounts for 1 to %d axes", NETRT_MOST_AXES);
    for (int i = 0; i < step->axes && !r->failed; i++) {
        const json_t *pair = json_array_get(amounts, (size_t)i);
        step->before[i] = json_integer_value(json_array_get(pair, 0));
        step->after[i] = json_integer_value(json_array_get(pair, 1));
        if (json_array_size(pair) != 2 || step->before[i] < 0 || step->after[i] < 0)
            json_fail(r, "pad: an amount is a pair of whole numbers from 0");
    }
}

static double *parse_numbers(struct json_reader *r, const json_t *object, const char *name, int *count)
{
    const json_t *list = json_list(r, object, "normalize", name);
    double *numbers = json_allocate(r, json_array_size(list), sizeof numbers[0]);

    *count = r->failed ? 0 : (int)json_array_size(list);
    for (int i = 0; i < *count; i++)
        numbers[i] = json_number_value(json_array_get(list, (size_t)i));
    return numbers;
}

static void parse_prepare(struct json_reader *r, const json_t *object, struct netrt_prepare_step *step)
{
    static const char *const kinds[] = {"pad", "scale", "normalize", NULL};
    int deviations = 0;

    step->kind = (enum netrt_prepare_kind)json_choice(r, object, "prepare", "kind", kinds);
    switch (step->kind) {
    case NETRT_PREPARE_PAD: parse_pad(r, object, step); break;
    case NETRT_PREPARE_SCALE: step->factor = json_number(r, object, "scale", "factor"); break;
    case NETRT_PREPARE_NORMALIZE:
        step->mean = parse_numbers(r, object, "mean", &step->channels);
        step->std = parse_numbers(r, object, "std", &deviations);
        if (!r->failed && (step->channels < 1 || step->channels != deviations))
            json_fail(r, "normalize: %d means but %d deviations", step->channels, deviations);
        for (int i = 0; i < deviations; i++) {
            if (!(step->std[i] > 0))
                json_fail(r, "normalize: a deviation must be above 0");
        }
        break;
    }
}

void description_parse_data(struct json_reader *r, const json_t *root, struct netrt_description *d)
{
    const json_t *data = json_member(r, root, "description", "data");

    if (r->failed || json_is_null(data))
        return;
    d->has_data = true;
    parse_part(r, data, "train", &d->train);
    parse_part(r, data, "val", &d->val);
    parse_part(r, data, "test", &d->test);

    const json_t *prepare = json_object_get(data, "prepare");
    size_t count = json_array_size(prepare);
    d->prepare = json_allocate(r, count, sizeof d->prepare[0]);
    d->prepare_count = r->failed ? 0 : (int)count;
    for (int i = 0; i < d->prepare_count && !r->failed; i++)
        parse_prepare(r, json_array_get(prepare, (size_t)i), &d->prepare[i]);
}
