#include "suites.h"

#include "claim.h"
#include "model/base/line_end.h"
#include "model/base/span.h"
#include "split.h"

#include <string.h>

/* What comes out: `<` where a line begins, `|` where one ends, its own end as it is. */
static enum sc_line_end_place place;
static char shown[256];
static size_t shown_length;

static const struct row {
        const char *bytes, *shown;
} rows[] = {
        { "a", "<a" },
        { "ab\ncd", "<ab\n|<cd" },
        { "a\r\nb\r\n", "<a\r|\n<b\r|\n" },
        { "a\rb\r", "<a\r|<b\r|" },
        { "\n\r\n\r\r\n", "<\n|<\r|\n<\r|<\r|\n" },
        { "\r\n\n\r", "<\r|\n<\n|<\r|" },
        { "\n\n\r\r", "<\n|<\n|<\r|<\r|" },
        { "50%\r51%\r\n", "<50%\r|<51%\r|\n" },
};
static const struct row *row;

static void start(void)
{
        place = SC_LINE_END_BETWEEN;
        shown_length = 0;
}

static void show(char c)
{
        claim_uint(shown_length, <, sizeof(shown));
        shown[shown_length++] = c;
}

static void feed(const uint8_t *bytes, size_t length)
{
        for (size_t at = 0; at < length;) {
                struct sc_line_piece piece = sc_line_end_next(&place, bytes + at, length - at);
                claim(piece.length > 0 && piece.text <= piece.length);
                if (piece.begins)
                        show('<');
                for (size_t i = 0; i < piece.length; i++)
                        show((char)bytes[at + i]);
                if (piece.ends)
                        show('|');
                at += piece.length;
        }
}

static void check(void)
{
        ck_assert_uint_eq(shown_length, strlen(row->shown));
        ck_assert_mem_eq(shown, row->shown, shown_length);
}

START_TEST(each_end_counts_once_at_every_split)
{
        static const struct splitter splitter = { start, feed, check };
        for (row = rows; row < rows + SC_COUNT(rows); row++)
                at_every_split((const uint8_t *)row->bytes, strlen(row->bytes), &splitter);
}
END_TEST

START_TEST(the_end_of_a_line_is_told_apart_from_its_text)
{
        static const uint8_t bytes[] = "text\r\n";
        place = SC_LINE_END_BETWEEN;
        struct sc_line_piece piece = sc_line_end_next(&place, bytes, 6);
        ck_assert(piece.text == 4 && piece.length == 5 && piece.begins && piece.ends);
        piece = sc_line_end_next(&place, bytes + 5, 1);
        ck_assert(piece.text == 0 && piece.length == 1 && !piece.begins && !piece.ends);
}
END_TEST

Suite *line_end_suite(void)
{
        Suite *suite = suite_create("line_end");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, each_end_counts_once_at_every_split);
        tcase_add_test(claims, the_end_of_a_line_is_told_apart_from_its_text);
        suite_add_tcase(suite, claims);
        return suite;
}
