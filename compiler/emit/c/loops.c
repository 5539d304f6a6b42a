/* loops: kernels and functions as C. Knows the syntax of C only: every decision (order, tiles, vectors) is in the loop IR. */
#include "compiler/emit/c/emitter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A loop with at most this many rounds is one that a compiler might write out: keep it (vector.h, NETRT_KEEP_LOOP). */
enum { KEPT_ROUNDS = 64 };

static void indent(const struct emitter *e)
{
    fprintf(e->out, "%*s", 4 * e->depth, "");
}

void c_comment_text(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        bool opens = text[0] == '/' && text[1] == '*', closes = text[0] == '*' && text[1] == '/';
        bool trigraph = text[0] == '?' && text[1] == '?';
        fputc(*text == '\n' ? ' ' : *text, out);
        if (opens || closes || trigraph)
            fputc(' ', out);
    }
}

/* ---- Pointers ------------------------------------------------------------------------------------------------------ */

/* " + 16384 * block" */
static void block_offset(const struct emitter *e, const struct loop_index *block, int64_t stride)
{
    bool sum = block->count + (block->constant != 0) > 1;

    if (block->count == 0 && block->constant == 0)
        return;
    fprintf(e->out, " + %" PRId64 " * %s", stride, sum ? "(" : "");
    c_index(e, block);
    fputs(sum ? ")" : "", e->out);
}

static void pointer_declaration(const struct emitter *e, const struct view_pointer *p, const char *name)
{
    const struct loop_buffer *b = p->buffer;
    const char *constant = p->written ? "" : "const ", *restrict_ = p->unshared ? "restrict " : "";
    const char *type = loop_type_in_c(e->module, b->type);

    indent(e);
    if (b->space == SPACE_SETTING) {
        fprintf(e->out, "const %s %s = ((const %s *)step->setting)[%" PRId64 "];\n", type, name, type, b->offset);
        return;
    }
    fprintf(e->out, "%s%s *%s%s = (%s%s *)", constant, type, restrict_, name, constant, type);
    if (b->space == SPACE_INPUT) {
        fprintf(e->out, "step->input[%" PRId64 "]", b->offset);
        block_offset(e, &p->block, b->elements);
    } else {
        bool sum = b->offset != 0 || (b->space == SPACE_BLOCK && (p->block.count > 0 || p->block.constant != 0));
        fprintf(e->out, "%sstep->%s", sum ? "(" : "", b->space == SPACE_UNIFORM ? "uniform" : "blocks");
        if (b->space == SPACE_BLOCK)
            block_offset(e, &p->block, e->module->block_bytes);
        if (b->offset != 0)
            fprintf(e->out, " + %" PRId64, b->offset);
        fputs(sum ? ")" : "", e->out);
    }
    fputs(";\n", e->out);
}

/* Declares the pointers that `body` needs and that can be computed now. */
static void declare_pointers(struct emitter *e, const struct loop *body)
{
    const struct kernel_view *v = e->view;

    for (size_t i = 0; i < v->pointer.count; i++) {
        const bool local = v->pointer.at[i].buffer->space == SPACE_LOCAL;
        if (local || e->pointer[i].declared || !view_is_ready(v, i) || !view_is_used(v, i, body))
            continue;
        pointer_declaration(e, &v->pointer.at[i], e->pointer[i].name);
        e->pointer[i].declared = true;
    }
}

/* Pointers that depend on an axis end with its loop. */
static void forget_pointers(struct emitter *e, loop_axis axis)
{
    e->view->in_scope[axis] = false;
    for (size_t i = 0; i < e->view->pointer.count; i++)
        e->pointer[i].declared &= view_is_ready(e->view, i);
}

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

static void statements(struct emitter *e, const struct loop *s);

/* The next line of text is one of the net's, for debuggers. A function of mathematics is nobody's. */
static void line(const struct emitter *e, const struct loop_origin *origin)
{
    if (!e->lines || !e->view->kernel || !origin)
        return;
    fprintf(e->out, "#line %u ", origin->line);
    c_string(origin->file, NULL, e->out);
    fputc('\n', e->out);
}

static void for_loop(struct emitter *e, const struct loop *s)
{
    int64_t rounds = s->as.for_.end - s->as.for_.begin;
    loop_axis axis = s->as.for_.axis;
    const char *name = c_axis_name(e, axis);

    if (!s->as.for_.over_blocks && rounds > 1 && rounds <= KEPT_ROUNDS) {
        indent(e);
        fputs("NETRT_KEEP_LOOP\n", e->out);
    }
    indent(e);
    fprintf(e->out, "for (int64_t %s = %" PRId64 "; %s < ", name, s->as.for_.begin, name);
    if (s->as.for_.over_blocks)
        fprintf(e->out, "step->block_count; %s++) {\n", name);
    else
        fprintf(e->out, "%" PRId64 "; %s++) {\n", s->as.for_.end, name);
    e->depth++;
    e->view->in_scope[axis] = true;
    declare_pointers(e, s->as.for_.body);
    statements(e, s->as.for_.body);
    forget_pointers(e, axis);
    e->depth--;
    indent(e);
    fputs("}\n", e->out);
}

static void if_inside(struct emitter *e, const struct loop *s)
{
    indent(e);
    fputs("if (", e->out);
    if (!s->as.if_.of_blocks) {
        c_index(e, &s->as.if_.index);
        fprintf(e->out, " >= %" PRId64 " && ", s->as.if_.low);
    }
    c_index(e, &s->as.if_.index);
    if (s->as.if_.of_blocks)
        fputs(" < step->block_count) {\n", e->out);
    else
        fprintf(e->out, " < %" PRId64 ") {\n", s->as.if_.high);
    e->depth++;
    statements(e, s->as.if_.body);
    e->depth--;
    indent(e);
    fputs("}\n", e->out);
}

/* The chosen axis is a constant of the scope around it, which is its own unless it stands there alone. */
static void indirect(struct emitter *e, const struct loop *s, bool alone)
{
    loop_axis axis = s->as.indirect.axis;

    if (!alone) {
        indent(e);
        fputs("{\n", e->out);
        e->depth++;
    }
    if (e->view->axis_used[axis]) {
        c_begin_statement(e);
        fprintf(e->out, "const int64_t %s = %s_to_index(", c_axis_name(e, axis),
                loop_is_real(s->as.indirect.value->type) ? "real" : "netrt_i32");
        c_expr(e, s->as.indirect.value);
        fprintf(e->out, ", %" PRId64 ", %" PRId64 ");", s->as.indirect.begin, s->as.indirect.end);
        c_end_statement(e);
    }
    e->view->in_scope[axis] = true;
    declare_pointers(e, s->as.indirect.body);
    statements(e, s->as.indirect.body);
    forget_pointers(e, axis);
    if (!alone) {
        e->depth--;
        indent(e);
        fputs("}\n", e->out);
    }
}

/* "v += x" for what is v = v + x. */
static bool is_update(const struct loop *s)
{
    const struct loop_expr *x = s->as.set.value;

    return s->kind == LOOP_SET && c_update_operator(x) && x->arg[0]->op == LOOP_VARIABLE &&
           x->arg[0]->as.variable == s->as.set.variable;
}

static void define(struct emitter *e, const struct loop *s)
{
    const struct view_variable *v = view_variable_of(e->view, s->as.set.variable);
    const char *name = c_variable_name(e, s->as.set.variable);

    c_begin_statement(e);
    if (s->kind == LOOP_DEFINE)
        fprintf(e->out, "%s%s ", v->set ? "" : "const ", loop_type_in_c(e->module, v->variable->type));
    if (is_update(s)) {
        fprintf(e->out, "%s %s= ", name, c_update_operator(s->as.set.value));
        c_expr(e, s->as.set.value->arg[1]);
    } else {
        fprintf(e->out, "%s = ", name);
        c_expr(e, s->as.set.value);
    }
    fputc(';', e->out);
    c_end_statement(e);
}

static void store(struct emitter *e, const struct loop *s)
{
    const struct loop_place *to = &s->as.store.place;
    const enum loop_type type = s->as.store.value->type;
    const bool vector = loop_is_vector(type);

    c_begin_statement(e);
    if (vector) {
        fprintf(e->out, "%s_store(", loop_type_in_c(e->module, type));
        c_address(e, to);
        fputs(", ", e->out);
    } else {
        c_place(e, to);
        fputs(" = ", e->out);
    }
    c_expr(e, s->as.store.value);
    fputs(vector ? ");" : ";", e->out);
    c_end_statement(e);
}

static bool defines_variables(const struct loop *s)
{
    for (; s; s = s->next) {
        if (s->kind == LOOP_DEFINE)
            return true;
    }
    return false;
}

/* What stands in a block that holds nothing but a block. */
static const struct loop *unwrap(const struct loop *s)
{
    while (s && s->kind == LOOP_BLOCK && !s->next && !s->note)
        s = s->as.block;
    return s;
}

/* A block inside a block is a scope of its own where it defines something. */
static void inner_block(struct emitter *e, const struct loop *s)
{
    if (!defines_variables(unwrap(s->as.block))) {
        statements(e, s->as.block);
        return;
    }
    indent(e);
    fputs("{\n", e->out);
    e->depth++;
    statements(e, s->as.block);
    e->depth--;
    indent(e);
    fputs("}\n", e->out);
}

static void note(const struct emitter *e, const char *text)
{
    indent(e);
    fputs("/* ", e->out);
    c_comment_text(text, e->out);
    fputs(" */\n", e->out);
}

static void statements(struct emitter *e, const struct loop *s)
{
    s = unwrap(s);
    const bool alone = s && !s->next;
    for (; s; s = s->next) {
        if (s->note)
            note(e, s->note);
        if (s->kind != LOOP_BLOCK)
            line(e, s->origin);
        switch (s->kind) {
        case LOOP_FOR: for_loop(e, s); break;
        case LOOP_IF: if_inside(e, s); break;
        case LOOP_INDIRECT: indirect(e, s, alone); break;
        case LOOP_DEFINE:
        case LOOP_SET: define(e, s); break;
        case LOOP_STORE: store(e, s); break;
        case LOOP_BLOCK: inner_block(e, s); break;
        }
    }
}

/* ---- Kernels and functions ----------------------------------------------------------------------------------------- */

static void kernel_comment(const struct emitter *e, const struct loop_kernel *k)
{
    fputs("/* ", e->out);
    c_comment_text(k->title[0] != '\0' ? k->title : k->name, e->out);
    if (k->where[0] != '\0') {
        fputs("\n * ", e->out);
        c_comment_text(k->where, e->out);
    }
    for (size_t i = 0; i < k->notes.count; i++) {
        fputs(i == 0 ? "\n *\n * " : "\n * ", e->out);
        c_comment_text(k->notes.at[i], e->out);
    }
    for (size_t i = 0; i < k->tile.count; i++) {
        fputs("\n * tile   ", e->out);
        c_comment_text(k->tile.at[i], e->out);
    }
    fputs(k->where[0] != '\0' || k->notes.count > 0 ? "\n */\n" : " */\n", e->out);
}

/* The axes of an item, the last running fastest: "const int64_t o = item / 28;" */
static void item_axes(struct emitter *e, const struct loop_kernel *k)
{
    int64_t below = 1;

    for (int i = 1; i < k->item_count; i++)
        below *= k->item_extent[i];
    for (int i = 0; i < k->item_count; i++) {
        e->view->in_scope[i] = true;
        if (e->view->axis_used[i]) {
            indent(e);
            fprintf(e->out, "const int64_t %s = item", c_axis_name(e, i));
            if (below > 1)
                fprintf(e->out, " / %" PRId64, below);
            if (i > 0)
                fprintf(e->out, " %% %" PRId64, k->item_extent[i]);
            fputs(";\n", e->out);
        }
        below /= i + 1 < k->item_count ? k->item_extent[i + 1] : 1;
    }
}

static void locals(const struct emitter *e)
{
    for (size_t i = 0; i < e->view->pointer.count; i++) {
        const struct loop_buffer *b = e->view->pointer.at[i].buffer;
        if (b->space != SPACE_LOCAL)
            continue;
        indent(e);
        fprintf(e->out, "%s %s[%" PRId64 "] NETRT_ALIGNED;\n", loop_type_in_c(e->module, b->type), e->pointer[i].name, b->elements);
    }
}

static bool uses_item(const struct emitter *e, const struct loop_kernel *k)
{
    bool used = k->item_count == 0 && e->view->axis_used[0];

    for (int i = 0; i < k->item_count; i++)
        used |= e->view->axis_used[i];
    return used;
}

static void kernel_text(struct emitter *e, const struct loop_kernel *k, const char *name)
{
    const char *item = k->item_count > 0 ? "item" : k->axis.count > 0 ? c_axis_name(e, 0) : "block";
    line(e, k->origin);
    fprintf(e->out, "static void %s(const struct netrt_step *step, int64_t %s)\n{\n", name, item);
    if (!e->view->uses_step)
        fputs("    (void)step;\n", e->out);
    if (!uses_item(e, k))
        fprintf(e->out, "    (void)%s;\n", item);
    if (k->item_count > 0)
        item_axes(e, k);
    else if (k->axis.count > 0)
        e->view->in_scope[0] = true;
    declare_pointers(e, k->body);
    locals(e);
    fputc('\n', e->out);
    statements(e, k->body);
    fputs("}\n", e->out);
}

/* With lines for debuggers, what belongs to one line of the net is printed as one line of text, or the lines after it would seem to
 * be the net's next ones. */
static void join_lines(const char *text, FILE *out)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        const bool directive = *text == '#';
        fprintf(out, "%s%.*s%s", directive ? "\n" : "", (int)length, text, directive ? "\n" : " ");
        text += length + (text[length] == '\n');
    }
    fputc('\n', out);
}

void c_kernel(struct emitter *e, const struct loop_kernel *k, const char *name)
{
    FILE *out = e->out;
    char *text = NULL;
    size_t length = 0;

    c_begin_kernel(e, k);
    kernel_comment(e, k);
    if (e->lines)
        e->out = open_memstream(&text, &length);
    /* Without memory for the text it goes to the file directly: its lines are then off, its code is not. */
    if (!e->out)
        e->out = out;
    kernel_text(e, k, name);
    if (e->out == out)
        return;
    fclose(e->out);
    e->out = out;
    if (text)
        join_lines(text, out);
    free(text);
}

void c_function(struct emitter *e, const struct loop_function *f)
{
    const char *comment = f->comment ? f->comment : f->name;

    c_begin_function(e, f);
    fputs("/* ", e->out);
    for (const char *line = comment; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        fprintf(e->out, "%s%.*s", line == comment ? "" : "\n * ", (int)length, line);
        line += length + (line[length] == '\n');
    }
    fprintf(e->out, " */\nNETRT_INLINE %s %s(%s %s)\n{\n", loop_type_in_c(e->module, f->result->type), f->name,
            loop_type_in_c(e->module, f->parameter->type), c_variable_name(e, f->parameter));
    statements(e, f->body);
    fputs("    return ", e->out);
    c_expr(e, f->result);
    fputs(";\n}\n", e->out);
}
