#include "suites.h"

#include "claim.h"
#include "model/base/span.h"
#include "model/judge/observed.h"

#include <stdlib.h>
#include <string.h>

#define FIRST 100
#define CAPACITY 1000

static uint8_t *memory;
static struct sc_observed *observed;
static uint8_t output[4 * 1024 * 1024]; /* differs everywhere: byte n is part of number n / 4 */

static void setup(void)
{
        size_t bytes = sc_observed_memory_bytes(CAPACITY, FIRST);
        memory = calloc(1, bytes);
        ck_assert_ptr_nonnull(memory);
        observed = (struct sc_observed *)(void *)memory;
        sc_observed_init(observed, CAPACITY, FIRST, memory + sizeof(*observed));
        for (uint32_t i = 0; i < sizeof(output); i += 4)
                memcpy(output + i, &(uint32_t) { i * 2654435761u }, 4);
}

static void teardown(void)
{
        free(memory);
}

static void say(uint64_t from, uint64_t to)
{
        for (; from < to; from += 1024)
                sc_observed_say(observed, from, output + from, (size_t)sc_min_u64(1024, to - from));
}

static uint64_t find(uint64_t from, uint64_t to, uint64_t place, size_t length)
{
        return sc_observed_find(observed, (struct sc_stretch) { from, to }, output + place, length);
}

/* --- output --- */

START_TEST(nothing_is_there_before_it_is_said)
{
        ck_assert(!sc_observed_has(observed, 0));
        ck_assert(!sc_observed_has(observed, UINT64_MAX));
        ck_assert_uint_eq(sc_observed_match(observed, 0, output, 10), 0);
        ck_assert_uint_eq(find(0, UINT64_MAX, 0, 1), UINT64_MAX);
}
END_TEST

/* 3 MiB went in: what is in the copy is first, and the newest as much as the ring and the slack hold. */
START_TEST(the_copy_is_first_and_the_newest)
{
        uint64_t head = 3 * 1024 * 1024, from = head - CAPACITY - SC_OBSERVED_SLACK_BYTES;
        say(0, head);
        for (uint64_t offset = 0; offset <= head + 1; offset++) {
                bool there = offset < FIRST || (from <= offset && offset < head);
                claim(sc_observed_has(observed, offset) == there);
                if (there)
                        claim_uint(sc_observed_byte(observed, offset), ==, output[offset]);
        }
}
END_TEST

START_TEST(bytes_match_up_to_where_they_differ_or_the_copy_ends)
{
        static uint8_t bytes[3000];
        say(0, 2000);
        memcpy(bytes, output, sizeof(bytes));
        ck_assert_uint_eq(sc_observed_match(observed, 0, bytes, 0), 0);
        ck_assert_uint_eq(sc_observed_match(observed, 0, bytes, 3000), 2000);
        ck_assert_uint_eq(sc_observed_match(observed, 1999, bytes + 1999, 10), 1);
        ck_assert_uint_eq(sc_observed_match(observed, 2000, bytes + 2000, 10), 0);
        for (size_t wrong = 0; wrong < 2000; wrong += 37) {
                bytes[wrong] ^= 1;
                claim_uint(sc_observed_match(observed, 0, bytes, 2000), ==, wrong);
                bytes[wrong] ^= 1;
        }
}
END_TEST

START_TEST(bytes_match_where_the_copy_comes_round)
{
        uint64_t ring = CAPACITY + SC_OBSERVED_SLACK_BYTES;
        say(0, ring + 500);
        ck_assert_uint_eq(sc_observed_match(observed, ring - 300, output + ring - 300, 800), 800);
        ck_assert_uint_eq(find(0, UINT64_MAX, ring - 5, 10), ring - 5);
        uint64_t oldest = 500; /* from first to the ring there is a hole, and it is passed */
        ck_assert_uint_eq(observed->from, oldest);
        ck_assert_uint_eq(find(0, UINT64_MAX, oldest, 10), oldest);
        ck_assert_uint_eq(find(0, UINT64_MAX, oldest - 1, 10), UINT64_MAX);
        ck_assert_uint_eq(sc_observed_match(observed, 50, output + 50, 500), 50);
}
END_TEST

START_TEST(what_follows_a_hole_stands_alone)
{
        say(0, 1000);
        say(1001, 2000);
        ck_assert(sc_observed_has(observed, FIRST - 1));
        ck_assert(!sc_observed_has(observed, FIRST));
        ck_assert(!sc_observed_has(observed, 1000));
        ck_assert(sc_observed_has(observed, 1001));
        ck_assert_uint_eq(find(0, UINT64_MAX, 990, 5), UINT64_MAX);
}
END_TEST

START_TEST(output_at_the_last_offsets_is_no_output)
{
        sc_observed_say(observed, UINT64_MAX - 5, output, 10);
        for (uint64_t offset = UINT64_MAX - 10; offset != 10; offset++)
                ck_assert(!sc_observed_has(observed, offset));
        ck_assert_uint_eq(sc_observed_match(observed, UINT64_MAX - 5, output, 10), 0);
        sc_observed_say(observed, UINT64_MAX - 10, output, 10);
        ck_assert(sc_observed_has(observed, UINT64_MAX - 1));
        ck_assert_uint_eq(sc_observed_match(observed, UINT64_MAX - 10, output, 20), 10);
        ck_assert_uint_eq(find(0, UINT64_MAX, 8, 2), UINT64_MAX - 2);
}
END_TEST

START_TEST(the_lowest_place_in_the_range_is_found)
{
        say(0, 2000);
        sc_observed_say(observed, 2000, output + 1200, 100);
        ck_assert_uint_eq(find(0, 2100, 1210, 20), 1210);
        ck_assert_uint_eq(find(1210, 1210, 1210, 20), 1210);
        ck_assert_uint_eq(find(1211, 2100, 1210, 20), 2010);
        ck_assert_uint_eq(find(1211, 2009, 1210, 20), UINT64_MAX);
        ck_assert_uint_eq(find(2090, 2100, 1295, 10), UINT64_MAX); /* not all of them are there */
        ck_assert_uint_eq(find(5, 4, 4, 4), UINT64_MAX);
}
END_TEST

START_TEST(a_search_ends_when_no_more_places_may_be_looked_at)
{
        say(0, 500);
        observed->looks = 1;
        ck_assert_uint_eq(find(0, 500, 400, 8), UINT64_MAX);
        ck_assert_uint_eq(observed->looks, 0);
        sc_observed_allow(observed, 1);
        ck_assert_uint_gt(observed->looks, 0);
        sc_observed_allow(observed, UINT64_MAX);
        uint64_t most = observed->looks;
        sc_observed_allow(observed, UINT64_MAX);
        ck_assert_uint_eq(observed->looks, most);
        ck_assert_uint_eq(find(0, 500, 400, 8), 400);
}
END_TEST

/* --- input --- */

static const uint8_t *text(const char *bytes)
{
        return (const uint8_t *)bytes;
}

START_TEST(input_is_compared_in_its_order)
{
        sc_observed_type(observed, 1, text("hello"), 5);
        ck_assert_uint_eq(observed->input_client, 1);
        ck_assert_uint_eq(sc_observed_match_input(observed, text("hello"), 5), 5);
        ck_assert_uint_eq(sc_observed_match_input(observed, text("help"), 4), 3);
        sc_observed_type(observed, 1, text(" you"), 4);
        observed->input_got += 3;
        ck_assert_uint_eq(sc_observed_match_input(observed, text("lo you"), 6), 6);
        ck_assert_uint_eq(observed->input_client, 1);
        sc_observed_type(observed, 2, text("!"), 1);
        ck_assert_uint_eq(observed->input_client, 0); /* of several: in which order is not seen */
        observed->input_got = observed->input_sent;
        sc_observed_type(observed, 2, text("!"), 1);
        ck_assert_uint_eq(observed->input_client, 2);
}
END_TEST

START_TEST(more_input_than_is_kept_is_not_compared)
{
        sc_observed_type(observed, 1, output, SC_OBSERVED_INPUT_BYTES);
        ck_assert_uint_eq(observed->input_client, 1);
        ck_assert_uint_eq(sc_observed_match_input(observed, output, SC_OBSERVED_INPUT_BYTES),
                          SC_OBSERVED_INPUT_BYTES);
        sc_observed_type(observed, 1, output, 1);
        ck_assert_uint_eq(observed->input_client, 0);
        sc_observed_type(observed, 1, NULL, UINT64_MAX);
        ck_assert_uint_eq(observed->input_sent, UINT64_MAX);
        ck_assert_uint_eq(observed->input_client, 0);
}
END_TEST

START_TEST(what_no_guest_is_to_get_is_known_again)
{
        ck_assert(!sc_observed_is_rejected(observed, text(""), 0));
        ck_assert(!sc_observed_is_rejected(observed, text("rm"), 2));
        sc_observed_reject(observed, text("rm"), 2, true);
        sc_observed_reject(observed, text(" -rf"), 4, true);
        ck_assert(sc_observed_is_rejected(observed, text("m -r"), 4));
        ck_assert(!sc_observed_is_rejected(observed, text("rm -rf /"), 8));
        ck_assert(observed->unwanted_of_viewer);

        sc_observed_reject(observed, output, SC_OBSERVED_UNWANTED_BYTES - 5, false); /* the older ones go */
        ck_assert(!sc_observed_is_rejected(observed, text("rm -rf"), 6));
        ck_assert(sc_observed_is_rejected(observed, output, SC_OBSERVED_UNWANTED_BYTES - 5));
        sc_observed_reject(observed, output, sizeof(output), false);
        ck_assert_uint_eq(observed->unwanted_length, SC_OBSERVED_UNWANTED_BYTES);
        ck_assert(sc_observed_is_rejected(observed, output + SC_OBSERVED_UNWANTED_BYTES - 8, 8));
        ck_assert(!sc_observed_is_rejected(observed, output + SC_OBSERVED_UNWANTED_BYTES - 7, 8));
}
END_TEST

Suite *observed_suite(void)
{
        Suite *suite = suite_create("observed");
        TCase *tcase = tcase_create("observed");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, nothing_is_there_before_it_is_said);
        tcase_add_test(tcase, the_copy_is_first_and_the_newest);
        tcase_add_test(tcase, bytes_match_up_to_where_they_differ_or_the_copy_ends);
        tcase_add_test(tcase, bytes_match_where_the_copy_comes_round);
        tcase_add_test(tcase, what_follows_a_hole_stands_alone);
        tcase_add_test(tcase, output_at_the_last_offsets_is_no_output);
        tcase_add_test(tcase, the_lowest_place_in_the_range_is_found);
        tcase_add_test(tcase, a_search_ends_when_no_more_places_may_be_looked_at);
        tcase_add_test(tcase, input_is_compared_in_its_order);
        tcase_add_test(tcase, more_input_than_is_kept_is_not_compared);
        tcase_add_test(tcase, what_no_guest_is_to_get_is_known_again);
        suite_add_tcase(suite, tcase);
        return suite;
}
