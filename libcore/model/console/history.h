#ifndef SC_HISTORY_H
#define SC_HISTORY_H

#include "model/console/ring.h"
#include "model/console/times.h"
#include "model/wire/frame.h"

/* All output that is retained: `first`, the kept beginning [0, keep_first), and the ring, as one range of
 * offsets with holes (BF-1, 4, 15), each byte with its arrival time (BF-14). It counts what is gone: overwritten,
 * lost (overwritten before anybody had consumed it), cleared (BF-13). */
struct sc_history {
        struct sc_ring ring;
        uint8_t *first;
        uint64_t keep_first_bytes;
        struct sc_times first_times; /* of offsets below keep_first_bytes */
        struct sc_times ring_times;  /* of the others */

        /* The newest clear forgot [.., cleared_first_to) of first and [cleared_from, cleared_to) of the ring. */
        uint64_t cleared_first_to;
        uint64_t cleared_from;
        uint64_t cleared_to;

        uint64_t overwritten_bytes;
        uint64_t lost_bytes;
        uint64_t cleared_bytes;
        uint64_t last_output_ns; /* 0: none yet */
};

#define SC_HISTORY_SPANS_MAX (1 + SC_RING_SPANS_MAX)

/* What sc_history_init takes from its caller, who owns it. */
struct sc_history_memory {
        uint8_t *ring;  /* capacity_bytes */
        uint8_t *first; /* keep_first_bytes */
        struct sc_times_entry *ring_times, *first_times;
};

void sc_history_init(struct sc_history *history, const struct sc_history_memory *memory,
                     uint64_t capacity_bytes, uint64_t keep_first_bytes);

/* As sc_ring_reserve. */
size_t sc_history_reserve(const struct sc_history *history, uint64_t length,
                          struct sc_span spans[static SC_RING_SPANS_MAX]);

/* `length` bytes, at least 1, arrived where the last reserve pointed. `consumed` tells lost from overwritten. */
void sc_history_commit(struct sc_history *history, uint64_t length, uint64_t now_ns, uint64_t consumed);

struct sc_range {
        uint64_t from;
        uint64_t to;
};

/* The kept beginning: [from, to), empty without --keep-first; a clear raises `from`. */
struct sc_range sc_history_first(const struct sc_history *history);

/* Whether the byte at `offset` is gone; then `gap` is the gap that begins there, of one kind. Never so at head. */
bool sc_history_gap(const struct sc_history *history, uint64_t offset, struct sc_gap *gap);

/* Fills `spans` with up to `length` retained bytes from `offset` on, up to head or the next gap. `offset` is
 * retained or head. They hold until the next commit or clear. */
size_t sc_history_peek(const struct sc_history *history, uint64_t offset, uint64_t length,
                       struct sc_span spans[static SC_HISTORY_SPANS_MAX]);

/* The longest piece from `offset`, up to `length` bytes, that lies in one span and has one arrival time. `offset`
 * is retained and below head. */
struct sc_piece {
        struct sc_span span;
        uint64_t time_ns;
};
struct sc_piece sc_history_piece(const struct sc_history *history, uint64_t offset, size_t length);

/* Where the bytes begin that arrived at `time_ns` or later; head when there are none. */
uint64_t sc_history_since(const struct sc_history *history, uint64_t time_ns);

uint64_t sc_history_resolution_ns(const struct sc_history *history);

/* Forgets and zeroes everything (BF-15). Counts what was retained as cleared. */
void sc_history_clear(struct sc_history *history);

#endif
