/* netc: the command line. Exit statuses: driver/status.h. */
#include "compiler/driver/compilation.h"
#include "compiler/driver/message.h"
#include "compiler/driver/options.h"
#include "compiler/driver/output.h"
#include "compiler/driver/signals.h"

/* Of several files each is seen to; the worst status counts. */
static enum status run(int argc, char **argv, struct arena *a)
{
    struct options options;
    bool finished;
    enum status status = options_parse(argc, argv, a, &options, &finished);

    if (status != STATUS_DONE || finished)
        return status;
    for (size_t i = 0; i < options.files.count; i++) {
        struct arena *own = arena_create(end_out_of_memory);
        enum status one = compile(&options, options.files.at[i], own);
        status = one > status ? one : status;
        arena_destroy(own);
    }
    return status;
}

int main(int argc, char **argv)
{
    signals_catch();
    struct arena *a = arena_create(end_out_of_memory);
    enum status status = run(argc, argv, a);
    enum status closed = output_close_stdout();

    signals_clean_up();
    arena_destroy(a);
    return (int)(status == STATUS_DONE ? closed : status);
}
