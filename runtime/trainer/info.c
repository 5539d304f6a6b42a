/* info: what the net is and how it was compiled. */
#include "netrt/memory.h"
#include "runtime/trainer/session.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static void print_memory(const struct session *s)
{
    size_t all = session_bytes(&s->description, s->model), batches = netrt_batches_bytes(&s->description, s->model);
    char total[NETRT_SIZE_TEXT], uniform[NETRT_SIZE_TEXT], blocks[NETRT_SIZE_TEXT], inputs[NETRT_SIZE_TEXT];

    printf("memory         %s (%zu bytes): parameters and states %s, activations %s, batches %s\n", netrt_size_print(all, total),
           all, netrt_size_print(s->model->uniform_bytes, uniform),
           netrt_size_print(all - s->model->uniform_bytes - batches, blocks), netrt_size_print(batches, inputs));
}

static void print_facts(const struct session *s)
{
    const struct netrt_description *d = &s->description;
    char shape[NETRT_SHAPE_TEXT];

    printf("net            %s (%s)\nhash           %s\n", d->net, d->source, d->hash);
    printf("compiled by    netc %s, back end %s, %s, -march=%s\n", d->netc, d->backend, d->compiler, d->march);
    printf("precision      %s, vectors of %d bytes\nbatch          %" PRId64 "\n", d->precision, s->model->vector_bytes, d->batch);
    for (int i = 0; i < d->input_count; i++) {
        if (d->input[i].kind != NETRT_INPUT_WEIGHT && d->input[i].kind != NETRT_INPUT_INDEX)
            printf("input          %s %s\n", d->input[i].name, netrt_shape_print(&d->input[i].shape, shape));
    }
    for (int i = 0; i < d->output_count; i++)
        printf("output         %s %s\n", d->output[i].name, netrt_shape_print(&d->output[i].shape, shape));
    printf("parameters     %" PRId64 "\nmultiply-adds  %" PRId64 " a sample\n", d->parameters_total, d->multiply_adds);
    print_memory(s);
    for (int i = 0; i < d->setting_count; i++)
        if (d->setting[i].kind == NETRT_SETTING_GIVEN)
            printf("setting        %s = %g\n", d->setting[i].name, d->setting[i].value);
}

static int widest_name(const struct netrt_description *d)
{
    int widest = (int)strlen("layer");

    for (int i = 0; i < d->layer_count; i++) {
        int width = (int)strlen(d->layer[i].name);
        if (width > widest)
            widest = width;
    }
    return widest;
}

static void print_layers(const struct netrt_description *d)
{
    char shape[NETRT_SHAPE_TEXT], field[NETRT_SHAPE_TEXT];
    int width = widest_name(d);

    printf("\n%-*s  %-14s %-14s %12s %14s  %s\n", width, "layer", "operator", "output", "parameters", "multiply-adds",
           "receptive field");
    for (int i = 0; i < d->layer_count; i++) {
        const struct netrt_layer *layer = &d->layer[i];
        printf("%-*s  %-14s %-14s %12" PRId64 " %14" PRId64 "  %s\n", width, layer->name, layer->operator_name,
               netrt_shape_print(&layer->output, shape), layer->parameters, layer->multiply_adds,
               layer->receptive_field.rank > 0 ? netrt_shape_print(&layer->receptive_field, field) : "-");
    }
}

int command_info(struct session *s)
{
    if (s->options->log == NETRT_LOG_JSON) {
        json_t *description = json_loads(s->model->description, 0, NULL);
        json_object_set_new(description, "memory_bytes", json_integer((json_int_t)session_bytes(&s->description, s->model)));
        json_dumpf(description, stdout, JSON_COMPACT);
        fputc('\n', stdout);
        json_decref(description);
        return 0;
    }
    print_facts(s);
    print_layers(&s->description);
    return 0;
}
