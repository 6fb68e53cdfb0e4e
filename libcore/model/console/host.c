#include "model/console/host.h"

#include "model/console/request.h"

#define SLOT_BITS 10
static_assert(SC_SLOTS_MAX <= 1 << SLOT_BITS, "a client's token holds its slot's index");
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

static uint64_t lay_out(const struct sc_host_config *config, uint8_t *memory, struct sc_host *host,
                        struct sc_history_memory *history, uint8_t **input)
{
        uint64_t used = 0;
        uint32_t slots = slots_of(config);
        uint64_t times_bytes = SC_TIMES_ENTRIES_MAX * sizeof(struct sc_times_entry);

        history->ring = carve(memory, &used, config->capacity_bytes);
        history->first = carve(memory, &used, config->keep_first_bytes);
        history->ring_times = (struct sc_times_entry *)(void *)carve(memory, &used, times_bytes);
        history->first_times = (struct sc_times_entry *)(void *)carve(memory, &used, times_bytes);
        *input = carve(memory, &used, SC_INPUT_BYTES);
        host->discard = carve(memory, &used, SC_CLIENT_READ_BYTES_MAX);
        host->slots = (struct sc_slot *)(void *)carve(memory, &used, slots * sizeof(struct sc_slot));
        host->live = (uint16_t *)(void *)carve(memory, &used, slots * sizeof(uint16_t));
        host->peer_buffers = carve(memory, &used, (uint64_t)slots * SC_PEER_BUFFER_BYTES);
        return used;
}

size_t sc_host_memory_bytes(const struct sc_host_config *config)
{
        struct sc_host host;
        struct sc_history_memory history;
        uint8_t *input;
        return (size_t)lay_out(config, NULL, &host, &history, &input);
}

void sc_host_init(struct sc_host *host, const struct sc_host_config *config, uint8_t *memory, uint64_t now_ns)
{
        SC_ASSERT(SC_BUFFER_BYTES_MIN <= config->capacity_bytes);
        SC_ASSERT(config->capacity_bytes <= SC_BUFFER_BYTES_MAX);
        SC_ASSERT(config->keep_first_bytes <= SC_BUFFER_BYTES_MAX);
        SC_ASSERT(0 < config->clients_max && config->clients_max <= SC_CLIENTS_MAX);

        struct sc_history_memory history;
        uint8_t *input;
        lay_out(config, memory, host, &history, &input);

        host->config = *config;
        host->slots_max = slots_of(config);
        host->now_ns = now_ns;
        sc_history_init(&host->history, &history, config->capacity_bytes, config->keep_first_bytes);
        sc_guest_side_init(&host->guest, config->hold_ns, now_ns);
        sc_input_init(&host->input, input);
        host->writers.policy = config->writers;
        host->turn.phase = SC_PHASE_OVER;
}

/* --- clients and their names --- */

sc_client sc_host_client_of(const struct sc_host *host, const struct sc_slot *slot)
{
        return slot->id << SLOT_BITS | (uint64_t)(slot - host->slots);
}

uint32_t sc_host_client_index(sc_client client)
{
        return (uint32_t)(client & ((1U << SLOT_BITS) - 1));
}

sc_client sc_host_client_at(const struct sc_host *host, uint32_t position)
{
        SC_ASSERT(position < host->live_count);

        return sc_host_client_of(host, &host->slots[host->live[position]]);
}

struct sc_slot *sc_host_slot(struct sc_host *host, sc_client client)
{
        uint32_t index = sc_host_client_index(client);
        if (index >= host->slots_max)
                return NULL;
        struct sc_slot *slot = &host->slots[index];
        bool current = slot->state == SC_SLOT_OPEN && slot->id == client >> SLOT_BITS;
        return current ? slot : NULL;
}

uint8_t *sc_host_client_buffers(const struct sc_host *host, uint32_t index)
{
        return host->peer_buffers + (size_t)index * SC_PEER_BUFFER_BYTES;
}

/* --- coming and going --- */

uint32_t sc_host_attached_count(const struct sc_host *host, bool view)
{
        uint32_t count = 0;
        for (uint32_t i = 0; i < host->live_count; i++) {
                const struct sc_slot *slot = &host->slots[host->live[i]];
                bool joining = sc_slot_is_native(slot) && slot->peer.state == SC_PEER_JOINING;
                if (sc_slot_is_on_view(slot) == view && (sc_slot_is_attached(slot) || joining))
                        count++;
        }
        return count;
}

/* A .ctl keeps SC_CONTROLS_MAX places for who has not attached; the one silent for longest makes room. */
static void make_room_for_control(struct sc_host *host, enum sc_listener listener)
{
        uint32_t count = 0;
        struct sc_slot *oldest = NULL;
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (slot->state != SC_SLOT_OPEN || slot->listener != listener || sc_slot_is_attached(slot) ||
                    slot->peer.state == SC_PEER_JOINING)
                        continue;
                count++;
                if (!oldest || sc_slot_heard_ns(slot) < sc_slot_heard_ns(oldest))
                        oldest = slot;
        }
        if (count < SC_CONTROLS_MAX)
                return;
        host->counters.over_limit++;
        sc_host_end_client(host, oldest);
}

static struct sc_slot *free_slot(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->slots_max; i++)
                if (host->slots[i].state == SC_SLOT_FREE)
                        return &host->slots[i];
        return NULL;
}

sc_client sc_host_connected(struct sc_host *host, enum sc_listener listener, uint32_t pid, uint32_t uid)
{
        struct sc_slot placed = { .listener = listener };
        bool native = sc_slot_is_native(&placed);

        host->counters.connections++;
        if (native)
                make_room_for_control(host, listener);
        bool full = !native &&
                    sc_host_attached_count(host, sc_slot_is_on_view(&placed)) >= host->config.clients_max;
        struct sc_slot *slot = full ? NULL : free_slot(host);
        if (!slot) {
                host->counters.over_limit++;
                return 0;
        }

        *slot = (struct sc_slot) {
                .state = SC_SLOT_OPEN,
                .listener = listener,
                .id = ++host->next_id,
                .pid = pid,
                .uid = uid,
                .connected_ns = host->now_ns,
                .heard_ns = host->now_ns,
        };
        uint32_t index = (uint32_t)(slot - host->slots);
        host->live[host->live_count++] = (uint16_t)index;
        uint8_t *buffers = sc_host_client_buffers(host, index);
        sc_peer_init(&slot->peer, buffers, buffers + SC_PEER_RECEIVE_BYTES);
        if (!native) {
                sc_host_want_samples(host);
                sc_host_settle_writers(host);
        }
        return sc_host_client_of(host, slot);
}

void sc_host_end_client(struct sc_host *host, struct sc_slot *slot)
{
        SC_ASSERT(slot->state == SC_SLOT_OPEN);

        slot->state = SC_SLOT_ENDED;
        if (slot->sample_wanted)
                host->samples_wanted--;
        slot->sample_wanted = false;
        sc_host_settle_writers(host);
}

static void want_sample(struct sc_host *host, struct sc_slot *slot)
{
        if (slot->state != SC_SLOT_OPEN || slot->sample_wanted)
                return;
        slot->sample_wanted = true;
        host->samples_wanted++;
}

void sc_host_want_samples(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (!sc_slot_is_native(slot) && slot->started)
                        want_sample(host, slot);
        }
}

void sc_host_sample(struct sc_host *host)
{
        sc_host_want_samples(host);
}

static void want_stale(struct sc_host *host, struct sc_slot *slot, enum sc_refusal reason)
{
        slot->stale_wanted = true;
        slot->stale_reason = reason;
        want_sample(host, slot);
}

/* --- who may type --- */

static void tell_role(struct sc_host *host, struct sc_slot *slot)
{
        bool viewer = sc_slot_is_viewer(slot);
        struct sc_role_change now = {
                .may_type = !viewer && sc_writers_may_type(&host->writers, slot->id),
                .answers = !viewer && host->writers.answerer == slot->id,
                .writer = host->writers.writer,
        };
        const struct sc_role_change *told = &slot->peer.role_change;
        if (slot->settled && now.may_type == told->may_type && now.answers == told->answers &&
            now.writer == told->writer)
                return;
        slot->peer.role_change = now;
        slot->peer.tell_role = true;
}

void sc_host_settle_writers(struct sc_host *host)
{
        struct sc_writer_candidate candidates[SC_SLOTS_MAX];
        size_t count = 0;
        uint64_t before = host->writers.writer;

        for (uint32_t i = 0; i < host->live_count; i++) {
                const struct sc_slot *slot = &host->slots[host->live[i]];
                if (sc_slot_is_attached(slot) && !sc_slot_is_viewer(slot))
                        candidates[count++] =
                                (struct sc_writer_candidate) { slot->id, sc_slot_is_native(slot) };
        }
        sc_writers_settle(&host->writers, candidates, count);

        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (!sc_slot_is_attached(slot))
                        continue;
                /* What it typed while it waited was for nobody, also where it is still in its socket. */
                if (slot->settled && host->writers.writer == slot->id && before != slot->id)
                        want_stale(host, slot, SC_REFUSED_NOT_WRITER);
                if (sc_slot_is_native(slot))
                        tell_role(host, slot);
                slot->settled = true;
        }
}

bool sc_host_drops_input(const struct sc_host *host, const struct sc_slot *slot, enum sc_refusal *reason)
{
        if (sc_slot_is_viewer(slot))
                *reason = SC_REFUSED_VIEWER;
        else if (!sc_writers_may_type(&host->writers, slot->id))
                *reason = SC_REFUSED_NOT_WRITER;
        else if (host->guest.state == SC_GUEST_DOWN || host->guest_input_ended)
                *reason = SC_REFUSED_NO_GUEST;
        else
                return false;
        return true;
}

void sc_host_count_dropped(struct sc_host *host, struct sc_slot *slot, enum sc_refusal reason, uint64_t bytes)
{
        host->counters.input_dropped[reason] += bytes;
        if (sc_slot_is_native(slot))
                slot->peer.refused[reason] += bytes;
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
        struct sc_slot *slot = sc_host_slot(host, client);
        if (slot)
                slot->readable = true;
}

void sc_host_client_writable(struct sc_host *host, sc_client client)
{
        struct sc_slot *slot = sc_host_slot(host, client);
        if (slot)
                slot->blocked = false;
}

void sc_host_raise_consumed(struct sc_host *host, const struct sc_slot *slot, uint64_t read_to)
{
        if (!sc_slot_is_viewer(slot))
                sc_consumed_raise(&host->consumed, slot->cursor.begin, read_to);
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
        sc_host_raise_consumed(host, slot, slot->proof.read_to);
}

void sc_host_client_sampled(struct sc_host *host, sc_client client, const struct sc_sample *sample)
{
        struct sc_slot *slot = sc_host_slot(host, client);
        if (!slot)
                return;

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
                sc_host_end_client(host, slot);
}

/* What a raw client has read is settled first: the sample ends it. A native one goes at the end of the turn, when
 * what it sent has been taken apart. */
static void end_if_over(struct sc_host *host, struct sc_slot *slot)
{
        if (sc_slot_is_over(slot) && !sc_slot_is_native(slot))
                want_sample(host, slot);
}

/* A raw client's bytes went to the queue or to the discard, as the action said. */
static void read_raw(struct sc_host *host, struct sc_slot *slot, size_t length)
{
        enum sc_refusal reason = slot->stale_reason;
        bool stale = slot->stale_bytes > 0;
        if (stale)
                slot->stale_bytes -= length;
        if (stale || sc_host_drops_input(host, slot, &reason)) {
                memset(host->discard, 0, length); /* what nobody gets nobody keeps (BF-15) */
                sc_host_count_dropped(host, slot, reason, length);
                return;
        }
        sc_input_commit(&host->input, length);
        host->counters.input_bytes += length;
}

void sc_host_client_read(struct sc_host *host, sc_client client, size_t length)
{
        struct sc_slot *slot = sc_host_slot(host, client);
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
        struct sc_slot *slot = sc_host_slot(host, client);
        SC_ASSERT(slot);

        slot->readable = false;
        slot->input_ended = true;
        slot->reset |= reset;
        end_if_over(host, slot);
}

void sc_host_client_wrote(struct sc_host *host, sc_client client, size_t length, bool queue_empty)
{
        struct sc_slot *slot = sc_host_slot(host, client);
        SC_ASSERT(slot && length <= host->offered_bytes);

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
                sc_host_raise_consumed(host, slot, slot->proof.read_to);
        }
}

void sc_host_client_write_failed(struct sc_host *host, sc_client client, bool reset)
{
        struct sc_slot *slot = sc_host_slot(host, client);
        SC_ASSERT(slot);

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
                        want_stale(host, slot, SC_REFUSED_NO_GUEST);
        }
}

void sc_host_guest_up(struct sc_host *host, bool can_break)
{
        bool first = host->guest.guests == 0;

        sc_guest_side_up(&host->guest, &host->boundaries, host->history.ring.head, host->now_ns, can_break);
        host->guest_readable = false;
        host->guest_blocked = false;
        host->guest_input_ended = false;
        if (!first)
                drop_stale_input(host);
}

static void drop_waiting_input(struct sc_host *host)
{
        host->counters.input_dropped[SC_REFUSED_NO_GUEST] += sc_input_drop(&host->input);
        drop_stale_input(host);
}

void sc_host_guest_down(struct sc_host *host, bool ended)
{
        sc_guest_side_down(&host->guest, &host->boundaries, host->history.ring.head, host->now_ns, ended);
        host->guest_readable = false;
        host->guest_deferred = false;
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
        if (length > 0)
                sc_history_commit(&host->history, length, host->now_ns, host->consumed.offset);
}

void sc_host_guest_wrote(struct sc_host *host, size_t length)
{
        host->guest_blocked = length < host->offered_bytes;
        host->counters.input_written_bytes += length;
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
        sc_input_take_break(&host->input);
        host->counters.breaks++;
}

void sc_host_guest_refused(struct sc_host *host)
{
        host->counters.guest_refused++;
}

void sc_host_stop(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (slot->state != SC_SLOT_OPEN || !sc_slot_is_native(slot) ||
                    slot->peer.state == SC_PEER_CLOSING)
                        continue;
                sc_peer_fail(&slot->peer, SC_ERROR_ENDING, "the host ends");
                slot->heard_ns = host->now_ns;
        }
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
