#include "suites.h"

#include "model/client/attachment.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

#define S SC_NS_PER_S

static struct sc_attachment attachment;
static struct sc_attachment_config config;
static uint64_t now_ns;
static char story[4096]; /* what was told, as text */
static uint8_t stream[8192];
static struct sc_encoder host; /* what the host says next */

static const uint8_t instance_a[SC_INSTANCE_BYTES] = { 0xa };
static const uint8_t instance_b[SC_INSTANCE_BYTES] = { 0xb };

static const char *const notice_names[SC_NOTICE_COUNT] = {
        [SC_NOTICE_AWAITED] = "awaited",
        [SC_NOTICE_RAW] = "raw",
        [SC_NOTICE_RAW_SILENT] = "raw-silent",
        [SC_NOTICE_LOST] = "lost",
        [SC_NOTICE_RESUMED] = "resumed",
        [SC_NOTICE_RESUMED_UNSURE] = "resumed-unsure",
        [SC_NOTICE_RESUMED_GAP] = "resumed-gap",
        [SC_NOTICE_OTHER_INSTANCE] = "other-instance",
        [SC_NOTICE_BEYOND] = "beyond",
        [SC_NOTICE_RAW_AGAIN] = "raw-again",
        [SC_NOTICE_GAP] = "gap",
        [SC_NOTICE_CLEARED] = "cleared",
        [SC_NOTICE_ABOVE] = "above",
        [SC_NOTICE_READ_ONLY] = "read-only",
        [SC_NOTICE_GUEST_UP] = "up",
        [SC_NOTICE_GUEST_DOWN] = "down",
        [SC_NOTICE_GUEST_RESET] = "reset",
        [SC_NOTICE_GUEST_ENDED] = "guest-ended",
        [SC_NOTICE_MARK] = "mark",
        [SC_NOTICE_WRITER_OTHER] = "writer-other",
        [SC_NOTICE_WRITER_SELF] = "writer-self",
        [SC_NOTICE_DROPPED_GUEST] = "dropped-guest",
        [SC_NOTICE_DROPPED_WRITER] = "dropped-writer",
        [SC_NOTICE_INPUT_UNSURE] = "input-unsure",
        [SC_NOTICE_INPUT_STUCK] = "input-stuck",
        [SC_NOTICE_BREAK_SENT] = "break-sent",
        [SC_NOTICE_BREAK_FAILED] = "break-failed",
        [SC_NOTICE_TAKEN] = "taken",
        [SC_NOTICE_SILENT] = "silent",
        [SC_NOTICE_ANSWERS] = "answers",
};

static const char *const end_names[] = {
        [SC_ATTACHMENT_ABSENT] = "absent",
        [SC_ATTACHMENT_NOT_ANSWERED] = "not-answered",
        [SC_ATTACHMENT_INPUT_LOST] = "input-lost",
        [SC_ATTACHMENT_HOST_GONE] = "host-gone",
        [SC_ATTACHMENT_GUEST_GONE] = "guest-gone",
        [SC_ATTACHMENT_GUEST_ENDED] = "guest-ended",
        [SC_ATTACHMENT_TAKEN] = "taken",
        [SC_ATTACHMENT_HIDDEN] = "hidden",
        [SC_ATTACHMENT_TURNED_AWAY] = "turned-away",
        [SC_ATTACHMENT_REFUSED] = "refused",
        [SC_ATTACHMENT_BEYOND] = "beyond",
        [SC_ATTACHMENT_BROKEN] = "broken",
};

static void tell(const struct sc_attachment_event *event)
{
        char *to = story + strlen(story);
        size_t room = sizeof(story) - strlen(story);
        int length = (int)event->bytes.length;
        const char *bytes = (const char *)event->bytes.bytes;
        switch (event->kind) {
        case SC_ATTACHMENT_NOTHING:
                return;
        case SC_ATTACHMENT_CONNECT:
                snprintf(to, room, "connect; ");
                return;
        case SC_ATTACHMENT_CLOSE:
                snprintf(to, room, "close; ");
                return;
        case SC_ATTACHMENT_SURVEY:
                snprintf(to, room, "survey; ");
                return;
        case SC_ATTACHMENT_ANSWER:
                snprintf(to, room, "answer; ");
                return;
        case SC_ATTACHMENT_OUTPUT:
                snprintf(to, room, "%d:%.*s; ", (int)attachment.place.offset, length, bytes);
                return;
        case SC_ATTACHMENT_TELL:
                if (event->notice == SC_NOTICE_MARK)
                        snprintf(to, room, "mark %.*s; ", length, bytes);
                else if (event->value != 0)
                        snprintf(to, room, "%s %d; ", notice_names[event->notice], (int)event->value);
                else
                        snprintf(to, room, "%s; ", notice_names[event->notice]);
                return;
        case SC_ATTACHMENT_ENDED:
                snprintf(to, room, "end: %s%s%.*s; ", end_names[event->end], length > 0 ? " " : "", length,
                         length > 0 ? bytes : "");
                return;
        }
}

/* All that follows; output is put out at once. */
static void follow(void)
{
        struct sc_attachment_event event;
        do {
                sc_attachment_next(&attachment, now_ns, &event);
                tell(&event);
                if (event.kind == SC_ATTACHMENT_OUTPUT)
                        sc_attachment_done(&attachment, event.bytes.length);
        } while (event.kind != SC_ATTACHMENT_NOTHING);
}

static void expect(const char *expected)
{
        follow();
        if (strcmp(story, expected) != 0)
                ck_abort_msg("%s\ninstead of\n%s", story, expected);
        story[0] = '\0';
}

static void start(const struct sc_place *place)
{
        now_ns = 100 * S;
        story[0] = '\0';
        host = (struct sc_encoder) { .bytes = stream, .capacity = sizeof(stream) };
        sc_attachment_start(&attachment, &config, place, now_ns);
}

static void reset_config(void)
{
        config = (struct sc_attachment_config) {
                .role = SC_ROLE_CLIENT,
                .label = "me",
                .start = SC_START_BEGINNING,
                .show_bytes = 1000,
                .least_bytes = 100,
                .reconnects = true,
                .backoff_min_ns = 20 * SC_NS_PER_MS,
                .backoff_max_ns = S,
        };
}

/* What was encoded reaches the client, in one piece or byte by byte. */
static void say(void)
{
        struct sc_span room = sc_session_receive_room(&attachment.session);
        memcpy(room.bytes, stream, host.length);
        room.length = host.length;
        host.length = 0;
        sc_attachment_received(&attachment, room, now_ns);
}

static struct sc_frame next_sent(void)
{
        struct sc_frame frame;
        struct sc_span span = sc_session_to_send(&attachment.session);
        ck_assert_int_eq(sc_frame_next(span.bytes, span.length, SC_FROM_CLIENT, &frame), SC_FRAME_COMPLETE);
        sc_session_sent(&attachment.session, frame.frame_bytes);
        return frame;
}

static struct sc_hello expect_hello(enum sc_role role, enum sc_start from, uint64_t value)
{
        struct sc_hello hello;
        struct sc_frame frame = next_sent();
        ck_assert_int_eq(frame.type, SC_FRAME_HELLO);
        ck_assert(sc_frame_get_hello(&frame.payload, &hello));
        ck_assert_uint_eq(hello.role, role);
        ck_assert_uint_eq(hello.start, from);
        ck_assert_uint_eq(hello.value, value);
        return hello;
}

static struct sc_welcome welcome_of(const uint8_t *instance, uint64_t from, uint64_t head)
{
        struct sc_welcome welcome = {
                .version = 1,
                .role = SC_ROLE_CLIENT,
                .guest_state = SC_GUEST_UP,
                .client = 5,
                .start = from,
                .head = head,
                .guest_number = 1,
        };
        memcpy(welcome.instance, instance, SC_INSTANCE_BYTES);
        return welcome;
}

static void put_welcome(struct sc_welcome welcome)
{
        sc_frame_put_welcome(&host, &welcome);
}

static void put_data(uint64_t offset, const char *text)
{
        sc_frame_put_data_fields(&host, SC_FRAME_DATA, offset, 1, strlen(text));
        sc_bytes_put_string(&host, text, strlen(text));
}

static void put_gap(uint64_t from, uint64_t to, enum sc_gap_kind kind)
{
        sc_frame_put_gap(&host, SC_FRAME_GAP, &(struct sc_gap) { from, to, (uint8_t)kind });
}

static void put_boundary(uint64_t number, uint64_t offset, enum sc_boundary_kind kind)
{
        struct sc_boundary boundary = { .number = number, .offset = offset, .kind = (uint8_t)kind };
        if (kind == SC_BOUNDARY_MARK) {
                memcpy(boundary.text, "here", 4);
                boundary.text_length = 4;
        }
        sc_frame_put_boundary(&host, &boundary);
}

static void connect_native(void)
{
        expect("connect; ");
        sc_attachment_connected(&attachment, true, now_ns);
}

/* Attached to instance a at `from`, of `head` bytes. */
static void attach(uint64_t from, uint64_t head)
{
        connect_native();
        expect_hello(SC_ROLE_CLIENT, config.start, config.start_value);
        put_welcome(welcome_of(instance_a, from, head));
        say();
        expect("");
}

static void lose(void)
{
        sc_attachment_lost(&attachment, SC_RAW_PEER_GONE, now_ns);
}

static void wait_and_connect(uint64_t wait_ns)
{
        ck_assert_uint_eq(sc_attachment_deadline_ns(&attachment), now_ns + wait_ns);
        now_ns += wait_ns - 1;
        expect("");
        now_ns++;
        expect("connect; ");
}

/* --- resume (BF-9) --- */

START_TEST(it_goes_on_at_the_byte_where_it_was)
{
        start(NULL);
        attach(10, 15);
        put_data(10, "hello");
        say();
        expect("10:hello; ");
        now_ns += 5 * S;
        lose();
        expect("lost; ");
        wait_and_connect(20 * SC_NS_PER_MS);
        sc_attachment_connected(&attachment, true, now_ns);
        struct sc_hello hello = expect_hello(SC_ROLE_CLIENT, SC_START_OFFSET, 15);
        ck_assert_mem_eq(hello.instance, instance_a, SC_INSTANCE_BYTES);
        ck_assert_uint_eq(hello.flags, SC_HELLO_CONTINUES);
        ck_assert_uint_eq(hello.label_length, 2);
        put_welcome(welcome_of(instance_a, 15, 20));
        put_data(15, "world");
        say();
        expect("resumed; 15:world; ");
        ck_assert_uint_eq(attachment.place.offset, 20);
}
END_TEST

START_TEST(what_was_put_out_in_part_is_done_in_part)
{
        struct sc_attachment_event event;
        start(NULL);
        attach(10, 15);
        put_data(10, "hello");
        say();
        sc_attachment_next(&attachment, now_ns, &event);
        ck_assert_int_eq(event.kind, SC_ATTACHMENT_OUTPUT);
        sc_attachment_done(&attachment, 2);
        sc_attachment_next(&attachment, now_ns, &event); /* told once */
        ck_assert_int_eq(event.kind, SC_ATTACHMENT_NOTHING);
        struct sc_frame frame = next_sent();
        ck_assert_int_eq(frame.type, SC_FRAME_ACKNOWLEDGE);
        ck_assert_uint_eq(sc_bytes_get(&frame.payload, 8), 12);
        lose();
        expect("lost; ");
        wait_and_connect(20 * SC_NS_PER_MS);
        sc_attachment_connected(&attachment, true, now_ns);
        expect_hello(SC_ROLE_CLIENT, SC_START_OFFSET, 12);
}
END_TEST

START_TEST(a_gap_is_told_with_its_size_and_passed)
{
        start(&(struct sc_place) { .known = true, .instance = { 0xa }, .offset = 7 });
        connect_native();
        expect_hello(SC_ROLE_CLIENT, SC_START_OFFSET, 7);
        struct sc_welcome welcome = welcome_of(instance_a, 7, 200);
        welcome.answer = SC_ANSWER_OVERWRITTEN;
        put_welcome(welcome);
        put_gap(7, 100, SC_GAP_OVERWRITTEN);
        put_data(100, "x");
        put_gap(101, 103, SC_GAP_CLEARED);
        say();
        expect("gap 93; 100:x; cleared 2; ");
        ck_assert_uint_eq(attachment.place.offset, 103);
        lose();
        expect("lost; ");
        wait_and_connect(20 * SC_NS_PER_MS);
        sc_attachment_connected(&attachment, true, now_ns);
        expect_hello(SC_ROLE_CLIENT, SC_START_OFFSET, 103);
        welcome.start = 103;
        put_welcome(welcome);
        say();
        expect("resumed-gap; ");
}
END_TEST

static void resume_and_be_answered(enum sc_answer answer)
{
        start(&(struct sc_place) { .known = true, .instance = { 0xa }, .offset = 70 });
        connect_native();
        expect_hello(SC_ROLE_CLIENT, SC_START_OFFSET, 70);
        struct sc_welcome welcome = welcome_of(instance_b, 5, 5);
        welcome.answer = (uint8_t)answer;
        put_welcome(welcome);
        say();
}

START_TEST(of_another_instance_everything_is_new)
{
        config.start = SC_START_END;
        config.waits = true;
        resume_and_be_answered(SC_ANSWER_OTHER_INSTANCE);
        expect("other-instance; ");
        expect_hello(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        lose(); /* before it answered: still from its beginning */
        expect("awaited; ");
        wait_and_connect(20 * SC_NS_PER_MS);
        sc_attachment_connected(&attachment, true, now_ns);
        expect_hello(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        put_welcome(welcome_of(instance_b, 0, 5));
        put_data(0, "fresh");
        say();
        expect("0:fresh; ");
        ck_assert_mem_eq(attachment.place.instance, instance_b, SC_INSTANCE_BYTES);
}
END_TEST

START_TEST(an_offset_that_was_not_reached_is_told)
{
        resume_and_be_answered(SC_ANSWER_BEYOND_HEAD);
        expect("beyond; ");
        expect_hello(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);

        config.start = SC_START_OFFSET;
        config.start_value = 70;
        start(NULL);
        connect_native();
        expect_hello(SC_ROLE_CLIENT, SC_START_OFFSET, 70);
        struct sc_welcome welcome = welcome_of(instance_a, 5, 5);
        welcome.answer = SC_ANSWER_BEYOND_HEAD;
        put_welcome(welcome);
        say();
        expect("end: beyond; ");
}
END_TEST

/* --- connecting --- */

START_TEST(nobody_there_ends_it_unless_it_waits)
{
        start(NULL);
        expect("connect; ");
        sc_attachment_failed(&attachment, now_ns);
        expect("end: absent; ");

        config.waits = true;
        start(NULL);
        expect("connect; ");
        sc_attachment_failed(&attachment, now_ns);
        expect("awaited; ");
        wait_and_connect(20 * SC_NS_PER_MS);
        sc_attachment_failed(&attachment, now_ns);
        wait_and_connect(40 * SC_NS_PER_MS); /* said once */
        for (int i = 0; i < 6; i++) {
                sc_attachment_failed(&attachment, now_ns);
                expect("");
                now_ns = sc_attachment_deadline_ns(&attachment);
                expect("connect; ");
        }
        sc_attachment_failed(&attachment, now_ns);
        wait_and_connect(S); /* and not less often */
}
END_TEST

START_TEST(a_host_that_takes_and_drops_us_is_asked_less_and_less)
{
        start(NULL);
        connect_native();
        lose();
        expect("end: not-answered; ");
        config.waits = true;
        start(NULL);
        connect_native();
        for (uint64_t wait_ms = 20; wait_ms <= 640; wait_ms *= 2) {
                lose();
                expect(wait_ms == 20 ? "awaited; " : "");
                wait_and_connect(wait_ms * SC_NS_PER_MS);
                sc_attachment_connected(&attachment, true, now_ns);
        }
}
END_TEST

START_TEST(without_reconnect_a_lost_connection_is_the_end)
{
        config.reconnects = false;
        start(NULL);
        attach(0, 0);
        lose();
        expect("end: host-gone; ");
}
END_TEST

START_TEST(a_host_that_ends_may_be_replaced_and_one_that_refuses_is_not_asked_again)
{
        start(NULL);
        attach(0, 0);
        put_data(0, "bye");
        sc_frame_put_error(&host, SC_ERROR_ENDING, "the host ends");
        say();
        expect("0:bye; close; lost; ");
        wait_and_connect(20 * SC_NS_PER_MS);

        start(NULL);
        attach(0, 0);
        sc_frame_put_error(&host, SC_ERROR_KICKED, "ended by an operator");
        say();
        expect("close; end: refused ended by an operator; ");
}
END_TEST

START_TEST(rubbish_is_the_end)
{
        start(NULL);
        connect_native();
        sc_bytes_put_string(&host, "HTTP/1.1 400 Bad", 16);
        say();
        expect("close; end: broken; ");
}
END_TEST

/* --- where a terminal's client starts --- */

static void put_status(struct sc_status status)
{
        uint8_t bytes[SC_STATUS_BASE_BYTES];
        struct sc_encoder payload = { .bytes = bytes, .capacity = sizeof(bytes) };
        memcpy(status.instance, instance_a, SC_INSTANCE_BYTES);
        sc_status_put(&payload, &status);
        sc_frame_put_header(&host, SC_FRAME_STATUS, payload.length);
        sc_bytes_put_string(&host, bytes, payload.length);
}

static const struct survey {
        uint64_t tail, head, consumed;
        uint64_t start;
        uint64_t above;
} surveys[] = {
        { 0, 50, 0, 0, 0 },         /* all of it is unread, and less than a screenful */
        { 0, 500, 450, 400, 400 },  /* the unread is less than a screenful */
        { 0, 500, 100, 100, 100 },  /* the unread */
        { 0, 5000, 0, 4000, 4000 }, /* more than is to be shown */
        { 1000, 5000, 5000, 4900, 3900 },
        { 4950, 5000, 5000, 4950, 0 }, /* no more is kept */
        { 4500, 5000, 100, 4500, 0 },  /* what is unread is partly gone */
        { 0, 0, 0, 0, 0 },
};

START_TEST(it_begins_with_the_unread_or_a_screenful_and_not_too_much)
{
        const struct survey *survey = &surveys[_i];
        char expected[64] = "survey; ";
        config.start = SC_START_AUTO;
        config.surveys = true;
        start(NULL);
        connect_native();
        expect_hello(SC_ROLE_CONTROL, SC_START_END, 0);
        ck_assert_int_eq(next_sent().type, SC_FRAME_STATUS_REQUEST);
        put_welcome(welcome_of(instance_a, survey->head, survey->head));
        put_status((struct sc_status) {
                .tail = survey->tail, .head = survey->head, .consumed = survey->consumed });
        say();
        if (survey->above > 0)
                snprintf(expected, sizeof(expected), "survey; above %d; ", (int)survey->above);
        expect(expected);
        struct sc_hello hello = expect_hello(SC_ROLE_CLIENT, SC_START_OFFSET, survey->start);
        ck_assert_mem_eq(hello.instance, instance_a, SC_INSTANCE_BYTES);
        ck_assert_uint_eq(hello.flags, 0);
}
END_TEST

START_TEST(a_line_that_is_cut_by_the_start_is_left_out)
{
        config.start = SC_START_AUTO;
        config.surveys = true;
        start(NULL);
        connect_native();
        put_welcome(welcome_of(instance_a, 500, 500));
        put_status((struct sc_status) { .head = 500, .consumed = 500 });
        say();
        expect("survey; above 400; ");
        put_welcome(welcome_of(instance_a, 400, 500));
        put_data(400, "rest\nwhole\n");
        put_data(411, "a\nb\n");
        say();
        expect("405:whole\n; 411:a\nb\n; ");
}
END_TEST

/* --- the guest --- */

START_TEST(boundaries_that_are_history_are_not_news)
{
        start(NULL);
        attach(0, 10);
        put_boundary(1, 0, SC_BOUNDARY_UP);
        put_boundary(9, 5, SC_BOUNDARY_MARK);
        put_data(0, "0123456789");
        put_boundary(10, 10, SC_BOUNDARY_MARK);
        put_boundary(11, 10, SC_BOUNDARY_DOWN);
        say();
        expect("0:0123456789; mark here; down; ");
        ck_assert(!sc_attachment_takes_input(&attachment));
        put_boundary(12, 10, SC_BOUNDARY_UP);
        put_boundary(13, 10, SC_BOUNDARY_RESET);
        say();
        expect("up; reset; ");
        ck_assert(sc_attachment_takes_input(&attachment));
}
END_TEST

START_TEST(a_guest_that_cannot_come_back_is_the_end_behind_its_last_byte)
{
        start(NULL);
        attach(0, 3);
        put_data(0, "one");
        put_data(3, "two");
        put_boundary(2, 6, SC_BOUNDARY_ENDED);
        say();
        expect("0:one; 3:two; guest-ended; end: guest-ended; ");

        start(NULL); /* late: what it had said is still told */
        connect_native();
        struct sc_welcome welcome = welcome_of(instance_a, 0, 6);
        welcome.guest_state = SC_GUEST_DOWN;
        welcome.guest_note = SC_GUEST_NOTE_ENDED;
        welcome.guest_number = 2;
        put_welcome(welcome);
        put_boundary(1, 0, SC_BOUNDARY_UP);
        put_data(0, "one");
        say();
        expect("0:one; ");
        put_gap(3, 6, SC_GAP_OVERWRITTEN);
        say();
        expect("gap 3; end: guest-ended; ");
}
END_TEST

START_TEST(without_reconnect_a_guest_that_went_is_the_end)
{
        config.reconnects = false;
        start(NULL);
        attach(0, 3);
        put_boundary(2, 6,
                     SC_BOUNDARY_DOWN); /* told in place, but whatever the order: not before the last byte */
        say();
        expect("down; ");
        put_data(0, "onetwo");
        say();
        expect("0:onetwo; end: guest-gone; ");
}
END_TEST

START_TEST(before_the_first_guest_input_waits)
{
        start(NULL);
        connect_native();
        struct sc_welcome welcome = welcome_of(instance_a, 0, 0);
        welcome.guest_state = SC_GUEST_AWAITED;
        put_welcome(welcome);
        ck_assert(!sc_attachment_takes_input(&attachment));
        say();
        expect("");
        ck_assert(sc_attachment_takes_input(&attachment));
}
END_TEST

/* --- roles and answers --- */

START_TEST(it_tells_who_types)
{
        start(NULL);
        attach(0, 0);
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = true });
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = false, .writer = 7 });
        sc_frame_put_refused(&host, SC_REFUSED_NOT_WRITER, 3);
        sc_frame_put_refused(&host, SC_REFUSED_NOT_WRITER, 10);
        sc_frame_put_refused(&host, SC_REFUSED_OLD_GUEST, 2);
        say();
        expect("writer-other 7; dropped-writer 3; dropped-writer 7; dropped-guest 2; ");
        ck_assert(sc_attachment_ask(&attachment, SC_FRAME_TAKE));
        ck_assert_int_eq(next_sent().type, SC_FRAME_TAKE);
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = true, .writer = 5 });
        sc_frame_put_done(&host, SC_FRAME_TAKE, SC_RESULT_OK);
        sc_frame_put_done(&host, SC_FRAME_BREAK, SC_RESULT_OK);
        sc_frame_put_done(&host, SC_FRAME_BREAK, SC_RESULT_NOT_CARRIED);
        say();
        expect("taken; break-sent; break-failed 3; ");
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = false, .writer = 7 });
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = true, .writer = 5 }); /* 7 left */
        say();
        expect("writer-other 7; writer-self; ");
}
END_TEST

START_TEST(on_a_view_it_becomes_a_viewer)
{
        start(NULL);
        connect_native();
        struct sc_welcome welcome = welcome_of(instance_a, 0, 0);
        welcome.role = SC_ROLE_VIEWER;
        put_welcome(welcome);
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = false });
        say();
        expect("read-only; ");
        ck_assert(!sc_attachment_takes_input(&attachment));
}
END_TEST

/* --- silence --- */

static void pass_time(uint64_t ns)
{
        for (uint64_t end_ns = now_ns + ns; now_ns < end_ns;) {
                now_ns = sc_min_u64(end_ns, sc_attachment_deadline_ns(&attachment));
                follow();
        }
}

START_TEST(two_pings_without_an_answer_and_the_host_is_silent)
{
        start(NULL);
        attach(0, 0);
        pass_time(15 * S);
        ck_assert_int_eq(next_sent().type, SC_FRAME_PING);
        sc_frame_put_pong(&host, 0, 0, 0);
        say();
        pass_time(30 * S - 1);
        expect("");
        pass_time(1);
        expect("silent; ");
        pass_time(100 * S); /* once */
        expect("");
        sc_frame_put_pong(&host, 0, 0, 0);
        say();
        expect("answers; ");
}
END_TEST

START_TEST(first_ping_is_due_a_while_behind_a_late_welcome)
{
        start(NULL);
        connect_native();
        expect_hello(SC_ROLE_CLIENT, config.start, config.start_value);
        pass_time(20 * S);
        put_welcome(welcome_of(instance_a, 0, 0));
        say();
        expect("");
        pass_time(15 * S - 1);
        ck_assert_uint_eq(sc_session_to_send(&attachment.session).length, 0);
        pass_time(1);
        ck_assert_int_eq(next_sent().type, SC_FRAME_PING);
}
END_TEST

START_TEST(a_client_that_did_not_look_does_not_blame_the_host)
{
        struct sc_attachment_event event;
        start(NULL);
        attach(0, 0);
        now_ns += 1000 * S; /* it was stopped */
        expect("");
        put_data(0, "x");
        say();
        sc_attachment_next(&attachment, now_ns, &event); /* and its output is not taken */
        for (int i = 0; i < 10; i++) {
                now_ns += 15 * S;
                sc_attachment_next(&attachment, now_ns, &event);
                ck_assert_int_eq(event.kind, SC_ATTACHMENT_NOTHING);
        }
        sc_attachment_done(&attachment, 1);
        pass_time(30 * S - 1);
        expect("");
}
END_TEST

START_TEST(a_host_that_takes_us_and_never_answers_is_silent)
{
        start(NULL);
        connect_native();
        pass_time(30 * S);
        expect("silent; ");
}
END_TEST

/* --- input on its way --- */

static void type(const char *text)
{
        uint8_t bytes[16];
        struct sc_encoder encoder = { .bytes = bytes, .capacity = sizeof(bytes) };
        sc_bytes_put_string(&encoder, text, strlen(text));
        ck_assert_uint_eq(sc_attachment_type(&attachment, (struct sc_span) { bytes, encoder.length }),
                          encoder.length);
}

static void put_pong(void)
{
        sc_frame_put_pong(&host, 0, 0, 0);
}

START_TEST(input_that_may_not_have_arrived_is_told)
{
        start(NULL);
        attach(0, 0);
        type("abc");
        ck_assert_int_eq(next_sent().type, SC_FRAME_INPUT);
        ck_assert_int_eq(next_sent().type, SC_FRAME_PING);
        type("de");
        ck_assert_int_eq(next_sent().type, SC_FRAME_INPUT);
        ck_assert_uint_eq(sc_session_to_send(&attachment.session).length, 0); /* one is out at a time */
        put_pong();
        say();
        expect("");
        ck_assert_int_eq(next_sent().type, SC_FRAME_PING); /* for what was typed since */
        lose();
        expect("input-unsure 2; lost; ");
        wait_and_connect(20 * SC_NS_PER_MS);
        sc_attachment_connected(&attachment, true, now_ns);
        put_welcome(welcome_of(instance_a, 0, 0));
        say();
        expect("resumed-unsure; ");

        start(NULL);
        attach(0, 0);
        type("abc");
        put_pong();
        say();
        expect("");
        lose();
        expect("lost; ");

        config.input_is_whole = true;
        start(NULL);
        attach(0, 0);
        type("abc");
        lose();
        expect("input-unsure 3; end: input-lost; ");
}
END_TEST

START_TEST(a_guest_that_takes_no_input_is_no_silent_host)
{
        start(NULL);
        attach(0, 0);
        type("abc");
        pass_time(30 * S);
        expect("input-stuck; ");
}
END_TEST

/* --- what a host may not say --- */

static void attach_quietly(void)
{
        start(NULL);
        attach(10, 15);
}

static void join_quietly(void)
{
        start(NULL);
        connect_native();
}

static void survey_quietly(void)
{
        config.surveys = true;
        join_quietly();
}

static void put_welcome_answered(enum sc_answer answer)
{
        struct sc_welcome welcome = welcome_of(instance_a, 10, 15);
        welcome.answer = (uint8_t)answer;
        put_welcome(welcome);
}

static void second_welcome(void)
{
        put_welcome_answered(SC_ANSWER_OK);
}

static void other_instance_unasked(void)
{
        put_welcome_answered(SC_ANSWER_OTHER_INSTANCE);
}

static void hole(void)
{
        put_data(11, "x");
}

static void output_again(void)
{
        put_data(9, "x");
}

static void gap_elsewhere(void)
{
        put_gap(11, 12, SC_GAP_OVERWRITTEN);
}

static void status_unasked(void)
{
        put_status((struct sc_status) { .head = 5 });
}

static void status_that_wraps(void)
{
        put_welcome_answered(SC_ANSWER_OK);
        put_status((struct sc_status) { .tail = 6, .head = 5 });
}

static void data_first(void)
{
        put_data(0, "x");
}

static void role_first(void)
{
        sc_frame_put_role(&host, &(struct sc_role_change) { .may_type = true });
}

static const struct offence {
        void (*before)(void);
        void (*says)(void);
} offences[] = {
        { attach_quietly, second_welcome }, { attach_quietly, hole },
        { attach_quietly, output_again },   { attach_quietly, gap_elsewhere },
        { attach_quietly, status_unasked }, { attach_quietly, put_pong },
        { join_quietly, data_first },       { join_quietly, role_first },
        { join_quietly, status_unasked },   { join_quietly, other_instance_unasked },
        { survey_quietly, status_unasked }, { survey_quietly, status_that_wraps },
        { survey_quietly, data_first },
};

START_TEST(what_is_out_of_place_is_not_the_protocol)
{
        offences[_i].before();
        offences[_i].says();
        say();
        expect("close; end: broken; ");
}
END_TEST

START_TEST(welcomes_without_end_are_answered_once)
{
        start(&(struct sc_place) { .known = true, .instance = { 0xa }, .offset = 70 });
        connect_native();
        for (int i = 0; i < 20; i++)
                put_welcome_answered(SC_ANSWER_OTHER_INSTANCE);
        say();
        expect("other-instance; close; end: broken; ");
}
END_TEST

/* --- a peer without a protocol --- */

static void connect_raw(const char *expected)
{
        expect("connect; ");
        sc_attachment_connected(&attachment, false, now_ns);
        expect(expected);
}

static void say_raw(const char *text)
{
        host.length = 0;
        sc_bytes_put_string(&host, text, strlen(text));
        sc_attachment_received(&attachment, (struct sc_span) { stream, host.length }, now_ns);
        host.length = 0;
}

START_TEST(a_plain_peer_is_told_once_and_its_silence_once)
{
        start(NULL);
        connect_raw("raw; ");
        pass_time(2 * S - 1);
        expect("");
        pass_time(1);
        expect("raw-silent; ");
        ck_assert_uint_eq(sc_attachment_deadline_ns(&attachment), UINT64_MAX);
        say_raw("hello");
        expect("0:hello; ");
        ck_assert(sc_attachment_takes_input(&attachment));
        ck_assert(!sc_attachment_ask(&attachment, SC_FRAME_BREAK));
}
END_TEST

static const struct raw_end {
        enum sc_raw_peer peer;
        const char *story;
        const char *again; /* before connecting again: a loss is told once */
} raw_ends[] = {
        { SC_RAW_PEER_TAKEN, "end: taken; ", "end: taken; " },
        { SC_RAW_PEER_HIDDEN, "end: hidden; ", "end: hidden; " },
        { SC_RAW_PEER_GONE, "lost; ", "" },
        { SC_RAW_PEER_FREE, "lost; ", "" },
};

START_TEST(who_took_a_plain_peer_over_is_left_alone)
{
        start(NULL);
        connect_raw("raw; ");
        sc_attachment_lost(&attachment, raw_ends[_i].peer, now_ns);
        expect(raw_ends[_i].story);
        start(NULL); /* also when that is seen before connecting again */
        connect_raw("raw; ");
        sc_attachment_lost(&attachment, SC_RAW_PEER_GONE, now_ns);
        expect("lost; ");
        wait_and_connect(20 * SC_NS_PER_MS);
        sc_attachment_lost(&attachment, raw_ends[_i].peer, now_ns);
        expect(raw_ends[_i].again);
}
END_TEST

START_TEST(a_plain_peer_that_closed_is_asked_once_more)
{
        start(NULL);
        connect_raw("raw; ");
        say_raw("x");
        expect("0:x; ");
        sc_attachment_lost(&attachment, SC_RAW_PEER_FREE, now_ns);
        expect("lost; ");
        wait_and_connect(S);
        sc_attachment_connected(&attachment, false, now_ns);
        say_raw("y"); /* it speaks again, and for a second: the next time counts anew */
        expect("0:y; raw-again; ");
        pass_time(S);
        sc_attachment_lost(&attachment, SC_RAW_PEER_FREE, now_ns);
        expect("lost; ");
        wait_and_connect(S);
        sc_attachment_connected(&attachment, false, now_ns);
        say_raw("busy");
        expect("0:busy; raw-again; ");
        pass_time(S - 1);
        sc_attachment_lost(&attachment, SC_RAW_PEER_FREE, now_ns);
        expect("end: turned-away; ");
}
END_TEST

Suite *attachment_suite(void)
{
        Suite *suite = suite_create("attachment");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, reset_config, NULL);
        tcase_add_test(claims, it_goes_on_at_the_byte_where_it_was);
        tcase_add_test(claims, what_was_put_out_in_part_is_done_in_part);
        tcase_add_test(claims, a_gap_is_told_with_its_size_and_passed);
        tcase_add_test(claims, of_another_instance_everything_is_new);
        tcase_add_test(claims, an_offset_that_was_not_reached_is_told);
        tcase_add_test(claims, nobody_there_ends_it_unless_it_waits);
        tcase_add_test(claims, a_host_that_takes_and_drops_us_is_asked_less_and_less);
        tcase_add_test(claims, without_reconnect_a_lost_connection_is_the_end);
        tcase_add_test(claims, a_host_that_ends_may_be_replaced_and_one_that_refuses_is_not_asked_again);
        tcase_add_test(claims, rubbish_is_the_end);
        tcase_add_loop_test(claims, it_begins_with_the_unread_or_a_screenful_and_not_too_much, 0,
                            (int)SC_COUNT(surveys));
        tcase_add_test(claims, a_line_that_is_cut_by_the_start_is_left_out);
        tcase_add_test(claims, boundaries_that_are_history_are_not_news);
        tcase_add_test(claims, a_guest_that_cannot_come_back_is_the_end_behind_its_last_byte);
        tcase_add_test(claims, without_reconnect_a_guest_that_went_is_the_end);
        tcase_add_test(claims, before_the_first_guest_input_waits);
        tcase_add_test(claims, it_tells_who_types);
        tcase_add_test(claims, on_a_view_it_becomes_a_viewer);
        tcase_add_test(claims, two_pings_without_an_answer_and_the_host_is_silent);
        tcase_add_test(claims, first_ping_is_due_a_while_behind_a_late_welcome);
        tcase_add_test(claims, a_client_that_did_not_look_does_not_blame_the_host);
        tcase_add_test(claims, a_host_that_takes_us_and_never_answers_is_silent);
        tcase_add_test(claims, input_that_may_not_have_arrived_is_told);
        tcase_add_test(claims, a_guest_that_takes_no_input_is_no_silent_host);
        tcase_add_loop_test(claims, what_is_out_of_place_is_not_the_protocol, 0, (int)SC_COUNT(offences));
        tcase_add_test(claims, welcomes_without_end_are_answered_once);
        tcase_add_test(claims, a_plain_peer_is_told_once_and_its_silence_once);
        tcase_add_loop_test(claims, who_took_a_plain_peer_over_is_left_alone, 0, (int)SC_COUNT(raw_ends));
        tcase_add_test(claims, a_plain_peer_that_closed_is_asked_once_more);
        suite_add_tcase(suite, claims);
        return suite;
}
