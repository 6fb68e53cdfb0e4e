#include "model/judge/waiting.h"

#include "model/base/span.h"

#include <string.h>

void sc_waiting_put(struct sc_waiting *waiting, const uint8_t *bytes, uint64_t length)
{
        if (length > SC_INPUT_BYTES) {
                bytes = bytes ? bytes + (length - SC_INPUT_BYTES) : NULL;
                length = SC_INPUT_BYTES;
        }
        if (bytes && length > 0) {
                size_t at = (size_t)(waiting->taken % SC_INPUT_BYTES);
                size_t before = (size_t)sc_min_u64(length, SC_INPUT_BYTES - at);
                memcpy(waiting->bytes + at, bytes, before);
                memcpy(waiting->bytes, bytes + before, (size_t)length - before);
        }
        waiting->taken = sc_add_sat_u64(waiting->taken, length);
        if (sc_waiting_bytes(waiting) > SC_INPUT_BYTES)
                waiting->given = waiting->taken - SC_INPUT_BYTES;
}

size_t sc_waiting_match(const struct sc_waiting *waiting, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (waiting->bytes[(waiting->given + i) % SC_INPUT_BYTES] != bytes[i])
                        return i;
        return length;
}

void sc_waiting_give(struct sc_waiting *waiting, uint64_t length)
{
        waiting->given = sc_add_sat_u64(waiting->given, length);
        waiting->taken = sc_max_u64(waiting->taken, waiting->given);
}

bool sc_waiting_put_break(struct sc_waiting *waiting)
{
        if (waiting->break_count == SC_INPUT_BREAKS_MAX)
                return false;
        waiting->breaks[waiting->break_count++] = waiting->taken;
        return true;
}

void sc_waiting_forget_breaks(struct sc_waiting *waiting)
{
        waiting->break_count = 0;
        waiting->breaks_murky_to = sc_add_sat_u64(waiting->taken, 1);
}

uint64_t sc_waiting_next_break(const struct sc_waiting *waiting)
{
        return waiting->break_count > 0 ? waiting->breaks[0] : UINT64_MAX;
}

void sc_waiting_take_break(struct sc_waiting *waiting)
{
        if (waiting->break_count == 0)
                return;
        waiting->break_count--;
        memmove(waiting->breaks, waiting->breaks + 1, waiting->break_count * sizeof(waiting->breaks[0]));
}
