#include "model/judge/received.h"

#include "model/judge/observed.h"

#include <string.h>

#define NONE SC_RECORD_UNKNOWN

/* So many equal bytes prove a place. */
#define PROOF_BYTES 32
/* Fewer bytes may be found anywhere. */
#define PLACED_SURELY_BY 8
/* So many bytes side by side may be altered. */
#define ALTERED_MAX 16
/* In one record, before its place is given up. */
#define HOLES_MAX 64

static_assert(PROOF_BYTES + ALTERED_MAX <= SC_PENDING_BYTES, "what waits can prove a place");

static void keep_pending(struct sc_seat *seat, const uint8_t *bytes, size_t length)
{
        memcpy(seat->pending + seat->pending_length, bytes, length);
        seat->pending_length += length;
}

static void lose(struct sc_judge *judge, struct sc_seat *seat, uint64_t length)
{
        seat->adrift = true;
        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, length);
}

/* --- bytes that are not where they are expected --- */

/* They were where they were expected. */
static void remember(struct sc_seat *seat, const uint8_t *bytes, size_t length)
{
        size_t new_bytes = (size_t)sc_min_u64(length, SC_BEFORE_BYTES);
        size_t old_bytes = (size_t)sc_min_u64(seat->before_length, SC_BEFORE_BYTES - new_bytes);
        memmove(seat->before, seat->before + seat->before_length - old_bytes, old_bytes);
        memcpy(seat->before + old_bytes, bytes + length - new_bytes, new_bytes);
        seat->before_length = old_bytes + new_bytes;
}

/* How many of the last bytes that fitted are those before `place` as well: the hole may be that much earlier. */
static size_t steps_back(const struct sc_observed *observed, uint64_t place, const struct sc_seat *seat)
{
        size_t steps = 0;
        while (steps < seat->before_length && place > steps &&
               sc_observed_match(observed, place - steps - 1, seat->before + seat->before_length - steps - 1,
                                 1) == 1)
                steps++;
        return steps;
}

/* Where the rest, which begins at `at`, goes on behind a hole that an overflow can have made. */
static uint64_t behind_overflow(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes,
                                size_t length, size_t at)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t tail = sc_received_tail_max(scene, scene->extent.head);
        size_t part = (size_t)sc_min_u64(length - at, SC_PENDING_BYTES);
        struct sc_stretch range = { seat->position + 1, sc_add_sat_u64(tail, seat->before_length) };
        uint64_t place = sc_observed_find(judge->observed, range, bytes + at, part);
        while (place == UINT64_MAX && part > PLACED_SURELY_BY) { /* there may be another hole soon */
                part /= 2;
                place = sc_observed_find(judge->observed, range, bytes + at, part);
        }
        if (place == UINT64_MAX || place - steps_back(judge->observed, place, seat) > tail)
                return UINT64_MAX;
        range.from = place + 1;
        if (part < PLACED_SURELY_BY ||
            sc_observed_find(judge->observed, range, bytes + at, part) != UINT64_MAX) {
                seat->guessed = true;
                sc_rules_unjudged(judge, SC_UNJUDGED_PLACE, 1);
        }
        return place;
}

/* Where the bytes may go on that do not go on where they are expected, and what is wrong then. */
struct resumption {
        uint64_t place; /* UINT64_MAX: nowhere */
        size_t skipped; /* bytes that were altered */
        size_t same;    /* equal bytes behind them */
        const char *what;
};

static struct resumption behind_altered(const struct sc_observed *observed, uint64_t expected,
                                        const uint8_t *bytes, size_t length)
{
        struct resumption found = { .place = UINT64_MAX, .what = "another byte is received than was said" };
        for (size_t skipped = 1; skipped <= ALTERED_MAX && skipped <= length; skipped++) {
                uint64_t place = sc_add_sat_u64(expected, skipped);
                size_t same = sc_observed_match(observed, place, bytes + skipped, length - skipped);
                bool to_the_end = same == length - skipped || place + same >= observed->head;
                if (place <= observed->head && (same >= PROOF_BYTES || to_the_end))
                        return (struct resumption) { place, skipped, same, found.what };
        }
        return found;
}

/* The nearest of them, about. */
static uint64_t find_before(struct sc_observed *observed, uint64_t expected, const uint8_t *bytes,
                            size_t length)
{
        uint64_t lowest = observed->first_bytes > 0 ? 0 : observed->from;
        if (expected == 0)
                return UINT64_MAX;
        for (uint64_t back = SC_PENDING_BYTES;; back = back > UINT64_MAX / 16 ? UINT64_MAX : back * 16) {
                struct sc_stretch range = { sc_max_u64(lowest, sc_sub_sat_u64(expected, back)),
                                            expected - 1 };
                uint64_t place = sc_observed_find(observed, range, bytes, length);
                if (place != UINT64_MAX || range.from <= lowest)
                        return place;
        }
}

static struct resumption elsewhere(struct sc_observed *observed, uint64_t expected, const uint8_t *bytes,
                                   size_t length)
{
        size_t part = (size_t)sc_min_u64(length, SC_PENDING_BYTES);
        struct sc_stretch beyond = { expected, observed->head };
        struct resumption found = { .what = "a byte is received twice" };
        found.place = find_before(observed, expected, bytes, part);
        if (found.place == UINT64_MAX) {
                found.what = "a byte is not received, and it was not overwritten";
                found.place = sc_observed_find(observed, beyond, bytes, part);
        }
        if (found.place != UINT64_MAX)
                found.same = sc_observed_match(observed, found.place, bytes, length);
        return found;
}

static struct resumption resume(struct sc_observed *observed, uint64_t expected, const uint8_t *bytes,
                                size_t length)
{
        struct resumption altered = behind_altered(observed, expected, bytes, length);
        bool whole = altered.place != UINT64_MAX && altered.skipped + altered.same == length;
        if (whole && altered.same >= PROOF_BYTES)
                return altered;
        if (length < PROOF_BYTES) { /* nothing is proven: what is least strange */
                uint64_t last = sc_sub_sat_u64(observed->head, length);
                if (whole && 2 * altered.skipped <= length)
                        return altered;
                if (last > expected && sc_observed_match(observed, last, bytes, length) == length)
                        return (struct resumption) { last, 0, length,
                                                     "a byte is not received, and it was not overwritten" };
                if (altered.place != UINT64_MAX)
                        return altered;
        }
        struct resumption other = elsewhere(observed, expected, bytes, length);
        bool is_better = other.place != UINT64_MAX && other.same > altered.same;
        return altered.place == UINT64_MAX || is_better ? other : altered;
}

/* Says what is wrong with the rest, and where it goes on: `*at`. False: nowhere. */
static bool explain(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes, size_t length,
                    size_t *at)
{
        uint64_t expected = seat->position;
        uint64_t place = behind_overflow(judge, seat, bytes, length, *at);
        if (place != UINT64_MAX) {
                if (expected < judge->scene->extent.keep_first_bytes && sc_received_is_sure(judge, seat))
                        sc_rules_blame(judge, 15, seat, expected, expected, place,
                                       "a byte of the kept beginning is not received");
                if (judge->scene->config.capacity_bytes == NONE)
                        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, place - expected);
                seat->position = place;
                return true;
        }
        struct resumption found = resume(judge->observed, expected, bytes + *at, length - *at);
        uint8_t said = sc_observed_byte(judge->observed, expected);
        bool proven = found.place != UINT64_MAX && found.same >= PROOF_BYTES;
        /* Of a client that was overtaken again and again, a few bytes each time, nothing can be said. */
        seat->guessed |= !proven && expected < sc_received_tail_max(judge->scene, judge->scene->extent.head);
        if (!sc_received_is_sure(judge, seat))
                sc_rules_unjudged(judge, SC_UNJUDGED_PLACE, 1);
        else if (found.place == UINT64_MAX)
                sc_rules_blame_byte(judge, 3, seat, expected, said, bytes[*at],
                                    "a byte is received that was not said there");
        else if (found.skipped > 0)
                sc_rules_blame_byte(judge, 3, seat, expected, said, bytes[*at], found.what);
        else
                sc_rules_blame(judge, 3, seat, expected, expected, found.place, found.what);
        if (found.place == UINT64_MAX)
                return false;
        seat->position = found.place;
        *at += found.skipped;
        return true;
}

/* --- bytes beyond what was said --- */

/* Said once of each client: an observer that writes what comes out before what goes in does so each time. */
static void run_ahead(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes, size_t length)
{
        if (!seat->ahead_reported && sc_received_is_sure(judge, seat)) {
                bool twice = length >= PROOF_BYTES &&
                             find_before(judge->observed, seat->position, bytes, length) != UINT64_MAX;
                sc_rules_blame(judge, 3, seat, seat->position, NONE, NONE,
                               twice ? "a byte is received twice"
                                     : "a byte is received that was not said yet");
                seat->ahead_reported = true;
        }
        seat->ahead_bytes = sc_add_sat_u64(seat->ahead_bytes, length);
        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, length);
}

/* More was said since: what it was ahead with, as far as the next bytes fit behind that; else it was never said. */
static void fall_in(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes, size_t length)
{
        const struct sc_observed *observed = judge->observed;
        uint64_t head = judge->scene->extent.head;
        uint64_t over = sc_add_sat_u64(seat->position, seat->ahead_bytes);
        size_t same = sc_observed_match(observed, seat->position, bytes, length);
        if (over > head) {
                if (same < length || length == 0) {
                        seat->ahead_bytes = over - head;
                        seat->position = head;
                        return;
                }
        } else {
                size_t part = (size_t)sc_min_u64(length, head - over);
                size_t same_over = sc_observed_match(observed, over, bytes, part);
                if ((part > 0 && same_over >= same) || (same_over == part && same < length) || length == 0)
                        seat->position = over;
        }
        seat->ahead_bytes = 0;
}

/* --- the bytes of one client --- */

/* The next bytes of a client whose place is known. Where too few are left to say what is wrong, they wait; `all`: there
 * are no more. */
static void follow(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes, size_t length,
                   bool all)
{
        uint64_t head = judge->scene->extent.head;
        size_t at = 0;
        if (seat->ahead_bytes > 0 && seat->position < head)
                fall_in(judge, seat, bytes, length);
        for (unsigned holes = 0; at < length; holes++) {
                if (seat->position < head && !sc_observed_has(judge->observed, seat->position)) {
                        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, length - at);
                        seat->position += length - at;
                        return;
                }
                size_t same = sc_observed_match(judge->observed, seat->position, bytes + at, length - at);
                remember(seat, bytes + at, same);
                seat->position += same;
                at += same;
                if (at == length)
                        return;
                if (seat->position >= head) {
                        run_ahead(judge, seat, bytes + at, length - at);
                        return;
                }
                if (!all && length - at < SC_PENDING_BYTES) {
                        keep_pending(seat, bytes + at, length - at);
                        return;
                }
                if (holes == HOLES_MAX || !explain(judge, seat, bytes, length, &at)) {
                        lose(judge, seat, length - at);
                        return;
                }
        }
}

/* Finds a lost client again. */
static void find_again(struct sc_judge *judge, struct sc_seat *seat)
{
        struct sc_observed *observed = judge->observed;
        struct sc_stretch beyond = { seat->position, judge->scene->extent.head };
        uint64_t place = sc_observed_find(observed, beyond, seat->pending, seat->pending_length);
        if (place == UINT64_MAX)
                place = find_before(observed, seat->position, seat->pending, seat->pending_length);
        if (place == UINT64_MAX)
                return;
        beyond.from = place + 1;
        seat->guessed |=
                sc_observed_find(observed, beyond, seat->pending, seat->pending_length) != UINT64_MAX;
        seat->position = place;
        seat->placed = true;
        seat->adrift = false;
}

/* As many bytes wait as are to, or all that there are. */
static void take_pending(struct sc_judge *judge, struct sc_seat *seat, bool all)
{
        uint8_t bytes[SC_PENDING_BYTES];
        size_t length = seat->pending_length;
        bool found = seat->placed && !seat->adrift;
        if (seat->adrift) {
                if (length == SC_PENDING_BYTES)
                        find_again(judge, seat);
                found = !seat->adrift;
        } else if (!seat->placed) {
                found = sc_received_place(judge, seat);
        }
        memcpy(bytes, seat->pending, length);
        seat->pending_length = 0;
        if (found)
                follow(judge, seat, bytes, length, all);
        else
                lose(judge, seat, length);
}

static void receive_raw(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes, size_t length)
{
        seat->got_any = true;
        while (length > 0 && (!seat->placed || seat->adrift || seat->pending_length > 0)) {
                size_t part = (size_t)sc_min_u64(length, SC_PENDING_BYTES - seat->pending_length);
                keep_pending(seat, bytes, part);
                bytes += part;
                length -= part;
                if (seat->pending_length < SC_PENDING_BYTES)
                        return;
                take_pending(judge, seat, false);
        }
        follow(judge, seat, bytes, length, false);
}

/* A native client is told where its bytes belong. */
static void receive_native(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record)
{
        uint64_t offset = record->received.offset;
        uint64_t end = sc_add_sat_u64(offset, record->length);
        bool sure = sc_received_is_sure(judge, seat);
        seat->got_any = true;
        if (seat->placed && offset != seat->position && sure)
                sc_rules_blame(judge, 3, seat, offset, seat->position, offset,
                               offset < seat->position ? "a byte is received twice"
                                                       : "a byte is not received, and no gap was told");
        seat->position = end;
        seat->begin = end;
        seat->placed = true;
        if (judge->scene->config.kind == SC_TRACE_CLIENT) {
                sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, record->length);
                return;
        }
        size_t same = 0;
        if (sc_observed_has(judge->observed, offset))
                same = sc_observed_match(judge->observed, offset, record->bytes, record->length);
        uint64_t place = sc_add_sat_u64(offset, same);
        if (same == record->length)
                return;
        if (sc_observed_has(judge->observed, place)) {
                if (sure)
                        sc_rules_blame_byte(judge, 3, seat, place, sc_observed_byte(judge->observed, place),
                                            record->bytes[same], "another byte is received than was said");
                return;
        }
        if (place >= judge->scene->extent.head && sure && !seat->ahead_reported) {
                seat->ahead_reported = true;
                sc_rules_blame(judge, 3, seat, place, NONE, NONE, "a byte is received that was not said yet");
        }
        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, record->length - same);
}

/* What one client has received the console has taken in. */
static void note_received(struct sc_judge *judge, const struct sc_seat *seat)
{
        struct sc_observed *observed = judge->observed;
        uint64_t head = judge->scene->extent.head;
        if (seat->adrift || !sc_received_is_sure(judge, seat)) {
                if (!sc_seat_is_viewer(seat)) /* it may have received all */
                        observed->received_to = head;
                return;
        }
        if (!seat->placed) { /* its first bytes may be the last of those that it can have */
                uint64_t most = sc_add_sat_u64(sc_received_places(judge, seat).to, seat->pending_length);
                if (seat->pending_length > 0 && !sc_seat_is_viewer(seat))
                        observed->received_to = sc_max_u64(observed->received_to, sc_min_u64(most, head));
                return;
        }
        observed->scene->taken_in = sc_max_u64(judge->scene->taken_in, sc_min_u64(seat->position, head));
        if (!sc_seat_is_viewer(seat))
                observed->received_to = sc_max_u64(observed->received_to, seat->position);
}

void sc_received_settle(struct sc_judge *judge, struct sc_seat *seat)
{
        if (seat->pending_length > 0)
                take_pending(judge, seat, true);
        if (seat->placed && seat->ahead_bytes > 0 && seat->position < judge->scene->extent.head)
                fall_in(judge, seat, NULL, 0);
        note_received(judge, seat);
}

void sc_received_take(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record)
{
        seat->quiet_reported = false;
        sc_observed_allow(judge->observed, record->length);
        if (record->received.offset == NONE && judge->scene->config.kind == SC_TRACE_OBSERVER)
                receive_raw(judge, seat, record->bytes, record->length);
        else if (record->received.offset != NONE)
                receive_native(judge, seat, record);
        else
                sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, record->length);
        note_received(judge, seat);
}
