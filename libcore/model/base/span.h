#ifndef SC_SPAN_H
#define SC_SPAN_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns. The layout is that of struct iovec, so that io hands an array of them to the
 * kernel as it is (asserted there). */
struct sc_span {
        uint8_t *bytes;
        size_t length;
};

#define SC_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline uint64_t sc_min_u64(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

static inline uint64_t sc_max_u64(uint64_t a, uint64_t b)
{
        return a > b ? a : b;
}

/* a + b, or the largest number; a - b, or 0. */
static inline uint64_t sc_add_sat_u64(uint64_t a, uint64_t b)
{
        return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static inline uint64_t sc_sub_sat_u64(uint64_t a, uint64_t b)
{
        return a > b ? a - b : 0;
}

#endif
