#include "suites.h"

#include "model/client/witness.h"
#include "split.h"
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct sc_witness witness;
static uint8_t stream[8192]; /* what one side sends */
static struct sc_encoder sender;
static char story[4096]; /* the records, as text */
static const char *expected;

static void reset(void)
{
        witness = (struct sc_witness) { .program = "test", .wall_offset_ns = 77, .input = true };
        sender = (struct sc_encoder) { .bytes = stream, .capacity = sizeof(stream) };
        story[0] = '\0';
}

static void tell(const struct sc_record *record)
{
        const struct sc_record_layout *layout = sc_record_layout(record->type);
        uint8_t encoded[SC_RECORD_HEAD_MAX + 1024];
        struct sc_record same;
        size_t size = 0, length = sc_record_put(encoded, sizeof(encoded), record);
        ck_assert_int_eq(sc_record_next(encoded, length, &same, &size), SC_RECORD_COMPLETE);

        size_t skip =
                record->type == SC_RECORD_CONFIG || record->type == SC_RECORD_START ? SC_INSTANCE_BYTES : 0;
        char *to = story + strlen(story);
        size_t room = sizeof(story) - strlen(story);
        int used = snprintf(to, room, "%d %s", (int)record->time_ns, layout->name);
        for (size_t i = 0; i < layout->field_count; i++)
                if (record->fields[i] != 0 && record->fields[i] != SC_RECORD_UNKNOWN)
                        used += snprintf(to + used, room - (size_t)used, " %s=%" PRIu64,
                                         layout->fields[i].name, record->fields[i]);
        if (skip > 0)
                used += snprintf(to + used, room - (size_t)used, " of %02x", record->bytes[0]);
        if (record->length > skip)
                used += snprintf(to + used, room - (size_t)used, " '%.*s'", (int)(record->length - skip),
                                 (const char *)record->bytes + skip);
        snprintf(to + used, room - (size_t)used, "\n");
}

static void take(void)
{
        struct sc_record record;
        while (sc_witness_next(&witness, &record))
                tell(&record);
}

static void heard(const void *bytes, size_t length, uint64_t now_ns)
{
        sc_witness_heard(&witness, (struct sc_span) { (uint8_t *)(uintptr_t)bytes, length }, now_ns);
        take();
}

static void said(const void *bytes, size_t length, uint64_t now_ns)
{
        sc_witness_said(&witness, (struct sc_span) { (uint8_t *)(uintptr_t)bytes, length }, now_ns);
        take();
}

static void connects(bool native, uint64_t now_ns)
{
        sc_witness_connected(&witness, native, now_ns);
        take();
}

static void closes(bool by_peer, uint64_t now_ns)
{
        sc_witness_closed(&witness, by_peer, now_ns);
        take();
}

static void ends(uint64_t now_ns)
{
        sc_witness_ended(&witness, now_ns);
        take();
}

static void says_hello(enum sc_start start, uint64_t value, uint8_t flags)
{
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = SC_ROLE_CLIENT,
                .start = (uint8_t)start,
                .flags = flags,
                .label_length = 2,
                .value = value,
                .label = "me",
        };
        sender.length = 0;
        sc_frame_put_hello(&sender, &hello);
        said(stream, sender.length, 11);
        sender.length = 0;
}

static void put_welcome(uint8_t instance, enum sc_answer answer, uint64_t start, uint64_t head)
{
        struct sc_welcome welcome = {
                .version = SC_PROTOCOL_VERSION,
                .answer = (uint8_t)answer,
                .role = SC_ROLE_CLIENT,
                .instance = { instance },
                .capacity_bytes = 4096,
                .start = start,
                .head = head,
                .wall_offset_ns = 1000,
        };
        sc_frame_put_welcome(&sender, &welcome);
}

static void put_data(uint64_t offset, const char *text)
{
        sc_frame_put_data_fields(&sender, SC_FRAME_DATA, offset, 5, strlen(text));
        sc_bytes_put_string(&sender, text, strlen(text));
}

/* --- one connection, cut everywhere --- */

static void start(void)
{
        size_t length = sender.length;
        reset();
        connects(true, 10);
        says_hello(SC_START_OFFSET, 3, SC_HELLO_CONTINUES);
        sender.length = length;
}

static void feed(const uint8_t *bytes, size_t length)
{
        heard(bytes, length, 12);
}

static void check(void)
{
        ends(20);
        ck_assert_str_eq(story, expected);
}

START_TEST(what_the_host_says_is_told_however_it_is_cut)
{
        static uint8_t whole[1024];
        static const struct splitter splitter = { start, feed, check };
        reset();
        put_welcome(0xaa, SC_ANSWER_OVERWRITTEN, 3, 100);
        sc_frame_put_gap(&sender, SC_FRAME_GAP,
                         &(struct sc_gap) { .from = 3, .to = 50, .kind = SC_GAP_OVERWRITTEN });
        sc_frame_put_gap(&sender, SC_FRAME_GAP,
                         &(struct sc_gap) { .from = 50, .to = 60, .kind = SC_GAP_CLEARED });
        put_data(60, "hello");
        sc_frame_put_role(&sender, &(struct sc_role_change) { .may_type = true });
        sc_frame_put_boundary(&sender, &(struct sc_boundary) { .number = 4,
                                                               .offset = 65,
                                                               .kind = SC_BOUNDARY_MARK,
                                                               .text_length = 4,
                                                               .text = "mark" });
        put_data(65, "!");
        sc_frame_put_error(&sender, SC_ERROR_KICKED, "kicked");
        memcpy(whole, stream, sender.length);
        expected =
                "10 config version=1 kind=3 input=1 capacity=4096 wall_offset=77 of aa 'test'\n"
                "10 connect client=1 listener=2\n"
                "12 start client=1 role=1 start=4 value=3 continues=1 answer=1 offset=3 head=100 of aa 'me'\n"
                "12 gap client=1 from=3 to=50 kind=1\n"
                "12 gap client=1 from=50 to=60 kind=2\n"
                "12 received client=1 offset=60 told=5 'hello'\n"
                "12 boundary number=4 offset=65 kind=4 'mark'\n"
                "12 received client=1 offset=65 told=5 '!'\n"
                "20 end client=1 why=7 read=66 gap_bytes=47 cleared_bytes=10\n"
                "20 stop why=1\n";
        at_every_split(whole, sender.length, &splitter);
}
END_TEST

/* --- several --- */

START_TEST(each_connection_is_a_client_of_its_own_and_one_config_is_enough)
{
        reset();
        connects(true, 1); /* which nobody answers */
        closes(true, 2);
        connects(true, 10);
        says_hello(SC_START_BEGINNING, 0, 0);
        put_welcome(0xaa, SC_ANSWER_OK, 0, 0);
        put_data(0, "a");
        heard(stream, sender.length, 12);
        closes(true, 13);
        connects(true, 20);
        says_hello(SC_START_OFFSET, 1, SC_HELLO_CONTINUES);
        put_welcome(0xbb, SC_ANSWER_OTHER_INSTANCE, 0, 9);
        heard(stream, sender.length, 22);
        says_hello(SC_START_BEGINNING, 0, 0);
        put_welcome(0xbb, SC_ANSWER_OK, 0, 9);
        heard(stream, sender.length, 24);
        closes(false, 25);
        ends(26);
        ck_assert_str_eq(story,
                         "10 config version=1 kind=3 input=1 capacity=4096 wall_offset=77 of aa 'test'\n"
                         "10 connect client=1 listener=2\n"
                         "12 start client=1 role=1 start=1 of aa 'me'\n"
                         "12 received client=1 told=5 'a'\n"
                         "13 end client=1 why=8 read=1\n"
                         "20 connect client=2 listener=2\n"
                         "22 start client=2 role=1 start=4 value=1 continues=1 answer=3 head=9 of bb 'me'\n"
                         "24 start client=2 role=1 start=1 head=9 of bb 'me'\n"
                         "25 end client=2\n"
                         "26 stop why=1\n");
}
END_TEST

START_TEST(a_peer_without_a_protocol_says_no_offsets)
{
        reset();
        connects(false, 10);
        heard("boot", 4, 11);
        said("typed", 5, 12);
        closes(true, 13);
        ends(14);
        ck_assert_str_eq(story, "10 config version=1 kind=3 input=1 wall_offset=77 of 00 'test'\n"
                                "10 connect client=1 listener=1\n"
                                "10 start client=1 role=1 of 00\n"
                                "11 received client=1 'boot'\n"
                                "12 input client=1 length=5 'typed'\n"
                                "13 end client=1 why=8\n"
                                "14 stop why=1\n");
}
END_TEST

START_TEST(who_has_seen_nothing_says_so)
{
        reset();
        ends(5);
        ck_assert_str_eq(story,
                         "5 config version=1 kind=3 input=1 wall_offset=77 of 00 'test'\n5 stop why=1\n");
}
END_TEST

/* --- input --- */

static void type(const char *text)
{
        sender.length = 0;
        sc_frame_put_value(&sender, SC_FRAME_ACKNOWLEDGE, 3);
        sc_frame_put_input_fields(&sender, 7, strlen(text));
        sc_bytes_put_string(&sender, text, strlen(text));
        for (size_t i = 0; i < sender.length; i++) /* as a kernel may take it */
                said(stream + i, 1, 30);
}

START_TEST(input_has_its_bytes_where_that_is_asked_for)
{
        for (int with = 0; with < 2; with++) {
                reset();
                witness.input = with;
                connects(true, 10);
                says_hello(SC_START_END, 0, 0);
                put_welcome(0xaa, SC_ANSWER_OK, 0, 0);
                heard(stream, sender.length, 12);
                story[0] = '\0';
                type("secret");
                ck_assert_str_eq(story, with ? "30 input client=1 guest=7 length=6 'secret'\n"
                                             : "30 input client=1 guest=7 length=6\n");
        }
}
END_TEST

START_TEST(behind_what_is_not_the_protocol_nothing_is_told)
{
        reset();
        connects(true, 10);
        says_hello(SC_START_END, 0, 0);
        put_data(0, "before a welcome");
        put_welcome(0xaa, SC_ANSWER_OK, 0, 0);
        put_data(0, "a");
        memset(stream + sender.length, 0xff, 8);
        sender.length += 8;
        put_data(1, "b");
        heard(stream, sender.length, 12);
        story[0] = '\0';
        ends(13);
        ck_assert_str_eq(story, "13 end client=1 read=1\n13 stop why=1\n");
}
END_TEST

Suite *witness_suite(void)
{
        Suite *suite = suite_create("witness");
        TCase *tests = tcase_create("witness");
        tcase_add_test(tests, what_the_host_says_is_told_however_it_is_cut);
        tcase_add_test(tests, each_connection_is_a_client_of_its_own_and_one_config_is_enough);
        tcase_add_test(tests, a_peer_without_a_protocol_says_no_offsets);
        tcase_add_test(tests, who_has_seen_nothing_says_so);
        tcase_add_test(tests, input_has_its_bytes_where_that_is_asked_for);
        tcase_add_test(tests, behind_what_is_not_the_protocol_nothing_is_told);
        suite_add_tcase(suite, tests);
        return suite;
}
