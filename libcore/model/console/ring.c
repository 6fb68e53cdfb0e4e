#include "model/console/ring.h"

#include <string.h>

void sc_ring_init(struct sc_ring *ring, uint8_t *memory, uint64_t capacity_bytes)
{
        SC_ASSERT(capacity_bytes > 0);

        *ring = (struct sc_ring) { .memory = memory, .capacity_bytes = capacity_bytes };
}

static size_t spans_at(const struct sc_ring *ring, uint64_t offset, uint64_t length,
                       struct sc_span spans[static SC_RING_SPANS_MAX])
{
        if (length == 0)
                return 0;

        uint64_t start = offset % ring->capacity_bytes;
        uint64_t first = sc_min_u64(length, ring->capacity_bytes - start);
        spans[0] = (struct sc_span) { ring->memory + start, first };
        if (first == length)
                return 1;

        spans[1] = (struct sc_span) { ring->memory, length - first };
        return 2;
}

size_t sc_ring_reserve(const struct sc_ring *ring, uint64_t length,
                       struct sc_span spans[static SC_RING_SPANS_MAX])
{
        return spans_at(ring, ring->head, sc_min_u64(length, ring->capacity_bytes), spans);
}

void sc_ring_commit(struct sc_ring *ring, uint64_t length)
{
        SC_ASSERT(length <= ring->capacity_bytes);

        ring->head += length;
        if (ring->head - ring->tail > ring->capacity_bytes)
                ring->tail = ring->head - ring->capacity_bytes;
}

size_t sc_ring_peek(const struct sc_ring *ring, uint64_t offset, uint64_t length,
                    struct sc_span spans[static SC_RING_SPANS_MAX])
{
        SC_ASSERT(ring->tail <= offset);
        SC_ASSERT(offset <= ring->head);

        return spans_at(ring, offset, sc_min_u64(length, ring->head - offset), spans);
}

void sc_ring_clear(struct sc_ring *ring)
{
        /* After a clear, bytes older than tail may still lie in the memory: all that was ever written goes. */
        memset(ring->memory, 0, (size_t)sc_min_u64(ring->head, ring->capacity_bytes));
        ring->tail = ring->head;
}
