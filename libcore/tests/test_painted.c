#include "suites.h"

#include "model/base/span.h"
#include "model/client/painted.h"
#include "split.h"

#include <string.h>

static struct sc_painted painted;
static char passed[1024];
static size_t passed_length;
static const char *expected;

static void start(void)
{
        memset(&painted, 0, sizeof(painted));
        passed_length = 0;
}

static void feed(const uint8_t *bytes, size_t length)
{
        uint8_t text[SC_PAINTED_BYTES_MAX(512)];
        ck_assert_uint_le(length, 512);
        size_t put = sc_painted_feed(&painted, bytes, length, text);
        ck_assert_uint_le(put, SC_PAINTED_BYTES_MAX(length));
        ck_assert_uint_lt(passed_length + put, sizeof(passed));
        memcpy(passed + passed_length, text, put);
        passed_length += put;
}

static void check(void)
{
        passed[passed_length] = '\0';
        ck_assert_str_eq(passed, expected);
}

static const struct recording {
        const char *says;
        const char *shown;
} recordings[] = {
        { "a\tb\r\nc\bd\x0f", "a\tb\r\nc\bd\x0f" },
        { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "\x1b[1;31mred\x1b[0m\x1b[H\x1b[2J\x1b[10;20Hx\x1b[3;4r\x1b[?25l\x1b[?1049h\x1b[2 q\x1b[4h",
          "\x1b[1;31mred\x1b[0m\x1b[H\x1b[2J\x1b[10;20Hx\x1b[3;4r\x1b[?25l\x1b[?1049h\x1b[2 q\x1b[4h" },
        { "\x1b[38:2::1:2:3m\x1b(0q\x1b(B\x1b"
          "7\x1b"
          "8\x1bM\x1b#8\x1b[!p",
          "\x1b[38:2::1:2:3m\x1b(0q\x1b(B\x1b"
          "7\x1b"
          "8\x1bM\x1b#8\x1b[!p" },
        /* What a terminal answers, reports or gives away. */
        { "guest# \x1b[6n\x1b[c\x1b[>c\x1bZ\x05\x1b[?u\x1b[18t\x1b[>q\x1b[?2026$px", "guest# x" },
        { "\x1b[?1000h\x1b[?2004h\x1b[?25;1003h\x1b[>4;2m\x1b[=1u\x1b[>1u\x1b[2h\x1b[5i\x1b[8;1;1tx", "x" },
        { "\x1b]52;c;cm0gLXJm\x07\x1b]0;title\x1b\\\x1bP$qm\x1b\\\x1b_Gx\x1b\\\x1b^y\x1b\\\x1bXz\x1b\\x",
          "x" },
        { "\x1b]0;a\x1b[6nb\x07x", "x" },
        { "a\x1b[3Jb\x1b[2J\x1b[0;3Jc\x1b"
          "cd\x1b[9999b\x1b[10000b\x1b[1;99999999999999999999Hx",
          "ab\x1b[2Jcd\x1b[9999bx" },
        { "\x9b"
          "6n\xc2\x9b"
          "6n\x07\x7fx",
          "6n6nx" },
        { "\xff\xc3(\xe2\x82x\xe2\x1b[6nx", "(xx" },
        /* Broken off. */
        { "\x1b[6\x1b[1mx\x1b[3\x18y\x1b]0;a\x18z\x1b", "\x1b[1mxyz" },
        { "\x1b[1\nmx", "mx" },
        { "\x1b%Gx\x1b%@y", "xy" },
};

START_TEST(what_paints_passes_and_nothing_else)
{
        static const struct splitter splitter = { start, feed, check };
        expected = recordings[_i].shown;
        at_every_split((const uint8_t *)recordings[_i].says, strlen(recordings[_i].says), &splitter);
}
END_TEST

START_TEST(a_sequence_that_is_too_long_is_left_out)
{
        static const char starts[] = { '[', '(', ']' };
        static const char fills[] = { '1', ' ', '1' };
        static char says[4 * SC_PAINTED_SEQUENCE_BYTES_MAX];
        memset(says, fills[_i], sizeof(says) - 1);
        says[0] = '\x1b';
        says[1] = starts[_i];
        strcpy(says + sizeof(says) - 4, "m\x18x");
        expected = "x";
        start();
        feed((const uint8_t *)says, sizeof(says) - 1);
        check();
}
END_TEST

Suite *painted_suite(void)
{
        Suite *suite = suite_create("painted");
        TCase *streams = tcase_create("streams");

        tcase_add_loop_test(streams, what_paints_passes_and_nothing_else, 0, SC_COUNT(recordings));
        tcase_add_loop_test(streams, a_sequence_that_is_too_long_is_left_out, 0, 3);
        suite_add_tcase(suite, streams);
        return suite;
}
