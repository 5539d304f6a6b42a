/* answer: what the net says of one record. */
#include "runtime/trainer/answer.h"

#include "netrt/real.h"

#include <jansson.h>
#include <math.h>

enum { JSON_STYLE = JSON_COMPACT | JSON_REAL_PRECISION(9) };

/* The line while it is made. */
struct line {
    const struct session *s;
    int64_t sample;
    json_t *object;
    bool finite;
};

static double value_at(const struct line *l, size_t offset, int64_t element)
{
    const struct session *s = l->s;
    const unsigned char *block = s->blocks + (size_t)(l->sample / NETRT_LANES) * s->model->block_bytes + offset;

    return netrt_real(block, s->model->precision, element * NETRT_LANES + l->sample % NETRT_LANES);
}

static void append(struct line *l, json_t *list, double number)
{
    l->finite = l->finite && isfinite(number);
    json_array_append_new(list, isfinite(number) ? json_real(number) : json_null());
}

/* Whether the first is the class of a vector of scores. */
static bool is_of_classes(const struct netrt_scores *scores)
{
    switch (scores->kind) {
    case NETRT_SCORES_LOGITS:
    case NETRT_SCORES_PROBABILITIES:
    case NETRT_SCORES_PLAIN: return scores->shape.rank > 0 && scores->shape.elements == scores->shape.dim[0];
    case NETRT_SCORES_VALUES:
    case NETRT_SCORES_BINARY_LOGITS:
    case NETRT_SCORES_BINARY_PROBABILITIES: break;
    }
    return false;
}

/* Yes or no: of several such answers none is the class. */
static bool is_binary(const struct netrt_scores *scores)
{
    return (scores->kind == NETRT_SCORES_BINARY_LOGITS || scores->kind == NETRT_SCORES_BINARY_PROBABILITIES) &&
           scores->shape.elements == 1;
}

static void add_classes(struct line *l)
{
    const struct netrt_scores *scores = &l->s->description.scores;
    int64_t classes = scores->shape.elements, best = 0;
    json_t *list = json_array();
    double exponentials = 0;

    for (int64_t c = 1; c < classes; c++) {
        if (value_at(l, scores->offset, c) > value_at(l, scores->offset, best))
            best = c;
    }
    double highest = value_at(l, scores->offset, best);
    for (int64_t c = 0; c < classes; c++)
        exponentials += exp(value_at(l, scores->offset, c) - highest);
    for (int64_t c = 0; c < classes; c++) {
        double score = value_at(l, scores->offset, c);
        append(l, list, scores->kind == NETRT_SCORES_LOGITS ? exp(score - highest) / exponentials : score);
    }
    json_object_set_new(l->object, "class", l->finite ? json_integer(best) : json_null());
    json_object_set_new(l->object, scores->kind == NETRT_SCORES_PLAIN ? "scores" : "probabilities", list);
}

static void add_yes_or_no(struct line *l)
{
    const struct netrt_scores *scores = &l->s->description.scores;
    double value = value_at(l, scores->offset, 0);
    double yes = scores->kind == NETRT_SCORES_BINARY_LOGITS ? 1 / (1 + exp(-value)) : value;
    json_t *list = json_array();

    append(l, list, 1 - yes);
    append(l, list, yes);
    l->finite = l->finite && isfinite(value);
    json_object_set_new(l->object, "class", l->finite ? json_integer(yes > 0.5) : json_null());
    json_object_set_new(l->object, "probabilities", list);
}

static void add_outputs(struct line *l)
{
    const struct netrt_description *d = &l->s->description;
    json_t *outputs = json_object();

    for (int i = 0; i < d->output_count; i++) {
        json_t *list = json_array();
        for (int64_t e = 0; e < d->output[i].shape.elements; e++)
            append(l, list, value_at(l, d->output[i].offset, e));
        json_object_set_new(outputs, d->output[i].name, list);
    }
    json_object_set_new(l->object, "outputs", outputs);
}

bool answer_print(const struct session *s, const struct answer_place *place, int64_t sample, bool raw)
{
    struct line l = {.s = s, .sample = sample, .object = json_object(), .finite = true};
    json_t *file = json_string(place->file);

    json_object_set_new(l.object, "file", file != NULL ? file : json_string("(a name that is no UTF-8)"));
    if (place->record >= 0)
        json_object_set_new(l.object, "record", json_integer(place->record));
    if (!raw && is_of_classes(&s->description.scores))
        add_classes(&l);
    else if (!raw && is_binary(&s->description.scores))
        add_yes_or_no(&l);
    else
        add_outputs(&l);
    json_dumpf(l.object, stdout, JSON_STYLE);
    fputc('\n', stdout);
    json_decref(l.object);
    return l.finite;
}
