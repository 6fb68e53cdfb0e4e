#include "model/judge/arrivals.h"

#include "model/base/span.h"

static const struct sc_arrival *entry_at(const struct sc_arrivals *arrivals, uint32_t index)
{
        return &arrivals->entries[(arrivals->start + index) % SC_ARRIVALS_MAX];
}

void sc_arrivals_clear(struct sc_arrivals *arrivals)
{
        arrivals->start = 0;
        arrivals->count = 0;
        arrivals->overflown = false;
}

static void forget_oldest(struct sc_arrivals *arrivals)
{
        arrivals->start = (arrivals->start + 1) % SC_ARRIVALS_MAX;
        arrivals->count--;
}

void sc_arrivals_add(struct sc_arrivals *arrivals, uint64_t offset, uint64_t length, uint64_t time_ns)
{
        if (arrivals->count > 0 && offset != arrivals->end)
                sc_arrivals_clear(arrivals);
        arrivals->end = sc_add_sat_u64(offset, length);
        if (arrivals->count > 0 && entry_at(arrivals, arrivals->count - 1)->time_ns >= time_ns)
                return;
        if (arrivals->count == SC_ARRIVALS_MAX) {
                forget_oldest(arrivals);
                arrivals->overflown = true;
        }
        uint32_t last = (arrivals->start + arrivals->count++) % SC_ARRIVALS_MAX;
        arrivals->entries[last] = (struct sc_arrival) { offset, time_ns };
}

void sc_arrivals_forget_below(struct sc_arrivals *arrivals, uint64_t offset, uint64_t apart_ns)
{
        uint64_t time_ns;
        if (!sc_arrivals_at(arrivals, offset, &time_ns))
                return;
        while (arrivals->count > 1 && entry_at(arrivals, 1)->offset <= offset &&
               time_ns - entry_at(arrivals, 0)->time_ns > apart_ns)
                forget_oldest(arrivals);
        arrivals->overflown &= entry_at(arrivals, 0)->offset > offset;
}

/* The first entry beyond `offset`; count: none. */
static uint32_t first_beyond(const struct sc_arrivals *arrivals, uint64_t offset)
{
        uint32_t low = 0, high = arrivals->count;
        while (low < high) {
                uint32_t middle = low + (high - low) / 2;
                if (entry_at(arrivals, middle)->offset <= offset)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

bool sc_arrivals_at(const struct sc_arrivals *arrivals, uint64_t offset, uint64_t *time_ns)
{
        if (arrivals->count == 0 || offset >= arrivals->end)
                return false;
        const struct sc_arrival *newest = entry_at(arrivals, arrivals->count - 1);
        if (newest->offset <= offset) {
                *time_ns = newest->time_ns;
                return true;
        }
        uint32_t beyond = first_beyond(arrivals, offset);
        if (beyond == 0)
                return false;
        *time_ns = entry_at(arrivals, beyond - 1)->time_ns;
        return true;
}

void sc_arrivals_since(const struct sc_arrivals *arrivals, uint64_t time_ns, uint64_t *offset)
{
        uint32_t low = 0, high = arrivals->count;
        while (low < high) {
                uint32_t middle = low + (high - low) / 2;
                if (entry_at(arrivals, middle)->time_ns < time_ns)
                        low = middle + 1;
                else
                        high = middle;
        }
        *offset = low < arrivals->count ? entry_at(arrivals, low)->offset : arrivals->end;
}

uint64_t sc_arrivals_span_ns(const struct sc_arrivals *arrivals)
{
        if (arrivals->count == 0)
                return 0;
        return entry_at(arrivals, arrivals->count - 1)->time_ns - entry_at(arrivals, 0)->time_ns;
}
