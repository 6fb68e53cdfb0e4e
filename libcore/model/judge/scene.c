#include "model/judge/scene.h"

#include "model/judge/begin.h"

void sc_scene_init(struct sc_scene *scene, const struct sc_record *config)
{
        scene->config = config->config;
        memcpy(scene->instance, config->bytes, sc_min_u64(config->length, SC_INSTANCE_BYTES));
        scene->known = SC_KNOWN_ALL;
        scene->extent.capacity_bytes = config->config.capacity_bytes;
        scene->extent.keep_first_bytes = config->config.keep_first_bytes;
        scene->waiting.bytes_known = config->config.input == 1;
        scene->resolution_ns = SC_TIMES_RESOLUTION_NS;
        sc_seats_init(&scene->seats);
}

/* --- whom it is about --- */

uint64_t sc_scene_client_of(const struct sc_record *record)
{
        switch (record->type) {
        case SC_RECORD_CONNECT:
        case SC_RECORD_START:
        case SC_RECORD_END:
        case SC_RECORD_INPUT:
        case SC_RECORD_GAP:
        case SC_RECORD_ACCEPTED:
        case SC_RECORD_SENT:
        case SC_RECORD_TOLD:
        case SC_RECORD_WRITABLE:
        case SC_RECORD_SAMPLE:
        case SC_RECORD_ACKNOWLEDGED:
        case SC_RECORD_CONSUMED:
        case SC_RECORD_DROPPED:
        case SC_RECORD_REQUEST:
        case SC_RECORD_INPUT_ENDED:
        case SC_RECORD_CLOSING:
        case SC_RECORD_RECEIVED:
        case SC_RECORD_QUIET:
                return record->fields[0];
        case SC_RECORD_CONFIG:
        case SC_RECORD_BOUNDARY:
        case SC_RECORD_OUTPUT:
        case SC_RECORD_GUEST_INPUT:
        case SC_RECORD_MISSING:
        case SC_RECORD_STOP:
        case SC_RECORD_OVERWRITTEN:
        case SC_RECORD_BREAK:
        case SC_RECORD_CLEARED:
        case SC_RECORD_WRITERS:
        case SC_RECORD_HOLD:
        case SC_RECORD_COUNTERS:
        case SC_RECORD_TYPE_END:
                break;
        }
        return 0;
}

struct sc_seat *sc_scene_seat(struct sc_scene *scene, const struct sc_record *record)
{
        uint64_t client = sc_scene_client_of(record);
        return client == 0 ? NULL : sc_seats_find(&scene->seats, client);
}

bool sc_scene_belongs_to_write(const struct sc_scene *scene, const struct sc_record *record)
{
        bool carried = record->type == SC_RECORD_SENT || record->type == SC_RECORD_GAP ||
                       record->type == SC_RECORD_TOLD;
        return carried && scene->write.client != 0 && scene->write.client == record->fields[0];
}

bool sc_seat_is_viewer(const struct sc_seat *seat)
{
        return sc_seat_is_on_view(seat) || (seat->native && seat->role != SC_ROLE_CLIENT);
}

bool sc_scene_may_type(const struct sc_scene *scene, const struct sc_seat *seat)
{
        if (sc_seat_is_viewer(seat))
                return false;
        return scene->config.writers != SC_WRITERS_ONE || scene->writer == seat->client;
}

/* --- boundaries --- */

uint64_t sc_scene_oldest_boundary(const struct sc_scene *scene)
{
        uint64_t kept = sc_min_u64(scene->boundary_newest - scene->boundary_forgotten, SC_BOUNDARIES_MAX);
        return scene->boundary_newest - kept + 1;
}

const struct sc_scene_boundary *sc_scene_boundary(const struct sc_scene *scene, uint64_t number)
{
        if (number < sc_scene_oldest_boundary(scene) || number > scene->boundary_newest)
                return NULL;
        return &scene->boundaries[number % SC_BOUNDARIES_MAX];
}

uint64_t sc_scene_next_boundary(const struct sc_scene *scene, const struct sc_seat *seat, uint64_t *offset)
{
        uint64_t next = sc_max_u64(seat->boundary_next, sc_scene_oldest_boundary(scene));
        const struct sc_scene_boundary *boundary = sc_scene_boundary(scene, next);
        *offset = boundary ? boundary->offset : UINT64_MAX;
        return next;
}

bool sc_scene_is_level(const struct sc_scene *scene, const struct sc_seat *seat)
{
        uint64_t due;
        if (seat->position < scene->extent.head)
                return false;
        if (!seat->native || !sc_scene_knows(scene, SC_KNOWN_BOUNDARIES))
                return true;
        sc_scene_next_boundary(scene, seat, &due);
        return due > seat->position;
}

/* --- pauses --- */

uint64_t sc_scene_read_bytes(const struct sc_scene *scene)
{
        return sc_min_u64(SC_GUEST_READ_BYTES_MAX, scene->extent.capacity_bytes);
}

uint64_t sc_scene_chunk_bytes(const struct sc_scene *scene)
{
        return sc_min_u64(sc_scene_read_bytes(scene), scene->extent.capacity_bytes / 4);
}

bool sc_scene_may_be_awaited(const struct sc_seat *seat)
{
        return seat->started && !seat->vague && !seat->closing && !sc_seat_is_viewer(seat) &&
               !seat->hung_up && !seat->failed && !seat->given_up;
}

uint64_t sc_scene_room_bytes(const struct sc_scene *scene, const struct sc_seat *seat)
{
        const struct sc_extent *extent = &scene->extent;
        uint64_t from = sc_max_u64(seat->position, extent->tail);
        uint64_t lag = extent->head - sc_min_u64(from, extent->head);
        return extent->capacity_bytes - sc_min_u64(lag, extent->capacity_bytes);
}

/* --- taking in: output --- */

static void note_arrival(struct sc_scene *scene, uint64_t offset, uint64_t length, uint64_t time_ns)
{
        uint64_t keep = scene->extent.keep_first_bytes;
        if (offset < keep)
                sc_arrivals_add(&scene->first_arrivals, offset, sc_min_u64(length, keep - offset), time_ns);
        sc_arrivals_add(&scene->ring_arrivals, offset, length, time_ns);

        /* A host that keeps 4096 times or more apart doubles its resolution when it has no room for another. */
        uint64_t span_ns =
                sc_arrivals_span_ns(&scene->ring_arrivals) + sc_arrivals_span_ns(&scene->first_arrivals);
        if (scene->ring_arrivals.overflown || scene->first_arrivals.overflown)
                scene->resolution_ns = UINT64_MAX;
        else
                scene->resolution_ns =
                        sc_max_u64(scene->resolution_ns, span_ns / (SC_TIMES_ENTRIES_MAX - 1) * 2);
}

static void take_output(struct sc_scene *scene, const struct sc_record *record)
{
        struct sc_extent *extent = &scene->extent;
        if (!sc_scene_knows(scene, SC_KNOWN_HEAD) || record->output.offset < extent->head) {
                extent->murky_to = record->output.offset;
                extent->tail = sc_min_u64(extent->tail, record->output.offset);
        }
        extent->head = sc_extent_add(record->output.offset, record->length);
        scene->known |= SC_KNOWN_HEAD;
        scene->output_record = scene->records;
        note_arrival(scene, record->output.offset, record->length, record->time_ns);
        sc_seats_splice_level(&scene->seats);
}

static void take_overwritten(struct sc_scene *scene, const struct sc_record_overwritten *overwritten)
{
        struct sc_extent *extent = &scene->extent;
        extent->tail = overwritten->to;
        if (extent->head < extent->tail || extent->head - extent->tail > extent->capacity_bytes)
                extent->head = sc_extent_add(extent->tail, extent->capacity_bytes);
        scene->known |= SC_KNOWN_TAIL;
        sc_arrivals_forget_below(&scene->ring_arrivals, extent->tail, scene->resolution_ns);
        uint64_t from = sc_max_u64(overwritten->from, extent->keep_first_bytes);
        scene->sums.overwritten_bytes += overwritten->to - sc_min_u64(from, overwritten->to);
        scene->sums.lost_bytes += overwritten->lost_bytes;
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
}

/* --- taking in: the guest side --- */

static void take_guest_change(struct sc_scene *scene, uint64_t kind, uint64_t number)
{
        scene->known |= SC_KNOWN_GUEST;
        if (kind == SC_BOUNDARY_UP || kind == SC_BOUNDARY_RESET) {
                if (scene->guests > 0)
                        scene->guest_changes++;
                scene->guests++;
                scene->guest_came = number;
                scene->guest_up = true;
                return;
        }
        scene->guest_up = false;
        scene->guest_ended = kind == SC_BOUNDARY_ENDED;
        scene->guest_changes++;
        scene->guest_left_wake = scene->wake;
        scene->waiting.break_count = 0;
        scene->held = false;
}

static void take_boundary(struct sc_scene *scene, const struct sc_record_boundary *boundary)
{
        uint64_t number = boundary->number;
        if (number == 0 || number == SC_RECORD_UNKNOWN)
                number = scene->boundary_newest + 1;
        if (number != scene->boundary_newest + 1) { /* those between are not known */
                scene->boundary_forgotten = number - 1;
                scene->boundary_newest = number - 1;
        }
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
                scene->held_reported = false;
        } else if (record->hold.ran_out) {
                uint16_t index = 0;
                struct sc_seat *seat;
                while ((seat = sc_seats_next(&scene->seats, &index)))
                        if (sc_scene_may_be_awaited(seat) &&
                            sc_scene_room_bytes(scene, seat) < sc_scene_chunk_bytes(scene))
                                seat->given_up = true;
        }
        scene->held = record->hold.held;
}

/* --- taking in: clients --- */

static void count_attached(struct sc_scene *scene, struct sc_seat *seat)
{
        bool counts = sc_seat_is_attached(seat) && !sc_seat_is_over(seat) && seat->listener != 0;
        if (counts == seat->counted)
                return;
        seat->counted = counts;
        scene->attached[sc_seat_is_on_view(seat)] += counts ? 1 : UINT64_MAX;
}

/* Puts a client where it belongs: among those that are waited for, or not. */
static void place(struct sc_scene *scene, struct sc_seat *seat)
{
        count_attached(scene, seat);
        bool can_be_written = seat->started && !seat->vague && !seat->blocked && !seat->failed &&
                              !seat->hung_up && !seat->closing && !sc_seat_is_over(seat);
        if (!can_be_written)
                sc_seats_take_out(&scene->seats, seat, SC_LINK_TURN);
        else if (!sc_seats_is_in(seat, SC_LINK_TURN))
                sc_seats_put(&scene->seats, seat, SC_SEATS_BEHIND);
}

static void take_connect(struct sc_scene *scene, const struct sc_record *record)
{
        const struct sc_record_connect *connect = &record->connect;
        scene->sums.connections++;
        scene->client_last = sc_max_u64(scene->client_last, connect->client);
        if (connect->client == 0 || sc_seats_find(&scene->seats, connect->client))
                return;
        struct sc_seat *seat = sc_seats_add(&scene->seats, connect->client);
        if (!seat)
                return;
        seat->listener = (uint8_t)connect->listener;
        seat->native = connect->listener == SC_TRACE_CONTROL || connect->listener == SC_TRACE_VIEW_CONTROL;
        seat->stale_seen = scene->guest_changes;
        seat->came_quiet = scene->quiet_head;
        count_attached(scene, seat);
}

static void owe_consumed(struct sc_scene *scene, const struct sc_seat *seat, uint64_t read_to)
{
        if (sc_seat_is_viewer(seat) || seat->vague || seat->begin > scene->consumed ||
            read_to <=
                    sc_max_u64(scene->consumed, scene->consumed_due.client ? scene->consumed_due.offset : 0))
                return;
        scene->consumed_due = (struct sc_scene_due) { seat->client, read_to };
}

static void take_start(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_record_start *start = &record->start;
        seat->role = (uint8_t)start->role;
        if (start->role == SC_ROLE_CONTROL || start->answer == SC_ANSWER_BEYOND_HEAD ||
            start->answer == SC_ANSWER_OTHER_INSTANCE)
                return;
        seat->started = true;
        /* What was gone before it came it did not miss. */
        if (start->start != 0 || !sc_begin_of_policy(scene, &seat->begin) || seat->begin > start->offset)
                seat->begin = start->offset;
        seat->position = start->offset;
        seat->placed = start->offset != SC_RECORD_UNKNOWN;
        seat->read_to = start->offset;
        seat->candidate = start->offset;
        seat->took_ns = record->time_ns;
        seat->boundary_next = sc_scene_oldest_boundary(scene);
        if (start->start == SC_START_OFFSET && start->continues) {
                seat->begin = sc_min_u64(start->offset, scene->consumed);
                owe_consumed(scene, seat, start->offset);
        }
        sc_seats_put(&scene->seats, seat, SC_SEATS_TAKING);
        place(scene, seat);
}

static void take_end(struct sc_scene *scene, struct sc_seat *seat)
{
        seat->closing = true;
        count_attached(scene, seat);
        if (scene->config.writers == SC_WRITERS_ONE && scene->writer == seat->client &&
            seat->why != SC_ERROR_ENDING && scene->writers_due.client == 0)
                scene->writers_due = (struct sc_scene_due) { seat->client, 0 };
        if (scene->write.client == seat->client)
                scene->write.client = 0;
        sc_seats_remove(&scene->seats, seat);
}

static void take_accepted(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_record_accepted *accepted = &record->accepted;
        scene->write = (struct sc_scene_write) { .client = seat->client,
                                                 .raw = !seat->native,
                                                 .accepted = accepted->accepted };
        seat->accepted_wake = scene->wake;
        seat->reset |= accepted->reset == 1;
        seat->failed |= accepted->failed == 1;
        seat->blocked = accepted->accepted < accepted->offered;
        if (!seat->native && accepted->queue_empty)
                seat->candidate = seat->position;
        if (accepted->accepted > 0) {
                seat->accepted_any = true;
                seat->took_ns = record->time_ns;
                sc_seats_put(&scene->seats, seat, SC_SEATS_TAKING);
                if (!seat->native) {
                        seat->read_to = seat->candidate;
                        owe_consumed(scene, seat, seat->read_to);
                }
        }
        place(scene, seat);
}

static void take_sent(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record_sent *sent)
{
        if (scene->write.client == seat->client) {
                scene->write.sent = sc_extent_add(scene->write.sent, sent->length);
                scene->write.last_sent = sent->length;
        }
        seat->position = sc_extent_add(sent->offset, sent->length);
        seat->placed = true;
        if (seat->position >= scene->extent.head)
                seat->given_up = false;
        place(scene, seat);
}

static void take_gap(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record_gap *gap)
{
        uint64_t length = gap->to - sc_min_u64(gap->from, gap->to);
        if (gap->kind == SC_GAP_CLEARED)
                seat->cleared_bytes += length;
        else
                seat->gap_bytes += length;
        seat->position = gap->to;
        seat->placed = true;
        place(scene, seat);
}

static void take_sample(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record_sample *sample)
{
        seat->reset |= sample->reset == 1;
        seat->hung_up |= sample->hung_up == 1;
        if (!seat->native && seat->started && sample->hung_up) {
                if (sample->queue_empty && !seat->reset)
                        seat->read_to = seat->candidate = seat->position;
                else
                        seat->candidate = seat->read_to;
        } else if (!seat->native && seat->started) {
                if (sample->queue_empty)
                        seat->candidate = seat->position;
                seat->read_to = seat->candidate;
        }
        if (!seat->native && seat->started)
                owe_consumed(scene, seat, seat->read_to);
        if (sample->stale) {
                seat->stale_bytes = sample->unread_bytes;
                seat->stale_seen = scene->guest_changes;
        }
        place(scene, seat);
}

static void take_acknowledged(struct sc_scene *scene, struct sc_seat *seat, uint64_t offset)
{
        seat->read_to = sc_max_u64(seat->read_to, offset);
        owe_consumed(scene, seat, offset);
}

/* --- taking in: input --- */

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

static void take_dropped(struct sc_scene *scene, const struct sc_record_dropped *dropped)
{
        scene->sums.dropped[dropped->reason] += dropped->length;
        if (dropped->queued) {
                sc_waiting_give(&scene->waiting, dropped->length);
                scene->sums.dropped_queued += dropped->length;
                scene->waiting.break_count = 0;
                note_emptied(scene);
                return;
        }
        struct sc_seat *seat = dropped->client ? sc_seats_find(&scene->seats, dropped->client) : NULL;
        if (seat)
                seat->stale_bytes -= sc_min_u64(seat->stale_bytes, dropped->length);
}

/* --- taking in: who may do what --- */

static void take_request(struct sc_scene *scene, const struct sc_record_request *request)
{
        if (request->result != SC_RESULT_OK)
                return;
        if (request->frame == SC_FRAME_BREAK)
                sc_waiting_put_break(&scene->waiting);
        else if (request->frame == SC_FRAME_TAKE && request->client == scene->take_due.client)
                scene->take_due.client = 0;
        else if (request->frame == SC_FRAME_KICK) {
                struct sc_seat *meant = request->value ? sc_seats_find(&scene->seats, request->value) : NULL;
                if (meant && !meant->closing) {
                        meant->kick_owed = true;
                        sc_seats_put(&scene->seats, meant, SC_SEATS_OWED);
                }
        }
}

static void take_writers(struct sc_scene *scene, const struct sc_record_writers *writers)
{
        scene->writer = writers->writer;
        scene->answerer = writers->answerer;
        scene->writers_due.client = 0;
        scene->known |= SC_KNOWN_WRITERS;
}

static void take_closing(struct sc_scene *scene, struct sc_seat *seat,
                         const struct sc_record_closing *closing)
{
        scene->sums.closings[closing->why % SC_COUNT(scene->sums.closings)]++;
        if (closing->client == 0)
                scene->sums.connections++;
        if (!seat)
                return;
        seat->closing = true;
        seat->why = closing->why;
        seat->kick_owed = false;
        if (scene->config.writers == SC_WRITERS_ONE && scene->writer == seat->client &&
            closing->why != SC_ERROR_ENDING)
                scene->writers_due = (struct sc_scene_due) { seat->client, 0 };
        place(scene, seat);
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
        scene->held = false;
        scene->write.client = 0;
        scene->consumed_due.client = 0;
        scene->take_due.client = 0;
        scene->writers_due.client = 0;
        scene->waiting.break_count = 0;
        scene->waiting.bytes_known = false;
        memset(scene->attached, 0, sizeof(scene->attached));
        sc_arrivals_clear(&scene->ring_arrivals);
        sc_arrivals_clear(&scene->first_arrivals);
}

/* Of a client that came while records were missing, as much as the record says. */
static struct sc_seat *meet(struct sc_scene *scene, const struct sc_record *record)
{
        uint64_t client = sc_scene_client_of(record);
        if (client == 0 || record->type == SC_RECORD_CONNECT || record->type == SC_RECORD_END)
                return NULL;
        struct sc_seat *seat = sc_seats_add(&scene->seats, client);
        if (!seat)
                return NULL;
        seat->vague = true;
        seat->native = record->type == SC_RECORD_TOLD || record->type == SC_RECORD_ACKNOWLEDGED;
        seat->stale_seen = scene->guest_changes;
        return seat;
}

/* One case for each type. */
static void take_of_client(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record)
{
        if (record->type == SC_RECORD_START)
                take_start(scene, seat, record);
        else if (record->type == SC_RECORD_END)
                take_end(scene, seat);
        else if (record->type == SC_RECORD_ACCEPTED)
                take_accepted(scene, seat, record);
        else if (record->type == SC_RECORD_SENT)
                take_sent(scene, seat, &record->sent);
        else if (record->type == SC_RECORD_GAP)
                take_gap(scene, seat, &record->gap);
        else if (record->type == SC_RECORD_TOLD)
                seat->boundary_next = sc_extent_add(record->told.number, 1);
        else if (record->type == SC_RECORD_SAMPLE)
                take_sample(scene, seat, &record->sample);
        else if (record->type == SC_RECORD_ACKNOWLEDGED)
                take_acknowledged(scene, seat, record->acknowledged.offset);
        else if (record->type == SC_RECORD_WRITABLE)
                seat->blocked = false;
        else if (record->type == SC_RECORD_INPUT_ENDED) {
                seat->input_ended = true;
                seat->reset |= record->input_ended.reset == 1;
        }
        if (record->type == SC_RECORD_WRITABLE || record->type == SC_RECORD_INPUT_ENDED)
                place(scene, seat);
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
                take_connect(scene, record);
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
                scene->consumed = record->consumed.offset;
                scene->known |= SC_KNOWN_CONSUMED;
                return;
        case SC_RECORD_OVERWRITTEN:
                take_overwritten(scene, &record->overwritten);
                return;
        case SC_RECORD_DROPPED:
                take_dropped(scene, &record->dropped);
                return;
        case SC_RECORD_BREAK:
                scene->sums.breaks++;
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
                take_closing(scene, seat, &record->closing);
                return;
        case SC_RECORD_COUNTERS:
                take_counters(scene, &record->counters);
                return;
        case SC_RECORD_QUIET:
                if (record->quiet.client == 0)
                        scene->quiet_head = scene->extent.head;
                return;
        }
}

void sc_scene_take(struct sc_scene *scene, const struct sc_record *record)
{
        struct sc_seat *seat = sc_scene_seat(scene, record);
        scene->output_record = 0;
        if (!sc_scene_belongs_to_write(scene, record))
                scene->write.client = 0;
        if (!seat && !sc_scene_knows(scene, SC_KNOWN_CLIENTS))
                seat = meet(scene, record);
        take_apart(scene, seat, record);
        if (seat)
                take_of_client(scene, seat, record);
        scene->last_type = record->type;
        scene->time_ns = record->time_ns;
}
