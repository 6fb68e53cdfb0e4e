#include "model/console/request.h"

#include "model/console/clients.h"
#include "model/console/notes.h"
#include "model/console/snapshot.h"

/* --- errors --- */

/* A text for an error frame; what does not fit is left out. */
struct text {
        char bytes[SC_ERROR_BYTES_MAX + 1];
        size_t length;
};

static void text_add(struct text *text, const char *string)
{
        while (*string != '\0' && text->length < SC_ERROR_BYTES_MAX)
                text->bytes[text->length++] = *string++;
        text->bytes[text->length] = '\0';
}

static void text_add_hex(struct text *text, unsigned byte)
{
        static const char digits[] = "0123456789abcdef";
        char hex[] = { '0', 'x', digits[byte >> 4 & 0xf], digits[byte & 0xf], '\0' };
        text_add(text, hex);
}

static void fail(struct sc_host *host, struct sc_slot *slot, enum sc_error error, const char *text)
{
        sc_peer_fail(&slot->peer, error, text);
        sc_clients_condemn(host, slot, error);
        slot->heard_ns = host->now_ns;
        sc_clients_settle_writers(host);
}

static void fail_malformed(struct sc_host *host, struct sc_slot *slot, enum sc_error error, const char *what,
                           unsigned type)
{
        struct text text = { .length = 0 };
        text_add(&text, what);
        text_add_hex(&text, type);
        text_add(&text, " (");
        text_add(&text, sc_frame_name(type));
        text_add(&text, ")");
        host->counters.malformed++;
        fail(host, slot, error, text.bytes);
}

static void done(struct sc_slot *slot, enum sc_frame_type request, enum sc_result result)
{
        struct sc_encoder answer = sc_peer_answer(&slot->peer);
        sc_frame_put_done(&answer, request, result);
        sc_peer_answered(&slot->peer, &answer);
}

/* --- hello --- */

static void answer_welcome(struct sc_host *host, struct sc_slot *slot, enum sc_answer result, uint64_t start)
{
        struct sc_range first = sc_history_first(&host->history);
        struct sc_welcome welcome = {
                .version = SC_PROTOCOL_VERSION,
                .answer = (uint8_t)result,
                .guest_state = (uint8_t)host->guest.state,
                .role = (uint8_t)slot->peer.role,
                .guest_note = (uint8_t)host->guest.note,
                .client = slot->id,
                .capacity_bytes = host->config.capacity_bytes,
                .first_from = first.from,
                .first_to = first.to,
                .tail = host->history.ring.tail,
                .head = host->history.ring.head,
                .consumed = host->consumed.offset,
                .start = start,
                .guest_number = host->guest.number,
                .guest_since_ns = host->guest.since_ns,
                .now_ns = host->now_ns,
                .wall_offset_ns = host->wall_offset_ns,
                .resolution_ns = sc_history_resolution_ns(&host->history),
        };
        memcpy(welcome.instance, host->config.instance, SC_INSTANCE_BYTES);

        struct sc_encoder answer = sc_peer_answer(&slot->peer);
        sc_frame_put_welcome(&answer, &welcome);
        sc_peer_answered(&slot->peer, &answer);
}

static void take_hello(struct sc_host *host, struct sc_slot *slot, struct sc_frame *frame)
{
        struct sc_peer *peer = &slot->peer;
        bool valid = sc_frame_get_hello(&frame->payload, &peer->hello);
        if (valid && peer->hello.version != SC_PROTOCOL_VERSION) {
                host->counters.malformed++;
                fail(host, slot, SC_ERROR_VERSION, "this host speaks version 1");
                return;
        }
        if (!valid) {
                fail_malformed(host, slot, SC_ERROR_MALFORMED, "bad field in frame ", frame->type);
                return;
        }
        peer->role = (enum sc_role)peer->hello.role;
        if (sc_slot_is_on_view(slot) && peer->role == SC_ROLE_CLIENT)
                peer->role = SC_ROLE_VIEWER;
        sc_clients_note_hello(host, slot);
        if (peer->role == SC_ROLE_CONTROL) {
                sc_notes_hello(host, slot, SC_ANSWER_OK, peer->hello.value, host->history.ring.head);
                peer->state = SC_PEER_CONTROL;
                answer_welcome(host, slot, SC_ANSWER_OK, host->history.ring.head);
                return;
        }
        if (sc_host_attached_count(host, sc_slot_is_on_view(slot)) >= host->config.clients_max) {
                host->counters.over_limit++;
                fail(host, slot, SC_ERROR_LIMIT, "as many clients as --max-clients allows");
                return;
        }
        peer->state = SC_PEER_JOINING;
        sc_clients_want_samples(host);
}

static bool names_other_instance(const struct sc_host *host, const struct sc_hello *hello)
{
        static const uint8_t any[SC_INSTANCE_BYTES];
        return memcmp(hello->instance, any, SC_INSTANCE_BYTES) != 0 &&
               memcmp(hello->instance, host->config.instance, SC_INSTANCE_BYTES) != 0;
}

static enum sc_answer answer_to(const struct sc_host *host, const struct sc_hello *hello)
{
        struct sc_gap gap;
        if (hello->start != SC_START_OFFSET)
                return SC_ANSWER_OK;
        if (names_other_instance(host, hello))
                return SC_ANSWER_OTHER_INSTANCE;
        if (hello->value > host->history.ring.head)
                return SC_ANSWER_BEYOND_HEAD;
        return sc_history_gap(&host->history, hello->value, &gap) ? SC_ANSWER_OVERWRITTEN : SC_ANSWER_OK;
}

/* Of a time, which the peer says in wall-clock time, the boot-time. */
static uint64_t start_value(const struct sc_host *host, uint8_t start, uint64_t value)
{
        if (start != SC_START_SINCE)
                return value;
        uint64_t boot_ns = value - (uint64_t)host->wall_offset_ns; /* wraps where it began before the boot */
        return value > INT64_MAX ? UINT64_MAX : boot_ns > INT64_MAX ? 0 : boot_ns;
}

static uint64_t start_of(const struct sc_host *host, uint8_t start, uint64_t value)
{
        return sc_start_offset((enum sc_start)start, start_value(host, start, value), &host->history,
                               &host->boundaries, host->consumed.offset);
}

static void attach(struct sc_host *host, struct sc_slot *slot)
{
        struct sc_peer *peer = &slot->peer;
        const struct sc_hello *hello = &peer->hello;

        enum sc_answer result = answer_to(host, hello);
        if (result == SC_ANSWER_BEYOND_HEAD || result == SC_ANSWER_OTHER_INSTANCE) {
                sc_notes_hello(host, slot, result, hello->value, host->history.ring.head);
                peer->state = SC_PEER_HELLO;
                answer_welcome(host, slot, result, host->history.ring.head);
                return;
        }
        uint64_t start = start_of(host, hello->start, hello->value);
        sc_cursor_start(&slot->cursor, start, host->now_ns);
        sc_proof_start(&slot->proof, start);
        sc_notes_hello(host, slot, result, start_value(host, hello->start, hello->value), start);
        if (hello->start == SC_START_OFFSET && (hello->flags & SC_HELLO_CONTINUES) != 0) {
                slot->cursor.begin = sc_min_u64(start, host->consumed.offset);
                sc_clients_raise_consumed(host, slot, start);
        }
        slot->started = true;
        peer->boundary_next = sc_boundaries_oldest(&host->boundaries);
        answer_welcome(host, slot, result, start);
        peer->state = SC_PEER_ATTACHED;
        sc_clients_settle_writers(host);
}

/* --- requests --- */

/* False: the frame cannot be taken as a whole yet. */
static bool take_input(struct sc_host *host, struct sc_slot *slot, struct sc_frame *frame)
{
        struct sc_peer *peer = &slot->peer;
        uint64_t number = sc_bytes_get(&frame->payload, 8);
        const uint8_t *bytes = frame->payload.bytes + frame->payload.position + peer->input_taken;
        size_t length = sc_bytes_left(&frame->payload) - peer->input_taken;

        enum sc_refusal reason = peer->stale_reason;
        bool drops = peer->position < peer->stale_until || sc_clients_drops_input(host, slot, &reason);
        if (!drops && !sc_guest_side_accepts(&host->guest, number)) {
                reason = SC_REFUSED_OLD_GUEST;
                drops = true;
        }
        if (drops) {
                sc_clients_drop_input(host, slot, reason, false, length);
                return true;
        }
        size_t taken = sc_input_put(&host->input, sc_clients_name(host, slot), bytes, length);
        host->counters.input_bytes += taken;
        sc_notes_input(host, slot, number, &(struct sc_span) { (uint8_t *)(uintptr_t)bytes, taken }, taken);
        peer->input_taken += taken;
        if (host->writers.answerer != slot->id) {
                sc_writers_typed(&host->writers, slot->id);
                sc_clients_settle_writers(host);
        }
        return taken == length;
}

/* An operator's needs no writer's role: it is a key of the machine's, and no part of what somebody types. */
static bool may_break(const struct sc_host *host, const struct sc_slot *slot)
{
        if (slot->peer.role == SC_ROLE_CONTROL)
                return !sc_slot_is_on_view(slot);
        return !sc_slot_is_viewer(slot) && sc_writers_may_type(&host->writers, slot->id);
}

static enum sc_result take_break(struct sc_host *host, struct sc_slot *slot, uint64_t number)
{
        if (!may_break(host, slot))
                return SC_RESULT_NOT_ALLOWED;
        if (host->guest.state != SC_GUEST_UP || host->guest_input_ended ||
            !sc_guest_side_accepts(&host->guest, number))
                return SC_RESULT_NO_GUEST;
        if (!host->guest.can_break)
                return SC_RESULT_NOT_CARRIED;
        if (!sc_input_put_break(&host->input))
                return SC_RESULT_BUSY;
        sc_clients_note(host, slot, (struct sc_journal_entry) { .kind = SC_JOURNAL_BREAK });
        return SC_RESULT_OK;
}

static enum sc_result take_role(struct sc_host *host, struct sc_slot *slot)
{
        if (slot->peer.role != SC_ROLE_CLIENT)
                return SC_RESULT_NOT_ALLOWED;
        sc_writers_take(&host->writers, slot->id);
        sc_clients_note(host, slot, (struct sc_journal_entry) { .kind = SC_JOURNAL_TAKE });
        sc_clients_settle_writers(host);
        return SC_RESULT_OK;
}

static enum sc_result kick(struct sc_host *host, const struct sc_slot *operator, uint64_t id)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (slot->id != id || !sc_slot_is_attached(slot))
                        continue;
                host->counters.kicked++;
                sc_clients_note(
                        host, operator,(struct sc_journal_entry) { .kind = SC_JOURNAL_KICK, .number = id });
                if (sc_slot_is_native(slot)) {
                        fail(host, slot, SC_ERROR_KICKED, "ended by an operator");
                } else {
                        sc_clients_condemn(host, slot, SC_ERROR_KICKED);
                        sc_clients_end(host, slot);
                }
                return SC_RESULT_OK;
        }
        return SC_RESULT_NO_CLIENT;
}

/* All are at head now. Ends those whose frames cannot be completed any more. Who asks may be one of them. */
static void wipe_clients(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                slot->cursor.not_awaited = false;
                if (!sc_slot_is_native(slot) || sc_peer_wipe(&slot->peer) || slot->state != SC_SLOT_OPEN)
                        continue;
                if (slot->peer.state != SC_PEER_CLOSING) {
                        host->counters.kicked++;
                        sc_clients_condemn(host, slot, SC_ERROR_KICKED);
                }
                sc_clients_end(host, slot);
        }
}

static enum sc_result clear(struct sc_host *host, const struct sc_slot *operator)
{
        uint64_t before = host->history.cleared_bytes;
        sc_history_clear(&host->history);
        sc_clients_note(
                host, operator,(struct sc_journal_entry) { .kind = SC_JOURNAL_CLEAR,
                                                           .number = host->history.cleared_bytes - before });
        sc_boundaries_clear(&host->boundaries);
        host->consumed.offset = host->history.ring.head;
        sc_notes_cleared(host, host->history.cleared_bytes - before);
        sc_input_wipe(&host->input);
        sc_batch_wipe(&host->batch);
        wipe_clients(host);
        return SC_RESULT_OK;
}

static enum sc_result mark(struct sc_host *host, const struct sc_slot *operator, struct sc_frame * frame)
{
        const uint8_t *text = frame->payload.bytes;
        size_t length = frame->payload.length;
        if (!sc_mark_is_printable(text, length))
                return SC_RESULT_MALFORMED;
        struct sc_journal_entry entry = { .kind = SC_JOURNAL_MARK, .text_length = (uint8_t)length };
        entry.number = sc_boundaries_add(&host->boundaries, SC_BOUNDARY_MARK, host->history.ring.head,
                                         host->now_ns, text, length);
        memcpy(entry.text, text, length);
        sc_clients_note(host, operator, entry);
        sc_notes_boundary(host);
        return SC_RESULT_OK;
}

/* Who asked may have ended itself. */
static void answer(struct sc_host *host, struct sc_slot *slot, enum sc_frame_type type, enum sc_result result,
                   uint64_t value)
{
        sc_notes_request(host, slot, type, result, value);
        if (slot->state == SC_SLOT_OPEN && slot->peer.state != SC_PEER_CLOSING)
                done(slot, type, result);
}

static void take_operator_request(struct sc_host *host, struct sc_slot *slot, struct sc_frame *frame)
{
        enum sc_frame_type type = frame->type;
        enum sc_result result = SC_RESULT_NOT_ALLOWED;
        uint64_t value = type == SC_FRAME_KICK ? sc_bytes_get(&frame->payload, 8) : 0;
        if (!sc_slot_is_on_view(slot) && slot->peer.role != SC_ROLE_VIEWER) {
                if (type == SC_FRAME_KICK)
                        result = kick(host, slot, value);
                else if (type == SC_FRAME_CLEAR)
                        result = clear(host, slot);
                else
                        result = mark(host, slot, frame);
        }
        answer(host, slot, type, result, value);
}

static void take_acknowledge(struct sc_host *host, struct sc_slot *slot, struct sc_frame *frame)
{
        uint64_t offset = sc_bytes_get(&frame->payload, 8);
        if (slot->peer.state != SC_PEER_ATTACHED)
                return;
        if (offset > slot->cursor.offset) {
                fail_malformed(host, slot, SC_ERROR_MALFORMED, "more than was sent in frame ", frame->type);
                return;
        }
        sc_notes_acknowledged(host, slot, offset);
        slot->proof.read_to = sc_max_u64(slot->proof.read_to, offset);
        sc_clients_raise_consumed(host, slot, offset);
}

static void take_history(struct sc_host *host, struct sc_slot *slot, struct sc_frame *frame)
{
        struct sc_history_request request;
        if (!sc_frame_get_history(&frame->payload, &request)) {
                fail_malformed(host, slot, SC_ERROR_MALFORMED, "bad field in frame ", frame->type);
                return;
        }
        struct sc_peer *peer = &slot->peer;
        uint64_t head = host->history.ring.head;
        peer->history_offset = start_of(host, request.start, request.value);
        peer->history_end =
                peer->history_offset + sc_min_u64(request.length_bytes, head - peer->history_offset);
        peer->history_wanted = true;
}

static void take_ping(struct sc_host *host, struct sc_slot *slot, struct sc_frame *frame)
{
        struct sc_encoder answer = sc_peer_answer(&slot->peer);
        sc_frame_put_pong(&answer, sc_bytes_get(&frame->payload, 8), host->now_ns, host->wall_offset_ns);
        sc_peer_answered(&slot->peer, &answer);
}

/* False: the frame stays, to be taken when there is room for its input. */
static bool take_request(struct sc_host *host, struct sc_slot *slot, struct sc_frame *frame)
{
        uint64_t number;
        switch (frame->type) {
        case SC_FRAME_INPUT:
                return take_input(host, slot, frame);
        case SC_FRAME_BREAK:
                number = sc_bytes_get(&frame->payload, 8);
                answer(host, slot, frame->type, take_break(host, slot, number), number);
                return true;
        case SC_FRAME_ACKNOWLEDGE:
                take_acknowledge(host, slot, frame);
                return true;
        case SC_FRAME_HISTORY:
                take_history(host, slot, frame);
                return true;
        case SC_FRAME_TAKE:
                answer(host, slot, frame->type, take_role(host, slot), 0);
                return true;
        case SC_FRAME_KICK:
        case SC_FRAME_CLEAR:
        case SC_FRAME_MARK:
                take_operator_request(host, slot, frame);
                return true;
        case SC_FRAME_PING:
                take_ping(host, slot, frame);
                return true;
        case SC_FRAME_STATUS_REQUEST:
                slot->peer.status_wanted = true;
                sc_clients_want_samples(host);
                return true;
        default: /* a hello of who is attached; what a host sends was refused as unknown */
                fail_malformed(host, slot, SC_ERROR_MALFORMED, "out of place: frame ", frame->type);
                return true;
        }
}

void sc_request_parse(struct sc_host *host, struct sc_slot *slot)
{
        struct sc_peer *peer = &slot->peer;
        struct sc_frame frame;

        slot->unparsed = false;
        for (;;) {
                /* Frames behind a promotion are judged once it is known which were sent before it. */
                if (slot->state != SC_SLOT_OPEN || slot->sample_wanted)
                        return;
                enum sc_frame_result result = sc_peer_next_frame(peer, &frame);
                if (result == SC_FRAME_INCOMPLETE)
                        return;
                if (peer->state == SC_PEER_HELLO &&
                    (result != SC_FRAME_COMPLETE || frame.type != SC_FRAME_HELLO)) {
                        host->counters.malformed++;
                        fail(host, slot, SC_ERROR_NOT_HELLO, "a connection begins with a hello");
                } else if (result == SC_FRAME_UNKNOWN) {
                        fail_malformed(host, slot, SC_ERROR_UNKNOWN_TYPE, "unknown frame type ", frame.type);
                } else if (result == SC_FRAME_MALFORMED) {
                        fail_malformed(host, slot, SC_ERROR_MALFORMED, "bad header of frame ", frame.type);
                } else if (frame.type == SC_FRAME_HELLO && peer->state != SC_PEER_ATTACHED) {
                        take_hello(host, slot, &frame);
                        sc_peer_consume(peer, &frame);
                } else if (take_request(host, slot, &frame)) {
                        sc_peer_consume(peer, &frame);
                } else {
                        slot->unparsed = true;
                        return;
                }
        }
}

static void answer_status(struct sc_host *host, struct sc_slot *slot)
{
        struct sc_encoder answer = sc_peer_answer(&slot->peer);
        struct sc_encoder payload = {
                .bytes = answer.bytes + answer.length + SC_FRAME_HEADER_BYTES,
                .capacity = SC_FRAME_PAYLOAD_MAX,
        };
        sc_snapshot_put(&payload, host, slot);
        sc_notes_counters(host);
        sc_frame_put_header(&answer, SC_FRAME_STATUS, payload.length);
        answer.length += payload.length;
        sc_peer_answered(&slot->peer, &answer);
        slot->peer.status_wanted = false;
}

void sc_request_answer(struct sc_host *host, struct sc_slot *slot)
{
        if (slot->peer.state == SC_PEER_JOINING)
                attach(host, slot);
        if (slot->peer.status_wanted && sc_peer_may_answer(&slot->peer))
                answer_status(host, slot);
}
