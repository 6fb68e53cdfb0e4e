#include "file_argument.h"

#include "capture.h"
#include "model/base/span.h"
#include "suites.h"

#include <stdlib.h>
#include <string.h>

START_TEST(file_is_a_path_with_settings_or_standard_output)
{
        static const struct {
                const char *text, *path;
                bool output;
                uint64_t max_bytes;
                unsigned keep;
                bool timestamps;
        } rows[] = {
                { "vm.log", "vm.log", false, 1 << 20, 8, false },
                { "./-", "./-", false, 1 << 20, 8, false },
                { "-", "", true, 1 << 20, 8, false },
                { "/dev/stdout", "", true, 1 << 20, 8, false },
                { "-,timestamps", "", true, 1 << 20, 8, true },
                { "/a b/c,max=4K", "/a b/c", false, 4096, 8, false },
                { "x,keep=1", "x", false, 1 << 20, 1, false },
                { "x,timestamps,keep=1000,max=2G", "x", false, UINT64_C(1) << 31, 1000, true },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct file_argument file = { .keep = 77 };
                ck_assert_ptr_null(sc_file_argument_log(rows[i].text, &file));
                ck_assert_str_eq(file.path, rows[i].path);
                ck_assert(file.output == rows[i].output && file.timestamps == rows[i].timestamps);
                ck_assert(file.max_bytes == rows[i].max_bytes && file.keep == rows[i].keep);
        }
}
END_TEST

START_TEST(file_that_is_none_is_refused)
{
        static const char *const wrong[] = {
                "",           ",",           "x,",         "x,max",        "x,max=",
                "x,max=4095", "x,keep=",     "x,keep=0",   "x,keep=1001",  "x,keep=-1",
                "x,max=1M,",  "x,timestamp", "-,keep=1",   "-,max=1M",     "-,",
                "x,max=1M ",  "x, max=1M",   "x,max=1M,x", "x,timestampss"
        };
        struct file_argument file = { .keep = 77 };
        for (size_t i = 0; i < SC_COUNT(wrong); i++)
                ck_assert_msg(sc_file_argument_log(wrong[i], &file) != NULL && file.keep == 77,
                              "\"%s\" was read", wrong[i]);
        ck_assert_ptr_nonnull(sc_file_argument_events("x,timestamps", &file));
        ck_assert_ptr_nonnull(sc_file_argument_events("-,timestamps", &file));
        ck_assert_ptr_null(sc_file_argument_events("x,keep=2", &file));
}
END_TEST

START_TEST(trace_has_no_limit_and_no_input_unless_it_is_said)
{
        static const struct {
                const char *text;
                uint64_t max_bytes;
                unsigned keep;
                bool output, input;
        } rows[] = {
                { "x", 0, SC_FILE_ARGUMENT_TRACE_KEEP_DEFAULT, false, false },
                { "x,max=64K", 65536, SC_FILE_ARGUMENT_TRACE_KEEP_DEFAULT, false, false },
                { "x,input,max=4K", 4096, SC_FILE_ARGUMENT_TRACE_KEEP_DEFAULT, false, true },
                { "x,keep=1,input", 0, 1, false, true },
                { "x,keep=1000", 0, 1000, false, false },
                { "-,input", 0, SC_FILE_ARGUMENT_TRACE_KEEP_DEFAULT, true, true },
                { "-,max=1M", 1 << 20, SC_FILE_ARGUMENT_TRACE_KEEP_DEFAULT, true, false },
        };
        static const char *const wrong[] = { "",     ",",        "x,",           "x,max=4095", "x,max=",
                                             "x,in", "x,keep=0", "x,timestamps", "-,keep=2",   "x,input=1" };
        struct file_argument file;
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                ck_assert_ptr_null(sc_file_argument_trace(rows[i].text, &file));
                ck_assert(file.output == rows[i].output && file.input == rows[i].input);
                ck_assert_uint_eq(file.max_bytes, rows[i].max_bytes);
                ck_assert_uint_eq(file.keep, rows[i].keep);
                ck_assert_str_eq(file.path, rows[i].output ? "" : "x");
        }
        for (size_t i = 0; i < SC_COUNT(wrong); i++)
                ck_assert_msg(sc_file_argument_trace(wrong[i], &file) != NULL, "\"%s\" was read", wrong[i]);
        ck_assert_ptr_nonnull(sc_file_argument_log("x,input", &file));
}
END_TEST

START_TEST(older_files_have_its_name_too)
{
        static const char *const its[] = { "x", "x.1", "x.1000", "./x", ".//x.1" };
        static const char *const others[] = { "",     "y",  "xx", "x.", "x.a",
                                              "x.1a", "x1", "/x", "x/", "/no/such/x" };

        for (size_t i = 0; i < SC_COUNT(its); i++)
                ck_assert_msg(sc_file_argument_has_name("x", its[i]), "%s", its[i]);
        for (size_t i = 0; i < SC_COUNT(others); i++)
                ck_assert_msg(!sc_file_argument_has_name("x", others[i]), "%s", others[i]);
}
END_TEST

static void assert_said(int status, int expected_status, const char *expected)
{
        char *said = capture_end();

        ck_assert_str_eq(said, expected);
        ck_assert_int_eq(status, expected_status);
        free(said);
}

START_TEST(file_that_cannot_be_made_is_named)
{
        static const struct {
                const char *path;
                int status;
                const char *said;
        } rows[] = {
                { "", 0, "" },
                { "new", 0, "" },
                { "/dev/null", 0, "" },
                { "/", 2, "serialcon: --log /: Is a directory\n" },
                { "no/x", 2, "serialcon: --log no/x: its folder: No such file or directory\n" },
                { "/dev/null/x", 2, "serialcon: --log /dev/null/x: its folder: Not a directory\n" },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct file_argument file = { .output = rows[i].path[0] == '\0' };
                strcpy(file.path, rows[i].path);
                capture_start();
                assert_said(sc_file_argument_check("log", &file), rows[i].status, rows[i].said);
        }
}
END_TEST

START_TEST(two_do_not_share_a_file)
{
        static const struct {
                const char *file, *other;
                const char *said;
        } rows[] = {
                { "x", "y", "" },
                { "x", "-", "" },
                { "x", "x", "serialcon: --trace: --log has this file: x\n" },
                { "x.2", "x", "serialcon: --trace: --log has this file: x\n" },
                { "x", "x.2", "serialcon: --trace: --log has this file: x.2\n" },
                { "-", "-", "serialcon: --trace -: --log has standard output\n" },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                static struct file_argument file, other, none;
                ck_assert_ptr_null(sc_file_argument_trace(rows[i].file, &file));
                ck_assert_ptr_null(sc_file_argument_log(rows[i].other, &other));
                capture_start();
                assert_said(sc_file_argument_check_pair("trace", &file, "log", &other),
                            rows[i].said[0] == '\0' ? 0 : 2, rows[i].said);
                ck_assert_int_eq(sc_file_argument_check_pair("trace", &file, "log", &none), 0);
        }
}
END_TEST

START_TEST(only_lines_go_on_in_another_file)
{
        static struct file_argument file;

        ck_assert_ptr_null(sc_file_argument_trace("x,max=4K,keep=3", &file));
        struct sc_file_spec lines = sc_file_argument_lines(&file);
        ck_assert_str_eq(lines.path, "x");
        ck_assert(lines.max_bytes == 4096 && lines.keep == 3 && !lines.once && !lines.output);
        struct sc_trace_file_config records = sc_file_argument_records(&file);
        ck_assert_str_eq(records.file.path, "x");
        ck_assert(records.max_bytes == 4096 && records.file.max_bytes == 0);
        ck_assert(records.file.keep == 3 && records.file.once);

        ck_assert_ptr_null(sc_file_argument_trace("-", &file));
        ck_assert(sc_file_argument_is_given(&file));
        ck_assert(sc_file_argument_records(&file).file.output && sc_file_argument_lines(&file).path == NULL);
        ck_assert(!sc_file_argument_is_given(&(struct file_argument) { .keep = 8 }));
}
END_TEST

Suite *file_argument_suite(void)
{
        Suite *suite = suite_create("file_argument");
        TCase *text = tcase_create("text");
        TCase *use = tcase_create("use");

        tcase_add_test(text, file_is_a_path_with_settings_or_standard_output);
        tcase_add_test(text, file_that_is_none_is_refused);
        tcase_add_test(text, trace_has_no_limit_and_no_input_unless_it_is_said);
        tcase_add_test(use, older_files_have_its_name_too);
        tcase_add_test(use, file_that_cannot_be_made_is_named);
        tcase_add_test(use, two_do_not_share_a_file);
        tcase_add_test(use, only_lines_go_on_in_another_file);
        suite_add_tcase(suite, text);
        suite_add_tcase(suite, use);
        return suite;
}
