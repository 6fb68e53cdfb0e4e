#include "model/judge/rules.h"

/* BF-12, 13 and 14: the guest side, what is counted, and the times. */

#define NONE SC_RECORD_UNKNOWN

/* --- BF-12 --- */

static const char *out_of_turn(const struct sc_scene *scene, uint64_t kind)
{
        if (kind == SC_BOUNDARY_MARK)
                return NULL;
        if (scene->guest_ended)
                return "a guest side that cannot come back does something";
        if (kind == SC_BOUNDARY_UP && scene->guest_up)
                return "a guest comes while one is there";
        if (kind != SC_BOUNDARY_UP && !scene->guest_up)
                return "a guest goes or is reset while none is there";
        return NULL;
}

static void judge_boundary(struct sc_judge *judge, const struct sc_record_boundary *boundary)
{
        const struct sc_scene *scene = judge->scene;
        const char *turn = out_of_turn(scene, boundary->kind);
        if (sc_rules_boundary(judge, boundary) && sc_scene_knows(scene, SC_KNOWN_GUEST) && turn)
                sc_rules_blame(judge, 12, NULL, boundary->offset, NONE, NONE, turn);
}

static void judge_told(struct sc_judge *judge, const struct sc_seat *seat, uint64_t number)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t due;
        if (!sc_rules_knows(seat) || !sc_scene_knows(scene, SC_KNOWN_BOUNDARIES) ||
            number <= scene->boundary_murky)
                return;
        uint64_t next = sc_scene_next_boundary(scene, seat, &due);
        if (number != next)
                sc_rules_blame(judge, 12, seat, seat->position, next, number,
                               "a client is told of another boundary than the next");
        else if (due == NONE)
                sc_rules_blame(judge, 12, seat, seat->position, NONE, number,
                               "a client is told of a boundary that there is not");
        else if (due > seat->position)
                sc_rules_blame(judge, 12, seat, seat->position, due, seat->position,
                               "a client is told of a boundary before its place");
}

/* The client passes [from, to). */
static void judge_passed(struct sc_judge *judge, const struct sc_seat *seat, uint64_t from, uint64_t to)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t due;
        if (!sc_rules_knows(seat) || !seat->native || !sc_scene_knows(scene, SC_KNOWN_BOUNDARIES))
                return;
        sc_scene_next_boundary(scene, seat, &due);
        if (due <= from || due < to)
                sc_rules_blame(judge, 12, seat, due, due, to,
                               "a client is not told of a boundary in its place");
}

static void judge_end(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record_end *end)
{
        const struct sc_scene *scene = judge->scene;
        if (!sc_rules_knows(seat) || end->why != 0 || seat->closing || !sc_seat_is_attached(seat) ||
            sc_seat_is_over(seat) || scene->guest_left_wake != scene->wake)
                return;
        sc_rules_blame(judge, 12, seat, seat->position, NONE, NONE, "a client is ended when the guest goes");
}

static const struct sc_request_rule mark = {
        .rule = 12,
        .frame = SC_FRAME_MARK,
        .not_done = "a client is told that it set a mark",
        .not_asked_for = "a mark is set, and nobody asked for it",
};

void sc_rules_guest_side(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        sc_rules_request(judge, seat, record, &mark);
        if (record->type == SC_RECORD_OUTPUT && sc_scene_knows(judge->scene, SC_KNOWN_GUEST) &&
            !judge->scene->guest_up)
                sc_rules_blame(judge, 12, NULL, record->output.offset, NONE, NONE,
                               "there is output, and no guest");
        if (record->type == SC_RECORD_BOUNDARY) {
                judge_boundary(judge, &record->boundary);
        } else if (record->type == SC_RECORD_TOLD) {
                judge_told(judge, seat, record->told.number);
        } else if (record->type == SC_RECORD_SENT) {
                judge_passed(judge, seat, record->sent.offset,
                             sc_add_sat_u64(record->sent.offset, record->sent.length));
        } else if (record->type == SC_RECORD_GAP) {
                judge_passed(judge, seat, record->gap.from, record->gap.to);
        } else if (record->type == SC_RECORD_END) {
                judge_end(judge, seat, &record->end);
        }
}

/* --- BF-13 --- */

struct count {
        uint64_t expected;
        uint64_t found;
        const char *what;
};

/* The first that differs is reported: one record that is missing changes several. */
static void judge_counters(struct sc_judge *judge, const struct sc_record_counters *counters)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_sums *sums = &scene->sums;
        const uint64_t *closings = sums->closings;
        uint64_t malformed = closings[SC_ERROR_NOT_HELLO] + closings[SC_ERROR_VERSION] +
                             closings[SC_ERROR_UNKNOWN_TYPE] + closings[SC_ERROR_MALFORMED];
        const struct count counts[] = {
                { scene->extent.head, counters->head, "head is not what was said" },
                { scene->extent.tail, counters->tail, "tail is not what was overwritten or cleared" },
                { scene->consumed, counters->consumed, "consumed is not what it was raised to" },
                { sums->overwritten_bytes, counters->overwritten_bytes, "overwritten bytes are miscounted" },
                { sums->lost_bytes, counters->lost_bytes, "lost bytes are miscounted" },
                { sums->cleared_bytes, counters->cleared_bytes, "cleared bytes are miscounted" },
                { scene->waiting.taken, counters->input_bytes, "input is miscounted" },
                { sums->written_bytes, counters->input_written_bytes,
                  "the input of the guest is miscounted" },
                { sc_waiting_bytes(&scene->waiting), counters->input_waiting_bytes,
                  "input that waits is miscounted" },
                { sums->dropped[0], counters->input_dropped[0],
                  "input dropped for want of a guest is miscounted" },
                { sums->dropped[1], counters->input_dropped[1], "input for an earlier guest is miscounted" },
                { sums->dropped[2], counters->input_dropped[2], "input of no writer is miscounted" },
                { sums->dropped[3], counters->input_dropped[3], "input of viewers is miscounted" },
                { sums->breaks, counters->breaks, "BREAKs are miscounted" },
                { sums->connections, counters->connections, "connections are miscounted" },
                { closings[SC_ERROR_LIMIT], counters->over_limit, "clients beyond the limit are miscounted" },
                { malformed, counters->malformed, "clients that sent rubbish are miscounted" },
                { closings[SC_ERROR_SILENT], counters->silent, "clients that were silent are miscounted" },
                { closings[SC_ERROR_KICKED], counters->kicked, "clients that were kicked are miscounted" },
        };
        if (!sc_scene_knows(scene, SC_KNOWN_SUMS | SC_KNOWN_HEAD | SC_KNOWN_TAIL | SC_KNOWN_INPUT |
                                           SC_KNOWN_CONSUMED))
                return;
        for (size_t i = 0; i < SC_COUNT(counts); i++) {
                if (counts[i].expected == counts[i].found)
                        continue;
                sc_rules_blame(judge, 13, NULL, NONE, counts[i].expected, counts[i].found, counts[i].what);
                return;
        }
}

/* Lost: neither in first nor consumed. */
static void judge_lost(struct sc_judge *judge, const struct sc_record_overwritten *overwritten)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t from = sc_max_u64(overwritten->from, scene->extent.keep_first_bytes);
        uint64_t to = sc_max_u64(from, overwritten->to);
        uint64_t lost = sc_sub_sat_u64(to, sc_max_u64(from, scene->consumed));
        if (sc_scene_knows(scene, SC_KNOWN_CONSUMED) && overwritten->lost_bytes != lost)
                sc_rules_blame(judge, 13, NULL, overwritten->from, lost, overwritten->lost_bytes,
                               "of what is overwritten another number is lost");
}

/* Who is there ends with the host, and then it counts. */
static void judge_stop(struct sc_judge *judge)
{
        const struct sc_scene *scene = judge->scene;
        uint16_t index = 0;
        const struct sc_seat *left = sc_seats_next(&scene->seats, &index);
        if (scene->last_type == SC_RECORD_MISSING)
                return;
        if (left)
                sc_rules_blame(judge, 13, left, left->position, 0, scene->seats.count,
                               "the host ends, and a client of its does not");
        else if (scene->last_type != SC_RECORD_COUNTERS)
                sc_rules_blame(judge, 13, NULL, NONE, NONE, NONE, "the host ends, and does not count");
}

void sc_rules_counters(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        (void)seat;
        if (!judge->scene->stopped && record->type == SC_RECORD_STOP && record->stop.why == SC_TRACE_ENDED)
                judge_stop(judge);
        if (record->type == SC_RECORD_COUNTERS)
                judge_counters(judge, &record->counters);
        if (record->type == SC_RECORD_OVERWRITTEN)
                judge_lost(judge, &record->overwritten);
}

/* --- BF-14 --- */

static bool arrival(const struct sc_scene *scene, uint64_t offset, uint64_t *time_ns)
{
        if (offset < scene->extent.keep_first_bytes)
                return sc_arrivals_at(&scene->first_arrivals, offset, time_ns);
        return sc_arrivals_at(&scene->ring_arrivals, offset, time_ns);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
        return a > b ? a - b : b - a;
}

static void judge_told_time(struct sc_judge *judge, const struct sc_seat *seat,
                            const struct sc_record_sent *sent)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t first_ns, last_ns;
        if (sent->told_ns == 0 && sc_rules_knows(seat) && seat->native)
                sc_rules_blame(judge, 14, seat, sent->offset, NONE, NONE,
                               "a native client is not told when a byte arrived");
        if (sent->told_ns == 0 || sent->length == 0)
                return;
        if (scene->resolution_ns == UINT64_MAX || !arrival(scene, sent->offset, &first_ns) ||
            !arrival(scene, sc_add_sat_u64(sent->offset, sent->length - 1), &last_ns)) {
                sc_rules_unjudged(judge, SC_UNJUDGED_TIMES, sent->length);
                return;
        }
        uint64_t wrong_ns = apart(first_ns, sent->told_ns) > scene->resolution_ns ? first_ns : last_ns;
        if (apart(wrong_ns, sent->told_ns) > scene->resolution_ns)
                sc_rules_blame(judge, 14, seat, sent->offset, wrong_ns, sent->told_ns,
                               "a client is told another time than that of the byte's arrival");
}

static void judge_resolution(struct sc_judge *judge, uint64_t resolution_ns)
{
        const struct sc_scene *scene = judge->scene;
        if (sc_scene_knows(scene, SC_KNOWN_SUMS) && resolution_ns > scene->resolution_ns)
                sc_rules_blame(judge, 14, NULL, NONE, scene->resolution_ns, resolution_ns,
                               "times are kept more coarsely than they need be");
}

void sc_rules_times(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        if (record->type == SC_RECORD_SENT)
                judge_told_time(judge, seat, &record->sent);
        else if (record->type == SC_RECORD_COUNTERS)
                judge_resolution(judge, record->counters.resolution_ns);
}
