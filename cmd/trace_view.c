#include "trace_view.h"

/* Only what a client got of a host's trace is looked up in what was printed before. */
static bool keeps_output(const struct sc_record_config *config, uint64_t client)
{
        return client != 0 && config->kind == SC_TRACE_HOST;
}

/* None that a host can have is cut. */
static uint64_t bounded(uint64_t bytes)
{
        return sc_min_u64(bytes, SC_BUFFER_BYTES_MAX);
}

size_t sc_trace_view_memory_bytes(const struct sc_record_config *config, uint64_t client)
{
        if (!keeps_output(config, client))
                return 0;
        return bounded(sc_max_u64(config->capacity_bytes, 1)) + bounded(config->keep_first_bytes);
}

void sc_trace_view_start(struct sc_trace_view *view, const struct sc_record_config *config, uint64_t client,
                         uint8_t *memory)
{
        *view = (struct sc_trace_view) { .client = client, .kind = (enum sc_trace_kind)config->kind };
        if (!keeps_output(config, client))
                return;
        uint64_t capacity = bounded(sc_max_u64(config->capacity_bytes, 1));
        sc_ring_init(&view->ring, memory, capacity);
        view->first = memory + capacity;
        view->first_capacity = bounded(config->keep_first_bytes);
}

/* --- what a host retains --- */

static void keep_in_ring(struct sc_ring *ring, const uint8_t *bytes, uint64_t length)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        uint64_t skipped = sc_sub_sat_u64(length, ring->capacity_bytes);

        ring->head += skipped;
        if (skipped > 0)
                ring->tail = ring->head;
        bytes += skipped;
        length -= skipped;
        size_t count = sc_ring_reserve(ring, length, spans);
        for (size_t i = 0; i < count; i++) {
                memcpy(spans[i].bytes, bytes, spans[i].length);
                bytes += spans[i].length;
        }
        sc_ring_commit(ring, length);
}

static void keep(struct sc_trace_view *view, uint64_t offset, const struct sc_record *record)
{
        if (offset != view->ring.head) /* what lies between is not in the trace */
                view->ring.head = view->ring.tail = offset;
        if (offset == view->first_bytes && offset < view->first_capacity) {
                uint64_t length = sc_min_u64(record->length, view->first_capacity - offset);
                memcpy(view->first + offset, record->bytes, length);
                view->first_bytes += length;
        }
        keep_in_ring(&view->ring, record->bytes, record->length);
}

/* Forgotten is the beginning as well: no output comes there again. */
static void forget(struct sc_trace_view *view)
{
        sc_ring_clear(&view->ring);
        view->first_bytes = 0;
        view->first_capacity = 0;
}

/* --- pieces --- */

static void tell_missing(struct sc_trace_view *view, struct sc_trace_piece *piece)
{
        piece->missing_bytes = view->missing_bytes;
        view->missing_bytes = 0;
}

static bool play_bytes(struct sc_trace_view *view, const struct sc_record *record,
                       struct sc_trace_piece *piece)
{
        tell_missing(view, piece);
        piece->spans[0] = (struct sc_span) { (uint8_t *)(uintptr_t)record->bytes, record->length };
        piece->span_count = 1;
        return true;
}

static void add_unknown(struct sc_trace_view *view, uint64_t bytes)
{
        view->unknown_bytes += bytes;
        view->missing_bytes += bytes;
}

/* [offset, offset + length) as far as it is retained: of the beginning first, then of the ring. */
static bool play_retained(struct sc_trace_view *view, uint64_t offset, uint64_t length,
                          struct sc_trace_piece *piece)
{
        uint64_t end = sc_add_sat_u64(offset, length);

        piece->span_count = 0;
        if (offset < view->first_bytes) {
                uint64_t from_first = sc_min_u64(view->first_bytes, end) - offset;
                piece->spans[piece->span_count++] = (struct sc_span) { view->first + offset, from_first };
                offset += from_first;
        }
        uint64_t from = sc_min_u64(sc_max_u64(offset, view->ring.tail), end);
        uint64_t to = sc_max_u64(from, sc_min_u64(end, view->ring.head));
        add_unknown(view, from - offset);
        if (from < to)
                piece->span_count +=
                        sc_ring_peek(&view->ring, from, to - from, piece->spans + piece->span_count);
        bool shows = piece->span_count > 0;
        if (shows)
                tell_missing(view, piece);
        add_unknown(view, end - to);
        return shows;
}

static void count_gap(struct sc_trace_view *view, uint64_t bytes)
{
        view->gaps++;
        view->gap_bytes += bytes;
        view->missing_bytes += bytes;
}

static bool take_output(struct sc_trace_view *view, const struct sc_record *record,
                        struct sc_trace_piece *piece)
{
        uint64_t offset = record->output.offset;

        if (view->client != 0) {
                if (view->ring.memory)
                        keep(view, offset, record);
                return false;
        }
        if (offset != view->head)
                count_gap(view, sc_sub_sat_u64(offset, view->head));
        view->head = offset + record->length;
        return play_bytes(view, record, piece);
}

static bool is_seen(const struct sc_trace_view *view, uint64_t client)
{
        if (view->client == 0)
                return view->kind == SC_TRACE_CLIENT;
        return client == view->client;
}

static void meet(struct sc_trace_view *view, uint64_t client)
{
        view->met |= client == view->client;
        if (view->client == 0 || view->met)
                return;
        for (size_t i = 0; i < view->other_count; i++)
                if (view->others[i] == client)
                        return;
        if (view->other_count < SC_TRACE_VIEW_OTHERS_MAX)
                view->others[view->other_count++] = client;
        else
                view->more_others = true;
}

bool sc_trace_view_take(struct sc_trace_view *view, const struct sc_record *record,
                        struct sc_trace_piece *piece)
{
        switch (record->type) {
        case SC_RECORD_OUTPUT:
                return take_output(view, record, piece);
        case SC_RECORD_CLEARED:
                if (view->ring.memory)
                        forget(view);
                return false;
        case SC_RECORD_CONNECT:
                meet(view, record->connect.client);
                return false;
        case SC_RECORD_GAP:
                if (is_seen(view, record->gap.client))
                        count_gap(view, sc_sub_sat_u64(record->gap.to, record->gap.from));
                return false;
        case SC_RECORD_SENT:
                if (!view->ring.memory || record->sent.client != view->client)
                        return false;
                return play_retained(view, record->sent.offset, record->sent.length, piece);
        case SC_RECORD_RECEIVED:
                meet(view, record->received.client);
                if (!is_seen(view, record->received.client))
                        return false;
                return play_bytes(view, record, piece);
        default:
                return false;
        }
}
