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
    double rounded = e->module->precision == 4 ? (double)(float)value : value;
    LLVMValueRef scalar = LLVMConstReal(e->type[TYPE_REAL], rounded);

    return type == TYPE_REALS ? repeat(e, scalar) : scalar;
}

static LLVMValueRef bits(const struct emitter *e, enum loop_type type, int64_t value)
{
    LLVMValueRef scalar = LLVMConstInt(e->type[TYPE_INT], (unsigned long long)value, true);

    return type == TYPE_INT_VECTOR ? repeat(e, scalar) : scalar;
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
    unsigned bytes = 4 * (unsigned)e->module->precision;
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
    const struct ll_variable *known = map_get(e->variable, v);

    assert(known && known->value);
    return known->set ? LLVMBuildLoad2(e->builder, known->type, known->value, v->name) : known->value;
}

static LLVMValueRef shift(struct emitter *e, const struct loop_expr *x, LLVMValueRef a)
{
    LLVMValueRef distance = bits(e, x->type, x->as.bits);

    if (x->op == LOOP_SHIFT_LEFT)
        return LLVMBuildShl(e->builder, a, distance, "");
    return LLVMBuildAShr(e->builder, a, distance, "");
}

static LLVMValueRef index_value(struct emitter *e, const struct loop_expr *x)
{
    LLVMValueRef index = ll_index(e, &x->as.index);

    if (x->type == TYPE_REAL)
        return LLVMBuildSIToFP(e->builder, index, e->type[TYPE_REAL], "");
    return e->module->precision == 4 ? LLVMBuildTrunc(e->builder, index, e->int32, "") : index;
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
static LLVMValueRef to_word(struct emitter *e, enum loop_type type, LLVMValueRef a)
{
    bool narrow = e->module->precision == 4, vector = type == TYPE_INT_VECTOR;
    LLVMValueRef power = ll_real(e, vector ? TYPE_REALS : TYPE_REAL, narrow ? 0x1p23 : 0x1p52);
    LLVMValueRef sum = LLVMBuildBitCast(e->builder, LLVMBuildFAdd(e->builder, a, power, ""), e->type[type], "");

    return LLVMBuildAnd(e->builder, sum, bits(e, type, UINT16_MAX), "");
}

/* As the fraction of a real in [1, 2), less 1. */
static LLVMValueRef unit(struct emitter *e, enum loop_type type, LLVMValueRef a)
{
    bool narrow = e->module->precision == 4;
    enum loop_type word = type == TYPE_REALS ? TYPE_INT_VECTOR : TYPE_INT;
    LLVMValueRef x = LLVMBuildLShr(e->builder, a, bits(e, word, 9), "");

    if (!narrow)
        x = LLVMBuildShl(e->builder, x, bits(e, word, 52 - 23), "");
    x = LLVMBuildOr(e->builder, x, bits(e, word, narrow ? 0x3f800000 : 0x3ff0000000000000), "");
    return LLVMBuildFSub(e->builder, LLVMBuildBitCast(e->builder, x, e->type[type], ""), ll_real(e, type, 1), "");
}

static LLVMValueRef word_low(struct emitter *e, enum loop_type type, LLVMValueRef a, LLVMValueRef b)
{
    LLVMValueRef product = LLVMBuildMul(e->builder, a, b, "");

    return e->module->precision == 4 ? product : LLVMBuildAnd(e->builder, product, bits(e, type, UINT32_MAX), "");
}

static LLVMValueRef word_high(struct emitter *e, enum loop_type type, LLVMValueRef a, LLVMValueRef b)
{
    bool narrow = e->module->precision == 4;
    LLVMTypeRef wide = type == TYPE_INT_VECTOR ? LLVMVectorType(e->int64, (unsigned)e->module->vector_lanes) : e->int64;

    if (narrow) {
        a = LLVMBuildZExt(e->builder, a, wide, "");
        b = LLVMBuildZExt(e->builder, b, wide, "");
    }
    LLVMValueRef distance = LLVMConstInt(e->int64, 32, false);
    if (type == TYPE_INT_VECTOR)
        distance = repeat(e, distance);
    LLVMValueRef high = LLVMBuildLShr(e->builder, LLVMBuildMul(e->builder, a, b, ""), distance, "");
    return narrow ? LLVMBuildTrunc(e->builder, high, e->type[type], "") : high;
}

/* Operations of two values of one kind, by their instruction. */
static LLVMValueRef combine(struct emitter *e, enum loop_op op, LLVMValueRef a, LLVMValueRef b)
{
    switch (op) {
    case LOOP_ADD: return LLVMBuildFAdd(e->builder, a, b, "");
    case LOOP_SUBTRACT: return LLVMBuildFSub(e->builder, a, b, "");
    case LOOP_MULTIPLY: return LLVMBuildFMul(e->builder, a, b, "");
    case LOOP_DIVIDE: return LLVMBuildFDiv(e->builder, a, b, "");
    case LOOP_LESS: return LLVMBuildFCmp(e->builder, LLVMRealOLT, a, b, "");
    case LOOP_LESS_EQUAL: return LLVMBuildFCmp(e->builder, LLVMRealOLE, a, b, "");
    case LOOP_EQUAL: return LLVMBuildFCmp(e->builder, LLVMRealOEQ, a, b, "");
    case LOOP_NOT_EQUAL: return LLVMBuildFCmp(e->builder, LLVMRealUNE, a, b, "");
    case LOOP_BITS_ADD: return LLVMBuildAdd(e->builder, a, b, "");
    case LOOP_BITS_SUBTRACT: return LLVMBuildSub(e->builder, a, b, "");
    case LOOP_BITS_XOR: return LLVMBuildXor(e->builder, a, b, "");
    case LOOP_BITS_AND:
    case LOOP_MASK_AND: return LLVMBuildAnd(e->builder, a, b, "");
    case LOOP_BITS_OR:
    case LOOP_MASK_OR: return LLVMBuildOr(e->builder, a, b, "");
    case LOOP_CONSTANT:
    case LOOP_BITS_CONSTANT:
    case LOOP_VARIABLE:
    case LOOP_LOAD:
    case LOOP_INDEX:
    case LOOP_SUM_LANES:
    case LOOP_SPLAT:
    case LOOP_NEGATE:
    case LOOP_ABSOLUTE:
    case LOOP_SQRT:
    case LOOP_TO_BITS:
    case LOOP_FROM_BITS:
    case LOOP_CALL:
    case LOOP_TO_WORD:
    case LOOP_U01:
    case LOOP_WORD_LOW:
    case LOOP_WORD_HIGH:
    case LOOP_INTERLEAVE_LOW:
    case LOOP_INTERLEAVE_HIGH:
    case LOOP_SHIFT_LEFT:
    case LOOP_SHIFT_RIGHT:
    case LOOP_FMA:
    case LOOP_SELECT: break;
    }
    assert(!"no operation of two values");
    return NULL;
}

LLVMValueRef ll_expr(struct emitter *e, const struct loop_expr *x)
{
    LLVMTypeRef type = e->type[x->type];
    LLVMValueRef a[3] = {0};

    for (int i = 0; i < 3 && x->arg[i]; i++)
        a[i] = ll_expr(e, x->arg[i]);
    switch (x->op) {
    case LOOP_CONSTANT: return ll_real(e, x->type, x->as.real);
    case LOOP_BITS_CONSTANT: return bits(e, x->type, x->as.bits);
    case LOOP_VARIABLE: return variable(e, x->as.variable);
    case LOOP_LOAD: return ll_load_place(e, type, &x->as.place);
    case LOOP_INDEX: return index_value(e, x);
    case LOOP_SUM_LANES: return sum_lanes(e, &x->as.place);
    case LOOP_SPLAT: return loop_is_vector(x->type) ? splat(e, a[0], x->type) : a[0];
    case LOOP_NEGATE: return LLVMBuildFNeg(e->builder, a[0], "");
    case LOOP_ABSOLUTE: return ll_intrinsic(e, "llvm.fabs", type, a, 1);
    case LOOP_SQRT: return ll_intrinsic(e, "llvm.sqrt", type, a, 1);
    case LOOP_TO_BITS:
    case LOOP_FROM_BITS: return LLVMBuildBitCast(e->builder, a[0], type, "");
    case LOOP_CALL: return call(e, x, a[0]);
    case LOOP_TO_WORD: return to_word(e, x->type, a[0]);
    case LOOP_U01: return unit(e, x->type, a[0]);
    case LOOP_WORD_LOW: return word_low(e, x->type, a[0], a[1]);
    case LOOP_WORD_HIGH: return word_high(e, x->type, a[0], a[1]);
    case LOOP_INTERLEAVE_LOW: return zip(e, a[0], a[1], 0);
    case LOOP_INTERLEAVE_HIGH: return zip(e, a[0], a[1], e->module->vector_lanes / 2);
    case LOOP_SHIFT_LEFT:
    case LOOP_SHIFT_RIGHT: return shift(e, x, a[0]);
    case LOOP_FMA: return ll_intrinsic(e, "llvm.fma", type, a, 3);
    case LOOP_SELECT: return LLVMBuildSelect(e->builder, a[0], a[1], a[2], "");
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_MULTIPLY:
    case LOOP_DIVIDE:
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL:
    case LOOP_NOT_EQUAL:
    case LOOP_BITS_ADD:
    case LOOP_BITS_SUBTRACT:
    case LOOP_BITS_AND:
    case LOOP_BITS_OR:
    case LOOP_BITS_XOR:
    case LOOP_MASK_AND:
    case LOOP_MASK_OR: break;
    }
    return combine(e, x->op, a[0], a[1]);
}
