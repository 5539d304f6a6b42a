/* names: under which names the C file speaks of what a kernel uses.
 *
 * Buffers, axes and variables have names of their own in the loop IR; in C they share one scope with the keywords and the
 * vocabulary of netrt/vector.h. A name that would collide gets a suffix that tells what it is.
 */
#include "compiler/emit/c/emitter.h"

#include "compiler/emit/identifiers.h"
#include "compiler/support/names.h"

/* ---- Names --------------------------------------------------------------------------------------------------------- */

/* What buffers and axes are called: no other name of the kernel may be among them. */
static void name_pointers(struct emitter *e)
{
    const struct kernel_view *v = e->view;
    struct arena *a = e->module->arena;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < v->pointer.count; i++) {
            const char *name = v->pointer.at[i].buffer->name;
            int earlier = 0;
            for (size_t j = 0; j < i; j++)
                earlier += v->pointer.at[j].id == v->pointer.at[i].id;
            /* A name that needs no change is not taken by one that does. */
            if ((earlier > 0 || identifier_is_word(name)) != (pass > 0))
                continue;
            if (identifier_is_word(name))
                name = arena_printf(a, "%s_buffer", name);
            if (earlier > 0)
                name = arena_printf(a, "%s_in_block%d", name, earlier + 1);
            e->pointer[i].name = names_take(e->taken, name);
        }
    }
}

/* `name`, unless C or the kernel has another use for it: then with as many suffixes as it takes. `also`: names that others have. */
static const char *free_name(const struct emitter *e, const char *name, const char *suffix, const struct names *also)
{
    bool free = !identifier_is_word(name) && !names_are_taken(e->taken, name);

    while (!free) {
        name = arena_printf(e->module->arena, "%s%s", name, suffix);
        free = !names_are_taken(e->taken, name) && !names_are_taken(also, name);
    }
    return name;
}

static void note_name(struct names *names, const char *name)
{
    if (!names_are_taken(names, name))
        names_take(names, name);
}

/* Axes that are not inside each other may have one name, and keep that. */
static void name_axes(struct emitter *e)
{
    const struct loop_kernel *k = e->view->kernel;
    struct names *axes = names_create(e->module->arena);

    for (size_t i = 0; i < k->axis.count; i++)
        note_name(axes, k->axis.at[i].name);
    for (size_t i = 0; i < k->axis.count; i++)
        e->axis_name[i] = free_name(e, k->axis.at[i].name, "_axis", axes);
    for (size_t i = 0; i < k->axis.count; i++)
        note_name(e->taken, e->axis_name[i]);
}

static void name_variables(struct emitter *e)
{
    const struct kernel_view *v = e->view;
    struct names *variables = names_create(e->module->arena);

    for (size_t i = 0; i < v->variable.count; i++)
        note_name(variables, v->variable.at[i]->variable->name);
    for (size_t i = 0; i < v->variable.count; i++)
        e->variable_name[i] = free_name(e, v->variable.at[i]->variable->name, "_value", variables);
}

static void begin(struct emitter *e, struct kernel_view *v)
{
    struct arena *a = e->module->arena;

    *e = (struct emitter){.module = e->module, .view = v, .out = e->out, .depth = 1, .lines = e->lines};
    e->taken = names_create(a);
    e->axis_name = arena_array(a, const char *, v->kernel ? v->kernel->axis.count + 1 : 1);
    e->pointer = arena_array(a, struct c_pointer, v->pointer.count + 1);
    e->variable_name = arena_array(a, const char *, v->variable.count + 1);
    name_pointers(e);
    if (v->kernel)
        name_axes(e);
    name_variables(e);
}

void c_begin_kernel(struct emitter *e, const struct loop_kernel *k)
{
    begin(e, view_of_kernel(e->module, k));
}

void c_begin_function(struct emitter *e, const struct loop_function *f)
{
    begin(e, view_of_function(e->module, f));
}

const char *c_axis_name(const void *emitter, loop_axis axis)
{
    const struct emitter *e = emitter;

    return e->axis_name[axis];
}

const char *c_variable_name(const struct emitter *e, const struct loop_variable *v)
{
    return e->variable_name[view_variable_of(e->view, v)->number];
}
