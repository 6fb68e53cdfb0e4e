#include "model/console/clients.h"

#include "model/console/notes.h"

#define SLOT_BITS 10
static_assert(SC_SLOTS_MAX <= 1 << SLOT_BITS, "a client's token holds its slot's index");

/* --- names --- */

sc_client sc_clients_name(const struct sc_host *host, const struct sc_slot *slot)
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

        return sc_clients_name(host, &host->slots[host->live[position]]);
}

struct sc_slot *sc_clients_slot(struct sc_host *host, sc_client client)
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

/* --- what is noted of them --- */

void sc_clients_note(struct sc_host *host, const struct sc_slot *slot, struct sc_journal_entry entry)
{
        entry.time_ns = host->now_ns;
        entry.offset = host->history.ring.head;
        entry.client = slot->id;
        entry.pid = slot->pid;
        entry.uid = slot->uid;
        entry.native = sc_slot_is_native(slot);
        entry.view = sc_slot_is_on_view(slot);
        if (!entry.native)
                entry.role = entry.view ? SC_ROLE_VIEWER : SC_ROLE_CLIENT;
        else
                entry.role = slot->peer.role;
        sc_journal_note(&host->journal, &entry);
}

void sc_clients_note_hello(struct sc_host *host, struct sc_slot *slot)
{
        const struct sc_hello *hello = &slot->peer.hello;
        struct sc_journal_entry entry = {
                .kind = slot->noted ? SC_JOURNAL_ROLE : SC_JOURNAL_CONNECT,
                .text_length = hello->label_length,
        };
        memcpy(entry.text, hello->label, hello->label_length);
        slot->noted = true;
        sc_clients_note(host, slot, entry);
}

void sc_clients_note_end(struct sc_host *host, struct sc_slot *slot)
{
        if (!slot->noted)
                sc_clients_note(host, slot, (struct sc_journal_entry) { .kind = SC_JOURNAL_CONNECT });
        slot->noted = true;
        sc_clients_note(host, slot, (struct sc_journal_entry) { .kind = SC_JOURNAL_END, .why = slot->why });
        sc_notes_end(host, slot);
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

/* Of those on a .ctl who have not attached, or are being ended, the one silent for longest; NULL while there is a place
 * for another. */
static struct sc_slot *in_the_way(struct sc_host *host, enum sc_listener listener)
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
        return count < SC_CONTROLS_MAX ? NULL : oldest;
}

/* More than one may have to go: who had attached and is being ended took a place that nobody had left. */
static void make_room_for_control(struct sc_host *host, enum sc_listener listener)
{
        struct sc_slot *slot;
        while ((slot = in_the_way(host, listener))) {
                if (slot->why == 0) { /* else it ends for what it was told, only sooner */
                        host->counters.over_limit++;
                        sc_clients_condemn(host, slot, SC_ERROR_LIMIT);
                }
                sc_clients_end(host, slot);
        }
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
        struct sc_slot placed = { .listener = listener, .pid = pid, .uid = uid };
        bool native = sc_slot_is_native(&placed);

        host->counters.connections++;
        if (native)
                make_room_for_control(host, listener);
        bool full = !native &&
                    sc_host_attached_count(host, sc_slot_is_on_view(&placed)) >= host->config.clients_max;
        struct sc_slot *slot = full ? NULL : free_slot(host);
        if (!slot) {
                host->counters.over_limit++;
                sc_clients_note(host, &placed, (struct sc_journal_entry) { .kind = SC_JOURNAL_REFUSED });
                sc_notes_closing(host, NULL, SC_ERROR_LIMIT);
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
        sc_notes_connect(host, slot);
        uint32_t index = (uint32_t)(slot - host->slots);
        host->live[host->live_count++] = (uint16_t)index;
        uint8_t *buffers = sc_host_client_buffers(host, index);
        sc_peer_init(&slot->peer, buffers, buffers + SC_PEER_RECEIVE_BYTES);
        if (!native) {
                sc_clients_note_hello(host, slot);
                sc_clients_want_samples(host);
                sc_clients_settle_writers(host);
        }
        return sc_clients_name(host, slot);
}

void sc_clients_condemn(struct sc_host *host, struct sc_slot *slot, enum sc_error why)
{
        slot->why = why;
        sc_notes_closing(host, slot, why);
}

void sc_clients_end(struct sc_host *host, struct sc_slot *slot)
{
        SC_ASSERT(slot->state == SC_SLOT_OPEN);

        slot->state = SC_SLOT_ENDED;
        if (slot->sample_wanted)
                host->samples_wanted--;
        slot->sample_wanted = false;
        sc_clients_settle_writers(host);
}

/* --- what is asked of them --- */

void sc_clients_want_sample(struct sc_host *host, struct sc_slot *slot)
{
        if (slot->state != SC_SLOT_OPEN || slot->sample_wanted)
                return;
        slot->sample_wanted = true;
        host->samples_wanted++;
}

void sc_clients_want_samples(struct sc_host *host)
{
        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (!sc_slot_is_native(slot) && slot->started)
                        sc_clients_want_sample(host, slot);
        }
}

void sc_clients_want_stale(struct sc_host *host, struct sc_slot *slot, enum sc_refusal reason)
{
        slot->stale_wanted = true;
        slot->stale_reason = reason;
        sc_clients_want_sample(host, slot);
}

void sc_clients_raise_consumed(struct sc_host *host, const struct sc_slot *slot, uint64_t read_to)
{
        uint64_t before = host->consumed.offset;
        if (!sc_slot_is_viewer(slot))
                sc_consumed_raise(&host->consumed, slot->cursor.begin, read_to);
        if (host->consumed.offset != before)
                sc_notes_consumed(host, slot);
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

void sc_clients_settle_writers(struct sc_host *host)
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
        sc_notes_writers(host);

        for (uint32_t i = 0; i < host->live_count; i++) {
                struct sc_slot *slot = &host->slots[host->live[i]];
                if (!sc_slot_is_attached(slot))
                        continue;
                /* What it typed while it waited was for nobody, also where it is still in its socket. */
                if (slot->settled && host->writers.writer == slot->id && before != slot->id)
                        sc_clients_want_stale(host, slot, SC_REFUSED_NOT_WRITER);
                if (sc_slot_is_native(slot))
                        tell_role(host, slot);
                slot->settled = true;
        }
}

bool sc_clients_drops_input(const struct sc_host *host, const struct sc_slot *slot, enum sc_refusal *reason)
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

void sc_clients_drop_input(struct sc_host *host, struct sc_slot *slot, enum sc_refusal reason, bool queued,
                           uint64_t bytes)
{
        sc_notes_dropped(host, slot, reason, queued, bytes);
        host->counters.input_dropped[reason] += bytes;
        if (slot && sc_slot_is_native(slot))
                slot->peer.refused[reason] += bytes;
}
