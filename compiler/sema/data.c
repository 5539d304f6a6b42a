/* data: reads `data` with tables of sources, selections and preparations; rows of the tables say what they take. */
#include "compiler/sema/data.h"

#include "compiler/sema/expand.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/tables.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define FORM(NAME, KIND, PARAMS, DOC) \
    {.op = {.name = (NAME), .params = (PARAMS), .param_count = (int)COUNT(PARAMS), .doc = (DOC)}, .kind = (KIND)}
#define NOT_BUILT(NAME) {.op = {.name = (NAME)}, .not_built = true}

static const char *const parts[] = {"first", "rest", NULL};

static const struct param idx_params[] = {
    {.name = "images", .type = PARAM_STRING, .required = true},
    {.name = "labels", .type = PARAM_STRING, .required = true},
};
static const struct param digits_params[] = {
    {.name = "count", .type = PARAM_INT, .required = true, .min = 1, .max = 100e6},
    {.name = "seed", .type = PARAM_INT, .fallback = 1, .min = 0, .max = INFINITY},
    {.name = "noise", .type = PARAM_REAL, .fallback = 0.1, .min = 0, .max = 1},
};
static const struct param take_params[] = {{.name = "count", .type = PARAM_INT, .required = true, .min = 1, .max = INFINITY}};
static const struct param drop_params[] = {{.name = "count", .type = PARAM_INT, .required = true, .min = 0, .max = INFINITY}};
static const struct param split_params[] = {
    {.name = "fraction", .type = PARAM_REAL, .required = true, .min = 0, .max = 1},
    {.name = "part", .type = PARAM_NAME, .choices = parts},
};
static const struct param shuffle_params[] = {{.name = "seed", .type = PARAM_INT, .fallback = 1, .min = 0, .max = INFINITY}};
static const struct param filter_params[] = {{.name = "classes", .type = PARAM_LIST, .required = true}};
static const struct param pad_params[] = {
    {.name = "amount", .type = PARAM_PADDING, .required = true},
    {.name = "value", .type = PARAM_REAL},
};
static const struct param scale_params[] = {{.name = "factor", .type = PARAM_REAL, .required = true}};
static const struct param normalize_params[] = {
    {.name = "mean", .type = PARAM_NUMBERS, .required = true},
    {.name = "std", .type = PARAM_NUMBERS, .required = true, .above_min = true, .max = INFINITY},
};

static const struct form sources[] = {
    FORM(
        "idx", DATA_IDX, idx_params,
        "two files in the IDX format, plain or compressed (`.gz` may be left out), of bytes, integers of 16 or 32 bits, or floats: "
        "`image`, a record for each of the first axis, and `label`, a class for each record or for each place of it"),
    FORM(
        "digits", DATA_DIGITS, digits_params,
        "`count` digits of 1x28x28 and their classes, drawn while the trainer runs; `noise` is the standard deviation of each pixel, as a "
        "share of full brightness"),
    NOT_BUILT("cifar10"),
    NOT_BUILT("cifar100"),
    NOT_BUILT("npz"),
    NOT_BUILT("npy"),
    NOT_BUILT("safetensors"),
    NOT_BUILT("image_folder"),
    NOT_BUILT("csv"),
    NOT_BUILT("wav_folder"),
    NOT_BUILT("text"),
    NOT_BUILT("mask_folder"),
    NOT_BUILT("noise"),
};

static const struct form selections[] = {
    FORM("take", DATA_TAKE, take_params, "the first `count` records; fewer are an error"),
    FORM("drop", DATA_DROP, drop_params, "all but the first `count`"),
    FORM("split", DATA_SPLIT, split_params, "of the records the first part, `fraction` of them, or the rest"),
    FORM("shuffle", DATA_SHUFFLE, shuffle_params,
         "another order, the same in every run; training shuffles anew each epoch in any case"),
    FORM("filter", DATA_FILTER, filter_params, "the records of these classes; they keep their numbers"),
};

static const struct form preparations[] = {
    FORM("pad", DATA_PAD, pad_params,
         "adds rows and columns of `value`: one number for all sides, `2x3` for rows and columns, or "
         "`[[top, bottom], [left, right]]`"),
    FORM("scale", DATA_SCALE, scale_params, "multiplies by `factor`"),
    FORM("normalize", DATA_NORMALIZE, normalize_params,
         "(x - mean) / std, with one number for all channels or a list of one for each"),
    NOT_BUILT("crop"),
    NOT_BUILT("resize"),
    NOT_BUILT("grayscale"),
    NOT_BUILT("one_hot"),
    NOT_BUILT("standardize"),
};

const struct section_table data_sources = {.section = "data", .what = "sources", .forms = sources, .count = COUNT(sources)};
const struct section_table data_selections = {
    .section = "data", .what = "selections", .forms = selections, .count = COUNT(selections)};
const struct section_table data_preparations = {
    .section = "data", .what = "preparations", .forms = preparations, .count = COUNT(preparations)};

/* ---- From arguments to steps ----------------------------------------------------------------------------------------- */

static bool read_classes(struct frame *f, const struct op_arg *a, struct data_step *step)
{
    const struct literal *l = a->literal;
    int64_t *classes = arena_array(f->x->arena, int64_t, l->as.list.count + 1);

    for (size_t i = 0; i < l->as.list.count; i++) {
        const struct literal *item = l->as.list.at[i];
        if (item->kind != LITERAL_INT)
            return diag_error(f->x->diags, item->at, DIAG_ARGUMENT_TYPE, "filter: a class is an integer, got %s",
                              literal_kind_text(item->kind));
        if (item->as.integer < 0)
            return diag_error(f->x->diags, item->at, DIAG_ARGUMENT_RANGE, "filter: a class is at least 0, got %" PRId64,
                              item->as.integer);
        classes[i] = item->as.integer;
    }
    step->list_count = l->as.list.count;
    step->classes = classes;
    if (step->list_count == 0)
        return diag_error(f->x->diags, a->at, DIAG_ARGUMENT_RANGE, "filter: no class is left");
    return true;
}

/* Rows, then columns; one number stands for all four sides. */
static bool read_padding(struct frame *f, const struct op_arg *a, struct data_step *step)
{
    const struct literal *l = a->literal;
    const size_t axes = l->kind == LITERAL_LIST ? l->as.list.count : a->sizes.rank == 0 ? 2 : (size_t)a->sizes.rank;

    if (l->kind == LITERAL_NAME)
        return diag_error(f->x->diags, a->at, DIAG_ARGUMENT_TYPE, "pad: the amount must be a number, a size or a list of pairs");
    if (axes != 2)
        return diag_error(f->x->diags, a->at, DIAG_ARGUMENT_RANGE, "pad: an image has rows and columns, got %zu axes", axes);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++)
            step->amount[i][k] =
                l->kind == LITERAL_LIST ? l->as.list.at[i]->as.list.at[k]->as.integer : a->sizes.dim[a->sizes.rank == 0 ? 0 : i];
    return true;
}

static const double *read_numbers(struct frame *f, const struct literal *l, size_t *count)
{
    *count = l->kind == LITERAL_LIST ? l->as.list.count : 1;
    double *numbers = arena_array(f->x->arena, double, *count);

    for (size_t i = 0; i < *count; i++)
        numbers[i] = literal_number(l->kind == LITERAL_LIST ? l->as.list.at[i] : l);
    return numbers;
}

/* One number for all channels beside a list of them is repeated. */
static const double *repeat_number(struct frame *f, const double *number, size_t count)
{
    double *numbers = arena_array(f->x->arena, double, count);

    for (size_t i = 0; i < count; i++)
        numbers[i] = number[0];
    return numbers;
}

static bool read_normalize(struct frame *f, const struct op_arg arg[], struct data_step *step)
{
    size_t means, stds;

    step->mean = read_numbers(f, arg[0].literal, &means);
    step->std = read_numbers(f, arg[1].literal, &stds);
    if (means != stds && means != 1 && stds != 1)
        return diag_error(f->x->diags, arg[1].at, DIAG_ARGUMENT_RANGE, "normalize: %zu means, but %zu standard deviations", means,
                          stds);
    step->list_count = means > stds ? means : stds;
    if (means < step->list_count)
        step->mean = repeat_number(f, step->mean, step->list_count);
    if (stds < step->list_count)
        step->std = repeat_number(f, step->std, step->list_count);
    return true;
}

static bool fill_step(struct frame *f, const struct op_arg arg[], struct data_step *step)
{
    switch (step->kind) {
    case DATA_IDX:
        step->images = arg[0].literal->as.string;
        step->labels = arg[1].literal->as.string;
        return true;
    case DATA_DIGITS:
        step->count = arg[0].integer;
        step->seed = arg[1].integer;
        step->noise = arg[2].real;
        return true;
    case DATA_TAKE:
    case DATA_DROP: step->count = arg[0].integer; return true;
    case DATA_SPLIT:
        step->fraction = arg[0].real;
        step->first = arg[1].integer == 0;
        return true;
    case DATA_SHUFFLE: step->seed = arg[0].integer; return true;
    case DATA_FILTER: return read_classes(f, &arg[0], step);
    case DATA_PAD: step->value = arg[1].real; return read_padding(f, &arg[0], step);
    case DATA_SCALE: step->factor = arg[0].real; return true;
    case DATA_NORMALIZE: return read_normalize(f, arg, step);
    }
    return false;
}

/* normalize(from = train) would measure the training set. */
static bool measures(struct frame *f, const struct ast_call *call)
{
    for (const struct ast_arg *a = call->args; a != NULL; a = a->next)
        if (a->name.text != NULL && strcmp(a->name.text, "from") == 0 && strcmp(call->callee.text, "normalize") == 0) {
            diag_error(f->x->diags, a->at, DIAG_SETTING_NOT_BUILT, "normalize: from is not built yet");
            diag_hint(f->x->diags, "give the numbers: normalize(mean = 0.1307, std = 0.3081)");
            return true;
        }
    return false;
}

static struct data_step *read_step(struct frame *f, const struct ast_call *call, struct span at, const struct form forms[],
                                   size_t count, enum word_kind kind)
{
    struct op_arg *arg = arena_array(f->x->arena, struct op_arg, MAX_PARAMS);
    struct data_step *step = arena_new(f->x->arena, struct data_step);

    if (measures(f, call))
        return NULL;
    const struct form *form = sections_call(f, call, at, forms, count, kind, arg);
    if (form == NULL)
        return NULL;
    *step = (struct data_step){.kind = (enum data_step_kind)form->kind, .at = at};
    return fill_step(f, arg, step) ? step : NULL;
}

/* ---- Chains ---------------------------------------------------------------------------------------------------------- */

static bool read_stages(struct frame *f, const struct ast_stage *chain, const struct form forms[], size_t count,
                        enum word_kind kind, struct data_step **end)
{
    bool ok = true;

    for (const struct ast_stage *s = chain; s != NULL; s = s->next) {
        if (s->kind != AST_STAGE_CALL || s->label.text != NULL) {
            ok = diag_error(f->x->diags, s->at, DIAG_MISPLACED, "the section data takes plain steps, without labels and branches");
            continue;
        }
        *end = read_step(f, &s->call, s->at, forms, count, kind);
        if (*end == NULL)
            ok = false;
        else
            end = &(*end)->next;
    }
    return ok;
}

/* A source and what selects from it. */
static bool read_source(struct frame *f, const struct setting *s, struct data_step **result)
{
    struct ast_call call;

    if (s->pipe == NULL)
        return true;
    if (!sections_as_call(f, s->pipe->from, "a source, such as idx(images, labels)", &call))
        return false;
    *result = read_step(f, &call, s->pipe->from->at, sources, COUNT(sources), WORD_SOURCE);
    return *result != NULL && read_stages(f, s->pipe->chain, selections, COUNT(selections), WORD_SELECTION, &(*result)->next);
}

static bool read_prepare(struct frame *f, const struct setting *s, struct data_step **result)
{
    struct ast_call call;

    if (s->pipe == NULL)
        return true;
    if (!sections_as_call(f, s->pipe->from, "a step, such as scale(1/255)", &call))
        return false;
    *result = read_step(f, &call, s->pipe->from->at, preparations, COUNT(preparations), WORD_PREPARATION);
    return *result != NULL && read_stages(f, s->pipe->chain, preparations, COUNT(preparations), WORD_PREPARATION, &(*result)->next);
}

enum { TRAIN, VAL, TEST, PREPARE, KEYS };

static const struct key keys[KEYS] = {
    [TRAIN] = {.name = "train",
               .fallback = "must be set where there is a section `train`",
               .doc = "what the net learns from: a source and its selections"},
    [VAL] = {.name = "val", .doc = "what it is measured on after each epoch; without it the loss of training chooses `best`"},
    [TEST] = {.name = "test", .doc = "what the best weights are measured on at the end, and what `eval` measures"},
    [PREPARE] = {.name = "prepare", .doc = "what is done with each record of all parts before the net sees it, as a chain"},
};
const struct section_table data_keys = {.section = "data", .what = "parts", .keys = keys, .count = KEYS};

bool data_read(struct frame *f, const struct ast_decl *section, struct data_section **result)
{
    struct setting settings[KEYS] = {0};
    struct data_section *d = arena_new(f->x->arena, struct data_section);

    d->at = section->at;
    bool ok = sections_read(f, section, keys, KEYS, settings);
    ok = read_source(f, &settings[TRAIN], &d->train) && ok;
    ok = read_source(f, &settings[VAL], &d->val) && ok;
    ok = read_source(f, &settings[TEST], &d->test) && ok;
    ok = read_prepare(f, &settings[PREPARE], &d->prepare) && ok;
    *result = d;
    return ok && data_check_counts(f->x->diags, d);
}
