#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS_FIRST 16

static void *resized(void *memory, size_t bytes)
{
        void *place = realloc(memory, bytes);
        if (!place)
                abort();
        return place;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
        if (length == 0)
                return;
        if (buffer->room - buffer->end < length && buffer->start > 0) {
                memmove(buffer->memory, buffer->memory + buffer->start, buffer_length(buffer));
                buffer->end -= buffer->start;
                buffer->start = 0;
        }
        if (buffer->room - buffer->end < length) {
                buffer->room = 2 * buffer->room + length;
                buffer->memory = resized(buffer->memory, buffer->room);
        }
        memcpy(buffer->memory + buffer->end, bytes, length);
        buffer->end += length;
}

void buffer_drop(struct buffer *buffer, size_t length)
{
        buffer->start += length;
        if (buffer->start == buffer->end)
                buffer->start = buffer->end = 0;
}

void buffer_free(struct buffer *buffer)
{
        free(buffer->memory);
        *buffer = (struct buffer) { 0 };
}

void *array_with_room(void *items, size_t count, size_t item_bytes)
{
        if (count == 0)
                return items ? items : resized(NULL, ITEMS_FIRST * item_bytes);
        if (count >= ITEMS_FIRST && (count & (count - 1)) == 0)
                return resized(items, 2 * count * item_bytes);
        return items;
}
