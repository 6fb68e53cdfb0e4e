#include "suites.h"

#include "claim.h"
#include "model/base/span.h"
#include "model/judge/extent.h"

/* 1000 bytes of ring behind 100 of first, of which 5000 were said. */
static struct sc_extent extent;

static void setup(void)
{
        extent = (struct sc_extent) {
                .capacity_bytes = 1000, .keep_first_bytes = 100, .head = 5000, .tail = 4000
        };
}

static struct sc_stretch stretch(uint64_t from, uint64_t to)
{
        return (struct sc_stretch) { from, to };
}

START_TEST(nothing_is_retained_where_nothing_was_said)
{
        extent.head = extent.tail = 0;
        ck_assert_uint_eq(sc_extent_first(&extent).to, 0);
        ck_assert_uint_eq(sc_extent_retained_to(&extent, 0), 0);
        ck_assert_uint_eq(sc_extent_next(&extent, 0), 0);
        ck_assert_uint_eq(sc_extent_retained_bytes(&extent), 0);
        ck_assert_uint_eq(sc_extent_due_tail(&extent), 0);
        sc_extent_clear(&extent);
        ck_assert(!sc_extent_has_cleared(&extent, stretch(0, 1)));
}
END_TEST

/* Offset, where what is retained from there on ends, and what is retained next. */
static const uint64_t places[][3] = {
        { 0, 100, 0 },        { 99, 100, 99 },      { 100, 100, 4000 },
        { 3999, 3999, 4000 }, { 4000, 5000, 4000 }, { 4999, 5000, 4999 },
        { 5000, 5000, 5000 }, { 6000, 6000, 6000 }, { UINT64_MAX, UINT64_MAX, UINT64_MAX },
};

START_TEST(what_is_retained_has_a_hole_between_first_and_the_ring)
{
        const uint64_t *place = places[_i];
        ck_assert_uint_eq(sc_extent_retained_to(&extent, place[0]), place[1]);
        ck_assert_uint_eq(sc_extent_next(&extent, place[0]), place[2]);
        ck_assert_uint_eq(sc_extent_retained_bytes(&extent), 1100);
}
END_TEST

START_TEST(first_and_a_ring_that_touch_or_overlap_have_no_hole)
{
        for (uint64_t head = 51; head <= 1100; head++) {
                extent.head = head;
                extent.tail = sc_sub_sat_u64(head, 1000);
                claim_uint(sc_extent_retained_to(&extent, 0), ==, head);
                claim_uint(sc_extent_next(&extent, 50), ==, 50);
                claim_uint(sc_extent_retained_bytes(&extent), ==, head);
        }
}
END_TEST

START_TEST(a_stretch_is_gone_when_no_byte_of_it_is_retained)
{
        ck_assert(sc_extent_is_gone(&extent, stretch(100, 4000)));
        ck_assert(!sc_extent_is_gone(&extent, stretch(99, 4000)));
        ck_assert(!sc_extent_is_gone(&extent, stretch(100, 4001)));
        ck_assert(!sc_extent_is_gone(&extent, stretch(0, UINT64_MAX)));
        ck_assert(sc_extent_is_gone(&extent, stretch(50, 50)));
}
END_TEST

START_TEST(tail_is_due_one_capacity_below_head_and_never_falls)
{
        ck_assert_uint_eq(sc_extent_due_tail(&extent), 4000);
        extent.head = 5001;
        ck_assert_uint_eq(sc_extent_due_tail(&extent), 4001);
        extent.tail = 4500;
        ck_assert_uint_eq(sc_extent_due_tail(&extent), 4500);
        extent.capacity_bytes = UINT64_MAX;
        extent.tail = 0;
        ck_assert_uint_eq(sc_extent_due_tail(&extent), 0);
}
END_TEST

START_TEST(a_clear_forgets_first_and_the_ring_and_not_what_was_overwritten)
{
        sc_extent_clear(&extent);
        ck_assert_uint_eq(extent.tail, 5000);
        ck_assert_uint_eq(sc_extent_retained_bytes(&extent), 0);
        ck_assert_uint_eq(sc_extent_next(&extent, 0), 5000);
        ck_assert(sc_extent_is_gone(&extent, stretch(0, 5000)));

        ck_assert(sc_extent_is_cleared(&extent, stretch(0, 100)));
        ck_assert(sc_extent_is_cleared(&extent, stretch(4000, 5000)));
        ck_assert(!sc_extent_is_cleared(&extent, stretch(0, 101)));
        ck_assert(!sc_extent_is_cleared(&extent, stretch(3999, 5000)));
        ck_assert(!sc_extent_is_cleared(&extent, stretch(4999, 5001)));
        ck_assert(sc_extent_has_cleared(&extent, stretch(99, 101)));
        ck_assert(sc_extent_has_cleared(&extent, stretch(3999, 4001)));
        ck_assert(!sc_extent_has_cleared(&extent, stretch(100, 4000)));
        ck_assert(!sc_extent_has_cleared(&extent, stretch(5000, UINT64_MAX)));
}
END_TEST

START_TEST(first_and_a_ring_that_touch_are_cleared_as_one)
{
        extent.head = 1050;
        extent.tail = 50;
        sc_extent_clear(&extent);
        ck_assert(sc_extent_is_cleared(&extent, stretch(0, 1050)));
        ck_assert(sc_extent_has_cleared(&extent, stretch(49, 51)));
}
END_TEST

START_TEST(what_an_older_clear_forgot_may_be_called_either)
{
        sc_extent_clear(&extent);
        extent.head = 5500;
        sc_extent_clear(&extent);
        ck_assert(sc_extent_is_cleared(&extent, stretch(100, 5500)));
        ck_assert(!sc_extent_has_cleared(&extent, stretch(0, 5000)));
        ck_assert(sc_extent_has_cleared(&extent, stretch(5499, 5500)));
}
END_TEST

START_TEST(a_clear_within_first_leaves_what_is_said_later)
{
        extent.head = 60;
        extent.tail = 0;
        sc_extent_clear(&extent);
        extent.head = 5000;
        extent.tail = 4000;
        ck_assert_uint_eq(sc_extent_first(&extent).from, 60);
        ck_assert_uint_eq(sc_extent_next(&extent, 0), 60);
        ck_assert_uint_eq(sc_extent_retained_to(&extent, 60), 100);
        ck_assert_uint_eq(sc_extent_retained_bytes(&extent), 1040);
}
END_TEST

START_TEST(the_last_offsets_do_not_wrap)
{
        extent.head = UINT64_MAX;
        extent.tail = sc_extent_due_tail(&extent);
        ck_assert_uint_eq(extent.tail, UINT64_MAX - 1000);
        ck_assert_uint_eq(sc_extent_retained_to(&extent, UINT64_MAX - 1), UINT64_MAX);
        ck_assert_uint_eq(sc_extent_next(&extent, UINT64_MAX - 1001), UINT64_MAX - 1000);
        ck_assert_uint_eq(sc_extent_retained_bytes(&extent), 1100);
        sc_extent_clear(&extent);
        ck_assert(sc_extent_is_cleared(&extent, stretch(UINT64_MAX - 1000, UINT64_MAX)));
        ck_assert(!sc_extent_is_cleared(&extent, stretch(UINT64_MAX - 1001, UINT64_MAX)));
}
END_TEST

START_TEST(sums_stop_at_the_ends)
{
        ck_assert_uint_eq(sc_add_sat_u64(UINT64_MAX, 0), UINT64_MAX);
        ck_assert_uint_eq(sc_add_sat_u64(UINT64_MAX - 1, 1), UINT64_MAX);
        ck_assert_uint_eq(sc_add_sat_u64(UINT64_MAX - 1, 2), UINT64_MAX);
        ck_assert_uint_eq(sc_add_sat_u64(UINT64_MAX, UINT64_MAX), UINT64_MAX);
        ck_assert_uint_eq(sc_add_sat_u64(2, 3), 5);
        ck_assert_uint_eq(sc_sub_sat_u64(3, 2), 1);
        ck_assert_uint_eq(sc_sub_sat_u64(2, 2), 0);
        ck_assert_uint_eq(sc_sub_sat_u64(2, 3), 0);
        ck_assert_uint_eq(sc_sub_sat_u64(0, UINT64_MAX), 0);
}
END_TEST

Suite *extent_suite(void)
{
        Suite *suite = suite_create("extent");
        TCase *tcase = tcase_create("extent");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, nothing_is_retained_where_nothing_was_said);
        tcase_add_loop_test(tcase, what_is_retained_has_a_hole_between_first_and_the_ring, 0,
                            SC_COUNT(places));
        tcase_add_test(tcase, first_and_a_ring_that_touch_or_overlap_have_no_hole);
        tcase_add_test(tcase, a_stretch_is_gone_when_no_byte_of_it_is_retained);
        tcase_add_test(tcase, tail_is_due_one_capacity_below_head_and_never_falls);
        tcase_add_test(tcase, a_clear_forgets_first_and_the_ring_and_not_what_was_overwritten);
        tcase_add_test(tcase, first_and_a_ring_that_touch_are_cleared_as_one);
        tcase_add_test(tcase, what_an_older_clear_forgot_may_be_called_either);
        tcase_add_test(tcase, a_clear_within_first_leaves_what_is_said_later);
        tcase_add_test(tcase, the_last_offsets_do_not_wrap);
        tcase_add_test(tcase, sums_stop_at_the_ends);
        suite_add_tcase(suite, tcase);
        return suite;
}
