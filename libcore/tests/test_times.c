#include "suites.h"

#include "claim.h"
#include "model/console/times.h"
#include "random.h"
#include "world.h"

#include <stdlib.h>

#define LINES 100000
#define LINE_BYTES 40

static struct sc_times_entry *entries;
static struct sc_times times;
static uint64_t *arrived_ns; /* of each line */
static uint64_t lines;
static uint64_t oldest; /* line that is retained */

static void no_lines(void)
{
        entries = calloc(SC_TIMES_ENTRIES_MAX, sizeof(*entries));
        arrived_ns = calloc(LINES, sizeof(*arrived_ns));
        ck_assert_ptr_nonnull(entries);
        ck_assert_ptr_nonnull(arrived_ns);
        sc_times_init(&times, entries);
        lines = oldest = 0;
}

static void end_lines(void)
{
        free(entries);
        free(arrived_ns);
}

static void add_line(uint64_t now_ns)
{
        arrived_ns[lines] = now_ns;
        sc_times_add(&times, lines * LINE_BYTES, now_ns);
        lines++;
}

static void forget_lines_below(uint64_t line)
{
        oldest = line;
        sc_times_forget_below(&times, line * LINE_BYTES);
}

/* BF-14: what the table says of each retained line is not wrong by more than it admits, and never late. */
static void assert_no_line_is_wrong(void)
{
        uint64_t resolution_ns = sc_times_resolution_ns(&times);
        for (uint64_t line = oldest; line < lines; line++) {
                struct sc_time_range range = sc_times_at(&times, line * LINE_BYTES + LINE_BYTES - 1);
                claim_uint(range.time_ns, <=, arrived_ns[line]);
                claim_uint(arrived_ns[line] - range.time_ns, <=, resolution_ns);
                claim_uint(range.end, >=, (line + 1) * LINE_BYTES);
        }
}

/* "Since" finds all lines of that time and later, and none that came more than a resolution before. */
static void assert_since_is_right(uint64_t time_ns)
{
        uint64_t offset = sc_times_offset_since(&times, time_ns);
        uint64_t line = oldest;
        while (line < lines && arrived_ns[line] < time_ns)
                line++;
        if (line == lines) { /* none */
                claim(offset == UINT64_MAX || arrived_ns[lines - 1] >= time_ns);
                return;
        }
        claim_uint(offset, <=, line * LINE_BYTES);
        if (offset >= oldest * LINE_BYTES)
                claim_uint(time_ns - sc_min_u64(arrived_ns[offset / LINE_BYTES], time_ns), <=,
                           sc_times_resolution_ns(&times));
}

/* Bursts of lines some milliseconds apart, and pauses of minutes between them. */
static uint64_t a_pause_ns(struct random *random)
{
        return random_below(random, 50) == 0 ? random_below(random, 900 * SC_NS_PER_S)
                                             : random_below(random, 20 * SC_NS_PER_MS);
}

START_TEST(lines_over_days_are_not_off_by_more_than_the_resolution)
{
        struct random random = random_of((unsigned)_i);
        uint64_t retained = _i == 0 ? LINES : 500 * (uint64_t)_i * (uint64_t)_i * (uint64_t)_i;
        uint64_t now_ns = 1;
        unsigned long count = test_rounds(LINES);
        for (unsigned long i = 0; i < count; i++) {
                now_ns += a_pause_ns(&random);
                add_line(now_ns);
                if (lines > retained)
                        forget_lines_below(lines - retained);
                if (i % (count / 16) == 0)
                        assert_no_line_is_wrong();
        }
        assert_no_line_is_wrong();
        for (int i = 0; i < 200; i++)
                assert_since_is_right(random_below(&random, now_ns + SC_NS_PER_S));
        if (oldest ==
            0) /* never halved: merging makes no entry coarser than the resolution that it is done at */
                claim_uint(sc_times_resolution_ns(&times), ==, times.resolution_ns);
        /* Two neighbours span a resolution at least, half the table is full when it doubles: not coarser than that. */
        claim_uint(sc_times_resolution_ns(&times), <=,
                   SC_TIMES_RESOLUTION_NS + 4 * (now_ns - 1) / (SC_TIMES_ENTRIES_MAX - 2));
}
END_TEST

START_TEST(lines_farther_apart_than_the_resolution_keep_their_own_times)
{
        uint64_t now_ns = 5;
        for (int i = 0; i < SC_TIMES_ENTRIES_MAX; i++)
                add_line(now_ns += 200 * SC_NS_PER_MS);
        claim_uint(sc_times_resolution_ns(&times), ==, SC_TIMES_RESOLUTION_NS);
        for (uint64_t line = 0; line < lines; line++) {
                struct sc_time_range range = sc_times_at(&times, line * LINE_BYTES);
                claim_uint(range.time_ns, ==, arrived_ns[line]);
                claim_uint(range.end, ==, line + 1 < lines ? (line + 1) * LINE_BYTES : UINT64_MAX);
        }
        assert_since_is_right(arrived_ns[100]);
        claim_uint(sc_times_offset_since(&times, arrived_ns[100]), ==, 100 * LINE_BYTES);
        claim_uint(sc_times_offset_since(&times, arrived_ns[100] + 1), ==, 101 * LINE_BYTES);
        claim_uint(sc_times_offset_since(&times, now_ns + 1), ==, UINT64_MAX);
}
END_TEST

START_TEST(full_table_doubles_the_resolution_until_an_entry_is_free)
{
        uint64_t now_ns = 5;
        for (int i = 0; i <= SC_TIMES_ENTRIES_MAX; i++)
                add_line(now_ns += SC_NS_PER_S);
        claim_uint(times.count, <=, SC_TIMES_ENTRIES_MAX);
        claim_uint(sc_times_resolution_ns(&times), >, SC_NS_PER_S);
        claim_uint(sc_times_resolution_ns(&times), <, 4 * SC_NS_PER_S);
        assert_no_line_is_wrong();
}
END_TEST

START_TEST(resolution_is_halved_again_when_the_table_has_emptied)
{
        uint64_t now_ns = 5;
        for (int i = 0; i <= SC_TIMES_ENTRIES_MAX; i++)
                add_line(now_ns += SC_NS_PER_S);
        for (int i = 0; i < 2000; i++) {
                add_line(now_ns += SC_NS_PER_S);
                forget_lines_below(lines - 100);
                assert_no_line_is_wrong();
        }
        claim_uint(sc_times_resolution_ns(&times), ==, SC_TIMES_RESOLUTION_NS);
        claim_uint(sc_times_at(&times, (lines - 1) * LINE_BYTES).time_ns, ==, now_ns);
}
END_TEST

START_TEST(coarse_entries_are_admitted_as_long_as_they_are_retained)
{
        uint64_t now_ns = 5;
        for (int i = 0; i <= SC_TIMES_ENTRIES_MAX; i++)
                add_line(now_ns += SC_NS_PER_S);
        /* Few are left, so the resolution for new ones falls; those that were merged are as coarse as before. */
        for (int i = 0; i < 20; i++)
                forget_lines_below(lines - 300);
        claim_uint(times.resolution_ns, <, SC_NS_PER_S);
        assert_no_line_is_wrong();
        claim_uint(sc_times_resolution_ns(&times), >=, SC_NS_PER_S);
}
END_TEST

START_TEST(clear_leaves_no_time_in_the_memory) /* BF-15 */
{
        for (uint64_t i = 0; i < 3 * SC_TIMES_ENTRIES_MAX; i++) {
                add_line(5 + i * SC_NS_PER_S);
                forget_lines_below(i < 100 ? 0 : i - 100);
        }
        sc_times_clear(&times);
        claim_uint(times.count, ==, 0);
        claim_uint(sc_times_offset_since(&times, 0), ==, UINT64_MAX);
        claim_uint(sc_times_resolution_ns(&times), ==, SC_TIMES_RESOLUTION_NS);
        for (size_t i = 0; i < SC_TIMES_ENTRIES_MAX; i++)
                claim(entries[i].offset == 0 && entries[i].first_ns == 0 && entries[i].last_ns == 0);
}
END_TEST

Suite *times_suite(void)
{
        Suite *suite = suite_create("times");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, no_lines, end_lines);
        tcase_set_timeout(claims, 60);
        tcase_add_loop_test(claims, lines_over_days_are_not_off_by_more_than_the_resolution, 0, 5);
        tcase_add_test(claims, lines_farther_apart_than_the_resolution_keep_their_own_times);
        tcase_add_test(claims, full_table_doubles_the_resolution_until_an_entry_is_free);
        tcase_add_test(claims, resolution_is_halved_again_when_the_table_has_emptied);
        tcase_add_test(claims, coarse_entries_are_admitted_as_long_as_they_are_retained);
        tcase_add_test(claims, clear_leaves_no_time_in_the_memory);
        suite_add_tcase(suite, claims);
        return suite;
}
