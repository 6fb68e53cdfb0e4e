#ifndef SC_EXTENT_H
#define SC_EXTENT_H

#include <stdbool.h>
#include <stdint.h>

/* Which output there is, by offsets alone: what was said, what of it is retained, and why the rest is gone. */

/* [from, to) */
struct sc_stretch {
        uint64_t from;
        uint64_t to;
};

struct sc_extent {
        uint64_t capacity_bytes;
        uint64_t keep_first_bytes;
        uint64_t head;
        uint64_t tail;
        uint64_t cleared_to;             /* the newest clear: head was there; 0: none yet */
        struct sc_stretch cleared_first; /* what it forgot of first and */
        struct sc_stretch cleared_ring;  /* of the ring */
        uint64_t older_to;               /* below it lies what older clears forgot: it may be called either */
        uint64_t murky_to;               /* below it nothing is known: records are missing */
};

/* What of first is retained. */
struct sc_stretch sc_extent_first(const struct sc_extent *extent);

/* The end of what is retained from `offset` on without a hole; `offset` where that itself is gone. */
uint64_t sc_extent_retained_to(const struct sc_extent *extent, uint64_t offset);

/* The first retained byte from `offset` on, or head. */
uint64_t sc_extent_next(const struct sc_extent *extent, uint64_t offset);

/* Whether no byte of it is retained. */
bool sc_extent_is_gone(const struct sc_extent *extent, struct sc_stretch stretch);

/* Whether the newest clear forgot a byte of it, and whether clears forgot all of it. */
bool sc_extent_has_cleared(const struct sc_extent *extent, struct sc_stretch stretch);
bool sc_extent_is_cleared(const struct sc_extent *extent, struct sc_stretch stretch);

/* How much a clear would forget now; and it does. */
uint64_t sc_extent_retained_bytes(const struct sc_extent *extent);
void sc_extent_clear(struct sc_extent *extent);

/* Where tail is to be, by the capacity. */
uint64_t sc_extent_due_tail(const struct sc_extent *extent);

#endif
