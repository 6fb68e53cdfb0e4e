#include "suites.h"

#include "claim.h"
#include "model/base/span.h"
#include "model/console/log_lines.h"
#include "split.h"

#include <string.h>

static struct sc_log_lines lines;
static char told[20000]; /* the lines, each with an LF behind it */
static size_t told_length;

static void start(void)
{
        memset(&lines, 0, sizeof(lines));
        told_length = 0;
}

static void tell(void)
{
        claim_uint(lines.length, <=, SC_LOG_LINE_BYTES_MAX);
        claim_uint(told_length + lines.length, <, sizeof(told));
        memcpy(told + told_length, lines.text, lines.length);
        told_length += lines.length;
        told[told_length++] = '\n';
        sc_log_lines_taken(&lines);
}

static void feed_at(const uint8_t *bytes, size_t length, uint64_t now_ns)
{
        for (size_t at = 0; at < length;) {
                bool whole;
                at += sc_log_lines_feed(&lines, bytes + at, length - at, now_ns, &whole);
                if (whole)
                        tell();
        }
}

static void feed(const uint8_t *bytes, size_t length)
{
        feed_at(bytes, length, 1);
}

static void feed_string(const char *string)
{
        feed((const uint8_t *)string, strlen(string));
}

static void finish(void)
{
        if (sc_log_lines_finish(&lines))
                tell();
}

/* What the guest says, and the lines that come of it once it is finished. */
static const struct row {
        const char *bytes, *lines;
} rows[] = {
        { "", "" },
        { "a", "a\n" },
        { "a\nb\r\nc\rd", "a\nb\nc\nd\n" },
        { "\n\r\n\r\r\n", "\n\n\n\n" },
        { "a\tb\\n\n", "a\tb\\\\n\n" },
        { "\x1b[31mred\x7f\x01\n", "\\x1b[31mred\\x7f\\x01\n" },
        { "gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x98\x80\n",
          "gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x98\x80\n" },
        { "\xc2\x9b\x36n\n", "\\xc2\\x9b6n\n" },                  /* C1, as a character */
        { "\x9b\xff\xc0\xaf\n", "\\x9b\\xff\\xc0\\xaf\n" },       /* never UTF-8 */
        { "\xe2\x82\n\xe2\x82z\n", "\\xe2\\x82\n\\xe2\\x82z\n" }, /* cut by an end, and by a character */
        { "\xf0\x9f\xe2\x82\xac\n", "\\xf0\\x9f\xe2\x82\xac\n" }, /* cut by another one's start */
        { "\xc3", "\\xc3\n" },
};
static const struct row *row;

static void check(void)
{
        finish();
        if (told_length != strlen(row->lines) || memcmp(told, row->lines, told_length) != 0)
                ck_abort_msg("\"%s\" became \"%.*s\"", row->bytes, (int)told_length, told);
}

START_TEST(lines_are_told_at_every_split)
{
        static const struct splitter splitter = { start, feed, check };
        for (row = rows; row < rows + SC_COUNT(rows); row++)
                at_every_split((const uint8_t *)row->bytes, strlen(row->bytes), &splitter);
}
END_TEST

START_TEST(every_byte_can_be_told_from_the_text)
{
        for (unsigned byte = 0; byte < 256; byte++) {
                if (byte == '\n' || byte == '\r')
                        continue;
                start();
                feed(&(const uint8_t) { (uint8_t)byte }, 1);
                finish();
                bool as_it_is = byte == '\t' || (byte >= 0x20 && byte < 0x7f && byte != '\\');
                size_t length = as_it_is ? 1 : byte == '\\' ? 2 : 4;
                claim_uint(told_length, ==, length + 1);
                claim(!as_it_is || told[0] == (char)byte);
        }
}
END_TEST

START_TEST(a_line_is_told_when_its_end_has_come)
{
        start();
        feed_string("login: ");
        ck_assert_uint_eq(told_length, 0);
        feed_string("root\r");
        ck_assert_uint_eq(told_length, strlen("login: root\n"));
        feed_string("\n");
        ck_assert(told_length == strlen("login: root\n") && !lines.begun);
}
END_TEST

START_TEST(an_unfinished_line_has_the_time_of_its_first_byte)
{
        start();
        feed_at((const uint8_t *)"a\nb", 3, 5);
        feed_at((const uint8_t *)"c", 1, 9);
        ck_assert(lines.begun && lines.begun_ns == 5);
        finish();
        ck_assert(!lines.begun && !sc_log_lines_finish(&lines));
        ck_assert_str_eq(told, "a\nbc\n");
}
END_TEST

/* Of bytes that each become as much text as can be. */
START_TEST(a_line_that_is_too_long_goes_on_in_the_next)
{
        enum { LONG = 3000 };
        size_t escapes = 0;
        start();
        for (int i = 0; i < LONG; i++)
                feed((const uint8_t *)"\x80", 1);
        feed_string("\nshort\n");
        for (size_t at = 0; at < told_length; at++)
                escapes += told[at] == '\\';
        ck_assert_uint_eq(escapes, LONG);
        ck_assert_mem_eq(told + told_length - 7, "\nshort\n", 7);
}
END_TEST

START_TEST(a_line_of_any_length_has_one_end)
{
        uint8_t bytes[2 * SC_LOG_LINE_BYTES_MAX];
        memset(bytes, 'x', sizeof(bytes));
        for (size_t length = SC_LOG_LINE_BYTES_MAX - 64; length < SC_LOG_LINE_BYTES_MAX + 64; length++) {
                size_t ends = 0, text_bytes = 0;
                start();
                feed(bytes, length);
                feed_string("\n");
                for (size_t at = 0; at < told_length; at++) {
                        ends += told[at] == '\n';
                        text_bytes += told[at] == 'x';
                }
                claim_uint(text_bytes, ==, length);
                claim_uint(ends, ==, told_length - length);
                claim(ends <= 2 && told[told_length - 2] == 'x');
        }
}
END_TEST

START_TEST(what_was_taken_is_zeroed)
{
        static const uint8_t nothing[SC_LOG_LINE_BYTES_MAX];
        start();
        feed_string("a password\n");
        ck_assert_mem_eq(lines.text, nothing, sizeof(nothing));
}
END_TEST

Suite *log_lines_suite(void)
{
        Suite *suite = suite_create("log_lines");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, lines_are_told_at_every_split);
        tcase_add_test(claims, every_byte_can_be_told_from_the_text);
        tcase_add_test(claims, a_line_is_told_when_its_end_has_come);
        tcase_add_test(claims, an_unfinished_line_has_the_time_of_its_first_byte);
        tcase_add_test(claims, a_line_that_is_too_long_goes_on_in_the_next);
        tcase_add_test(claims, a_line_of_any_length_has_one_end);
        tcase_add_test(claims, what_was_taken_is_zeroed);
        suite_add_tcase(suite, claims);
        return suite;
}
