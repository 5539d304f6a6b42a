/* expressions: loop expressions as LLVM values. Each operation is one instruction, rounded as loop.h says. */
#include "compiler/emit/llvm/emitter.h"

#include "compiler/support/map.h"

#include <assert.h>
#include <string.h>

/* ---- Constants ----------------------------------------------------------------------------------------------------- */

static LLVMValueRef repeat(const struct emitter *e, LLVMValueRef value)
{
    LLVMValueRef lane[LANES];

    for (int i = 0; i < LANES; i++)
        lane[i] = value;
    return LLVMConstVector(lane, (unsigned)e->module->vector_lanes);
}

LLVMValueRef ll_real(const struct emitter *e, enum loop_type type, double value)
{
    double rounded = loop_type_bytes(type) == 4 ? (double)(float)value : value;
    LLVMValueRef scalar = LLVMConstReal(e->type[loop_scalar_of(type)], rounded);

    return loop_is_vector(type) ? repeat(e, scalar) : scalar;
}

static LLVMValueRef bits(const struct emitter *e, enum loop_type type, int64_t value)
{
    LLVMValueRef scalar = LLVMConstInt(e->type[loop_scalar_of(type)], (unsigned long long)value, true);

    return loop_is_vector(type) ? repeat(e, scalar) : scalar;
}

/* Whether a word is 64 bits wide. */
static bool is_wide(enum loop_type type)
{
    return loop_type_bytes(type) == 8;
}

/* ---- Across lanes -------------------------------------------------------------------------------------------------- */

static LLVMValueRef splat(struct emitter *e, LLVMValueRef scalar, enum loop_type type)
{
    LLVMTypeRef vector = e->type[type];
    LLVMValueRef undefined = LLVMGetPoison(vector), zero = LLVMConstInt(e->int32, 0, false);
    LLVMTypeRef mask = LLVMVectorType(e->int32, (unsigned)e->module->vector_lanes);
    LLVMValueRef first = LLVMBuildInsertElement(e->builder, undefined, scalar, zero, "");

    return LLVMBuildShuffleVector(e->builder, first, undefined, LLVMConstNull(mask), "");
}

static LLVMValueRef lane(struct emitter *e, LLVMValueRef vector, unsigned number)
{
    return LLVMBuildExtractElement(e->builder, vector, LLVMConstInt(e->int32, number, false), "");
}

/* Lanes 2 and 3 of four, as lanes 0 and 1. */
static LLVMValueRef upper_half(struct emitter *e, LLVMValueRef four)
{
    LLVMValueRef none = LLVMGetPoison(e->int32);
    LLVMValueRef from[4] = {LLVMConstInt(e->int32, 2, false), LLVMConstInt(e->int32, 3, false), none, none};

    return LLVMBuildShuffleVector(e->builder, four, LLVMGetPoison(e->four), LLVMConstVector(from, 4), "");
}

/* Sixteen reals by the fixed tree: lane l + lane l+8, then +4, +2, +1, whatever the vectors. */
static LLVMValueRef sum_lanes(struct emitter *e, const struct loop_place *place)
{
    struct ll_address at = ll_address(e, place);
    unsigned bytes = 4 * (unsigned)loop_type_bytes(e->module->real);
    LLVMValueRef four[4], low, high, sum;

    for (unsigned i = 0; i < 4; i++) {
        LLVMValueRef step = LLVMConstInt(e->int64, (unsigned long long)i, false);
        struct ll_address part = at;
        part.value = LLVMBuildGEP2(e->builder, e->four, at.value, &step, 1, "");
        part.alignment = at.alignment < bytes ? at.alignment : bytes;
        four[i] = ll_load(e, e->four, &part);
    }
    low = LLVMBuildFAdd(e->builder, four[0], four[2], "");
    high = LLVMBuildFAdd(e->builder, four[1], four[3], "");
    sum = LLVMBuildFAdd(e->builder, low, high, "");
    sum = LLVMBuildFAdd(e->builder, sum, upper_half(e, sum), "");
    return LLVMBuildFAdd(e->builder, lane(e, sum, 0), lane(e, sum, 1), "");
}

/* ---- Operations ---------------------------------------------------------------------------------------------------- */

LLVMValueRef ll_intrinsic(struct emitter *e, const char *name, LLVMTypeRef type, LLVMValueRef argument[], unsigned count)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(e->out, id, &type, 1);

    return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->context, id, &type, 1), function, argument, count, "");
}

static LLVMValueRef call(struct emitter *e, const struct loop_expr *x, LLVMValueRef argument)
{
    LLVMValueRef function = map_get(e->function, x->as.function);

    assert(function);
    return LLVMBuildCall2(e->builder, LLVMGlobalGetValueType(function), function, &argument, 1, "");
}

static LLVMValueRef variable(struct emitter *e, const struct loop_variable *v)
{
    const struct view_variable *known = view_variable_of(e->view, v);
    LLVMValueRef value = e->variable[known->number];

    assert(value);
    return known->set ? LLVMBuildLoad2(e->builder, e->type[v->type], value, v->name) : value;
}

static LLVMValueRef index_value(struct emitter *e, const struct loop_expr *x)
{
    LLVMValueRef index = ll_index(e, &x->as.index);

    if (loop_is_real(x->type))
        return LLVMBuildSIToFP(e->builder, index, e->type[x->type], "");
    return is_wide(x->type) ? index : LLVMBuildTrunc(e->builder, index, e->type[x->type], "");
}

static LLVMValueRef convert(struct emitter *e, enum loop_type to, enum loop_type from, LLVMValueRef a)
{
    LLVMTypeRef type = e->type[to];

    if (loop_is_real(from))
        return LLVMBuildFPCast(e->builder, a, type, "");
    if (loop_is_real(to))
        return loop_is_signed(from) ? LLVMBuildSIToFP(e->builder, a, type, "") : LLVMBuildUIToFP(e->builder, a, type, "");
    return LLVMBuildIntCast2(e->builder, a, type, loop_is_signed(from), "");
}

/* The lanes of a and b in turns, from lane `first` on. */
static LLVMValueRef zip(struct emitter *e, LLVMValueRef a, LLVMValueRef b, int first)
{
    LLVMValueRef from[LANES];
    const int lanes = e->module->vector_lanes;

    for (int i = 0; i < lanes; i++)
        from[i] = LLVMConstInt(e->int32, (unsigned)(first + i / 2 + i % 2 * lanes), false);
    return LLVMBuildShuffleVector(e->builder, a, b, LLVMConstVector(from, (unsigned)lanes), "");
}

/* ---- Words ------------------------------------------------------------------------------------------------------------- */

/* The first power of two whose fraction's last bit counts ones: added to a small whole number, it leaves it in the low bits. */
static LLVMValueRef to_word(struct emitter *e, enum loop_type type, enum loop_type from, LLVMValueRef a)
{
    LLVMValueRef power = ll_real(e, from, is_wide(type) ? 0x1p52 : 0x1p23);
    LLVMValueRef sum = LLVMBuildBitCast(e->builder, LLVMBuildFAdd(e->builder, a, power, ""), e->type[type], "");

    return LLVMBuildAnd(e->builder, sum, bits(e, type, UINT16_MAX), "");
}

/* As the fraction of a real in [1, 2), less 1. */
static LLVMValueRef unit(struct emitter *e, enum loop_type type, enum loop_type word, LLVMValueRef a)
{
    LLVMValueRef x = LLVMBuildLShr(e->builder, a, bits(e, word, 9), "");

    if (is_wide(word))
        x = LLVMBuildShl(e->builder, x, bits(e, word, 52 - 23), "");
    x = LLVMBuildOr(e->builder, x, bits(e, word, is_wide(word) ? 0x3ff0000000000000 : 0x3f800000), "");
    return LLVMBuildFSub(e->builder, LLVMBuildBitCast(e->builder, x, e->type[type], ""), ll_real(e, type, 1), "");
}

static LLVMValueRef word_low(struct emitter *e, enum loop_type type, LLVMValueRef a, LLVMValueRef b)
{
    LLVMValueRef product = LLVMBuildMul(e->builder, a, b, "");

    return is_wide(type) ? LLVMBuildAnd(e->builder, product, bits(e, type, UINT32_MAX), "") : product;
}

static LLVMValueRef word_high(struct emitter *e, enum loop_type type, LLVMValueRef a, LLVMValueRef b)
{
    enum loop_type wide = loop_as_wide(TYPE_U64, type);

    if (!is_wide(type)) {
        a = LLVMBuildZExt(e->builder, a, e->type[wide], "");
        b = LLVMBuildZExt(e->builder, b, e->type[wide], "");
    }
    LLVMValueRef high = LLVMBuildLShr(e->builder, LLVMBuildMul(e->builder, a, b, ""), bits(e, wide, 32), "");
    return is_wide(type) ? high : LLVMBuildTrunc(e->builder, high, e->type[type], "");
}

/* ---- Comparisons ------------------------------------------------------------------------------------------------------- */

enum comparison { IS_LESS, IS_LESS_EQUAL, IS_EQUAL, IS_NOT_EQUAL };

static LLVMValueRef compare(struct emitter *e, enum comparison which, enum loop_type type, LLVMValueRef a, LLVMValueRef b)
{
    static const struct {
        LLVMRealPredicate real;
        LLVMIntPredicate with_sign, without;
    } predicate[] = {
        [IS_LESS] = {LLVMRealOLT, LLVMIntSLT, LLVMIntULT},
        [IS_LESS_EQUAL] = {LLVMRealOLE, LLVMIntSLE, LLVMIntULE},
        [IS_EQUAL] = {LLVMRealOEQ, LLVMIntEQ, LLVMIntEQ},
        [IS_NOT_EQUAL] = {LLVMRealUNE, LLVMIntNE, LLVMIntNE},
    };

    if (loop_is_real(type))
        return LLVMBuildFCmp(e->builder, predicate[which].real, a, b, "");
    return LLVMBuildICmp(e->builder, loop_is_signed(type) ? predicate[which].with_sign : predicate[which].without, a, b, "");
}

/* ---- All operations ---------------------------------------------------------------------------------------------------- */

/* One case an operation: by its instruction, or by what makes it of several. */
LLVMValueRef ll_expr(struct emitter *e, const struct loop_expr *x)
{
    LLVMBuilderRef b = e->builder;
    LLVMTypeRef type = e->type[x->type];
    LLVMValueRef a[3] = {0};
    const enum loop_type first = x->arg[0] ? x->arg[0]->type : x->type;

    for (int i = 0; i < 3 && x->arg[i]; i++)
        a[i] = ll_expr(e, x->arg[i]);
    switch (x->op) {
    case LOOP_CONSTANT: return ll_real(e, x->type, x->as.real);
    case LOOP_BITS_CONSTANT: return bits(e, x->type, x->as.bits);
    case LOOP_VARIABLE: return variable(e, x->as.variable);
    case LOOP_LOAD: return ll_load_place(e, type, &x->as.place);
    case LOOP_INDEX: return index_value(e, x);
    case LOOP_SUM_LANES: return sum_lanes(e, &x->as.place);
    case LOOP_SPLAT: return splat(e, a[0], x->type);
    case LOOP_CONVERT: return convert(e, x->type, first, a[0]);
    case LOOP_NEGATE: return LLVMBuildFNeg(b, a[0], "");
    case LOOP_ABSOLUTE: return ll_intrinsic(e, "llvm.fabs", type, a, 1);
    case LOOP_SQRT: return ll_intrinsic(e, "llvm.sqrt", type, a, 1);
    case LOOP_TO_BITS:
    case LOOP_FROM_BITS: return LLVMBuildBitCast(b, a[0], type, "");
    case LOOP_CALL: return call(e, x, a[0]);
    case LOOP_TO_WORD: return to_word(e, x->type, first, a[0]);
    case LOOP_U01: return unit(e, x->type, first, a[0]);
    case LOOP_ADD: return LLVMBuildFAdd(b, a[0], a[1], "");
    case LOOP_SUBTRACT: return LLVMBuildFSub(b, a[0], a[1], "");
    case LOOP_MULTIPLY: return LLVMBuildFMul(b, a[0], a[1], "");
    case LOOP_DIVIDE: return LLVMBuildFDiv(b, a[0], a[1], "");
    case LOOP_LESS: return compare(e, IS_LESS, first, a[0], a[1]);
    case LOOP_LESS_EQUAL: return compare(e, IS_LESS_EQUAL, first, a[0], a[1]);
    case LOOP_EQUAL: return compare(e, IS_EQUAL, first, a[0], a[1]);
    case LOOP_NOT_EQUAL: return compare(e, IS_NOT_EQUAL, first, a[0], a[1]);
    case LOOP_BITS_ADD: return LLVMBuildAdd(b, a[0], a[1], "");
    case LOOP_BITS_SUBTRACT: return LLVMBuildSub(b, a[0], a[1], "");
    case LOOP_BITS_XOR: return LLVMBuildXor(b, a[0], a[1], "");
    case LOOP_BITS_AND:
    case LOOP_MASK_AND: return LLVMBuildAnd(b, a[0], a[1], "");
    case LOOP_BITS_OR:
    case LOOP_MASK_OR: return LLVMBuildOr(b, a[0], a[1], "");
    case LOOP_WORD_LOW: return word_low(e, x->type, a[0], a[1]);
    case LOOP_WORD_HIGH: return word_high(e, x->type, a[0], a[1]);
    case LOOP_INTERLEAVE_LOW: return zip(e, a[0], a[1], 0);
    case LOOP_INTERLEAVE_HIGH: return zip(e, a[0], a[1], e->module->vector_lanes / 2);
    case LOOP_SHIFT_LEFT: return LLVMBuildShl(b, a[0], bits(e, x->type, x->as.bits), "");
    case LOOP_SHIFT_RIGHT: return LLVMBuildAShr(b, a[0], bits(e, x->type, x->as.bits), "");
    case LOOP_FMA: return ll_intrinsic(e, "llvm.fma", type, a, 3);
    case LOOP_SELECT: return LLVMBuildSelect(b, a[0], a[1], a[2], "");
    }
    assert(!"an operation");
    return NULL;
}
