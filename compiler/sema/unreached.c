/* unreached: what is wrong with a block whether a net calls it or not: it calls itself, or has stages that do not exist.
 *
 * Expansion follows the calls that are made; here those count that are written. Of a block that nets use the expansion says more.
 */
#include "compiler/sema/blocks.h"

#include "compiler/sema/call.h"
#include "compiler/sema/expand.h"
#include "compiler/support/map.h"
#include "compiler/syntax/ast_walk.h"

enum mark { OPEN, DONE };

/* A net or a block, and the calls of blocks in it. */
struct place {
    const struct ast_decl *decl;
    struct place *from;               /* where that stands; NULL: nobody calls it */
    VEC(const struct ast_call *) calls;
    VEC(const char *) shared;         /* names that stages call besides operators and blocks */
    size_t next;                      /* the call that is followed next */
    enum mark mark;
};

struct search {
    struct expansion *x;
    struct frame names;               /* of no net: nothing is bound */
    struct map *places;               /* by name of block */
    struct place *here;
    bool is_used;                     /* by a net: the expansion has looked at the stages */
    bool ok;
};

static bool is_shared(const struct place *p, const char *name)
{
    for (size_t i = 0; i < p->shared.count; i++)
        if (p->shared.at[i] == name)
            return true;
    return false;
}

static void note_shared(void *data, const char *name)
{
    struct search *s = data;

    vec_push(s->x->arena, &s->here->shared, name);
}

static void note_call(void *data, const struct ast_call *call, bool is_stage)
{
    struct search *s = data;

    if (is_shared(s->here, call->callee.text))
        return;
    if (globals_block(s->x, call->callee.text) != NULL)
        vec_push(s->x->arena, &s->here->calls, call);
    else if (is_stage && !s->is_used)
        s->ok = call_check_name(&s->names, &call->callee) && s->ok;
}

static struct place *open_place(struct search *s, const struct ast_decl *decl, struct place *from)
{
    const struct ast_visitor visitor = {.data = s, .call = note_call, .shared = note_shared};
    struct place *p = map_get(s->places, decl->name.text);

    if (p != NULL && decl->kind == AST_BLOCK)
        return p;
    p = arena_new(s->x->arena, struct place);
    *p = (struct place){.decl = decl, .from = from, .mark = OPEN};
    if (decl->kind == AST_BLOCK)
        map_set(s->places, decl->name.text, p);
    s->here = p;
    for (const struct ast_param *a = decl->as.block.params; a != NULL; a = a->next)
        ast_walk_expression(&visitor, a->fallback);
    ast_walk_statements(&visitor, decl->as.block.body);
    return p;
}

/* "outer -> inner -> outer" */
static void report_cycle(struct search *s, const struct place *first, const struct place *last, const struct ast_call *call)
{
    const char *text = first->decl->name.text;

    for (const struct place *p = last; p != NULL; p = p == first ? NULL : p->from)
        text = arena_printf(s->x->arena, "%s -> %s", p->decl->name.text, text);
    s->ok = diag_error(s->x->diags, call->callee.at, DIAG_RECURSION, "a block cannot call itself: %s", text);
}

/* Depth first, without recursion: blocks may call each other in long rows. */
static void follow(struct search *s, const struct ast_decl *decl)
{
    struct place *p = open_place(s, decl, NULL);

    if (p->mark == DONE)
        return;
    while (p != NULL) {
        if (p->next == p->calls.count) {
            p->mark = DONE;
            p = p->from;
            continue;
        }
        const struct ast_call *call = p->calls.at[p->next++];
        struct place *callee = map_get(s->places, call->callee.text);
        if (callee == NULL)
            p = open_place(s, globals_block(s->x, call->callee.text), p);
        else if (callee->mark == OPEN)
            report_cycle(s, callee, p, call);
    }
}

static bool knows_recursion(const struct diags *ds)
{
    for (const struct diag *d = ds->first; d != NULL; d = d->next)
        if (d->code == DIAG_RECURSION)
            return true;
    return false;
}

bool blocks_check_unreached(struct expansion *x, const struct ast *ast)
{
    struct search s = {.x = x, .places = map_create(x->arena), .is_used = true, .ok = true};

    if (knows_recursion(x->diags))
        return false;
    frame_init(&s.names, x, NULL);
    for (const struct ast_decl *d = ast->decls; d != NULL; d = d->next)
        if (d->kind == AST_NET)
            follow(&s, d);
    s.is_used = false;
    for (const struct ast_decl *d = ast->decls; d != NULL; d = d->next)
        if (d->kind == AST_BLOCK)
            follow(&s, d);
    return s.ok;
}
