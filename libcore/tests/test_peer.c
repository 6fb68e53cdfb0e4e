#include "suites.h"

#include "claim.h"
#include "model/console/peer.h"
#include "split.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY 200
#define KEEP_FIRST 50

static struct sc_history history;
static struct sc_history_memory memory;
static struct sc_boundaries boundaries;
static struct sc_cursor cursor;
static struct sc_batch batch;
static struct sc_peer peer;
static uint8_t receive[SC_PEER_RECEIVE_BYTES];
static uint8_t out[SC_PEER_OUT_BYTES];
static uint64_t now_ns;

static void say(uint64_t length)
{
        while (length > 0) {
                struct sc_span spans[SC_RING_SPANS_MAX];
                uint64_t part = sc_min_u64(length, CAPACITY);
                uint64_t offset = history.ring.head;
                size_t count = sc_history_reserve(&history, part, spans);
                for (size_t i = 0; i < count; i++)
                        for (size_t j = 0; j < spans[i].length; j++)
                                spans[i].bytes[j] = output_byte(offset++);
                now_ns += SC_NS_PER_S;
                sc_history_commit(&history, part, now_ns, 0);
                length -= part;
        }
}

static void bound(enum sc_boundary_kind kind, const char *text)
{
        sc_boundaries_add(&boundaries, kind, history.ring.head, now_ns, text, strlen(text));
}

/* --- what the client makes of what was written --- */

static struct bytes got;
static uint64_t got_offset;
static uint64_t got_boundary;
static unsigned got_roles, got_pongs, got_ends, got_errors;
static uint64_t got_refused;
static uint64_t got_history;
static bool got_lost; /* a gap lay before the last boundary: it was told late */

static void take_output(struct sc_frame *frame)
{
        struct sc_decoder *payload = &frame->payload;
        uint64_t offset = sc_bytes_get(payload, 8);
        sc_bytes_get(payload, 8);
        size_t length = sc_bytes_left(payload);
        assert_output(payload->bytes + payload->position, offset, length);
        uint64_t *at = frame->type == SC_FRAME_DATA ? &got_offset : &got_history;
        claim_uint(offset, ==, *at);
        *at += length;
        if (frame->type == SC_FRAME_DATA)
                got_lost = false;
}

static void take_gap(struct sc_frame *frame)
{
        struct sc_gap gap;
        uint64_t *at = frame->type == SC_FRAME_GAP ? &got_offset : &got_history;
        claim(sc_frame_get_gap(&frame->payload, &gap));
        claim_uint(gap.from, ==, *at);
        *at = gap.to;
        got_lost |= frame->type == SC_FRAME_GAP;
}

static void take_boundary(struct sc_frame *frame)
{
        struct sc_boundary boundary;
        claim(sc_frame_get_boundary(&frame->payload, &boundary));
        claim_uint(boundary.number, ==, got_boundary + 1);
        claim(boundary.offset == got_offset || (got_lost && boundary.offset <= got_offset));
        got_boundary = boundary.number;
}

static void take(struct sc_frame *frame)
{
        switch (frame->type) {
        case SC_FRAME_DATA:
        case SC_FRAME_HISTORY_DATA:
                take_output(frame);
                return;
        case SC_FRAME_GAP:
        case SC_FRAME_HISTORY_GAP:
                take_gap(frame);
                return;
        case SC_FRAME_BOUNDARY:
                take_boundary(frame);
                return;
        case SC_FRAME_ROLE:
                got_roles++;
                return;
        case SC_FRAME_REFUSED:
                sc_bytes_get(&frame->payload, 8);
                got_refused = sc_bytes_get(&frame->payload, 8);
                return;
        case SC_FRAME_PONG:
                got_pongs++;
                return;
        case SC_FRAME_HISTORY_END:
                got_ends++;
                return;
        case SC_FRAME_ERROR:
                got_errors++;
                return;
        default:
                ck_abort_msg("frame of type 0x%02x", frame->type);
        }
}

static void take_frames(void)
{
        struct sc_frame frame;
        for (;;) {
                enum sc_frame_result result = sc_frame_next(got.at, got.length, SC_FROM_HOST, &frame);
                if (result == SC_FRAME_INCOMPLETE)
                        return;
                claim_uint(result, ==, SC_FRAME_COMPLETE);
                claim_uint(got_errors, ==, 0); /* an error is the last */
                take(&frame);
                bytes_drop(&got, frame.frame_bytes);
        }
}

static size_t compose(void)
{
        struct sc_peer before;
        memcpy(&before, &peer, sizeof(peer));
        sc_peer_compose(&peer, &cursor, &history, &boundaries, &batch);
        /* Byte by byte: the copy took the padding along. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
        claim(memcmp(&before, &peer, sizeof(peer)) == 0);
        size_t length = 0;
        for (size_t i = 0; i < batch.span_count; i++) {
                claim(batch.spans[i].length > 0);
                length += batch.spans[i].length;
        }
        claim_uint(batch.span_count, <=, SC_SPANS_MAX);
        claim((length > 0) == sc_peer_has_news(&peer, &cursor, &history, &boundaries));
        return length;
}

/* One write, of which the kernel takes `length` bytes. */
static void write_some(size_t length)
{
        size_t left = length;
        for (size_t i = 0; i < batch.span_count && left > 0; i++) {
                size_t part = batch.spans[i].length < left ? batch.spans[i].length : left;
                bytes_append(&got, batch.spans[i].bytes, part);
                left -= part;
        }
        sc_peer_wrote(&peer, &cursor, history.ring.head, &batch, length, now_ns);
        take_frames();
}

static void write_all(void)
{
        size_t length;
        while ((length = compose()) > 0)
                write_some(length);
}

/* An attached client with something of everything to be told: 300 bytes, of which [50, 100) are gone, three
 * boundaries, its role, what was refused, an answer, and a history read. */
static void make_peer(void)
{
        memory = (struct sc_history_memory) {
                .ring = calloc(1, CAPACITY),
                .first = calloc(1, KEEP_FIRST),
                .ring_times = calloc(SC_TIMES_ENTRIES_MAX, sizeof(struct sc_times_entry)),
                .first_times = calloc(SC_TIMES_ENTRIES_MAX, sizeof(struct sc_times_entry)),
        };
        ck_assert(memory.ring && memory.first && memory.ring_times && memory.first_times);
}

static void start_peer(void)
{
        now_ns = SC_NS_PER_S;
        sc_history_init(&history, &memory, CAPACITY, KEEP_FIRST);
        boundaries = (struct sc_boundaries) { 0 };
        bound(SC_BOUNDARY_UP, "");
        say(20);
        bound(SC_BOUNDARY_MARK, "here");
        say(200);
        bound(SC_BOUNDARY_DOWN, "");
        say(80);

        sc_peer_init(&peer, receive, out);
        peer.state = SC_PEER_ATTACHED;
        peer.boundary_next = 1;
        sc_cursor_start(&cursor, 0, now_ns);
        got.length = 0;
        got_offset = got_boundary = got_refused = got_history = 0;
        got_roles = got_pongs = got_ends = got_errors = 0;
        got_lost = false;
}

static void give_news(void)
{
        peer.tell_role = true;
        peer.refused[SC_REFUSED_OLD_GUEST] = 17;
        peer.history_wanted = true;
        peer.history_offset = 0;
        peer.history_end = 300;
        struct sc_encoder answer = sc_peer_answer(&peer);
        sc_frame_put_pong(&answer, 1, 2, 3);
        sc_peer_answered(&peer, &answer);
}

static void free_peer(void)
{
        free(memory.ring);
        free(memory.first);
        free(memory.ring_times);
        free(memory.first_times);
        bytes_free(&got);
}

static void assert_all_was_told(void)
{
        claim_uint(got.length, ==, 0);
        claim_uint(got_offset, ==, history.ring.head);
        claim_uint(cursor.offset, ==, got_offset);
        claim_uint(got_boundary, ==, 3);
        claim_uint(got_roles, ==, 1);
        claim_uint(got_pongs, ==, 1);
        claim_uint(got_refused, ==, 17);
        claim_uint(got_history, ==, 300);
        claim_uint(got_ends, ==, 1);
}

START_TEST(write_cut_at_every_byte_leaves_a_whole_stream) /* PROTOCOL.md: frames are never torn */
{
        start_peer();
        give_news();
        size_t whole = compose();
        ck_assert_uint_gt(whole, 700);
        for (size_t cut = 0; cut <= whole; cut++) {
                start_peer();
                give_news();
                compose();
                write_some(cut);
                say(3 * CAPACITY + 7); /* over all that the batch pointed to */
                write_all();
                assert_all_was_told();
        }
}
END_TEST

START_TEST(write_cut_twice_at_every_byte_leaves_a_whole_stream)
{
        start_peer();
        give_news();
        size_t whole = compose();
        for (size_t cut = 1; cut < whole; cut += 3) {
                start_peer();
                give_news();
                compose();
                write_some(cut);
                say(CAPACITY + 7);
                size_t rest = compose();
                write_some(rest < cut ? rest - 1 : cut);
                say(CAPACITY + 7);
                write_all();
                assert_all_was_told();
        }
}
END_TEST

/* Whether the batch that was composed is cut by its byte `cut` within a frame of output. */
static bool cuts_output(size_t cut)
{
        static struct bytes whole;
        struct sc_frame frame = { 0 };
        size_t at = 0;
        whole.length = 0;
        for (size_t i = 0; i < batch.span_count; i++)
                bytes_append(&whole, batch.spans[i].bytes, batch.spans[i].length);
        while (at < cut) {
                enum sc_frame_result result =
                        sc_frame_next(whole.at + at, whole.length - at, SC_FROM_HOST, &frame);
                claim_uint(result, ==, SC_FRAME_COMPLETE);
                at += frame.frame_bytes;
        }
        return at > cut && (frame.type == SC_FRAME_DATA || frame.type == SC_FRAME_HISTORY_DATA);
}

static void assert_wiped(const uint8_t *memory_from, size_t length, size_t start, size_t end)
{
        for (size_t i = 0; i < length; i++)
                claim((start <= i && i < end) || memory_from[i] == 0);
}

START_TEST(wipe_at_every_cut_takes_the_rest_of_output_alone) /* BF-15 */
{
        start_peer();
        give_news();
        size_t whole = compose();
        for (size_t cut = 0; cut <= whole; cut++) {
                start_peer();
                memset(out, 0, sizeof(out));
                give_news();
                compose();
                bool output = cuts_output(cut);
                write_some(cut);
                claim(sc_peer_wipe(&peer) == !output);
                assert_wiped(out, sizeof(out), peer.out_start, peer.out_end);
                if (output) {
                        claim_uint(peer.out_end, ==, 0);
                        continue;
                }
                write_all();
                assert_all_was_told();
                claim(sc_peer_wipe(&peer));
                assert_wiped(out, sizeof(out), 0, 0);
        }
}
END_TEST

START_TEST(bytes_trickle_out_one_by_one)
{
        start_peer();
        give_news();
        for (int i = 0; compose() > 0; i++) {
                write_some(1);
                if (i % 50 == 0 && i < 500)
                        say(30);
        }
        assert_all_was_told();
}
END_TEST

START_TEST(write_that_took_nothing_has_no_effect)
{
        start_peer();
        give_news();
        size_t whole = compose();
        write_some(0);
        ck_assert_uint_eq(cursor.offset, 0);
        ck_assert_uint_eq(compose(), whole);
}
END_TEST

START_TEST(error_stands_behind_the_frame_that_was_cut)
{
        start_peer();
        size_t whole = compose();
        for (size_t cut = 0; cut <= whole; cut++) {
                start_peer();
                compose();
                write_some(cut);
                say(3 * CAPACITY);
                sc_peer_fail(&peer, SC_ERROR_KICKED, "ended by an operator");
                write_all();
                claim_uint(got_errors, ==, 1);
                claim_uint(got.length, ==, 0);
                claim_uint(got_offset, ==, cursor.offset);
        }
}
END_TEST

START_TEST(deaf_peer_is_told_nothing_more)
{
        struct sc_frame frame;
        start_peer();
        give_news();
        sc_peer_deafen(&peer);
        ck_assert_uint_eq(peer.out_end - peer.out_start, 0);
        ck_assert(sc_peer_may_answer(&peer));
        struct sc_encoder answer = sc_peer_answer(&peer);
        sc_frame_put_pong(&answer, 1, 2, 3);
        sc_peer_answered(&peer, &answer);
        ck_assert_uint_eq(peer.out_end - peer.out_start, 0);
        sc_peer_fail(&peer, SC_ERROR_KICKED, "ended by an operator");
        ck_assert_uint_eq(peer.out_end - peer.out_start, 0);
        ck_assert_int_eq(sc_peer_next_frame(&peer, &frame), SC_FRAME_INCOMPLETE);
}
END_TEST

/* --- what the client sends --- */

#define SENT_FRAMES 4

static uint8_t sent[9000];
static size_t sent_length;
static unsigned taken;

static void put_sent(void)
{
        static uint8_t input[300];
        memset(input, 'x', sizeof(input));
        struct sc_encoder encoder = { .bytes = sent, .capacity = sizeof(sent) };
        sc_frame_put_value(&encoder, SC_FRAME_ACKNOWLEDGE, 100);
        sc_frame_put_input_fields(&encoder, 1, sizeof(input));
        sc_bytes_put_string(&encoder, input, sizeof(input));
        sc_frame_put_empty(&encoder, SC_FRAME_TAKE);
        sc_frame_put_value(&encoder, SC_FRAME_PING, 300);
        sent_length = encoder.length;
}

static void start_receiving(void)
{
        start_peer();
        taken = 0;
}

static void feed_peer(const uint8_t *bytes, size_t length)
{
        static const enum sc_frame_type types[SENT_FRAMES] = { SC_FRAME_ACKNOWLEDGE, SC_FRAME_INPUT,
                                                               SC_FRAME_TAKE, SC_FRAME_PING };
        struct sc_frame frame;
        struct sc_span room = sc_peer_receive_room(&peer);
        claim_uint(room.length, >=, length);
        memcpy(room.bytes, bytes, length);
        sc_peer_received(&peer, length);
        while (sc_peer_next_frame(&peer, &frame) == SC_FRAME_COMPLETE) {
                claim_uint(taken, <, SENT_FRAMES);
                claim_uint(frame.type, ==, types[taken]);
                taken++;
                sc_peer_consume(&peer, &frame);
        }
}

static void check_received(void)
{
        claim_uint(taken, ==, SENT_FRAMES);
        claim_uint(peer.position, ==, sent_length);
        claim(!sc_peer_has_unparsed(&peer));
}

START_TEST(frames_cut_anywhere_are_the_same_frames)
{
        static const struct splitter splitter = { start_receiving, feed_peer, check_received };
        put_sent();
        at_every_split(sent, sent_length, &splitter);
}
END_TEST

START_TEST(wipe_takes_what_was_taken_apart) /* BF-15 */
{
        struct sc_frame frame;
        put_sent();
        for (size_t taken_of_input = 0; taken_of_input <= 300; taken_of_input += 100) {
                start_receiving();
                memset(receive, 0, sizeof(receive));
                memset(sc_peer_receive_room(&peer).bytes, 'p',
                       sizeof(receive)); /* of an earlier, longer read */
                sc_peer_received(&peer, sizeof(receive));
                peer.receive_start = peer.receive_end;
                memcpy(sc_peer_receive_room(&peer).bytes, sent, sent_length);
                sc_peer_received(&peer, sent_length);
                claim_uint(sc_peer_next_frame(&peer, &frame), ==, SC_FRAME_COMPLETE);
                sc_peer_consume(&peer, &frame);
                peer.input_taken = taken_of_input;
                claim(sc_peer_wipe(&peer));
                assert_wiped(receive, sizeof(receive), peer.receive_start, peer.receive_end);
                claim_uint(sc_peer_next_frame(&peer, &frame), ==, SC_FRAME_COMPLETE);
                claim_uint(frame.type, ==, SC_FRAME_INPUT);
                claim_uint(sc_bytes_get(&frame.payload, 8), ==, 1);
                const uint8_t *input = frame.payload.bytes + frame.payload.position;
                assert_wiped(input, taken_of_input, 0, 0);
                for (size_t i = taken_of_input; i < 300; i++)
                        claim_uint(input[i], ==, 'x');
                sc_peer_consume(&peer, &frame);
                claim_uint(sc_peer_next_frame(&peer, &frame), ==, SC_FRAME_COMPLETE);
                claim_uint(frame.type, ==, SC_FRAME_TAKE);
        }
}
END_TEST

START_TEST(largest_frame_has_room_wherever_it_begins)
{
        static uint8_t input[SC_FRAME_INPUT_BYTES_MAX];
        struct sc_encoder encoder = { .bytes = sent, .capacity = sizeof(sent) };
        sc_frame_put_input_fields(&encoder, 1, sizeof(input));
        sc_bytes_put_string(&encoder, input, sizeof(input));
        start_peer();
        size_t at = 0;
        unsigned frames = 0;
        while (frames < 100) { /* as much as there is room for, so that frames are cut everywhere */
                struct sc_frame frame;
                struct sc_span room = sc_peer_receive_room(&peer);
                for (size_t i = 0; i < room.length; i++, at = (at + 1) % encoder.length)
                        room.bytes[i] = sent[at];
                sc_peer_received(&peer, room.length);
                unsigned before = frames;
                while (sc_peer_next_frame(&peer, &frame) == SC_FRAME_COMPLETE) {
                        sc_peer_consume(&peer, &frame);
                        frames++;
                }
                ck_assert_uint_gt(frames, before);
        }
}
END_TEST

START_TEST(no_frame_is_taken_while_an_answer_waits)
{
        struct sc_frame frame;
        start_peer();
        put_sent();
        struct sc_span room = sc_peer_receive_room(&peer);
        memcpy(room.bytes, sent, sent_length);
        sc_peer_received(&peer, sent_length);
        ck_assert_int_eq(sc_peer_next_frame(&peer, &frame), SC_FRAME_COMPLETE);
        struct sc_encoder answer = sc_peer_answer(&peer);
        sc_frame_put_pong(&answer, 1, 2, 3);
        sc_peer_answered(&peer, &answer);
        ck_assert_int_eq(sc_peer_next_frame(&peer, &frame), SC_FRAME_INCOMPLETE);
        ck_assert(sc_peer_has_unparsed(&peer));
        write_all();
        ck_assert_int_eq(sc_peer_next_frame(&peer, &frame), SC_FRAME_COMPLETE);
        peer.history_wanted = true;
        ck_assert_int_eq(sc_peer_next_frame(&peer, &frame), SC_FRAME_INCOMPLETE);
        peer.history_wanted = false;
        peer.state = SC_PEER_JOINING;
        ck_assert_int_eq(sc_peer_next_frame(&peer, &frame), SC_FRAME_INCOMPLETE);
}
END_TEST

Suite *peer_suite(void)
{
        Suite *suite = suite_create("peer");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, make_peer, free_peer);
        tcase_set_timeout(claims, 30);
        tcase_add_test(claims, write_cut_at_every_byte_leaves_a_whole_stream);
        tcase_add_test(claims, write_cut_twice_at_every_byte_leaves_a_whole_stream);
        tcase_add_test(claims, wipe_at_every_cut_takes_the_rest_of_output_alone);
        tcase_add_test(claims, bytes_trickle_out_one_by_one);
        tcase_add_test(claims, write_that_took_nothing_has_no_effect);
        tcase_add_test(claims, error_stands_behind_the_frame_that_was_cut);
        tcase_add_test(claims, deaf_peer_is_told_nothing_more);
        tcase_add_test(claims, frames_cut_anywhere_are_the_same_frames);
        tcase_add_test(claims, wipe_takes_what_was_taken_apart);
        tcase_add_test(claims, largest_frame_has_room_wherever_it_begins);
        tcase_add_test(claims, no_frame_is_taken_while_an_answer_waits);
        suite_add_tcase(suite, claims);
        return suite;
}
