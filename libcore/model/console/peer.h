#ifndef SC_PEER_H
#define SC_PEER_H

#include "model/console/cursor.h"

/* One native connection (PROTOCOL.md): the bytes it sent that are not yet taken apart, and what it is to be told.
 *
 *   HELLO     nothing but a hello is taken. hello -> JOINING or CONTROL; error -> CLOSING
 *   JOINING   the hello waits for the proofs of the others (BF-8). welcome -> ATTACHED, or HELLO (BF-9)
 *   ATTACHED  gets the stream, and answers to its requests. error, kick -> CLOSING
 *   CONTROL   gets answers alone. another hello -> JOINING or CONTROL; error -> CLOSING
 *   CLOSING   an error frame is on its way; nothing is taken any more
 */
enum sc_peer_state { SC_PEER_HELLO, SC_PEER_JOINING, SC_PEER_ATTACHED, SC_PEER_CONTROL, SC_PEER_CLOSING };

#define SC_PEER_RECEIVE_BYTES SC_CLIENT_READ_BYTES_MAX
/* The rest of a data frame that was cut, the largest answer behind it, and an error behind that. */
#define SC_PEER_OUT_BYTES (SC_FRAME_PAYLOAD_MAX + SC_FRAME_DATA_BYTES_MAX + 4096)

struct sc_peer {
        enum sc_peer_state state;
        enum sc_role role;
        struct sc_hello hello;

        uint8_t *receive; /* [receive_start, receive_end) is not yet taken apart */
        size_t receive_start;
        size_t receive_end;
        size_t receive_used;  /* up to where it has been written to since it was wiped */
        uint64_t position;    /* in the peer's stream, of receive_start */
        uint64_t stale_until; /* input frames that begin below this position were sent for what is no more */
        enum sc_refusal stale_reason;
        size_t input_taken; /* bytes of the input frame at receive_start that are in the queue already */

        uint8_t *out; /* [out_start, out_end): the rest of the frame that was cut, or an answer */
        size_t out_start;
        size_t out_end;
        size_t out_used;         /* as receive_used */
        size_t cut_output_bytes; /* of [out_start, out_end), the first: the rest of a frame of output */
        bool answering;          /* an answer is among it */

        uint64_t boundary_next; /* the number of the next boundary to tell */
        bool tell_role;
        struct sc_role_change role_change;
        uint64_t refused[SC_REFUSAL_COUNT];      /* bytes dropped, by reason */
        uint64_t refused_told[SC_REFUSAL_COUNT]; /* of them, what it has been told */
        bool status_wanted;
        bool deaf; /* nothing reaches it any more; what it sent still counts */

        bool history_wanted; /* [history_offset, history_end) and then the end are to be sent */
        uint64_t history_offset;
        uint64_t history_end;
};

/* One write to a peer: what lies in `out`, then whole frames, each taking effect only once a byte of it has gone
 * out. The headers' memory is part of it; one batch serves all peers, for it lives from compose to wrote. */
struct sc_batch_frame {
        enum sc_frame_type type;
        size_t bytes;
        size_t first_span;
        uint64_t value;   /* offset after it, boundary's number, reason */
        uint64_t time_ns; /* of data: its arrival time */
        struct sc_gap gap;
};

#define SC_BATCH_HEADER_BYTES 8192

struct sc_batch {
        struct sc_span spans[SC_SPANS_MAX];
        size_t span_count;
        struct sc_batch_frame frames[SC_SPANS_MAX];
        size_t frame_count;
        size_t out_bytes; /* of peer->out, first of all */
        struct sc_encoder headers;
        uint8_t header_bytes[SC_BATCH_HEADER_BYTES];
};

/* The memory is the caller's, and zeroed: SC_PEER_RECEIVE_BYTES and SC_PEER_OUT_BYTES. */
void sc_peer_init(struct sc_peer *peer, uint8_t *receive, uint8_t *out);

/* Room for the next read; empty when a frame that cannot be taken yet fills it. */
struct sc_span sc_peer_receive_room(struct sc_peer *peer);
void sc_peer_received(struct sc_peer *peer, size_t length);

/* The frame at the start of what was received, and its removal. No frame is taken apart while an answer waits in
 * `out`, so that a peer which does not read its answers is not read from (SC_FRAME_INCOMPLETE). */
enum sc_frame_result sc_peer_next_frame(const struct sc_peer *peer, struct sc_frame *frame);
void sc_peer_consume(struct sc_peer *peer, const struct sc_frame *frame);

/* Whether there are bytes that sc_peer_next_frame would look at. */
bool sc_peer_has_unparsed(const struct sc_peer *peer);

/* An encoder behind what waits in `out`; sc_peer_answered sends what was put there. */
bool sc_peer_may_answer(const struct sc_peer *peer);
struct sc_encoder sc_peer_answer(struct sc_peer *peer);
void sc_peer_answered(struct sc_peer *peer, const struct sc_encoder *answer);

/* Nothing can be sent to it any more: what waits is dropped, and so is every answer. */
void sc_peer_deafen(struct sc_peer *peer);

/* Ends the conversation with an error frame, behind what waits to be sent. */
void sc_peer_fail(struct sc_peer *peer, enum sc_error error, const char *text);

/* Zeroes what the peer sent and was told, as far as it is not needed any more (BF-15). False: the rest of a frame of
 * output that was cut waited in `out`. That is gone as well, and since no other frame can follow the half that was
 * sent, the connection is to be closed. */
bool sc_peer_wipe(struct sc_peer *peer);
/* Zeroes the headers of what was composed: a mark's text is among them. */
void sc_batch_wipe(struct sc_batch *batch);

/* Everything the peer is to be told now, up to SC_SPANS_MAX spans; empty: nothing. `cursor` is used in ATTACHED
 * alone. Changes nothing but the batch. */
void sc_peer_compose(const struct sc_peer *peer, const struct sc_cursor *cursor,
                     const struct sc_history *history, const struct sc_boundaries *boundaries,
                     struct sc_batch *batch);

/* `length` bytes of the batch went out: frames that did, wholly or in part, take effect, and the rest of a frame
 * that was cut is kept, because the ring may overwrite it. */
void sc_peer_wrote(struct sc_peer *peer, struct sc_cursor *cursor, uint64_t head,
                   const struct sc_batch *batch, size_t length, uint64_t now_ns);

/* Whether sc_peer_compose would find something. */
bool sc_peer_has_news(const struct sc_peer *peer, const struct sc_cursor *cursor,
                      const struct sc_history *history, const struct sc_boundaries *boundaries);

#endif
