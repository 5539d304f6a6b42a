/* model: finds what a model offers. */
#include "netrt/model.h"

#include <string.h>

const struct netrt_program *netrt_model_program(const struct netrt_model *model, const char *name)
{
    for (int32_t i = 0; i < model->program_count; i++)
        if (strcmp(model->program[i].name, name) == 0)
            return &model->program[i];
    return NULL;
}
