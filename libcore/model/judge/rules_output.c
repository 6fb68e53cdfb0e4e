#include "model/judge/rules.h"

/* BF-1, 3, 4, 6 and 15: what is kept, what a client gets, and what it never gets. */

#define NONE SC_RECORD_UNKNOWN

/* --- BF-1 --- */

static bool anybody_is_attached(const struct sc_scene *scene)
{
        return scene->attached[0] + scene->attached[1] > 0;
}

/* Nothing goes but what an overflow takes. */
static bool is_overflow(const struct sc_scene *scene, const struct sc_record_overwritten *overwritten)
{
        return scene->last_type == SC_RECORD_OUTPUT && overwritten->to <= sc_extent_due_tail(&scene->extent);
}

void sc_rules_accumulate(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        (void)seat;
        const struct sc_scene *scene = judge->scene;
        if (record->type == SC_RECORD_OUTPUT && sc_scene_knows(scene, SC_KNOWN_HEAD)) {
                uint64_t head = scene->extent.head, offset = record->output.offset;
                if (offset > head)
                        sc_rules_blame(judge, 1, NULL, head, head, offset, "output is missing");
                else if (offset < head)
                        sc_rules_blame(judge, 1, NULL, offset, head, offset, "output is there twice");
        }
        if (record->type == SC_RECORD_OVERWRITTEN && !anybody_is_attached(scene) &&
            sc_scene_knows(scene, SC_KNOWN_ALL) && !is_overflow(scene, &record->overwritten))
                sc_rules_blame(judge, 1, NULL, record->overwritten.from, sc_extent_due_tail(&scene->extent),
                               record->overwritten.to,
                               "output that nobody has read is gone, though there was room for it");
}

/* --- BF-3 --- */

/* A write has been told of in full. */
static void judge_write(struct sc_judge *judge)
{
        const struct sc_scene_write *write = &judge->scene->write;
        const struct sc_seat *seat = sc_seats_find(&judge->scene->seats, write->client);
        uint64_t place = seat ? seat->position : NONE;
        if (write->astray)
                return;
        if (write->raw && !(seat && seat->vague) && write->sent != write->accepted)
                sc_rules_blame(judge, 3, seat, place, write->accepted, write->sent,
                               "what was sent in a write is not what was accepted");
        else if (!write->raw && write->sent > 0 && write->sent - write->last_sent >= write->accepted)
                sc_rules_blame(judge, 3, seat, place, write->accepted, write->sent,
                               "more was sent in a write than was accepted");
}

static bool is_carried(const struct sc_seat *seat, const struct sc_record *record)
{
        return record->type == SC_RECORD_SENT || record->type == SC_RECORD_TOLD ||
               (record->type == SC_RECORD_GAP && seat->native);
}

/* Nothing reaches a client but what the kernel accepted for it. */
static void judge_carried(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        uint64_t place = record->type == SC_RECORD_SENT ? record->sent.offset : seat->position;

        if (record->type == SC_RECORD_TOLD && !seat->native)
                sc_rules_blame(judge, 3, seat, place, NONE, NONE, "a raw client is told of a boundary");
        else if (seat->closing)
                sc_rules_blame(judge, 3, seat, place, NONE, NONE,
                               "a client that is being ended is told more than that");
        else if (!seat->started)
                sc_rules_blame(judge, 3, seat, place, NONE, NONE,
                               "output is sent to a client whose stream has not begun");
        else if (!sc_scene_belongs_to_write(scene, record))
                sc_rules_blame(judge, 3, seat, place, NONE, NONE,
                               "a client is told something outside a write");
        else if (record->type != SC_RECORD_SENT && scene->write.accepted == 0 && !scene->write.astray)
                sc_rules_blame(judge, 3, seat, place, NONE, NONE,
                               "a client is told something in a write of which nothing was accepted");
}

/* A raw client's gap stands before its write, which there is unless the gap reaches head. */
static void judge_gap_before(struct sc_judge *judge, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_seat *seat =
                scene->gap_client ? sc_seats_find(&scene->seats, scene->gap_client) : NULL;
        bool goes_on = (record->type == SC_RECORD_GAP || record->type == SC_RECORD_ACCEPTED) &&
                       record->fields[0] == scene->gap_client;
        if (sc_rules_knows(seat) && !goes_on && record->type != SC_RECORD_MISSING &&
            seat->position < scene->extent.head)
                sc_rules_blame(judge, 3, seat, seat->position, NONE, NONE,
                               "a gap of a raw client is told, and no write follows it");
}

static void judge_sent(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record_sent *sent)
{
        const struct sc_extent *extent = &judge->scene->extent;
        uint64_t end = sc_add_sat_u64(sent->offset, sent->length);

        if (sc_rules_knows(seat) && !seat->started)
                return;
        if (sc_rules_follows(seat) && sent->offset < seat->position)
                sc_rules_blame(judge, 3, seat, sent->offset, seat->position, sent->offset,
                               "a byte is sent twice");
        else if (sc_rules_follows(seat) && sent->offset > seat->position)
                sc_rules_blame(judge, 3, seat, seat->position, seat->position, sent->offset,
                               "a byte is not sent, and no gap tells of it");
        else if (!sc_scene_knows(judge->scene, SC_KNOWN_HEAD))
                return;
        else if (end > extent->head)
                sc_rules_blame(judge, 3, seat, extent->head, extent->head, end,
                               "a byte is sent that was never said");
        else if (sent->offset >= extent->murky_to && sc_extent_retained_to(extent, sent->offset) < end &&
                 !sc_extent_has_cleared(extent, (struct sc_stretch) { sent->offset, end }))
                sc_rules_blame(judge, 3, seat, sc_extent_retained_to(extent, sent->offset), NONE, NONE,
                               "a byte is sent that is not retained");
}

static void judge_accepted(struct sc_judge *judge, const struct sc_seat *seat,
                           const struct sc_record_accepted *accepted)
{
        if (accepted->accepted > accepted->offered)
                sc_rules_blame(judge, 3, seat, NONE, accepted->offered, accepted->accepted,
                               "more is accepted than was offered");
        else if (accepted->offered == 0)
                sc_rules_blame(judge, 3, seat, NONE, NONE, NONE, "a client is offered nothing");
        else if (seat && seat->failed && accepted->accepted > 0)
                sc_rules_blame(judge, 3, seat, seat->position, 0, accepted->accepted,
                               "a client takes something after a write to it failed");
}

void sc_rules_order(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_scene *scene = judge->scene;
        if (scene->write.client != 0 && !sc_scene_belongs_to_write(scene, record) &&
            record->type != SC_RECORD_MISSING)
                judge_write(judge);
        judge_gap_before(judge, record);

        if (sc_rules_knows(seat) && is_carried(seat, record))
                judge_carried(judge, seat, record);
        if (record->type == SC_RECORD_START && seat && seat->started)
                sc_rules_blame(judge, 3, seat, record->start.offset, seat->position, record->start.offset,
                               "a stream begins twice");
        if (record->type == SC_RECORD_SENT)
                judge_sent(judge, seat, &record->sent);
        if (record->type == SC_RECORD_ACCEPTED)
                judge_accepted(judge, seat, &record->accepted);
        if (record->type == SC_RECORD_END && sc_rules_knows(seat) && seat->started &&
            record->end.accepted != seat->position)
                sc_rules_blame(judge, 3, seat, seat->position, seat->position, record->end.accepted,
                               "a client ends at another place than where it was");
}

/* --- BF-4 --- */

static void judge_overwritten(struct sc_judge *judge, const struct sc_record_overwritten *overwritten)
{
        const struct sc_scene *scene = judge->scene;
        const struct sc_extent *extent = &scene->extent;
        uint64_t tail = sc_extent_due_tail(extent);
        bool known = sc_scene_knows(scene, SC_KNOWN_HEAD | SC_KNOWN_TAIL);

        if (overwritten->to < overwritten->from)
                sc_rules_blame(judge, 4, NULL, overwritten->from, NONE, NONE, "tail falls");
        else if (known && overwritten->from != extent->tail)
                sc_rules_blame(judge, 4, NULL, overwritten->from, extent->tail, overwritten->from,
                               "other bytes are overwritten than the oldest");
        else if (known && overwritten->to != tail &&
                 (is_overflow(scene, overwritten) || anybody_is_attached(scene)))
                sc_rules_blame(judge, 4, NULL, overwritten->to, tail, overwritten->to,
                               "the ring does not hold exactly its capacity after an overflow");
}

void sc_rules_overflow(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        (void)seat;
        if (record->type == SC_RECORD_OVERWRITTEN)
                judge_overwritten(judge, &record->overwritten);
}

void sc_rules_overflow_untold(struct sc_judge *judge)
{
        const struct sc_extent *extent = &judge->scene->extent;
        sc_rules_blame(judge, 4, NULL, extent->tail, sc_extent_due_tail(extent), extent->tail,
                       "an overflow is not told");
}

/* --- BF-6 --- */

/* What was overwritten is one gap; what a clear forgot of first and of the ring may be two. */
static bool is_rest_of_gap(const struct sc_scene *scene, const struct sc_record_gap *gap)
{
        const struct sc_record_gap *last = &scene->last_gap;
        struct sc_stretch both = { last->from, gap->to };
        return scene->last_type == SC_RECORD_GAP && last->client == gap->client && last->to == gap->from &&
               last->kind == SC_GAP_OVERWRITTEN && gap->kind == SC_GAP_OVERWRITTEN &&
               sc_extent_is_gone(&scene->extent, both) && !sc_extent_has_cleared(&scene->extent, both);
}

static void judge_gap(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record_gap *gap)
{
        const struct sc_extent *extent = &judge->scene->extent;
        struct sc_stretch stretch = { gap->from, gap->to };

        if (sc_rules_follows(seat) && is_rest_of_gap(judge->scene, gap))
                sc_rules_blame(judge, 6, seat, gap->from, NONE, NONE, "one loss is told as two gaps");
        if (!sc_rules_gap(judge, seat, sc_rules_follows(seat), gap) ||
            !sc_scene_knows(judge->scene, SC_KNOWN_HEAD | SC_KNOWN_TAIL) || gap->from < extent->murky_to ||
            sc_extent_is_gone(extent, stretch))
                return;
        /* From within the kept beginning it is BF-15's. */
        bool begins_gone = sc_extent_retained_to(extent, gap->from) == gap->from;
        uint64_t kept = begins_gone ? sc_extent_next(extent, gap->from) : gap->from;
        if (begins_gone || gap->from >= sc_extent_first(extent).to)
                sc_rules_blame(judge, 6, seat, kept, kept, gap->to,
                               "a gap is told for bytes that are retained");
}

void sc_rules_catch_up(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        if (record->type == SC_RECORD_GAP)
                judge_gap(judge, seat, &record->gap);
        /* Under --hold the host tries again before it judges who is to be waited for. */
        if (record->type == SC_RECORD_ACCEPTED && seat && seat->blocked && !seat->failed &&
            judge->scene->config.hold_ns == 0)
                sc_rules_blame(judge, 6, seat, seat->position, NONE, NONE,
                               "a blocked client is written to before it is writable");
        if (record->type != SC_RECORD_END || !sc_rules_knows(seat) || seat->uncounted)
                return;
        if (record->end.gap_bytes != seat->gap_bytes)
                sc_rules_blame(judge, 6, seat, seat->position, seat->gap_bytes, record->end.gap_bytes,
                               "what a client lost is not the sum of its gaps");
        else if (record->end.cleared_bytes != seat->cleared_bytes)
                sc_rules_blame(judge, 6, seat, seat->position, seat->cleared_bytes, record->end.cleared_bytes,
                               "what was cleared before a client got it is not the sum of its gaps");
}

/* --- BF-15 --- */

static void judge_kind(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record_gap *gap)
{
        const struct sc_extent *extent = &judge->scene->extent;
        struct sc_stretch stretch = { gap->from, gap->to };
        struct sc_stretch first = sc_extent_first(extent);

        if (gap->to <= gap->from || gap->from < extent->murky_to)
                return;
        if (first.from <= gap->from && gap->from < first.to && gap->from < extent->tail)
                sc_rules_blame(judge, 15, seat, gap->from, NONE, NONE,
                               "a byte of the kept beginning is said to be gone");
        else if (gap->kind == SC_GAP_CLEARED && !sc_extent_is_cleared(extent, stretch))
                sc_rules_blame(judge, 15, seat, gap->from, SC_GAP_OVERWRITTEN, gap->kind,
                               "bytes are called cleared that were overwritten");
        else if (gap->kind == SC_GAP_OVERWRITTEN && sc_extent_has_cleared(extent, stretch))
                sc_rules_blame(judge, 15, seat, gap->from, SC_GAP_CLEARED, gap->kind,
                               "bytes are called overwritten that were cleared");
}

static void judge_cleared(struct sc_judge *judge, const struct sc_record_cleared *cleared)
{
        const struct sc_extent *extent = &judge->scene->extent;
        if (!sc_scene_knows(judge->scene, SC_KNOWN_HEAD | SC_KNOWN_TAIL))
                return;
        if (cleared->head != extent->head)
                sc_rules_blame(judge, 15, NULL, cleared->head, extent->head, cleared->head,
                               "a clear is not at head");
        else if (extent->murky_to == 0 && cleared->bytes != sc_extent_retained_bytes(extent))
                sc_rules_blame(judge, 15, NULL, cleared->head, sc_extent_retained_bytes(extent),
                               cleared->bytes, "a clear forgets other than what was retained");
}

/* Whom the clear ended, and who follows it as the writer, stands before the request. */
static const struct sc_request_rule clear = {
        .rule = 15,
        .frame = SC_FRAME_CLEAR,
        .between = SC_TYPE(SC_RECORD_CLOSING) | SC_TYPE(SC_RECORD_WRITERS),
        .not_done = "a client is told that it cleared what is kept",
        .not_asked_for = "what was retained is cleared, and nobody asked for it",
};

void sc_rules_beginning(struct sc_judge *judge, const struct sc_seat *seat, const struct sc_record *record)
{
        const struct sc_extent *extent = &judge->scene->extent;
        if (record->type == SC_RECORD_GAP && sc_scene_knows(judge->scene, SC_KNOWN_HEAD | SC_KNOWN_TAIL))
                judge_kind(judge, seat, &record->gap);
        sc_rules_request(judge, seat, record, &clear);
        if (record->type == SC_RECORD_CLEARED)
                judge_cleared(judge, &record->cleared);
        if (record->type != SC_RECORD_SENT || record->sent.offset < extent->murky_to)
                return;
        struct sc_stretch sent = { record->sent.offset,
                                   sc_add_sat_u64(record->sent.offset, record->sent.length) };
        if (sc_extent_retained_to(extent, sent.from) < sent.to && sc_extent_has_cleared(extent, sent))
                sc_rules_blame(judge, 15, seat, sent.from, NONE, NONE, "a byte is sent that was cleared");
}
