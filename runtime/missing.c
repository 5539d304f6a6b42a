/* missing: what is said of data that are not there. */
#include "runtime/missing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_TEXT = 4096, WANTED_TEXT = 256 };

static bool is_missing(const char *path)
{
    struct stat facts;

    return stat(path, &facts) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* The folder from the root on, so that nobody needs to know where the program was started. */
static void print_folder(const char *folder, char text[PATH_TEXT])
{
    char here[PATH_TEXT];

    if (folder[0] == '/' || getcwd(here, sizeof here) == NULL)
        snprintf(text, PATH_TEXT, "%s", folder);
    else if (strcmp(folder, ".") == 0)
        snprintf(text, PATH_TEXT, "%s", here);
    else
        snprintf(text, PATH_TEXT, "%.2000s/%.2000s", here, folder);
}

/* What a record must be so that the prepared one feeds the main input. False where that cannot be told. */
static bool find_record_shape(const struct netrt_description *d, struct netrt_shape *shape)
{
    const struct netrt_input *input = NULL;
    int64_t dim[NETRT_MOST_AXES] = {0};

    for (int i = 0; i < d->input_count && input == NULL; i++) {
        if (netrt_input_takes_records(&d->input[i]))
            input = &d->input[i];
    }
    if (input == NULL)
        return false;
    memcpy(dim, input->shape.dim, sizeof dim);
    for (int i = 0; i < d->prepare_count; i++) {
        const struct netrt_prepare_step *step = &d->prepare[i];
        for (int a = 0; step->kind == NETRT_PREPARE_PAD && a < step->axes; a++) {
            if (step->axes > input->shape.rank)
                return false;
            dim[input->shape.rank - step->axes + a] -= step->before[a] + step->after[a];
        }
    }
    return netrt_shape_make(shape, input->shape.rank, dim);
}

static void print_wanted(const struct netrt_part_options *o, bool labels, char text[WANTED_TEXT])
{
    char shape_text[NETRT_SHAPE_TEXT];
    struct netrt_shape shape;

    text[0] = '\0';
    if (labels && o->classes > 0)
        snprintf(text, WANTED_TEXT, " of classes 0 to %" PRId64, o->classes - 1);
    else if (!labels && o->description != NULL && find_record_shape(o->description, &shape))
        snprintf(text, WANTED_TEXT, " of records of %s %s", netrt_shape_print(&shape, shape_text),
                 o->integers > UINT8_MAX + 1 ? "integers" : "bytes");
}

static enum netrt_status report(const char *folder, const char *name, bool labels, const struct netrt_part_options *o,
                                struct netrt_error *error)
{
    char where[PATH_TEXT], wanted[WANTED_TEXT];
    const char *what = labels ? "labels" : "records";

    print_folder(folder, where);
    print_wanted(o, labels, wanted);
    if (name[0] == '/')
        return netrt_fail(
            error, NETRT_E_SYSTEM,
            "cannot open %s: No such file or directory; the part %s takes its %s from it, an IDX file (plain or .gz)%s", name,
            o->name, what, wanted);
    if (is_missing(folder))
        return netrt_fail(error, NETRT_E_SYSTEM,
                          "cannot open %s: there is no folder %s; the part %s takes its %s from it, an IDX file (plain or .gz)%s; "
                          "--data DIR names the folder of the data",
                          name, where, o->name, what, wanted);
    return netrt_fail(error, NETRT_E_SYSTEM,
                      "cannot open %s in %s: No such file or directory; the part %s takes its %s from it, an IDX file (plain or "
                      ".gz)%s; --data DIR names another folder",
                      name, where, o->name, what, wanted);
}

static enum netrt_status check(const char *folder, const char *name, bool labels, const struct netrt_part_options *o,
                               struct netrt_error *error)
{
    char *path = netrt_path_join(folder, name), *packed = NULL;
    enum netrt_status status = NETRT_OK;

    if (path != NULL)
        packed = malloc(strlen(path) + sizeof ".gz");
    if (packed == NULL) {
        free(path);
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for the data");
    }
    snprintf(packed, strlen(path) + sizeof ".gz", "%s.gz", path);
    if (is_missing(path) && is_missing(packed))
        status = report(folder, name, labels, o, error);
    free(packed);
    free(path);
    return status;
}

enum netrt_status missing_check(const char *folder, const struct netrt_data_step *step, const struct netrt_part_options *options,
                                struct netrt_error *error)
{
    enum netrt_status status = check(folder, step->images, false, options, error);

    if (status == NETRT_OK && step->labels != NULL)
        status = check(folder, step->labels, true, options, error);
    return status;
}
