#include "suites.h"

#include "claim.h"
#include "model/console/trace.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

/* --- the buffer --- */

static uint8_t buffer[SC_TRACE_BUFFER_BYTES];

static struct sc_trace new_trace(void)
{
        return (struct sc_trace) { .bytes = buffer };
}

static void note_writable(struct sc_trace *trace, uint64_t client)
{
        sc_trace_note(trace, &(struct sc_record) {
                                     .type = SC_RECORD_WRITABLE, .time_ns = 1, .writable = { client } });
}

/* The records that wait, as text: name and fields of each, a comma behind it. */
static char text[4000];

static void add_record(const struct sc_record *record)
{
        const struct sc_record_layout *layout = sc_record_layout(record->type);
        size_t at = strlen(text);
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s", layout->name);
        for (size_t i = 0; i < layout->field_count; i++) {
                const struct sc_record_field *field = &layout->fields[i];
                if (field->values)
                        at += (size_t)snprintf(text + at, sizeof(text) - at, " %s",
                                               field->values[record->fields[i]]);
                else
                        at += (size_t)snprintf(text + at, sizeof(text) - at, " %llu",
                                               (unsigned long long)record->fields[i]);
        }
        if (record->type == SC_RECORD_INPUT || record->type == SC_RECORD_GUEST_INPUT)
                at += (size_t)snprintf(text + at, sizeof(text) - at, " '%.*s'", (int)record->length,
                                       (const char *)record->bytes);
        at += (size_t)snprintf(text + at, sizeof(text) - at, ",");
        claim_uint(at, <, sizeof(text));
}

static void assert_waits(struct sc_trace *trace, const char *expected)
{
        struct sc_span batch = sc_trace_take(trace, 2);
        size_t size;
        text[0] = '\0';
        for (size_t at = 0; at < batch.length; at += size) {
                struct sc_record record;
                claim_uint(sc_record_next(batch.bytes + at, batch.length - at, &record, &size), ==,
                           SC_RECORD_COMPLETE);
                add_record(&record);
        }
        ck_assert_str_eq(text, expected);
}

START_TEST(records_wait_until_they_are_taken)
{
        struct sc_trace trace = new_trace();
        assert_waits(&trace, "");
        note_writable(&trace, 1);
        note_writable(&trace, 2);
        assert_waits(&trace, "writable 1,writable 2,");
        assert_waits(&trace, "");
}
END_TEST

START_TEST(what_could_not_be_written_is_told_before_the_next)
{
        struct sc_trace trace = new_trace();
        note_writable(&trace, 1);
        note_writable(&trace, 2);
        sc_trace_take(&trace, 2);
        sc_trace_lost(&trace);
        sc_trace_lost_output(&trace, 100);
        note_writable(&trace, 3);
        assert_waits(&trace, "missing 3 100,writable 3,");
        assert_waits(&trace, "");
}
END_TEST

START_TEST(a_loss_is_told_without_another_record)
{
        struct sc_trace trace = new_trace();
        sc_trace_lost_output(&trace, 7);
        assert_waits(&trace, "missing 1 7,");
        assert_waits(&trace, "");
}
END_TEST

START_TEST(a_missing_that_is_lost_is_told_again_with_what_was_lost_beside_it)
{
        struct sc_trace trace = new_trace();
        sc_trace_lost_output(&trace, 7);
        note_writable(&trace, 1);
        assert_waits(&trace, "missing 1 7,writable 1,");
        sc_trace_lost(&trace);
        note_writable(&trace, 2);
        assert_waits(&trace, "missing 2 7,writable 2,");
        ck_assert_uint_eq(trace.lost_records, 2);
}
END_TEST

START_TEST(what_finds_no_room_is_told_in_its_place)
{
        struct sc_trace trace = new_trace();
        struct sc_record record = { .type = SC_RECORD_WRITABLE, .time_ns = 1 };
        uint64_t fit = SC_TRACE_BUFFER_BYTES / sc_record_size(&record);
        for (uint64_t i = 0; i < fit + 3; i++)
                note_writable(&trace, i);
        ck_assert_uint_eq(sc_trace_take(&trace, 2).length, fit * sc_record_size(&record));
        note_writable(&trace, 9);
        assert_waits(&trace, "missing 3 0,writable 9,");
        ck_assert_uint_eq(trace.lost_records, 3);
}
END_TEST

/* --- what a host notes --- */

static struct world *new_world(bool input)
{
        struct sc_host_config config = world_config();
        config.trace = true;
        config.trace_input = input;
        config.program = "test";
        struct world *world = world_new(&config);
        char expected[100];
        snprintf(expected, sizeof(expected), "config 1 host %d 4096 0 all 0 0 all 8 0,", input);
        assert_waits(&world->host.trace, expected);
        return world;
}

static void assert_traced(struct world *world, const char *expected)
{
        assert_waits(&world->host.trace, expected);
}

START_TEST(a_raw_clients_life)
{
        struct world *world = new_world(false);
        guest_up(world);
        guest_says(world, WORLD_CAPACITY + 10);
        assert_traced(world, "boundary 1 0 up,overwritten 0 10 10,");
        struct client *client = raw_client(world);
        assert_traced(world,
                      "connect 1 raw 1001 100,start 1 client policy 0 0 ok 10 4106,accepted 1 4096 4096 0 "
                      "0 0,sent 1 10 4096 0,"
                      "consumed 1 10,");
        client_reads(client, SIZE_MAX);
        client_sends_string(client, "secret");
        world_run(world);
        assert_traced(world, "input 1 0 6 '',guest-input 6 '',");
        client_dies(client);
        world_run(world);
        assert_traced(world, "sample 1 1 1 0 0 0,consumed 1 4106,input-ended 1 0,sample 1 1 1 0 0 0,end 1 "
                             "none 4106 4106 0 0,");
        world_free(world);
}
END_TEST

START_TEST(typed_bytes_are_in_it_where_that_was_asked_for)
{
        struct world *world = new_world(true);
        guest_up(world);
        struct client *client = raw_client(world);
        assert_traced(world, "boundary 1 0 up,connect 1 raw 1001 100,start 1 client policy 0 0 ok 0 0,");
        client_sends_string(client, "ls");
        world_run(world);
        assert_traced(world, "input 1 0 2 'ls',guest-input 2 'ls',");
        guest_down(world);
        client_sends_string(client, "rm");
        world_run(world);
        assert_traced(world, "boundary 2 0 down,sample 1 1 0 0 0 1,dropped 1 no-guest 0 2,");
        world_free(world);
}
END_TEST

START_TEST(a_native_clients_life)
{
        struct world *world = new_world(false);
        guest_up(world);
        guest_says(world, 5);
        struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        assert_traced(
                world,
                "boundary 1 0 up,connect 1 control 1001 100,start 1 client beginning 0 0 ok 0 5,writers 0 1,"
                "accepted 1 229 229 0 0 0,told 1 1,sent 1 0 5 1000000000000,");
        client_sends_value(client, SC_FRAME_ACKNOWLEDGE, 5);
        client_sends_empty(client, SC_FRAME_TAKE);
        world_run(world);
        assert_traced(world, "acknowledged 1 5,consumed 1 5,request 1 6 ok 0,accepted 1 12 12 0 0 0,");
        world_free(world);
}
END_TEST

Suite *trace_suite(void)
{
        Suite *suite = suite_create("trace");
        TCase *tcase = tcase_create("trace");
        tcase_add_test(tcase, records_wait_until_they_are_taken);
        tcase_add_test(tcase, what_could_not_be_written_is_told_before_the_next);
        tcase_add_test(tcase, a_loss_is_told_without_another_record);
        tcase_add_test(tcase, a_missing_that_is_lost_is_told_again_with_what_was_lost_beside_it);
        tcase_add_test(tcase, what_finds_no_room_is_told_in_its_place);
        tcase_add_test(tcase, a_raw_clients_life);
        tcase_add_test(tcase, typed_bytes_are_in_it_where_that_was_asked_for);
        tcase_add_test(tcase, a_native_clients_life);
        suite_add_tcase(suite, tcase);
        return suite;
}
