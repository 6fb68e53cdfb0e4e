#include "model/judge/begin.h"

/* What a record means for its client. */

static void count_attached(struct sc_scene *scene, struct sc_seat *seat)
{
        bool counts = sc_seat_is_attached(seat) && !sc_seat_is_over(seat) && seat->listener != 0;
        if (counts == seat->counted)
                return;
        seat->counted = counts;
        scene->attached[sc_seat_is_on_view(seat)] += counts ? 1 : UINT64_MAX;
}

/* Where nobody is the writer, one who may be is. */
static void owe_writer(struct sc_scene *scene, const struct sc_seat *seat)
{
        if (scene->config.writers == SC_WRITERS_ONE && scene->writer == 0 && scene->writers_due.client == 0 &&
            sc_scene_knows(scene, SC_KNOWN_WRITERS) && sc_seat_is_attached(seat) && !sc_seat_is_viewer(seat))
                scene->writers_due = (struct sc_scene_due) { seat->client, 0 };
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

void sc_scene_take_connect(struct sc_scene *scene, const struct sc_record *record)
{
        const struct sc_record_connect *connect = &record->connect;
        scene->sums.connections++;
        scene->ending = false;
        scene->client_last = sc_max_u64(scene->client_last, connect->client);
        if (connect->client == 0 || sc_seats_find(&scene->seats, connect->client))
                return;
        struct sc_seat *seat = sc_seats_add(&scene->seats, connect->client);
        if (!seat)
                return;
        seat->listener = (uint8_t)connect->listener;
        seat->native = connect->listener == SC_TRACE_CONTROL || connect->listener == SC_TRACE_VIEW_CONTROL;
        seat->stale_seen = scene->guest_changes;
        seat->came_taken = scene->taken_in;
        seat->came_settled = scene->settled_to;
        seat->came_boot = scene->taken_boot;
        seat->came_head = scene->extent.head;
        if (!seat->native)
                sc_seats_put(&scene->seats, seat, SC_SEATS_OWED); /* its stream */
        count_attached(scene, seat);
        owe_writer(scene, seat);
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
        uint64_t wanted;
        seat->role = (uint8_t)start->role;
        if (!sc_scene_begins_stream(start))
                return;
        seat->started = true;
        /* What was gone before it came it did not miss. */
        seat->begin = start->offset;
        if (start->start == 0)
                seat->begin = sc_begin_of_policy(scene, &wanted) ? sc_min_u64(wanted, start->offset)
                                                                 : SC_RECORD_UNKNOWN;
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
        owe_writer(scene, seat);
        place(scene, seat);
}

/* The writer goes: another follows, unless all go. */
static void owe_successor(struct sc_scene *scene, const struct sc_seat *seat)
{
        if (scene->config.writers == SC_WRITERS_ONE && scene->writer == seat->client &&
            sc_scene_knows(scene, SC_KNOWN_WRITERS) && seat->why != SC_ERROR_ENDING &&
            scene->writers_due.client == 0)
                scene->writers_due = (struct sc_scene_due) { seat->client, 0 };
}

static void take_end(struct sc_scene *scene, struct sc_seat *seat)
{
        seat->closing = true;
        count_attached(scene, seat);
        owe_successor(scene, seat);
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
        seat->unserved = false;
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

/* What it has passed it is not told of any more. */
static void pass_boundaries(struct sc_scene *scene, struct sc_seat *seat)
{
        uint64_t due;
        uint64_t next = sc_scene_next_boundary(scene, seat, &due);
        while (seat->native && due < seat->position) {
                seat->boundary_next = next + 1;
                next = sc_scene_next_boundary(scene, seat, &due);
        }
}

/* What is told outside a write is found once: the rest of what follows belongs to it. */
static void take_carried(struct sc_scene *scene, const struct sc_seat *seat, const struct sc_record *record)
{
        bool native = seat->native || record->type == SC_RECORD_TOLD;
        if (scene->write.client == 0 && (native || record->type == SC_RECORD_SENT))
                scene->write =
                        (struct sc_scene_write) { .client = seat->client, .raw = !native, .astray = true };
}

static void take_sent(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record_sent *sent)
{
        if (scene->write.client == seat->client) {
                scene->write.sent = sc_add_sat_u64(scene->write.sent, sent->length);
                scene->write.last_sent = sent->length;
        }
        /* Where it is not as it is to be, what follows is not told by this write, nor what the client lost. */
        uint64_t end = sc_add_sat_u64(sent->offset, sent->length);
        bool known = sc_scene_knows(scene, SC_KNOWN_HEAD);
        if ((seat->placed && sent->offset != seat->position) || (known && end > scene->extent.head)) {
                seat->uncounted = true;
                scene->write.astray = true;
        }
        seat->position = known ? sc_min_u64(end, scene->extent.head) : end;
        seat->placed = true;
        if (seat->position >= scene->extent.head)
                seat->given_up = false;
        pass_boundaries(scene, seat);
        place(scene, seat);
}

static void take_gap(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record_gap *gap)
{
        uint64_t length = sc_sub_sat_u64(gap->to, gap->from);
        if (gap->kind == SC_GAP_CLEARED)
                seat->cleared_bytes += length;
        else
                seat->gap_bytes += length;
        scene->last_gap = *gap;
        seat->uncounted |= seat->placed && gap->from != seat->position;
        scene->gap_client = seat->native ? 0 : seat->client;
        seat->position = gap->to;
        seat->placed = true;
        pass_boundaries(scene, seat);
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
                seat->was_stale = true;
                scene->guest_deaf |= scene->guest_up && !scene->guests_murky &&
                                     seat->stale_seen == scene->guest_changes &&
                                     scene->config.writers == SC_WRITERS_ALL;
                seat->stale_seen = scene->guest_changes;
        }
        place(scene, seat);
}

static void take_acknowledged(struct sc_scene *scene, struct sc_seat *seat, uint64_t offset)
{
        if (!seat->native && !seat->vague) /* it cannot */
                return;
        offset = sc_min_u64(offset, seat->position);
        seat->read_to = sc_max_u64(seat->read_to, offset);
        owe_consumed(scene, seat, offset);
}

void sc_scene_take_closing(struct sc_scene *scene, struct sc_seat *seat,
                           const struct sc_record_closing *closing)
{
        scene->sums.closings[closing->why % SC_COUNT(scene->sums.closings)]++;
        if (closing->client == 0)
                scene->sums.connections++;
        if (!seat)
                return;
        seat->closing = true;
        seat->why = closing->why;
        seat->kick_asked |= scene->asked_for == SC_FRAME_CLEAR; /* its frame cannot be completed any more */
        scene->ending |= closing->why == SC_ERROR_ENDING;
        seat->kick_owed = false;
        owe_successor(scene, seat);
        place(scene, seat);
}

struct sc_seat *sc_scene_meet(struct sc_scene *scene, const struct sc_record *record)
{
        uint64_t client = sc_record_client_of(record);
        if (client == 0 || record->type == SC_RECORD_CONNECT || record->type == SC_RECORD_END ||
            record->type == SC_RECORD_DROPPED || record->type == SC_RECORD_QUIET)
                return NULL;
        struct sc_seat *seat = sc_seats_add(&scene->seats, client);
        if (!seat)
                return NULL;
        seat->vague = true;
        seat->native = record->type == SC_RECORD_TOLD || record->type == SC_RECORD_ACKNOWLEDGED;
        seat->stale_seen = scene->guest_changes;
        return seat;
}

void sc_scene_take_of_client(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record)
{
        if (record->type == SC_RECORD_SENT || record->type == SC_RECORD_GAP || record->type == SC_RECORD_TOLD)
                take_carried(scene, seat, record);
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
                seat->boundary_next = sc_add_sat_u64(record->told.number, 1);
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
