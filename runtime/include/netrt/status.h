/* status: how a call of the runtime ended, and why.
 *
 * The library never prints and never ends the process: a function that can fail returns a status and fills a
 * `struct netrt_error` with one sentence that names the file, the place and what was expected and found.
 */
#ifndef NETRT_STATUS_H
#define NETRT_STATUS_H

enum netrt_status {
    NETRT_OK,
    NETRT_E_CONTENT,     /* a file or a data set holds something wrong */
    NETRT_E_DIVERGED,    /* the loss is NaN or infinite */
    NETRT_E_USAGE,       /* the caller asked for something that does not exist or fit */
    NETRT_E_SYSTEM,      /* the system refused: open, read, write, space, memory, threads */
};

struct netrt_error {
    enum netrt_status status;
    char text[1024];    /* one sentence without a final stop or newline; cut off if longer */
};

/* netrt_fail(error, status, format, ...) fills `error` and has the value `status`, so that a check can end in
 * `return netrt_fail(...)`. netrt_fail_errno(error, format, ...) is the same for NETRT_E_SYSTEM; the reason in `errno` is appended
 * as ": reason". They are macros so that a compiler or analyser sees which status comes back. */
#define netrt_fail(error, status, ...) netrt_failed((netrt_error_set((error), (status), __VA_ARGS__), (status)))
#define netrt_fail_errno(error, ...) netrt_failed((netrt_error_set_errno((error), __VA_ARGS__), NETRT_E_SYSTEM))

void netrt_error_set(struct netrt_error *error, enum netrt_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void netrt_error_set_errno(struct netrt_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline enum netrt_status netrt_failed(enum netrt_status status)
{
    return status;
}

#endif
