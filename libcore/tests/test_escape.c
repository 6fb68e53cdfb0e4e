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
                [SC_ESCAPE_UNKNOWN] = "<unknown>",
        };
        uint8_t bytes[64];
        ck_assert_uint_le(length, sizeof(bytes));
        memcpy(bytes, keys, length);
        for (size_t at = 0; at < length;) {
                size_t used = 0;
                struct sc_span text;
                enum sc_escape_key key = sc_escape_take(&escape, bytes + at, length - at, &used, &text);
                ck_assert_uint_gt(used, 0);
                ck_assert_uint_le(used, length - at);
                add(text.bytes, text.length);
                add(names[key], strlen(names[key]));
                at += used;
        }
}

static void check(void)
{
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

START_TEST(another_escape_character_is_the_only_one)
{
        start();
        escape.character = '~';
        feed((const uint8_t *)E "a~?~~b~.", 9);
        ck_assert_str_eq(result, E "a<help>~b<quit>");
}
END_TEST

Suite *escape_suite(void)
{
        Suite *suite = suite_create("escape");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, keys_cut_anywhere_mean_the_same);
        tcase_add_test(claims, another_escape_character_is_the_only_one);
        suite_add_tcase(suite, claims);
        return suite;
}
