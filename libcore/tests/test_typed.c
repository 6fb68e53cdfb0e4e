#include "suites.h"

#include "claim.h"
#include "model/client/typed.h"
#include "random.h"

#include <string.h>

static struct sc_typed typed;

static void start(void)
{
        memset(&typed, 0, sizeof(typed));
}

static void put(const char *text)
{
        ck_assert_uint_eq(sc_typed_put(&typed, (const uint8_t *)text, strlen(text)), strlen(text));
}

static void expect_text(const char *text)
{
        struct sc_span span = sc_typed_text(&typed);
        ck_assert_uint_eq(span.length, strlen(text));
        ck_assert_mem_eq(span.bytes, text, span.length);
}

static struct sc_span key_of(const char *text)
{
        static uint8_t bytes[1];
        bytes[0] = (uint8_t)text[0];
        return (struct sc_span) { bytes, text[0] != '\0' };
}

START_TEST(breaks_keep_their_places)
{
        put("ab");
        ck_assert(sc_typed_put_break(&typed, key_of("")));
        ck_assert(sc_typed_put_break(&typed, key_of("")));
        put("c");
        expect_text("ab");
        ck_assert(!sc_typed_break_is_next(&typed));
        sc_typed_sent(&typed, 1);
        expect_text("b");
        sc_typed_sent(&typed, 1);
        for (int i = 0; i < 2; i++) {
                ck_assert(sc_typed_break_is_next(&typed));
                expect_text("");
                sc_typed_broke(&typed, i == 0);
        }
        expect_text("c");
        sc_typed_sent(&typed, 1);
        ck_assert(sc_typed_is_empty(&typed));
}
END_TEST

START_TEST(a_key_goes_with_its_break)
{
        for (int carried = 0; carried < 2; carried++) {
                ck_assert(sc_typed_put_break(&typed, key_of("h")));
                put("x");
                ck_assert(sc_typed_put_break(&typed, key_of("t")));
                sc_typed_broke(&typed, carried);
                expect_text(carried ? "hx" : "x");
                sc_typed_sent(&typed, carried ? 2 : 1);
                ck_assert(sc_typed_break_is_next(&typed));
                sc_typed_broke(&typed, true);
                expect_text("t");
                sc_typed_sent(&typed, 1);
        }
}
END_TEST

START_TEST(it_is_bounded)
{
        static const uint8_t bytes[SC_TYPED_BYTES + 1];
        ck_assert_uint_eq(sc_typed_put(&typed, bytes, sizeof(bytes)), SC_TYPED_BYTES);
        ck_assert_uint_eq(sc_typed_room(&typed), 0);
        ck_assert_uint_eq(sc_typed_put(&typed, bytes, 1), 0);
        for (int i = 0; i < SC_TYPED_BREAKS_MAX; i++)
                ck_assert(sc_typed_put_break(&typed, key_of("")));
        ck_assert(!sc_typed_put_break(&typed, key_of("")));
        ck_assert_uint_eq(sc_typed_drop(&typed), SC_TYPED_BYTES);
        ck_assert(sc_typed_is_empty(&typed));
        sc_typed_put(&typed, bytes, SC_TYPED_BYTES);
        ck_assert(!sc_typed_put_break(&typed, key_of("h")));
}
END_TEST

/* Any pieces in, any pieces out: the same bytes in the same order. */
START_TEST(text_comes_out_as_it_went_in)
{
        struct random random = random_of((unsigned)_i);
        uint64_t in = 0, out = 0;
        for (int step = 0; step < 20000; step++) {
                uint8_t bytes[9000];
                size_t length = (size_t)random_below(&random, sizeof(bytes));
                for (size_t i = 0; i < length; i++)
                        bytes[i] = (uint8_t)((in + i) * 7 >> 2);
                in += sc_typed_put(&typed, bytes, length);
                struct sc_span text = sc_typed_text(&typed);
                ck_assert_uint_eq(text.length, in - out);
                size_t taken = (size_t)random_below(&random, text.length + 1);
                for (size_t i = 0; i < taken; i++)
                        if (text.bytes[i] != (uint8_t)((out + i) * 7 >> 2))
                                ck_abort_msg("byte %d of %d", (int)i, (int)out);
                out += taken;
                sc_typed_sent(&typed, taken);
        }
        ck_assert_uint_gt(out, 10 * SC_TYPED_BYTES);
}
END_TEST

Suite *typed_suite(void)
{
        Suite *suite = suite_create("typed");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, start, NULL);
        tcase_add_test(claims, breaks_keep_their_places);
        tcase_add_test(claims, a_key_goes_with_its_break);
        tcase_add_test(claims, it_is_bounded);
        tcase_add_loop_test(claims, text_comes_out_as_it_went_in, 1, 4);
        suite_add_tcase(suite, claims);
        return suite;
}
