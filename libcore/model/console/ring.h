#ifndef SC_RING_H
#define SC_RING_H

#include "model/base/bounds.h"
#include "model/base/panic.h"
#include "model/base/span.h"

/* The newest `capacity` bytes of a stream, addressed by absolute offset: [tail, head). Offsets never wrap, so
 * full and empty are told apart and a reader that lags is arithmetic. A driver reads into the ring and writes
 * out of it; nothing is copied here. The memory is the caller's and outlives the ring. */
struct sc_ring {
        uint8_t *memory;
        uint64_t capacity_bytes;
        uint64_t tail;
        uint64_t head;
};

void sc_ring_init(struct sc_ring *ring, uint8_t *memory, uint64_t capacity_bytes);

/* Fills `spans` with room for up to `length` bytes (capacity at most) from head on and returns how many spans
 * were filled. Nothing is evicted yet, but what is written there overwrites the oldest bytes of a full ring: a
 * caller writes exactly what it then commits. */
size_t sc_ring_reserve(const struct sc_ring *ring, uint64_t length,
                       struct sc_span spans[static SC_RING_SPANS_MAX]);

/* `length` bytes, capacity at most, were written where the last reserve pointed. Evicts exactly as many of the
 * oldest as exceed the capacity. */
void sc_ring_commit(struct sc_ring *ring, uint64_t length);

/* Fills `spans` with up to `length` bytes from `offset` on, oldest first, and returns how many spans were
 * filled: 0 when `offset` is head. They hold until the next commit. `offset` is in [tail, head]. */
size_t sc_ring_peek(const struct sc_ring *ring, uint64_t offset, uint64_t length,
                    struct sc_span spans[static SC_RING_SPANS_MAX]);

/* Forgets everything: the memory that was used is zeroed, tail is head. */
void sc_ring_clear(struct sc_ring *ring);

#endif
