#include "model/console/snapshot.h"

static void fill(struct sc_status *status, const struct sc_host *host)
{
        const struct sc_history *history = &host->history;
        const struct sc_guest_side *guest = &host->guest;
        struct sc_range first = sc_history_first(history);

        *status = (struct sc_status) {
                .guest_state = (uint8_t)guest->state,
                .guest_note = (uint8_t)guest->note,
                .history = (uint8_t)host->config.history,
                .writers = (uint8_t)host->config.writers,
                .log = (uint8_t)host->config.log,
                .traced = host->config.trace,
                .now_ns = host->now_ns,
                .wall_offset_ns = host->wall_offset_ns,
                .capacity_bytes = host->config.capacity_bytes,
                .keep_first_bytes = host->config.keep_first_bytes,
                .first_from = first.from,
                .first_to = first.to,
                .tail = history->ring.tail,
                .head = history->ring.head,
                .consumed = host->consumed.offset,
                .overwritten_bytes = history->overwritten_bytes,
                .lost_bytes = history->lost_bytes,
                .cleared_bytes = history->cleared_bytes,
                .resolution_ns = sc_history_resolution_ns(history),
                .last_output_ns = history->last_output_ns,
                .guest_since_ns = guest->since_ns,
                .guest_number = guest->number,
                .input_waiting_bytes = sc_input_waiting_bytes(&host->input),
                .counters = host->counters,
        };
        memcpy(status->instance, host->config.instance, SC_INSTANCE_BYTES);
        status->counters.events_lost += host->journal.left_out;
        status->counters.trace_lost = host->trace.lost_records;
        status->counters.holds = guest->holds;
        status->counters.hold_ns = guest->hold_ns + (guest->held ? host->now_ns - guest->held_since_ns : 0);
}

/* What lies between the client and the next byte that it can get is its gap already. */
static void add_pending_gap(struct sc_status_client *client, const struct sc_history *history,
                            struct sc_cursor cursor)
{
        struct sc_gap gap;
        while (sc_history_gap(history, cursor.offset, &gap))
                sc_cursor_pass_gap(&cursor, &gap);
        client->gaps = cursor.gaps;
        client->gap_bytes = cursor.gap_bytes;
        client->cleared_bytes = cursor.cleared_bytes;
}

static void put_client(struct sc_encoder *encoder, const struct sc_host *host, const struct sc_slot *slot)
{
        bool native = sc_slot_is_native(slot);
        bool viewer = sc_slot_is_viewer(slot);
        bool may_type = !viewer && sc_writers_may_type(&host->writers, slot->id);
        bool answers = !viewer && host->writers.answerer == slot->id;

        struct sc_status_client client = {
                .id = slot->id,
                .connected_ns = slot->connected_ns,
                .offset = slot->cursor.offset,
                .pid = slot->pid,
                .uid = slot->uid,
                .role = viewer ? SC_ROLE_VIEWER : SC_ROLE_CLIENT,
                .flags = (uint8_t)((native ? SC_STATUS_CLIENT_NATIVE : 0) |
                                   (may_type ? SC_STATUS_CLIENT_MAY_TYPE : 0) |
                                   (answers ? SC_STATUS_CLIENT_ANSWERS : 0) |
                                   (sc_slot_is_on_view(slot) ? SC_STATUS_CLIENT_VIEW : 0) |
                                   (slot->input_ended ? SC_STATUS_CLIENT_HALF : 0)),
        };
        add_pending_gap(&client, &host->history, slot->cursor);
        if (native) {
                client.label_length = slot->peer.hello.label_length;
                memcpy(client.label, slot->peer.hello.label, client.label_length);
        }
        sc_status_put_client(encoder, &client);
}

void sc_snapshot_put(struct sc_encoder *encoder, const struct sc_host *host, const struct sc_slot *slot)
{
        struct sc_status status;
        fill(&status, host);
        status.for_viewer = sc_slot_is_on_view(slot) || slot->peer.role == SC_ROLE_VIEWER;
        for (uint32_t i = 0; i < host->live_count && !status.for_viewer; i++)
                status.clients += sc_slot_is_attached(&host->slots[host->live[i]]);
        uint64_t oldest = sc_boundaries_oldest(&host->boundaries);
        status.boundaries = (uint16_t)(host->boundaries.newest + 1 - oldest);

        sc_status_put(encoder, &status);
        for (uint64_t number = oldest; number <= host->boundaries.newest; number++)
                sc_status_put_boundary(encoder, sc_boundaries_at(&host->boundaries, number));
        for (uint32_t i = 0; i < host->live_count && !status.for_viewer; i++) {
                const struct sc_slot *other = &host->slots[host->live[i]];
                if (sc_slot_is_attached(other))
                        put_client(encoder, host, other);
        }
}
