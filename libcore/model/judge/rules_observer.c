#include "model/judge/observed.h"
#include "model/judge/received.h"
#include "model/judge/succession.h"

/* An observer's trace: the same rules, by the bytes that went in and came out. What happens inside the console is not
 * seen, nor when: it has taken in what was said before the last quiet, and perhaps more. */

#define NONE SC_RECORD_UNKNOWN

static void judge_gap(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record_gap *gap)
{
        const struct sc_scene *scene = judge->scene;
        if (scene->config.capacity_bytes == NONE || (scene->config.kind == SC_TRACE_OBSERVER &&
                                                     gap->kind == SC_GAP_CLEARED)) /* a clear is not seen */
                sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, sc_sub_sat_u64(gap->to, gap->from));
        bool sure = seat && sc_received_is_sure(judge, seat);
        if (!sc_rules_gap(judge, seat, sure && seat->placed, gap) || !sure)
                return;
        if (scene->config.kind == SC_TRACE_OBSERVER && gap->kind == SC_GAP_OVERWRITTEN &&
            gap->to > sc_received_tail_max(scene, scene->extent.head))
                sc_rules_blame(judge, 6, seat, gap->to, sc_received_tail_max(scene, scene->extent.head),
                               gap->to, "a gap is told for bytes that are retained");
        else if (scene->config.kind == SC_TRACE_OBSERVER && gap->kind == SC_GAP_OVERWRITTEN &&
                 gap->from < scene->extent.keep_first_bytes)
                sc_rules_blame(judge, 15, seat, gap->from, NONE, NONE,
                               "a byte of the kept beginning is said to be gone");
}

/* --- when all has come --- */

/* A client that got nothing where it cannot be known what it was to get. */
static void note_before(struct sc_judge *judge, const struct sc_seat *seat)
{
        uint64_t owed = sc_max_u64(sc_received_owed_from(judge, seat), seat->waited_to);
        uint64_t to = sc_received_places(judge, seat).to;
        if (!seat->placed && owed < to)
                sc_rules_unjudged(judge, SC_UNJUDGED_BEFORE, to - owed);
}

static void judge_quiet_client(struct sc_judge *judge, struct sc_seat *seat)
{
        uint64_t head = judge->scene->extent.head;
        sc_received_settle(judge, seat);
        note_before(judge, seat);
        if (!seat->waited)
                seat->begins_by = head;
        seat->waited = true;
        seat->waited_to = head;
        /* A native client consumes what it acknowledges, which is not seen. */
        if (seat->placed && !seat->native && !sc_seat_is_viewer(seat) && seat->position == head)
                judge->observed->scene->settled_to = sc_max_u64(judge->scene->settled_to, head);
        if (seat->adrift || !sc_received_is_sure(judge, seat) || seat->quiet_reported ||
            !sc_seat_is_attached(seat))
                return;
        struct sc_stretch places = sc_received_places(judge, seat);
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

static void judge_quiet(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        struct sc_observed *observed = judge->observed;
        if (seat)
                judge_quiet_client(judge, seat);
        if (record->quiet.client != 0)
                return;
        uint16_t index = 0;
        const struct sc_seat *each;
        while ((each = sc_seats_next(&scene->seats, &index)))
                judge_quiet_client(judge, sc_seats_own(&observed->scene->seats, each));
        bool vague = observed->input_vague;
        observed->writer_left = false;
        observed->input_vague = false;
        if (observed->input_murky) {
                observed->input_got = observed->input_sent;
                observed->input_murky = false;
        }
        uint64_t left = observed->input_sent - observed->input_got;
        if (!scene->guest_up || left == 0)
                return;
        if (!vague) /* in whatever order it was to come */
                sc_rules_blame(judge, 10, NULL, observed->input_got, observed->input_sent,
                               observed->input_got, "input is lost");
        else
                sc_rules_unjudged(judge, SC_UNJUDGED_INPUT_ORDER, left);
        observed->input_got = observed->input_sent;
}

/* What nobody waits for any more is not known to be lost. */
static void leave_unwaited(struct sc_judge *judge, struct sc_seat *seat)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t head = scene->extent.head;
        sc_received_settle(judge, seat);
        if (seat->vague || seat->adrift || !sc_seat_is_attached(seat) ||
            judge->summary.unjudged[SC_UNJUDGED_MISSING] > 0)
                return;
        note_before(judge, seat);
        uint64_t from = seat->placed ? seat->position : sc_received_places(judge, seat).to;
        from = sc_max_u64(sc_max_u64(from, seat->waited_to), sc_received_tail(scene, head));
        if (from < head)
                sc_rules_unjudged(judge, SC_UNJUDGED_UNWAITED, head - from);
}

void sc_rules_observe_ended(struct sc_judge *judge)
{
        const struct sc_observed *observed = judge->observed;
        uint16_t index = 0;
        const struct sc_seat *seat;
        while ((seat = sc_seats_next(&judge->scene->seats, &index)))
                leave_unwaited(judge, sc_seats_own(&observed->scene->seats, seat));
        if (!judge->scene->guest_gone && !observed->input_murky &&
            judge->scene->config.kind == SC_TRACE_OBSERVER)
                sc_rules_unjudged(judge, SC_UNJUDGED_UNWAITED, observed->input_sent - observed->input_got);
}

/* --- input --- */

/* Who types for nobody: a viewer, another than the writer, or a client while the guest is away. */
static void judge_typed(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        bool viewer = seat && sc_seat_is_viewer(seat);
        bool one = scene->config.writers == SC_WRITERS_ONE;
        bool known = sc_scene_knows(scene, SC_KNOWN_CLIENTS);
        bool other = one && known && seat && sc_succession_oldest(scene, false) != seat->client;
        bool away = scene->guest_gone;
        bool whole = scene->config.input && record->length == record->input.length;
        if (viewer || other || away) {
                judge->observed->input_vague |= other && judge->observed->writer_left;
                if (whole)
                        sc_observed_reject(judge->observed, record->bytes, record->length, !away);
                return;
        }
        sc_observed_type(judge->observed, record->input.client, whole ? record->bytes : NULL,
                         record->input.length);
        if (judge->observed->writer_left || (one && !known)) /* whose turn it is cannot be seen */
                judge->observed->input_client = 0;
        judge->observed->input_vague |= judge->observed->writer_left || !seat;
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
        bool whole = judge->scene->config.input && record->length == length;
        if (!whole || observed->input_murky)
                sc_rules_unjudged(judge, SC_UNJUDGED_INPUT_BYTES, length);
        else if (waits > 0 && observed->input_client == 0)
                sc_rules_unjudged(judge, SC_UNJUDGED_INPUT_ORDER, sc_min_u64(length, waits));
        else {
                size_t part = (size_t)sc_min_u64(length, waits);
                size_t same = sc_observed_match_input(observed, record->bytes, part);
                if (same < length)
                        blame_input(judge, record, same);
        }
        bool counted = !whole || (waits > 0 && observed->input_client == 0 && !observed->input_vague);
        if (counted && !observed->input_murky && length > waits)
                sc_rules_blame(judge, 10, NULL, observed->input_sent, waits, length,
                               "the guest gets input that nobody sent");
        observed->input_got += sc_min_u64(length, waits);
}

/* --- the guest side, and ends --- */

static void judge_end(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record_end *end)
{
        const struct sc_scene *scene = judge->scene;
        if (!seat)
                return;
        if (scene->config.writers == SC_WRITERS_ONE && sc_succession_oldest(scene, false) == seat->client)
                judge->observed->writer_left = true;
        uint64_t attached = scene->attached[sc_seat_is_on_view(seat)];
        bool refused = end->why != 0 && scene->config.clients_max > 0 && attached > scene->config.clients_max;
        if (refused)
                sc_received_settle(judge, seat);
        else
                leave_unwaited(judge, seat);
        if (refused || end->why == 0 || scene->guest_ended || scene->config.kind == SC_TRACE_CLIENT ||
            !sc_seat_is_attached(seat)) /* of who was silent, or asked for what it does not get */
                return;
        if (!sc_scene_knows(scene,
                            SC_KNOWN_CLIENTS)) /* perhaps they were too many, or the guest side ended */
                return;
        if (scene->guest_gone)
                sc_rules_blame(judge, 12, seat, seat->position, NONE, NONE,
                               "a client is ended when the guest goes");
        else
                sc_rules_blame(judge, 11, seat, seat->position, NONE, NONE,
                               "a client is ended that did not go");
}

static void judge_boundary(struct sc_judge *judge, const struct sc_record_boundary *boundary)
{
        struct sc_observed *observed = judge->observed;
        if (judge->scene->config.kind == SC_TRACE_OBSERVER)
                sc_rules_boundary(judge, boundary);
        if (boundary->kind == SC_BOUNDARY_DOWN || boundary->kind == SC_BOUNDARY_ENDED)
                observed->input_got = observed->input_sent;
}

/* --- a stream that says where it begins --- */

static void judge_start(struct sc_judge *judge, const struct sc_seat *seat,
                        const struct sc_record_start *start)
{
        const struct sc_scene *scene = judge->scene;
        if (!sc_scene_begins_stream(start) || start->offset == NONE ||
            judge->summary.unjudged[SC_UNJUDGED_MISSING] > 0)
                return;
        if (seat && start->start == SC_START_OFFSET && start->continues && start->role == SC_ROLE_CLIENT &&
            !sc_seat_is_on_view(seat)) /* it says that it has read what is below */
                judge->observed->received_to = sc_max_u64(judge->observed->received_to,
                                                          sc_min_u64(start->offset, scene->extent.head));
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

void sc_rules_observe(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        switch ((unsigned)record->type) {
        case SC_RECORD_OUTPUT:
                if (record->output.offset != scene->extent.head && sc_scene_knows(scene, SC_KNOWN_HEAD))
                        sc_rules_blame(judge, 1, NULL, record->output.offset, scene->extent.head,
                                       record->output.offset, "output is missing, or there twice");
                sc_observed_say(judge->observed, record->output.offset, record->bytes, record->length);
                return;
        case SC_RECORD_RECEIVED:
                if (seat)
                        sc_received_take(judge, seat, record);
                else
                        sc_rules_unjudged(judge, SC_UNJUDGED_OUTPUT_BYTES, record->length);
                return;
        case SC_RECORD_GAP:
                judge_gap(judge, seat, &record->gap);
                return;
        case SC_RECORD_QUIET:
                judge_quiet(judge, seat, record);
                return;
        case SC_RECORD_MISSING:
                judge->observed->input_murky = true;
                return;
        case SC_RECORD_INPUT:
                judge_typed(judge, seat, record);
                return;
        case SC_RECORD_GUEST_INPUT:
                judge_guest_input(judge, record);
                return;
        case SC_RECORD_END:
                judge_end(judge, seat, &record->end);
                return;
        case SC_RECORD_BOUNDARY:
                judge_boundary(judge, &record->boundary);
                return;
        case SC_RECORD_START:
                judge_start(judge, seat, &record->start);
                return;
        }
}
