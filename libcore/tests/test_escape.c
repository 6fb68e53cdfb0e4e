#include "suites.h"

#include "model/client/escape.h"
#include "split.h"
#include "world.h"

#include <string.h>

static struct sc_escape escape;
static char result[256]; /* the text as it is, commands as <quit> <help> <unknown> */
static const char *expected;

static void start(void)
{
        escape = (struct sc_escape) { .character = SC_ESCAPE_DEFAULT };
        result[0] = '\0';
}

static void add(const void *bytes, size_t length)
{
        size_t at = strlen(result);
        ck_assert_uint_lt(at + length, sizeof(result));
        memcpy(result + at, bytes, length);
        result[at + length] = '\0';
}

static void feed(const uint8_t *keys, size_t length)
{
        static const char *const names[] = {
                [SC_ESCAPE_NONE] = "",
                [SC_ESCAPE_QUIT] = "<quit>",
                [SC_ESCAPE_HELP] = "<help>",
                [SC_ESCAPE_BREAK] = "<break>",
                [SC_ESCAPE_BREAK_KEY] = "<break with>",
                [SC_ESCAPE_TAKE] = "<take>",
                [SC_ESCAPE_RESIZE] = "<resize>",
                [SC_ESCAPE_SUSPEND] = "<suspend>",
                [SC_ESCAPE_UNKNOWN] = "<unknown>",
        };
        uint8_t bytes[128];
        ck_assert_uint_le(length, sizeof(bytes));
        memcpy(bytes, keys, length);
        for (size_t at = 0; at < length;) {
                size_t used = 0;
                struct sc_span text;
                enum sc_escape_key key = sc_escape_take(&escape, bytes + at, length - at, &used, &text);
                ck_assert(used > 0 || text.length > 0 || key != SC_ESCAPE_NONE);
                ck_assert_uint_le(used, length - at);
                add(names[key], strlen(names[key]));
                add(text.bytes, text.length);
                at += used;
        }
}

static void check(void)
{
        struct sc_span text;
        ck_assert_int_eq(sc_escape_flush(&escape, &text), SC_ESCAPE_NONE);
        add(text.bytes, text.length);
        ck_assert_str_eq(result, expected);
}

#define E "\x1d"

static const struct keys {
        const char *typed;
        const char *means;
} all_keys[] = {
        { "ls -l\r", "ls -l\r" },
        { "ab" E ".", "ab<quit>" },
        { E "?cd", "<help>cd" },
        { "a" E E "b", "a" E "b" },
        { E E, E },
        { E E ".", E "." }, /* twice is the character; the dot is a dot */
        { E E E ".", E "<quit>" },
        { E E E E "x", E E "x" },
        { E "x.", "<unknown>." },
        { "." E "?" E "?.", ".<help><help>." },
        { "ab" E, "ab" },
        { E "q" E "b" E "w" E "r" E "\x1a", "<quit><break><take><resize><suspend>" },
        { "a" E "Bhb", "a<break with>hb" },
        { E "B" E "x", "<break with>" E "x" },
        /* The keys as sequences: CSI u, with lock bits, and modifyOtherKeys. */
        { "a\x1b[93;5u.", "a<quit>" },
        { "\x1b[27;5;93~q", "<quit>" },
        { "\x1b[93;69u\x1b[46;65u", "<quit>" },
        { "\x1b[53;5u?", "<help>" }, /* Ctrl-5 */
        { "\x1b[93;5:1u\x1b[93;5:3u\x1b[57442;5:3u\x1b[46;1:1u", "<quit>" },
        { "\x1b[93:125;5;29u\x1b[122;5u", "<suspend>" },
        { "\x1b[93;5u\x1b[93;5u", "\x1b[93;5u" },
        { "\x1b[93;5u\x1b[27;2;66~\x1b[104;1u", "<break with>h" },
        { "\x1b[93;5u\x1b[98:66;2u\x1b[104u", "<break with>h" }, /* B with shift, told both ways */
        { "\x1b[93;5u\x1b[98;2u\x1b[104u", "<break with>h" },
        { "\x1b[93;5u\x1b[47:63;2u\x1b[93;5u\x1b[98;1u", "<help><break>" },
        /* What is none of them goes to the guest as it is. */
        { "\x1b[A\x1b[1;5C\x1b[3~\x1bOP\x1b\x1b[B", "\x1b[A\x1b[1;5C\x1b[3~\x1bOP\x1b\x1b[B" },
        { "\x1b[93;1u\x1b[93u\x1b[94;5u\x1b[93;5:3u", "\x1b[93;1u\x1b[93u\x1b[94;5u" },
        { "\x1b[93;5", "\x1b[93;5" },
        { "\x1b[1234567890123456789012345678901234567890;5ux",
          "\x1b[1234567890123456789012345678901234567890;5ux" },
        { "\x1b[93;5x\x1b[27;5~\x1b[\rb\x1b[\x1b[93;5u.", "\x1b[93;5x\x1b[27;5~\x1b[\rb\x1b[<quit>" },
        { E "\x1b[A.", "<unknown>." },
        /* What the terminal answers to the guest is no key. */
        { E "\x1b[24;80R.", "\x1b[24;80R<quit>" },
        { E "B\x1b[?62;4c\x1b[0nh", "\x1b[?62;4c\x1b[0n<break with>h" },
};

START_TEST(keys_cut_anywhere_mean_the_same)
{
        static const struct splitter splitter = { start, feed, check };
        for (size_t i = 0; i < SC_COUNT(all_keys); i++) {
                expected = all_keys[i].means;
                at_every_split((const uint8_t *)all_keys[i].typed, strlen(all_keys[i].typed), &splitter);
        }
}
END_TEST

static const struct keys line_keys[] = {
        { "~.", "<quit>" },
        { "a~.\r~.", "a~.\r<quit>" },
        { "~~.\n~?", "~.\n<help>" },
        { "~x~.", "~x~." }, /* not for us: as in ssh */
        { "\x1b[126u.", "<quit>" },
        { "~\x1b[120u", "~\x1b[120u" },
        { E "~.", E "~." },
        { "\x1b[A~.", "\x1b[A~." },
        { "\r\x1b[24;1R~.", "\r\x1b[24;1R<quit>" },
};

static void start_line_bound(void)
{
        start();
        escape.character = '~';
}

START_TEST(a_printable_escape_character_counts_at_the_beginning_of_a_line)
{
        static const struct splitter splitter = { start_line_bound, feed, check };
        for (size_t i = 0; i < SC_COUNT(line_keys); i++) {
                expected = line_keys[i].means;
                at_every_split((const uint8_t *)line_keys[i].typed, strlen(line_keys[i].typed), &splitter);
        }
}
END_TEST

START_TEST(without_an_escape_character_all_is_text)
{
        start();
        escape.none = true;
        feed((const uint8_t *)E ".\x1b[93;5u", 9);
        ck_assert_str_eq(result, E ".\x1b[93;5u");
        ck_assert(!sc_escape_holds(&escape));
}
END_TEST

Suite *escape_suite(void)
{
        Suite *suite = suite_create("escape");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, keys_cut_anywhere_mean_the_same);
        tcase_add_test(claims, a_printable_escape_character_counts_at_the_beginning_of_a_line);
        tcase_add_test(claims, without_an_escape_character_all_is_text);
        suite_add_tcase(suite, claims);
        return suite;
}
