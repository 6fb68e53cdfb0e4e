#include "model/client/typed.h"

#include "model/base/panic.h"

#include <string.h>

static size_t waiting(const struct sc_typed *typed)
{
        return typed->end - typed->start;
}

size_t sc_typed_room(const struct sc_typed *typed)
{
        return SC_TYPED_BYTES - waiting(typed);
}

size_t sc_typed_put(struct sc_typed *typed, const uint8_t *bytes, size_t length)
{
        length = (size_t)sc_min_u64(length, sc_typed_room(typed));
        if (length > SC_TYPED_BYTES - typed->end) {
                memmove(typed->bytes, typed->bytes + typed->start, waiting(typed));
                typed->end -= typed->start;
                typed->start = 0;
        }
        memcpy(typed->bytes + typed->end, bytes, length);
        typed->end += length;
        return length;
}

bool sc_typed_put_break(struct sc_typed *typed, struct sc_span key)
{
        if (typed->break_count == SC_TYPED_BREAKS_MAX || sc_typed_room(typed) < key.length)
                return false;
        typed->breaks[typed->break_count++] =
                (struct sc_typed_break) { .behind = waiting(typed), .key = key.length };
        sc_typed_put(typed, key.bytes, key.length);
        return true;
}

struct sc_span sc_typed_text(struct sc_typed *typed)
{
        size_t length = typed->break_count > 0 ? typed->breaks[0].behind : waiting(typed);
        return (struct sc_span) { typed->bytes + typed->start, length };
}

bool sc_typed_break_is_next(const struct sc_typed *typed)
{
        return typed->break_count > 0 && typed->breaks[0].behind == 0;
}

void sc_typed_sent(struct sc_typed *typed, size_t length)
{
        SC_ASSERT(length <= sc_typed_text(typed).length);

        typed->start += length;
        for (size_t i = 0; i < typed->break_count; i++)
                typed->breaks[i].behind -= length;
        if (typed->start == typed->end)
                typed->start = typed->end = 0;
}

void sc_typed_broke(struct sc_typed *typed, bool carried)
{
        SC_ASSERT(sc_typed_break_is_next(typed));

        size_t key = typed->breaks[0].key;
        typed->break_count--;
        memmove(typed->breaks, typed->breaks + 1, typed->break_count * sizeof(typed->breaks[0]));
        if (!carried)
                sc_typed_sent(typed, key);
}

bool sc_typed_is_empty(const struct sc_typed *typed)
{
        return waiting(typed) == 0 && typed->break_count == 0;
}

size_t sc_typed_drop(struct sc_typed *typed)
{
        size_t length = waiting(typed);
        typed->start = typed->end = 0;
        typed->break_count = 0;
        return length;
}
