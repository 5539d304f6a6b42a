/* tables: what sections can hold, for those who list it rather than read it (the manual). */
#ifndef NETC_SEMA_TABLES_H
#define NETC_SEMA_TABLES_H

#include <stdbool.h>
#include <stddef.h>

struct form;
struct key;

/* Settings, or calls: one of `keys` and `forms` is NULL. */
struct section_table {
    const char *section;          /* "data" */
    const char *what;             /* "sources": unique among all tables */
    const struct key *keys;
    const struct form *forms;     /* with name, parameters and doc */
    size_t count;
};

extern const struct section_table data_keys, data_sources, data_selections, data_preparations, init_keys, init_forms,
    regularize_forms, train_keys, train_optimizers, train_metrics, compile_keys;

/* All of them, in the order of the manual; NULL at the end. */
extern const struct section_table *const section_tables[];

/* The sections of the language that this version does not read yet; NULL at the end. */
extern const char *const sections_not_built[];

/* Whether this is one of the names up to NULL. */
bool names_have(const char *const names[], const char *name);

#endif
