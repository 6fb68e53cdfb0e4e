#include "suites.h"

#include "claim.h"
#include "model/console/boundary.h"

#include <string.h>

static struct sc_boundaries boundaries;

static void none(void)
{
        memset(&boundaries, 0, sizeof(boundaries));
}

static uint64_t add(enum sc_boundary_kind kind, uint64_t offset)
{
        return sc_boundaries_add(&boundaries, kind, offset, 10 * offset, NULL, 0);
}

START_TEST(newest_boundaries_are_kept_and_numbers_go_on)
{
        ck_assert_uint_eq(sc_boundaries_oldest(&boundaries), 1);
        ck_assert_ptr_null(sc_boundaries_at(&boundaries, 1));
        for (uint64_t n = 1; n <= 3 * SC_BOUNDARIES_MAX; n++) {
                claim_uint(add(SC_BOUNDARY_UP, 100 * n), ==, n);
                uint64_t oldest = n > SC_BOUNDARIES_MAX ? n - SC_BOUNDARIES_MAX + 1 : 1;
                claim_uint(sc_boundaries_oldest(&boundaries), ==, oldest);
                claim(!sc_boundaries_at(&boundaries, oldest - 1));
                claim(!sc_boundaries_at(&boundaries, n + 1));
                for (uint64_t i = oldest; i <= n; i++) {
                        const struct sc_boundary *boundary = sc_boundaries_at(&boundaries, i);
                        claim(boundary && boundary->number == i && boundary->offset == 100 * i);
                        claim_uint(boundary->time_ns, ==, 1000 * i);
                }
        }
}
END_TEST

START_TEST(newest_boot_is_an_up_or_a_reset)
{
        ck_assert_ptr_null(sc_boundaries_newest_boot(&boundaries));
        add(SC_BOUNDARY_UP, 1);
        add(SC_BOUNDARY_DOWN, 2);
        add(SC_BOUNDARY_MARK, 3);
        ck_assert_uint_eq(sc_boundaries_newest_boot(&boundaries)->offset, 1);
        add(SC_BOUNDARY_RESET, 4);
        add(SC_BOUNDARY_MARK, 5);
        ck_assert_uint_eq(sc_boundaries_newest_boot(&boundaries)->offset, 4);
        for (int i = 0; i < SC_BOUNDARIES_MAX; i++)
                add(SC_BOUNDARY_MARK, 6);
        ck_assert_ptr_null(sc_boundaries_newest_boot(&boundaries));
}
END_TEST

START_TEST(clear_forgets_and_zeroes_and_numbers_go_on) /* BF-15 */
{
        static const struct sc_boundary zeroes[SC_BOUNDARIES_MAX];
        sc_boundaries_add(&boundaries, SC_BOUNDARY_MARK, 1, 1, "password", 8);
        add(SC_BOUNDARY_UP, 2);
        sc_boundaries_clear(&boundaries);
        ck_assert_mem_eq(boundaries.entries, zeroes, sizeof(zeroes));
        ck_assert_ptr_null(sc_boundaries_at(&boundaries, 1));
        ck_assert_ptr_null(sc_boundaries_at(&boundaries, 2));
        ck_assert_ptr_null(sc_boundaries_newest_boot(&boundaries));
        ck_assert_uint_eq(sc_boundaries_oldest(&boundaries), 3);
        ck_assert_uint_eq(add(SC_BOUNDARY_UP, 3), 3);
        ck_assert_uint_eq(sc_boundaries_oldest(&boundaries), 3);
}
END_TEST

START_TEST(text_of_a_mark_is_kept)
{
        char text[SC_MARK_BYTES_MAX];
        memset(text, 'm', sizeof(text));
        uint64_t number = sc_boundaries_add(&boundaries, SC_BOUNDARY_MARK, 1, 1, text, sizeof(text));
        const struct sc_boundary *boundary = sc_boundaries_at(&boundaries, number);
        ck_assert_uint_eq(boundary->text_length, sizeof(text));
        ck_assert_mem_eq(boundary->text, text, sizeof(text));
}
END_TEST

static const struct mark {
        const char *text;
        bool printable;
} marks[] = {
        { "before the upgrade", true },
        { " ", true },
        { "~", true },
        { "\xc3\xa9", true },           /* U+00E9 */
        { "\xc2\xa0", true },           /* U+00A0, the first behind C1 */
        { "\xe2\x82\xac", true },       /* U+20AC */
        { "\xe0\xa0\x80", true },       /* U+0800 */
        { "\xed\x9f\xbf", true },       /* U+D7FF */
        { "\xee\x80\x80", true },       /* U+E000 */
        { "\xf0\x90\x80\x80", true },   /* U+10000 */
        { "\xf4\x8f\xbf\xbf", true },   /* U+10FFFF */
        { "a\xf0\x9f\x98\x80z", true }, /* U+1F600 */
        { "", false },
        { "a\nb", false },
        { "\x1b[2J", false },
        { "tab\t", false },
        { "\x7f", false },
        { "\xc2\x80", false }, /* C1 */
        { "\xc2\x9b", false }, /* CSI */
        { "\xc2\x9f", false }, /* the last of C1 */
        { "\x80", false },     /* a continuation alone */
        { "\xbf", false },
        { "\xc0\xaf", false }, /* overlong */
        { "\xc1\xbf", false },
        { "\xe0\x9f\xbf", false },
        { "\xf0\x8f\xbf\xbf", false },
        { "\xed\xa0\x80", false }, /* surrogates */
        { "\xed\xbf\xbf", false },
        { "\xf4\x90\x80\x80", false }, /* beyond U+10FFFF */
        { "\xf5\x80\x80\x80", false },
        { "\xff", false },
        { "\xc3", false }, /* cut */
        { "\xe2\x82", false },
        { "\xf0\x90\x80", false },
        { "\xc3z", false },
        { "\xe2\x82z", false },
        { "a\xe2z\xac", false },
};

START_TEST(mark_is_utf8_without_control_characters)
{
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
                const uint8_t *text = (const uint8_t *)marks[i].text;
                if (sc_mark_is_printable(text, strlen(marks[i].text)) != marks[i].printable)
                        ck_abort_msg("mark %zu", i);
        }
        ck_assert(!sc_mark_is_printable((const uint8_t *)"a\0b", 3));
}
END_TEST

START_TEST(mark_has_a_longest_length)
{
        uint8_t text[SC_MARK_BYTES_MAX + 1];
        memset(text, 'm', sizeof(text));
        ck_assert(sc_mark_is_printable(text, SC_MARK_BYTES_MAX));
        ck_assert(!sc_mark_is_printable(text, SC_MARK_BYTES_MAX + 1));
}
END_TEST

Suite *boundary_suite(void)
{
        Suite *suite = suite_create("boundary");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, none, NULL);
        tcase_add_test(claims, newest_boundaries_are_kept_and_numbers_go_on);
        tcase_add_test(claims, newest_boot_is_an_up_or_a_reset);
        tcase_add_test(claims, clear_forgets_and_zeroes_and_numbers_go_on);
        tcase_add_test(claims, text_of_a_mark_is_kept);
        tcase_add_test(claims, mark_is_utf8_without_control_characters);
        tcase_add_test(claims, mark_has_a_longest_length);
        suite_add_tcase(suite, claims);
        return suite;
}
