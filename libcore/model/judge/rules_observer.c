#include "model/judge/begin.h"
#include "model/judge/observed.h"
#include "model/judge/rules.h"

/* An observer's trace: the same rules, by the bytes that went in and came out. What happens inside the console is not
 * seen, nor when: it has taken in what was said before the last quiet, and perhaps more. */

#define NONE SC_RECORD_UNKNOWN

/* --- where a client may be --- */

static uint64_t tail_at(const struct sc_scene *scene, uint64_t head)
{
        return head - sc_min_u64(head, scene->extent.capacity_bytes);
}

/* Where its first byte may come from. */
static struct sc_stretch places_of(const struct sc_judge *judge, const struct sc_seat *seat)
{
        const struct sc_scene *scene = &judge->scene;
        uint64_t head = scene->extent.head, wanted;
        struct sc_stretch tails = { tail_at(scene, seat->came_taken), tail_at(scene, head) };
        uint64_t lowest = scene->extent.keep_first_bytes > 0 ? 0 : tails.from;

        switch (scene->config.history) {
        case SC_HISTORY_ALL:
                if (scene->extent.keep_first_bytes > 0)
                        return (struct sc_stretch) { 0, 0 };
                return tails;
        case SC_HISTORY_NONE:
                return (struct sc_stretch) { seat->came_taken, head };
        case SC_HISTORY_BOOT:
                if (!sc_begin_of_policy(scene, &wanted))
                        break;
                return (struct sc_stretch) { sc_min_u64(wanted, tails.from), sc_max_u64(wanted, tails.to) };
        case SC_HISTORY_UNREAD:
                return (struct sc_stretch) { sc_max_u64(lowest, seat->came_settled),
                                             sc_max_u64(tails.to, judge->observed->received_to) };
        case SC_HISTORY_LAST:
                wanted = head - sc_min_u64(head, scene->config.history_bytes);
                return (struct sc_stretch) {
                        lowest, sc_max_u64(tails.to, sc_min_u64(wanted, judge->observed->received_to))
                };
        default:
                break;
        }
        return (struct sc_stretch) { lowest, head };
}

/* Its place is known, and all that was said. */
static bool is_sure(const struct sc_judge *judge, const struct sc_seat *seat)
{
        return !seat->guessed && !seat->vague && judge->summary.unjudged[SC_UNJUDGED_MISSING] == 0;
}

static void settle(struct sc_seat *seat, uint64_t position)
{
        seat->position = position;
        seat->begin = position;
        seat->placed = true;
}

/* --- bytes that are not where they are expected --- */

/* How many bytes before `bytes` + `at` are those before `place` as well: the hole may be that much earlier. */
static size_t steps_back(const struct sc_observed *observed, uint64_t place, const uint8_t *bytes, size_t at)
{
        size_t steps = 0;
        while (steps < at && place > steps &&
               sc_observed_match(observed, place - steps - 1, bytes + at - steps - 1, 1) == 1)
                steps++;
        return steps;
}

/* Fewer bytes may be found anywhere. */
#define PLACED_SURELY_BY 8

/* Where the rest, which begins at `at`, goes on behind a hole that an overflow can have made. */
static uint64_t behind_overflow(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes,
                                size_t length, size_t at)
{
        const struct sc_scene *scene = &judge->scene;
        uint64_t tail = tail_at(scene, scene->extent.head);
        size_t part = (size_t)sc_min_u64(length - at, SC_PENDING_BYTES);
        struct sc_stretch range = { seat->position + 1, sc_extent_add(tail, at) };
        uint64_t place = sc_observed_find(judge->observed, range, bytes + at, part);
        if (place == UINT64_MAX || place - steps_back(judge->observed, place, bytes, at) > tail)
                return UINT64_MAX;
        range.from = place + 1;
        if (part < PLACED_SURELY_BY ||
            sc_observed_find(judge->observed, range, bytes + at, part) != UINT64_MAX) {
                seat->guessed = true;
                sc_rules_unjudged(judge, SC_UNJUDGED_PLACE, 1);
        }
        return place;
}

static void lose(struct sc_judge *judge, struct sc_seat *seat, uint64_t length)
{
        seat->adrift = true;
        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, length);
}

/* Says what is wrong with the rest, and where it goes on. False: nowhere. */
static bool explain(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes, size_t length,
                    size_t at)
{
        uint64_t expected = seat->position;
        uint64_t place = behind_overflow(judge, seat, bytes, length, at);
        if (place != UINT64_MAX) {
                seat->position = place;
                return true;
        }
        size_t part = (size_t)sc_min_u64(length - at, SC_PENDING_BYTES);
        struct sc_stretch before = { judge->observed->from, expected - sc_min_u64(expected, 1) };
        struct sc_stretch beyond = { expected, judge->scene.extent.head };
        const char *what = "a byte is received twice";
        place = sc_observed_find(judge->observed, before, bytes + at, part);
        if (place == UINT64_MAX) {
                what = "a byte is not received, and it was not overwritten";
                place = sc_observed_find(judge->observed, beyond, bytes + at, part);
        }
        if (place == UINT64_MAX)
                what = "a byte is received that was not said there";
        if (is_sure(judge, seat))
                sc_rules_blame(judge, 3, seat, expected, expected, place, what);
        else
                sc_rules_unjudged(judge, SC_UNJUDGED_PLACE, 1);
        if (place != UINT64_MAX)
                seat->position = place;
        return place != UINT64_MAX;
}

/* In one record, before its place is given up. */
#define HOLES_MAX 4

/* The next bytes of a client whose place is known. */
static void follow(struct sc_judge *judge, struct sc_seat *seat, const uint8_t *bytes, size_t length)
{
        size_t at = 0;
        for (unsigned holes = 0; at < length; holes++) {
                if (seat->position < judge->scene.extent.head &&
                    !sc_observed_has(judge->observed, seat->position)) {
                        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, length - at);
                        seat->position += length - at;
                        return;
                }
                size_t same = sc_observed_match(judge->observed, seat->position, bytes + at, length - at);
                seat->position += same;
                at += same;
                if (at < length && (holes == HOLES_MAX || !explain(judge, seat, bytes, length, at))) {
                        lose(judge, seat, length - at);
                        return;
                }
        }
}

/* --- where a client begins --- */

static void blame_place(struct sc_judge *judge, struct sc_seat *seat, struct sc_stretch places,
                        uint64_t place)
{
        uint64_t history = judge->scene.config.history;
        if (!is_sure(judge, seat))
                return;
        if (place == UINT64_MAX)
                sc_rules_blame(judge, 1, seat, places.from, places.from, NONE,
                               "a client begins with bytes that were not said");
        else if (place < places.from && (history == SC_HISTORY_ALL || history == SC_HISTORY_BOOT))
                sc_rules_blame(judge, 4, seat, place, places.from, place,
                               "a client gets bytes that do not fit into the ring any more");
        else if (place > places.to && history == SC_HISTORY_ALL)
                sc_rules_blame(judge, 1, seat, places.to, places.to, place,
                               "a client that came is not given all that is kept");
        else if (place > places.to && history == SC_HISTORY_UNREAD)
                sc_rules_blame(judge, 8, seat, places.to, places.to, place,
                               "bytes that nobody has read are not given to the next client");
        else
                sc_rules_blame(judge, 7, seat, place, places.from, place,
                               "a stream begins elsewhere than where it is to");
}

/* Fewer fit too many places; but a kept beginning may be no longer than a byte. */
#define PLACED_BY_MIN 16

static void place_first(struct sc_judge *judge, struct sc_seat *seat)
{
        struct sc_stretch places = places_of(judge, seat);
        size_t length = seat->pending_length;
        uint64_t place = sc_observed_find(judge->observed, places, seat->pending, length);
        size_t shortest = judge->scene.extent.keep_first_bytes > 0 ? 1 : PLACED_BY_MIN;
        while (place == UINT64_MAX && length > shortest) { /* a hole may be among them */
                length /= 2;
                place = sc_observed_find(judge->observed, places, seat->pending, length);
        }
        if (place != UINT64_MAX && places.from < places.to) {
                struct sc_stretch rest = { place + 1, places.to };
                seat->guessed = (length < PLACED_BY_MIN && length < seat->pending_length) ||
                                sc_observed_find(judge->observed, rest, seat->pending, length) != UINT64_MAX;
                if (seat->guessed)
                        sc_rules_unjudged(judge, SC_UNJUDGED_PLACE, 1);
        }
        if (place == UINT64_MAX && places.from == places.to &&
            sc_observed_match(judge->observed, places.from, seat->pending, length) > 0) {
                settle(seat, places.from); /* a hole is among the first bytes */
        } else if (place == UINT64_MAX) {
                struct sc_stretch all = { 0, judge->scene.extent.head };
                place = sc_observed_find(judge->observed, all, seat->pending, length);
                blame_place(judge, seat, places, place);
                if (place == UINT64_MAX) {
                        lose(judge, seat, length);
                        seat->pending_length = 0;
                        return;
                }
                settle(seat, place);
        } else {
                settle(seat, place);
        }
        length = seat->pending_length;
        seat->pending_length = 0;
        follow(judge, seat, seat->pending, length);
}

/* What one client has received the console has taken in. */
static void note_received(struct sc_judge *judge, const struct sc_seat *seat)
{
        if (seat->adrift || !is_sure(judge, seat)) {
                if (!sc_seat_is_viewer(seat)) /* it may have received all */
                        judge->observed->received_to = judge->scene.extent.head;
                return;
        }
        if (!seat->placed) { /* its first bytes may be the last of those that it can have */
                uint64_t most = sc_extent_add(places_of(judge, seat).to, seat->pending_length);
                if (seat->pending_length > 0 && !sc_seat_is_viewer(seat))
                        judge->observed->received_to = sc_max_u64(judge->observed->received_to,
                                                                  sc_min_u64(most, judge->scene.extent.head));
                return;
        }
        judge->scene.taken_in = sc_max_u64(judge->scene.taken_in, seat->position);
        if (!sc_seat_is_viewer(seat))
                judge->observed->received_to = sc_max_u64(judge->observed->received_to, seat->position);
}

static void receive_raw(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record)
{
        const uint8_t *bytes = record->bytes;
        size_t length = record->length;
        seat->got_any = true;
        if (!seat->placed) {
                size_t part = (size_t)sc_min_u64(length, SC_PENDING_BYTES - seat->pending_length);
                memcpy(seat->pending + seat->pending_length, bytes, part);
                seat->pending_length += part;
                if (seat->pending_length < SC_PENDING_BYTES)
                        return;
                place_first(judge, seat);
                bytes += part;
                length -= part;
        }
        if (seat->adrift)
                sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, length);
        else
                follow(judge, seat, bytes, length);
}

/* A native client is told where its bytes belong. */
static void receive_native(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record)
{
        uint64_t offset = record->received.offset;
        seat->got_any = true;
        if (seat->placed && offset != seat->position && is_sure(judge, seat))
                sc_rules_blame(judge, 3, seat, offset, seat->position, offset,
                               offset < seat->position ? "a byte is received twice"
                                                       : "a byte is not received, and no gap was told");
        settle(seat, sc_extent_add(offset, record->length));
        if (judge->scene.config.kind == SC_TRACE_CLIENT || !sc_observed_has(judge->observed, offset)) {
                sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, record->length);
                return;
        }
        size_t same = sc_observed_match(judge->observed, offset, record->bytes, record->length);
        if (same < record->length && is_sure(judge, seat))
                sc_rules_blame(judge, 3, seat, offset + same, NONE, record->bytes[same],
                               "a byte is received that was not said there");
}

static void judge_received(struct sc_judge *judge, const struct sc_record *record)
{
        struct sc_seat *seat = sc_scene_seat(&judge->scene, record);
        if (!seat)
                return;
        seat->quiet_reported = false;
        if (record->received.offset == NONE && judge->scene.config.kind == SC_TRACE_OBSERVER)
                receive_raw(judge, seat, record);
        else if (record->received.offset != NONE)
                receive_native(judge, seat, record);
        else
                sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, record->length);
        note_received(judge, seat);
}

static void judge_gap(struct sc_judge *judge, const struct sc_record_gap *gap, struct sc_seat *seat)
{
        const struct sc_scene *scene = &judge->scene;
        if (gap->to <= gap->from)
                sc_rules_blame(judge, 6, seat, gap->from, NONE, NONE, "a gap is empty");
        else if (!seat || !is_sure(judge, seat))
                return;
        else if (sc_rules_follows(seat) && gap->from != seat->position)
                sc_rules_blame(judge, 6, seat, gap->from, seat->position, gap->from,
                               "a gap is not where the client is");
        else if (scene->config.kind == SC_TRACE_OBSERVER && gap->kind == SC_GAP_OVERWRITTEN &&
                 gap->to > tail_at(scene, scene->extent.head))
                sc_rules_blame(judge, 6, seat, gap->to, tail_at(scene, scene->extent.head), gap->to,
                               "a gap is told for bytes that are retained");
        else if (scene->config.kind == SC_TRACE_OBSERVER && gap->kind == SC_GAP_OVERWRITTEN &&
                 gap->from < scene->extent.keep_first_bytes)
                sc_rules_blame(judge, 15, seat, gap->from, NONE, NONE,
                               "a byte of the kept beginning is said to be gone");
}

/* --- when all has come --- */

static void judge_quiet_client(struct sc_judge *judge, struct sc_seat *seat)
{
        uint64_t head = judge->scene.extent.head;
        if (!seat->placed && !seat->adrift && seat->pending_length > 0)
                place_first(judge, seat);
        note_received(judge, seat);
        /* A native client consumes what it acknowledges, which is not seen. */
        if (seat->placed && !seat->native && !sc_seat_is_viewer(seat) && seat->position == head)
                judge->scene.settled_to = sc_max_u64(judge->scene.settled_to, head);
        if (seat->adrift || !is_sure(judge, seat) || seat->quiet_reported || !sc_seat_is_attached(seat))
                return;
        struct sc_stretch places = places_of(judge, seat);
        uint64_t place = seat->placed ? seat->position : places.to;
        if (place >= head)
                return;
        seat->quiet_reported = true;
        if (!seat->got_any)
                sc_rules_blame(judge, 2, seat, place, head, place,
                               "a client that came is not given what is kept at once");
        else
                sc_rules_blame(judge, 6, seat, place, head, place,
                               "a client that reads is not given what is retained");
}

static void judge_quiet(struct sc_judge *judge, const struct sc_record *record)
{
        struct sc_scene *scene = &judge->scene;
        struct sc_observed *observed = judge->observed;
        struct sc_seat *seat = sc_scene_seat(scene, record);
        if (seat)
                judge_quiet_client(judge, seat);
        if (record->quiet.client != 0)
                return;
        uint16_t index = 0;
        while ((seat = sc_seats_next(&scene->seats, &index)))
                judge_quiet_client(judge, seat);
        if (observed->input_murky) {
                observed->input_got = observed->input_sent;
                observed->input_murky = false;
        }
        if (scene->guest_up && observed->input_got < observed->input_sent && observed->input_client != 0) {
                sc_rules_blame(judge, 10, NULL, observed->input_got, observed->input_sent,
                               observed->input_got, "input is lost");
                observed->input_got = observed->input_sent;
        }
}

/* --- input --- */

static uint64_t oldest_typist(struct sc_scene *scene)
{
        uint16_t index = 0;
        uint64_t oldest = 0;
        struct sc_seat *seat;
        while ((seat = sc_seats_next(&scene->seats, &index)))
                if (sc_seat_is_attached(seat) && !sc_seat_is_viewer(seat) &&
                    (oldest == 0 || seat->client < oldest))
                        oldest = seat->client;
        return oldest;
}

/* Who types for nobody: a viewer, another than the writer, or a client while the guest is away. */
static void judge_typed(struct sc_judge *judge, const struct sc_record *record)
{
        struct sc_scene *scene = &judge->scene;
        const struct sc_seat *seat = sc_scene_seat(scene, record);
        bool viewer = seat && sc_seat_is_viewer(seat);
        bool other = seat && scene->config.writers == SC_WRITERS_ONE && oldest_typist(scene) != seat->client;
        bool away = scene->guest_gone;
        bool whole = scene->config.input && record->length == record->input.length;
        if (viewer || other || away) {
                if (whole)
                        sc_observed_reject(judge->observed, record->bytes, record->length, !away);
                return;
        }
        sc_observed_type(judge->observed, record->input.client, whole ? record->bytes : NULL,
                         record->input.length);
}

static void blame_input(struct sc_judge *judge, const struct sc_record *record, size_t same)
{
        const struct sc_observed *observed = judge->observed;
        bool rejected = record->length > same &&
                        sc_observed_is_rejected(observed, record->bytes + same, record->length - same);
        if (rejected && observed->unwanted_of_viewer)
                sc_rules_blame(judge, 11, NULL, observed->input_got + same, NONE, NONE,
                               "the guest gets input of a client that may not type");
        else
                sc_rules_blame(judge, 10, NULL, observed->input_got + same, NONE, NONE,
                               rejected ? "the guest gets input that was sent while none was there"
                                        : "the guest gets other input than was sent");
}

static void judge_guest_input(struct sc_judge *judge, const struct sc_record *record)
{
        struct sc_observed *observed = judge->observed;
        uint64_t length = record->guest_input.length;
        uint64_t waits = observed->input_sent - observed->input_got;
        bool whole = judge->scene.config.input && record->length == length;
        if (!whole || observed->input_murky)
                sc_rules_unjudged(judge, SC_UNJUDGED_INPUT_BYTES, length);
        else if (waits > 0 && observed->input_client == 0)
                sc_rules_unjudged(judge, SC_UNJUDGED_INPUT_ORDER, length);
        else {
                size_t part = (size_t)sc_min_u64(length, waits);
                size_t same = sc_observed_match_input(observed, record->bytes, part);
                if (same < length)
                        blame_input(judge, record, same);
        }
        if (!whole && !observed->input_murky && length > waits)
                sc_rules_blame(judge, 10, NULL, observed->input_sent, waits, length,
                               "the guest gets input that nobody sent");
        observed->input_got += sc_min_u64(length, waits);
}

/* --- the guest side, and ends --- */

static void judge_end(struct sc_judge *judge, const struct sc_record_end *end, struct sc_seat *seat)
{
        const struct sc_scene *scene = &judge->scene;
        if (!seat)
                return;
        if (!seat->placed && !seat->adrift && seat->pending_length > 0)
                place_first(judge, seat);
        note_received(judge, seat);
        if (end->why == 0 || scene->guest_ended || scene->config.kind == SC_TRACE_CLIENT ||
            !sc_seat_is_attached(seat)) /* of who was silent, or asked for what it does not get */
                return;
        uint64_t attached = scene->attached[sc_seat_is_on_view(seat)];
        if (scene->config.clients_max > 0 && attached > scene->config.clients_max)
                return; /* one too many */
        if (scene->guest_gone)
                sc_rules_blame(judge, 12, seat, seat->position, NONE, NONE,
                               "a client is ended when the guest goes");
        else
                sc_rules_blame(judge, 11, seat, seat->position, NONE, NONE,
                               "a client is ended that did not go");
}

static void judge_boundary(struct sc_judge *judge, const struct sc_record_boundary *boundary)
{
        const struct sc_scene *scene = &judge->scene;
        struct sc_observed *observed = judge->observed;
        bool goes = boundary->kind == SC_BOUNDARY_DOWN || boundary->kind == SC_BOUNDARY_ENDED;
        if (boundary->number != 0 && boundary->number != NONE && boundary->number <= scene->boundary_newest &&
            scene->config.kind == SC_TRACE_OBSERVER)
                sc_rules_blame(judge, 12, NULL, boundary->offset, scene->boundary_newest + 1,
                               boundary->number, "boundaries are not counted by one");
        if (scene->config.kind == SC_TRACE_OBSERVER && boundary->offset != scene->extent.head &&
            sc_scene_knows(scene, SC_KNOWN_HEAD))
                sc_rules_blame(judge, 12, NULL, boundary->offset, scene->extent.head, boundary->offset,
                               "a boundary is not at head");
        if (goes)
                observed->input_got = observed->input_sent;
}

/* --- a stream that says where it begins --- */

static void judge_start(struct sc_judge *judge, const struct sc_record_start *start, struct sc_seat *seat)
{
        const struct sc_scene *scene = &judge->scene;
        bool attached = start->role != SC_ROLE_CONTROL && start->answer <= SC_ANSWER_OVERWRITTEN;
        if (!attached || start->offset == NONE || judge->summary.unjudged[SC_UNJUDGED_MISSING] > 0)
                return;
        if (start->start == SC_START_OFFSET && start->offset != start->value)
                sc_rules_blame(judge, 9, seat, start->offset, start->value, start->offset,
                               "a client that returns is not given the offset that it named");
        else if (start->start == SC_START_BEGINNING && start->offset != 0)
                sc_rules_blame(judge, 7, seat, start->offset, 0, start->offset,
                               "a stream begins elsewhere than where it is to");
        else if (start->start == SC_START_END && start->head != NONE && start->offset != start->head)
                sc_rules_blame(judge, 7, seat, start->offset, start->head, start->offset,
                               "a stream begins elsewhere than where it is to");
        else if (start->head != NONE && scene->config.kind == SC_TRACE_OBSERVER &&
                 (start->head < scene->taken_in || start->head > scene->extent.head))
                sc_rules_blame(judge, 7, seat, start->head, scene->extent.head, start->head,
                               "live does not begin at head");
}

void sc_rules_observe(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_scene *scene = &judge->scene;
        struct sc_seat *seat = sc_scene_seat(&judge->scene, record);
        if (record->time_ns < scene->time_ns)
                sc_rules_blame(judge, 14, NULL, NONE, scene->time_ns, record->time_ns, "time falls");
        if (scene->stopped)
                sc_rules_blame(judge, 13, NULL, NONE, NONE, NONE, "a record follows the stop");

        switch ((unsigned)record->type) {
        case SC_RECORD_OUTPUT:
                if (record->output.offset != scene->extent.head && sc_scene_knows(scene, SC_KNOWN_HEAD))
                        sc_rules_blame(judge, 1, NULL, record->output.offset, scene->extent.head,
                                       record->output.offset, "output is missing, or there twice");
                sc_observed_say(judge->observed, record->output.offset, record->bytes, record->length);
                return;
        case SC_RECORD_RECEIVED:
                judge_received(judge, record);
                return;
        case SC_RECORD_GAP:
                judge_gap(judge, &record->gap, seat);
                return;
        case SC_RECORD_QUIET:
                judge_quiet(judge, record);
                return;
        case SC_RECORD_MISSING:
                judge->observed->input_murky = true;
                return;
        case SC_RECORD_INPUT:
                judge_typed(judge, record);
                return;
        case SC_RECORD_GUEST_INPUT:
                judge_guest_input(judge, record);
                return;
        case SC_RECORD_END:
                judge_end(judge, &record->end, seat);
                return;
        case SC_RECORD_BOUNDARY:
                judge_boundary(judge, &record->boundary);
                return;
        case SC_RECORD_START:
                judge_start(judge, &record->start, seat);
                return;
        }
}
