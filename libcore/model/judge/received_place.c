#include "model/judge/begin.h"
#include "model/judge/observed.h"
#include "model/judge/received.h"

#include <string.h>

#define NONE SC_RECORD_UNKNOWN

static bool knows_capacity(const struct sc_scene *scene)
{
        return scene->config.capacity_bytes != NONE;
}

uint64_t sc_received_tail(const struct sc_scene *scene, uint64_t head)
{
        return sc_sub_sat_u64(head, scene->extent.capacity_bytes);
}

uint64_t sc_received_tail_max(const struct sc_scene *scene, uint64_t head)
{
        return knows_capacity(scene) ? sc_received_tail(scene, head) : sc_sub_sat_u64(head, 1);
}

/* It had come by the first quiet. */
static uint64_t head_at_most(const struct sc_scene *scene, const struct sc_seat *seat)
{
        return seat->waited ? sc_min_u64(seat->begins_by, scene->extent.head) : scene->extent.head;
}

struct sc_stretch sc_received_places(const struct sc_judge *judge, const struct sc_seat *seat)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t head = scene->extent.head, wanted, came;
        struct sc_stretch tails = { sc_received_tail(scene, seat->came_taken),
                                    sc_received_tail_max(scene, head) };
        uint64_t lowest = scene->extent.keep_first_bytes > 0 ? 0 : tails.from;

        switch (scene->config.history) {
        case SC_HISTORY_ALL:
                if (scene->extent.keep_first_bytes > 0)
                        return (struct sc_stretch) { 0, 0 };
                return tails;
        case SC_HISTORY_NONE:
                return (struct sc_stretch) { seat->came_taken, head_at_most(scene, seat) };
        case SC_HISTORY_BOOT:
                if (!sc_begin_of_policy(scene, &wanted))
                        break;
                if (seat->came_boot < scene->extent.keep_first_bytes)
                        tails.from = 0;
                return (struct sc_stretch) { sc_max_u64(seat->came_boot, tails.from),
                                             sc_max_u64(wanted, tails.to) };
        case SC_HISTORY_UNREAD:
                return (struct sc_stretch) { sc_max_u64(lowest, seat->came_settled),
                                             sc_max_u64(tails.to, judge->observed->received_to) };
        case SC_HISTORY_LAST:
                wanted = head - sc_min_u64(head, scene->config.history_bytes);
                came = seat->came_taken - sc_min_u64(seat->came_taken, scene->config.history_bytes);
                return (struct sc_stretch) { sc_max_u64(lowest, sc_min_u64(came, seat->came_settled)),
                                             sc_max_u64(tails.to,
                                                        sc_min_u64(wanted, judge->observed->received_to)) };
        default:
                break;
        }
        return (struct sc_stretch) { lowest, head_at_most(scene, seat) };
}

uint64_t sc_received_owed_from(const struct sc_judge *judge, const struct sc_seat *seat)
{
        const struct sc_scene *scene = judge->scene;
        if (scene->config.history == SC_HISTORY_NONE)
                return seat->came_head;
        if (scene->config.history <= SC_HISTORY_LAST && knows_capacity(scene))
                return UINT64_MAX;
        return sc_received_places(judge, seat).from;
}

bool sc_received_is_sure(const struct sc_judge *judge, const struct sc_seat *seat)
{
        return !seat->guessed && !seat->vague && judge->summary.unjudged[SC_UNJUDGED_MISSING] == 0 &&
               judge->observed->looks > 0;
}

static void blame_place(struct sc_judge *judge, struct sc_seat *seat, struct sc_stretch places,
                        uint64_t place)
{
        uint64_t history = judge->scene->config.history;
        uint64_t tail = sc_received_tail(judge->scene, seat->came_taken);
        if (!sc_received_is_sure(judge, seat))
                return;
        if (place == UINT64_MAX)
                sc_rules_blame(judge, 1, seat, places.from, places.from, NONE,
                               "a client begins with bytes that were not said");
        else if (place < places.from && place < tail &&
                 (history == SC_HISTORY_ALL || history == SC_HISTORY_BOOT))
                sc_rules_blame(judge, 4, seat, place, places.from, place,
                               "a client gets bytes that do not fit into the ring any more");
        else if (history == SC_HISTORY_ALL && tail > places.to && place >= tail)
                sc_rules_blame(judge, 15, seat, places.to, places.to, place,
                               "a client that came is not given the kept beginning");
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

static void settle_at(struct sc_judge *judge, struct sc_seat *seat, uint64_t place)
{
        uint64_t owed_from = sc_max_u64(sc_received_owed_from(judge, seat), seat->waited_to);
        if (place > owed_from)
                sc_rules_unjudged(judge, SC_UNJUDGED_BEFORE, place - owed_from);
        seat->position = place;
        seat->begin = place;
        seat->placed = true;
}

/* Fewer fit too many places; but a kept beginning may be no longer than a byte. */
#define PLACED_BY_MIN 16

/* Anywhere in what was said; of a few bytes that fit anywhere, at its end. */
static uint64_t somewhere(struct sc_observed *observed, const uint8_t *bytes, size_t length)
{
        uint64_t last = observed->head - sc_min_u64(length, observed->head);
        if (sc_observed_match(observed, last, bytes, length) == length)
                return last;
        return sc_observed_find(observed, (struct sc_stretch) { 0, observed->head }, bytes, length);
}

/* Behind its first bytes, which are too few to be found, there may be a hole that an overflow made: a later piece was said,
 * or there is none to tell by. */
static bool may_be_overtaken(struct sc_judge *judge, const struct sc_seat *seat, uint64_t from)
{
        if (sc_received_tail_max(judge->scene, judge->scene->extent.head) <= from)
                return false;
        size_t at = PLACED_BY_MIN;
        for (; at + PLACED_BY_MIN <= seat->pending_length; at += PLACED_BY_MIN)
                if (somewhere(judge->observed, seat->pending + at, PLACED_BY_MIN) != UINT64_MAX)
                        return true;
        return at == PLACED_BY_MIN;
}

/* What fits at `place` is the kept beginning and what the ring has behind it as well, because both begin alike. */
static bool may_be_beginning_and_ring(const struct sc_judge *judge, const struct sc_seat *seat,
                                      struct sc_stretch places, uint64_t place)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t keep = scene->extent.keep_first_bytes;
        return place != UINT64_MAX && keep > 0 && keep <= seat->pending_length && places.to == 0 &&
               sc_observed_match(judge->observed, 0, seat->pending, (size_t)keep) == keep &&
               sc_add_sat_u64(place, keep) <= sc_received_tail_max(scene, scene->extent.head);
}

bool sc_received_place(struct sc_judge *judge, struct sc_seat *seat)
{
        struct sc_stretch places = sc_received_places(judge, seat);
        size_t length = seat->pending_length;
        uint64_t place = sc_observed_find(judge->observed, places, seat->pending, length);
        if (place ==
            UINT64_MAX) { /* lines begin alike: all of them fit elsewhere, rather than a few here and a hole */
                place = somewhere(judge->observed, seat->pending, length);
                if (may_be_beginning_and_ring(judge, seat, places, place)) {
                        seat->guessed = true;
                        sc_rules_unjudged(judge, SC_UNJUDGED_PLACE, 1);
                        settle_at(judge, seat, places.from);
                        return true;
                }
                if (place != UINT64_MAX) {
                        blame_place(judge, seat, places, place);
                        settle_at(judge, seat, place);
                        return true;
                }
        }
        size_t shortest = judge->scene->extent.keep_first_bytes > 0 ? 1 : PLACED_BY_MIN;
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
                place = places.from; /* a hole is among the first bytes */
        } else if (place == UINT64_MAX) {
                place = somewhere(judge->observed, seat->pending, length);
                if (place == UINT64_MAX && may_be_overtaken(judge, seat, places.from)) {
                        sc_rules_unjudged(judge, SC_UNJUDGED_PLACE, 1);
                        return false;
                }
                blame_place(judge, seat, places, place);
                if (place == UINT64_MAX)
                        return false;
        }
        settle_at(judge, seat, place);
        return true;
}
