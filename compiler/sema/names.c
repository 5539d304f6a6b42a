/* names: counts operators and blocks by scope, and joins what a layer is called. */
#include "compiler/sema/names.h"

#include "compiler/support/intern.h"
#include "compiler/support/map.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

void namer_init(struct namer *n, const char *prefix, struct arena *a, struct interner *names, struct diags *ds)
{
    *n = (struct namer){
        .arena = a, .names = names, .diags = ds, .prefix = {prefix, prefix}, .counts = map_create(a), .taken = map_create(a)};
}

static int64_t next_count(struct namer *n, const char *op_name)
{
    const char *key = intern(n->names, op_name, strlen(op_name));
    int64_t *count = map_get(n->counts, key);

    if (count == NULL) {
        count = arena_new(n->arena, int64_t);
        map_set(n->counts, key, count);
    }
    return ++*count;
}

/* "conv1"; "relu6_1" where the operator's own digit would run into the count. */
static const char *counted_name(struct namer *n, const char *op_name)
{
    const bool digit = isdigit((unsigned char)op_name[strlen(op_name) - 1]) != 0;

    return arena_printf(n->arena, "%s%s%" PRId64, op_name, digit ? "_" : "", next_count(n, op_name));
}

bool namer_name(struct namer *n, const struct ast_name *label, const char *op_name, struct span at, struct layer_name *name)
{
    const bool labelled = label != NULL && label->text != NULL;
    const char *own = labelled ? label->text : counted_name(n, op_name);
    const char *key = intern(n->names, own, strlen(own));
    const struct span where = labelled ? label->at : at;
    const struct span *earlier = map_get(n->taken, key);

    if (earlier != NULL) {
        diag_error(n->diags, where, DIAG_LAYER_NAME, "two layers are called %s%s", n->prefix.layer, own);
        diag_note(n->diags, *earlier, "the first one is here");
        diag_hint(n->diags, "give one of them another label");
        return false;
    }
    struct span *place = arena_new(n->arena, struct span);
    *place = where;
    map_set(n->taken, key, place);
    name->layer = arena_printf(n->arena, "%s%s", n->prefix.layer, own);
    name->parameters = n->shared == NULL ? name->layer : arena_printf(n->arena, "%s%s", n->prefix.parameters, own);
    return true;
}

static const char *prefix_of(struct arena *a, const char *name, int64_t index)
{
    return index < 0 ? arena_printf(a, "%s.", name) : arena_printf(a, "%s.%" PRId64 ".", name, index);
}

void namer_open(const struct namer *outer, const struct layer_name *name, int64_t index, struct namer *inner)
{
    namer_init(inner, prefix_of(outer->arena, name->layer, index), outer->arena, outer->names, outer->diags);
    if (name->parameters != name->layer)
        inner->prefix.parameters = prefix_of(outer->arena, name->parameters, index);
    inner->shared = outer->shared;
    inner->applied_at = outer->applied_at;
}
