#ifndef SC_SESSION_H
#define SC_SESSION_H

#include "model/wire/frame.h"

/* The client's side of one native connection: bytes from the host in, what they mean out; input and
 * acknowledgements in, bytes for the host out. */

#define SC_SESSION_RECEIVE_BYTES (2 * SC_FRAME_PAYLOAD_MAX)
#define SC_SESSION_SEND_BYTES SC_FRAME_PAYLOAD_MAX

enum sc_session_event_kind {
        SC_SESSION_NOTHING, /* more bytes are needed */
        SC_SESSION_WELCOME,
        SC_SESSION_DATA, /* `bytes`, from `offset` on */
        SC_SESSION_GAP,
        SC_SESSION_BOUNDARY,
        SC_SESSION_ROLE,
        SC_SESSION_REFUSED, /* `reason`, `count` bytes so far */
        SC_SESSION_DONE,    /* `request` was answered by `answer` */
        SC_SESSION_PONG,    /* to ping `count` */
        SC_SESSION_STATUS,  /* `bytes`: what sc_status_get reads */
        SC_SESSION_ERROR,   /* the host ends the connection: `bytes` says why, `count` is an enum sc_error */
        SC_SESSION_BROKEN,  /* what came is not the protocol */
};

struct sc_session_event {
        enum sc_session_event_kind kind;
        struct sc_span bytes; /* holds until the next call */
        uint64_t offset;
        struct sc_welcome welcome;
        struct sc_gap gap;
        struct sc_boundary boundary;
        struct sc_role_change role;
        enum sc_refusal reason;
        enum sc_frame_type request;
        enum sc_result answer;
        uint64_t count;
};

struct sc_session {
        uint64_t guest_number; /* the last guest boundary that was seen */
        uint64_t acknowledge;  /* what is to be said to have been read */
        uint64_t acknowledged; /* what was said */
        size_t receive_start, receive_end;
        size_t send_start, send_end;
        uint8_t receive[SC_SESSION_RECEIVE_BYTES];
        uint8_t send[SC_SESSION_SEND_BYTES];
};

/* A connection begins: nothing has been said. */
void sc_session_start(struct sc_session *session);
void sc_session_hello(struct sc_session *session, const struct sc_hello *hello);

struct sc_span sc_session_receive_room(struct sc_session *session);
void sc_session_received(struct sc_session *session, size_t length);
/* The next thing that the received bytes say. */
void sc_session_next(struct sc_session *session, struct sc_session_event *event);

/* What is to be sent, and that `length` bytes of it were. */
struct sc_span sc_session_to_send(struct sc_session *session);
void sc_session_sent(struct sc_session *session, size_t length);

/* Everything below `offset` has been put out. It is said with the next that is sent. */
void sc_session_acknowledge(struct sc_session *session, uint64_t offset);

/* Asks for what `type` asks for: take, status, ping, break (for the last guest that was seen). False: no
 * room now. */
bool sc_session_ask(struct sc_session *session, enum sc_frame_type type);

/* As much input as there is room for; returns how much. Stamped with the last guest boundary that was seen. */
size_t sc_session_type(struct sc_session *session, const uint8_t *bytes, size_t length);
/* How much input there is room for. */
size_t sc_session_type_room(const struct sc_session *session);

#endif
