/* weights: the sections `init` and `regularize`, which find parameters by pattern, and the default initialisers. */
#ifndef NETC_SEMA_WEIGHTS_H
#define NETC_SEMA_WEIGHTS_H

#include <stdbool.h>

struct ast_decl;
struct clip;
struct frame;
struct graph;

/* Each runs after the net is expanded; `f` is the net's frame. */
bool regularize_read(struct frame *f, const struct ast_decl *section, struct clip *clip);
bool init_read(struct frame *f, const struct ast_decl *section);

/* Decides INIT_DEFAULT: he_uniform where an activation like relu follows, xavier_uniform elsewhere. Looks through layers that only
 * rescale or rearrange (norms, pools, flatten). */
void init_defaults(struct graph *g);

#endif
