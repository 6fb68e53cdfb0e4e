#include "suites.h"

#include "model/console/turn.h"

#include <string.h>

static void walk(struct sc_turn *turn, uint32_t count, char *visited)
{
        uint32_t position;
        while (sc_turn_visit(turn, count, &position))
                *visited++ = (char)('0' + position);
        *visited = '\0';
}

START_TEST(each_phase_visits_every_client_once)
{
        struct sc_turn turn = { .first = 1 };
        char visited[8];
        sc_turn_begin(&turn, 3);
        ck_assert_int_eq(turn.phase, SC_PHASE_READ);
        for (; turn.phase != SC_PHASE_OVER; sc_turn_next_phase(&turn)) {
                walk(&turn, 3, visited);
                ck_assert_str_eq(visited, "201");
        }
}
END_TEST

START_TEST(who_goes_first_moves_on_by_one_each_turn)
{
        static const char *const orders[] = { "120", "201", "012", "120" };
        struct sc_turn turn = { .first = 0 };
        char visited[8];
        for (int i = 0; i < 4; i++) {
                sc_turn_begin(&turn, 3);
                walk(&turn, 3, visited);
                ck_assert_str_eq(visited, orders[i]);
        }
}
END_TEST

START_TEST(clients_that_came_or_went_are_no_trouble)
{
        struct sc_turn turn = { .first = 7 };
        uint32_t position;
        char visited[8];
        sc_turn_begin(&turn, 0);
        ck_assert_uint_eq(turn.first, 0);
        sc_turn_begin(&turn, 2);
        walk(&turn, 2, visited);
        ck_assert_uint_eq(strlen(visited), 2);
        ck_assert(sc_turn_visit(&turn, 3, &position)); /* accepted meanwhile */
        ck_assert_uint_lt(position, 3);
        ck_assert(!sc_turn_visit(&turn, 3, &position));
}
END_TEST

Suite *turn_suite(void)
{
        Suite *suite = suite_create("turn");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, each_phase_visits_every_client_once);
        tcase_add_test(claims, who_goes_first_moves_on_by_one_each_turn);
        tcase_add_test(claims, clients_that_came_or_went_are_no_trouble);
        suite_add_tcase(suite, claims);
        return suite;
}
