#include "suites.h"

#include "claim.h"
#include "model/base/span.h"
#include "model/judge/seat.h"
#include "random.h"

#include <string.h>

static struct sc_seats seats;

static void setup(void)
{
        memset(&seats, 0, sizeof(seats));
        sc_seats_init(&seats);
}

static struct sc_seat *added(uint64_t client)
{
        struct sc_seat *seat = sc_seats_add(&seats, client);
        ck_assert_ptr_nonnull(seat);
        ck_assert_uint_eq(seat->client, client);
        return seat;
}

/* The clients of a list are these, 0 behind the last. */
static void assert_list(enum sc_seat_list list, const uint64_t *clients)
{
        const struct sc_seat *seat = sc_seats_first(&seats, list);
        for (; *clients != 0; clients++) {
                ck_assert_ptr_nonnull(seat);
                ck_assert_uint_eq(seat->client, *clients);
                seat = sc_seats_following(&seats, seat, list);
        }
        ck_assert_ptr_null(seat);
}
#define LIST(...) ((const uint64_t[]) { __VA_ARGS__ })

START_TEST(nobody_is_there_at_first)
{
        uint16_t index = 0;
        ck_assert_ptr_null(sc_seats_find(&seats, 1));
        ck_assert_ptr_null(sc_seats_next(&seats, &index));
        for (unsigned list = 0; list < SC_SEATS_LISTS; list++)
                assert_list((enum sc_seat_list)list, LIST(0));
        sc_seats_splice_level(&seats);
        assert_list(SC_SEATS_BEHIND, LIST(0));
}
END_TEST

START_TEST(whoever_comes_is_found_and_gone_when_gone)
{
        struct sc_seat *seat = added(UINT64_MAX);
        ck_assert_ptr_eq(sc_seats_find(&seats, UINT64_MAX), seat);
        ck_assert_ptr_eq(sc_seats_own(&seats, sc_seats_find(&seats, UINT64_MAX)), seat);
        seat->position = 7;
        sc_seats_remove(&seats, seat);
        ck_assert_ptr_null(sc_seats_find(&seats, UINT64_MAX));
        ck_assert_uint_eq(seats.count, 0);
        ck_assert_uint_eq(added(5)->position, 0); /* nothing is left of who sat there */
}
END_TEST

START_TEST(more_than_there_are_seats_for_are_refused)
{
        for (uint64_t client = 1; client <= SC_SEATS_MAX; client++)
                added(client);
        ck_assert_ptr_null(sc_seats_add(&seats, SC_SEATS_MAX + 1));
        ck_assert_uint_eq(seats.count, SC_SEATS_MAX);
        for (uint64_t client = 1; client <= SC_SEATS_MAX; client++)
                ck_assert_ptr_nonnull(sc_seats_find(&seats, client));
        ck_assert_ptr_null(sc_seats_find(&seats, SC_SEATS_MAX + 1));

        sc_seats_remove(&seats, sc_seats_own(&seats, sc_seats_find(&seats, 500)));
        added(SC_SEATS_MAX + 1);
        ck_assert_ptr_null(sc_seats_add(&seats, SC_SEATS_MAX + 2));
}
END_TEST

/* Against a table of who is there; few enough numbers that many meet in the index. */
#define NUMBERS 3000
START_TEST(any_order_of_coming_and_going_leaves_who_is_there)
{
        static bool there[NUMBERS];
        struct random random = random_of((unsigned)_i);
        uint64_t count = 0;
        memset(there, 0, sizeof(there));
        for (size_t step = 0; step < 20000; step++) {
                uint64_t client = 1 + random_below(&random, NUMBERS - 1);
                const struct sc_seat *seat = sc_seats_find(&seats, client * 0x10001);
                claim_uint(seat != NULL, ==, there[client]);
                if (seat) {
                        sc_seats_remove(&seats, sc_seats_own(&seats, seat));
                        count--;
                } else if (!sc_seats_add(&seats, client * 0x10001)) {
                        claim_uint(count, ==, SC_SEATS_MAX);
                        continue;
                } else {
                        count++;
                }
                there[client] = !there[client];
                claim_uint(seats.count, ==, count);
        }
        uint16_t index = 0;
        while (sc_seats_next(&seats, &index))
                count--;
        ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_list_is_in_the_order_in_which_it_was_joined)
{
        struct sc_seat *first = added(1), *second = added(2), *third = added(3);
        ck_assert(!sc_seats_is_in(first, SC_LINK_TAKING));
        sc_seats_put(&seats, first, SC_SEATS_TAKING);
        sc_seats_put(&seats, second, SC_SEATS_TAKING);
        sc_seats_put(&seats, third, SC_SEATS_TAKING);
        assert_list(SC_SEATS_TAKING, LIST(1, 2, 3, 0));
        sc_seats_put(&seats, first, SC_SEATS_TAKING); /* last again */
        assert_list(SC_SEATS_TAKING, LIST(2, 3, 1, 0));
        sc_seats_take_out(&seats, third, SC_LINK_TAKING);
        sc_seats_take_out(&seats, third, SC_LINK_TAKING); /* it is in none */
        assert_list(SC_SEATS_TAKING, LIST(2, 1, 0));
        ck_assert(sc_seats_is_in(second, SC_LINK_TAKING) && !sc_seats_is_in(third, SC_LINK_TAKING));
}
END_TEST

START_TEST(lists_exclude_each_other_where_they_share_a_link)
{
        struct sc_seat *seat = added(1);
        sc_seats_put(&seats, seat, SC_SEATS_BEHIND);
        sc_seats_put(&seats, seat, SC_SEATS_OWED);
        sc_seats_put(&seats, seat, SC_SEATS_LEVEL);
        assert_list(SC_SEATS_BEHIND, LIST(0));
        assert_list(SC_SEATS_LEVEL, LIST(1, 0));
        assert_list(SC_SEATS_OWED, LIST(1, 0));
}
END_TEST

START_TEST(who_goes_is_in_no_list)
{
        for (uint64_t client = 1; client <= 3; client++) {
                sc_seats_put(&seats, added(client), SC_SEATS_BEHIND);
                sc_seats_put(&seats, sc_seats_own(&seats, sc_seats_find(&seats, client)), SC_SEATS_OWED);
        }
        sc_seats_remove(&seats, sc_seats_own(&seats, sc_seats_find(&seats, (uint64_t)_i)));
        uint64_t left[] = { _i == 1 ? 2 : 1, _i == 3 ? 2 : 3, 0 };
        assert_list(SC_SEATS_BEHIND, left);
        assert_list(SC_SEATS_OWED, left);
        ck_assert(!sc_seats_is_in(added(4), SC_LINK_TURN));
}
END_TEST

START_TEST(all_that_are_level_fall_behind_at_once)
{
        sc_seats_put(&seats, added(1), SC_SEATS_LEVEL);
        sc_seats_put(&seats, added(2), SC_SEATS_BEHIND);
        sc_seats_put(&seats, added(3), SC_SEATS_LEVEL);
        sc_seats_splice_level(&seats);
        assert_list(SC_SEATS_BEHIND, LIST(2, 1, 3, 0));
        assert_list(SC_SEATS_LEVEL, LIST(0));
        sc_seats_splice_level(&seats);
        assert_list(SC_SEATS_BEHIND, LIST(2, 1, 3, 0));
        sc_seats_put(&seats, added(4), SC_SEATS_BEHIND);
        sc_seats_put(&seats, added(5), SC_SEATS_LEVEL);
        assert_list(SC_SEATS_BEHIND, LIST(2, 1, 3, 4, 0));
        assert_list(SC_SEATS_LEVEL, LIST(5, 0));
}
END_TEST

Suite *seat_suite(void)
{
        Suite *suite = suite_create("seat");
        TCase *tcase = tcase_create("seat");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, nobody_is_there_at_first);
        tcase_add_test(tcase, whoever_comes_is_found_and_gone_when_gone);
        tcase_add_test(tcase, more_than_there_are_seats_for_are_refused);
        tcase_add_loop_test(tcase, any_order_of_coming_and_going_leaves_who_is_there, 0, 5);
        tcase_add_test(tcase, a_list_is_in_the_order_in_which_it_was_joined);
        tcase_add_test(tcase, lists_exclude_each_other_where_they_share_a_link);
        tcase_add_loop_test(tcase, who_goes_is_in_no_list, 1, 4);
        tcase_add_test(tcase, all_that_are_level_fall_behind_at_once);
        suite_add_tcase(suite, tcase);
        return suite;
}
