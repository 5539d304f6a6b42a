/* tables: the list of the tables that the readers of sections keep, each beside its reader. */
#include "compiler/sema/tables.h"

const struct section_table *const section_tables[] = {
    &data_keys,        &data_sources, &data_selections,  &data_preparations, &init_keys,    &init_forms,
    &regularize_forms, &train_keys,   &train_optimizers, &train_metrics,     &compile_keys, (const struct section_table *)0,
};
