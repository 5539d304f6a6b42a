/* bench: the speed of a step on random data, beside the peak that the machine reaches in the same run. */
#include "netrt/memory.h"
#include "netrt/random.h"
#include "netrt/real.h"
#include "netrt/step.h"
#include "netrt/weights.h"
#include "runtime/trainer/session.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    JSON_STYLE = JSON_COMPACT | JSON_REAL_PRECISION(9),
    LEAST_ROUNDS = 6,
    PEAK_TRIES = 4,
    STREAM_TRIES = 4,
    STREAM_BYTES = 64 << 20
};

/* Of steps that are averaged, and of multiply-adds in registers. */
static const double round_seconds = 0.05, peak_seconds = 0.001;

struct bench {
    struct session *s;
    const struct netrt_program *program;
    void **input;               /* [input_count] */
    double *kernel_step;        /* [kernel_count]: times of the present step */
    double *kernel_seconds;     /* [kernel_count]: of its fastest step, on one thread; 0 before the first */
    double seconds;             /* of a step */
    double deadline;            /* of the monotonic clock: what begins before it is finished */
    int64_t peak_count;         /* multiply-adds that take about peak_seconds */
    double peak, peak_one;      /* flop/s of all threads and of one */
    double bandwidth;           /* bytes/s of one thread */
};

/* Reals uniform in [-1, 1), classes uniform. The numbers of a small table repeat: speed does not depend on them. */
static void fill_input(const struct session *s, int number, void *to)
{
    const struct netrt_input *input = &s->description.input[number];
    struct netrt_stream random = netrt_stream(s->seed, NETRT_FOR_BENCH, (uint32_t)number, 0, 0);
    int64_t count = (int64_t)(netrt_input_bytes(input, s->model) / netrt_input_element_bytes(input, s->model->precision));

    if (input->kind == NETRT_INPUT_WEIGHT) {
        netrt_fill_weights(to, s->model->precision, s->model->batch);
        return;
    }
    if (input->kind == NETRT_INPUT_INDEX) {
        for (int64_t i = 0; i < count / 2; i++)
            netrt_put_index(to, s->model->precision, i, (uint32_t)i);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        double unit = netrt_random_unit(&random, (uint32_t)(i % 65521));
        if (input->kind == NETRT_INPUT_CLASS)
            ((int32_t *)to)[i] = (int32_t)(unit * (double)input->classes);
        else
            netrt_put_real(to, s->model->precision, i, 2 * unit - 1);
    }
}

static enum netrt_status open_bench(struct bench *b)
{
    struct session *s = b->s;
    int inputs = s->description.input_count;
    enum netrt_status status = NETRT_OK;

    /* What learns is measured learning, unless the forward pass alone is asked for; what does not has nothing else. */
    b->program = s->options->inference ? netrt_model_program(s->model, "evaluate") : netrt_model_program(s->model, "train");
    if (b->program == NULL)
        b->program = netrt_model_program(s->model, "predict");
    b->input = calloc((size_t)inputs + 1, sizeof *b->input);
    b->kernel_seconds = calloc((size_t)s->model->kernel_count + 1, sizeof *b->kernel_seconds);
    b->kernel_step = calloc((size_t)s->model->kernel_count + 1, sizeof *b->kernel_step);
    if (b->input == NULL || b->kernel_step == NULL || b->kernel_seconds == NULL)
        return netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for random data");
    for (int i = 0; i < inputs && status == NETRT_OK; i++) {
        const struct netrt_input *input = &s->description.input[i];
        status = netrt_memory_map(&b->input[i], netrt_input_bytes(input, s->model), input->name, &s->error);
        if (status == NETRT_OK)
            fill_input(s, i, b->input[i]);
    }
    if (status == NETRT_OK)
        status = netrt_weights_init(&s->description, s->model->precision, s->seed, s->uniform, &s->error);
    if (status == NETRT_OK && s->options->weights != NULL)
        status = netrt_weights_load(&s->description, s->model->precision, s->options->weights, s->uniform, &s->error);
    s->step.input = (const void *const *)b->input;
    s->step.samples = s->model->batch;
    s->step.block_count = netrt_block_count(s->model->batch);
    return status;
}

static void close_bench(struct bench *b)
{
    for (int i = 0; b->input != NULL && i < b->s->description.input_count; i++)
        netrt_memory_unmap(b->input[i], netrt_input_bytes(&b->s->description.input[i], b->s->model));
    free(b->input);
    free(b->kernel_step);
    free(b->kernel_seconds);
}

struct peak_run {
    double (*peak)(int64_t count);
    int64_t count;
    double flops[NETRT_POOL_MOST_THREADS];
};

static void run_peak(void *context, int64_t item)
{
    struct peak_run *run = context;

    run->flops[item] = run->peak(run->count);
}

static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* Whether what takes so many seconds would end in time. */
static bool has_room(const struct bench *b, double seconds)
{
    return netrt_seconds() + seconds <= b->deadline;
}

/* Flop/s of the generated code's multiply-adds on `threads` threads at once. The best try counts, since whatever else the machine
 * does can only make one slower. */
static void try_peak(struct bench *b, int threads, double *best)
{
    struct peak_run run = {.peak = b->s->model->peak, .count = b->peak_count};

    for (int tries = 0; tries < PEAK_TRIES;) {
        double begin = netrt_seconds(), flops = 0;
        netrt_pool_run(b->s->pool, threads, run_peak, &run);
        double seconds = netrt_seconds() - begin;
        for (int i = 0; i < threads; i++)
            flops += run.flops[i];
        if (seconds < peak_seconds && run.count < INT64_C(1) << 50) {
            run.count *= 2;
            continue;
        }
        *best = greater(*best, flops / seconds);
        tries++;
    }
    b->peak_count = run.count;
}

/* Seconds of a step, on average over `seconds`. */
static double time_steps(struct bench *b, double seconds)
{
    double begin = netrt_seconds(), now = begin;
    int64_t steps = 0;

    while (steps == 0 || now - begin < seconds) {
        netrt_step_run(b->s->pool, b->s->model, b->program, 0, b->program->phase_count, &b->s->step);
        steps++;
        now = netrt_seconds();
    }
    return (now - begin) / (double)steps;
}

static int add_time(void *context, int32_t kernel, int64_t item, double seconds)
{
    struct bench *b = context;

    (void)item;
    b->kernel_step[kernel] += seconds;
    return 0;
}

/* A step on one thread, in which each kernel is timed. Returns its seconds. */
static double time_kernels(struct bench *b)
{
    struct session *s = b->s;
    double begin = netrt_seconds();

    memset(b->kernel_step, 0, (size_t)s->model->kernel_count * sizeof b->kernel_step[0]);
    netrt_step_run_observed(s->model, b->program, 0, b->program->phase_count, &s->step, add_time, b);
    double seconds = netrt_seconds() - begin;
    for (int32_t k = 0; k < s->model->kernel_count; k++)
        if (b->kernel_seconds[k] <= 0 || b->kernel_step[k] < b->kernel_seconds[k])
            b->kernel_seconds[k] = b->kernel_step[k];
    return seconds;
}

/* Bytes a second that one thread copies between buffers larger than most caches, reads and writes counted. */
static double measure_bandwidth(const struct bench *b)
{
    unsigned char *from = malloc(STREAM_BYTES), *to = malloc(STREAM_BYTES);
    double best = 0;

    for (int i = 0; from != NULL && to != NULL && i < STREAM_TRIES && (i == 0 || has_room(b, 0)); i++) {
        memset(from, i, STREAM_BYTES);
        double begin = netrt_seconds();
        memcpy(to, from, STREAM_BYTES);
        double seconds = netrt_seconds() - begin;
        best = greater(best, seconds > 0 ? 2 * (double)STREAM_BYTES / seconds : 0);
    }
    free(from);
    free(to);
    return best;
}

static double kernel_flops(const struct bench *b, int32_t k)
{
    return 2 * netrt_kernel_multiply_adds(&b->s->model->kernel[k], b->s->step.samples);
}

/* Multiply-adds are counted exactly, so what a step or a kernel has reached the machine can do: on one that is never quiet long enough
 * for the peak's own loop, that is the better measurement. */
static void raise_peaks(struct bench *b)
{
    const struct session *s = b->s;

    b->peak = greater(b->peak, 2 * netrt_program_multiply_adds(s->model, b->program, s->step.samples) / b->seconds);
    for (int32_t k = 0; k < s->model->kernel_count; k++)
        if (b->kernel_seconds[k] > 0)
            b->peak_one = greater(b->peak_one, kernel_flops(b, k) / b->kernel_seconds[k]);
}

/* Peaks, steps and kernels take turns, and of each the best counts: so a machine that is busy for a while does not bend their ratio.
 * The first step touches all memory; it is what there is where it leaves no time for others. On one thread it may be the one in
 * which the kernels are timed, so that nothing takes more than a step beyond the seconds that were asked for. */
static void measure(struct bench *b)
{
    const int threads = netrt_pool_threads(b->s->pool);
    const bool kernels = b->s->options->kernels;
    const double asked = b->s->options->seconds / LEAST_ROUNDS, round = asked < round_seconds ? asked : round_seconds;
    const double first = kernels && threads == 1 ? time_kernels(b) : time_steps(b, 0);

    if (kernels && threads > 1)
        time_kernels(b);
    try_peak(b, threads, &b->peak);
    if (kernels) {
        try_peak(b, 1, &b->peak_one);
        b->bandwidth = measure_bandwidth(b);
    }
    while (has_room(b, round)) {
        double seconds = time_steps(b, round);
        b->seconds = b->seconds <= 0 || seconds < b->seconds ? seconds : b->seconds;
        try_peak(b, threads, &b->peak);
        if (kernels && has_room(b, 0)) {
            time_kernels(b);
            try_peak(b, 1, &b->peak_one);
        }
    }
    if (b->seconds <= 0)
        b->seconds = first;
    raise_peaks(b);
}

/* What a kernel would wait for at the measured peaks: arithmetic or memory. */
static const char *bound(const struct bench *b, const struct netrt_kernel *kernel)
{
    double flops = 2 * netrt_kernel_multiply_adds(kernel, b->s->step.samples);
    double bytes = netrt_kernel_bytes(kernel, b->s->step.samples);

    return flops * b->bandwidth >= bytes * b->peak_one ? "compute" : "memory";
}

/* Whether the program runs a kernel at all. */
static bool runs(const struct netrt_program *program, int32_t kernel)
{
    for (int32_t p = 0; p < program->phase_count; p++) {
        if (kernel >= program->phase[p].first && kernel < program->phase[p].first + program->phase[p].count)
            return true;
    }
    return false;
}

/* What is told of a kernel. */
struct row {
    const struct netrt_kernel *kernel;
    double seconds, share, gflops, peak_share, bytes; /* share: of the step's time on one thread */
    int32_t number;
};

static int by_time(const void *a, const void *b)
{
    const struct row *one = a, *other = b;

    if (one->seconds > other->seconds || one->seconds < other->seconds)
        return one->seconds > other->seconds ? -1 : 1;
    return one->number - other->number;
}

/* The kernels that run, the slowest first; the caller frees them. NULL if memory is out. */
static struct row *make_rows(const struct bench *b, int32_t *count, double *step)
{
    const struct netrt_model *model = b->s->model;
    struct row *rows = calloc((size_t)model->kernel_count + 1, sizeof *rows);
    const int64_t samples = b->s->step.samples;

    *count = 0;
    *step = 0;
    for (int32_t k = 0; rows != NULL && k < model->kernel_count; k++) {
        const struct netrt_kernel *kernel = &model->kernel[k];
        const double seconds = b->kernel_seconds[k];
        if (!runs(b->program, k))
            continue;
        const double speed = seconds > 0 ? kernel_flops(b, k) / seconds : 0;
        rows[(*count)++] = (struct row){
            kernel, seconds, 0, speed / 1e9, b->peak_one > 0 ? speed / b->peak_one : 0, netrt_kernel_bytes(kernel, samples), k};
        *step += seconds;
    }
    for (int32_t i = 0; i < *count; i++)
        rows[i].share = *step > 0 ? rows[i].seconds / *step : 0;
    if (rows != NULL)
        qsort(rows, (size_t)*count, sizeof *rows, by_time);
    return rows;
}

static void print_kernels(const struct bench *b, const struct row *rows, int32_t count, double step)
{
    printf("\non one thread: %.4f ms a step, peak %.1f GFLOP/s, memory %.1f GB/s\n", 1e3 * step, b->peak_one / 1e9,
           b->bandwidth / 1e9);
    printf("%10s %7s %10s %7s %14s  %-8s kernel\n", "ms", "step", "GFLOP/s", "peak", "bytes", "bound");
    for (int32_t i = 0; i < count; i++) {
        const struct row *r = &rows[i];
        printf("%10.4f %6.1f%% %10.2f %6.1f%% %14.0f  %-8s %s\n", 1e3 * r->seconds, 100 * r->share, r->gflops, 100 * r->peak_share,
               r->bytes, bound(b, r->kernel), r->kernel->name);
    }
}

static json_t *kernels_json(const struct bench *b, const struct row *rows, int32_t count)
{
    json_t *list = json_array();

    for (int32_t i = 0; i < count; i++) {
        const struct row *r = &rows[i];
        json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:s}", "name", r->kernel->name, "milliseconds",
                                              1e3 * r->seconds, "share", r->share, "gflops", r->gflops, "peak_share", r->peak_share,
                                              "bytes", r->bytes, "bound", bound(b, r->kernel)));
    }
    return list;
}

static void report(const struct bench *b, const struct row *rows, int32_t count, double one_thread)
{
    const struct session *s = b->s;
    double step = b->seconds, samples = (double)s->step.samples / step;
    double flops = 2 * netrt_program_multiply_adds(s->model, b->program, s->step.samples) / step;
    double share = b->peak > 0 ? flops / b->peak : 0;
    int threads = netrt_pool_threads(s->pool);

    if (s->options->log == NETRT_LOG_JSON) {
        json_t *line = json_pack("{s:f, s:f, s:f, s:f, s:f, s:i, s:I}", "samples_per_second", samples, "milliseconds_per_step",
                                 1e3 * step, "gflops", flops / 1e9, "peak_gflops", b->peak / 1e9, "peak_share", share, "threads",
                                 threads, "batch", (json_int_t)s->step.samples);
        if (s->options->kernels)
            json_object_set_new(line, "kernels", kernels_json(b, rows, count));
        json_dumpf(line, stdout, JSON_STYLE);
        fputc('\n', stdout);
        json_decref(line);
        return;
    }
    printf("%s %s: %.0f samples/s, %.4f ms a step of %" PRId64 ", %d thread%s\n", s->description.net,
           strcmp(b->program->name, "train") == 0 ? "training" : "inference", samples, 1e3 * step, s->step.samples, threads,
           threads > 1 ? "s" : "");
    printf("%.2f GFLOP/s, %.1f%% of the measured peak of %.2f\n", flops / 1e9, 100 * share, b->peak / 1e9);
    if (s->options->kernels)
        print_kernels(b, rows, count, one_thread);
}

int command_bench(struct session *s)
{
    struct bench b = {.s = s, .deadline = netrt_seconds() + s->options->seconds, .peak_count = 1000};
    enum netrt_status status = open_bench(&b);

    if (status == NETRT_OK) {
        double one_thread;
        int32_t count;
        measure(&b);
        struct row *rows = make_rows(&b, &count, &one_thread);
        if (rows != NULL)
            report(&b, rows, count, one_thread);
        else
            status = netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for the table of kernels");
        free(rows);
    }
    close_bench(&b);
    return status == NETRT_OK ? 0 : session_report(s);
}
