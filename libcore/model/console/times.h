#ifndef SC_TIMES_H
#define SC_TIMES_H

#include "model/base/bounds.h"
#include "model/base/panic.h"
#include "model/base/span.h"

/* When the bytes of a range of output arrived (BF-14). An entry stands for the bytes from its offset to the next
 * entry's; the first of them arrived at `first_ns` and the last at `last_ns`. The whole range is told as
 * first_ns, so an entry's error is last_ns - first_ns, and the resolution is the largest that may become. */
struct sc_times_entry {
        uint64_t offset;
        uint64_t first_ns;
        uint64_t last_ns;
};

/* The entries are a ring of their own; the memory is the caller's, SC_TIMES_ENTRIES_MAX entries. */
struct sc_times {
        struct sc_times_entry *entries;
        uint32_t start;
        uint32_t count;
        uint64_t resolution_ns;
};

void sc_times_init(struct sc_times *times, struct sc_times_entry *entries);

/* Bytes from `offset` on arrived now. Offsets and times never fall. When the table is full, the resolution
 * doubles, and entries nearer than it are merged, until one is free. */
void sc_times_add(struct sc_times *times, uint64_t offset, uint64_t now_ns);

/* Bytes below `offset` are not retained any more. */
void sc_times_forget_below(struct sc_times *times, uint64_t offset);

/* Forgets everything and zeroes what was used. */
void sc_times_clear(struct sc_times *times);

struct sc_time_range {
        uint64_t time_ns;
        uint64_t end; /* the next entry's offset, or UINT64_MAX for the newest */
};

/* When the byte at `offset` arrived, and up to where the same answer holds. `offset` is not below the oldest
 * entry's. */
struct sc_time_range sc_times_at(const struct sc_times *times, uint64_t offset);

/* Where the bytes begin that arrived at `time_ns` or later, at most one resolution too early; UINT64_MAX when
 * there are none. */
uint64_t sc_times_offset_since(const struct sc_times *times, uint64_t time_ns);

/* No answer of sc_times_at is off by more. */
uint64_t sc_times_resolution_ns(const struct sc_times *times);

#endif
