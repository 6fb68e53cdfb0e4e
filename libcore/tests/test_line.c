#include "suites.h"

#include "model/client/line.h"
#include "split.h"

#include <string.h>

static struct sc_line line;
static char lines[256]; /* each complete line with a bar behind it, then what is unfinished */

static void start(void)
{
        memset(&line, 0, sizeof(line));
        lines[0] = '\0';
}

static void add_text(const char *behind)
{
        struct sc_span text = sc_line_text(&line);
        strncat(lines, (const char *)text.bytes, text.length);
        strcat(lines, behind);
}

static void feed(const uint8_t *bytes, size_t length)
{
        while (length > 0) {
                size_t taken = sc_line_take(&line, bytes, length);
                ck_assert_uint_gt(taken, 0);
                if (line.complete)
                        add_text("|");
                bytes += taken;
                length -= taken;
        }
}

static void check(void)
{
        if (!line.complete)
                add_text("");
        ck_assert_str_eq(lines, "Linux||\rGRUB|login: ");
}

START_TEST(lines_cut_anywhere_are_the_same)
{
        static const struct splitter splitter = { start, feed, check };
        static const char stream[] = "Linux\r\n\n\rGRUB\r\r\nlogin: ";
        at_every_split((const uint8_t *)stream, sizeof(stream) - 1, &splitter);
}
END_TEST

/* Lines around the longest that is kept whole. */
START_TEST(of_a_long_line_the_end_stays)
{
        static uint8_t bytes[3 * SC_LINE_BYTES_MAX];
        size_t length = (size_t)_i;
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)('a' + i % 26);
        for (size_t piece = 1; piece <= length; piece = piece * 7 + 1) {
                start();
                for (size_t at = 0; at < length; at += piece)
                        feed(bytes + at, (size_t)sc_min_u64(piece, length - at));
                struct sc_span text = sc_line_text(&line);
                ck_assert_int_eq(line.begun, length > SC_LINE_BYTES_MAX);
                ck_assert_uint_ge(text.length, sc_min_u64(length, SC_LINE_BYTES_MAX / 2));
                ck_assert_mem_eq(text.bytes, bytes + length - text.length, text.length);
        }
}
END_TEST

START_TEST(what_follows_missing_output_is_the_rest_of_a_line)
{
        start();
        feed((const uint8_t *)"log", 3);
        sc_line_break(&line);
        ck_assert(line.begun);
        feed((const uint8_t *)"in:\nnext", 8);
        ck_assert_str_eq(lines, "in:|");
        ck_assert(!line.begun);
}
END_TEST

Suite *line_suite(void)
{
        Suite *suite = suite_create("line");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, lines_cut_anywhere_are_the_same);
        tcase_add_loop_test(claims, of_a_long_line_the_end_stays, SC_LINE_BYTES_MAX - 2,
                            SC_LINE_BYTES_MAX + 3);
        tcase_add_loop_test(claims, of_a_long_line_the_end_stays, 3 * SC_LINE_BYTES_MAX - 1,
                            3 * SC_LINE_BYTES_MAX);
        tcase_add_test(claims, what_follows_missing_output_is_the_rest_of_a_line);
        suite_add_tcase(suite, claims);
        return suite;
}
