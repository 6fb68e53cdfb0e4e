#include "asciicast.h"
#include "suites.h"

#include "model/base/bounds.h"
#include "model/base/span.h"

#include <stdlib.h>
#include <string.h>

static struct sc_asciicast cast;
static char *printed;
static size_t printed_length;

static void start(void)
{
        FILE *stream = open_memstream(&printed, &printed_length);
        ck_assert_ptr_nonnull(stream);
        sc_asciicast_start(&cast, 132, 43, (int64_t)(1700000000 * SC_NS_PER_S + 5), stream);
}

static void put(const char *bytes, size_t length, uint64_t ms)
{
        sc_asciicast_put(&cast, ms * SC_NS_PER_MS, (const uint8_t *)bytes, length);
}

#define HEADER "{\"version\": 2, \"width\": 132, \"height\": 43, \"timestamp\": 1700000000}\n"

static void end(const char *expected)
{
        sc_asciicast_part(&cast);
        fclose(cast.stream);
        ck_assert_str_eq(printed, expected);
        free(printed);
}

START_TEST(each_piece_is_an_event)
{
        start();
        put("a\r\n", 3, 0);
        put("\x1b[1m\"\\/\x7f\0", 9, 1500);
        put("\xc2\x85\xe2\x80\xa8", 5, 3600001);
        end(HEADER "[0.000000, \"o\", \"a\\u000d\\u000a\"]\n"
                   "[1.500000, \"o\", \"\\u001b[1m\\\"\\\\/\\u007f\\u0000\"]\n"
                   "[3600.001000, \"o\", \"\\u0085\xe2\x80\xa8\"]\n");
}
END_TEST

START_TEST(a_marker_is_an_event_of_its_own)
{
        start();
        put("a\xe2\x82", 3, 1000);
        sc_asciicast_mark(&cast, 1500 * SC_NS_PER_MS, "say \"\x1b\"\xff\xe2", 9);
        put("\xac", 1, 1500);
        end(HEADER "[1.000000, \"o\", \"a\"]\n"
                   "[1.500000, \"m\", \"say \\\"\\u001b\\\"\\ufffd\"]\n"
                   "[1.500000, \"o\", \"\xe2\x82\xac\"]\n");
}
END_TEST

/* What the strings of all events are together. */
static const struct {
        const char *bytes, *text;
} texts[] = {
        { "\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa4", "\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa4" },
        { "\xff\xe2\x82(\xc3\xf0\x9f\x98", "\\ufffd\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffd\\ufffd" },
        { "\xf0\x9f\xe2\x82\xac", "\\ufffd\\ufffd\xe2\x82\xac" },
};

static void assert_text(const char *expected)
{
        char text[256] = "";

        sc_asciicast_part(&cast);
        fclose(cast.stream);
        for (char *line = strchr(printed, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1) {
                const char *begin = strstr(line, "\"o\", \"") + 6;
                const char *close = strstr(line, "\"]\n");
                ck_assert_ptr_nonnull(close);
                strncat(text, begin, (size_t)(close - begin));
        }
        ck_assert_str_eq(text, expected);
        free(printed);
}

START_TEST(characters_are_whole_at_every_split)
{
        for (size_t i = 0; i < SC_COUNT(texts); i++) {
                size_t length = strlen(texts[i].bytes);
                for (size_t cut = 0; cut <= length; cut++) {
                        start();
                        put(texts[i].bytes, cut, 0);
                        put(texts[i].bytes + cut, length - cut, 1);
                        assert_text(texts[i].text);
                }
                start();
                for (size_t at = 0; at < length; at++)
                        put(texts[i].bytes + at, 1, at);
                assert_text(texts[i].text);
        }
}
END_TEST

START_TEST(no_character_is_joined_over_a_gap)
{
        start();
        put("\xe2\x82", 2, 0);
        sc_asciicast_part(&cast);
        put("\xac", 1, 1);
        assert_text("\\ufffd\\ufffd\\ufffd");
}
END_TEST

Suite *asciicast_suite(void)
{
        Suite *suite = suite_create("asciicast");
        TCase *events = tcase_create("events");

        tcase_add_test(events, each_piece_is_an_event);
        tcase_add_test(events, a_marker_is_an_event_of_its_own);
        tcase_add_test(events, characters_are_whole_at_every_split);
        tcase_add_test(events, no_character_is_joined_over_a_gap);
        suite_add_tcase(suite, events);
        return suite;
}
