#include "fuzz.h"
#include "model/client/attachment.h"
#include "model/client/witness.h"

#include <stdlib.h>

/* A client, and a host that says whatever it likes: the input is the script of its connections. Each script runs twice,
 * once with what the host says as it comes and once byte by byte: the client must be led to the same by both, and what
 * it sends must be frames. */

#define STEPS_MAX 300
#define TYPED_BYTES 64
#define EVENTS_MAX 4096

enum step {
        STEP_SAY,
        STEP_SAY_MORE,
        STEP_LOSE,
        STEP_PASS,
        STEP_PASS_MORE,
        STEP_TYPE,
        STEP_ASK,
        STEP_SEND,
        STEP_COUNT,
};

struct client {
        struct sc_attachment attachment;
        bool by_bytes;
        bool connected;
        bool over;
        uint64_t now_ns;
        uint64_t events; /* a check sum of all that was told */
        size_t output_step;
        struct fuzz_script *script;
        uint8_t *raw; /* what a peer without a protocol said last */
};

static struct client the_client;
static struct sc_witness witnesses[2];
static uint64_t witnessed[2]; /* check sums of their records */
static uint8_t record_bytes[SC_RECORD_SIZE_MAX];
/* What the client has sent and is not a whole frame yet. */
static uint8_t sent[2 * SC_SESSION_SEND_BYTES];
static size_t sent_length;

static void note(uint64_t *sum, uint64_t number)
{
        *sum = (*sum ^ number) * UINT64_C(0x100000001b3) + 1;
}

static void note_bytes(uint64_t *sum, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++)
                note(sum, bytes[i]);
}

/* --- what its trace says --- */

/* Each record of witness `i` is one that a reader takes. */
static void take_records(size_t i)
{
        struct sc_record record, same;
        while (sc_witness_next(&witnesses[i], &record)) {
                size_t size = 0, length = sc_record_put(record_bytes, sizeof(record_bytes), &record);
                claim(sc_record_next(record_bytes, length, &same, &size) == SC_RECORD_COMPLETE);
                if (witnesses[i].native) /* else a record holds what came at once */
                        note_bytes(&witnessed[i], record_bytes, length);
        }
}

/* One is told what the kernel told the client, the other byte by byte: they tell the same. */
static void witness_bytes(void (*tell)(struct sc_witness *, struct sc_span, uint64_t), struct sc_span bytes,
                          uint64_t now_ns)
{
        tell(&witnesses[0], bytes, now_ns);
        take_records(0);
        for (size_t at = 0; at < bytes.length; at++) {
                tell(&witnesses[1], (struct sc_span) { bytes.bytes + at, 1 }, now_ns);
                take_records(1);
        }
        claim(witnessed[0] == witnessed[1]);
}

static void witness_connected(bool native, uint64_t now_ns)
{
        for (size_t i = 0; i < SC_COUNT(witnesses); i++) {
                sc_witness_connected(&witnesses[i], native, now_ns);
                take_records(i);
        }
}

static void witness_closed(bool by_peer, uint64_t now_ns)
{
        for (size_t i = 0; i < SC_COUNT(witnesses); i++) {
                sc_witness_closed(&witnesses[i], by_peer, now_ns);
                take_records(i);
        }
        claim(witnessed[0] == witnessed[1]);
}

/* --- what the client sends --- */

static void take_sent(struct client *client, size_t length_max)
{
        struct sc_span pending = sc_session_to_send(&client->attachment.session);
        size_t length = pending.length < length_max ? pending.length : length_max;
        if (!client->attachment.native || !client->connected)
                return;
        claim(length <= sizeof(sent) - sent_length);
        memcpy(sent + sent_length, pending.bytes, length);
        witness_bytes(sc_witness_said, (struct sc_span) { pending.bytes, length }, client->now_ns);
        sent_length += length;
        sc_session_sent(&client->attachment.session, length);

        size_t at = 0;
        struct sc_frame frame;
        while (at < sent_length) {
                enum sc_frame_result result =
                        sc_frame_next(sent + at, sent_length - at, SC_FROM_CLIENT, &frame);
                if (result == SC_FRAME_INCOMPLETE)
                        break;
                claim(result == SC_FRAME_COMPLETE);
                at += frame.frame_bytes;
        }
        memmove(sent, sent + at, sent_length - at);
        sent_length -= at;
}

/* --- what the attachment tells --- */

static void connect_it(struct client *client)
{
        unsigned how = (unsigned)fuzz_number(client->script, 1);
        claim(!client->connected);
        sent_length = 0;
        if (how % 8 == 0) {
                sc_attachment_failed(&client->attachment, client->now_ns);
                return;
        }
        client->connected = true;
        witness_connected(how % 8 != 1, client->now_ns);
        sc_attachment_connected(&client->attachment, how % 8 != 1, client->now_ns);
}

static void put_out(struct client *client, struct sc_span output)
{
        uint64_t offset = client->attachment.place.offset;
        bool attached = client->attachment.state == SC_ATTACHMENT_ATTACHED;
        claim(output.length > 0);
        if (attached) { /* of a peer without a protocol the pieces are what came */
                note(&client->events, offset);
                note_bytes(&client->events, output.bytes, output.length);
        }
        for (size_t at = 0; at < output.length;) {
                size_t left = output.length - at;
                size_t step = client->output_step < left ? client->output_step : left;
                sc_attachment_done(&client->attachment, step);
                at += step;
        }
        if (attached)
                claim(client->attachment.place.offset == offset + output.length);
}

static void follow(struct client *client)
{
        struct sc_attachment_event event;
        for (unsigned events = 0;; events++) {
                claim(events < EVENTS_MAX);
                sc_attachment_next(&client->attachment, client->now_ns, &event);
                if (event.kind == SC_ATTACHMENT_NOTHING)
                        return;
                claim(!client->over);
                if (event.kind != SC_ATTACHMENT_OUTPUT) {
                        note(&client->events, event.kind);
                        note(&client->events, event.notice);
                        note(&client->events, event.value);
                        note_bytes(&client->events, event.bytes.bytes, event.bytes.length);
                }
                if (event.kind == SC_ATTACHMENT_CONNECT)
                        connect_it(client);
                else if (event.kind == SC_ATTACHMENT_OUTPUT)
                        put_out(client, event.bytes);
                else if (event.kind == SC_ATTACHMENT_CLOSE) {
                        client->connected = false;
                        witness_closed(false, client->now_ns);
                } else if (event.kind == SC_ATTACHMENT_ENDED)
                        client->over = true;
                claim(event.kind != SC_ATTACHMENT_TELL || event.notice < SC_NOTICE_COUNT);
        }
}

/* --- the script --- */

static void say_to_native(struct client *client, struct fuzz_script said)
{
        while (said.length > 0 && client->connected && !client->over) {
                struct sc_span room = sc_session_receive_room(&client->attachment.session);
                claim(room.length > 0);
                struct fuzz_script piece = fuzz_piece(&said, client->by_bytes ? 1 : room.length);
                memcpy(room.bytes, piece.bytes, piece.length);
                room.length = piece.length;
                witness_bytes(sc_witness_heard, room, client->now_ns);
                sc_attachment_received(&client->attachment, room, client->now_ns);
                follow(client);
        }
}

static void say(struct client *client, struct fuzz_script said)
{
        if (!client->connected || client->over || said.length == 0)
                return;
        if (client->attachment.state != SC_ATTACHMENT_RAW) {
                say_to_native(client, said);
                return;
        }
        client->raw = realloc(client->raw, said.length);
        claim(client->raw);
        memcpy(client->raw, said.bytes, said.length);
        witness_bytes(sc_witness_heard, (struct sc_span) { client->raw, said.length }, client->now_ns);
        sc_attachment_received(&client->attachment, (struct sc_span) { client->raw, said.length },
                               client->now_ns);
        follow(client);
}

static void lose(struct client *client)
{
        unsigned how = (unsigned)fuzz_number(client->script, 1) % (SC_RAW_PEER_HIDDEN + 1);
        if (!client->connected || client->over)
                return;
        client->connected = false;
        witness_closed(true, client->now_ns);
        sc_attachment_lost(&client->attachment, (enum sc_raw_peer)how, client->now_ns);
        follow(client);
}

static void pass(struct client *client, uint64_t ns)
{
        client->now_ns += ns;
        uint64_t deadline_ns = sc_attachment_deadline_ns(&client->attachment);
        claim(client->over || deadline_ns > 0);
        follow(client);
}

static void type(struct client *client)
{
        uint8_t text[TYPED_BYTES] = "typed";
        size_t length = fuzz_number(client->script, 1) % sizeof(text);
        if (sc_attachment_takes_input(&client->attachment) && client->attachment.native)
                note(&client->events,
                     sc_attachment_type(&client->attachment, (struct sc_span) { text, length }));
}

static void ask(struct client *client)
{
        static const enum sc_frame_type requests[] = {
                SC_FRAME_TAKE,
                SC_FRAME_BREAK,
                SC_FRAME_STATUS_REQUEST,
                SC_FRAME_STATUS_REQUEST,
        };
        size_t which = fuzz_number(client->script, 1) % SC_COUNT(requests);
        note(&client->events, sc_attachment_ask(&client->attachment, requests[which]));
}

static void step(struct client *client)
{
        struct fuzz_script *script = client->script;
        switch ((enum step)(fuzz_number(script, 1) % STEP_COUNT)) {
        case STEP_SAY:
                say(client, fuzz_piece(script, fuzz_number(script, 1)));
                return;
        case STEP_SAY_MORE:
                say(client, fuzz_piece(script, fuzz_number(script, 2)));
                return;
        case STEP_LOSE:
                lose(client);
                return;
        case STEP_PASS:
                pass(client, fuzz_number(script, 1) * 10 * SC_NS_PER_MS);
                return;
        case STEP_PASS_MORE:
                pass(client, fuzz_number(script, 1) * SC_NS_PER_S);
                return;
        case STEP_TYPE:
                type(client);
                return;
        case STEP_ASK:
                ask(client);
                return;
        case STEP_SEND:
                take_sent(client, 1 + fuzz_number(script, 2));
                return;
        case STEP_COUNT:
                return;
        }
}

static struct sc_attachment_config config_of(struct fuzz_script *script)
{
        unsigned bits = (unsigned)fuzz_number(script, 2);
        struct sc_attachment_config config = {
                .role = bits & 1U ? SC_ROLE_VIEWER : SC_ROLE_CLIENT,
                .label = bits & 2U ? "a label" : NULL,
                .start = (bits >> 2 & 15U) % (SC_START_BOOT + 1),
                .surveys = bits & 0x40U,
                .waits = bits & 0x80U,
                .reconnects = bits & 0x100U,
                .input_is_whole = bits & 0x200U,
                .show_bytes = 1000,
                .least_bytes = 100,
                .start_value = 5,
                .backoff_min_ns = SC_NS_PER_S / 50,
                .backoff_max_ns = SC_NS_PER_S,
        };
        if (config.start == SC_START_AUTO)
                config.surveys = true;
        return config;
}

static uint64_t run(struct fuzz_script script, bool by_bytes)
{
        struct client *client = &the_client;
        struct sc_attachment_config config = config_of(&script);
        struct sc_place place = { .known = fuzz_number(&script, 1) % 4 == 0, .offset = 7 };
        *client = (struct client) { .by_bytes = by_bytes, .now_ns = SC_NS_PER_S, .script = &script };
        witnessed[0] = witnessed[1] = 0;
        for (size_t i = 0; i < SC_COUNT(witnesses); i++)
                witnesses[i] = (struct sc_witness) { .program = "fuzz", .input = true };
        client->output_step = 1 + fuzz_number(&script, 1);
        sc_attachment_start(&client->attachment, &config, place.known ? &place : NULL, client->now_ns);
        follow(client);
        for (unsigned steps = 0; script.length > 0 && steps < STEPS_MAX && !client->over; steps++)
                step(client);
        take_sent(client, SIZE_MAX);
        for (size_t i = 0; i < SC_COUNT(witnesses); i++) {
                sc_witness_ended(&witnesses[i], client->now_ns);
                take_records(i);
        }
        free(client->raw);
        note(&client->events, client->attachment.place.offset);
        note(&client->events, client->attachment.state);
        return client->events;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
        struct fuzz_script script = { input, length };
        claim(run(script, false) == run(script, true));
        return 0;
}
