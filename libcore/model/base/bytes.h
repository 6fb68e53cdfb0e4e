#ifndef SC_BYTES_H
#define SC_BYTES_H

#include "model/base/panic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Little-endian fields in a byte string. An encoder asserts its room: what is written has a known largest size.
 * A decoder reads zeroes past the end and remembers that it did: what is read comes from a peer. */
struct sc_encoder {
        uint8_t *bytes;
        size_t capacity;
        size_t length;
};

struct sc_decoder {
        const uint8_t *bytes;
        size_t length;
        size_t position;
        bool overrun;
};

static inline void sc_bytes_put(struct sc_encoder *encoder, uint64_t value, size_t width)
{
        SC_ASSERT(width <= encoder->capacity - encoder->length);
        for (size_t i = 0; i < width; i++)
                encoder->bytes[encoder->length++] = (uint8_t)(value >> (8 * i));
}

static inline void sc_bytes_put_string(struct sc_encoder *encoder, const void *bytes, size_t length)
{
        SC_ASSERT(length <= encoder->capacity - encoder->length);
        memcpy(encoder->bytes + encoder->length, bytes, length);
        encoder->length += length;
}

static inline uint64_t sc_bytes_get(struct sc_decoder *decoder, size_t width)
{
        if (width > decoder->length - decoder->position) {
                decoder->position = decoder->length;
                decoder->overrun = true;
                return 0;
        }
        uint64_t value = 0;
        for (size_t i = 0; i < width; i++)
                value |= (uint64_t)decoder->bytes[decoder->position++] << (8 * i);
        return value;
}

/* Copies `length` bytes to `destination`, or nothing (and remembers the overrun) where fewer are left. */
static inline void sc_bytes_get_string(struct sc_decoder *decoder, void *destination, size_t length)
{
        if (length > decoder->length - decoder->position) {
                decoder->position = decoder->length;
                decoder->overrun = true;
                return;
        }
        memcpy(destination, decoder->bytes + decoder->position, length);
        decoder->position += length;
}

static inline size_t sc_bytes_left(const struct sc_decoder *decoder)
{
        return decoder->length - decoder->position;
}

#endif
