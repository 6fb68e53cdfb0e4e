#ifndef SC_CURSOR_H
#define SC_CURSOR_H

#include "model/console/boundary.h"
#include "model/console/history.h"
#include "model/wire/status.h"

/* One client's place in the output (BF-3, 6, 7), and what it will never get. */
struct sc_cursor {
        uint64_t offset; /* the next byte that it is to be offered */
        uint64_t begin;  /* the lowest offset from which on it missed no retained byte */
        uint64_t gap_bytes;
        uint64_t cleared_bytes;
        uint64_t gap_to; /* where its last gap ended: what follows directly is the same gap */
        uint32_t gaps;
        uint64_t took_ns;  /* when it last accepted a byte */
        uint64_t tried_ns; /* when it was last offered one */
        bool not_awaited;  /* a pause ran out on it: --hold waits for it again once it was at head */
};

void sc_cursor_start(struct sc_cursor *cursor, uint64_t offset, uint64_t now_ns);

/* The client accepted `length` bytes at its offset; `head` as it is now. */
void sc_cursor_advance(struct sc_cursor *cursor, uint64_t length, uint64_t head, uint64_t now_ns);

/* The client is past `gap`, which begins at its offset: counted by kind. */
void sc_cursor_pass_gap(struct sc_cursor *cursor, const struct sc_gap *gap);

/* What the start of a hello or a history frame means now. `value` is on the boot-time clock for SC_START_SINCE.
 * A boundary that is not kept means the beginning, one that has not come yet the end. */
uint64_t sc_start_offset(enum sc_start start, uint64_t value, const struct sc_history *history,
                         const struct sc_boundaries *boundaries, uint64_t consumed);

/* Where a raw client begins under --history (BF-7). `last_bytes` for SC_HISTORY_LAST. */
uint64_t sc_start_of_policy(enum sc_history_policy policy, uint64_t last_bytes,
                            const struct sc_history *history, const struct sc_boundaries *boundaries,
                            uint64_t consumed);

#endif
