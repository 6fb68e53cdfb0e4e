#include "suites.h"
#include "trace_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sc_trace_view view;
static uint8_t *memory;
static char shown[256];

static void start(enum sc_trace_kind kind, uint64_t capacity, uint64_t first, uint64_t client)
{
        struct sc_record_config config = { .kind = kind,
                                           .capacity_bytes = capacity,
                                           .keep_first_bytes = first };
        size_t size = sc_trace_view_memory_bytes(&config, client);
        memory = size > 0 ? calloc(1, size) : NULL;
        sc_trace_view_start(&view, &config, client, memory);
        shown[0] = '\0';
}

/* What it shows is put behind what it has shown, `<N>` where N bytes are missing. */
static void take(const struct sc_record *record)
{
        struct sc_trace_piece piece;
        if (!sc_trace_view_take(&view, record, &piece))
                return;
        ck_assert_uint_ge(piece.span_count, 1);
        if (piece.missing_bytes > 0)
                sprintf(shown + strlen(shown), "<%" PRIu64 ">", piece.missing_bytes);
        for (size_t i = 0; i < piece.span_count; i++)
                strncat(shown, (const char *)piece.spans[i].bytes, piece.spans[i].length);
}

static void print(uint64_t offset, const char *text)
{
        take(&(struct sc_record) { .type = SC_RECORD_OUTPUT,
                                   .output = { offset },
                                   .bytes = (const uint8_t *)text,
                                   .length = strlen(text) });
}

static void sent(uint64_t client, uint64_t offset, uint64_t length)
{
        take(&(struct sc_record) { .type = SC_RECORD_SENT,
                                   .sent = { .client = client, .offset = offset, .length = length } });
}

static void received(uint64_t client, const char *text)
{
        take(&(struct sc_record) { .type = SC_RECORD_RECEIVED,
                                   .received = { .client = client, .offset = SC_RECORD_UNKNOWN },
                                   .bytes = (const uint8_t *)text,
                                   .length = strlen(text) });
}

static void gap(uint64_t client, uint64_t from, uint64_t to)
{
        take(&(struct sc_record) { .type = SC_RECORD_GAP,
                                   .gap = { .client = client, .from = from, .to = to } });
}

static void end(const char *expected, uint64_t gap_bytes, uint64_t unknown_bytes)
{
        ck_assert_str_eq(shown, expected);
        ck_assert_uint_eq(view.gap_bytes, gap_bytes);
        ck_assert_uint_eq(view.unknown_bytes, unknown_bytes);
        free(memory);
}

START_TEST(output_is_what_the_guest_said)
{
        start(SC_TRACE_HOST, 8, 0, 0);
        print(0, "abc");
        sent(1, 0, 3);
        gap(1, 3, 5);
        print(3, "defghijklmn");
        print(20, "x");
        end("abcdefghijklmn<6>x", 6, 0);
}
END_TEST

START_TEST(a_client_sees_what_was_sent_to_it)
{
        start(SC_TRACE_HOST, 8, 0, 2);
        print(0, "abcdef");
        sent(1, 0, 6);
        sent(2, 1, 4);
        print(6, "ghijkl");
        gap(1, 6, 7);
        gap(2, 5, 6);
        sent(2, 6, 3);
        sent(2, 9, 3);
        end("bcde<1>ghijkl", 1, 0);
}
END_TEST

START_TEST(the_kept_beginning_and_the_ring_are_one)
{
        start(SC_TRACE_HOST, 4, 3, 2);
        print(0, "ab");
        print(2, "cdefgh");
        sent(2, 0, 3);
        gap(2, 3, 4);
        sent(2, 4, 4);
        end("abc<1>efgh", 1, 0);

        start(SC_TRACE_HOST, 4, 3, 2);
        print(0, "abcd");
        sent(2, 0, 4);
        end("abcd", 0, 0);
}
END_TEST

START_TEST(what_is_not_in_the_trace_is_counted)
{
        start(SC_TRACE_HOST, 8, 0, 2);
        sent(2, 0, 3);
        print(3, "def");
        sent(2, 2, 2); /* half of it is there */
        sent(2, 4, 9);
        sent(2, 4, UINT64_MAX);
        end("<4>def<7>ef", 0, 3 + 1 + 7 + (UINT64_MAX - 6));

        start(SC_TRACE_HOST, 8, 4, 2);
        print(0, "abcd");
        take(&(struct sc_record) { .type = SC_RECORD_CLEARED, .cleared = { 4, 4 } });
        sent(2, 0, 4);
        print(4, "e");
        sent(2, 4, 1);
        end("<4>e", 0, 4);
}
END_TEST

START_TEST(others_traces_have_each_clients_bytes)
{
        start(SC_TRACE_OBSERVER, 8, 0, 2);
        print(0, "abc");
        received(1, "abc");
        received(2, "bc");
        end("bc", 0, 0);

        start(SC_TRACE_OBSERVER, 8, 0, 0);
        print(0, "abc");
        received(1, "abc");
        end("abc", 0, 0);

        start(SC_TRACE_CLIENT, 8, 0, 0);
        received(1, "abc");
        gap(1, 3, 5);
        received(1, "f");
        end("abc<2>f", 2, 0);
}
END_TEST

Suite *trace_view_suite(void)
{
        Suite *suite = suite_create("trace_view");
        TCase *views = tcase_create("views");

        tcase_add_test(views, output_is_what_the_guest_said);
        tcase_add_test(views, a_client_sees_what_was_sent_to_it);
        tcase_add_test(views, the_kept_beginning_and_the_ring_are_one);
        tcase_add_test(views, what_is_not_in_the_trace_is_counted);
        tcase_add_test(views, others_traces_have_each_clients_bytes);
        suite_add_tcase(suite, views);
        return suite;
}
