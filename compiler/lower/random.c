/* random: numbers that are a pure function of (seed, epoch, sample, stream, element): Philox4x32-10, as in netrt/random.h.
 *
 * Key: the seed. Counter: (element div 4, sample, epoch, stream). Element e is word e mod 4 of the result.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
#include "compiler/lower/random.h"

#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"

#include <assert.h>

enum { ROUNDS = 10 };

/* The key of each round and the epoch: the same for all elements and samples. */
struct philox_keys {
    const struct loop_expr *key[ROUNDS][2], *epoch;
    struct loop_list definitions;
};

static bool is_scalar(const struct loop_expr *e)
{
    return !loop_is_vector(e->type);
}

static const struct loop_expr *constant(struct lowering *l, int64_t word)
{
    return loop_bits(l->m, loop_word(l->m), word);
}

/* A scalar stays one as long as it meets no vector. */
static const struct loop_expr *combine(struct lowering *l, enum loop_op op, const struct loop_expr *a, const struct loop_expr *b)
{
    if (is_scalar(a) && !is_scalar(b))
        a = loop_splat(l->m, a);
    if (is_scalar(b) && !is_scalar(a))
        b = loop_splat(l->m, b);
    return loop_binary(l->m, op, a, b);
}

static const struct loop_expr *exclusive_or(struct lowering *l, const struct loop_expr *a, const struct loop_expr *b)
{
    return combine(l, LOOP_BITS_XOR, a, b);
}

/* ---- The run ----------------------------------------------------------------------------------------------------------- */

static const struct loop_expr *join_halves(struct lowering *l, const struct loop_expr *low, const struct loop_expr *high)
{
    const struct loop_expr *upper = loop_shift(l->m, LOOP_SHIFT_LEFT, loop_unary(l->m, LOOP_TO_WORD, high), 16);

    return combine(l, LOOP_BITS_OR, loop_unary(l->m, LOOP_TO_WORD, low), upper);
}

static const struct loop_expr *load_setting(struct lowering *l, node_id v)
{
    struct loop_place place = {.buffer = l->buffer[v], .block = loop_constant_index(0), .at = loop_constant_index(0)};

    return loop_load(l->m, l->m->real, place);
}

static const struct loop_expr *load_word(struct lowering *l, const char *name, const node_id half[2], struct loop_list *out)
{
    return keep(l, name, join_halves(l, load_setting(l, half[0]), load_setting(l, half[1])), out);
}

/* a + step modulo 2^32. A lane of f64 has room for the carry, which has to go. */
static const struct loop_expr *advance(struct lowering *l, const struct loop_expr *a, int64_t step)
{
    const struct loop_expr *sum = loop_binary(l->m, LOOP_BITS_ADD, a, constant(l, step));

    return l->m->real == TYPE_F32 ? sum : loop_binary(l->m, LOOP_BITS_AND, sum, constant(l, UINT32_MAX));
}

static struct philox_keys *keys_of(struct lowering *l)
{
    static const int64_t step[2] = {0x9e3779b9, 0xbb67ae85};    /* the golden ratio and sqrt(3) - 1, as fractions of 2^32 */
    const struct graph_random *given = l->graph->random;

    if (l->random)
        return l->random;
    struct philox_keys *r = l->random = arena_new(l->arena, struct philox_keys);
    r->epoch = load_word(l, "epoch", given->epoch, &r->definitions);
    for (int i = 0; i < 2; i++)
        r->key[0][i] = load_word(l, "key", &given->seed[2 * i], &r->definitions);
    for (int round = 1; round < ROUNDS; round++)
        for (int i = 0; i < 2; i++)
            r->key[round][i] = keep(l, "key", advance(l, r->key[round - 1][i], step[i]), &r->definitions);
    return r;
}

void finish_random(struct lowering *l)
{
    if (!l->random)
        return;
    struct loop_list all = l->random->definitions;
    loop_append(&all, (struct loop *)l->k->body);
    l->k->body = loop_list_block(l->m, all);
}

/* ---- The generator ----------------------------------------------------------------------------------------------------- */

/* One of the ten rounds: two products, whose upper halves are mixed with the other words and the key. */
static void scramble(struct lowering *l, const struct loop_expr *word[RANDOM_WORDS], const struct loop_expr *const key[2],
                     struct loop_list *out)
{
    const struct loop_expr *first = constant(l, 0xd2511f53), *second = constant(l, 0xcd9e8d57);
    const struct loop_expr *high_first = combine(l, LOOP_WORD_HIGH, word[0], first);
    const struct loop_expr *high_second = combine(l, LOOP_WORD_HIGH, word[2], second);
    const struct loop_expr *next[RANDOM_WORDS];

    next[0] = exclusive_or(l, exclusive_or(l, high_second, key[0]), word[1]);
    next[1] = combine(l, LOOP_WORD_LOW, word[2], second);
    next[2] = exclusive_or(l, exclusive_or(l, high_first, key[1]), word[3]);
    next[3] = combine(l, LOOP_WORD_LOW, word[0], first);
    for (int i = 0; i < RANDOM_WORDS; i++)
        word[i] = keep(l, "word", next[i], out);
}

static void draw(struct lowering *l, uint32_t stream, const struct loop_expr *group, const struct loop_expr *const half[2],
                 const struct loop_expr *word[RANDOM_WORDS], struct loop_list *out)
{
    const struct philox_keys *segment = keys_of(l);

    word[0] = group;
    word[1] = keep(l, "sample", join_halves(l, half[0], half[1]), out);
    word[2] = segment->epoch;
    word[3] = constant(l, stream);
    for (int round = 0; round < ROUNDS; round++)
        scramble(l, word, segment->key[round], out);
}

/* ---- Elements ---------------------------------------------------------------------------------------------------------- */

/* Whether element mod 4 is one number for all values of the axes; then `group` is element div 4. */
static bool has_fixed_word(struct lowering *l, const struct loop_index *element, struct loop_index *group, int *number)
{
    int64_t rest = element->constant % RANDOM_WORDS;

    for (int t = 0; t < element->count; t++)
        if (element->term[t].factor % RANDOM_WORDS != 0)
            return false;
    assert(element->constant >= 0);
    *number = (int)rest;
    *group = loop_constant_index(element->constant / RANDOM_WORDS);
    for (int t = 0; t < element->count; t++)
        *group = loop_index_add(l->m, *group, loop_axis_index(l->m, element->term[t].axis, element->term[t].factor / RANDOM_WORDS));
    return true;
}

static const struct loop_expr *fixed_word(struct lowering *l, uint32_t stream, struct loop_index group, int number,
                                          const struct loop_expr *const half[2], struct loop_list *out)
{
    struct drawn once, *d = l->drawn ? l->drawn : &once;
    bool known = l->drawn && d->valid && d->stream == stream && loop_index_equal(&d->group, &group);

    if (!known) {
        *d = (struct drawn){.valid = true, .stream = stream, .group = group};
        draw(l, stream, loop_index_value(l->m, loop_word(l->m), group), half, d->word, out);
    }
    return d->word[number];
}

/* bit ? yes : no, where bit is 0 or 1 */
static const struct loop_expr *choose(struct lowering *l, const struct loop_expr *bit, const struct loop_expr *yes,
                                      const struct loop_expr *no)
{
    const struct loop_expr *mask = loop_binary(l->m, LOOP_WORD_LOW, bit, constant(l, UINT32_MAX));
    const struct loop_expr *difference = combine(l, LOOP_BITS_AND, exclusive_or(l, yes, no), mask);

    return exclusive_or(l, no, difference);
}

/* Where the element's place among the four is known only when the loops run. */
static const struct loop_expr *any_word(struct lowering *l, uint32_t stream, struct loop_index element,
                                        const struct loop_expr *const half[2], struct loop_list *out)
{
    const struct loop_expr *number = keep(l, "element", loop_index_value(l->m, loop_word(l->m), element), out), *word[RANDOM_WORDS];
    const struct loop_expr *one = constant(l, 1), *odd = loop_binary(l->m, LOOP_BITS_AND, number, one);
    const struct loop_expr *late = loop_binary(l->m, LOOP_BITS_AND, loop_shift(l->m, LOOP_SHIFT_RIGHT, number, 1), one);

    odd = keep(l, "odd", odd, out);
    draw(l, stream, keep(l, "group", loop_shift(l->m, LOOP_SHIFT_RIGHT, number, 2), out), half, word, out);
    const struct loop_expr *low = keep(l, "low", choose(l, odd, word[1], word[0]), out);
    const struct loop_expr *high = keep(l, "high", choose(l, odd, word[3], word[2]), out);
    return choose(l, late, high, low);
}

const struct loop_expr *lower_random(struct lowering *l, uint32_t stream, struct loop_index element,
                                     const struct loop_expr *const half[2], struct loop_list *out)
{
    struct loop_index group;
    int number;
    const struct loop_expr *word = has_fixed_word(l, &element, &group, &number) ? fixed_word(l, stream, group, number, half, out)
                                                                                : any_word(l, stream, element, half, out);

    return keep(l, "random", loop_unary(l->m, LOOP_U01, word), out);
}
