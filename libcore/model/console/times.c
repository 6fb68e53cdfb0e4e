#include "model/console/times.h"

#include <string.h>

/* Below this many entries the resolution is halved again. */
#define ENTRIES_FEW (SC_TIMES_ENTRIES_MAX / 4)

void sc_times_init(struct sc_times *times, struct sc_times_entry *entries)
{
        *times = (struct sc_times) { .entries = entries, .resolution_ns = SC_TIMES_RESOLUTION_NS };
}

static struct sc_times_entry *entry_at(const struct sc_times *times, uint32_t index)
{
        return &times->entries[(times->start + index) % SC_TIMES_ENTRIES_MAX];
}

/* Each entry that stays takes in those behind it whose bytes all arrived within the resolution of its first. */
static void merge_near(struct sc_times *times)
{
        uint32_t kept = 0;
        for (uint32_t i = 1; i < times->count; i++) {
                struct sc_times_entry *into = entry_at(times, kept);
                const struct sc_times_entry *entry = entry_at(times, i);
                if (entry->last_ns - into->first_ns < times->resolution_ns)
                        into->last_ns = entry->last_ns;
                else
                        *entry_at(times, ++kept) = *entry;
        }
        times->count = kept + 1;
}

void sc_times_add(struct sc_times *times, uint64_t offset, uint64_t now_ns)
{
        if (times->count > 0) {
                struct sc_times_entry *newest = entry_at(times, times->count - 1);
                SC_ASSERT(newest->offset <= offset);
                SC_ASSERT(newest->last_ns <= now_ns);
                if (now_ns - newest->first_ns < times->resolution_ns) {
                        newest->last_ns = now_ns;
                        return;
                }
        }
        while (times->count == SC_TIMES_ENTRIES_MAX) {
                times->resolution_ns *= 2;
                merge_near(times);
        }
        *entry_at(times, times->count++) = (struct sc_times_entry) { offset, now_ns, now_ns };
}

void sc_times_forget_below(struct sc_times *times, uint64_t offset)
{
        while (times->count > 1 && entry_at(times, 1)->offset <= offset) {
                times->start = (times->start + 1) % SC_TIMES_ENTRIES_MAX;
                times->count--;
        }
        if (times->count <= ENTRIES_FEW && times->resolution_ns > SC_TIMES_RESOLUTION_NS)
                times->resolution_ns /= 2;
}

void sc_times_clear(struct sc_times *times)
{
        memset(times->entries, 0, SC_TIMES_ENTRIES_MAX * sizeof(times->entries[0]));
        sc_times_init(times, times->entries);
}

/* The index of the first entry whose offset is above `offset`; count when there is none. */
static uint32_t first_beyond_offset(const struct sc_times *times, uint64_t offset)
{
        uint32_t low = 0;
        uint32_t high = times->count;
        while (low < high) {
                uint32_t middle = low + (high - low) / 2;
                if (entry_at(times, middle)->offset <= offset)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct sc_time_range sc_times_at(const struct sc_times *times, uint64_t offset)
{
        uint32_t beyond = first_beyond_offset(times, offset);
        SC_ASSERT(beyond > 0);

        return (struct sc_time_range) {
                .time_ns = entry_at(times, beyond - 1)->first_ns,
                .end = beyond < times->count ? entry_at(times, beyond)->offset : UINT64_MAX,
        };
}

uint64_t sc_times_offset_since(const struct sc_times *times, uint64_t time_ns)
{
        /* An entry that began earlier may hold bytes of that time: asked for too much beats too little. */
        for (uint32_t i = 0; i < times->count; i++)
                if (entry_at(times, i)->last_ns >= time_ns)
                        return entry_at(times, i)->offset;
        return UINT64_MAX;
}

uint64_t sc_times_resolution_ns(const struct sc_times *times)
{
        uint64_t resolution_ns = times->resolution_ns;
        for (uint32_t i = 0; i < times->count; i++) {
                const struct sc_times_entry *entry = entry_at(times, i);
                resolution_ns = sc_max_u64(resolution_ns, entry->last_ns - entry->first_ns);
        }
        return resolution_ns;
}
