/* shape: shapes as text, and which records feed which inputs. */
#include "netrt/description.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool netrt_shape_make(struct netrt_shape *shape, int rank, const int64_t dim[])
{
    static const int64_t most = INT64_C(1) << 40;
    struct netrt_shape made = {.rank = rank, .elements = 1};

    if (rank < 0 || rank > NETRT_MOST_AXES)
        return false;
    for (int i = 0; i < rank; i++) {
        if (dim[i] < 1 || dim[i] > most / made.elements)
            return false;
        made.dim[i] = dim[i];
        made.elements *= dim[i];
    }
    *shape = made;
    return true;
}

const char *netrt_shape_print(const struct netrt_shape *shape, char text[NETRT_SHAPE_TEXT])
{
    size_t used = 0;

    snprintf(text, NETRT_SHAPE_TEXT, "scalar");
    for (int i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(text + used, NETRT_SHAPE_TEXT - used, "%s%" PRId64, i > 0 ? "x" : "", shape->dim[i]);
    return text;
}

const char *netrt_shape_fault(int rank, const int64_t dim[], char text[NETRT_SHAPE_TEXT])
{
    struct netrt_shape given = {.rank = rank < NETRT_MOST_AXES ? rank : NETRT_MOST_AXES};
    char sizes[NETRT_SHAPE_TEXT];
    int wrong = 0;

    for (int i = 0; i < given.rank; i++)
        given.dim[i] = dim[i];
    netrt_shape_print(&given, sizes);
    while (wrong < given.rank && dim[wrong] >= 1)
        wrong++;
    if (rank > NETRT_MOST_AXES)
        snprintf(text, NETRT_SHAPE_TEXT, "there are %d sizes, but the most are %d", rank, NETRT_MOST_AXES);
    else if (wrong < given.rank)
        snprintf(text, NETRT_SHAPE_TEXT, "size %d of %.120s is %" PRId64 ", but the least is 1", wrong + 1, sizes, dim[wrong]);
    else
        snprintf(text, NETRT_SHAPE_TEXT, "%.120s are more than 2^40 elements together", sizes);
    return text;
}

bool netrt_shape_equal(const struct netrt_shape *a, const struct netrt_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, (size_t)a->rank * sizeof a->dim[0]) == 0;
}

/* The sizes other than 1, in order. */
static int significant(const struct netrt_shape *shape, int64_t dim[NETRT_MOST_AXES])
{
    int count = 0;

    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] != 1)
            dim[count++] = shape->dim[i];
    }
    return count;
}

bool netrt_shape_feeds(const struct netrt_shape *field, const struct netrt_shape *input)
{
    int64_t a[NETRT_MOST_AXES] = {0}, b[NETRT_MOST_AXES] = {0};

    if (field->elements != input->elements)
        return false;
    if (input->rank <= 1)
        return true;
    int count = significant(field, a);
    return count == significant(input, b) && memcmp(a, b, (size_t)count * sizeof a[0]) == 0;
}
