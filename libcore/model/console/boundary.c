#include "model/console/boundary.h"

#include "model/base/utf8.h"

uint64_t sc_boundaries_add(struct sc_boundaries *boundaries, enum sc_boundary_kind kind, uint64_t offset,
                           uint64_t now_ns, const void *text, size_t text_length)
{
        SC_ASSERT(text_length <= SC_MARK_BYTES_MAX);

        uint64_t number = ++boundaries->newest;
        struct sc_boundary *boundary = &boundaries->entries[number % SC_BOUNDARIES_MAX];
        *boundary = (struct sc_boundary) {
                .number = number,
                .offset = offset,
                .time_ns = now_ns,
                .kind = (uint8_t)kind,
                .text_length = (uint8_t)text_length,
        };
        if (text_length > 0)
                memcpy(boundary->text, text, text_length);
        return number;
}

uint64_t sc_boundaries_oldest(const struct sc_boundaries *boundaries)
{
        uint64_t kept = sc_min_u64(boundaries->newest - boundaries->forgotten, SC_BOUNDARIES_MAX);
        return boundaries->newest - kept + 1;
}

const struct sc_boundary *sc_boundaries_at(const struct sc_boundaries *boundaries, uint64_t number)
{
        if (number < sc_boundaries_oldest(boundaries) || number > boundaries->newest)
                return NULL;
        return &boundaries->entries[number % SC_BOUNDARIES_MAX];
}

const struct sc_boundary *sc_boundaries_newest_boot(const struct sc_boundaries *boundaries)
{
        for (uint64_t n = boundaries->newest; n >= sc_boundaries_oldest(boundaries); n--) {
                const struct sc_boundary *boundary = sc_boundaries_at(boundaries, n);
                if (boundary->kind == SC_BOUNDARY_UP || boundary->kind == SC_BOUNDARY_RESET)
                        return boundary;
        }
        return NULL;
}

void sc_boundaries_clear(struct sc_boundaries *boundaries)
{
        memset(boundaries->entries, 0, sizeof(boundaries->entries));
        boundaries->forgotten = boundaries->newest;
}

bool sc_mark_is_printable(const uint8_t *text, size_t length)
{
        if (length == 0 || length > SC_MARK_BYTES_MAX)
                return false;
        for (size_t at = 0; at < length;) {
                struct sc_utf8 next = sc_utf8_at(text + at, length - at);
                if (next.kind != SC_UTF8_CHARACTER || sc_utf8_is_control(next.code))
                        return false;
                at += next.length;
        }
        return true;
}
