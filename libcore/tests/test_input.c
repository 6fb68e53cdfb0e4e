#include "suites.h"

#include "claim.h"
#include "model/console/input.h"
#include "random.h"
#include "world.h"

#include <string.h>

static uint8_t memory[SC_INPUT_BYTES];
static struct sc_input input;
static uint64_t typed; /* bytes put, output_byte(position) each */
static uint64_t taken;

static void empty_queue(void)
{
        sc_input_init(&input, memory);
        typed = taken = 0;
}

static size_t put(size_t length)
{
        static uint8_t bytes[2 * SC_INPUT_BYTES];
        for (size_t i = 0; i < length; i++)
                bytes[i] = output_byte(typed + i);
        size_t done = sc_input_put(&input, 1, bytes, length);
        typed += done;
        return done;
}

/* What can be taken in one write, after it was looked at. */
static uint64_t peeked(void)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        size_t count = sc_input_peek(&input, spans);
        uint64_t length = 0;
        for (size_t i = 0; i < count; i++) {
                assert_output(spans[i].bytes, taken + length, spans[i].length);
                length += spans[i].length;
        }
        return length;
}

static void take(uint64_t length)
{
        sc_input_take(&input, length);
        taken += length;
}

START_TEST(full_queue_takes_no_more_and_evicts_nothing) /* BF-10 */
{
        claim_uint(put(SC_INPUT_BYTES + 100), ==, SC_INPUT_BYTES);
        claim_uint(put(1), ==, 0);
        claim_uint(sc_input_room_bytes(&input), ==, 0);
        claim_uint(peeked(), ==, SC_INPUT_BYTES);
        take(10);
        claim_uint(put(100), ==, 10);
        claim_uint(peeked(), ==, SC_INPUT_BYTES);
}
END_TEST

START_TEST(nothing_is_lost_doubled_or_moved)
{
        struct random random = random_of(1);
        for (unsigned long i = test_rounds(20000); i > 0; i--) {
                put((size_t)random_below(&random, 300));
                claim_uint(sc_input_waiting_bytes(&input), ==, typed - taken);
                take(random_below(&random, peeked() + 1));
                claim_uint(sc_input_waiting_bytes(&input) + sc_input_room_bytes(&input), ==, SC_INPUT_BYTES);
        }
}
END_TEST

START_TEST(break_keeps_its_place_among_the_bytes)
{
        put(5);
        claim(sc_input_put_break(&input));
        put(7);
        claim(sc_input_put_break(&input));
        claim(sc_input_put_break(&input));
        put(1);
        claim(!sc_input_break_is_next(&input));
        claim_uint(peeked(), ==, 5);
        take(3);
        claim_uint(peeked(), ==, 2);
        take(2);
        claim(sc_input_break_is_next(&input));
        claim_uint(peeked(), ==, 0);
        sc_input_take_break(&input);
        claim_uint(peeked(), ==, 7);
        take(7);
        claim(sc_input_break_is_next(&input));
        sc_input_take_break(&input);
        claim(sc_input_break_is_next(&input));
        sc_input_take_break(&input);
        claim_uint(peeked(), ==, 1);
}
END_TEST

START_TEST(breaks_have_a_limit)
{
        for (int i = 0; i < SC_INPUT_BREAKS_MAX; i++)
                claim(sc_input_put_break(&input));
        claim(!sc_input_put_break(&input));
        sc_input_take_break(&input);
        claim(sc_input_put_break(&input));
}
END_TEST

/* How many hundreds of bytes the guest took before those that wait. */
static const unsigned taken_hundreds[] = { 0, 3, 655, 656, 2000 };

START_TEST(wipe_leaves_what_waits_alone) /* BF-15 */
{
        memset(memory, 0, sizeof(memory));
        for (unsigned i = 0; i < taken_hundreds[_i]; i++) {
                put(100);
                take(100);
        }
        put(100);
        sc_input_wipe(&input);
        claim_uint(peeked(), ==, 100);
        uint64_t kept = 0;
        for (size_t i = 0; i < sizeof(memory); i++)
                kept += memory[i] != 0;
        claim_uint(kept, <=, 100);
        take(100);
        sc_input_wipe(&input);
        for (size_t i = 0; i < sizeof(memory); i++)
                claim_uint(memory[i], ==, 0);
}
END_TEST

static void expect_dropped(uint64_t bytes, uint64_t of)
{
        uint64_t client = UINT64_MAX;
        claim_uint(sc_input_drop(&input, &client), ==, bytes);
        if (bytes > 0)
                claim_uint(client, ==, of);
}

START_TEST(drop_forgets_bytes_and_breaks_and_counts)
{
        put(40);
        take(15);
        sc_input_put_break(&input);
        expect_dropped(25, 1);
        expect_dropped(0, 0);
        taken = typed;
        claim(!sc_input_break_is_next(&input));
        claim_uint(sc_input_waiting_bytes(&input), ==, 0);
        put(3);
        claim_uint(peeked(), ==, 3);
}
END_TEST

static void put_of(uint64_t client, size_t length)
{
        static const uint8_t bytes[64];
        claim_uint(sc_input_put(&input, client, bytes, length), ==, length);
}

START_TEST(what_is_dropped_is_somebodys)
{
        put_of(7, 10);
        put_of(7, 5);
        put_of(8, 3);
        put_of(7, 4);
        sc_input_take(&input, 12);
        expect_dropped(3, 7);
        expect_dropped(3, 8);
        expect_dropped(4, 7);
        expect_dropped(0, 0);
        for (uint64_t client = 1; client <= SC_INPUT_OWNERS_MAX + 5; client++) /* more than are told apart */
                put_of(client, 2);
        for (uint64_t client = 1; client < SC_INPUT_OWNERS_MAX; client++)
                expect_dropped(2, client);
        expect_dropped(2 * 6, 0);
        expect_dropped(0, 0);
}
END_TEST

Suite *input_suite(void)
{
        Suite *suite = suite_create("input");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, empty_queue, NULL);
        tcase_add_test(claims, full_queue_takes_no_more_and_evicts_nothing);
        tcase_add_test(claims, nothing_is_lost_doubled_or_moved);
        tcase_add_test(claims, break_keeps_its_place_among_the_bytes);
        tcase_add_test(claims, breaks_have_a_limit);
        tcase_add_loop_test(claims, wipe_leaves_what_waits_alone, 0, (int)SC_COUNT(taken_hundreds));
        tcase_add_test(claims, drop_forgets_bytes_and_breaks_and_counts);
        tcase_add_test(claims, what_is_dropped_is_somebodys);
        suite_add_tcase(suite, claims);
        return suite;
}
