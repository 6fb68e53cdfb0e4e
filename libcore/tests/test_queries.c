#include "suites.h"

#include "model/base/span.h"
#include "model/client/queries.h"
#include "split.h"

#include <string.h>

static struct sc_queries queries;
static char passed[1024];
static size_t passed_length;
static const char *expected;

static void start(void)
{
        memset(&queries, 0, sizeof(queries));
        passed_length = 0;
}

static void feed(const uint8_t *bytes, size_t length)
{
        uint8_t text[SC_QUERIES_BYTES_MAX(512)];
        ck_assert_uint_le(length, 512);
        size_t put = sc_queries_feed(&queries, bytes, length, text);
        ck_assert_uint_le(put, SC_QUERIES_BYTES_MAX(length));
        ck_assert_uint_lt(passed_length + put, sizeof(passed));
        memcpy(passed + passed_length, text, put);
        passed_length += put;
}

static void check(void)
{
        passed_length += sc_queries_flush(&queries, (uint8_t *)passed + passed_length);
        passed[passed_length] = '\0';
        ck_assert_str_eq(passed, expected);
}

static const struct replay {
        const char *says;
        const char *shown;
} replays[] = {
        { "guest# \x1b[6n", "guest# " },
        { "a\x1b[5nb\x1b[?6nc\x1b[c\x1b[0c\x1b[>c\x1b[=0cd\x1bZ\x05", "abcd" },
        { "\x1b[?2026$p\x1b[4$p\x1b[>q\x1b[>0qx\x1b[18t\x1b[14;2t\x1b[?u\x1b[?1;1;0S\x1b[1$w\x1b[0x", "x" },
        { "\x1b]11;?\x07\x1b]10;?\x1b\\\x1b]4;1;?\x07\x1b]52;c;?\x07x", "x" },
        { "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\\x1b_Gi=1,a=q;AAAA\x1b\\x", "x" },
        /* All else stays. */
        { "\x1b[1;31mred\x1b[0m\x1b[H\x1b[2J\x1b[?25l\x1b[?1049h\x1b[3;4r\x1b[8;24;80t\x1b[22;0t",
          "\x1b[1;31mred\x1b[0m\x1b[H\x1b[2J\x1b[?25l\x1b[?1049h\x1b[3;4r\x1b[8;24;80t\x1b[22;0t" },
        { "\x1b]0;title?\x07\x1b]8;;http://a/?b\x1b\\link\x1bP0;1|17/ab\x1b\\",
          "\x1b]0;title?\x07\x1b]8;;http://a/?b\x1b\\link\x1bP0;1|17/ab\x1b\\" },
        { "\x1b[>4;2m\x1b[>2n\x1b[?1c\x1b[2 q\x1b"
          "7\x1b(0",
          "\x1b[>4;2m\x1b[>2n\x1b[?1c\x1b[2 q\x1b"
          "7\x1b(0" },
        { "\xc3\xa4\x1b[6\r\n\x1b[1\x1b[6nx\x1b", "\xc3\xa4\x1b[6\r\n\x1b[1x\x1b" }, /* broken off */
        { "\x1b]11;?\x18x\x1b]11;?", "\x1b]11;?\x18x\x1b]11;?" },
};

START_TEST(queries_are_left_out_and_nothing_else)
{
        static const struct splitter splitter = { start, feed, check };
        expected = replays[_i].shown;
        at_every_split((const uint8_t *)replays[_i].says, strlen(replays[_i].says), &splitter);
}
END_TEST

START_TEST(a_sequence_without_end_passes)
{
        static char says[2 * SC_QUERIES_SEQUENCE_BYTES_MAX + 16];
        memset(says, '1', sizeof(says) - 1);
        says[0] = '\x1b';
        says[1] = _i == 0 ? '[' : ']';
        expected = says;
        start();
        feed((const uint8_t *)says, sizeof(says) - 1);
        check();
}
END_TEST

Suite *queries_suite(void)
{
        Suite *suite = suite_create("queries");
        TCase *claims = tcase_create("claims");
        tcase_add_loop_test(claims, queries_are_left_out_and_nothing_else, 0, (int)SC_COUNT(replays));
        tcase_add_loop_test(claims, a_sequence_without_end_passes, 0, 2);
        suite_add_tcase(suite, claims);
        return suite;
}
