#ifndef SC_CONSOLE_BOUNDARY_H
#define SC_CONSOLE_BOUNDARY_H

#include "model/wire/frame.h"

/* The newest SC_BOUNDARIES_MAX boundaries: offsets at which something happened on the guest side, or that an
 * operator marked. Numbers count all of the instance from 1. */
struct sc_boundaries {
        struct sc_boundary entries[SC_BOUNDARIES_MAX]; /* number n lies at n % SC_BOUNDARIES_MAX */
        uint64_t newest;                               /* its number; 0: none yet */
        uint64_t forgotten;                            /* numbers up to this one are gone by a clear */
};

/* Returns the new one's number. `text` of a mark, at most SC_MARK_BYTES_MAX bytes; else none. */
uint64_t sc_boundaries_add(struct sc_boundaries *boundaries, enum sc_boundary_kind kind, uint64_t offset,
                           uint64_t now_ns, const void *text, size_t text_length);

/* The number of the oldest that is kept; newest + 1 when there is none. */
uint64_t sc_boundaries_oldest(const struct sc_boundaries *boundaries);

/* NULL when it is not kept. */
const struct sc_boundary *sc_boundaries_at(const struct sc_boundaries *boundaries, uint64_t number);

/* The newest at which a guest came or was reset, or NULL. */
const struct sc_boundary *sc_boundaries_newest_boot(const struct sc_boundaries *boundaries);

/* Forgets and zeroes all of them; numbers go on. */
void sc_boundaries_clear(struct sc_boundaries *boundaries);

/* Whether a mark's text may stand: 1 to SC_MARK_BYTES_MAX bytes of UTF-8 without control characters. */
bool sc_mark_is_printable(const uint8_t *text, size_t length);

#endif
