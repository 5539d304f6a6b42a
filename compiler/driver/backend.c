/* backend: see backend.h. LLVM runs in a process of its own: a check that fails in it ends that process and leaves no file. */
#include "compiler/driver/backend.h"

#include "compiler/driver/assembly.h"
#include "compiler/driver/child.h"
#include "compiler/driver/compilation.h"
#include "compiler/driver/message.h"
#include "compiler/driver/native.h"
#include "compiler/emit/llvm/module.h"

#include <errno.h>
#include <string.h>

#ifdef NETC_HAVE_LLVM
enum { HAVE_LLVM = 1 };
#else
enum { HAVE_LLVM = 0 };
#endif

/* ---- Names and choice ---------------------------------------------------------------------------------------------- */

enum backend backend_find(const char *name)
{
    if (strcmp(name, "llvm") == 0)
        return BACKEND_LLVM;
    return strcmp(name, "c") == 0 ? BACKEND_C : BACKEND_UNSAID;
}

bool backend_is_built(enum backend b)
{
    return b == BACKEND_C || (b == BACKEND_LLVM && HAVE_LLVM);
}

const char *backend_list(void)
{
    return HAVE_LLVM ? "llvm, c" : "c";
}

enum backend backend_default(void)
{
    return HAVE_LLVM ? BACKEND_LLVM : BACKEND_C;
}

const char *backend_name(enum backend b)
{
    return b == BACKEND_LLVM ? "llvm" : "c";
}

static enum backend wanted(const struct compilation *c)
{
    if (c->options->stage == STAGE_C)
        return BACKEND_C;
    if (c->options->stage == STAGE_LLVM)
        return BACKEND_LLVM;
    if (c->options->backend != BACKEND_UNSAID)
        return c->options->backend;
    if (c->program.compile.backend)
        return backend_find(c->program.compile.backend);
    return backend_default();
}

bool backend_choose(struct compilation *c)
{
    c->backend = wanted(c);
    if (backend_is_built(c->backend))
        return true;
    fail(STATUS_USAGE, "%s asks for backend = %s, which is not built in; --backend=c overrides it", c->program.source,
         backend_name(c->backend));
    return false;
}

/* ---- LLVM ---------------------------------------------------------------------------------------------------------- */

#ifdef NETC_HAVE_LLVM

struct generation {
    const struct loop_module *module;
    struct llvm_options options;
};

static bool generate(void *context, FILE *out)
{
    const struct generation *g = context;

    return emit_llvm(g->module, &g->options, out, stderr);
}

static enum status run_llvm(struct compilation *c, enum llvm_product product, struct child_result *result)
{
    struct generation g = {
        c->module,
        {.product = product, .level = c->options->optimization - '0', .target = &c->target, .kernel = c->options->kernel}};

    double begin = clock_seconds();
    enum status status = child_run("code generation by LLVM", generate, &g, c->arena, result);
    report_time(c, begin, "  LLVM");
    return status;
}

static enum status write_llvm(struct compilation *c, enum llvm_product product, const struct output *to)
{
    struct child_result result;
    enum status status = run_llvm(c, product, &result);

    if (status != STATUS_DONE)
        return status;
    FILE *out = fopen(to->temporary, "w");
    bool whole = out && fwrite(result.bytes, 1, result.length, out) == result.length;
    if (out && fclose(out) != 0)
        whole = false;
    return whole ? STATUS_DONE : output_cannot_write(to);
}

enum status backend_llvm_text(struct compilation *c, FILE *out)
{
    struct child_result result;
    enum status status = run_llvm(c, LLVM_PRODUCT_TEXT, &result);

    if (status == STATUS_DONE)
        fwrite(result.bytes, 1, result.length, out);
    return status;
}

static enum status llvm_assembly(struct compilation *c, const struct output *to)
{
    return write_llvm(c, LLVM_PRODUCT_ASSEMBLY, to);
}

static enum status llvm_object(struct compilation *c, const struct output *to)
{
    return write_llvm(c, LLVM_PRODUCT_OBJECT, to);
}

const char *backend_llvm_version(void)
{
    return emit_llvm_version();
}

#else

/* backend_choose has refused before any of these could be called. */
static enum status not_built(void)
{
    return fail_defect("the LLVM back end was chosen and is not built in");
}

enum status backend_llvm_text(struct compilation *c, FILE *out)
{
    (void)c;
    (void)out;
    return not_built();
}

static enum status llvm_assembly(struct compilation *c, const struct output *to)
{
    (void)c;
    (void)to;
    return not_built();
}

static enum status llvm_object(struct compilation *c, const struct output *to)
{
    (void)c;
    (void)to;
    return not_built();
}

const char *backend_llvm_version(void)
{
    return NULL;
}

#endif

/* ---- Either -------------------------------------------------------------------------------------------------------- */

const char *backend_compiler(struct compilation *c)
{
    return c->backend == BACKEND_LLVM ? backend_llvm_version() : native_compiler_name(c);
}

enum status backend_assembly(struct compilation *c, const struct output *to)
{
    enum status status = c->backend == BACKEND_LLVM ? llvm_assembly(c, to) : native_assembly(c, to);

    if (status == STATUS_DONE && c->options->kernel)
        status = assembly_keep_kernels(c->module, c->options->kernel, to, c->arena);
    return status;
}

enum status backend_object(struct compilation *c, const struct output *to)
{
    return c->backend == BACKEND_LLVM ? llvm_object(c, to) : native_object(c, to);
}

enum status backend_executable(struct compilation *c, const struct output *to)
{
    struct output object;
    enum status status = output_scratch(&object, c->arena);

    if (status != STATUS_DONE)
        return status;
    status = backend_object(c, &object);
    double begin = clock_seconds();
    if (status == STATUS_DONE)
        status = native_link(c, object.temporary, to);
    report_time(c, begin, "  linking");
    output_discard(&object);
    return status;
}
