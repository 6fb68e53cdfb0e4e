#include "model/judge/begin.h"
#include "model/judge/rules.h"

/* BF-2, 5, 7, 8 and 9: when a client gets something, where it begins, and what it is known to have read. */

#define NONE SC_RECORD_UNKNOWN

/* --- BF-2 and BF-6 --- */

static void judge_unserved(struct sc_judge *judge, const struct sc_seat *seat)
{
        uint64_t head = judge->scene->extent.head;
        if (seat->position >= head)
                sc_rules_blame(judge, 12, seat, seat->position, NONE, NONE,
                               "a client that can take it is not told of a boundary");
        else if (!seat->accepted_any)
                sc_rules_blame(judge, 2, seat, seat->position, head, seat->position,
                               "a client that came is not given what is kept at once");
        else
                sc_rules_blame(judge, 6, seat, seat->position, head, seat->position,
                               "a client that can take it is not given what is retained");
}

/* The guest is read once more after a client has taken what was in the way, and then the pause ends. */
void sc_rules_pause_ended(struct sc_judge *judge)
{
        const struct sc_scene *scene = judge->scene;
        if (scene->held_for_nobody == 1 && sc_scene_is_held_for_nobody(scene))
                sc_rules_blame(judge, 5, NULL, scene->extent.head, NONE, NONE,
                               "a pause goes on, and there is no client to wait for");
}

/* A raw client asks for nothing: its stream begins in the wake-up in which it comes. */
static void judge_unstarted(struct sc_judge *judge)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_seat *seat = sc_seats_first(&scene->seats, SC_SEATS_OWED);
        for (; seat; seat = sc_seats_following(&scene->seats, seat, SC_SEATS_OWED))
                if (!seat->native && !seat->vague && !seat->started && !seat->closing)
                        sc_rules_blame(judge, 2, seat, NONE, NONE, NONE,
                                       "the stream of a client that came does not begin at once");
}

/* Each that can be written to, and has not all, has been written to. */
void sc_rules_flush_ended(struct sc_judge *judge)
{
        const struct sc_scene *scene = judge->scene;
        judge_unstarted(judge);
        const struct sc_seat *seat = sc_seats_first(&scene->seats, SC_SEATS_BEHIND);
        for (; seat; seat = sc_seats_following(&scene->seats, seat, SC_SEATS_BEHIND))
                if (!seat->unserved && sc_scene_is_unserved(scene, seat))
                        judge_unserved(judge, seat);
}

/* --- BF-5 --- */

/* Whether a read could cost a client bytes that is waited for. */
static bool somebody_is_awaited(const struct sc_scene *scene, uint64_t now_ns)
{
        uint16_t index = 0;
        const struct sc_seat *seat;
        while ((seat = sc_seats_next(&scene->seats, &index)))
                if (sc_scene_may_be_awaited(seat) && sc_scene_took_lately(seat, now_ns) &&
                    sc_scene_room_bytes(scene, seat) < sc_scene_read_bytes(scene))
                        return true;
        return false;
}

static void judge_taken_bytes(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_record_overwritten *overwritten = &record->overwritten;
        uint64_t from = sc_max_u64(overwritten->from, scene->extent.keep_first_bytes);
        const struct sc_seat *seat = sc_seats_first(&scene->seats, SC_SEATS_TAKING);
        while (seat && !sc_scene_took_lately(seat, record->time_ns))
                seat = sc_seats_following(&scene->seats, seat, SC_SEATS_TAKING);
        for (; seat; seat = sc_seats_following(&scene->seats, seat, SC_SEATS_TAKING)) {
                uint64_t lost = sc_max_u64(seat->position, from);
                if (lost < overwritten->to && sc_scene_may_be_awaited(seat))
                        sc_rules_blame(judge, 5, seat, lost, NONE, NONE,
                                       "bytes are overwritten that a client which is waited for lacks");
        }
}

static void judge_hold(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t hold_ns = scene->config.hold_ns;
        bool known = sc_scene_knows(scene, SC_KNOWN_HOLD);
        if (known && scene->held == (record->hold.held == 1))
                sc_rules_blame(judge, 5, NULL, scene->extent.head, !scene->held, record->hold.held,
                               scene->held ? "a pause begins within another" : "a pause ends that was none");
        else if (known && !record->hold.held && record->hold.ran_out &&
                 sc_sub_sat_u64(record->time_ns, scene->held_since_ns) < hold_ns)
                sc_rules_blame(judge, 5, NULL, scene->extent.head, hold_ns,
                               sc_sub_sat_u64(record->time_ns, scene->held_since_ns),
                               "a pause is said to have run out before --hold is over");
        if (!record->hold.held)
                return;
        if (hold_ns == 0)
                sc_rules_blame(judge, 5, NULL, scene->extent.head, NONE, NONE,
                               "the guest is paused without --hold");
        else if (!sc_scene_knows(scene, SC_KNOWN_HEAD | SC_KNOWN_TAIL | SC_KNOWN_CLIENTS))
                return;
        else if (!somebody_is_awaited(scene, record->time_ns))
                sc_rules_blame(judge, 5, NULL, scene->extent.head, NONE, NONE,
                               "the guest is paused, and there is no client to wait for");
}

static void judge_pause(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        if (sc_scene_pause_is_too_long(scene, record->time_ns) && !scene->held_reported &&
            record->type != SC_RECORD_MISSING)
                sc_rules_blame(judge, 5, NULL, scene->extent.head, scene->config.hold_ns,
                               record->time_ns - scene->held_since_ns, "a pause is longer than --hold");
}

/* This client is counted with the record: a raw one when it connects, a native one when its stream begins. */
static bool attaches(const struct sc_seat *seat, const struct sc_record *record)
{
        if (record->type == SC_RECORD_CONNECT)
                return record->connect.listener == SC_TRACE_RAW || record->connect.listener == SC_TRACE_VIEW;
        return seat && seat->native && !seat->counted && seat->listener != 0 &&
               sc_scene_begins_stream(&record->start);
}

static void judge_number(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t listener = record->type == SC_RECORD_CONNECT ? record->connect.listener
                            : seat                            ? seat->listener
                                                              : 0;
        bool view = listener == SC_TRACE_VIEW || listener == SC_TRACE_VIEW_CONTROL;
        if (scene->config.clients_max == 0 || !attaches(seat, record) ||
            scene->attached[view] < scene->config.clients_max)
                return;
        sc_rules_report(judge, (struct sc_violation) {
                                       .rule = 5,
                                       .offset = NONE,
                                       .client = sc_record_client_of(record),
                                       .expected = scene->config.clients_max,
                                       .found = scene->attached[view] + 1,
                                       .what = "more clients are attached than are allowed",
                               });
}

void sc_rules_never_stall(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        judge_pause(judge, record);
        if (record->type == SC_RECORD_OUTPUT && scene->held && !scene->held_reported)
                sc_rules_blame(judge, 5, NULL, record->output.offset, NONE, NONE,
                               "the guest is read in a pause");
        if (record->type == SC_RECORD_HOLD)
                judge_hold(judge, record);
        else if (record->type == SC_RECORD_OVERWRITTEN && scene->config.hold_ns > 0 &&
                 sc_scene_knows(scene, SC_KNOWN_TAIL | SC_KNOWN_CLIENTS))
                judge_taken_bytes(judge, record);
        else if (record->type == SC_RECORD_INPUT && sc_scene_knows(scene, SC_KNOWN_INPUT) &&
                 sc_add_sat_u64(sc_waiting_bytes(&scene->waiting), record->input.length) > SC_INPUT_BYTES)
                sc_rules_blame(judge, 5, seat, NONE, SC_INPUT_BYTES,
                               sc_add_sat_u64(sc_waiting_bytes(&scene->waiting), record->input.length),
                               "more input waits than memory is kept for");
        else if (record->type == SC_RECORD_CONNECT || record->type == SC_RECORD_START)
                judge_number(judge, seat, record);
}

/* --- BF-7 --- */

/* What is asked for by its time may begin one resolution too early, and where what is retained does. */
static void judge_since(struct sc_judge *judge, const struct sc_seat *seat,
                        const struct sc_record_start *start)
{
        struct sc_stretch expected;
        if (!sc_begin_since(judge->scene, start->value, &expected))
                sc_rules_unjudged(judge, SC_UNJUDGED_TIMES, 1);
        else if (start->offset < expected.from || expected.to < start->offset)
                sc_rules_blame(judge, 7, seat, start->offset, expected.to, start->offset,
                               "a stream does not begin at the time that was asked for");
}

static void judge_start(struct sc_judge *judge, const struct sc_seat *seat,
                        const struct sc_record_start *start)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t expected;
        if (start->start == SC_START_SINCE) {
                judge_since(judge, seat, start);
                return;
        }
        bool known = start->start == 0 ? scene->extent.murky_to == 0 && sc_begin_of_policy(scene, &expected)
                                       : sc_begin_of_hello(scene, start, &expected);
        if (!known)
                return; /* records are missing: that is counted */
        if (start->start == 0)
                expected = sc_extent_next(&scene->extent, expected);
        if (start->offset != expected)
                sc_rules_blame(judge, 7, seat, start->offset, expected, start->offset,
                               "a stream begins elsewhere than where it is to");
}

void sc_rules_history(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_record_start *start = &record->start;
        if (!sc_scene_knows(scene, SC_KNOWN_HEAD) || !seat)
                return;
        if (start->head != scene->extent.head)
                sc_rules_blame(judge, 7, seat, start->head, scene->extent.head, start->head,
                               "live does not begin at head");
        else if (sc_rules_knows(seat) && seat->native == (start->start == 0))
                sc_rules_blame(judge, 7, seat, start->offset, NONE, NONE,
                               seat->native ? "a native client begins where raw ones do"
                                            : "a raw client begins where it chose, which it cannot");
        else if (sc_scene_begins_stream(start))
                judge_start(judge, seat, start);
}

/* --- BF-8 --- */

static void judge_consumed(struct sc_judge *judge, const struct sc_seat *seat, uint64_t offset)
{
        const struct sc_scene *scene = judge->scene;
        if (sc_scene_knows(scene, SC_KNOWN_CONSUMED) && offset < scene->consumed) {
                sc_rules_blame(judge, 8, seat, offset, scene->consumed, offset, "consumed falls");
                return;
        }
        if (!seat && sc_scene_knows(scene, SC_KNOWN_CLIENTS))
                sc_rules_blame(judge, 8, seat, offset, scene->consumed, offset,
                               "consumed is raised, and nobody read what is below");
        if (!sc_rules_knows(seat))
                return;
        if (sc_seat_is_viewer(seat))
                sc_rules_blame(judge, 8, seat, offset, scene->consumed, offset,
                               "what a viewer reads is consumed");
        else if (sc_scene_knows(scene, SC_KNOWN_CONSUMED) && seat->begin != NONE &&
                 seat->begin > scene->consumed)
                sc_rules_blame(judge, 8, seat, offset, scene->consumed, offset,
                               "a client consumes what it skipped");
        else if (offset > seat->read_to)
                sc_rules_blame(judge, 8, seat, seat->read_to, seat->read_to, offset,
                               "consumed is raised without proof that it was read");
}

void sc_rules_consumed(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        if (record->type == SC_RECORD_CONSUMED)
                judge_consumed(judge, seat, record->consumed.offset);
        if (record->type == SC_RECORD_ACKNOWLEDGED && sc_rules_knows(seat) && !seat->native)
                sc_rules_blame(judge, 8, seat, record->acknowledged.offset, NONE, NONE,
                               "a raw client acknowledges, which it cannot");
        else if (record->type == SC_RECORD_ACKNOWLEDGED && sc_rules_follows(seat) &&
                 record->acknowledged.offset > seat->position)
                sc_rules_blame(judge, 8, seat, record->acknowledged.offset, seat->position,
                               record->acknowledged.offset, "more is acknowledged than was sent");
        if (record->type == SC_RECORD_END && sc_rules_knows(seat) && seat->started &&
            record->end.read != seat->read_to)
                sc_rules_blame(judge, 8, seat, record->end.read, seat->read_to, record->end.read,
                               "a client has read other than what is proven");
}

void sc_rules_consumed_ended(struct sc_judge *judge)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_scene_due *due = &scene->consumed_due;
        if (sc_scene_owes_consumed(scene))
                sc_rules_report(judge, (struct sc_violation) {
                                               .rule = 8,
                                               .offset = scene->consumed,
                                               .client = due->client,
                                               .expected = due->offset,
                                               .found = scene->consumed,
                                               .what = "what a client is known to have read is not consumed",
                                       });
}

/* --- BF-9 --- */

static uint64_t answer_to(const struct sc_scene *scene, const struct sc_record *record)
{
        static const uint8_t any[SC_INSTANCE_BYTES];
        const struct sc_record_start *start = &record->start;
        if (start->start != SC_START_OFFSET || start->role == SC_ROLE_CONTROL)
                return SC_ANSWER_OK;
        if (record->length >= SC_INSTANCE_BYTES && memcmp(record->bytes, any, SC_INSTANCE_BYTES) != 0 &&
            memcmp(record->bytes, scene->instance, SC_INSTANCE_BYTES) != 0)
                return SC_ANSWER_OTHER_INSTANCE;
        if (start->value > scene->extent.head)
                return SC_ANSWER_BEYOND_HEAD;
        return sc_extent_next(&scene->extent, start->value) == start->value ? SC_ANSWER_OK
                                                                            : SC_ANSWER_OVERWRITTEN;
}

void sc_rules_resume(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_record_start *start = &record->start;
        if (!sc_scene_knows(scene, SC_KNOWN_HEAD | SC_KNOWN_TAIL) ||
            (start->start == SC_START_OFFSET && start->value < scene->extent.murky_to))
                return;
        uint64_t expected = answer_to(scene, record);
        if (start->answer != expected)
                sc_rules_blame(judge, 9, seat, start->value, expected, start->answer,
                               "a client that returns is given the wrong answer");
}
