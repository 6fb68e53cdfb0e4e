#include "suites.h"

#include "model/base/span.h"
#include "model/base/utf8.h"
#include "model/client/printable.h"
#include "split.h"

#include <string.h>

#define TEXT_BYTES 256

static struct sc_printable printable;
static char text[SC_PRINTABLE_BYTES_MAX(TEXT_BYTES)];
static size_t used;
static const char *expected;

static void start(void)
{
        printable = (struct sc_printable) { .cut_length = 0 };
        used = 0;
}

static void feed(const uint8_t *bytes, size_t length)
{
        uint8_t piece[SC_PRINTABLE_BYTES_MAX(TEXT_BYTES)];
        size_t more = sc_printable_feed(&printable, bytes, length, piece);
        ck_assert_uint_le(more, SC_PRINTABLE_BYTES_MAX(length));
        ck_assert_uint_lt(used + more, sizeof(text));
        memcpy(text + used, piece, more);
        used += more;
        text[used] = '\0';
}

static void check(void)
{
        ck_assert_str_eq(text, expected);
}

static const struct splitter splitter = { start, feed, check };

/* What was written, what is left of it in a stream, and how it stands in a line. */
static const struct {
        const char *bytes, *stream, *line;
} rows[] = {
        { "plain\r\n\ttext ~", "plain\r\n\ttext ~", "plain???text ~" },
        { "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbd",
          "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbd",
          "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbd" },
        { "\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
          "\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
          "\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf" },
        /* C0, DEL */
        { "a\x1b[6n\x07\b\f\v\x0e\x0f\x7f.", "a[6n.", "a?[6n???????." },
        /* C1, as UTF-8 and as bytes */
        { "\xc2\x9b"
          "6n\xc2\x80\xc2\x9f.",
          "6n.", "?6n??." },
        { "\x9b"
          "6n\x80\x9f.",
          "6n.", "?6n??." },
        { "a\xc2\x1b\x9b"
          "6n",
          "a6n", "a???6n" },
        /* no UTF-8: a lone or last first byte, forms that are too long, surrogates, beyond U+10FFFF, never used */
        { "\xc3.\xe2\x82.\xf0\x9f\x98.", "...", "?.??.???." },
        { "a\xe2\x82", "a", "a??" },
        { "a\xf0\x9f\x98", "a", "a???" },
        { "\xc0\x9b\xc1\xbf\xe0\x80\x9b\xf0\x80\x80\x9b.", ".", "???????????." },
        { "\xed\xa0\x80\xed\xbf\xbf\xf4\x90\x80\x80\xf5\x80\x80\x80\xfe\xff.", ".", "????????????????." },
        { "\xe2\x82\xe2\x82\xac", "\xe2\x82\xac", "??\xe2\x82\xac" },
        { "\xf0\xf0\x9f\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "???\xf0\x9f\x98\x80" },
        /* lines of ours alone: separators, embeddings, overrides and isolates, and their neighbours */
        { "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
          "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
          "\xe2\x80\xa7????\xe2\x80\xaf" },
        { "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
          "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", "\xe2\x81\xa5??\xe2\x81\xaa" },
};

START_TEST(stream_is_harmless_at_every_split)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                expected = rows[i].stream;
                at_every_split((const uint8_t *)rows[i].bytes, strlen(rows[i].bytes), &splitter);
        }
}
END_TEST

START_TEST(line_is_harmless)
{
        char line[TEXT_BYTES];

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                size_t length = sc_printable_line(rows[i].bytes, strlen(rows[i].bytes), line, sizeof(line));
                ck_assert_str_eq(line, rows[i].line);
                ck_assert_uint_eq(length, strlen(line));

                strcpy(line, rows[i].bytes); /* in place */
                sc_printable_line(line, strlen(line), line, sizeof(line));
                ck_assert_str_eq(line, rows[i].line);
        }
        ck_assert_uint_eq(sc_printable_line("a\0b", 3, line, sizeof(line)), 3);
        ck_assert_str_eq(line, "a?b");
        ck_assert_uint_eq(sc_printable_line("", 0, line, 1), 0);
}
END_TEST

START_TEST(line_is_cut_between_characters)
{
        static const char bytes[] = "ab\xc3\xa4\xe2\x82\xac\x1b";
        static const char *const lines[] = { "",
                                             "a",
                                             "ab",
                                             "ab",
                                             "ab\xc3\xa4",
                                             "ab\xc3\xa4",
                                             "ab\xc3\xa4",
                                             "ab\xc3\xa4\xe2\x82\xac",
                                             "ab\xc3\xa4\xe2\x82\xac?",
                                             "ab\xc3\xa4\xe2\x82\xac?" };
        for (size_t i = 0; i < SC_COUNT(lines); i++) {
                char line[TEXT_BYTES];
                sc_printable_line(bytes, strlen(bytes), line, i + 1);
                ck_assert_str_eq(line, lines[i]);
        }
}
END_TEST

/* Each byte alone, and each pair, whatever stands around it. */
START_TEST(no_pair_of_bytes_lets_a_control_character_through)
{
        for (unsigned pair = 0; pair < 0x10000; pair++) {
                uint8_t bytes[] = { 'a', (uint8_t)(pair >> 8), (uint8_t)pair, 'b' };
                uint8_t out[SC_PRINTABLE_BYTES_MAX(sizeof(bytes))];
                start();
                size_t length = sc_printable_feed(&printable, bytes, sizeof(bytes), out);
                for (size_t at = 0; at < length;) {
                        struct sc_utf8 next = sc_utf8_at(out + at, length - at);
                        if (next.kind != SC_UTF8_CHARACTER ||
                            (sc_utf8_is_control(next.code) && strchr("\r\n\t", (int)next.code) == NULL))
                                ck_abort_msg("%04x lets U+%04X through", pair, next.code);
                        at += next.length;
                }
        }
}
END_TEST

Suite *printable_suite(void)
{
        Suite *suite = suite_create("printable");
        TCase *stream = tcase_create("stream");
        TCase *line = tcase_create("line");

        tcase_add_test(stream, stream_is_harmless_at_every_split);
        tcase_add_test(stream, no_pair_of_bytes_lets_a_control_character_through);
        tcase_add_test(line, line_is_harmless);
        tcase_add_test(line, line_is_cut_between_characters);
        suite_add_tcase(suite, stream);
        suite_add_tcase(suite, line);
        return suite;
}
