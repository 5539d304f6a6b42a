/* run_folder: the files of a training run, and what must be the same for it to go on. */
#include "runtime/trainer/run_folder.h"

#include "netrt/file.h"
#include "netrt/reading.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum netrt_status out_of_memory(struct session *s)
{
    return netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for the names of files");
}

/* The first of runs/MODEL-1, -2, … that does not exist; creating it is what claims it. */
static enum netrt_status claim_default(struct run_folder *folder, struct session *s)
{
    size_t size = strlen(s->description.net) + 32;
    enum netrt_status status = netrt_folder_create("runs", &s->error);

    folder->path = malloc(size);
    if (status == NETRT_OK && folder->path == NULL)
        return out_of_memory(s);
    for (int64_t n = 1; status == NETRT_OK; n++) {
        snprintf(folder->path, size, "runs/%s-%" PRId64, s->description.net, n);
        if (mkdir(folder->path, 0777) == 0)
            return run_lock_take(&folder->lock, folder->path, &s->error);
        if (errno != EEXIST)
            return netrt_fail_errno(&s->error, "cannot create the folder %s", folder->path);
    }
    return status;
}

static enum netrt_status refuse_used(struct session *s, const char *path)
{
    static const char *const traces[] = {"last.safetensors", "best.safetensors", "metrics.jsonl", "config.json"};
    struct stat facts;

    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
        char *trace = netrt_path_join(path, traces[i]);
        bool used = trace != NULL && stat(trace, &facts) == 0;
        free(trace);
        if (used)
            return netrt_fail(&s->error, NETRT_E_USAGE,
                              "%s holds a run already (%s): --resume goes on with it; choose another --out, or remove it", path,
                              traces[i]);
    }
    return NETRT_OK;
}

static enum netrt_status claim_named(struct run_folder *folder, struct session *s)
{
    enum netrt_status status = netrt_folder_create(s->options->out, &s->error);

    if (status == NETRT_OK)
        status = run_lock_take(&folder->lock, s->options->out, &s->error);
    if (status == NETRT_OK)
        status = refuse_used(s, s->options->out);
    folder->path = netrt_path_join(".", s->options->out);
    return folder->path != NULL ? status : out_of_memory(s);
}

/* What the run was asked to do; nothing about where, when or by how many threads. */
static json_t *config_json(const struct session *s, int64_t epochs)
{
    const struct netrt_description *d = &s->description;
    json_t *settings = json_object();

    for (int i = 0; i < d->setting_count; i++)
        if (d->setting[i].kind == NETRT_SETTING_GIVEN)
            json_object_set_new(settings, d->setting[i].name, json_real(s->setting[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "net", d->net, "source", d->source, "hash", d->hash,
                     "precision", d->precision, "batch", (json_int_t)d->batch, "epochs", (json_int_t)epochs, "seed",
                     (json_int_t)s->seed, "limit", (json_int_t)s->options->limit, "settings", settings);
}

static enum netrt_status write_config(struct session *s, const char *path, int64_t epochs)
{
    struct netrt_file file;
    enum netrt_status status = netrt_file_begin(&file, path, &s->error);

    if (status != NETRT_OK)
        return status;
    errno = 0;
    json_t *config = config_json(s, epochs);
    if (config == NULL || json_dumpf(config, file.stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0) {
        status = errno != 0 ? netrt_fail_errno(&s->error, "cannot write %s", path) : out_of_memory(s);
        netrt_file_abandon(&file);
    } else {
        fputc('\n', file.stream);
        status = netrt_file_commit(&file, &s->error);
    }
    json_decref(config);
    return status;
}

/* ---- Going on -------------------------------------------------------------------------------------------------------- */

/* What must be as the run was begun, and what to do where it is not. Told in this order: a net is another net before it is another
 * batch. The file that the net was compiled from is not among them. */
static const struct {
    const char *key, *cure;    /* the run's value follows the cure */
} kept[] = {
    {"net", "go on with the trainer that began it: the net is called "},
    {"precision", "compile the net with netc --precision="},
    {"batch", "compile the net with netc --batch="},
    {"seed", "go on with --seed "},
    {"limit", "go on with --limit "},
    {"hash", "go on with the trainer that began it, hash "},
};

static char *value_text(const json_t *value)
{
    return value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9));
}

static enum netrt_status refuse_change(struct session *s, const char *path, int number, const json_t *old, const json_t *now)
{
    char *before = value_text(old), *after = value_text(now);
    const bool everything = strcmp(kept[number].key, "limit") == 0 && json_integer_value(old) == 0;
    enum netrt_status status =
        netrt_fail(&s->error, NETRT_E_USAGE,
                   "%s: the run was begun with %s %s, now it is %s: %s%s, or begin a new run with its weights: --weights %s/%s",
                   path, kept[number].key, before != NULL ? before : "unset", after != NULL ? after : "unset",
                   everything ? "go on without --limit" : kept[number].cure, everything || before == NULL ? "" : before,
                   s->options->out, "last.safetensors");

    free(before);
    free(after);
    return status;
}

/* Learning rates and penalties may change on the way: the run says so. */
static void tell_settings(const json_t *old, const json_t *now)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)now, name, value)
    {
        const json_t *before = json_object_get(old, name);
        if (!json_is_number(before) || json_equal(before, value))
            continue;
        fprintf(stderr, "note: %s was %.9g when the run was begun, from here on it is %.9g; --set %s=%.9g keeps it\n", name,
                json_number_value(before), json_number_value(value), name, json_number_value(before));
    }
}

static enum netrt_status compare_config(struct session *s, const char *path)
{
    json_error_t reason;
    json_t *old = json_load_file(path, JSON_REJECT_DUPLICATES, &reason), *now = config_json(s, 0);
    enum netrt_status status = NETRT_OK;

    if (now == NULL)
        status = out_of_memory(s);
    else if (old == NULL && json_error_code(&reason) == json_error_cannot_open_file)
        status = netrt_fail_errno(&s->error, "cannot open %s: there is no run to go on with", path);
    else if (!json_is_object(old))
        status = netrt_fail(&s->error, NETRT_E_CONTENT, "%s: cannot be read as JSON (line %d: %s)", path, reason.line, reason.text);
    for (int i = 0; status == NETRT_OK && i < (int)(sizeof kept / sizeof kept[0]); i++) {
        const json_t *before = json_object_get(old, kept[i].key), *after = json_object_get(now, kept[i].key);
        if (!json_equal(before, after))
            status = refuse_change(s, path, i, before, after);
    }
    if (status == NETRT_OK)
        tell_settings(json_object_get(old, "settings"), json_object_get(now, "settings"));
    json_decref(old);
    json_decref(now);
    return status;
}

enum netrt_status run_folder_reopen(struct run_folder *folder, struct session *s)
{
    struct stat facts;
    char *config = netrt_path_join(s->options->out, "config.json");
    enum netrt_status status = NETRT_OK;

    *folder = (struct run_folder){.path = netrt_path_join(".", s->options->out)};
    if (config == NULL || folder->path == NULL)
        status = out_of_memory(s);
    else if (stat(folder->path, &facts) != 0)
        status = netrt_fail_errno(&s->error, "cannot open %s: there is no run to go on with", s->options->out);
    if (status == NETRT_OK)
        status = run_lock_take(&folder->lock, folder->path, &s->error);
    if (status == NETRT_OK)
        status = compare_config(s, config);
    free(config);
    return status;
}

/* Keeps the lines of the first `done` epochs, each whole; a file that is not there keeps none. One that cannot be read to its end stays
 * as it is. */
static enum netrt_status trim_metrics(struct session *s, const char *path, int64_t done)
{
    struct netrt_file file;
    char *line = NULL;
    size_t room = 0;
    int64_t length;
    int handle;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return NETRT_OK;
    enum netrt_status status = netrt_regular_open(path, &handle, &length, &s->error);
    if (status != NETRT_OK)
        return status;
    FILE *old = fdopen(handle, "r");
    if (old == NULL) {
        status = netrt_fail_errno(&s->error, "cannot open %s", path);
        close(handle);
        return status;
    }
    status = netrt_file_begin(&file, path, &s->error);
    errno = 0;
    while (status == NETRT_OK && getline(&line, &room, old) > 0) {
        json_t *record = json_loads(line, 0, NULL);
        const json_t *epoch = json_object_get(record, "epoch");
        if (json_is_integer(epoch) && json_integer_value(epoch) <= done)
            fputs(line, file.stream);
        json_decref(record);
        errno = 0;
    }
    if (status == NETRT_OK && !feof(old)) {
        status = netrt_fail_errno(&s->error, "cannot read %s", path);
        netrt_file_abandon(&file);
    }
    free(line);
    fclose(old);
    return status == NETRT_OK ? netrt_file_commit(&file, &s->error) : status;
}

static enum netrt_status open_files(struct run_folder *folder, struct session *s, int64_t epochs, int64_t done)
{
    char *config = netrt_path_join(folder->path, "config.json"), *metrics = netrt_path_join(folder->path, "metrics.jsonl");
    enum netrt_status status = NETRT_OK;

    folder->last = netrt_path_join(folder->path, "last.safetensors");
    folder->best = netrt_path_join(folder->path, "best.safetensors");
    if (config == NULL || metrics == NULL || folder->last == NULL || folder->best == NULL)
        status = out_of_memory(s);
    if (status == NETRT_OK && s->options->resume)
        status = trim_metrics(s, metrics, done);
    if (status == NETRT_OK)
        status = write_config(s, config, epochs);
    if (status == NETRT_OK) {
        folder->metrics = fopen(metrics, "a");
        if (folder->metrics == NULL)
            status = netrt_fail_errno(&s->error, "cannot write %s", metrics);
    }
    free(config);
    free(metrics);
    return status;
}

enum netrt_status run_folder_open(struct run_folder *folder, struct session *s, int64_t epochs, int64_t done)
{
    enum netrt_status status = NETRT_OK;

    if (!s->options->resume) {
        *folder = (struct run_folder){0};
        status = s->options->out != NULL ? claim_named(folder, s) : claim_default(folder, s);
    }
    return status == NETRT_OK ? open_files(folder, s, epochs, done) : status;
}

enum netrt_status run_folder_sync(struct run_folder *folder, struct netrt_error *error)
{
    if (fflush(folder->metrics) != 0 || ferror(folder->metrics) != 0)
        return netrt_fail_errno(error, "cannot write %s/metrics.jsonl", folder->path);
    (void)fsync(fileno(folder->metrics)); /* a pipe or a file system that cannot: then there is no more to be done */
    return NETRT_OK;
}

enum netrt_status run_folder_close(struct run_folder *folder, struct netrt_error *error)
{
    enum netrt_status status = NETRT_OK;

    if (folder->metrics != NULL) {
        bool failed = ferror(folder->metrics) != 0;
        if (fclose(folder->metrics) != 0)
            failed = true;
        if (failed && error != NULL)
            status = netrt_fail(error, NETRT_E_SYSTEM, "cannot write %s/metrics.jsonl", folder->path);
    }
    run_lock_release(&folder->lock);
    free(folder->path);
    free(folder->last);
    free(folder->best);
    *folder = (struct run_folder){0};
    return status;
}
