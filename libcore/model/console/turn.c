#include "model/console/turn.h"

#include "model/console/clients.h"
#include "model/console/notes.h"
#include "model/console/request.h"

/* --- what a client can do now --- */

static bool can_take_input(const struct sc_host *host, const struct sc_slot *slot)
{
        enum sc_refusal reason;
        if (slot->state != SC_SLOT_OPEN || slot->input_ended)
                return false;
        if (sc_slot_is_native(slot)) {
                const struct sc_peer *peer = &slot->peer;
                return peer->state != SC_PEER_CLOSING &&
                       peer->receive_end - peer->receive_start < SC_PEER_RECEIVE_BYTES;
        }
        return slot->stale_bytes > 0 || sc_clients_drops_input(host, slot, &reason) ||
               sc_input_room_bytes(&host->input) > 0;
}

static bool can_parse(const struct sc_host *host, const struct sc_slot *slot)
{
        struct sc_frame frame;
        if (!sc_slot_is_native(slot) || sc_peer_next_frame(&slot->peer, &frame) == SC_FRAME_INCOMPLETE)
                return false;
        enum sc_refusal reason;
        return !slot->unparsed || sc_input_room_bytes(&host->input) > 0 ||
               sc_clients_drops_input(host, slot, &reason);
}

static bool has_news(const struct sc_host *host, const struct sc_slot *slot)
{
        if (slot->state != SC_SLOT_OPEN || slot->output_ended || slot->hung_up)
                return false;
        if (sc_slot_is_native(slot))
                return sc_peer_has_news(&slot->peer, &slot->cursor, &host->history, &host->boundaries);
        return slot->started && slot->cursor.offset < host->history.ring.head;
}

/* When an unattached connection has been silent for too long, or a closing one has not taken its last frame. */
static uint64_t silence_deadline_ns(const struct sc_slot *slot)
{
        if (!sc_slot_is_native(slot) || slot->state != SC_SLOT_OPEN)
                return UINT64_MAX;
        switch (slot->peer.state) {
        case SC_PEER_HELLO:
        case SC_PEER_CONTROL:
                return sc_slot_heard_ns(slot) + SC_SILENCE_NS;
        case SC_PEER_CLOSING:
                return slot->heard_ns + SC_CLOSING_NS;
        case SC_PEER_JOINING:
        case SC_PEER_ATTACHED:
                break;
        }
        return UINT64_MAX;
}

/* --- input --- */

static void end_silence(struct sc_host *host, struct sc_slot *slot)
{
        if (host->now_ns < silence_deadline_ns(slot))
                return;
        if (slot->peer.state == SC_PEER_CLOSING) {
                sc_clients_end(host, slot);
                return;
        }
        host->counters.silent++;
        sc_peer_fail(&slot->peer, SC_ERROR_SILENT, "nothing was said for 10 s");
        sc_clients_condemn(host, slot, SC_ERROR_SILENT);
        slot->heard_ns = host->now_ns;
}

/* Where the next input of a client goes: its own buffer, the queue, or nowhere. */
static size_t offer_input_room(struct sc_host *host, struct sc_slot *slot)
{
        enum sc_refusal reason;
        if (sc_slot_is_native(slot)) {
                host->spans[0] = sc_peer_receive_room(&slot->peer);
                return 1;
        }
        if (slot->stale_bytes > 0 || sc_clients_drops_input(host, slot, &reason)) {
                uint64_t length = slot->stale_bytes > 0 ? slot->stale_bytes : SC_CLIENT_READ_BYTES_MAX;
                host->spans[0] = (struct sc_span) {
                        host->discard,
                        (size_t)sc_min_u64(length, SC_CLIENT_READ_BYTES_MAX),
                };
                return 1;
        }
        return sc_input_reserve(&host->input, SC_CLIENT_READ_BYTES_MAX, host->spans);
}

static bool offer(struct sc_host *host, struct sc_action *action, enum sc_action_kind kind,
                  const struct sc_slot *slot, const struct sc_span *spans, size_t count)
{
        host->offered_bytes = 0;
        for (size_t i = 0; i < count; i++)
                host->offered_bytes += spans[i].length;
        *action = (struct sc_action) {
                .kind = kind,
                .client = slot ? sc_clients_name(host, slot) : 0,
                .spans = spans,
                .span_count = count,
        };
        return true;
}

static struct sc_slot *visit(struct sc_host *host)
{
        uint32_t position;
        if (!sc_turn_visit(&host->turn, host->live_count, &position))
                return NULL;
        return &host->slots[host->live[position]];
}

static bool next_sample(struct sc_host *host, struct sc_action *action)
{
        for (uint32_t i = 0; i < host->live_count && host->samples_wanted > 0; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (slot->sample_wanted)
                        return offer(host, action, SC_ACTION_SAMPLE, slot, NULL, 0);
        }
        return false;
}

static bool next_read(struct sc_host *host, struct sc_action *action)
{
        struct sc_slot *slot;
        while ((slot = visit(host))) {
                end_silence(host, slot);
                if (can_parse(host, slot)) {
                        sc_request_parse(host, slot);
                        if (host->samples_wanted > 0) { /* first; this client's turn to be read comes again */
                                host->turn.visited--;
                                return next_sample(host, action);
                        }
                }
                if (!slot->readable || !can_take_input(host, slot))
                        continue;
                size_t count = offer_input_room(host, slot);
                return offer(host, action, SC_ACTION_READ, slot, host->spans, count);
        }
        return false;
}

/* --- answers --- */

static void start_raw(struct sc_host *host, struct sc_slot *slot)
{
        uint64_t start = sc_start_of_policy(host->config.history, host->config.history_bytes, &host->history,
                                            &host->boundaries, host->consumed.offset);
        sc_cursor_start(&slot->cursor, start, host->now_ns);
        /* What was gone before it came is not its gap. */
        struct sc_gap gap;
        while (sc_history_gap(&host->history, slot->cursor.offset, &gap))
                slot->cursor.offset = gap.to;
        sc_proof_start(&slot->proof, slot->cursor.offset);
        slot->started = true;
        sc_notes_start(host, slot);
}

static void answer_all(struct sc_host *host)
{
        struct sc_slot *slot;
        while ((slot = visit(host))) {
                if (slot->state != SC_SLOT_OPEN)
                        continue;
                if (sc_slot_is_native(slot))
                        sc_request_answer(host, slot);
                else if (!slot->started)
                        start_raw(host, slot);
        }
}

/* --- the guest side --- */

static bool has_input(const struct sc_host *host)
{
        return sc_input_waiting_bytes(&host->input) > 0 || sc_input_break_is_next(&host->input);
}

static bool can_write_guest(const struct sc_host *host)
{
        return host->guest.state == SC_GUEST_UP && !host->guest_blocked && !host->guest_input_ended;
}

static bool next_guest_write(struct sc_host *host, struct sc_action *action)
{
        if (!can_write_guest(host))
                return false;
        if (sc_input_break_is_next(&host->input))
                return offer(host, action, SC_ACTION_GUEST_BREAK, NULL, NULL, 0);
        size_t count = sc_input_peek(&host->input, host->spans);
        return count > 0 && offer(host, action, SC_ACTION_GUEST_WRITE, NULL, host->spans, count);
}

/* How much may be written over before a byte that this client has not accepted goes. */
static uint64_t room_before(const struct sc_host *host, const struct sc_slot *slot)
{
        const struct sc_ring *ring = &host->history.ring;
        uint64_t lag = ring->head - sc_max_u64(slot->cursor.offset, ring->tail);
        return ring->capacity_bytes - lag;
}

static bool may_be_awaited(const struct sc_slot *slot)
{
        return sc_slot_is_attached(slot) && slot->started && !sc_slot_is_viewer(slot) && !slot->hung_up &&
               !slot->output_ended && !slot->cursor.not_awaited;
}

/* How much of `length` may be read before a byte goes that a client which still reads has not accepted. */
static uint64_t awaited_room(const struct sc_host *host, uint64_t length)
{
        uint64_t room = length;
        for (uint32_t i = 0; i < host->live_count; i++) {
                const struct sc_slot *slot = &host->slots[host->live[i]];
                if (may_be_awaited(slot) && host->now_ns - slot->cursor.took_ns <= SC_HOLD_TAKING_NS)
                        room = sc_min_u64(room, room_before(host, slot));
        }
        return room;
}

/* The kernel wakes us for a client only when most of its queue is free: it is offered bytes before it is judged. */
static bool offer_before_judging(struct sc_host *host, uint64_t chunk)
{
        bool offered = false;
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (!may_be_awaited(slot) || room_before(host, slot) >= chunk || !slot->blocked ||
                    host->now_ns - slot->cursor.tried_ns < SC_HOLD_RETRY_NS)
                        continue;
                slot->blocked = false;
                offered = true;
        }
        return offered;
}

static void stop_awaiting(struct sc_host *host, uint64_t chunk)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (may_be_awaited(slot) && room_before(host, slot) < chunk)
                        slot->cursor.not_awaited = true;
        }
}

/* How much may be read under --hold; 0: the guest side is held. `length` is what a read would take at most. */
static uint64_t unheld_bytes(struct sc_host *host, uint64_t length)
{
        uint64_t chunk = sc_min_u64(length, host->config.capacity_bytes / 4);
        bool ran_out;

        host->hold_stale = false;
        host->guest_deferred = offer_before_judging(host, chunk);
        bool wanted = awaited_room(host, length) < chunk;
        bool was_held = host->guest.held;
        bool held = sc_guest_side_hold(&host->guest, wanted, host->now_ns, &ran_out);
        if (held != was_held)
                sc_notes_hold(host, held, ran_out);
        if (ran_out)
                stop_awaiting(host, chunk);
        return held || host->guest_deferred ? 0 : awaited_room(host, length);
}

static bool next_guest_read(struct sc_host *host, struct sc_action *action)
{
        bool holds = host->config.hold_ns > 0;
        if (host->guest.state != SC_GUEST_UP || !(host->guest_readable || host->guest.held))
                return false;
        uint64_t length = sc_min_u64(SC_GUEST_READ_BYTES_MAX, host->config.capacity_bytes);
        if (holds)
                length = unheld_bytes(host, length);
        if (length == 0 || !host->guest_readable)
                return false;
        size_t count = sc_history_reserve(&host->history, length, host->spans);
        return offer(host, action, SC_ACTION_GUEST_READ, NULL, host->spans, count);
}

/* --- output --- */

static void pass_gap(struct sc_host *host, struct sc_slot *slot, const struct sc_gap *gap)
{
        sc_notes_gap(host, slot, gap);
        sc_cursor_pass_gap(&slot->cursor, gap);
}

static bool offer_raw(struct sc_host *host, struct sc_action *action, struct sc_slot *slot)
{
        struct sc_gap gap;
        while (sc_history_gap(&host->history, slot->cursor.offset, &gap))
                pass_gap(host, slot, &gap);
        size_t count = sc_history_peek(&host->history, slot->cursor.offset, UINT64_MAX, host->spans);
        if (count == 0)
                return false;
        offer(host, action, SC_ACTION_WRITE, slot, host->spans, count);
        action->sample_queue = !sc_slot_is_viewer(slot) && slot->proof.candidate < slot->cursor.offset;
        return true;
}

static bool offer_native(struct sc_host *host, struct sc_action *action, struct sc_slot *slot)
{
        struct sc_batch *batch = &host->batch;
        sc_peer_compose(&slot->peer, &slot->cursor, &host->history, &host->boundaries, batch);
        return batch->span_count > 0 &&
               offer(host, action, SC_ACTION_WRITE, slot, batch->spans, batch->span_count);
}

static bool next_write(struct sc_host *host, struct sc_action *action)
{
        struct sc_slot *slot;
        while ((slot = visit(host))) {
                if (slot->blocked || !has_news(host, slot))
                        continue;
                bool offered = sc_slot_is_native(slot) ? offer_native(host, action, slot)
                                                       : offer_raw(host, action, slot);
                if (offered)
                        return true;
        }
        return false;
}

/* --- the end --- */

/* A connection that is over, that asked and closed its half, or that was told an error goes when it has been
 * answered and all that it sent was taken. */
static bool is_finished(const struct sc_slot *slot)
{
        const struct sc_peer *peer = &slot->peer;
        struct sc_frame frame;
        if (!sc_slot_is_native(slot) || slot->state != SC_SLOT_OPEN || peer->out_start < peer->out_end)
                return false;
        if (peer->state == SC_PEER_CLOSING)
                return true;
        if (peer->state == SC_PEER_JOINING || sc_peer_next_frame(peer, &frame) != SC_FRAME_INCOMPLETE)
                return false;
        bool attached = peer->state == SC_PEER_ATTACHED || peer->history_wanted || peer->status_wanted;
        return sc_slot_is_over(slot) || (slot->input_ended && !attached);
}

static bool next_close(struct sc_host *host, struct sc_action *action)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (is_finished(slot))
                        sc_clients_end(host, slot);
                if (slot->state != SC_SLOT_ENDED)
                        continue;
                sc_clients_note_end(host, slot);
                host->live[i] = host->live[--host->live_count];
                slot->state = SC_SLOT_FREE;
                return offer(host, action, SC_ACTION_CLOSE, slot, NULL, 0);
        }
        return false;
}

static bool next_in_phase(struct sc_host *host, struct sc_action *action)
{
        switch (host->turn.phase) {
        case SC_PHASE_READ:
                return next_read(host, action);
        case SC_PHASE_ANSWER:
                answer_all(host);
                return false;
        case SC_PHASE_GUEST_WRITE:
                return next_guest_write(host, action);
        case SC_PHASE_GUEST_READ:
                return next_guest_read(host, action);
        case SC_PHASE_WRITE:
                return next_write(host, action);
        case SC_PHASE_CLOSE:
                return next_close(host, action);
        case SC_PHASE_OVER:
                break;
        }
        return false;
}

bool sc_host_next(struct sc_host *host, struct sc_action *action)
{
        for (;;) {
                if (host->samples_wanted > 0 && next_sample(host, action))
                        return true;
                if (host->turn.phase == SC_PHASE_OVER)
                        return false;
                bool once =
                        host->turn.phase == SC_PHASE_GUEST_WRITE || host->turn.phase == SC_PHASE_GUEST_READ;
                bool found = next_in_phase(host, action);
                if (!found || once)
                        sc_turn_next_phase(&host->turn);
                if (found)
                        return true;
        }
}

/* --- between turns --- */

static bool is_due(const struct sc_host *host, const struct sc_slot *slot)
{
        return (slot->hung_up && can_take_input(host, slot)) || can_parse(host, slot) ||
               (!slot->blocked && has_news(host, slot));
}

static uint64_t hold_deadline_ns(const struct sc_host *host)
{
        const struct sc_guest_side *guest = &host->guest;
        if (host->guest_deferred || (guest->held && host->hold_stale))
                return 0;
        if (!guest->held)
                return UINT64_MAX;
        return sc_min_u64(host->now_ns + SC_HOLD_RETRY_NS, guest->held_since_ns + guest->hold_limit_ns);
}

uint64_t sc_host_deadline_ns(const struct sc_host *host)
{
        if (can_write_guest(host) && has_input(host))
                return 0;
        uint64_t deadline_ns = hold_deadline_ns(host);
        for (uint32_t i = 0; i < host->live_count; i++) {
                const struct sc_slot *slot = &host->slots[host->live[i]];
                if (is_due(host, slot))
                        return 0;
                deadline_ns = sc_min_u64(deadline_ns, silence_deadline_ns(slot));
        }
        return deadline_ns;
}

unsigned sc_host_client_wants(const struct sc_host *host, sc_client client)
{
        const struct sc_slot *slot = &host->slots[sc_host_client_index(client)];
        unsigned wants = 0;
        if (!slot->hung_up && can_take_input(host, slot))
                wants |= SC_WANT_READ;
        if (slot->blocked && has_news(host, slot))
                wants |= SC_WANT_WRITE;
        return wants;
}

unsigned sc_host_guest_wants(const struct sc_host *host)
{
        if (host->guest.state != SC_GUEST_UP)
                return 0;
        unsigned wants = 0;
        if (!host->guest.held)
                wants |= SC_WANT_READ;
        if (host->guest_blocked && has_input(host) && !host->guest_input_ended)
                wants |= SC_WANT_WRITE;
        return wants;
}
