/* names: what layers and parameters are called (grammar/REFERENCE.md, Names of parameters). */
#ifndef NETC_SEMA_NAMES_H
#define NETC_SEMA_NAMES_H

#include "compiler/support/diag.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct interner;
struct map;
struct shared_parameters;

/* What a layer or a scope is called, and what its parameters are called below. The two differ only where parameters are shared: the
 * layer is one of their applications. */
struct layer_name {
    const char *layer, *parameters;
};

/* A scope of names: a net, a call of a block, one round of a repeat. */
struct namer {
    struct arena *arena;
    struct interner *names;
    struct diags *diags;
    struct layer_name prefix; /* each "stage1.0.", or "" */
    struct map *counts; /* by interned operator: how many unlabelled ones there are */
    struct map *taken; /* by interned name, without the prefix: where it was given */
    struct shared_parameters *shared; /* of which the scope is an application, or lies within one; NULL: neither */
    struct span applied_at; /* the innermost such application */
};

void namer_init(struct namer *n, const char *prefix, struct arena *a, struct interner *names, struct diags *ds);

/* The full name of a layer or scope: its label, or its operator and a count from 1. False after an error: the name is taken. */
bool namer_name(struct namer *n, const struct ast_name *label, const char *op_name, struct span at, struct layer_name *name);

/* The scope that a block call of this full name opens, or round `index` of a repeat (-1: a block). */
void namer_open(const struct namer *outer, const struct layer_name *name, int64_t index, struct namer *inner);

#endif
