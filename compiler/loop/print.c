/* print: loops as indented pseudo-code (--emit=loops). One statement a line; indices as in C; vectors are marked by their types:
 *
 *   for h = 0 .. 28
 *     acc0: reals = splat(bias[o])
 *     image[block][(h*32 + w)*16 + 8*part]
 */
#include "compiler/loop/loop.h"

#include "compiler/loop/index.h"
#include "compiler/loop/operations.h"
#include "compiler/support/text.h"

#include <inttypes.h>

struct printer {
    const struct loop_module *module;
    const struct loop_kernel *kernel; /* NULL in a function */
    FILE *out;
    int depth;
};

/* "real" and "word" of the module, other elements by their names; "reals": a vector of them. */
static void print_type(const struct loop_module *m, enum loop_type type, FILE *out)
{
    const enum loop_type scalar = loop_scalar_of(type);

    fputs(scalar == m->real ? "real" : scalar == loop_word(m) ? "word" : loop_type_name(type), out);
    fputs(loop_is_vector(type) ? "s" : "", out);
}

static const char *axis_name(const void *context, loop_axis axis)
{
    const struct loop_kernel *k = context;

    return k && axis >= 0 && (size_t)axis < k->axis.count ? k->axis.at[axis].name : "?";
}

static void print_index(const struct printer *p, const struct loop_index *index)
{
    loop_index_print(index, axis_name, p->kernel, p->out);
}

static void print_place(const struct printer *p, const struct loop_place *place)
{
    const struct loop_buffer *b = loop_buffer_at(p->module, p->kernel, place->buffer);

    fputs(b->name, p->out);
    if (b->space == SPACE_SETTING)
        return;
    if (b->space == SPACE_BLOCK || b->space == SPACE_INPUT) {
        fputc('[', p->out);
        print_index(p, &place->block);
        fputc(']', p->out);
    }
    fputc('[', p->out);
    print_index(p, &place->at);
    fputc(']', p->out);
}

static void print_expr(const struct printer *p, const struct loop_expr *e, int around);

static void print_infix(const struct printer *p, const struct loop_expr *e, int own)
{
    print_expr(p, e->arg[0], own);
    fprintf(p->out, " %s ", loop_operations[e->op].name);
    if (own == BINDS_SHIFT)
        fprintf(p->out, "%" PRId64, e->as.bits);
    else
        print_expr(p, e->arg[1], own + 1);
}

static void print_call(const struct printer *p, const struct loop_expr *e)
{
    if (e->op == LOOP_CONVERT)
        print_type(p->module, e->type, p->out);
    else
        fputs(e->op == LOOP_CALL ? e->as.function->name : loop_operations[e->op].name, p->out);
    fputc('(', p->out);
    for (int i = 0; i < 3 && e->arg[i]; i++) {
        fputs(i > 0 ? ", " : "", p->out);
        print_expr(p, e->arg[i], 0);
    }
    fputc(')', p->out);
}

static void print_leaf(const struct printer *p, const struct loop_expr *e)
{
    if (e->op == LOOP_CONSTANT) {
        fprintf(p->out, loop_type_bytes(e->type) == 4 ? "%.9g" : "%.17g", e->as.real);
    } else if (e->op == LOOP_BITS_CONSTANT) {
        fprintf(p->out, "%" PRId64, e->as.bits);
    } else if (e->op == LOOP_VARIABLE) {
        fputs(e->as.variable->name, p->out);
    } else if (e->op == LOOP_LOAD) {
        print_place(p, &e->as.place);
    } else {
        fprintf(p->out, "%s(", loop_operations[e->op].name);
        if (e->op == LOOP_INDEX)
            print_index(p, &e->as.index);
        else
            print_place(p, &e->as.place);
        fputc(')', p->out);
    }
}

/* Prints an expression inside an operation that binds as tightly as `around`. */
static void print_expr(const struct printer *p, const struct loop_expr *e, int around)
{
    int own = (int)loop_operations[e->op].binds;

    if (!e->arg[0]) {
        print_leaf(p, e);
    } else if (own == BINDS_CALL) {
        print_call(p, e);
    } else {
        fputs(own < around ? "(" : "", p->out);
        if (e->op == LOOP_NEGATE) {
            fputc('-', p->out);
            print_expr(p, e->arg[0], own + 1);
        } else {
            print_infix(p, e, own);
        }
        fputs(own < around ? ")" : "", p->out);
    }
}

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

static void indent(const struct printer *p)
{
    fprintf(p->out, "%*s", 2 * p->depth, "");
}

static void print_statements(struct printer *p, const struct loop *s);

static void print_body(struct printer *p, const struct loop *body)
{
    p->depth++;
    print_statements(p, body);
    p->depth--;
}

static void print_for(struct printer *p, const struct loop *s)
{
    indent(p);
    fprintf(p->out, "for %s = %" PRId64 " .. ", axis_name(p->kernel, s->as.for_.axis), s->as.for_.begin);
    if (s->as.for_.over_blocks)
        fputs("blocks\n", p->out);
    else
        fprintf(p->out, "%" PRId64 "\n", s->as.for_.end);
    print_body(p, s->as.for_.body);
}

static void print_if(struct printer *p, const struct loop *s)
{
    indent(p);
    fprintf(p->out, "if %" PRId64 " <= ", s->as.if_.low);
    print_index(p, &s->as.if_.index);
    if (s->as.if_.of_blocks)
        fputs(" < blocks\n", p->out);
    else
        fprintf(p->out, " < %" PRId64 "\n", s->as.if_.high);
    print_body(p, s->as.if_.body);
}

static void print_indirect(struct printer *p, const struct loop *s)
{
    indent(p);
    fprintf(p->out, "choose %s = ", axis_name(p->kernel, s->as.indirect.axis));
    print_expr(p, s->as.indirect.value, 0);
    fprintf(p->out, " in %" PRId64 " .. %" PRId64 "\n", s->as.indirect.begin, s->as.indirect.end);
    print_body(p, s->as.indirect.body);
}

static void print_assignment(struct printer *p, const struct loop *s)
{
    indent(p);
    if (s->kind == LOOP_STORE)
        print_place(p, &s->as.store.place);
    else
        fputs(s->as.set.variable->name, p->out);
    if (s->kind == LOOP_DEFINE) {
        fputs(": ", p->out);
        print_type(p->module, s->as.set.variable->type, p->out);
    }
    fputs(" = ", p->out);
    print_expr(p, s->kind == LOOP_STORE ? s->as.store.value : s->as.set.value, 0);
    fputc('\n', p->out);
}

static void print_statements(struct printer *p, const struct loop *s)
{
    for (; s; s = s->next) {
        if (s->note) {
            indent(p);
            fprintf(p->out, "# %s\n", s->note);
        }
        switch (s->kind) {
        case LOOP_FOR: print_for(p, s); break;
        case LOOP_IF: print_if(p, s); break;
        case LOOP_INDIRECT: print_indirect(p, s); break;
        case LOOP_DEFINE:
        case LOOP_SET:
        case LOOP_STORE: print_assignment(p, s); break;
        case LOOP_BLOCK: print_statements(p, s->as.block); break;
        }
    }
}

/* ---- Kernels, functions, modules ----------------------------------------------------------------------------------- */

static void print_items(const struct loop_kernel *k, FILE *out)
{
    if (k->item_count == 0) {
        fprintf(out, "  item: %s\n", k->axis.count > 0 ? k->axis.at[0].name : "block");
        return;
    }
    for (int i = 0; i < k->item_count; i++) {
        const char *name = (size_t)i < k->axis.count ? k->axis.at[i].name : "?";
        fprintf(out, "%s%s = 0 .. %" PRId64, i == 0 ? "  item: " : ", ", name, k->item_extent[i]);
    }
    fputc('\n', out);
}

static void print_local(const struct loop_module *m, const struct loop_buffer *b, FILE *out)
{
    fprintf(out, "  local %s[%" PRId64 "]", b->name, b->elements);
    if (b->type != m->real)
        fprintf(out, ": %s", loop_type_name(b->type));
    fputc('\n', out);
}

static void print_kernel(const struct loop_module *m, const struct loop_kernel *k, FILE *out)
{
    struct printer p = {m, k, out, 1};

    fprintf(out, "kernel %s\n", k->name);
    if (k->title[0] != '\0')
        fprintf(out, "  # %s\n", k->title);
    if (k->where[0] != '\0')
        fprintf(out, "  # %s\n", k->where);
    for (size_t i = 0; i < k->notes.count; i++)
        fprintf(out, "  # %s\n", k->notes.at[i]);
    for (size_t i = 0; i < k->tile.count; i++)
        fprintf(out, "  # tile   %s\n", k->tile.at[i]);
    print_items(k, out);
    for (size_t i = 0; i < k->local.count; i++)
        print_local(m, &k->local.at[i], out);
    print_statements(&p, k->body);
}

static void print_function(const struct loop_module *m, const struct loop_function *f, FILE *out)
{
    struct printer p = {m, NULL, out, 1};

    fprintf(out, "function %s(%s: ", f->name, f->parameter->name);
    print_type(m, f->parameter->type, out);
    fputs("): ", out);
    print_type(m, f->result->type, out);
    fputc('\n', out);
    for (const char *line = f->comment; line && *line != '\0';) {
        const char *end = line;
        while (*end != '\0' && *end != '\n')
            end++;
        fprintf(out, "  # %.*s\n", (int)(end - line), line);
        line = *end == '\n' ? end + 1 : end;
    }
    print_statements(&p, f->body);
    fputs("  return ", out);
    print_expr(&p, f->result, 0);
    fputs("\n\n", out);
}

/* Whether a program has the phases of an earlier one. */
static bool is_another_name(const struct loop_module *m, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (m->program.at[i]->phase.count > 0 && m->program.at[k]->phase.at == m->program.at[i]->phase.at)
            return true;
    return false;
}

static void print_program(const struct loop_module *m, const struct loop_program *program, FILE *out)
{
    fprintf(out, "%s\n", program->name);
    for (size_t i = 0; i < program->phase.count; i++) {
        const struct loop_phase *phase = &program->phase.at[i];
        fprintf(out, "  phase %s:", phase->name);
        for (int k = phase->first; k < phase->first + phase->count; k++)
            fprintf(out, " %s", k >= 0 && (size_t)k < m->kernel.count ? m->kernel.at[k]->name : "?");
        fprintf(out, "%s\n", (int)i + 1 == program->checked ? "    # the loss is known" : "");
    }
    fputc('\n', out);
}

static void print_buffers(const struct loop_module *m, FILE *out)
{
    static const char *const space[] = {
        [SPACE_UNIFORM] = "uniform", [SPACE_BLOCK] = "block", [SPACE_INPUT] = "input",
        [SPACE_SETTING] = "setting", [SPACE_LOCAL] = "local",
    };

    for (size_t i = 0; i < m->buffer.count; i++) {
        const struct loop_buffer *b = &m->buffer.at[i];
        fprintf(out, "%-8s %-24s %8" PRId64 " %s at %" PRId64, space[b->space], b->name, b->elements,
                b->type == m->real ? "reals" : loop_type_name(b->type), b->offset);
        fprintf(out, b->label && b->label[0] != '\0' ? "    # %s\n" : "%s\n", b->label ? b->label : "");
    }
    fputc('\n', out);
}

void loop_print(const struct loop_module *m, const char *pattern, FILE *out)
{
    if (!pattern) {
        fprintf(out, "module %s: f%d, vectors of %d lanes, batch %" PRId64 "\n", m->name, 8 * loop_type_bytes(m->real),
                m->vector_lanes, m->batch);
        fprintf(out, "uniform %" PRId64 " bytes, lane block %" PRId64 " bytes\n\n", m->uniform_bytes, m->block_bytes);
        print_buffers(m, out);
        for (size_t i = 0; i < m->program.count; i++)
            if (!is_another_name(m, i))
                print_program(m, m->program.at[i], out);
        for (size_t i = 0; i < m->function.count; i++)
            print_function(m, m->function.at[i], out);
    }
    bool first = true;
    for (size_t i = 0; i < m->kernel.count; i++) {
        if (pattern && !text_matches(pattern, m->kernel.at[i]->name))
            continue;
        fputs(first ? "" : "\n", out);
        print_kernel(m, m->kernel.at[i], out);
        first = false;
    }
}
