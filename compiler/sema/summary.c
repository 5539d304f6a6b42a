/* summary: the table of layers (netc summary), as text or as one JSON object (manual/compiler.md). */
#include "compiler/graph/query.h"
#include "compiler/sema/sema.h"
#include "compiler/support/text.h"

#include <inttypes.h>
#include <string.h>

enum { COLUMNS = 6, WIDEST = 64 };

/* A row as text; the last column of each is the receptive field. */
struct row {
    char cell[COLUMNS][WIDEST];
};

/* What a layer, or all of them, cost. */
struct costs {
    int64_t parameters, frozen;
    double multiply_adds;
};

/* ---- Numbers --------------------------------------------------------------------------------------------------------- */

/* The costs of each layer. Frozen parameters are counted apart, running statistics not at all: neither is trained. */
static struct costs *layer_costs(const struct graph *g)
{
    struct costs *costs = arena_array(g->arena, struct costs, g->layer.count + 1);

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->layer < 0 || n->backward)
            continue;
        if (n->kind == NODE_PARAMETER && !n->parameter->is_statistic)
            *(n->no_gradient ? &costs[n->layer].frozen : &costs[n->layer].parameters) += parameter_elements(n);
        costs[n->layer].multiply_adds += node_multiply_adds(g, (node_id)v);
    }
    return costs;
}

static struct costs total_costs(const struct costs costs[], size_t count)
{
    struct costs total = {0};

    for (size_t i = 0; i < count; i++) {
        total.parameters += costs[i].parameters;
        total.frozen += costs[i].frozen;
        total.multiply_adds += costs[i].multiply_adds;
    }
    return total;
}

/* "1,234,567" */
static const char *grouped(int64_t number, char text[WIDEST])
{
    char digits[32];
    const size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRId64, number);
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[n++] = ',';
        text[n++] = digits[i];
    }
    text[n] = '\0';
    return text;
}

/* "229 MiB": three digits tell whether it fits into a machine. */
static const char *binary_size(int64_t bytes, char text[WIDEST])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double size = (double)bytes;
    size_t unit = 0;

    for (; size >= (unit == 0 ? 1024 : 999.5); unit++)
        size /= 1024;
    snprintf(text, WIDEST, "%.*f %s", unit == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2, size, units[unit]);
    return text;
}

/* ---- Text ------------------------------------------------------------------------------------------------------------ */

/* Cuts from the front what is too wide: the end of a name tells more than its beginning. */
static void set_cell(struct row *r, int column, const char *text)
{
    const size_t length = strlen(text);

    if (length < WIDEST)
        memcpy(r->cell[column], text, length + 1);
    else
        snprintf(r->cell[column], WIDEST, "...%s", text + length - (WIDEST - 4));
}

static void receptive_cell(const struct graph *g, node_id v, char text[WIDEST])
{
    struct shape field = {0};

    field.rank = graph_receptive_field(g, v, field.dim);
    if (field.rank == 0) {
        snprintf(text, WIDEST, "all");
        return;
    }
    char sizes[SHAPE_TEXT];
    snprintf(text, WIDEST, "%.*s", WIDEST - 1, shape_text(&field, sizes));
}

static struct row layer_row(const struct graph *g, size_t i, const struct costs *costs)
{
    const struct layer *l = &g->layer.at[i];
    char shape[SHAPE_TEXT];
    struct row r;

    set_cell(&r, 0, l->name);
    set_cell(&r, 1, l->op_name);
    set_cell(&r, 2, shape_text(&graph_node(g, l->result)->shape, shape));
    grouped(costs->parameters, r.cell[3]);
    grouped((int64_t)costs->multiply_adds, r.cell[4]);
    receptive_cell(g, l->result, r.cell[5]);
    return r;
}

static void print_row(const struct row *r, const int width[COLUMNS], FILE *out)
{
    static const bool to_the_right[COLUMNS] = {[3] = true, [4] = true};

    for (int c = 0; c < COLUMNS; c++) {
        const bool last = c == COLUMNS - 1;
        fprintf(out, "%s%*s%s", c == 0 ? "" : "  ",
                last              ? 0
                : to_the_right[c] ? width[c]
                                  : -width[c],
                r->cell[c], last ? "\n" : "");
    }
}

static void print_table(const struct row *rows, size_t count, FILE *out)
{
    int width[COLUMNS] = {0}, total = 2 * (COLUMNS - 1);

    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < COLUMNS; c++)
            if ((int)strlen(rows[i].cell[c]) > width[c])
                width[c] = (int)strlen(rows[i].cell[c]);
    for (int c = 0; c < COLUMNS; c++)
        total += width[c];
    for (size_t i = 0; i < count; i++) {
        print_row(&rows[i], width, out);
        for (int k = 0; i == 0 && k < total; k++)
            fputc(k == total - 1 ? '\n' : '-', out);
    }
}

/* What a trainer's `info` tells, too, to the byte. */
static void print_memory(int64_t bytes, int64_t batch, FILE *out)
{
    char size[WIDEST], exact[WIDEST];

    fprintf(out, "memory         %s", binary_size(bytes, size));
    if (bytes >= 1024)
        fprintf(out, " (%s bytes)", grouped(bytes, exact));
    fprintf(out, ", batches of %" PRId64 "\n", batch);
}

static void print_text(const struct program *p, int64_t memory_bytes, FILE *out)
{
    static const struct row heads = {{"layer", "operator", "output", "parameters", "multiply-adds", "receptive field"}};
    const struct graph *g = p->graph;
    struct row *rows = arena_array(g->arena, struct row, p->net_layers + 1);
    const struct costs *costs = layer_costs(g), total = total_costs(costs, p->net_layers);
    char text[WIDEST];

    rows[0] = heads;
    for (size_t i = 0; i < p->net_layers; i++)
        rows[i + 1] = layer_row(g, i, &costs[i]);
    fprintf(out, "%s\n\n", p->net);
    print_table(rows, p->net_layers + 1, out);
    fprintf(out, "\nparameters     %s\n", grouped(total.parameters, text));
    if (total.frozen > 0)
        fprintf(out, "frozen         %s\n", grouped(total.frozen, text));
    fprintf(out, "multiply-adds  %s\n", grouped((int64_t)total.multiply_adds, text));
    if (memory_bytes >= 0)
        print_memory(memory_bytes, p->batch, out);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------ */

static void print_sizes(const int64_t sizes[], int count, FILE *out)
{
    fputc('[', out);
    for (int i = 0; i < count; i++)
        fprintf(out, "%s%" PRId64, i == 0 ? "" : ", ", sizes[i]);
    fputc(']', out);
}

static void print_json_layer(const struct graph *g, size_t i, const struct costs *costs, FILE *out)
{
    const struct layer *l = &g->layer.at[i];
    const struct shape *shape = &graph_node(g, l->result)->shape;
    int64_t field[MAX_RANK];

    fputs("{\"name\": ", out);
    text_print_quoted(l->name, out);
    fputs(", \"operator\": ", out);
    text_print_quoted(l->op_name, out);
    fputs(", \"output\": ", out);
    print_sizes(shape->dim, shape->rank, out);
    fprintf(out, ", \"parameters\": %" PRId64 ", \"multiply_adds\": %.0f, \"receptive_field\": ", costs->parameters,
            costs->multiply_adds);
    print_sizes(field, graph_receptive_field(g, l->result, field), out);
    fputc('}', out);
}

static void print_json(const struct program *p, int64_t memory_bytes, FILE *out)
{
    const struct graph *g = p->graph;
    const struct costs *costs = layer_costs(g), total = total_costs(costs, p->net_layers);

    fputs("{\"net\": ", out);
    text_print_quoted(p->net, out);
    fputs(", \"layers\": [", out);
    for (size_t i = 0; i < p->net_layers; i++) {
        fputs(i == 0 ? "" : ", ", out);
        print_json_layer(g, i, &costs[i], out);
    }
    fprintf(out, "], \"parameters\": %" PRId64 ", \"multiply_adds\": %.0f", total.parameters, total.multiply_adds);
    if (memory_bytes >= 0)
        fprintf(out, ", \"memory_bytes\": %" PRId64, memory_bytes);
    fputs("}\n", out);
}

void sema_print_summary(const struct program *p, bool json, int64_t memory_bytes, FILE *out)
{
    if (json)
        print_json(p, memory_bytes, out);
    else
        print_text(p, memory_bytes, out);
}
