#include "model/console/cursor.h"

void sc_cursor_start(struct sc_cursor *cursor, uint64_t offset, uint64_t now_ns)
{
        *cursor = (struct sc_cursor) { .offset = offset, .begin = offset, .took_ns = now_ns };
}

void sc_cursor_advance(struct sc_cursor *cursor, uint64_t length, uint64_t head, uint64_t now_ns)
{
        cursor->offset += length;
        SC_ASSERT(cursor->offset <= head);

        cursor->tried_ns = now_ns;
        if (length > 0)
                cursor->took_ns = now_ns;
        if (cursor->offset == head)
                cursor->not_awaited = false;
}

void sc_cursor_pass_gap(struct sc_cursor *cursor, const struct sc_gap *gap)
{
        SC_ASSERT(gap->from == cursor->offset);

        uint64_t length = gap->to - gap->from;
        if (gap->kind == SC_GAP_CLEARED) {
                cursor->cleared_bytes += length;
        } else {
                cursor->gap_bytes += length;
                if (cursor->gaps == 0 || cursor->gap_to != gap->from)
                        cursor->gaps++;
                cursor->gap_to = gap->to;
        }
        cursor->offset = gap->to;
}

static uint64_t last_offset(const struct sc_history *history, uint64_t bytes)
{
        return sc_sub_sat_u64(history->ring.head, bytes);
}

static uint64_t boot_offset(const struct sc_boundaries *boundaries)
{
        const struct sc_boundary *boot = sc_boundaries_newest_boot(boundaries);
        return boot ? boot->offset : 0;
}

uint64_t sc_start_offset(enum sc_start start, uint64_t value, const struct sc_history *history,
                         const struct sc_boundaries *boundaries, uint64_t consumed)
{
        switch (start) {
        case SC_START_BEGINNING:
                return 0;
        case SC_START_UNREAD:
                return consumed;
        case SC_START_END:
                return history->ring.head;
        case SC_START_OFFSET:
                return sc_min_u64(value, history->ring.head);
        case SC_START_LAST:
                return last_offset(history, value);
        case SC_START_SINCE:
                return sc_history_since(history, value);
        case SC_START_BOUNDARY: {
                const struct sc_boundary *boundary = sc_boundaries_at(boundaries, value);
                if (boundary)
                        return boundary->offset;
                return value > boundaries->newest ? history->ring.head : 0;
        }
        case SC_START_BOOT:
                return boot_offset(boundaries);
        }
        return history->ring.head;
}

uint64_t sc_start_of_policy(enum sc_history_policy policy, uint64_t last_bytes,
                            const struct sc_history *history, const struct sc_boundaries *boundaries,
                            uint64_t consumed)
{
        switch (policy) {
        case SC_HISTORY_ALL:
                return 0;
        case SC_HISTORY_BOOT:
                return boot_offset(boundaries);
        case SC_HISTORY_UNREAD:
                return consumed;
        case SC_HISTORY_NONE:
                return history->ring.head;
        case SC_HISTORY_LAST:
                return sc_min_u64(consumed, last_offset(history, last_bytes));
        case SC_HISTORY_COUNT:
                break;
        }
        SC_ASSERT(false);
        return 0;
}
