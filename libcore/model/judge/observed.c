#include "model/judge/observed.h"

#include "model/base/span.h"

#include <string.h>

/* What is looked at, whatever the output looks like. */
#define LOOKS_MAX (UINT64_C(1) << 24)
#define LOOKS_PER_BYTE 256
/* So many bytes are passed at a time where the first one is not among them. */
#define PASSED_PER_LOOK 32

size_t sc_observed_memory_bytes(uint64_t capacity_bytes, uint64_t keep_first_bytes)
{
        return (size_t)(sizeof(struct sc_observed) + capacity_bytes + SC_OBSERVED_SLACK_BYTES +
                        keep_first_bytes + SC_OBSERVED_INPUT_BYTES);
}

void sc_observed_init(struct sc_observed *observed, uint64_t capacity_bytes, uint64_t keep_first_bytes,
                      uint8_t *memory)
{
        observed->ring = memory;
        observed->ring_bytes = capacity_bytes + SC_OBSERVED_SLACK_BYTES;
        observed->first = memory + observed->ring_bytes;
        observed->first_bytes = keep_first_bytes;
        observed->looks = LOOKS_MAX;
        observed->input = observed->first + keep_first_bytes;
}

/* --- output --- */

static void put(uint8_t *ring, uint64_t ring_bytes, uint64_t offset, const uint8_t *bytes, size_t length)
{
        size_t at = (size_t)(offset % ring_bytes);
        size_t before = (size_t)sc_min_u64(length, ring_bytes - at);
        memcpy(ring + at, bytes, before);
        memcpy(ring, bytes + before, length - before);
}

void sc_observed_say(struct sc_observed *observed, uint64_t offset, const uint8_t *bytes, size_t length)
{
        if (offset != observed->head)
                observed->from = offset; /* a hole: what is before it does not follow on */
        if (length > UINT64_MAX - offset)
                return;
        if (offset < observed->first_bytes)
                memcpy(observed->first + offset, bytes,
                       (size_t)sc_min_u64(length, observed->first_bytes - offset));
        put(observed->ring, observed->ring_bytes, offset, bytes, length);
        observed->head = offset + length;
        if (observed->head - observed->from > observed->ring_bytes)
                observed->from = observed->head - observed->ring_bytes;
}

bool sc_observed_has(const struct sc_observed *observed, uint64_t offset)
{
        return offset < observed->head && (offset >= observed->from || offset < observed->first_bytes);
}

uint8_t sc_observed_byte(const struct sc_observed *observed, uint64_t offset)
{
        if (offset < observed->first_bytes)
                return observed->first[offset];
        return observed->ring[offset % observed->ring_bytes];
}

static size_t common(const uint8_t *a, const uint8_t *b, size_t length)
{
        if (memcmp(a, b, length) == 0)
                return length;
        size_t same = 0;
        while (a[same] == b[same])
                same++;
        return same;
}

/* The bytes from `place` on, which is in the copy, as far as they lie side by side. */
static struct sc_span side_by_side(const struct sc_observed *observed, uint64_t place)
{
        bool early = place < observed->first_bytes;
        uint64_t at = early ? place : place % observed->ring_bytes;
        uint64_t end = early ? observed->first_bytes : place + (observed->ring_bytes - at);
        return (struct sc_span) { (early ? observed->first : observed->ring) + at,
                                  (size_t)(sc_min_u64(end, observed->head) - place) };
}

size_t sc_observed_match(const struct sc_observed *observed, uint64_t offset, const uint8_t *bytes,
                         size_t length)
{
        size_t same = 0;
        while (same < length && sc_observed_has(observed, offset + same)) {
                struct sc_span copy = side_by_side(observed, offset + same);
                size_t part = (size_t)sc_min_u64(length - same, copy.length);
                size_t equal = common(copy.bytes, bytes + same, part);
                same += equal;
                if (equal < part)
                        break;
        }
        return same;
}

void sc_observed_allow(struct sc_observed *observed, uint64_t bytes)
{
        bytes = sc_min_u64(bytes, LOOKS_MAX / LOOKS_PER_BYTE);
        observed->looks = sc_min_u64(observed->looks + bytes * LOOKS_PER_BYTE, LOOKS_MAX);
}

uint64_t sc_observed_find(struct sc_observed *observed, struct sc_stretch range, const uint8_t *bytes,
                          size_t length)
{
        for (uint64_t place = range.from; place <= range.to && observed->looks > 0; place++) {
                if (!sc_observed_has(observed, place)) {
                        if (place >= observed->head)
                                break;
                        place = sc_max_u64(place, observed->from) - 1; /* on with the ring */
                        continue;
                }
                struct sc_span copy = side_by_side(observed, place);
                size_t part = (size_t)sc_min_u64(copy.length - 1, range.to - place) + 1;
                const uint8_t *first = memchr(copy.bytes, bytes[0], part);
                size_t passed = first ? (size_t)(first - copy.bytes) : part - 1;
                observed->looks -= sc_min_u64(observed->looks, 1 + passed / PASSED_PER_LOOK);
                place += passed;
                if (!first)
                        continue;
                size_t same = sc_observed_match(observed, place, bytes, length);
                if (same == length)
                        return place;
                observed->looks = sc_sub_sat_u64(observed->looks, same);
        }
        return UINT64_MAX;
}

/* --- input --- */

void sc_observed_type(struct sc_observed *observed, uint64_t client, const uint8_t *bytes, uint64_t length)
{
        bool alone = observed->input_sent == observed->input_got || observed->input_client == client;
        bool fits =
                length <= sc_sub_sat_u64(SC_OBSERVED_INPUT_BYTES, observed->input_sent - observed->input_got);
        observed->input_client = alone && fits ? client : 0;
        if (bytes && fits)
                put(observed->input, SC_OBSERVED_INPUT_BYTES, observed->input_sent, bytes, (size_t)length);
        observed->input_sent = sc_add_sat_u64(observed->input_sent, length);
}

size_t sc_observed_match_input(const struct sc_observed *observed, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (observed->input[(observed->input_got + i) % SC_OBSERVED_INPUT_BYTES] != bytes[i])
                        return i;
        return length;
}

void sc_observed_reject(struct sc_observed *observed, const uint8_t *bytes, size_t length, bool viewer)
{
        length = (size_t)sc_min_u64(length, SC_OBSERVED_UNWANTED_BYTES);
        if (length > SC_OBSERVED_UNWANTED_BYTES - observed->unwanted_length)
                observed->unwanted_length = 0;
        memcpy(observed->unwanted + observed->unwanted_length, bytes, length);
        observed->unwanted_length += length;
        observed->unwanted_of_viewer = viewer;
}

bool sc_observed_is_rejected(const struct sc_observed *observed, const uint8_t *bytes, size_t length)
{
        for (size_t at = 0; length > 0 && at + length <= observed->unwanted_length; at++)
                if (memcmp(observed->unwanted + at, bytes, length) == 0)
                        return true;
        return false;
}
