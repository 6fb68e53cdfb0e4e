#include "model/console/history.h"

void sc_history_init(struct sc_history *history, const struct sc_history_memory *memory,
                     uint64_t capacity_bytes, uint64_t keep_first_bytes)
{
        *history = (struct sc_history) { .first = memory->first, .keep_first_bytes = keep_first_bytes };
        sc_ring_init(&history->ring, memory->ring, capacity_bytes);
        sc_times_init(&history->ring_times, memory->ring_times);
        sc_times_init(&history->first_times, memory->first_times);
}

size_t sc_history_reserve(const struct sc_history *history, uint64_t length,
                          struct sc_span spans[static SC_RING_SPANS_MAX])
{
        return sc_ring_reserve(&history->ring, length, spans);
}

/* First is a copy: a beginning that lay outside the ring would cost a second place to read the guest into, and
 * this one is made once for an instance. */
static void keep_first(struct sc_history *history, uint64_t offset, uint64_t length)
{
        if (offset >= history->keep_first_bytes)
                return;

        struct sc_span spans[SC_RING_SPANS_MAX];
        uint64_t kept = sc_min_u64(length, history->keep_first_bytes - offset);
        size_t count = sc_ring_peek(&history->ring, offset, kept, spans);
        for (size_t i = 0; i < count; i++) {
                memcpy(history->first + offset, spans[i].bytes, spans[i].length);
                offset += spans[i].length;
        }
}

static void count_overwritten(struct sc_history *history, uint64_t old_tail, uint64_t consumed)
{
        uint64_t from = sc_max_u64(old_tail, history->keep_first_bytes);
        uint64_t to = sc_max_u64(history->ring.tail, from);

        history->overwritten_bytes += to - from;
        history->lost_bytes += sc_sub_sat_u64(to, sc_max_u64(from, consumed));
}

void sc_history_commit(struct sc_history *history, uint64_t length, uint64_t now_ns, uint64_t consumed)
{
        SC_ASSERT(length > 0);

        uint64_t offset = history->ring.head;
        uint64_t old_tail = history->ring.tail;
        sc_ring_commit(&history->ring, length);
        keep_first(history, offset, length);
        count_overwritten(history, old_tail, consumed);

        if (offset < history->keep_first_bytes)
                sc_times_add(&history->first_times, offset, now_ns);
        if (history->ring.head > history->keep_first_bytes)
                sc_times_add(&history->ring_times, sc_max_u64(offset, history->keep_first_bytes), now_ns);
        sc_times_forget_below(&history->ring_times, history->ring.tail);
        history->last_output_ns = now_ns;
}

struct sc_range sc_history_first(const struct sc_history *history)
{
        uint64_t to = sc_min_u64(history->keep_first_bytes, history->ring.head);
        return (struct sc_range) { sc_min_u64(history->cleared_to, to), to };
}

static bool in_first(const struct sc_history *history, uint64_t offset)
{
        struct sc_range first = sc_history_first(history);
        return first.from <= offset && offset < first.to;
}

/* Kinds are told apart back to the newest clear: what an older one forgot counts as overwritten to a client that
 * was away for both. */
bool sc_history_gap(const struct sc_history *history, uint64_t offset, struct sc_gap *gap)
{
        if (offset >= history->ring.tail || in_first(history, offset))
                return false;

        uint64_t to = history->ring.tail;
        uint8_t kind = SC_GAP_OVERWRITTEN;
        if (offset < history->cleared_first_to) {
                to = history->cleared_first_to;
                kind = SC_GAP_CLEARED;
        } else if (offset < history->cleared_from) {
                to = history->cleared_from;
        } else if (offset < history->cleared_to) {
                to = history->cleared_to;
                kind = SC_GAP_CLEARED;
        }
        *gap = (struct sc_gap) { .from = offset, .to = to, .kind = kind };
        return true;
}

size_t sc_history_peek(const struct sc_history *history, uint64_t offset, uint64_t length,
                       struct sc_span spans[static SC_HISTORY_SPANS_MAX])
{
        if (offset >= history->ring.tail)
                return sc_ring_peek(&history->ring, offset, length, spans);

        SC_ASSERT(in_first(history, offset));
        uint64_t first_to = sc_history_first(history).to;
        uint64_t first_length = sc_min_u64(length, first_to - offset);
        spans[0] = (struct sc_span) { history->first + offset, first_length };
        if (first_to < history->ring.tail)
                return 1;
        return 1 + sc_ring_peek(&history->ring, first_to, length - first_length, spans + 1);
}

struct sc_piece sc_history_piece(const struct sc_history *history, uint64_t offset, size_t length)
{
        bool early = offset < history->keep_first_bytes;
        struct sc_time_range range =
                sc_times_at(early ? &history->first_times : &history->ring_times, offset);
        uint64_t end = early ? sc_min_u64(range.end, history->keep_first_bytes) : range.end;

        struct sc_span spans[SC_HISTORY_SPANS_MAX];
        size_t count = sc_history_peek(history, offset, sc_min_u64(length, end - offset), spans);
        SC_ASSERT(count > 0);
        return (struct sc_piece) { .span = spans[0], .time_ns = range.time_ns };
}

uint64_t sc_history_since(const struct sc_history *history, uint64_t time_ns)
{
        uint64_t offset = sc_times_offset_since(&history->first_times, time_ns);
        if (offset == UINT64_MAX)
                offset = sc_times_offset_since(&history->ring_times, time_ns);
        return sc_min_u64(offset, history->ring.head);
}

uint64_t sc_history_resolution_ns(const struct sc_history *history)
{
        return sc_max_u64(sc_times_resolution_ns(&history->first_times),
                          sc_times_resolution_ns(&history->ring_times));
}

void sc_history_clear(struct sc_history *history)
{
        struct sc_range first = sc_history_first(history);
        uint64_t tail = history->ring.tail;
        uint64_t head = history->ring.head;
        uint64_t first_to = sc_max_u64(first.from, sc_min_u64(first.to, tail)); /* what the ring has not */

        history->cleared_bytes += head - tail + (first_to - first.from);
        if (tail != history->cleared_to ||
            history->cleared_to == 0) { /* else it goes on where the last ended */
                history->cleared_first_to = first.from < first_to ? first_to : 0;
                history->cleared_from = tail;
        }
        history->cleared_to = head;

        memset(history->first, 0, (size_t)first.to);
        sc_ring_clear(&history->ring);
        sc_times_clear(&history->first_times);
        sc_times_clear(&history->ring_times);
}
