#include "runtime/trainer/run_folder.h"

#include "netrt/file.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
            return NETRT_OK;
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
            return netrt_fail(&s->error, NETRT_E_USAGE, "%s holds a run already (%s): choose another --out, or remove it", path,
                              traces[i]);
    }
    return NETRT_OK;
}

static enum netrt_status claim_named(struct run_folder *folder, struct session *s)
{
    enum netrt_status status = s->options->resume ? NETRT_OK : refuse_used(s, s->options->out);

    if (status == NETRT_OK)
        status = netrt_folder_create(s->options->out, &s->error);
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
    json_t *config = config_json(s, epochs);
    if (config == NULL || json_dumpf(config, file.stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0) {
        netrt_file_abandon(&file);
        status = netrt_fail(&s->error, NETRT_E_SYSTEM, "cannot write %s", path);
    } else {
        fputc('\n', file.stream);
        status = netrt_file_commit(&file, &s->error);
    }
    json_decref(config);
    return status;
}

/* The run in the folder must have been asked for the same, but for the number of epochs. */
static enum netrt_status compare_config(struct session *s, const char *path)
{
    json_t *old = json_load_file(path, 0, NULL), *now = config_json(s, 0);
    enum netrt_status status = NETRT_OK;
    const char *key;
    json_t *value;

    if (!json_is_object(old))
        status = netrt_fail(&s->error, NETRT_E_CONTENT, "%s: cannot be read as JSON: there is no run to go on with", path);
    json_object_foreach(now, key, value)
    {
        const json_t *other = json_object_get(old, key);
        if (status != NETRT_OK || strcmp(key, "epochs") == 0 || json_equal(other, value))
            continue;
        char *before = json_dumps(other, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9));
        char *after = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9));
        status = netrt_fail(&s->error, NETRT_E_USAGE, "%s: the run was begun with %s %s, but now it is %s", path, key,
                            before != NULL ? before : "unset", after != NULL ? after : "unset");
        free(before);
        free(after);
    }
    json_decref(old);
    json_decref(now);
    return status;
}

/* Keeps the lines of the first `done` epochs; a file that is not there keeps none. */
static enum netrt_status trim_metrics(struct session *s, const char *path, int64_t done)
{
    FILE *old = fopen(path, "r");
    struct netrt_file file;
    char *line = NULL;
    size_t room = 0;

    if (old == NULL)
        return errno == ENOENT ? NETRT_OK : netrt_fail_errno(&s->error, "cannot open %s", path);
    enum netrt_status status = netrt_file_begin(&file, path, &s->error);
    while (status == NETRT_OK && getline(&line, &room, old) > 0) {
        json_t *record = json_loads(line, 0, NULL);
        const json_t *epoch = json_object_get(record, "epoch");
        if (json_is_integer(epoch) && json_integer_value(epoch) <= done)
            fputs(line, file.stream);
        json_decref(record);
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
        status = compare_config(s, config);
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

char *run_folder_last(const struct session *s)
{
    return netrt_path_join(s->options->out, "last.safetensors");
}

enum netrt_status run_folder_open(struct run_folder *folder, struct session *s, int64_t epochs, int64_t done)
{
    *folder = (struct run_folder){0};
    enum netrt_status status = s->options->out != NULL ? claim_named(folder, s) : claim_default(folder, s);

    return status == NETRT_OK ? open_files(folder, s, epochs, done) : status;
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
    free(folder->path);
    free(folder->last);
    free(folder->best);
    *folder = (struct run_folder){0};
    return status;
}
