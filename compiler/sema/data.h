/* data: the section of the same name, and what its sources offer to inputs and targets. */
#ifndef NETC_SEMA_DATA_H
#define NETC_SEMA_DATA_H

#include "compiler/support/shape.h"
#include "compiler/support/source.h"

#include <stdbool.h>

struct ast_decl;
struct data_section;
struct data_step;
struct diags;
struct frame;

/* Reads the section. Paths stay as they are written: they are relative to the trainer's --data. */
bool data_read(struct frame *f, const struct ast_decl *section, struct data_section **result);

/* Whether the sources have a field of this name. The first is the main field. */
extern const char *const data_fields[];    /* ends with NULL */
bool data_has_field(const char *name);

/* The shape of the main field after `prepare`, where it is known before the run (digits): the source that says so, or NULL. */
const struct data_step *data_known_shape(const struct data_section *d, struct shape *shape);

/* Holds means and deviations to the channels of a record: the first of three axes, else there is one. `at`: what says the shape. */
bool data_check_channels(struct diags *ds, const struct data_section *d, const struct shape *record, struct span at);

/* Holds what selects records to how many there can be. */
bool data_check_counts(struct diags *ds, const struct data_section *d);

/* Whether a label is known to be one class (digits), or may have one for each place (idx). */
bool data_has_one_label(const struct data_section *d);

/* The number of classes that the labels of some part need, where it is known before the run, and its source; 0: it is not. */
int64_t data_known_classes(const struct data_section *d, const struct data_step **source);

#endif
