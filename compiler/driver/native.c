/* native: see native.h. The C text goes to the compiler's standard input, so that no file of it is left and no path is compiled in.
 *
 * The runtime lies beside the executable of netc: in lib/netc in the build tree, in ../lib/netc where it is installed.
 */
#include "compiler/driver/native.h"

#include "compiler/driver/compilation.h"
#include "compiler/driver/message.h"
#include "compiler/driver/tools.h"
#include "compiler/emit/c/module.h"
#include "compiler/support/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_PATH = 4096, LONGEST_LINK_FILE = 4096 };

/* ---- The compiler -------------------------------------------------------------------------------------------------- */

static const char *compiler_command(void)
{
    const char *cc = getenv("CC");

    return cc && cc[strspn(cc, " \t")] != '\0' ? cc : "cc";
}

const char *native_compiler_name(struct compilation *c)
{
    const char *first = compiler_command() + strspn(compiler_command(), " \t");
    const char *word = arena_copy(c->arena, first, strcspn(first, " \t"));
    const char *slash = strrchr(word, '/');

    return slash ? slash + 1 : word;
}

/* ---- The runtime --------------------------------------------------------------------------------------------------- */

static const char *const runtime_places[] = {"lib/netc", "../lib/netc"};

const char *native_runtime_folder(struct arena *a)
{
    char own[LONGEST_PATH];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own);

    if (length <= 0 || (size_t)length == sizeof own)
        return NULL;
    while (length > 0 && own[length - 1] != '/')
        length--;
    for (size_t i = 0; i < sizeof runtime_places / sizeof *runtime_places; i++) {
        const char *folder = arena_printf(a, "%.*s%s", (int)length, own, runtime_places[i]);
        if (access(arena_printf(a, "%s/include/netrt/model.h", folder), R_OK) == 0)
            return folder;
    }
    return NULL;
}

/* The same, or NULL after a message. */
static const char *runtime_folder(struct compilation *c)
{
    const char *folder = native_runtime_folder(c->arena);

    if (!folder)
        fail(STATUS_SYSTEM, "cannot find the runtime: there is no '%s' and no '%s' beside netc", runtime_places[0],
             runtime_places[1]);
    return folder;
}

/* ---- Compiling ----------------------------------------------------------------------------------------------------- */

static void add_flags(struct command *command, const struct compilation *c, const char *runtime)
{
    struct arena *a = command->arena;

    command_add(command, "-std=c11");
    command_add(command, arena_printf(a, "-O%c", c->options->optimization));
    command_add(command, arena_printf(a, "-march=%s", c->target.march));
    command_add(command, "-ffp-contract=off");
    command_add(command, "-fno-math-errno");
    command_add(command, "-g1"); /* functions and lines, no variables: nothing that takes time */
    if (c->target.vector_bytes == 64)
        command_add(command, "-mprefer-vector-width=512");
    command_add(command, arena_printf(a, "-I%s/include", runtime));
}

/* The module's C, allocated by open_memstream: to be freed. */
static char *source_text(struct compilation *c, size_t *length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, length);

    if (!out)
        end_out_of_memory(0);
    emit_c_module(c->module, true, out);
    if (fclose(out) != 0)
        end_out_of_memory(*length);
    return text;
}

/* Whether it wrote anything: some programs end well without having done their work. */
static bool has_written(const struct output *to)
{
    struct stat s;

    return stat(to->temporary, &s) == 0 && s.st_size > 0;
}

/* How the tool's work has ended, with its reason. `work` is what it was to do. */
static enum status judge(const struct command *command, const struct command_result *r, const struct output *to, const char *work)
{
    const char *tool = command->word.at[0], *advice = output_scratch_advice(command->arena);

    if (r->signal != 0)
        return fail(STATUS_SYSTEM, "'%s' was ended by a signal and could not %s: %s", tool, work, strsignal(r->signal));
    if (r->status != 0)
        return fail(STATUS_SYSTEM, "'%s' could not %s (status %d); the environment's CC names another compiler%s", tool, work,
                    r->status, advice);
    if (!has_written(to))
        return fail(STATUS_SYSTEM,
                    "'%s' ended without an error, but wrote nothing: is it a C compiler? The environment's CC names it", tool);
    return STATUS_DONE;
}

/* Compiles the module's C with `how` (-S or -c). */
static enum status compile_text(struct compilation *c, const char *how, const struct output *to)
{
    struct command command = {.arena = c->arena};
    struct command_result result = {0};
    const char *runtime = runtime_folder(c);
    size_t length = 0;

    if (!runtime)
        return STATUS_SYSTEM;
    command_add_words(&command, compiler_command());
    add_flags(&command, c, runtime);
    command_add(&command, how);
    command_add(&command, "-o");
    command_add(&command, to->temporary);
    command_add_words(&command, "-x c -");
    char *text = source_text(c, &length);
    enum status status = command_run(&command, text, length, c->options->verbose, &result);
    free(text);
    if (status != STATUS_DONE)
        return fail(status, "a C compiler is needed: install gcc or clang, or set the environment's CC to one");
    if (result.signal == 0 && result.status != 0 && result.blames_the_input)
        return fail_defect("'%s' refused the generated C (status %d)", command.word.at[0], result.status);
    return judge(&command, &result, to, "compile the generated C");
}

enum status native_assembly(struct compilation *c, const struct output *to)
{
    return compile_text(c, "-S", to);
}

enum status native_object(struct compilation *c, const struct output *to)
{
    return compile_text(c, "-c", to);
}

/* ---- Linking ------------------------------------------------------------------------------------------------------- */

/* Adds what the file netrt.link lists: the system's libraries that the runtime needs. */
static enum status add_system_libraries(struct command *command, const char *runtime)
{
    const char *path = arena_printf(command->arena, "%s/netrt.link", runtime);
    char text[LONGEST_LINK_FILE];
    FILE *in = fopen(path, "r");

    if (!in)
        return fail_about(STATUS_SYSTEM, path, "cannot read '%s': %s", path, strerror(errno));
    size_t length = fread(text, 1, sizeof text - 1, in);
    bool whole = !ferror(in) && feof(in);
    fclose(in);
    if (!whole)
        return fail_about(STATUS_SYSTEM, path, "cannot read '%s': it is too long", path);
    text[length] = '\0';
    command_add_words(command, text);
    return STATUS_DONE;
}

enum status native_link(struct compilation *c, const char *object, const struct output *to)
{
    struct command command = {.arena = c->arena};
    struct command_result result = {0};
    const char *runtime = runtime_folder(c);

    if (!runtime)
        return STATUS_SYSTEM;
    command_add_words(&command, compiler_command());
    command_add(&command, "-o");
    command_add(&command, to->temporary);
    command_add(&command, object);
    command_add(&command, arena_printf(c->arena, "%s/libnetrt_trainer.a", runtime));
    command_add(&command, arena_printf(c->arena, "%s/libnetrt.a", runtime));
    enum status status = add_system_libraries(&command, runtime);
    if (status == STATUS_DONE)
        status = command_run(&command, NULL, 0, c->options->verbose, &result);
    return status == STATUS_DONE ? judge(&command, &result, to, "link the trainer") : status;
}
