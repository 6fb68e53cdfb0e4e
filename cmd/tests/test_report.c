#include "capture.h"
#include "model/base/span.h"
#include "report.h"
#include "suites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void assert_reported(const char *expected)
{
        char *said = capture_end();
        ck_assert_str_eq(said, expected);
        free(said);
}

START_TEST(report_is_one_line)
{
        capture_start();
        sc_report("/run/vm.sock", "%s (%d)", "in use", 7);
        assert_reported("serialcon: /run/vm.sock: in use (7)\n");
}
END_TEST

START_TEST(usage_report_gives_the_status)
{
        capture_start();
        int status = sc_report_usage("--buffer 12Q", "expected a size");
        assert_reported("serialcon: --buffer 12Q: expected a size\n");
        ck_assert_int_eq(status, 2);
}
END_TEST

START_TEST(control_characters_are_shown_as_question_marks)
{
        capture_start();
        sc_report("\x1b]0;x\x07", "a\nb\tc\x7f \xc2\x9b 1m \xc3\xa4 \xc2");
        assert_reported("serialcon: ?]0;x?: a?b?c? ? 1m \xc3\xa4 ?\n");
}
END_TEST

START_TEST(output_that_fails_is_said_unless_nobody_reads_it)
{
        static const struct {
                int error, status;
                const char *said;
        } rows[] = {
                { 0, 0, "" },
                { EPIPE, 0, "" },
                { ENOSPC, 1, "serialcon: standard output: No space left on device\n" },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                capture_start();
                ck_assert_int_eq(sc_report_output_error(rows[i].error), rows[i].status);
                assert_reported(rows[i].said);
        }
}
END_TEST

/* Whatever the lengths of its two parts, around the limit and far above. */
START_TEST(long_report_is_cut_and_says_so)
{
        static char what[3 * SC_REPORT_BYTES_MAX], why[3 * SC_REPORT_BYTES_MAX];
        size_t length = (size_t)_i;

        memset(what, 'a', length);
        memset(why, 'b', sizeof(why) - 1);
        capture_start();
        sc_report(what, "%s", why);
        char *said = capture_end();
        size_t said_length = strlen(said);
        ck_assert_uint_le(said_length, SC_REPORT_BYTES_MAX);
        ck_assert_uint_ge(said_length, SC_REPORT_BYTES_MAX - 1);
        ck_assert_str_eq(said + said_length - 4, "...\n");
        free(said);
}
END_TEST

Suite *report_suite(void)
{
        Suite *suite = suite_create("report");
        TCase *lines = tcase_create("lines");

        tcase_add_test(lines, report_is_one_line);
        tcase_add_test(lines, usage_report_gives_the_status);
        tcase_add_test(lines, control_characters_are_shown_as_question_marks);
        tcase_add_test(lines, output_that_fails_is_said_unless_nobody_reads_it);
        tcase_add_loop_test(lines, long_report_is_cut_and_says_so, SC_REPORT_BYTES_MAX - 20,
                            SC_REPORT_BYTES_MAX + 20);
        suite_add_tcase(suite, lines);
        return suite;
}
