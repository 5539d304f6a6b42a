/* file: written beside its place under another name, synced, then renamed into it; the folder is synced, too. */
#include "netrt/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *join(const char *a, const char *b)
{
    size_t size = strlen(a) + strlen(b) + 1;
    char *text = malloc(size);

    if (text != NULL)
        snprintf(text, size, "%s%s", a, b);
    return text;
}

static void release(struct netrt_file *file)
{
    free(file->path);
    free(file->partial);
    *file = (struct netrt_file){0};
}

enum netrt_status netrt_file_begin(struct netrt_file *file, const char *path, struct netrt_error *error)
{
    *file = (struct netrt_file){.path = join(path, ""), .partial = join(path, ".partial")};
    if (file->path == NULL || file->partial == NULL) {
        release(file);
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory to write %s", path);
    }
    file->stream = fopen(file->partial, "wb");
    if (file->stream != NULL)
        return NETRT_OK;
    netrt_fail_errno(error, "cannot write %s", file->partial);
    release(file);
    return NETRT_E_SYSTEM;
}

/* A rename is on the disk only when its folder is. Some file systems cannot sync a folder: then there is no more to be done. */
static void sync_folder(const char *path)
{
    char *folder = join(path, "");
    if (folder == NULL)
        return;
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[1] = '\0';
    int handle = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle >= 0) {
        (void)fsync(handle);
        close(handle);
    }
    free(folder);
}

enum netrt_status netrt_file_commit(struct netrt_file *file, struct netrt_error *error)
{
    bool good = !ferror(file->stream) && fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;
    int reason = errno;

    if (fclose(file->stream) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && rename(file->partial, file->path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good) {
        (void)unlink(file->partial);
        errno = reason;
        netrt_fail_errno(error, "cannot write %s", file->path);
        release(file);
        return NETRT_E_SYSTEM;
    }
    sync_folder(file->path);
    release(file);
    return NETRT_OK;
}

void netrt_file_abandon(struct netrt_file *file)
{
    if (file->stream == NULL)
        return;
    fclose(file->stream);
    (void)unlink(file->partial);
    release(file);
}

static bool make_folder(const char *path)
{
    struct stat facts;

    if (mkdir(path, 0777) == 0)
        return true;
    if (errno != EEXIST || stat(path, &facts) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(facts.st_mode);
}

enum netrt_status netrt_folder_create(const char *path, struct netrt_error *error)
{
    char *part = join(path, "");

    if (part == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory to create %s", path);
    for (char *at = part + 1; part[0] != '\0'; at++) {
        char kept = *at;
        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (!make_folder(part)) {
            netrt_fail_errno(error, "cannot create the folder %s", part);
            free(part);
            return NETRT_E_SYSTEM;
        }
        *at = kept;
        if (kept == '\0')
            break;
    }
    free(part);
    return NETRT_OK;
}
