#include "suites.h"

#include "claim.h"
#include "model/console/history.h"
#include "random.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY 50
#define KEEP_FIRST_MAX 120
#define OUTPUT_MAX 20000
#define STEP_NS (20 * SC_NS_PER_MS) /* more than the resolution: every commit keeps its own time */

static struct sc_history history;
static struct sc_history_memory memory;
static uint64_t now_ns;

/* What became of each byte, kept by hand. */
enum fate { NOT_SAID, RETAINED, OVERWRITTEN, CLEARED };
static enum fate fates[OUTPUT_MAX];
static uint64_t arrived_ns[OUTPUT_MAX];
static uint64_t overwritten, lost, cleared, clears;

static void start(uint64_t keep_first)
{
        sc_history_init(&history, &memory, CAPACITY, keep_first);
        now_ns = STEP_NS;
        memset(fates, 0, sizeof(fates));
        overwritten = lost = cleared = clears = 0;
}

static void make_memory(void)
{
        memory = (struct sc_history_memory) {
                .ring = calloc(1, CAPACITY),
                .first = calloc(1, KEEP_FIRST_MAX),
                .ring_times = calloc(SC_TIMES_ENTRIES_MAX, sizeof(struct sc_times_entry)),
                .first_times = calloc(SC_TIMES_ENTRIES_MAX, sizeof(struct sc_times_entry)),
        };
        claim(memory.ring && memory.first && memory.ring_times && memory.first_times);
        start(0);
}

static void free_memory(void)
{
        free(memory.ring);
        free(memory.first);
        free(memory.ring_times);
        free(memory.first_times);
}

/* At most the capacity. */
static void say(uint64_t length, uint64_t consumed)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        uint64_t offset = history.ring.head;
        size_t count = sc_history_reserve(&history, length, spans);
        for (size_t i = 0; i < count; i++)
                for (size_t j = 0; j < spans[i].length; j++)
                        spans[i].bytes[j] = output_byte(offset++);
        claim_uint(offset, <=, OUTPUT_MAX);
        now_ns += STEP_NS;
        sc_history_commit(&history, length, now_ns, consumed);

        for (uint64_t at = offset - length; at < offset; at++) {
                fates[at] = RETAINED;
                arrived_ns[at] = now_ns;
        }
        for (uint64_t at = history.keep_first_bytes; at + CAPACITY < offset; at++) {
                if (fates[at] != RETAINED)
                        continue;
                fates[at] = OVERWRITTEN;
                overwritten++;
                lost += at >= consumed;
        }
}

static void clear(void)
{
        for (uint64_t at = 0; at < history.ring.head; at++) {
                cleared += fates[at] == RETAINED;
                if (fates[at] == RETAINED)
                        fates[at] = CLEARED;
        }
        clears++;
        sc_history_clear(&history);
}

static uint64_t assert_gap(const struct sc_gap *gap, uint64_t offset)
{
        claim_uint(gap->from, ==, offset);
        claim_uint(gap->to, >, offset);
        for (uint64_t at = offset; at < gap->to; at++) {
                claim_uint(fates[at], !=, RETAINED);
                if (gap->kind == SC_GAP_CLEARED)
                        claim_uint(fates[at], ==, CLEARED);
                else if (clears < 2) /* back to the newest clear */
                        claim_uint(fates[at], ==, OVERWRITTEN);
        }
        return gap->to;
}

static uint64_t assert_piece(uint64_t offset)
{
        struct sc_piece piece = sc_history_piece(&history, offset, 17);
        claim_uint(piece.span.length, >, 0);
        claim_uint(piece.span.length, <=, 17);
        assert_output(piece.span.bytes, offset, piece.span.length);
        for (uint64_t end = offset + piece.span.length; offset < end; offset++) {
                claim_uint(fates[offset], ==, RETAINED);
                claim_uint(piece.time_ns, ==, arrived_ns[offset]);
        }
        return offset;
}

/* All that sc_history_peek gives at `offset`, up to the next gap or head. */
static void assert_peek(uint64_t offset)
{
        struct sc_span spans[SC_HISTORY_SPANS_MAX];
        size_t count = sc_history_peek(&history, offset, UINT64_MAX, spans);
        for (size_t i = 0; i < count; i++) {
                assert_output(spans[i].bytes, offset, spans[i].length);
                offset += spans[i].length;
        }
        if (offset < history.ring.head)
                claim_uint(fates[offset], !=, RETAINED);
}

static void assert_history(void)
{
        struct sc_gap gap;
        uint64_t offset = 0;
        while (offset < history.ring.head) {
                if (sc_history_gap(&history, offset, &gap)) {
                        offset = assert_gap(&gap, offset);
                } else {
                        assert_peek(offset);
                        offset = assert_piece(offset);
                }
        }
        claim_uint(offset, ==, history.ring.head);
        claim(!sc_history_gap(&history, offset, &gap));
        claim_uint(history.overwritten_bytes, ==, overwritten);
        claim_uint(history.lost_bytes, ==, lost);
        claim_uint(history.cleared_bytes, ==, cleared);
        struct sc_range first = sc_history_first(&history);
        for (uint64_t at = first.from; at < first.to; at++)
                claim_uint(fates[at], ==, RETAINED);
}

/* The first retained byte of that time or later is found, and nothing earlier. */
static void assert_since(uint64_t time_ns)
{
        uint64_t offset = sc_history_since(&history, time_ns);
        uint64_t at = 0;
        while (at < history.ring.head && (fates[at] != RETAINED || arrived_ns[at] < time_ns))
                at++;
        claim_uint(offset, <=, at);
        if (offset < history.ring.head)
                claim_uint(arrived_ns[offset], >=, time_ns);
}

START_TEST(any_order_is_that_of_the_plain_reference) /* BF-1, 4, 13, 14, 15 */
{
        static const uint64_t keep_first[] = { 0, 30, CAPACITY, KEEP_FIRST_MAX };
        struct random random = random_of((unsigned)_i);
        start(keep_first[_i % 4]);
        uint64_t consumed = 0;
        for (unsigned long i = test_rounds(400); i > 0; i--) {
                if (random_below(&random, 12) == 0)
                        consumed += random_below(&random, history.ring.head - consumed + 1);
                if (random_below(&random, _i < 4 ? 300 : 20) == 0) {
                        clear();
                        consumed = history.ring.head;
                } else {
                        say(1 + random_below(&random, random_below(&random, 5) ? 20 : CAPACITY), consumed);
                }
                assert_history();
                assert_since(random_below(&random, now_ns + STEP_NS));
        }
}
END_TEST

START_TEST(beginning_is_kept_with_one_hole_behind_it) /* BF-1 */
{
        struct sc_gap gap;
        start(30);
        for (int i = 0; i < 10; i++)
                say(20, 0);
        claim(!sc_history_gap(&history, 0, &gap));
        claim(!sc_history_gap(&history, 29, &gap));
        claim(sc_history_gap(&history, 30, &gap));
        claim_uint(gap.to, ==, 150);
        claim_uint(gap.kind, ==, SC_GAP_OVERWRITTEN);
        claim(!sc_history_gap(&history, 150, &gap));
        claim_uint(history.overwritten_bytes, ==, 120);
        assert_history();
}
END_TEST

START_TEST(kept_beginning_joins_the_ring_without_a_seam)
{
        struct sc_span spans[SC_HISTORY_SPANS_MAX];
        start(30);
        say(50, 0);
        say(20, 0); /* tail is 20: the ring has the last 10 of the first 30 too */
        size_t length = 0;
        size_t count = sc_history_peek(&history, 0, UINT64_MAX, spans);
        for (size_t i = 0; i < count; i++) {
                assert_output(spans[i].bytes, length, spans[i].length);
                length += spans[i].length;
        }
        claim_uint(length, ==, 70);
        claim_uint(history.overwritten_bytes, ==, 0);
}
END_TEST

START_TEST(lost_is_what_nobody_had_consumed) /* BF-13 */
{
        say(50, 0);
        say(30, 20);
        claim_uint(history.overwritten_bytes, ==, 30);
        claim_uint(history.lost_bytes, ==, 10);
        say(20, 80);
        claim_uint(history.overwritten_bytes, ==, 50);
        claim_uint(history.lost_bytes, ==, 10);
}
END_TEST

START_TEST(gap_over_a_clear_has_both_kinds) /* BF-15 */
{
        struct sc_gap gap;
        say(50, 0);
        say(30, 0);
        clear();
        say(40, 80);
        say(40, 80);
        claim(sc_history_gap(&history, 0, &gap));
        claim(gap.to == 30 && gap.kind == SC_GAP_OVERWRITTEN);
        claim(sc_history_gap(&history, 30, &gap));
        claim(gap.to == 80 && gap.kind == SC_GAP_CLEARED);
        claim(sc_history_gap(&history, 80, &gap));
        claim(gap.to == 110 && gap.kind == SC_GAP_OVERWRITTEN);
        claim_uint(history.cleared_bytes, ==, 50);
        assert_history();
}
END_TEST

START_TEST(clear_leaves_nothing_in_the_memory) /* BF-15 */
{
        start(30);
        for (int i = 0; i < 5; i++)
                say(25, 0);
        clear();
        for (size_t i = 0; i < CAPACITY; i++)
                claim_uint(memory.ring[i], ==, 0);
        for (size_t i = 0; i < KEEP_FIRST_MAX; i++)
                claim_uint(memory.first[i], ==, 0);
        struct sc_range first = sc_history_first(&history);
        claim_uint(first.from, ==, first.to);
        claim_uint(sc_history_since(&history, 0), ==, 125);
        say(7, 125);
        assert_history();
}
END_TEST

START_TEST(beginning_said_after_a_clear_is_kept)
{
        start(30);
        say(10, 0);
        clear();
        for (int i = 0; i < 5; i++)
                say(40, 10);
        struct sc_range first = sc_history_first(&history);
        claim(first.from == 10 && first.to == 30);
        assert_history();
}
END_TEST

Suite *history_suite(void)
{
        Suite *suite = suite_create("history");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, make_memory, free_memory);
        tcase_set_timeout(claims, 30);
        tcase_add_loop_test(claims, any_order_is_that_of_the_plain_reference, 0, 12);
        tcase_add_test(claims, beginning_is_kept_with_one_hole_behind_it);
        tcase_add_test(claims, kept_beginning_joins_the_ring_without_a_seam);
        tcase_add_test(claims, lost_is_what_nobody_had_consumed);
        tcase_add_test(claims, gap_over_a_clear_has_both_kinds);
        tcase_add_test(claims, clear_leaves_nothing_in_the_memory);
        tcase_add_test(claims, beginning_said_after_a_clear_is_kept);
        suite_add_tcase(suite, claims);
        return suite;
}
