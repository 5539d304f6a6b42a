/* dead_layers: layers that neither outputs nor the loss nor metrics need. */
#ifndef NETC_SEMA_DEAD_LAYERS_H
#define NETC_SEMA_DEAD_LAYERS_H

struct diags;
struct program;

/* Warns of layers that nothing needs: of each dead chain its last layer. */
void report_dead_layers(const struct program *p, struct diags *ds);

#endif
