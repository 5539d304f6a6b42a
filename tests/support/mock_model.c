/* mock_model: a softmax regression written by hand against netrt/model.h, so that the runtime can be tested without a compiler.
 *
 *   z = W x + b      loss = log sum exp z - z[label]      dz = (softmax z - one_hot(label)) * weight
 *   W -= lr * (dW + 2 l2 W), with momentum;  x [1,28,28] from `digits`, z [10]
 *
 * Lanes are samples. Phase "blocks" runs forward and backward on a lane block and leaves dz; phase "gradients" has an item a class,
 * which sums over all samples in order and updates its row: the same bits for any number of threads.
 */
#include "netrt/model.h"

#include <stddef.h>
#include <time.h>

enum { LANES = NETRT_LANES, CLASSES = 10, PIXELS = 784, BATCH = 64 };

struct uniform {
    float weight[CLASSES][PIXELS], bias[CLASSES];
    float weight_momentum[CLASSES][PIXELS], bias_momentum[CLASSES];
};

struct block {
    float logits[CLASSES][LANES], slope[CLASSES][LANES], loss[LANES];
};

enum { INPUT_IMAGE, INPUT_LABEL, INPUT_WEIGHT, INPUTS };
enum { SETTING_RATE, SETTING_MOMENTUM, SETTING_L2, SETTING_BLOW_UP, SETTING_PAUSE, SETTINGS };

static struct block *block_of(const struct netrt_step *step, int64_t block)
{
    return (struct block *)(void *)(step->blocks + (size_t)block * sizeof(struct block));
}

static const float *image_of(const struct netrt_step *step, int64_t block)
{
    return (const float *)step->input[INPUT_IMAGE] + block * PIXELS * LANES;
}

static float setting(const struct netrt_step *step, int number)
{
    return ((const float *)step->setting)[number];
}

/* exp for x <= 0 as (1 + x/4096)^4096: enough for a mock, and no call of libm. */
static float exponential(float x)
{
    double y = x < -4000 ? 0 : 1 + (double)x / 4096;

    for (int i = 0; i < 12; i++)
        y *= y;
    return (float)y;
}

/* log by Newton's method on the exponential's inverse: y <- y + 2 (x - e^y) / (x + e^y) for 1 <= x <= CLASSES. */
static float logarithm(float x)
{
    double y = 0;

    for (int i = 0; i < 8; i++) {
        double e = 1 / (double)exponential((float)-y);
        y += 2 * ((double)x - e) / ((double)x + e);
    }
    return (float)y;
}

static void scores(const struct netrt_step *step, int64_t block)
{
    const struct uniform *u = (const struct uniform *)(void *)step->uniform;
    const float *image = image_of(step, block);
    struct block *out = block_of(step, block);

    for (int c = 0; c < CLASSES; c++) {
        for (int lane = 0; lane < LANES; lane++)
            out->logits[c][lane] = u->bias[c];
        for (int i = 0; i < PIXELS; i++) {
            for (int lane = 0; lane < LANES; lane++)
                out->logits[c][lane] += u->weight[c][i] * image[i * LANES + lane];
        }
    }
}

static void loss(const struct netrt_step *step, int64_t block)
{
    const int32_t *label = (const int32_t *)step->input[INPUT_LABEL] + block * LANES;
    const float *weight = (const float *)step->input[INPUT_WEIGHT] + block * LANES;
    struct block *out = block_of(step, block);

    for (int lane = 0; lane < LANES; lane++) {
        float highest = out->logits[0][lane], sum = 0;
        int target = label[lane];
        for (int c = 1; c < CLASSES; c++)
            highest = out->logits[c][lane] > highest ? out->logits[c][lane] : highest;
        for (int c = 0; c < CLASSES; c++)
            sum += exponential(out->logits[c][lane] - highest);
        for (int c = 0; c < CLASSES; c++) {
            float share = exponential(out->logits[c][lane] - highest) / sum;
            out->slope[c][lane] = (share - (c == target ? 1.0f : 0.0f)) * weight[lane];
        }
        /* The setting makes a NaN on demand, for the test of diverging runs. */
        float blow_up = setting(step, SETTING_BLOW_UP);
        out->loss[lane] = logarithm(sum) + highest - out->logits[target][lane] + (blow_up > 0 ? 0.0f / (blow_up - blow_up) : 0.0f);
    }
}

static void update(const struct netrt_step *step, float *value, float *momentum, float gradient, float l2)
{
    float slope = gradient + 2 * l2 * *value;

    *momentum = setting(step, SETTING_MOMENTUM) * *momentum + slope;
    *value -= setting(step, SETTING_RATE) * *momentum;
}

/* A step of training that takes its time, whoever interrupts it. */
static void pause_for(float seconds)
{
    struct timespec rest = {(time_t)seconds, (long)((seconds - (float)(time_t)seconds) * 1e9f)};

    while (seconds > 0 && nanosleep(&rest, &rest) != 0)
        continue;
}

/* Item c: the gradient of one class's row, and its update. */
static void update_row(const struct netrt_step *step, int64_t c)
{
    struct uniform *u = (struct uniform *)(void *)step->uniform;
    float sum = 0;

    pause_for(c == 0 ? setting(step, SETTING_PAUSE) : 0);
    for (int i = 0; i < PIXELS; i++) {
        float gradient = 0;
        for (int64_t s = 0; s < step->samples; s++)
            gradient += image_of(step, s / LANES)[i * LANES + s % LANES] * block_of(step, s / LANES)->slope[c][s % LANES];
        update(step, &u->weight[c][i], &u->weight_momentum[c][i], gradient, setting(step, SETTING_L2));
    }
    for (int64_t s = 0; s < step->samples; s++)
        sum += block_of(step, s / LANES)->slope[c][s % LANES];
    update(step, &u->bias[c], &u->bias_momentum[c], sum, 0);
}

/* Eight chains of multiply-adds that stay finite; the result is used, so that it is computed. */
static double peak(int64_t count)
{
    float chain[8] = {1, 2, 3, 4, 5, 6, 7, 8}, sum = 0;

    for (int64_t i = 0; i < count; i++) {
        for (int j = 0; j < 8; j++)
            chain[j] = chain[j] * 0.5f + 1.0f;
    }
    for (int j = 0; j < 8; j++)
        sum += chain[j];
    return sum > 0 ? 16.0 * (double)count : 0;
}

static const char *unsupported(void)
{
    return NULL;
}

static const struct netrt_kernel kernels[] = {
    {"dense1.forward", scores, 0, (double)(CLASSES *PIXELS), 4 * (double)(CLASSES *PIXELS + PIXELS * LANES), 1, 0},
    {"loss", loss, 0, CLASSES, (double)(12 * CLASSES * LANES), 1, 0},
    {"dense1.update", update_row, CLASSES, (double)(CLASSES *PIXELS), (double)(16 * CLASSES * PIXELS), 1, 0},
};

static const struct netrt_phase train_phases[] = {{"blocks", 0, 2}, {"gradients", 2, 1}};
static const struct netrt_phase evaluate_phases[] = {{"blocks", 0, 2}};
static const struct netrt_program programs[] = {
    {"train", train_phases, 2, 1}, {"evaluate", evaluate_phases, 1, 0}, {"predict", evaluate_phases, 1, 0}};

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

/* Offsets in bytes, in the order of the structs above. */
#define AT_BIAS 31360
#define AT_WEIGHT_MOMENTUM 31400
#define AT_BIAS_MOMENTUM 62760
#define AT_LOSS 1280

_Static_assert(offsetof(struct uniform, bias) == AT_BIAS, "the description agrees with the struct");
_Static_assert(offsetof(struct uniform, weight_momentum) == AT_WEIGHT_MOMENTUM, "the description agrees with the struct");
_Static_assert(offsetof(struct uniform, bias_momentum) == AT_BIAS_MOMENTUM, "the description agrees with the struct");
_Static_assert(offsetof(struct block, loss) == AT_LOSS, "the description agrees with the struct");

#define PREDICTION "\"prediction\": {\"shape\": [10], \"offset\": 0}, \"target\": 1}"

static const char description[] =
    "{ \"net\": \"mock\", \"source\": \"mock.net\", \"hash\": \"00000000000000000000000000000000000000000000000000000000000000ff\","
    "  \"netc\": \"0.0.0\", \"backend\": \"hand\", \"compiler\": \"cc\", \"march\": \"x86-64\", \"precision\": \"f32\", \"batch\": 64,"
    "  \"parameters_total\": 7850, \"multiply_adds\": 7840,"
    "  \"inputs\": [ {\"name\": \"image\", \"shape\": [1,28,28], \"kind\": \"real\", \"main\": true, \"needed\": true},"
    "    {\"name\": \"label\", \"shape\": [], \"kind\": \"class\", \"classes\": 10},"
    "    {\"name\": \"netrt.weight\", \"shape\": [], \"kind\": \"weight\"} ],"
    "  \"outputs\": [ {\"name\": \"logits\", \"shape\": [10], \"offset\": 0} ],"
    "  \"scores\": {\"kind\": \"logits\", \"shape\": [10], \"offset\": 0},"
    "  \"loss\": {\"offset\": " TEXT(
        AT_LOSS) "},"
                 "  \"metrics\": [ {\"name\": \"accuracy\", \"kind\": \"accuracy\", " PREDICTION ","
                 "    {\"name\": \"top3\", \"kind\": \"top\", \"k\": 3, " PREDICTION ","
                 "    {\"name\": \"confusion\", \"kind\": \"confusion\", " PREDICTION " ],"
                 "  \"parameters\": [ {\"name\": \"dense1.weight\", \"shape\": [10,784], \"offset\": 0, \"trainable\": true,"
                 "      \"init\": {\"kind\": \"xavier_uniform\", \"fan_in\": 784, \"fan_out\": 10}, \"l1\": null, \"l2\": 2},"
                 "    {\"name\": \"dense1.bias\", \"shape\": [10], \"offset\": " TEXT(
                     AT_BIAS) ", \"trainable\": true,"
                              "      \"init\": {\"kind\": \"zeros\"}, \"l1\": null, \"l2\": null} ],"
                              "  \"states\": [ {\"name\": \"dense1.weight.momentum\", \"shape\": [10,784], \"offset\": " TEXT(
                                  AT_WEIGHT_MOMENTUM) "},"
                                                      "    {\"name\": \"dense1.bias.momentum\", \"shape\": [10], \"offset\": " TEXT(
                                                          AT_BIAS_MOMENTUM) "} ],"
                                                                            "  \"settings\": [ {\"name\": \"train.optimizer.lr\", \"value\": 0.05, \"minimum\": 0, \"maximum\": null},"
                                                                            "    {\"name\": \"train.optimizer.momentum\", \"value\": 0.9, \"minimum\": 0, \"maximum\": 1},"
                                                                            "    {\"name\": \"regularize.l2\", \"value\": 0.0001, \"minimum\": 0, \"maximum\": null},"
                                                                            "    {\"name\": \"mock.blow_up\", \"value\": 0, \"minimum\": 0, \"maximum\": 1},"
                                                                            "    {\"name\": \"mock.pause\", \"value\": 0, \"minimum\": 0, \"maximum\": 60} ],"
                                                                            "  \"layers\": [ {\"name\": \"dense1\", \"operator\": \"dense\", \"output\": [10], \"parameters\": 7850,"
                                                                            "    \"multiply_adds\": 7840, \"receptive_field\": [28,28]} ],"
                                                                            "  \"data\": { \"train\": [ {\"kind\": \"digits\", \"count\": 2000, \"seed\": 1, \"noise\": 0.1},"
                                                                            "      {\"kind\": \"split\", \"fraction\": 0.9, \"part\": \"first\"} ],"
                                                                            "    \"val\": [ {\"kind\": \"digits\", \"count\": 2000, \"seed\": 1, \"noise\": 0.1},"
                                                                            "      {\"kind\": \"split\", \"fraction\": 0.9, \"part\": \"rest\"} ],"
                                                                            "    \"test\": [ {\"kind\": \"digits\", \"count\": 500, \"seed\": 2, \"noise\": 0.1} ],"
                                                                            "    \"prepare\": [ {\"kind\": \"scale\", \"factor\": 0.00392156862745098},"
                                                                            "      {\"kind\": \"normalize\", \"mean\": [0.15], \"std\": [0.3]} ] },"
                                                                            "  \"train\": {\"epochs\": 3, \"seed\": 1, \"batch\": 64},"
                                                                            "  \"memory\": {\"uniform\": 62800, \"block\": 1344} }";

const struct netrt_model netrt_model = {
    .version = NETRT_MODEL_VERSION,
    .precision = sizeof(float),
    .description = description,
    .uniform_bytes = sizeof(struct uniform),
    .block_bytes = sizeof(struct block),
    .batch = BATCH,
    .input_count = INPUTS,
    .setting_count = SETTINGS,
    .kernel = kernels,
    .kernel_count = sizeof kernels / sizeof kernels[0],
    .vector_bytes = 16,
    .program = programs,
    .program_count = 3,
    .peak = peak,
    .unsupported = unsupported,
};
