#include "model/console/peer.h"

/* The largest frame that is a header to a batch: a boundary with a mark's text. */
#define HEADER_BYTES_MAX (SC_FRAME_HEADER_BYTES + SC_BOUNDARY_FIELDS_BYTES + SC_MARK_BYTES_MAX)

void sc_peer_init(struct sc_peer *peer, uint8_t *receive, uint8_t *out)
{
        *peer = (struct sc_peer) { .state = SC_PEER_HELLO, .receive = receive, .out = out };
}

static void note_used(size_t *used, size_t end)
{
        if (*used < end)
                *used = end;
}

struct sc_span sc_peer_receive_room(struct sc_peer *peer)
{
        if (peer->receive_start > 0) {
                memmove(peer->receive, peer->receive + peer->receive_start,
                        peer->receive_end - peer->receive_start);
                peer->receive_end -= peer->receive_start;
                peer->receive_start = 0;
        }
        return (struct sc_span) { peer->receive + peer->receive_end,
                                  SC_PEER_RECEIVE_BYTES - peer->receive_end };
}

void sc_peer_received(struct sc_peer *peer, size_t length)
{
        SC_ASSERT(length <= SC_PEER_RECEIVE_BYTES - peer->receive_end);

        peer->receive_end += length;
        note_used(&peer->receive_used, peer->receive_end);
}

bool sc_peer_may_answer(const struct sc_peer *peer)
{
        return !peer->answering;
}

bool sc_peer_has_unparsed(const struct sc_peer *peer)
{
        return peer->receive_start < peer->receive_end && peer->state != SC_PEER_CLOSING;
}

enum sc_frame_result sc_peer_next_frame(const struct sc_peer *peer, struct sc_frame *frame)
{
        bool busy = peer->status_wanted || peer->history_wanted || !sc_peer_may_answer(peer);
        if (!sc_peer_has_unparsed(peer) || peer->state == SC_PEER_JOINING || (busy && !peer->deaf))
                return SC_FRAME_INCOMPLETE;
        return sc_frame_next(peer->receive + peer->receive_start, peer->receive_end - peer->receive_start,
                             SC_FROM_CLIENT, frame);
}

void sc_peer_consume(struct sc_peer *peer, const struct sc_frame *frame)
{
        peer->receive_start += frame->frame_bytes;
        peer->position += frame->frame_bytes;
        peer->input_taken = 0;
}

struct sc_encoder sc_peer_answer(struct sc_peer *peer)
{
        SC_ASSERT(sc_peer_may_answer(peer));

        peer->out_end -= peer->out_start;
        memmove(peer->out, peer->out + peer->out_start, peer->out_end);
        peer->out_start = 0;
        return (struct sc_encoder) { .bytes = peer->out,
                                     .capacity = SC_PEER_OUT_BYTES,
                                     .length = peer->out_end };
}

void sc_peer_answered(struct sc_peer *peer, const struct sc_encoder *answer)
{
        note_used(&peer->out_used, answer->length);
        peer->out_end = peer->deaf ? 0 : answer->length;
        peer->answering = !peer->deaf;
}

void sc_peer_deafen(struct sc_peer *peer)
{
        peer->deaf = true;
        peer->answering = false;
        peer->out_start = 0;
        peer->out_end = 0;
        peer->cut_output_bytes = 0;
}

void sc_peer_fail(struct sc_peer *peer, enum sc_error error, const char *text)
{
        /* Behind the rest of a frame that was cut: the peer must be able to tell where it ends. */
        struct sc_encoder encoder = { .bytes = peer->out,
                                      .capacity = SC_PEER_OUT_BYTES,
                                      .length = peer->out_end };
        sc_frame_put_error(&encoder, error, text);
        note_used(&peer->out_used, encoder.length);
        peer->out_end = peer->deaf ? 0 : encoder.length;
        peer->state = SC_PEER_CLOSING;
        peer->tell_role = false;
        peer->history_wanted = false;
        peer->status_wanted = false;
        memcpy(peer->refused_told, peer->refused, sizeof(peer->refused));
}

/* --- forgetting --- */

static void wipe_around(uint8_t *bytes, size_t start, size_t end, size_t *used)
{
        memset(bytes, 0, start);
        memset(bytes + end, 0, *used - end);
        *used = end;
}

bool sc_peer_wipe(struct sc_peer *peer)
{
        bool cut = peer->cut_output_bytes > 0;
        if (cut)
                sc_peer_deafen(peer);
        wipe_around(peer->out, peer->out_start, peer->out_end, &peer->out_used);
        wipe_around(peer->receive, peer->receive_start, peer->receive_end, &peer->receive_used);
        memset(peer->receive + peer->receive_start + SC_FRAME_HEADER_BYTES + SC_INPUT_FIELDS_BYTES, 0,
               peer->input_taken);
        return !cut;
}

void sc_batch_wipe(struct sc_batch *batch)
{
        memset(batch->header_bytes, 0, sizeof(batch->header_bytes));
}

/* --- composing --- */

/* Where the peer will be when all that is in the batch has gone out. */
struct prospect {
        uint64_t offset;
        uint64_t boundary_next;
        uint64_t history_offset;
        bool history_wanted;
};

static bool batch_has_room(const struct sc_batch *batch)
{
        return batch->span_count + 2 <= SC_SPANS_MAX &&
               batch->headers.capacity - batch->headers.length >= HEADER_BYTES_MAX;
}

/* The frame whose header was put since `header_start`, with its payload if it has one. */
static struct sc_batch_frame *batch_add(struct sc_batch *batch, enum sc_frame_type type, size_t header_start,
                                        const struct sc_span *payload)
{
        struct sc_batch_frame *frame = &batch->frames[batch->frame_count++];
        *frame = (struct sc_batch_frame) { .type = type, .first_span = batch->span_count };
        struct sc_span header = { batch->headers.bytes + header_start, batch->headers.length - header_start };
        batch->spans[batch->span_count++] = header;
        frame->bytes = header.length;
        if (payload) {
                batch->spans[batch->span_count++] = *payload;
                frame->bytes += payload->length;
        }
        return frame;
}

static void compose_notices(const struct sc_peer *peer, struct sc_batch *batch)
{
        if (peer->tell_role) {
                size_t start = batch->headers.length;
                sc_frame_put_role(&batch->headers, &peer->role_change);
                batch_add(batch, SC_FRAME_ROLE, start, NULL);
        }
        for (unsigned reason = 0; reason < SC_REFUSAL_COUNT; reason++) {
                if (peer->refused[reason] == peer->refused_told[reason])
                        continue;
                size_t start = batch->headers.length;
                sc_frame_put_refused(&batch->headers, (enum sc_refusal)reason, peer->refused[reason]);
                batch_add(batch, SC_FRAME_REFUSED, start, NULL)->value = reason;
        }
}

/* A piece of output at `offset`, or the gap there. Returns the offset behind it. */
static uint64_t compose_output(const struct sc_history *history, uint64_t offset, uint64_t end, bool live,
                               struct sc_batch *batch)
{
        size_t start = batch->headers.length;
        struct sc_gap gap;
        if (sc_history_gap(history, offset, &gap)) {
                gap.to = sc_min_u64(gap.to, end);
                enum sc_frame_type type = live ? SC_FRAME_GAP : SC_FRAME_HISTORY_GAP;
                sc_frame_put_gap(&batch->headers, type, &gap);
                struct sc_batch_frame *frame = batch_add(batch, type, start, NULL);
                frame->gap = gap;
                frame->value = gap.to;
                return gap.to;
        }
        enum sc_frame_type type = live ? SC_FRAME_DATA : SC_FRAME_HISTORY_DATA;
        struct sc_piece piece =
                sc_history_piece(history, offset, (size_t)sc_min_u64(end - offset, SC_FRAME_DATA_BYTES_MAX));
        sc_frame_put_data_fields(&batch->headers, type, offset, piece.time_ns, piece.span.length);
        struct sc_batch_frame *frame = batch_add(batch, type, start, &piece.span);
        frame->value = offset + piece.span.length;
        frame->time_ns = piece.time_ns;
        return frame->value;
}

/* The next boundary that is due at `offset`, or NULL; and in *limit where the one after `offset` lies. */
static const struct sc_boundary *due_boundary(const struct sc_boundaries *boundaries, uint64_t next,
                                              uint64_t offset, uint64_t *limit)
{
        next = sc_max_u64(next, sc_boundaries_oldest(boundaries));
        const struct sc_boundary *boundary = sc_boundaries_at(boundaries, next);
        if (!boundary)
                return NULL;
        if (boundary->offset <= offset)
                return boundary;
        *limit = sc_min_u64(*limit, boundary->offset);
        return NULL;
}

/* The next frame of the stream: a boundary, a gap or data. False: the peer is at head. */
static bool compose_stream(const struct sc_history *history, const struct sc_boundaries *boundaries,
                           struct prospect *prospect, struct sc_batch *batch)
{
        uint64_t end = history->ring.head;
        const struct sc_boundary *boundary =
                due_boundary(boundaries, prospect->boundary_next, prospect->offset, &end);
        if (boundary) {
                size_t start = batch->headers.length;
                sc_frame_put_boundary(&batch->headers, boundary);
                batch_add(batch, SC_FRAME_BOUNDARY, start, NULL)->value = boundary->number;
                prospect->boundary_next = boundary->number + 1;
                return true;
        }
        if (prospect->offset == history->ring.head)
                return false;
        prospect->offset = compose_output(history, prospect->offset, end, true, batch);
        return true;
}

static bool compose_history(const struct sc_peer *peer, const struct sc_history *history,
                            struct prospect *prospect, struct sc_batch *batch)
{
        if (!prospect->history_wanted)
                return false;
        if (prospect->history_offset < peer->history_end) {
                prospect->history_offset =
                        compose_output(history, prospect->history_offset, peer->history_end, false, batch);
                return true;
        }
        size_t start = batch->headers.length;
        sc_frame_put_value(&batch->headers, SC_FRAME_HISTORY_END, prospect->history_offset);
        batch_add(batch, SC_FRAME_HISTORY_END, start, NULL);
        prospect->history_wanted = false;
        return true;
}

void sc_peer_compose(const struct sc_peer *peer, const struct sc_cursor *cursor,
                     const struct sc_history *history, const struct sc_boundaries *boundaries,
                     struct sc_batch *batch)
{
        batch->span_count = 0;
        batch->frame_count = 0;
        batch->headers =
                (struct sc_encoder) { .bytes = batch->header_bytes, .capacity = SC_BATCH_HEADER_BYTES };
        batch->out_bytes = peer->out_end - peer->out_start;
        if (batch->out_bytes > 0)
                batch->spans[batch->span_count++] =
                        (struct sc_span) { peer->out + peer->out_start, batch->out_bytes };
        if (peer->state == SC_PEER_CLOSING)
                return;

        struct prospect prospect = {
                .offset = cursor->offset,
                .boundary_next = peer->boundary_next,
                .history_offset = peer->history_offset,
                .history_wanted = peer->history_wanted,
        };
        compose_notices(peer, batch);
        bool more = true;
        while (more && batch_has_room(batch)) {
                more = peer->state == SC_PEER_ATTACHED &&
                       compose_stream(history, boundaries, &prospect, batch);
                if (batch_has_room(batch))
                        more |= compose_history(peer, history, &prospect, batch);
        }
}

bool sc_peer_has_news(const struct sc_peer *peer, const struct sc_cursor *cursor,
                      const struct sc_history *history, const struct sc_boundaries *boundaries)
{
        if (peer->out_start < peer->out_end || peer->tell_role || peer->history_wanted)
                return true;
        if (memcmp(peer->refused, peer->refused_told, sizeof(peer->refused)) != 0)
                return true;
        return peer->state == SC_PEER_ATTACHED &&
               (cursor->offset < history->ring.head ||
                sc_max_u64(peer->boundary_next, sc_boundaries_oldest(boundaries)) <= boundaries->newest);
}

/* --- what went out --- */

static void take_effect(struct sc_peer *peer, struct sc_cursor *cursor, uint64_t head,
                        const struct sc_batch_frame *frame, uint64_t now_ns)
{
        switch (frame->type) {
        case SC_FRAME_DATA:
                sc_cursor_advance(cursor, frame->value - cursor->offset, head, now_ns);
                return;
        case SC_FRAME_GAP:
                sc_cursor_pass_gap(cursor, &frame->gap);
                return;
        case SC_FRAME_HISTORY_DATA:
        case SC_FRAME_HISTORY_GAP:
                peer->history_offset = frame->value;
                return;
        case SC_FRAME_HISTORY_END:
                peer->history_wanted = false;
                return;
        case SC_FRAME_BOUNDARY:
                peer->boundary_next = frame->value + 1;
                return;
        case SC_FRAME_ROLE:
                peer->tell_role = false;
                return;
        case SC_FRAME_REFUSED:
                peer->refused_told[frame->value] = peer->refused[frame->value];
                return;
        default:
                SC_ASSERT(false);
        }
}

/* Keeps what of the frame lies behind its first `sent` bytes. */
static void keep_cut(struct sc_peer *peer, const struct sc_batch *batch, const struct sc_batch_frame *frame,
                     size_t sent)
{
        size_t left = frame->bytes - sent;
        peer->out_start = 0;
        peer->out_end = 0;
        for (size_t i = frame->first_span; peer->out_end < left; i++) {
                struct sc_span span = batch->spans[i];
                size_t skipped = (size_t)sc_min_u64(sent, span.length);
                memcpy(peer->out + peer->out_end, span.bytes + skipped, span.length - skipped);
                peer->out_end += span.length - skipped;
                sent -= skipped;
        }
        bool output = frame->type == SC_FRAME_DATA || frame->type == SC_FRAME_HISTORY_DATA;
        peer->cut_output_bytes = output ? left : 0;
        note_used(&peer->out_used, peer->out_end);
}

void sc_peer_wrote(struct sc_peer *peer, struct sc_cursor *cursor, uint64_t head,
                   const struct sc_batch *batch, size_t length, uint64_t now_ns)
{
        size_t out_sent = (size_t)sc_min_u64(length, batch->out_bytes);
        peer->out_start += out_sent;
        peer->cut_output_bytes -= (size_t)sc_min_u64(peer->cut_output_bytes, out_sent);
        if (peer->out_start == peer->out_end) {
                peer->out_start = peer->out_end = 0;
                peer->answering = false;
        }

        cursor->tried_ns = now_ns;
        if (length > 0)
                cursor->took_ns = now_ns;
        size_t left = length - out_sent;
        for (size_t i = 0; i < batch->frame_count && left > 0; i++) {
                const struct sc_batch_frame *frame = &batch->frames[i];
                take_effect(peer, cursor, head, frame, now_ns);
                if (left < frame->bytes)
                        keep_cut(peer, batch, frame, left);
                left = sc_sub_sat_u64(left, frame->bytes);
        }
}
