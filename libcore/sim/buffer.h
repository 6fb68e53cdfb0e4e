#ifndef SIM_BUFFER_H
#define SIM_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that are added behind and dropped in front. */
struct buffer {
        uint8_t *memory;
        size_t start;
        size_t end;
        size_t room;
};

void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_drop(struct buffer *buffer, size_t length);
void buffer_free(struct buffer *buffer);

static inline size_t buffer_length(const struct buffer *buffer)
{
        return buffer->end - buffer->start;
}

static inline uint8_t *buffer_at(const struct buffer *buffer)
{
        return buffer->memory + buffer->start;
}

/* An array of `item_bytes` each, with room for one more than `count`: where it is now. */
void *array_with_room(void *items, size_t count, size_t item_bytes);

#endif
