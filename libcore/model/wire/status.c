#include "model/wire/status.h"

#define STATUS_VERSION 1

/* One list of the u64 fields, in wire order, serves both directions. */
typedef void visit_u64(void *codec, uint64_t *field);

static void visit_fields(struct sc_status *status, visit_u64 *visit, void *codec)
{
        struct sc_status_counters *counters = &status->counters;
        uint64_t wall_offset = (uint64_t)status->wall_offset_ns;

        uint64_t *const fields[] = {
                &status->now_ns,
                &wall_offset,
                &status->capacity_bytes,
                &status->keep_first_bytes,
                &status->first_from,
                &status->first_to,
                &status->tail,
                &status->head,
                &status->consumed,
                &status->overwritten_bytes,
                &status->lost_bytes,
                &status->cleared_bytes,
                &status->resolution_ns,
                &status->last_output_ns,
                &status->guest_since_ns,
                &status->guest_number,
                &status->input_waiting_bytes,
                &counters->input_bytes,
                &counters->input_written_bytes,
                &counters->input_dropped[SC_REFUSED_NO_GUEST],
                &counters->input_dropped[SC_REFUSED_OLD_GUEST],
                &counters->input_dropped[SC_REFUSED_NOT_WRITER],
                &counters->input_dropped[SC_REFUSED_VIEWER],
                &counters->breaks,
                &counters->connections,
                &counters->over_limit,
                &counters->malformed,
                &counters->silent,
                &counters->kicked,
                &counters->holds,
                &counters->hold_ns,
                &counters->guest_refused,
                &counters->log_lost_bytes,
                &counters->log_lost_lines,
                &counters->events_lost,
                &counters->trace_lost,
        };
        static_assert(8 + SC_INSTANCE_BYTES + 8 * SC_COUNT(fields) + 8 == SC_STATUS_BASE_BYTES,
                      "PROTOCOL.md, status");
        for (size_t i = 0; i < SC_COUNT(fields); i++)
                visit(codec, fields[i]);
        status->wall_offset_ns = (int64_t)wall_offset;
}

static void put_field(void *codec, uint64_t *field)
{
        sc_bytes_put(codec, *field, 8);
}

static void get_field(void *codec, uint64_t *field)
{
        *field = sc_bytes_get(codec, 8);
}

void sc_status_put(struct sc_encoder *encoder, const struct sc_status *status)
{
        struct sc_status copy = *status;

        sc_bytes_put(encoder, STATUS_VERSION, 2);
        sc_bytes_put(encoder, status->guest_state, 1);
        sc_bytes_put(encoder, status->guest_note, 1);
        sc_bytes_put(encoder, status->history, 1);
        sc_bytes_put(encoder, status->writers, 1);
        sc_bytes_put(encoder, status->for_viewer, 1);
        sc_bytes_put(encoder, status->log, 1);
        sc_bytes_put_string(encoder, status->instance, SC_INSTANCE_BYTES);
        visit_fields(&copy, put_field, encoder);
        sc_bytes_put(encoder, status->boundaries, 2);
        sc_bytes_put(encoder, status->clients, 2);
        sc_bytes_put(encoder, status->traced, 1);
        sc_bytes_put(encoder, 0, 3);
}

bool sc_status_get(struct sc_decoder *payload, struct sc_status *status)
{
        *status = (struct sc_status) { 0 };
        uint64_t version = sc_bytes_get(payload, 2);
        status->guest_state = (uint8_t)sc_bytes_get(payload, 1);
        status->guest_note = (uint8_t)sc_bytes_get(payload, 1);
        status->history = (uint8_t)sc_bytes_get(payload, 1);
        status->writers = (uint8_t)sc_bytes_get(payload, 1);
        status->for_viewer = sc_bytes_get(payload, 1) != 0;
        status->log = (uint8_t)sc_bytes_get(payload, 1);
        sc_bytes_get_string(payload, status->instance, SC_INSTANCE_BYTES);
        visit_fields(status, get_field, payload);
        status->boundaries = (uint16_t)sc_bytes_get(payload, 2);
        status->clients = (uint16_t)sc_bytes_get(payload, 2);
        status->traced = sc_bytes_get(payload, 1) != 0;
        sc_bytes_get(payload, 3);
        return !payload->overrun && version == STATUS_VERSION && status->guest_state <= SC_GUEST_DOWN &&
               status->guest_note < SC_GUEST_NOTE_COUNT && status->history < SC_HISTORY_COUNT &&
               status->writers < SC_WRITERS_COUNT && status->log < SC_LOG_KIND_COUNT;
}

void sc_status_put_boundary(struct sc_encoder *encoder, const struct sc_boundary *boundary)
{
        sc_bytes_put(encoder, boundary->number, 8);
        sc_bytes_put(encoder, boundary->offset, 8);
        sc_bytes_put(encoder, boundary->time_ns, 8);
        sc_bytes_put(encoder, boundary->kind, 1);
}

bool sc_status_get_boundary(struct sc_decoder *payload, struct sc_boundary *boundary)
{
        *boundary = (struct sc_boundary) { 0 };
        boundary->number = sc_bytes_get(payload, 8);
        boundary->offset = sc_bytes_get(payload, 8);
        boundary->time_ns = sc_bytes_get(payload, 8);
        boundary->kind = (uint8_t)sc_bytes_get(payload, 1);
        return !payload->overrun && boundary->kind >= SC_BOUNDARY_UP && boundary->kind <= SC_BOUNDARY_ENDED;
}

void sc_status_put_client(struct sc_encoder *encoder, const struct sc_status_client *client)
{
        sc_bytes_put(encoder, client->id, 8);
        sc_bytes_put(encoder, client->connected_ns, 8);
        sc_bytes_put(encoder, client->offset, 8);
        sc_bytes_put(encoder, client->gap_bytes, 8);
        sc_bytes_put(encoder, client->cleared_bytes, 8);
        sc_bytes_put(encoder, client->gaps, 4);
        sc_bytes_put(encoder, client->pid, 4);
        sc_bytes_put(encoder, client->uid, 4);
        sc_bytes_put(encoder, client->role, 1);
        sc_bytes_put(encoder, client->flags, 1);
        sc_bytes_put(encoder, client->label_length, 1);
        sc_bytes_put(encoder, 0, 1);
        sc_bytes_put_string(encoder, client->label, client->label_length);
}

bool sc_status_get_client(struct sc_decoder *payload, struct sc_status_client *client)
{
        *client = (struct sc_status_client) { 0 };
        client->id = sc_bytes_get(payload, 8);
        client->connected_ns = sc_bytes_get(payload, 8);
        client->offset = sc_bytes_get(payload, 8);
        client->gap_bytes = sc_bytes_get(payload, 8);
        client->cleared_bytes = sc_bytes_get(payload, 8);
        client->gaps = (uint32_t)sc_bytes_get(payload, 4);
        client->pid = (uint32_t)sc_bytes_get(payload, 4);
        client->uid = (uint32_t)sc_bytes_get(payload, 4);
        client->role = (uint8_t)sc_bytes_get(payload, 1);
        client->flags = (uint8_t)sc_bytes_get(payload, 1);
        client->label_length = (uint8_t)sc_bytes_get(payload, 1);
        sc_bytes_get(payload, 1);
        if (client->label_length > SC_LABEL_BYTES_MAX)
                return false;
        sc_bytes_get_string(payload, client->label, client->label_length);
        return !payload->overrun;
}
