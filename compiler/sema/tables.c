/* tables: the list of the tables that the readers of sections keep, each beside its reader. */
#include "compiler/sema/tables.h"

#include <string.h>

const struct section_table *const section_tables[] = {
    &data_keys,        &data_sources, &data_selections,  &data_preparations, &init_keys,    &init_forms,
    &regularize_forms, &train_keys,   &train_optimizers, &train_metrics,     &compile_keys, (const struct section_table *)0,
};

bool names_have(const char *const names[], const char *name)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}
