#include "tests/support/loop_trace.h"

#include "compiler/support/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct tracer {
    const struct loop_module *module;
    struct loop_trace found;
    int64_t *axis, blocks;
};

static int64_t index_value(const struct tracer *t, const struct loop_index *index)
{
    int64_t sum = index->constant;

    for (int i = 0; i < index->count; i++)
        sum += index->term[i].factor * t->axis[index->term[i].axis];
    return sum;
}

static int lanes_of(const struct tracer *t, enum loop_type type)
{
    return loop_is_vector(type) ? t->module->vector_lanes : 1;
}

static void count_operations(struct tracer *t, const struct loop_expr *e)
{
    if (e->op == LOOP_FMA)
        t->found.multiply_adds += lanes_of(t, e->type);
    for (int i = 0; i < 3 && e->arg[i]; i++)
        count_operations(t, e->arg[i]);
}

static void trace_store(struct tracer *t, const struct loop *s)
{
    const int64_t at = index_value(t, &s->as.store.place.at);

    count_operations(t, s->as.store.value);
    if ((size_t)s->as.store.place.buffer >= t->module->buffer.count)
        return;
    for (int i = 0; i < lanes_of(t, s->as.store.value->type); i++)
        t->found.written[s->as.store.place.buffer][at + i]++;
}

static void trace(struct tracer *t, const struct loop *s);

static void trace_for(struct tracer *t, const struct loop *s)
{
    const int64_t end = s->as.for_.over_blocks ? t->blocks : s->as.for_.end;

    for (int64_t i = s->as.for_.begin; i < end; i++) {
        t->axis[s->as.for_.axis] = i;
        trace(t, s->as.for_.body);
    }
}

static void trace_if(struct tracer *t, const struct loop *s)
{
    const int64_t index = index_value(t, &s->as.if_.index);

    t->found.conditions++;
    if (index >= s->as.if_.low && index < s->as.if_.high)
        trace(t, s->as.if_.body);
}

static void trace(struct tracer *t, const struct loop *s)
{
    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: trace_for(t, s); break;
        case LOOP_IF: trace_if(t, s); break;
        case LOOP_INDIRECT:
            t->found.indirections++;
            t->axis[s->as.indirect.axis] = s->as.indirect.begin;
            trace(t, s->as.indirect.body);
            break;
        case LOOP_DEFINE:
        case LOOP_SET: count_operations(t, s->as.set.value); break;
        case LOOP_STORE: trace_store(t, s); break;
        case LOOP_BLOCK: trace(t, s->as.block); break;
        }
    }
}

struct loop_trace loop_trace(const struct loop_module *m, const struct loop_kernel *k, int64_t blocks)
{
    struct tracer t = {.module = m, .blocks = blocks};

    t.axis = arena_array(m->arena, int64_t, k->axis.count + 1);
    t.found.written = arena_array(m->arena, int64_t *, m->buffer.count);
    for (size_t b = 0; b < m->buffer.count; b++)
        t.found.written[b] = arena_array(m->arena, int64_t, (size_t)m->buffer.at[b].elements);
    const int64_t items = k->item_count == 0 ? 1 : loop_item_total(k);
    for (int64_t item = 0; item < items; item++) {
        int64_t rest = item;
        for (int i = k->item_count; i-- > 0; rest /= k->item_extent[i])
            t.axis[i] = rest % k->item_extent[i];
        trace(&t, k->body);
    }
    return t.found;
}

const struct loop_kernel *loop_kernel_named(const struct loop_module *m, const char *name)
{
    for (size_t k = 0; k < m->kernel.count; k++)
        if (strcmp(m->kernel.at[k]->name, name) == 0)
            return m->kernel.at[k];
    fail_msg("there is no kernel %s", name);
    return NULL;
}

loop_buffer_id loop_buffer_named(const struct loop_module *m, const char *name)
{
    for (size_t b = 0; b < m->buffer.count; b++)
        if (strcmp(m->buffer.at[b].name, name) == 0)
            return (loop_buffer_id)b;
    fail_msg("there is no buffer %s", name);
    return 0;
}
