#include "suites.h"

#include "model/console/cursor.h"
#include "world.h"

#include <stdlib.h>

#define CAPACITY 500

static struct sc_history history;
static struct sc_history_memory memory;
static struct sc_boundaries boundaries;
static struct sc_cursor cursor;

static void say(uint64_t length, uint64_t now_ns)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        sc_history_reserve(&history, length, spans);
        sc_history_commit(&history, length, now_ns, 0);
}

/* 800 bytes, said at 1 s, 2 s and 3 s, of a guest that came, went and came again. */
static void make_output(void)
{
        memory = (struct sc_history_memory) {
                .ring = calloc(1, CAPACITY),
                .first = calloc(1, 1),
                .ring_times = calloc(SC_TIMES_ENTRIES_MAX, sizeof(struct sc_times_entry)),
                .first_times = calloc(SC_TIMES_ENTRIES_MAX, sizeof(struct sc_times_entry)),
        };
        ck_assert(memory.ring && memory.first && memory.ring_times && memory.first_times);
        sc_history_init(&history, &memory, CAPACITY, 0);
        boundaries = (struct sc_boundaries) { 0 };
        sc_boundaries_add(&boundaries, SC_BOUNDARY_UP, 0, SC_NS_PER_S, NULL, 0);
        say(400, SC_NS_PER_S);
        sc_boundaries_add(&boundaries, SC_BOUNDARY_DOWN, 400, SC_NS_PER_S, NULL, 0);
        sc_boundaries_add(&boundaries, SC_BOUNDARY_UP, 400, SC_NS_PER_S, NULL, 0);
        say(250, 2 * SC_NS_PER_S);
        sc_boundaries_add(&boundaries, SC_BOUNDARY_MARK, 650, SC_NS_PER_S, "m", 1);
        say(150, 3 * SC_NS_PER_S);
        sc_cursor_start(&cursor, 100, 7);
}

static void free_output(void)
{
        free(memory.ring);
        free(memory.first);
        free(memory.ring_times);
        free(memory.first_times);
}

START_TEST(cursor_moves_by_what_was_accepted)
{
        ck_assert(cursor.offset == 100 && cursor.begin == 100 && cursor.took_ns == 7);
        sc_cursor_advance(&cursor, 20, 800, 9);
        ck_assert(cursor.offset == 120 && cursor.took_ns == 9 && cursor.tried_ns == 9);
        sc_cursor_advance(&cursor, 0, 800, 11); /* offered, and not taken */
        ck_assert(cursor.offset == 120 && cursor.took_ns == 9 && cursor.tried_ns == 11);
        ck_assert_uint_eq(cursor.begin, 100);
}
END_TEST

START_TEST(client_that_was_given_up_is_awaited_again_at_head) /* BF-5 */
{
        cursor.not_awaited = true;
        sc_cursor_advance(&cursor, 20, 800, 9);
        ck_assert(cursor.not_awaited);
        sc_cursor_advance(&cursor, 680, 800, 9);
        ck_assert(!cursor.not_awaited);
}
END_TEST

START_TEST(gap_is_counted_by_kind) /* BF-6, BF-15 */
{
        sc_cursor_pass_gap(&cursor, &(struct sc_gap) { 100, 150, SC_GAP_OVERWRITTEN });
        ck_assert(cursor.offset == 150 && cursor.gaps == 1 && cursor.gap_bytes == 50);
        sc_cursor_advance(&cursor, 10, 800, 9);
        sc_cursor_pass_gap(&cursor, &(struct sc_gap) { 160, 200, SC_GAP_CLEARED });
        ck_assert(cursor.offset == 200 && cursor.gaps == 1 && cursor.gap_bytes == 50);
        ck_assert_uint_eq(cursor.cleared_bytes, 40);
}
END_TEST

START_TEST(gap_that_follows_directly_is_the_same_gap)
{
        sc_cursor_pass_gap(&cursor, &(struct sc_gap) { 100, 150, SC_GAP_OVERWRITTEN });
        sc_cursor_pass_gap(&cursor, &(struct sc_gap) { 150, 180, SC_GAP_OVERWRITTEN });
        ck_assert(cursor.gaps == 1 && cursor.gap_bytes == 80);
        sc_cursor_advance(&cursor, 1, 800, 9);
        sc_cursor_pass_gap(&cursor, &(struct sc_gap) { 181, 190, SC_GAP_OVERWRITTEN });
        ck_assert(cursor.gaps == 2 && cursor.gap_bytes == 89);
}
END_TEST

START_TEST(gap_at_offset_0_is_counted)
{
        sc_cursor_start(&cursor, 0, 7);
        sc_cursor_pass_gap(&cursor, &(struct sc_gap) { 0, 5, SC_GAP_OVERWRITTEN });
        ck_assert(cursor.gaps == 1 && cursor.gap_bytes == 5);
}
END_TEST

static const struct start_case {
        enum sc_start start;
        uint64_t value;
        uint64_t offset;
} start_cases[] = {
        { SC_START_BEGINNING, 77, 0 },
        { SC_START_UNREAD, 77, 500 },
        { SC_START_END, 77, 800 },
        { SC_START_OFFSET, 77, 77 },
        { SC_START_OFFSET, 800, 800 },
        { SC_START_OFFSET, 801, 800 },
        { SC_START_LAST, 0, 800 },
        { SC_START_LAST, 50, 750 },
        { SC_START_LAST, 801, 0 },
        { SC_START_SINCE, 2 * SC_NS_PER_S, 400 },
        { SC_START_SINCE, 2 * SC_NS_PER_S + 1, 650 },
        { SC_START_SINCE, 4 * SC_NS_PER_S, 800 },
        { SC_START_BOUNDARY, 4, 650 },
        { SC_START_BOUNDARY, 1, 0 },
        { SC_START_BOUNDARY, 0, 0 },
        { SC_START_BOUNDARY, 5, 800 },
        { SC_START_BOOT, 77, 400 },
};

START_TEST(start_means_an_offset) /* BF-7 */
{
        for (size_t i = 0; i < SC_COUNT(start_cases); i++) {
                const struct start_case *it = &start_cases[i];
                uint64_t offset = sc_start_offset(it->start, it->value, &history, &boundaries, 500);
                ck_assert_msg(offset == it->offset, "start %zu: %llu", i, (unsigned long long)offset);
        }
}
END_TEST

static uint64_t policy(enum sc_history_policy policy, uint64_t last)
{
        return sc_start_of_policy(policy, last, &history, &boundaries, 500);
}

START_TEST(history_option_says_where_a_raw_client_begins) /* BF-7 */
{
        ck_assert_uint_eq(policy(SC_HISTORY_ALL, 0), 0);
        ck_assert_uint_eq(policy(SC_HISTORY_BOOT, 0), 400);
        ck_assert_uint_eq(policy(SC_HISTORY_UNREAD, 0), 500);
        ck_assert_uint_eq(policy(SC_HISTORY_NONE, 0), 800);
        ck_assert_uint_eq(policy(SC_HISTORY_LAST, 50), 500); /* all that is unread, and at least so much */
        ck_assert_uint_eq(policy(SC_HISTORY_LAST, 400), 400);
        ck_assert_uint_eq(policy(SC_HISTORY_LAST, 5000), 0);
}
END_TEST

START_TEST(boot_that_is_not_kept_means_the_beginning)
{
        sc_boundaries_clear(&boundaries);
        ck_assert_uint_eq(policy(SC_HISTORY_BOOT, 0), 0);
        ck_assert_uint_eq(sc_start_offset(SC_START_BOUNDARY, 3, &history, &boundaries, 500), 0);
}
END_TEST

Suite *cursor_suite(void)
{
        Suite *suite = suite_create("cursor");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, make_output, free_output);
        tcase_add_test(claims, cursor_moves_by_what_was_accepted);
        tcase_add_test(claims, client_that_was_given_up_is_awaited_again_at_head);
        tcase_add_test(claims, gap_is_counted_by_kind);
        tcase_add_test(claims, gap_that_follows_directly_is_the_same_gap);
        tcase_add_test(claims, gap_at_offset_0_is_counted);
        tcase_add_test(claims, start_means_an_offset);
        tcase_add_test(claims, history_option_says_where_a_raw_client_begins);
        tcase_add_test(claims, boot_that_is_not_kept_means_the_beginning);
        suite_add_tcase(suite, claims);
        return suite;
}
