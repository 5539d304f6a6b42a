/* message: see message.h. */
#include "compiler/driver/message.h"

#include "compiler/driver/signals.h"
#include "compiler/support/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum diag_format wanted = DIAG_TEXT;

void message_format(enum diag_format format)
{
    wanted = format;
}

static void print_json(const char *severity, const char *file, const char *text)
{
    fprintf(stderr, "{\"severity\": \"%s\", \"code\": null, \"message\": ", severity);
    text_print_quoted(text, stderr);
    if (file) {
        fputs(", \"file\": ", stderr);
        text_print_quoted(file, stderr);
    }
    fputs(", \"notes\": []}\n", stderr);
}

static void print_error(const char *file, const char *prefix, const char *format, va_list args)
{
    char text[1 << 13];    /* of JSON; nothing is allocated, for it may be that there is no memory */

    if (wanted == DIAG_JSON) {
        int length = snprintf(text, sizeof text, "%s", prefix);
        vsnprintf(text + length, sizeof text - (size_t)length, format, args);
        print_json("error", file, text);
        return;
    }
    fprintf(stderr, "netc: %s", prefix);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

enum status fail(enum status status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_error(NULL, "", format, args);
    va_end(args);
    return status;
}

enum status fail_about(enum status status, const char *file, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_error(file, "", format, args);
    va_end(args);
    return status;
}

enum status fail_defect(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_error(NULL, "internal error: ", format, args);
    va_end(args);
    if (wanted == DIAG_TEXT)
        fputs(DEFECT_REPORT, stderr);
    return STATUS_DEFECT;
}

void show_words(const char *words)
{
    if (words[0] != '\0' && wanted == DIAG_JSON)
        print_json("note", NULL, words);
    else
        fputs(words, stderr);
}

_Noreturn void end_out_of_memory(size_t bytes)
{
    enum status status = fail(STATUS_SYSTEM, "out of memory: %zu bytes were refused", bytes);

    /* A child shares its buffered output and its temporary files with the process that waits for it. */
    if (signals_in_child())
        _exit(status);
    signals_clean_up();
    exit(status);
}
