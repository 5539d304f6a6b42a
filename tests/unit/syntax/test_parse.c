#include "compiler/syntax/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/parse_fixture.h"

/* Each test works in a folder of its own: the current one while it runs. */
struct folder {
    struct parse_fixture *f;
    char path[64];
    int home;
};

static struct folder folder;

static int enter_folder(void **state)
{
    parse_fixture_setup(state);
    folder.f = *state;
    strcpy(folder.path, "/tmp/netc-parse-XXXXXX");
    folder.home = open(".", O_RDONLY | O_DIRECTORY);
    return folder.home < 0 || mkdtemp(folder.path) == NULL || chdir(folder.path) != 0 || mkdir("in", 0700) != 0 ||
           mkdir("out", 0700) != 0;
}

static void remove_below(const char *path)
{
    char command[160];

    snprintf(command, sizeof command, "rm -rf -- '%s'", path);
    if (system(command) != 0)
        fail_msg("cannot remove %s", path);
}

static int leave_folder(void **state)
{
    const int back = fchdir(folder.home);

    close(folder.home);
    remove_below(folder.path);
    parse_fixture_teardown(state);
    return back;
}

static void write_bytes(const char *path, const char *bytes, size_t length)
{
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

static void write_text(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

static enum parse_status parse_with(const char *path, const struct parse_options *options)
{
    struct parse_fixture *f = folder.f;

    diags_init(&f->ds, f->arena, &f->sources);
    f->sources.file.count = 0;
    return parse_file(path, options, f->arena, f->names, &f->sources, &f->ds, &f->ast);
}

static enum parse_status parse(const char *path)
{
    return parse_with(path, NULL);
}

/* The names of the constants, in order. */
static const char *constants(void)
{
    const char *names = "";

    for (const struct ast_decl *d = folder.f->ast.decls; d != NULL; d = d->next)
        if (d->kind == AST_CONST)
            names = arena_printf(folder.f->arena, "%s%s ", names, d->name.text);
    return names;
}

static void includes_are_resolved_against_the_including_file_and_read_once(void **state)
{
    (void)state;
    write_text("in/main.net", "const a = 1; include \"sub/one.net\"; include \"two.net\"; const d = 1;");
    assert_int_equal(mkdir("in/sub", 0700), 0);
    write_text("in/sub/one.net", "include \"../two.net\"; const b = 1;");
    write_text("in/two.net", "const c = 1;");
    assert_int_equal(parse("in/main.net"), PARSE_OK);
    assert_string_equal(constants(), "a c b d ");
    assert_int_equal(folder.f->sources.file.count, 3);
    assert_string_equal(folder.f->sources.file.at[1].name, "in/sub/one.net");
}

static void a_file_is_the_same_under_another_name(void **state)
{
    (void)state;
    write_text("in/main.net", "include \"a.net\"; include \"./a.net\"; include \"b.net\";");
    write_text("in/a.net", "const a = 1;");
    assert_int_equal(symlink("a.net", "in/b.net"), 0);
    assert_int_equal(parse("in/main.net"), PARSE_OK);
    assert_string_equal(constants(), "a ");
}

static void a_cycle_is_printed(void **state)
{
    (void)state;
    write_text("in/main.net", "include \"a.net\";\n");
    write_text("in/a.net", "const a = 1;\ninclude \"b.net\";\n");
    write_text("in/b.net", "include \"a.net\";\n");
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(printed_diags(folder.f, DIAG_TEXT),
                        "in/b.net:1:9: error: files include each other: in/a.net -> in/b.net -> in/a.net\n"
                        "    1 | include \"a.net\";\n"
                        "      |         ^~~~~~~\n"
                        "in/a.net:2:9: note: included from here\n"
                        "in/main.net:1:9: note: included from here\n");
    write_text("in/main.net", "include \"main.net\";");
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(first_message(folder.f), "files include each other: in/main.net -> in/main.net");
}

static void errors_in_an_included_file_say_where_it_was_included(void **state)
{
    (void)state;
    write_text("in/main.net", "include \"a.net\";");
    write_text("in/a.net", "const a 1;");
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(folder.f->ds.first->calls->text, "included from here");
}

static void only_files_below_the_main_one_are_read(void **state)
{
    (void)state;
    const char *const dirs[] = {"out"};
    const struct parse_options allowed = {dirs, 1};

    write_text("in/main.net", "include \"../out/a.net\";");
    write_text("out/a.net", "const a = 1;");
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(first_message(folder.f), "'../out/a.net' lies outside the folder of the main file");
    assert_string_equal(first_hint(folder.f), "allow its folder with -I DIR");
    assert_int_equal(parse_with("in/main.net", &allowed), PARSE_OK);
    write_text("in/main.net", "include \"a.net\";");
    assert_int_equal(parse_with("in/main.net", &allowed), PARSE_OK);
}

static void a_link_out_of_the_folder_is_refused(void **state)
{
    (void)state;
    write_text("in/main.net", "include \"link.net\";");
    write_text("out/a.net", "const a = 1;");
    assert_int_equal(symlink("../out/a.net", "in/link.net"), 0);
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(first_message(folder.f), "'link.net' lies outside the folder of the main file");
    assert_int_equal(mkdir("in2", 0700), 0);
    write_text("in2/a.net", "const a = 1;");
    write_text("in/main.net", "include \"../in2/a.net\";");
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
}

static void what_is_no_regular_file_is_not_included(void **state)
{
    (void)state;
    write_text("in/main.net", "include \"pipe\"; include \"sub\"; include \"none.net\"; include \"\";");
    assert_int_equal(mkfifo("in/pipe", 0600), 0);
    assert_int_equal(mkdir("in/sub", 0700), 0);
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_int_equal(folder.f->ds.errors, 4);
    assert_string_equal(first_message(folder.f), "'in/pipe' is not a regular file");
    assert_string_equal(folder.f->ds.first->next->next->text, "cannot find 'none.net': No such file or directory");
}

static void includes_may_be_two_hundred_files_deep(void **state)
{
    (void)state;
    char path[32], text[64];

    for (int i = 0; i <= 201; i++) {
        snprintf(path, sizeof path, "in/%d.net", i);
        snprintf(text, sizeof text, i < 200 ? "include \"%d.net\";" : "const a = %d;", i + 1);
        write_text(path, text);
    }
    assert_int_equal(parse("in/0.net"), PARSE_OK);
    assert_string_equal(constants(), "a ");
    write_text("in/200.net", "include \"201.net\";");
    assert_int_equal(parse("in/0.net"), PARSE_ERRORS);
    assert_int_equal(folder.f->ds.first->code, DIAG_INCLUDE_DEPTH);
}

static void a_main_file_that_cannot_be_read_is_no_diagnostic(void **state)
{
    (void)state;
    assert_int_equal(parse("in/none.net"), PARSE_CANNOT_READ);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(parse("in"), PARSE_NOT_REGULAR);
    assert_int_equal(folder.f->ds.errors, 0);
}

static void a_file_has_at_most_16_mib(void **state)
{
    (void)state;
    write_text("in/main.net", "# ");
    assert_int_equal(truncate("in/main.net", 16 * 1024 * 1024 + 1), 0);
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_int_equal(folder.f->ds.first->code, DIAG_TOO_LARGE);
    assert_int_equal(parse("/dev/zero"), PARSE_NOT_REGULAR);

    write_text("in/large.net", "#");
    assert_int_equal(truncate("in/large.net", 16 * 1024 * 1024 + 1), 0);
    write_text("in/main.net", "include \"large.net\";");
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(first_message(folder.f), "'in/large.net' is larger than 16 MiB");

    char *comment = malloc(16 * 1024 * 1024);
    memset(comment, '#', 16 * 1024 * 1024);
    write_bytes("in/main.net", comment, 16 * 1024 * 1024);
    free(comment);
    assert_int_equal(parse("in/main.net"), PARSE_OK);
}

static void what_is_not_utf8_is_reported_at_its_byte(void **state)
{
    (void)state;
    write_text("in/main.net", "# caf\xe9\n");
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(first_message(folder.f), "the byte 0xE9 is not valid UTF-8 here");
    assert_int_equal(folder.f->ds.first->at.begin, 5);
    write_bytes("in/main.net", "# a\0b\n", 6);
    assert_int_equal(parse("in/main.net"), PARSE_ERRORS);
    assert_string_equal(first_message(folder.f), "the file contains a NUL byte");
}

/* A fan of large files: each was kept three times. */
static void the_text_of_a_file_is_kept_once(void **state)
{
    const size_t length = 1000000;
    char *text = arena_alloc(folder.f->arena, length);
    struct ast ast;

    (void)state;
    write_text("main.net", "include \"in/large.net\";\ninclude \"in/large.net\";\n");
    memset(text, '#', length);
    write_bytes("in/large.net", text, length);
    const size_t before = arena_bytes(folder.f->arena);
    assert_int_equal(parse_file("main.net", NULL, folder.f->arena, folder.f->names, &folder.f->sources, &folder.f->ds, &ast),
                     PARSE_OK);
    assert_true(arena_bytes(folder.f->arena) - before < length + length / 10);
}

static void a_text_alone_includes_nothing(void **state)
{
    parse_outcome(*state, "include \"a.net\";");
    assert_string_equal(first_message(*state), "there is no file here to include from");
}

#define folder_test(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(includes_are_resolved_against_the_including_file_and_read_once),
        folder_test(the_text_of_a_file_is_kept_once),
        folder_test(a_file_is_the_same_under_another_name),
        folder_test(a_cycle_is_printed),
        folder_test(errors_in_an_included_file_say_where_it_was_included),
        folder_test(only_files_below_the_main_one_are_read),
        folder_test(a_link_out_of_the_folder_is_refused),
        folder_test(what_is_no_regular_file_is_not_included),
        folder_test(includes_may_be_two_hundred_files_deep),
        folder_test(a_main_file_that_cannot_be_read_is_no_diagnostic),
        folder_test(a_file_has_at_most_16_mib),
        folder_test(what_is_not_utf8_is_reported_at_its_byte),
        parse_test(a_text_alone_includes_nothing),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
