#include "suites.h"

#include "model/base/span.h"
#include "model/client/modes.h"
#include "split.h"

#include <string.h>

static struct sc_modes modes;
static const char *expected;

static void start(void)
{
        memset(&modes, 0, sizeof(modes));
}

static void feed(const uint8_t *bytes, size_t length)
{
        sc_modes_feed(&modes, bytes, length);
}

static void check(void)
{
        uint8_t text[SC_MODES_RESET_BYTES_MAX + 1];
        size_t length = sc_modes_reset(&modes, text);
        text[length] = '\0';
        ck_assert_str_eq((const char *)text, expected);
        ck_assert_uint_eq(sc_modes_reset(&modes, text), 0);
}

static const struct guest {
        const char *says;
        const char *reset;
} guests[] = {
        { "login: \r\n", "" },
        { "\x1b[?1049h\x1b[?1003hvi", "\x1b[?1049l\x1b[?1003l" },
        { "\x1b[?1049h\x1b[?1003hvi\x1b[?1003l\x1b[?1049l", "" },
        { "\x1b[?1000;1006;2004h", "\x1b[?1000l\x1b[?1006l\x1b[?2004l" },
        { "\x1b[?25l", "\x1b[?25h" },
        { "\x1b[?25l\x1b[?25h", "" },
        { "\x1b[>4;2m\x1b[>1u\x1b[=5;1u", "\x1b[<99999u\x1b[>4m\x1b[=0u" },
        { "\x1b[>1u\x1b[>3u\x1b[<u", "\x1b[<99999u" },
        { "\x1b[>1u\x1b[>3u\x1b[<2u\x1b[>4m", "" },
        { "\x1b[1;31mred", "\x1b[0m" },
        { "\x1b[38:5:9mred\x1b[m", "" },
        { "\x1b[5;20r", "\x1b"
                        "7\x1b[r\x1b"
                        "8" },
        { "\x1b[5;20r\x1b[r", "" },
        { "\x1b(0qqq", "\x1b(B\x0f" },
        { "\x1b(0qqq\x1b(B", "" },
        { "\x0e", "\x1b(B\x0f" },
        { "\x1b=\x1b[4h\x1b[3 q", "\x1b>\x1b[4l\x1b[0 q" },
        { "\x1b[?1049h\x1b[31m\x1b[?25l\x1b"
          "c",
          "" },
        { "\x1b[?1049", "\x18" },
        { "\x1b]0;title\x1b\\text", "" },
        { "\x1b]0;?1049h\x0e", "\x18" },    /* the rest of the line would be the title */
        { "\x1bPq\x07\x1b[1m", "\x1b[0m" }, /* only OSC ends with BEL */
        { "\x1bPq\x07", "\x18" },
        { "\x1b]0;a\x07\xc2\x9b?1003h", "\x1b[?1003l" }, /* C1 as UTF-8 has it, and bare */
        { "\x9b?1003h", "\x1b[?1003l" },
        { "\xc4\x9b?1003h\xe2\x9b\x9b?1003h", "" }, /* letters */
        { "\x1b[?1003h\x1b[?1003s\x1b[?1003l\x1b[?1003r", "\x1b[?1003l" },
        { "\x1b[?1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30;31;1003;47;"
          "9h",
          "\x1b[?1l\x1b[?5l\x1b[?6l\x1b[?12l\x1b[?3l\x1b[?9l\x1b[?1003l" },
        { "\x1b[2h\x1b[12l", "\x1b[2l\x1b[12h" },
        { "\x1b[2;12h\x1b[2l", "" },
        { "\x1bPq\x1b[1m", "\x1b[0m" },
        { "\x1b[4;20h", "\x1b[4l\x1b[20l" },
        { "\x1b[?12;66;69;2026h", "\x1b[?12l\x1b[?66l\x1b[?69l\x1b[?2026l" },
        { "\x1b[?10\x18"
          "49h\x1b[?10\x1b[1m",
          "\x1b[0m" }, /* what was broken off */
        { "\x1b[?1;2;3;4;5;6;7;8;9;1049h", "\x1b[?1049l\x1b[?1l\x1b[?5l\x1b[?6l\x1b[?3l\x1b[?9l" },
        { "\x1b[999999999999999999999h\x1b[6n\x1b]0;title\x07", "" },
};

START_TEST(what_was_switched_on_is_switched_off)
{
        static const struct splitter splitter = { start, feed, check };
        expected = guests[_i].reset;
        at_every_split((const uint8_t *)guests[_i].says, strlen(guests[_i].says), &splitter);
}
END_TEST

static const struct {
        const char *says;
        const char *again;
} switched[] = {
        { "text", "" },
        { "\x1b[?1049h\x1b[?25l\x1b[1;31m\x1b[?1h\x1b[?1l", "\x1b[?1049h\x1b[?25l" },
        { "\x1b[?7l\x1b=\x1b[4;20h", "\x1b[?7l\x1b=\x1b[4h\x1b[20h" },
};

START_TEST(what_was_switched_on_is_switched_on_again)
{
        uint8_t text[SC_MODES_RESET_BYTES_MAX + 1];
        start();
        feed((const uint8_t *)switched[_i].says, strlen(switched[_i].says));
        uint64_t on = modes.on;
        text[sc_modes_again(&modes, text)] = '\0';
        ck_assert_str_eq((const char *)text, switched[_i].again);
        ck_assert_uint_eq(modes.on, on);
}
END_TEST

START_TEST(everything_on_fits)
{
        uint8_t text[SC_MODES_RESET_BYTES_MAX];
        start();
        modes.on = UINT64_MAX;
        modes.keyboards_pushed = 1;
        modes.state = SC_MODES_CSI;
        ck_assert_uint_gt(sc_modes_again(&modes, text), 100);
        ck_assert_uint_gt(sc_modes_reset(&modes, text), 100);
}
END_TEST

Suite *modes_suite(void)
{
        Suite *suite = suite_create("modes");
        TCase *claims = tcase_create("claims");
        tcase_add_loop_test(claims, what_was_switched_on_is_switched_off, 0, (int)SC_COUNT(guests));
        tcase_add_loop_test(claims, what_was_switched_on_is_switched_on_again, 0, (int)SC_COUNT(switched));
        tcase_add_test(claims, everything_on_fits);
        suite_add_tcase(suite, claims);
        return suite;
}
