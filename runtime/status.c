/* status: fills the one sentence that says what failed. */
#include "netrt/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void netrt_error_set(struct netrt_error *error, enum netrt_status status, const char *format, ...)
{
    va_list args;

    error->status = status;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
}

void netrt_error_set_errno(struct netrt_error *error, const char *format, ...)
{
    int reason = errno;
    va_list args;

    error->status = NETRT_E_SYSTEM;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);

    size_t used = strlen(error->text);
    snprintf(error->text + used, sizeof error->text - used, ": %s", strerror(reason));
}
