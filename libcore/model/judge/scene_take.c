#include "model/judge/begin.h"
#include "model/judge/succession.h"

/* --- output --- */

static void note_arrival(struct sc_scene *scene, uint64_t offset, uint64_t length, uint64_t time_ns)
{
        uint64_t keep = scene->extent.keep_first_bytes;
        if (offset < keep)
                sc_arrivals_add(&scene->first_arrivals, offset, sc_min_u64(length, keep - offset), time_ns);
        sc_arrivals_add(&scene->ring_arrivals, offset, length, time_ns);

        /* A host that keeps 4096 times or more apart doubles its resolution when it has no room for another: when no two
         * neighbours of its entries lie within it, which takes half as many resolutions as there are entries. */
        uint64_t span_ns = sc_add_sat_u64(sc_arrivals_span_ns(&scene->ring_arrivals),
                                          sc_arrivals_span_ns(&scene->first_arrivals));
        if (scene->arrivals_murky) /* it keeps more than is known here, of any age */
                span_ns = 2 * sc_sub_sat_u64(time_ns, scene->began_ns);
        if (scene->ring_arrivals.overflown || scene->first_arrivals.overflown)
                scene->resolution_ns = UINT64_MAX;
        else
                scene->resolution_ns =
                        sc_max_u64(scene->resolution_ns, span_ns / (SC_TIMES_ENTRIES_MAX / 2 - 1) * 2);
}

static void take_output(struct sc_scene *scene, const struct sc_record *record)
{
        struct sc_extent *extent = &scene->extent;
        if (!sc_scene_knows(scene, SC_KNOWN_HEAD) || record->output.offset < extent->head) {
                extent->murky_to = record->output.offset;
                extent->tail = sc_min_u64(extent->tail, record->output.offset);
        }
        extent->head = sc_add_sat_u64(record->output.offset, record->length);
        scene->known |= SC_KNOWN_HEAD;
        scene->held_reported = true;
        if (!scene->guest_up) /* whose output is it? */
                scene->known &= ~(unsigned)SC_KNOWN_GUEST;
        note_arrival(scene, record->output.offset, record->length, record->time_ns);
        sc_seats_splice_level(&scene->seats);
}

static void move_tail(struct sc_scene *scene, uint64_t from, uint64_t to)
{
        struct sc_extent *extent = &scene->extent;
        from = sc_min_u64(sc_max_u64(from, extent->keep_first_bytes), to);
        scene->sums.overwritten_bytes += to - from;
        scene->sums.lost_bytes += sc_sub_sat_u64(to, sc_max_u64(from, scene->consumed));
        extent->tail = to;
        sc_arrivals_forget_below(&scene->ring_arrivals, to, scene->resolution_ns);
}

/* The rest of one read may follow before it. */
bool sc_scene_owes_overflow(const struct sc_scene *scene, const struct sc_record *record)
{
        return scene->last_type == SC_RECORD_OUTPUT && record->type != SC_RECORD_OUTPUT &&
               record->type != SC_RECORD_OVERWRITTEN && record->type != SC_RECORD_MISSING &&
               sc_scene_knows(scene, SC_KNOWN_HEAD | SC_KNOWN_TAIL) &&
               sc_extent_due_tail(&scene->extent) != scene->extent.tail;
}

void sc_scene_overflow(struct sc_scene *scene)
{
        move_tail(scene, scene->extent.tail, sc_extent_due_tail(&scene->extent));
}

/* Who took nothing lately leaves the list: it comes back with the next byte that it takes. */
static void forget_idle(struct sc_scene *scene, uint64_t now_ns)
{
        const struct sc_seat *seat = sc_seats_first(&scene->seats, SC_SEATS_TAKING);
        for (; seat && !sc_scene_took_lately(seat, now_ns);
             seat = sc_seats_first(&scene->seats, SC_SEATS_TAKING))
                sc_seats_take_out(&scene->seats, sc_seats_own(&scene->seats, seat), SC_LINK_TAKING);
}

/* Where the ring is full behind output, tail is known whatever is said. */
static void take_overwritten(struct sc_scene *scene, const struct sc_record *record)
{
        const struct sc_record_overwritten *overwritten = &record->overwritten;
        struct sc_extent *extent = &scene->extent;
        if (scene->config.hold_ns > 0)
                forget_idle(scene, record->time_ns);
        uint64_t from = sc_scene_knows(scene, SC_KNOWN_TAIL) ? extent->tail : overwritten->from;
        uint64_t to = sc_max_u64(from, overwritten->to);
        if (scene->last_type == SC_RECORD_OUTPUT)
                to = sc_extent_due_tail(extent);
        else
                extent->head = sc_max_u64(extent->head, sc_add_sat_u64(to, extent->capacity_bytes));
        move_tail(scene, from, to);
        scene->known |= SC_KNOWN_TAIL;
}

static void take_cleared(struct sc_scene *scene, const struct sc_record_cleared *cleared)
{
        struct sc_extent *extent = &scene->extent;
        extent->head = cleared->head;
        extent->tail = sc_min_u64(extent->tail, extent->head);
        sc_extent_clear(extent);
        scene->consumed = extent->head;
        scene->boundary_forgotten = scene->boundary_newest;
        scene->sums.cleared_bytes += cleared->bytes;
        scene->consumed_due.client = 0;
        scene->known |= SC_KNOWN_HEAD | SC_KNOWN_TAIL | SC_KNOWN_CONSUMED;
        sc_arrivals_clear(&scene->ring_arrivals);
        sc_arrivals_clear(&scene->first_arrivals);

        uint16_t index = 0;
        const struct sc_seat *seat;
        while ((seat = sc_seats_next(&scene->seats, &index)))
                sc_seats_own(&scene->seats, seat)->given_up = false; /* all are at head */
}

/* --- the guest side --- */

static void take_guest_change(struct sc_scene *scene, uint64_t kind, uint64_t number)
{
        scene->known |= SC_KNOWN_GUEST;
        scene->guest_deaf = false;
        if (kind == SC_BOUNDARY_UP)
                sc_scene_drop_stale_input(scene);
        if (kind == SC_BOUNDARY_UP || kind == SC_BOUNDARY_RESET) {
                if (scene->guests > 0)
                        scene->guest_changes++;
                scene->guests++;
                scene->guest_came = number;
                scene->guest_up = true;
                scene->guest_gone = false;
                return;
        }
        scene->guest_up = false;
        scene->guest_gone = true;
        scene->guest_ended = kind == SC_BOUNDARY_ENDED;
        scene->guest_changes++;
        scene->guest_left_wake = scene->wake;
        scene->waiting.break_count = 0;
        scene->held = false;
}

static void take_boundary(struct sc_scene *scene, const struct sc_record_boundary *boundary)
{
        uint64_t number = boundary->number;
        if (number == 0 || number > UINT64_MAX / 2) /* unknown, or beyond belief */
                number = scene->boundary_newest + 1;
        if (number != scene->boundary_newest + 1) { /* those between are not known */
                scene->boundary_forgotten = number - 1;
                scene->boundary_murky = number - 1;
                scene->boundary_newest = number - 1;
        }
        scene->boundary_murky = sc_min_u64(scene->boundary_murky, number - 1);
        scene->boundary_newest = number;
        scene->boundaries[number % SC_BOUNDARIES_MAX] =
                (struct sc_scene_boundary) { boundary->offset, boundary->kind };
        scene->known |= SC_KNOWN_BOUNDARIES;
        if (boundary->kind != SC_BOUNDARY_MARK)
                take_guest_change(scene, boundary->kind, number);
        sc_seats_splice_level(&scene->seats);
}

static void take_hold(struct sc_scene *scene, const struct sc_record *record)
{
        scene->known |= SC_KNOWN_HOLD;
        if (record->hold.held) {
                scene->held_since_ns = record->time_ns;
                scene->held_awake_ns = 0;
                scene->held_reported = scene->config.hold_ns == 0;
        } else if (record->hold.ran_out) {
                uint16_t index = 0;
                const struct sc_seat *seat;
                while ((seat = sc_seats_next(&scene->seats, &index)))
                        if (sc_scene_may_be_awaited(seat) &&
                            sc_scene_room_bytes(scene, seat) < sc_scene_chunk_bytes(scene))
                                sc_seats_own(&scene->seats, seat)->given_up = true;
        }
        scene->held = record->hold.held;
}

/* --- input --- */

static void take_input(struct sc_scene *scene, const struct sc_record *record)
{
        const struct sc_record_input *input = &record->input;
        bool whole = scene->waiting.bytes_known && record->length == input->length;
        sc_waiting_put(&scene->waiting, whole ? record->bytes : NULL, input->length);
}

/* Of what comes from now on all is known. */
static void note_emptied(struct sc_scene *scene)
{
        if (sc_waiting_bytes(&scene->waiting) == 0)
                scene->waiting.bytes_known = scene->config.input == 1;
}

static void take_guest_input(struct sc_scene *scene, uint64_t length)
{
        sc_waiting_give(&scene->waiting, length);
        scene->sums.written_bytes += length;
        while (sc_waiting_next_break(&scene->waiting) < scene->waiting.given) {
                sc_waiting_take_break(&scene->waiting);
                scene->sums.breaks++; /* it is missing: reported */
        }
        note_emptied(scene);
}

static void take_dropped(struct sc_scene *scene, struct sc_seat *seat,
                         const struct sc_record_dropped *dropped)
{
        bool was_stale = !dropped->queued && (!seat || seat->vague || dropped->length <= seat->stale_bytes);
        scene->guest_deaf |= dropped->reason == SC_REFUSED_NO_GUEST && scene->guest_up && !was_stale;
        scene->sums.dropped[dropped->reason] += dropped->length;
        if (dropped->queued) {
                sc_waiting_give(&scene->waiting, dropped->length);
                scene->waiting.break_count = 0;
                note_emptied(scene);
                return;
        }
        if (seat)
                seat->stale_bytes = sc_sub_sat_u64(seat->stale_bytes, dropped->length);
}

/* --- who may do what --- */

static void take_request(struct sc_scene *scene, const struct sc_record_request *request)
{
        if (request->result != SC_RESULT_OK)
                return;
        if (request->frame == SC_FRAME_BREAK)
                sc_waiting_put_break(&scene->waiting);
        else if (request->frame == SC_FRAME_TAKE && request->client == scene->take_due.client)
                scene->take_due.client = 0;
        else if (request->frame == SC_FRAME_KICK) {
                const struct sc_seat *meant =
                        request->value ? sc_seats_find(&scene->seats, request->value) : NULL;
                if (meant && !meant->closing && !meant->vague) { /* else it is perhaps being ended already */
                        struct sc_seat *seat = sc_seats_own(&scene->seats, meant);
                        seat->kick_owed = true;
                        sc_seats_put(&scene->seats, seat, SC_SEATS_OWED);
                }
                if (meant)
                        sc_seats_own(&scene->seats, meant)->kick_asked = true;
        }
}

static void take_writers(struct sc_scene *scene, const struct sc_record_writers *writers)
{
        if (scene->config.writers == SC_WRITERS_ONE && sc_scene_knows(scene, SC_KNOWN_CLIENTS) &&
            !sc_succession_goes_to(scene, writers->writer) && sc_succession_may(scene, writers->writer, true))
                scene->take_due = (struct sc_scene_due) { writers->writer, 0 };
        scene->writer = writers->writer;
        scene->writers_due.client = 0;
        scene->known |= SC_KNOWN_WRITERS;
}

static void take_counters(struct sc_scene *scene, const struct sc_record_counters *counters)
{
        struct sc_sums *sums = &scene->sums;
        struct sc_extent *extent = &scene->extent;
        if (extent->head != counters->head || extent->tail != counters->tail)
                extent->murky_to = counters->head;
        extent->head = counters->head;
        extent->tail = sc_min_u64(counters->tail, counters->head);
        scene->consumed = counters->consumed;
        sums->overwritten_bytes = counters->overwritten_bytes;
        sums->lost_bytes = counters->lost_bytes;
        sums->cleared_bytes = counters->cleared_bytes;
        sums->written_bytes = counters->input_written_bytes;
        memcpy(sums->dropped, counters->input_dropped, sizeof(sums->dropped));
        sums->breaks = counters->breaks;
        sums->connections = counters->connections;
        memset(sums->closings, 0, sizeof(sums->closings));
        sums->closings[SC_ERROR_LIMIT] = counters->over_limit;
        sums->closings[SC_ERROR_MALFORMED] = counters->malformed;
        sums->closings[SC_ERROR_SILENT] = counters->silent;
        sums->closings[SC_ERROR_KICKED] = counters->kicked;
        if (scene->waiting.taken != counters->input_bytes ||
            sc_waiting_bytes(&scene->waiting) != counters->input_waiting_bytes) {
                uint64_t waiting = sc_min_u64(counters->input_waiting_bytes, SC_INPUT_BYTES);
                scene->waiting.taken = sc_max_u64(counters->input_bytes, waiting);
                scene->waiting.given = scene->waiting.taken - waiting;
                if (waiting > 0)
                        scene->waiting.bytes_known = false;
        }
        if (!sc_scene_knows(scene, SC_KNOWN_INPUT))
                sc_waiting_forget_breaks(&scene->waiting);
        scene->resolution_ns = sc_max_u64(counters->resolution_ns, SC_TIMES_RESOLUTION_NS);
        scene->known |= SC_KNOWN_HEAD | SC_KNOWN_TAIL | SC_KNOWN_CONSUMED | SC_KNOWN_INPUT | SC_KNOWN_SUMS;
}

/* --- records that are missing --- */

static void take_missing(struct sc_scene *scene)
{
        sc_seats_init(&scene->seats);
        scene->known = 0;
        scene->extent.murky_to = UINT64_MAX;
        scene->extent.older_to = UINT64_MAX;
        scene->boundary_forgotten = scene->boundary_newest;
        scene->boundary_murky = UINT64_MAX;
        scene->guest_gone = false;
        scene->guests_murky = true;
        scene->held = false;
        scene->write.client = 0;
        scene->consumed_due.client = 0;
        scene->take_due.client = 0;
        scene->writers_due.client = 0;
        scene->waiting.break_count = 0;
        scene->waiting.bytes_known = false;
        scene->arrivals_murky = true;
        memset(scene->attached, 0, sizeof(scene->attached));
        sc_arrivals_clear(&scene->ring_arrivals);
        sc_arrivals_clear(&scene->first_arrivals);
}

/* What a request did stands before it; whom a clear ends, and who follows it as the writer, between them. */
static void note_asked_for(struct sc_scene *scene, const struct sc_record *record)
{
        if (record->type == SC_RECORD_CLEARED)
                scene->asked_for = SC_FRAME_CLEAR;
        else if (record->type == SC_RECORD_BOUNDARY && record->boundary.kind == SC_BOUNDARY_MARK)
                scene->asked_for = SC_FRAME_MARK;
        else if (record->type == SC_RECORD_MISSING)
                scene->asked_for = SC_RECORD_UNKNOWN;
        else if (record->type != SC_RECORD_CLOSING && record->type != SC_RECORD_WRITERS)
                scene->asked_for = 0;
}

/* The console has taken in all that there was. */
static void take_quiet(struct sc_scene *scene)
{
        scene->taken_in = scene->extent.head;
        if (scene->config.history == SC_HISTORY_BOOT)
                sc_begin_of_policy(scene, &scene->taken_boot);
}

/* Beside what it means for its client. */
static void take_apart(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record)
{
        switch ((unsigned)record->type) {
        case SC_RECORD_BOUNDARY:
                take_boundary(scene, &record->boundary);
                return;
        case SC_RECORD_OUTPUT:
                take_output(scene, record);
                return;
        case SC_RECORD_CONNECT:
                sc_scene_take_connect(scene, record);
                return;
        case SC_RECORD_INPUT:
                take_input(scene, record);
                return;
        case SC_RECORD_GUEST_INPUT:
                take_guest_input(scene, record->guest_input.length);
                return;
        case SC_RECORD_MISSING:
                take_missing(scene);
                return;
        case SC_RECORD_STOP:
                scene->stopped = true;
                return;
        case SC_RECORD_CONSUMED:
                scene->consumed = sc_max_u64(scene->consumed, record->consumed.offset);
                scene->known |= SC_KNOWN_CONSUMED;
                return;
        case SC_RECORD_OVERWRITTEN:
                take_overwritten(scene, record);
                return;
        case SC_RECORD_DROPPED:
                take_dropped(scene, seat, &record->dropped);
                return;
        case SC_RECORD_BREAK:
                scene->sums.breaks++;
                if (!sc_waiting_has_unknown_break(&scene->waiting))
                        sc_waiting_take_break(&scene->waiting);
                return;
        case SC_RECORD_REQUEST:
                take_request(scene, &record->request);
                return;
        case SC_RECORD_CLEARED:
                take_cleared(scene, &record->cleared);
                return;
        case SC_RECORD_WRITERS:
                take_writers(scene, &record->writers);
                return;
        case SC_RECORD_HOLD:
                take_hold(scene, record);
                return;
        case SC_RECORD_CLOSING:
                sc_scene_take_closing(scene, seat, &record->closing);
                return;
        case SC_RECORD_COUNTERS:
                take_counters(scene, &record->counters);
                return;
        case SC_RECORD_QUIET:
                if (record->quiet.client == 0)
                        take_quiet(scene);
                return;
        }
}

void sc_scene_take(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record)
{
        scene->gap_client = 0;
        scene->held_reported |= sc_scene_pause_is_too_long(scene, record->time_ns);
        if (scene->held_awake_ns == 0 && record->time_ns >= sc_scene_pause_end_ns(scene))
                scene->held_awake_ns = record->time_ns;
        note_asked_for(scene, record);
        if (!sc_scene_belongs_to_write(scene, record))
                scene->write.client = 0;
        if (!seat)
                seat = sc_scene_meet(scene, record);
        take_apart(scene, seat, record);
        if (seat)
                sc_scene_take_of_client(scene, seat, record);
        scene->last_type = record->type;
        scene->time_ns = record->time_ns;
}
