#include "suites.h"

#include "claim.h"
#include "model/console/ring.h"
#include "random.h"
#include "world.h"

#include <string.h>

#define CAPACITY 61
#define CAPACITY_MAX 97

static uint8_t memory[CAPACITY_MAX];
static struct sc_ring ring;

static void small_ring(void)
{
        memset(memory, 0, sizeof(memory));
        sc_ring_init(&ring, memory, CAPACITY);
}

static size_t spans_length(const struct sc_span *spans, size_t count)
{
        size_t length = 0;
        for (size_t i = 0; i < count; i++) {
                claim_uint(spans[i].length, >, 0);
                claim(memory <= spans[i].bytes);
                claim(spans[i].bytes + spans[i].length <= memory + ring.capacity_bytes);
                length += spans[i].length;
        }
        return length;
}

/* --- against a plain reference --- */

/* The newest bytes, oldest first: what the ring is to hold, moved by hand. */
static uint8_t kept[2 * CAPACITY_MAX];
static size_t kept_length;

static void keep(const uint8_t *bytes, size_t length)
{
        memcpy(kept + kept_length, bytes, length);
        kept_length += length;
        if (kept_length > ring.capacity_bytes) {
                size_t over = kept_length - (size_t)ring.capacity_bytes;
                kept_length -= over;
                memmove(kept, kept + over, kept_length);
        }
}

static void write_randomly(struct random *random)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        uint8_t bytes[CAPACITY_MAX];
        uint64_t asked = random_below(random, 2 * ring.capacity_bytes + 1);
        uint64_t head = ring.head;
        uint64_t tail = ring.tail;
        size_t count = sc_ring_reserve(&ring, asked, spans);
        size_t room = spans_length(spans, count);

        claim_uint(room, ==, sc_min_u64(asked, ring.capacity_bytes));
        claim_uint(ring.tail, ==, tail); /* nothing is evicted by asking */
        size_t length = (size_t)random_below(random, room + 1);
        size_t at = 0;
        for (size_t i = 0; i < count; i++)
                for (size_t j = 0; j < spans[i].length && at < length; j++)
                        spans[i].bytes[j] = bytes[at++] = (uint8_t)random_below(random, 256);
        sc_ring_commit(&ring, length);
        claim_uint(ring.head, ==, head + length);
        keep(bytes, length);
}

static void read_randomly(struct random *random)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        uint64_t skipped = random_below(random, kept_length + 1);
        uint64_t asked = random_below(random, 2 * ring.capacity_bytes);
        size_t count = sc_ring_peek(&ring, ring.tail + skipped, asked, spans);
        claim_uint(spans_length(spans, count), ==, sc_min_u64(asked, kept_length - skipped));
        size_t at = (size_t)skipped;
        for (size_t i = 0; i < count; i++) {
                ck_assert_mem_eq(spans[i].bytes, kept + at, spans[i].length);
                at += spans[i].length;
        }
}

START_TEST(any_operations_are_those_of_the_plain_reference) /* BF-4 */
{
        struct random random = random_of((unsigned)_i);
        sc_ring_init(&ring, memory, 1 + random_below(&random, CAPACITY_MAX));
        kept_length = 0;
        for (unsigned long operations = test_rounds(120000); operations > 0; operations--) {
                uint64_t what = random_below(&random, 1000);
                if (what == 0) {
                        sc_ring_clear(&ring);
                        kept_length = 0;
                } else if (what < 500) {
                        write_randomly(&random);
                } else {
                        read_randomly(&random);
                }
                claim_uint(ring.head - ring.tail, ==, kept_length);
        }
}
END_TEST

/* --- claims --- */

static void write_counting_bytes(uint64_t length)
{
        while (length > 0) {
                struct sc_span spans[SC_RING_SPANS_MAX];
                size_t count = sc_ring_reserve(&ring, length, spans);
                uint64_t offset = ring.head;
                for (size_t i = 0; i < count; i++)
                        for (size_t j = 0; j < spans[i].length; j++)
                                spans[i].bytes[j] = (uint8_t)(offset++);
                sc_ring_commit(&ring, offset - ring.head);
                length -= sc_min_u64(length, ring.capacity_bytes);
        }
}

static void assert_counting_bytes(uint64_t from, uint64_t to)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        size_t count = sc_ring_peek(&ring, from, UINT64_MAX, spans);
        claim_uint(spans_length(spans, count), ==, to - from);
        for (size_t i = 0; i < count; i++)
                for (size_t j = 0; j < spans[i].length; j++)
                        claim_uint(spans[i].bytes[j], ==, (uint8_t)from++);
}

START_TEST(overflow_keeps_exactly_the_newest_capacity_bytes) /* BF-4 */
{
        for (uint64_t extra = 0; extra <= 2 * CAPACITY; extra++) {
                small_ring();
                write_counting_bytes(CAPACITY + extra);
                claim_uint(ring.tail, ==, extra);
                claim_uint(ring.head, ==, CAPACITY + extra);
                assert_counting_bytes(ring.tail, ring.head);
        }
}
END_TEST

START_TEST(every_offset_of_a_full_ring_is_read_at_the_wrap)
{
        write_counting_bytes(CAPACITY);
        for (int i = 0; i < CAPACITY; i++) {
                for (uint64_t offset = ring.tail; offset <= ring.head; offset++)
                        assert_counting_bytes(offset, ring.head);
                write_counting_bytes(1);
        }
}
END_TEST

START_TEST(full_and_empty_are_told_apart)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        claim_uint(sc_ring_peek(&ring, 0, UINT64_MAX, spans), ==, 0);
        write_counting_bytes(CAPACITY);
        claim_uint(spans_length(spans, sc_ring_peek(&ring, 0, UINT64_MAX, spans)), ==, CAPACITY);
        claim_uint(sc_ring_peek(&ring, CAPACITY, UINT64_MAX, spans), ==, 0);
        claim_uint(sc_ring_peek(&ring, 3, 0, spans), ==, 0);
}
END_TEST

START_TEST(clear_leaves_no_byte_in_the_memory) /* BF-15 */
{
        for (uint64_t length = 1; length < 2 * CAPACITY; length++) {
                small_ring();
                write_counting_bytes(length);
                sc_ring_clear(&ring);
                claim_uint(ring.tail, ==, length);
                claim_uint(ring.head, ==, length);
                write_counting_bytes(1);
                sc_ring_clear(&ring);
                for (size_t i = 0; i < CAPACITY; i++)
                        claim_uint(memory[i], ==, 0);
        }
}
END_TEST

Suite *ring_suite(void)
{
        Suite *suite = suite_create("ring");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, small_ring, NULL);
        tcase_add_test(claims, overflow_keeps_exactly_the_newest_capacity_bytes);
        tcase_add_test(claims, every_offset_of_a_full_ring_is_read_at_the_wrap);
        tcase_add_test(claims, full_and_empty_are_told_apart);
        tcase_add_test(claims, clear_leaves_no_byte_in_the_memory);
        suite_add_tcase(suite, claims);

        /* 10 times 120,000 operations. */
        TCase *reference = tcase_create("reference");
        tcase_add_loop_test(reference, any_operations_are_those_of_the_plain_reference, 0, 10);
        tcase_set_timeout(reference, 60);
        suite_add_tcase(suite, reference);
        return suite;
}
