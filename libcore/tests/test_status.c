#include "suites.h"

#include "claim.h"
#include "model/base/span.h"
#include "model/wire/status.h"

#include <string.h>

static const struct sc_status a_status = {
        .guest_state = SC_GUEST_DOWN,
        .guest_note = SC_GUEST_NOTE_ENDED,
        .history = SC_HISTORY_LAST,
        .writers = SC_WRITERS_ONE,
        .for_viewer = true,
        .log = SC_LOG_OUTPUT,
        .instance = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
        .now_ns = 1,
        .wall_offset_ns = -2,
        .capacity_bytes = 3,
        .keep_first_bytes = 4,
        .first_from = 5,
        .first_to = 6,
        .tail = 7,
        .head = 8,
        .consumed = 9,
        .overwritten_bytes = 10,
        .lost_bytes = 11,
        .cleared_bytes = 12,
        .resolution_ns = 13,
        .last_output_ns = 14,
        .guest_since_ns = 15,
        .guest_number = 16,
        .input_waiting_bytes = 17,
        .counters = {
                .input_bytes = 18,
                .input_written_bytes = 19,
                .input_dropped = { 20, 21, 22, 23 },
                .breaks = 24,
                .connections = 25,
                .over_limit = 26,
                .malformed = 27,
                .silent = 28,
                .kicked = 29,
                .holds = 30,
                .hold_ns = 31,
                .guest_refused = 32,
                .log_lost_bytes = 33,
                .log_lost_lines = 34,
                .events_lost = 35,
                .trace_lost = 36,
        },
        .traced = true,
        .boundaries = 2,
        .clients = 3,
};
static const struct sc_status_client a_client = {
        .id = 1,
        .connected_ns = 2,
        .offset = 3,
        .gap_bytes = 4,
        .cleared_bytes = 5,
        .gaps = 6,
        .pid = 7,
        .uid = 8,
        .role = SC_ROLE_VIEWER,
        .flags = SC_STATUS_CLIENT_NATIVE | SC_STATUS_CLIENT_HALF,
        .label_length = 3,
        .label = "bob",
};

static uint8_t bytes[SC_FRAME_PAYLOAD_MAX];

static struct sc_encoder encoder(void)
{
        return (struct sc_encoder) { .bytes = bytes, .capacity = sizeof(bytes) };
}

START_TEST(status_comes_back_as_it_was_put) /* BF-13 */
{
        struct sc_encoder to = encoder();
        sc_status_put(&to, &a_status);
        ck_assert_uint_eq(to.length, SC_STATUS_BASE_BYTES);
        struct sc_decoder from = { .bytes = bytes, .length = to.length };
        struct sc_status status;
        ck_assert(sc_status_get(&from, &status));
        ck_assert_uint_eq(sc_bytes_left(&from), 0);
        ck_assert(status.guest_state == SC_GUEST_DOWN && status.guest_note == SC_GUEST_NOTE_ENDED);
        ck_assert(status.history == SC_HISTORY_LAST && status.writers == SC_WRITERS_ONE);
        ck_assert(status.for_viewer && status.log == SC_LOG_OUTPUT && status.boundaries == 2 &&
                  status.clients == 3);
        ck_assert_mem_eq(status.instance, a_status.instance, SC_INSTANCE_BYTES);
        ck_assert_mem_eq(&status.now_ns, &a_status.now_ns, 17 * 8);
        ck_assert_mem_eq(&status.counters, &a_status.counters, sizeof(status.counters));
}
END_TEST

START_TEST(every_field_has_its_place)
{
        /* The 35 values count up but for the second, so their order on the wire is that of the struct. */
        struct sc_encoder to = encoder();
        sc_status_put(&to, &a_status);
        struct sc_decoder from = { .bytes = bytes, .length = to.length, .position = 8 + SC_INSTANCE_BYTES };
        for (uint64_t value = 1; value <= 35; value++)
                ck_assert_uint_eq(sc_bytes_get(&from, 8), value == 2 ? UINT64_MAX - 1 : value);
}
END_TEST

START_TEST(client_comes_back_as_it_was_put)
{
        struct sc_encoder to = encoder();
        sc_status_put_client(&to, &a_client);
        ck_assert_uint_eq(to.length, SC_STATUS_CLIENT_BYTES + 3);
        struct sc_decoder from = { .bytes = bytes, .length = to.length };
        struct sc_status_client client;
        ck_assert(sc_status_get_client(&from, &client));
        ck_assert_uint_eq(sc_bytes_left(&from), 0);
        ck_assert_mem_eq(&client.id, &a_client.id, 5 * 8);
        ck_assert(client.gaps == 6 && client.pid == 7 && client.uid == 8);
        ck_assert(client.role == a_client.role && client.flags == a_client.flags);
        ck_assert_uint_eq(client.label_length, 3);
        ck_assert_mem_eq(client.label, "bob", 3);
}
END_TEST

START_TEST(truncated_status_is_refused)
{
        struct sc_encoder to = encoder();
        struct sc_boundary boundary = { .number = 1, .kind = SC_BOUNDARY_UP };
        struct sc_status status;
        struct sc_status_client client;
        sc_status_put(&to, &a_status);
        for (size_t length = 0; length < to.length; length++) {
                struct sc_decoder from = { .bytes = bytes, .length = length };
                claim(!sc_status_get(&from, &status));
        }
        to = encoder();
        sc_status_put_boundary(&to, &boundary);
        ck_assert_uint_eq(to.length, SC_STATUS_BOUNDARY_BYTES);
        for (size_t length = 0; length < to.length; length++) {
                struct sc_decoder from = { .bytes = bytes, .length = length };
                claim(!sc_status_get_boundary(&from, &boundary));
        }
        to = encoder();
        sc_status_put_client(&to, &a_client);
        for (size_t length = 0; length < to.length; length++) {
                struct sc_decoder from = { .bytes = bytes, .length = length };
                claim(!sc_status_get_client(&from, &client));
        }
}
END_TEST

START_TEST(value_that_the_version_does_not_know_is_refused)
{
        static const struct {
                size_t at;
                uint8_t byte;
        } patches[] = { { 0, 2 },
                        { 1, 1 },
                        { 2, 3 },
                        { 3, SC_GUEST_NOTE_COUNT },
                        { 4, 5 },
                        { 5, 2 },
                        { 7, SC_LOG_KIND_COUNT } };
        for (size_t i = 0; i < SC_COUNT(patches); i++) {
                struct sc_encoder to = encoder();
                struct sc_status status;
                sc_status_put(&to, &a_status);
                bytes[patches[i].at] = patches[i].byte;
                struct sc_decoder from = { .bytes = bytes, .length = to.length };
                ck_assert_msg(!sc_status_get(&from, &status), "byte %zu", patches[i].at);
        }
        struct sc_encoder to = encoder();
        struct sc_status_client client;
        sc_status_put_client(&to, &a_client);
        bytes[SC_STATUS_CLIENT_BYTES - 2] = SC_LABEL_BYTES_MAX + 1;
        struct sc_decoder from = { .bytes = bytes, .length = sizeof(bytes) };
        ck_assert(!sc_status_get_client(&from, &client));
}
END_TEST

START_TEST(largest_status_fits_one_frame)
{
        struct sc_encoder to = encoder();
        struct sc_boundary boundary = { .kind = SC_BOUNDARY_MARK };
        struct sc_status_client client = a_client;
        client.label_length = SC_LABEL_BYTES_MAX;
        sc_status_put(&to, &a_status);
        for (int i = 0; i < SC_BOUNDARIES_MAX; i++)
                sc_status_put_boundary(&to, &boundary);
        for (int i = 0; i < SC_STATUS_CLIENTS_MAX; i++)
                sc_status_put_client(&to, &client);
        ck_assert_uint_le(to.length, SC_FRAME_PAYLOAD_MAX);
}
END_TEST

Suite *status_suite(void)
{
        Suite *suite = suite_create("status");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, status_comes_back_as_it_was_put);
        tcase_add_test(claims, every_field_has_its_place);
        tcase_add_test(claims, client_comes_back_as_it_was_put);
        tcase_add_test(claims, truncated_status_is_refused);
        tcase_add_test(claims, value_that_the_version_does_not_know_is_refused);
        tcase_add_test(claims, largest_status_fits_one_frame);
        suite_add_tcase(suite, claims);
        return suite;
}
