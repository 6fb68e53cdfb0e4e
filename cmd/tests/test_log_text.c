#include "log_text.h"
#include "suites.h"

#include "model/base/bounds.h"
#include "model/base/span.h"
#include "time_format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct sc_log_text text;
static char *printed;
static size_t printed_length;

static void start(bool timed, bool harmless)
{
        sc_time_format_use_utc();
        text = (struct sc_log_text) {
                .stream = open_memstream(&printed, &printed_length),
                .timed = timed,
                .harmless = harmless,
                .wall_offset_ns = (int64_t)(3600 * SC_NS_PER_S),
        };
        ck_assert_ptr_nonnull(text.stream);
}

static void put(const char *bytes, size_t length, uint64_t seconds)
{
        sc_log_text_put(&text, (const uint8_t *)bytes, length, seconds * SC_NS_PER_S);
}

static void end(const char *expected)
{
        sc_log_text_flush(&text);
        ck_assert_int_eq(text.error, 0);
        ck_assert_int_eq(fclose(text.stream), 0);
        ck_assert_str_eq(printed, expected);
        free(printed);
}

#define AT(seconds) "1970-01-01T01:00:0" #seconds ".000+00:00 "

/* What was printed, and what becomes of it with times: each line end counts once. */
static const struct {
        const char *bytes, *timed;
} rows[] = {
        { "", "" },
        { "a", AT(1) "a" },
        { "a\nb", AT(1) "a\n" AT(1) "b" },
        { "a\r\nb\r\n", AT(1) "a\r\n" AT(1) "b\r\n" },
        { "a\rb\r", AT(1) "a\r" AT(1) "b\r" },
        { "\n\r\n\r\r\n", AT(1) "\n" AT(1) "\r\n" AT(1) "\r" AT(1) "\r\n" },
        { "\x1b[0m\r\n\x80", AT(1) "\x1b[0m\r\n" AT(1) "\x80" },
};

START_TEST(times_lead_each_line_at_every_split)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                size_t length = strlen(rows[i].bytes);
                for (size_t cut = 0; cut <= length; cut++) {
                        start(true, false);
                        put(rows[i].bytes, cut, 1);
                        put(rows[i].bytes + cut, length - cut, 1);
                        end(rows[i].timed);

                        start(false, false);
                        put(rows[i].bytes, cut, 1);
                        put(rows[i].bytes + cut, length - cut, 1);
                        end(rows[i].bytes);
                }
        }
}
END_TEST

START_TEST(time_of_a_line_is_that_of_its_first_byte)
{
        start(true, false);
        put("a", 1, 1);
        put("b\r", 2, 2);
        put("\nc\r", 3, 3);
        put("d", 1, 4);
        end(AT(1) "ab\r\n" AT(3) "c\r" AT(4) "d");
}
END_TEST

START_TEST(terminal_gets_what_is_harmless)
{
        start(true, true);
        put("\x1b[6n\xc3", 5, 1);
        put("\xa4\r\n", 3, 2);
        put("\x9b", 1, 3);
        end(AT(1) "[6n\xc3\xa4\r\n" AT(3));
}
END_TEST

START_TEST(gap_ends_a_line)
{
        start(true, false);
        put("a", 1, 1);
        sc_log_text_gap(&text);
        put("\nb\n", 3, 2);
        sc_log_text_gap(&text);
        put("c\r", 2, 3);
        sc_log_text_gap(&text);
        put("\n", 1, 4);
        end(AT(1) "a" AT(2) "\n" AT(2) "b\n" AT(3) "c\r" AT(4) "\n");

        start(false, true);
        put("a\xc3", 2, 1);
        sc_log_text_gap(&text);
        put("\xa4"
            "b\n",
            3, 2);
        sc_log_text_gap(&text);
        put("c", 1, 3);
        end("a\nb\nc");
}
END_TEST

START_TEST(failed_write_is_remembered)
{
        start(false, false);
        fclose(text.stream);
        free(printed);
        text.stream = fopen("/dev/full", "w");
        put("a", 1, 1);
        sc_log_text_flush(&text);
        ck_assert_int_eq(text.error, -ENOSPC);
        put("b", 1, 1);
        sc_log_text_flush(&text);
        ck_assert_int_eq(text.error, -ENOSPC);
        fclose(text.stream);
}
END_TEST

Suite *log_text_suite(void)
{
        Suite *suite = suite_create("log_text");
        TCase *lines = tcase_create("lines");

        tcase_add_test(lines, times_lead_each_line_at_every_split);
        tcase_add_test(lines, time_of_a_line_is_that_of_its_first_byte);
        tcase_add_test(lines, terminal_gets_what_is_harmless);
        tcase_add_test(lines, gap_ends_a_line);
        tcase_add_test(lines, failed_write_is_remembered);
        suite_add_tcase(suite, lines);
        return suite;
}
