#include "model/console/host.h"

#include "model/console/clients.h"
#include "model/console/notes.h"
#include "model/console/request.h"

static_assert(SC_PEER_BUFFER_BYTES % 4096 == 0, "whole pages");

/* --- memory --- */

#define ALIGNMENT 4096

static uint32_t slots_of(const struct sc_host_config *config)
{
        /* Those that have ended keep their slots until the end of the turn, while others are accepted. */
        uint32_t pair = config->clients_max + SC_CONTROLS_MAX + SC_ACCEPTS_MAX;
        return config->view ? 2 * pair : pair;
}

/* The next `bytes` of the memory; only the sum is wanted while `memory` is NULL. */
static uint8_t *carve(uint8_t *memory, uint64_t *used, uint64_t bytes)
{
        uint8_t *place = memory ? memory + *used : NULL;
        *used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return place;
}

/* Where the parts of the memory are. */
struct places {
        struct sc_history_memory history;
        uint8_t *input;
        uint8_t *discard;
        struct sc_slot *slots;
        uint16_t *live;
        uint8_t *peer_buffers;
        struct sc_journal_entry *journal;
        uint8_t *trace;
};

/* Returns how many bytes they take. */
static uint64_t lay_out(const struct sc_host_config *config, uint8_t *memory, struct places *places)
{
        uint64_t used = 0;
        uint32_t slots = slots_of(config);
        uint64_t times_bytes = SC_TIMES_ENTRIES_MAX * sizeof(struct sc_times_entry);
        uint64_t journal_bytes = SC_JOURNAL_ENTRIES_MAX * sizeof(struct sc_journal_entry);

        *places = (struct places) { 0 };
        places->history.ring = carve(memory, &used, config->capacity_bytes);
        places->history.first = carve(memory, &used, config->keep_first_bytes);
        places->history.ring_times = (void *)carve(memory, &used, times_bytes);
        places->history.first_times = (void *)carve(memory, &used, times_bytes);
        places->input = carve(memory, &used, SC_INPUT_BYTES);
        places->discard = carve(memory, &used, SC_CLIENT_READ_BYTES_MAX);
        places->slots = (void *)carve(memory, &used, slots * sizeof(struct sc_slot));
        places->live = (void *)carve(memory, &used, slots * sizeof(uint16_t));
        places->peer_buffers = carve(memory, &used, (uint64_t)slots * SC_PEER_BUFFER_BYTES);
        if (config->journal)
                places->journal = (void *)carve(memory, &used, journal_bytes);
        if (config->trace)
                places->trace = carve(memory, &used, SC_TRACE_BUFFER_BYTES);
        return used;
}

size_t sc_host_memory_bytes(const struct sc_host_config *config)
{
        struct places places;
        return (size_t)lay_out(config, NULL, &places);
}

/* Nobody's doing. */
static void note(struct sc_host *host, struct sc_journal_entry entry)
{
        entry.time_ns = host->now_ns;
        entry.offset = host->history.ring.head;
        sc_journal_note(&host->journal, &entry);
}

static void note_guest(struct sc_host *host, enum sc_journal_kind kind)
{
        note(host, (struct sc_journal_entry) { .kind = kind, .number = host->guest.number });
}

void sc_host_init(struct sc_host *host, const struct sc_host_config *config, uint8_t *memory, uint64_t now_ns)
{
        SC_ASSERT(SC_BUFFER_BYTES_MIN <= config->capacity_bytes);
        SC_ASSERT(config->capacity_bytes <= SC_BUFFER_BYTES_MAX);
        SC_ASSERT(config->keep_first_bytes <= SC_BUFFER_BYTES_MAX);
        SC_ASSERT(0 < config->clients_max && config->clients_max <= SC_CLIENTS_MAX);

        struct places places;
        lay_out(config, memory, &places);
        host->discard = places.discard;
        host->slots = places.slots;
        host->live = places.live;
        host->peer_buffers = places.peer_buffers;
        host->journal.entries = places.journal;
        host->trace.bytes = places.trace;

        host->config = *config;
        host->slots_max = slots_of(config);
        host->now_ns = now_ns;
        host->wall_offset_ns = config->wall_offset_ns;
        sc_history_init(&host->history, &places.history, config->capacity_bytes, config->keep_first_bytes);
        sc_guest_side_init(&host->guest, config->hold_ns, now_ns);
        sc_input_init(&host->input, places.input);
        host->writers.policy = config->writers;
        host->turn.phase = SC_PHASE_OVER;

        struct sc_journal_entry start = { .kind = SC_JOURNAL_START, .text_length = SC_INSTANCE_BYTES };
        memcpy(start.text, config->instance, SC_INSTANCE_BYTES);
        note(host, start);
        sc_notes_config(host);
}

/* --- events: clients --- */

void sc_host_wake(struct sc_host *host, uint64_t now_ns, int64_t wall_offset_ns)
{
        SC_ASSERT(host->now_ns <= now_ns);

        host->now_ns = now_ns;
        host->wall_offset_ns = wall_offset_ns;
        sc_turn_begin(&host->turn, host->live_count);
}

void sc_host_client_readable(struct sc_host *host, sc_client client)
{
        struct sc_slot *slot = sc_clients_slot(host, client);
        if (slot)
                slot->readable = true;
}

void sc_host_client_writable(struct sc_host *host, sc_client client)
{
        struct sc_slot *slot = sc_clients_slot(host, client);
        if (!slot)
                return;
        if (slot->blocked)
                sc_notes_writable(host, slot);
        slot->blocked = false;
}

static void take_proof(struct sc_host *host, struct sc_slot *slot, const struct sc_sample *sample)
{
        if (!slot->started)
                return;
        if (sample->hung_up) {
                sc_proof_ended(&slot->proof, slot->cursor.offset, sample->queue_empty && !slot->reset);
        } else {
                if (sample->queue_empty)
                        sc_proof_queue_empty(&slot->proof, slot->cursor.offset);
                sc_proof_alive(&slot->proof);
        }
        sc_clients_raise_consumed(host, slot, slot->proof.read_to);
}

void sc_host_client_sampled(struct sc_host *host, sc_client client, const struct sc_sample *sample)
{
        struct sc_slot *slot = sc_clients_slot(host, client);
        if (!slot)
                return;

        sc_notes_sample(host, slot, sample);
        if (slot->sample_wanted)
                host->samples_wanted--;
        slot->sample_wanted = false;
        slot->reset |= sample->reset;
        if (sample->hung_up) {
                slot->hung_up = true;
                slot->readable = true;
                sc_peer_deafen(&slot->peer);
        }
        if (!sc_slot_is_native(slot))
                take_proof(host, slot, sample);
        if (slot->stale_wanted) {
                slot->stale_wanted = false;
                slot->stale_bytes = sample->unread_bytes;
                struct sc_peer *peer = &slot->peer;
                peer->stale_reason = slot->stale_reason;
                peer->stale_until =
                        peer->position + (peer->receive_end - peer->receive_start) + sample->unread_bytes;
        }
        if (sc_slot_is_over(slot) && !sc_slot_is_native(slot))
                sc_clients_end(host, slot);
}

/* What a raw client has read is settled first: the sample ends it. A native one goes at the end of the turn, when
 * what it sent has been taken apart. */
static void end_if_over(struct sc_host *host, struct sc_slot *slot)
{
        if (sc_slot_is_over(slot) && !sc_slot_is_native(slot))
                sc_clients_want_sample(host, slot);
}

/* A raw client's bytes went to the queue or to the discard, as the action said. */
static void read_raw(struct sc_host *host, struct sc_slot *slot, size_t length)
{
        enum sc_refusal reason = slot->stale_reason;
        bool stale = slot->stale_bytes > 0;
        if (stale)
                slot->stale_bytes -= length;
        if (stale || sc_clients_drops_input(host, slot, &reason)) {
                memset(host->discard, 0, length); /* what nobody gets nobody keeps (BF-15) */
                sc_clients_drop_input(host, slot, reason, false, length);
                return;
        }
        sc_input_commit(&host->input, sc_clients_name(host, slot), length);
        host->counters.input_bytes += length;
        sc_notes_input(host, slot, 0, host->spans, length);
}

void sc_host_client_read(struct sc_host *host, sc_client client, size_t length)
{
        struct sc_slot *slot = sc_clients_slot(host, client);
        SC_ASSERT(slot && length <= host->offered_bytes);

        slot->readable = slot->hung_up;
        if (length == 0)
                return;
        slot->heard_ns = host->now_ns;
        if (!sc_slot_is_native(slot)) {
                read_raw(host, slot, length);
                return;
        }
        sc_peer_received(&slot->peer, length);
        sc_request_parse(host, slot);
}

void sc_host_client_read_ended(struct sc_host *host, sc_client client, bool reset)
{
        struct sc_slot *slot = sc_clients_slot(host, client);
        SC_ASSERT(slot);

        slot->readable = false;
        sc_notes_input_ended(host, slot, reset);
        slot->input_ended = true;
        slot->reset |= reset;
        end_if_over(host, slot);
}

void sc_host_client_wrote(struct sc_host *host, sc_client client, size_t length, bool queue_empty)
{
        struct sc_slot *slot = sc_clients_slot(host, client);
        SC_ASSERT(slot && length <= host->offered_bytes);

        sc_notes_accepted(host, slot, length, queue_empty);
        slot->blocked = length < host->offered_bytes;
        host->hold_stale |= length > 0;
        uint64_t head = host->history.ring.head;
        if (sc_slot_is_native(slot)) {
                sc_peer_wrote(&slot->peer, &slot->cursor, head, &host->batch, length, host->now_ns);
                return;
        }
        if (queue_empty)
                sc_proof_queue_empty(&slot->proof, slot->cursor.offset);
        sc_cursor_advance(&slot->cursor, length, head, host->now_ns);
        if (length > 0) {
                sc_proof_alive(&slot->proof);
                sc_clients_raise_consumed(host, slot, slot->proof.read_to);
        }
}

void sc_host_client_write_failed(struct sc_host *host, sc_client client, bool reset)
{
        struct sc_slot *slot = sc_clients_slot(host, client);
        SC_ASSERT(slot);

        sc_notes_write_failed(host, slot, reset);
        slot->output_ended = true;
        slot->reset |= reset;
        sc_peer_deafen(&slot->peer);
        end_if_over(host, slot);
}

/* --- events: the guest side --- */

static void drop_stale_input(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (slot->state == SC_SLOT_OPEN && !sc_slot_is_native(slot) && !sc_slot_is_viewer(slot))
                        sc_clients_want_stale(host, slot, SC_REFUSED_NO_GUEST);
        }
}

void sc_host_guest_up(struct sc_host *host, bool can_break)
{
        bool first = host->guest.guests == 0;

        sc_guest_side_up(&host->guest, &host->boundaries, host->history.ring.head, host->now_ns, can_break);
        host->guest_readable = false;
        host->guest_blocked = false;
        host->guest_input_ended = false;
        note_guest(host, SC_JOURNAL_GUEST_UP);
        sc_notes_boundary(host);
        if (!first)
                drop_stale_input(host);
}

static void drop_waiting_input(struct sc_host *host)
{
        uint64_t client, bytes;
        while ((bytes = sc_input_drop(&host->input, &client)) > 0)
                sc_clients_drop_input(host, sc_clients_slot(host, client), SC_REFUSED_NO_GUEST, true, bytes);
        drop_stale_input(host);
}

void sc_host_guest_down(struct sc_host *host, bool ended)
{
        sc_guest_side_down(&host->guest, &host->boundaries, host->history.ring.head, host->now_ns, ended);
        host->guest_readable = false;
        host->guest_deferred = false;
        note_guest(host, ended ? SC_JOURNAL_GUEST_ENDED : SC_JOURNAL_GUEST_DOWN);
        sc_notes_boundary(host);
        drop_waiting_input(host);
}

void sc_host_guest_note(struct sc_host *host, enum sc_guest_note note)
{
        host->guest.note = note;
}

void sc_host_guest_readable(struct sc_host *host)
{
        host->guest_readable = true;
}

void sc_host_guest_writable(struct sc_host *host)
{
        host->guest_blocked = false;
}

void sc_host_guest_read(struct sc_host *host, size_t length)
{
        SC_ASSERT(length <= host->offered_bytes);

        host->guest_readable = false;
        if (length == 0)
                return;
        uint64_t tail = host->history.ring.tail;
        uint64_t lost_bytes = host->history.lost_bytes;
        sc_history_commit(&host->history, length, host->now_ns, host->consumed.offset);
        sc_notes_overwritten(host, tail, lost_bytes);
}

void sc_host_guest_wrote(struct sc_host *host, size_t length)
{
        host->guest_blocked = length < host->offered_bytes;
        host->counters.input_written_bytes += length;
        sc_notes_guest_input(host, host->spans, length);
        sc_input_take(&host->input, length);
}

void sc_host_guest_write_failed(struct sc_host *host)
{
        host->guest_input_ended = true;
        drop_waiting_input(host);
}

void sc_host_guest_broke(struct sc_host *host, bool done)
{
        host->guest_blocked = !done;
        if (!done)
                return;
        sc_notes_break(host);
        sc_input_take_break(&host->input);
        host->counters.breaks++;
}

void sc_host_sample(struct sc_host *host)
{
        sc_clients_want_samples(host);
}

void sc_host_guest_refused(struct sc_host *host)
{
        host->counters.guest_refused++;
}

void sc_host_log_lost(struct sc_host *host, uint64_t bytes, uint64_t lines)
{
        host->counters.log_lost_bytes += bytes;
        host->counters.log_lost_lines += lines;
}

void sc_host_events_lost(struct sc_host *host, uint64_t events)
{
        host->counters.events_lost += events;
}

void sc_host_stop(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (slot->state != SC_SLOT_OPEN || !sc_slot_is_native(slot) ||
                    slot->peer.state == SC_PEER_CLOSING)
                        continue;
                sc_peer_fail(&slot->peer, SC_ERROR_ENDING, "the host ends");
                sc_clients_condemn(host, slot, SC_ERROR_ENDING);
                slot->heard_ns = host->now_ns;
        }
}

void sc_host_stopped(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (slot->why == 0)
                        sc_clients_condemn(host, slot, SC_ERROR_ENDING);
                sc_clients_note_end(host, slot);
        }
        note(host, (struct sc_journal_entry) { .kind = SC_JOURNAL_STOP });
        sc_notes_counters(host);
        sc_notes_stop(host);
}

bool sc_host_is_read(const struct sc_host *host)
{
        uint64_t head = host->history.ring.head;
        if (host->consumed.offset == head)
                return true;
        for (uint32_t i = 0; i < host->live_count; i++) {
                const struct sc_slot *slot = &host->slots[host->live[i]];
                if (sc_slot_is_attached(slot) && !sc_slot_is_viewer(slot) && slot->cursor.begin < head &&
                    slot->proof.read_to == head)
                        return true;
        }
        return false;
}
