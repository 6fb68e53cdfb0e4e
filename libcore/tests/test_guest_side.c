#include "suites.h"

#include "model/console/guest_side.h"

#define LIMIT_NS (2 * SC_NS_PER_S)

static struct sc_guest_side guest;
static struct sc_boundaries boundaries;

static void awaited(void)
{
        boundaries = (struct sc_boundaries) { 0 };
        sc_guest_side_init(&guest, LIMIT_NS, 5);
}

static void up(uint64_t head, uint64_t now_ns)
{
        sc_guest_side_up(&guest, &boundaries, head, now_ns, true);
}

static void down(uint64_t head, uint64_t now_ns)
{
        sc_guest_side_down(&guest, &boundaries, head, now_ns, false);
}

START_TEST(each_coming_and_going_is_a_boundary) /* BF-12 */
{
        ck_assert(guest.state == SC_GUEST_AWAITED && guest.since_ns == 5 && guest.number == 0);
        up(0, 10);
        ck_assert(guest.state == SC_GUEST_UP && guest.since_ns == 10 && guest.can_break);
        down(300, 20);
        ck_assert(guest.state == SC_GUEST_DOWN && guest.since_ns == 20 && !guest.can_break);
        up(300, 30);
        ck_assert(guest.number == 3 && guest.came_number == 3 && guest.guests == 2);
        const struct sc_boundary *boundary = sc_boundaries_at(&boundaries, 2);
        ck_assert(boundary->kind == SC_BOUNDARY_DOWN && boundary->offset == 300 && boundary->time_ns == 20);
        ck_assert_int_eq(sc_boundaries_at(&boundaries, 3)->kind, SC_BOUNDARY_UP);
}
END_TEST

START_TEST(end_for_good_is_a_boundary_of_its_own) /* BF-12 */
{
        up(0, 10);
        sc_guest_side_down(&guest, &boundaries, 300, 20, true);
        ck_assert(guest.state == SC_GUEST_DOWN && guest.note == SC_GUEST_NOTE_ENDED && guest.number == 2);
        ck_assert_int_eq(sc_boundaries_at(&boundaries, 2)->kind, SC_BOUNDARY_ENDED);
        ck_assert(!sc_guest_side_accepts(&guest, 2));
}
END_TEST

START_TEST(note_is_gone_when_a_guest_comes)
{
        guest.note = SC_GUEST_NOTE_TAKEN;
        up(0, 10);
        ck_assert_int_eq(guest.note, SC_GUEST_NOTE_NONE);
}
END_TEST

START_TEST(input_reaches_the_guest_that_was_seen) /* BF-10 */
{
        ck_assert(sc_guest_side_accepts(&guest, 0)); /* for the first one */
        up(0, 10);
        ck_assert(sc_guest_side_accepts(&guest, 0));
        ck_assert(sc_guest_side_accepts(&guest, 1));
        down(0, 20);
        ck_assert(!sc_guest_side_accepts(&guest, 1));
        ck_assert(!sc_guest_side_accepts(&guest, 2));
        up(0, 30);
        ck_assert(!sc_guest_side_accepts(&guest, 0));
        ck_assert(!sc_guest_side_accepts(&guest, 1));
        ck_assert(!sc_guest_side_accepts(&guest, 2)); /* typed while none was there */
        ck_assert(sc_guest_side_accepts(&guest, 3));
}
END_TEST

START_TEST(hold_lasts_as_long_as_it_is_wanted) /* BF-5 */
{
        bool ran_out;
        ck_assert(!sc_guest_side_hold(&guest, false, 100, &ran_out));
        ck_assert(sc_guest_side_hold(&guest, true, 100, &ran_out) && !ran_out);
        ck_assert(sc_guest_side_hold(&guest, true, 100 + SC_NS_PER_S, &ran_out) && !ran_out);
        ck_assert(!sc_guest_side_hold(&guest, false, 150 + SC_NS_PER_S, &ran_out) && !ran_out);
        ck_assert(!guest.held);
        ck_assert_uint_eq(guest.holds, 1);
        ck_assert_uint_eq(guest.hold_ns, SC_NS_PER_S + 50);
}
END_TEST

START_TEST(hold_ends_at_its_limit)
{
        bool ran_out;
        sc_guest_side_hold(&guest, true, 100, &ran_out);
        ck_assert(sc_guest_side_hold(&guest, true, 99 + LIMIT_NS, &ran_out) && !ran_out);
        ck_assert(!sc_guest_side_hold(&guest, true, 100 + LIMIT_NS, &ran_out) && ran_out);
        ck_assert_uint_eq(guest.hold_ns, LIMIT_NS);
        ck_assert(sc_guest_side_hold(&guest, true, 200 + LIMIT_NS, &ran_out) && !ran_out);
        ck_assert_uint_eq(guest.holds, 2);
}
END_TEST

START_TEST(without_a_limit_nothing_is_held)
{
        bool ran_out;
        sc_guest_side_init(&guest, 0, 5);
        ck_assert(!sc_guest_side_hold(&guest, true, 100, &ran_out) && !ran_out);
        ck_assert_uint_eq(guest.holds, 0);
}
END_TEST

START_TEST(hold_ends_with_the_guest)
{
        bool ran_out;
        up(0, 10);
        sc_guest_side_hold(&guest, true, 100, &ran_out);
        down(0, 150);
        ck_assert(!guest.held);
        ck_assert_uint_eq(guest.hold_ns, 50);
}
END_TEST

Suite *guest_side_suite(void)
{
        Suite *suite = suite_create("guest_side");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, awaited, NULL);
        tcase_add_test(claims, each_coming_and_going_is_a_boundary);
        tcase_add_test(claims, end_for_good_is_a_boundary_of_its_own);
        tcase_add_test(claims, note_is_gone_when_a_guest_comes);
        tcase_add_test(claims, input_reaches_the_guest_that_was_seen);
        tcase_add_test(claims, hold_lasts_as_long_as_it_is_wanted);
        tcase_add_test(claims, hold_ends_at_its_limit);
        tcase_add_test(claims, without_a_limit_nothing_is_held);
        tcase_add_test(claims, hold_ends_with_the_guest);
        suite_add_tcase(suite, claims);
        return suite;
}
