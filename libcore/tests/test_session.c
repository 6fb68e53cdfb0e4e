#include "suites.h"

#include "claim.h"
#include "model/client/session.h"
#include "split.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

static struct sc_session session;
static char story[2048]; /* what the session said, as text */
static const char *expected;
static uint8_t stream[4096];
static struct sc_encoder host;

static void start(void)
{
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        sc_session_start(&session);
        sc_session_hello(&session, &hello);
        story[0] = '\0';
}

static void new_stream(void)
{
        host = (struct sc_encoder) { .bytes = stream, .capacity = sizeof(stream) };
        start();
}

static void tell(const struct sc_session_event *event)
{
        size_t at = strlen(story);
        char *to = story + at;
        size_t room = sizeof(story) - at;
        switch (event->kind) {
        case SC_SESSION_NOTHING:
                return;
        case SC_SESSION_WELCOME:
                snprintf(to, room, "welcome %d; ", (int)event->welcome.client);
                return;
        case SC_SESSION_DATA:
                snprintf(to, room, "%d:%.*s; ", (int)event->offset, (int)event->bytes.length,
                         (const char *)event->bytes.bytes);
                return;
        case SC_SESSION_GAP:
                snprintf(to, room, "gap %d-%d; ", (int)event->gap.from, (int)event->gap.to);
                return;
        case SC_SESSION_BOUNDARY:
                snprintf(to, room, "boundary %d; ", (int)event->boundary.number);
                return;
        case SC_SESSION_ROLE:
                snprintf(to, room, "role %d; ", event->role.may_type);
                return;
        case SC_SESSION_REFUSED:
                snprintf(to, room, "refused %d %d; ", (int)event->reason, (int)event->count);
                return;
        case SC_SESSION_DONE:
                snprintf(to, room, "done %d %d; ", (int)event->request, (int)event->answer);
                return;
        case SC_SESSION_PONG:
                snprintf(to, room, "pong %d; ", (int)event->count);
                return;
        case SC_SESSION_STATUS:
                snprintf(to, room, "status %.*s; ", (int)event->bytes.length,
                         (const char *)event->bytes.bytes);
                return;
        case SC_SESSION_ERROR:
                snprintf(to, room, "error %.*s; ", (int)event->bytes.length,
                         (const char *)event->bytes.bytes);
                return;
        case SC_SESSION_BROKEN:
                snprintf(to, room, "broken; ");
                return;
        }
}

static void feed(const uint8_t *bytes, size_t length)
{
        struct sc_session_event event;
        struct sc_span room = sc_session_receive_room(&session);
        claim_uint(room.length, >=, length);
        memcpy(room.bytes, bytes, length);
        sc_session_received(&session, length);
        do {
                sc_session_next(&session, &event);
                tell(&event);
        } while (event.kind != SC_SESSION_NOTHING && event.kind != SC_SESSION_BROKEN);
}

static void check(void)
{
        if (strcmp(story, expected) != 0)
                ck_abort_msg("%s\ninstead of\n%s", story, expected);
}

static void put_welcome(uint64_t guest_number)
{
        struct sc_welcome welcome = {
                .version = 1, .role = SC_ROLE_CLIENT, .client = 5, .start = 10, .guest_number = guest_number
        };
        sc_frame_put_welcome(&host, &welcome);
}

static void put_boundary(uint64_t number, enum sc_boundary_kind kind)
{
        struct sc_boundary boundary = { .number = number, .offset = 15, .kind = (uint8_t)kind };
        sc_frame_put_boundary(&host, &boundary);
}

static void put_data(uint64_t offset, const char *text)
{
        sc_frame_put_data_fields(&host, SC_FRAME_DATA, offset, 1, strlen(text));
        sc_bytes_put_string(&host, text, strlen(text));
}

START_TEST(stream_cut_anywhere_tells_the_same)
{
        static const struct splitter splitter = { start, feed, check };
        put_welcome(1);
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = true });
        put_data(10, "login");
        put_boundary(2, SC_BOUNDARY_DOWN);
        sc_frame_put_pong(&host, 1, 2, 3);
        sc_frame_put_value(&host, SC_FRAME_HISTORY_END, 15); /* not asked for: skipped */
        sc_frame_put_done(&host, SC_FRAME_TAKE, SC_RESULT_NOT_ALLOWED);
        sc_frame_put_gap(&host, SC_FRAME_GAP, &(struct sc_gap) { 15, 20, SC_GAP_OVERWRITTEN });
        sc_frame_put_refused(&host, SC_REFUSED_NO_GUEST, 3);
        put_data(20, ": ");
        sc_frame_put_error(&host, SC_ERROR_ENDING, "the host ends");
        expected =
                "welcome 5; role 1; 10:login; boundary 2; pong 1; done 6 1; gap 15-20; refused 0 3; 20:: ; "
                "error the host ends; ";
        at_every_split(stream, host.length, &splitter);
}
END_TEST

START_TEST(rubbish_is_broken_at_its_header)
{
        static const char *const rubbish[] = { "HTTP/1.1 400 Bad Request\r\n", "\x01\0\0\0\x02\0\0\0x",
                                               "\xff\xff\xff\xff\x42\0\0\0" };
        for (size_t i = 0; i < SC_COUNT(rubbish); i++) {
                start();
                feed((const uint8_t *)rubbish[i], SC_FRAME_HEADER_BYTES);
                ck_assert_str_eq(story, "broken; ");
        }
}
END_TEST

START_TEST(bad_field_is_broken)
{
        sc_frame_put_gap(&host, SC_FRAME_GAP, &(struct sc_gap) { 20, 15, SC_GAP_OVERWRITTEN });
        feed(stream, host.length);
        ck_assert_str_eq(story, "broken; ");
        new_stream();
        sc_frame_put_refused(&host, SC_REFUSAL_COUNT, 3);
        feed(stream, host.length);
        ck_assert_str_eq(story, "broken; ");
}
END_TEST

/* The next frame that the session has for the host. */
static struct sc_frame next_sent(void)
{
        struct sc_frame frame;
        struct sc_span span = sc_session_to_send(&session);
        ck_assert_int_eq(sc_frame_next(span.bytes, span.length, SC_FROM_CLIENT, &frame), SC_FRAME_COMPLETE);
        sc_session_sent(&session, frame.frame_bytes);
        return frame;
}

START_TEST(hello_is_sent_first)
{
        struct sc_frame frame = next_sent();
        struct sc_hello hello;
        ck_assert_int_eq(frame.type, SC_FRAME_HELLO);
        ck_assert(sc_frame_get_hello(&frame.payload, &hello));
        ck_assert_uint_eq(hello.role, SC_ROLE_CLIENT);
        ck_assert_uint_eq(sc_session_to_send(&session).length, 0);
}
END_TEST

static void assert_types_for(uint64_t guest_number)
{
        ck_assert_uint_eq(sc_session_type(&session, (const uint8_t *)"ls\r", 3), 3);
        struct sc_frame frame = next_sent();
        ck_assert_int_eq(frame.type, SC_FRAME_INPUT);
        ck_assert_uint_eq(sc_bytes_get(&frame.payload, 8), guest_number);
        ck_assert_uint_eq(sc_bytes_left(&frame.payload), 3);
        ck_assert_mem_eq(frame.payload.bytes + 8, "ls\r", 3);
}

START_TEST(input_names_the_last_guest_that_was_seen) /* BF-10 */
{
        next_sent();
        put_welcome(4);
        feed(stream, host.length);
        assert_types_for(4);
        new_stream();
        next_sent();
        put_welcome(4);
        put_boundary(2, SC_BOUNDARY_UP); /* an old one, of the backlog */
        put_boundary(7, SC_BOUNDARY_MARK);
        feed(stream, host.length);
        assert_types_for(4);
        host.length = 0;
        put_boundary(8, SC_BOUNDARY_RESET);
        feed(stream, host.length);
        assert_types_for(8);
}
END_TEST

START_TEST(input_is_taken_up_to_its_room)
{
        static const uint8_t keys[3 * SC_SESSION_SEND_BYTES];
        size_t room;
        while ((room = sc_session_type_room(&session)) > 0) {
                ck_assert_uint_le(room, SC_FRAME_INPUT_BYTES_MAX);
                ck_assert_uint_eq(sc_session_type(&session, keys, sizeof(keys)), room);
        }
        ck_assert_uint_eq(sc_session_type(&session, keys, 1), 0);
        sc_session_acknowledge(&session, 50); /* still has its place */
        size_t left = sc_session_to_send(&session).length;
        ck_assert_uint_eq(session.acknowledged, 50);
        ck_assert_uint_le(left, SC_SESSION_SEND_BYTES);
        for (; left > 0; left--) { /* a kernel that takes a byte at a time */
                claim_uint(sc_session_to_send(&session).length, ==, left);
                sc_session_sent(&session, 1);
        }
        ck_assert_uint_eq(sc_session_type_room(&session), SC_FRAME_INPUT_BYTES_MAX);
}
END_TEST

START_TEST(acknowledgement_rises_and_is_said_again_when_there_was_no_room) /* BF-8 */
{
        next_sent();
        sc_session_acknowledge(&session, 100);
        struct sc_frame frame = next_sent();
        ck_assert_int_eq(frame.type, SC_FRAME_ACKNOWLEDGE);
        ck_assert_uint_eq(sc_bytes_get(&frame.payload, 8), 100);
        sc_session_acknowledge(&session, 100);
        sc_session_acknowledge(&session, 99);
        ck_assert_uint_eq(sc_session_to_send(&session).length, 0);

        while (sc_session_ask(&session, SC_FRAME_TAKE))
                continue;
        sc_session_acknowledge(&session, 101);
        struct sc_span full = sc_session_to_send(&session);
        ck_assert_uint_eq(session.acknowledged, 100);
        while (full.length > 0) {
                ck_assert_int_eq(next_sent().type, SC_FRAME_TAKE);
                full.length -= SC_FRAME_HEADER_BYTES;
        }
        frame = next_sent();
        ck_assert_uint_eq(sc_bytes_get(&frame.payload, 8), 101);
}
END_TEST

Suite *session_suite(void)
{
        Suite *suite = suite_create("session");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, new_stream, NULL);
        tcase_add_test(claims, stream_cut_anywhere_tells_the_same);
        tcase_add_test(claims, rubbish_is_broken_at_its_header);
        tcase_add_test(claims, bad_field_is_broken);
        tcase_add_test(claims, hello_is_sent_first);
        tcase_add_test(claims, input_names_the_last_guest_that_was_seen);
        tcase_add_test(claims, input_is_taken_up_to_its_room);
        tcase_add_test(claims, acknowledgement_rises_and_is_said_again_when_there_was_no_room);
        suite_add_tcase(suite, claims);
        return suite;
}
