#include "model/client/session.h"

#define INPUT_HEADER_BYTES (SC_FRAME_HEADER_BYTES + SC_INPUT_FIELDS_BYTES)
#define REQUEST_BYTES (SC_FRAME_HEADER_BYTES + 8)
/* Input leaves this much for acknowledgements and requests. */
#define RESERVED_BYTES (64 * REQUEST_BYTES)

void sc_session_start(struct sc_session *session)
{
        session->guest_number = 0;
        session->acknowledge = session->acknowledged = 0;
        session->receive_start = session->receive_end = 0;
        session->send_start = session->send_end = 0;
}

static size_t send_room(const struct sc_session *session)
{
        return SC_SESSION_SEND_BYTES - session->send_end;
}

static struct sc_encoder send_encoder(struct sc_session *session)
{
        return (struct sc_encoder) {
                .bytes = session->send,
                .capacity = SC_SESSION_SEND_BYTES,
                .length = session->send_end,
        };
}

void sc_session_hello(struct sc_session *session, const struct sc_hello *hello)
{
        struct sc_encoder encoder = send_encoder(session);
        sc_frame_put_hello(&encoder, hello);
        session->send_end = encoder.length;
}

struct sc_span sc_session_receive_room(struct sc_session *session)
{
        if (session->receive_start > 0) {
                memmove(session->receive, session->receive + session->receive_start,
                        session->receive_end - session->receive_start);
                session->receive_end -= session->receive_start;
                session->receive_start = 0;
        }
        return (struct sc_span) { session->receive + session->receive_end,
                                  SC_SESSION_RECEIVE_BYTES - session->receive_end };
}

void sc_session_received(struct sc_session *session, size_t length)
{
        SC_ASSERT(length <= SC_SESSION_RECEIVE_BYTES - session->receive_end);

        session->receive_end += length;
}

static void see_boundary(struct sc_session *session, const struct sc_boundary *boundary)
{
        if (boundary->kind != SC_BOUNDARY_MARK)
                session->guest_number = sc_max_u64(session->guest_number, boundary->number);
}

static struct sc_span rest_of(struct sc_session *session, const struct sc_decoder *payload)
{
        size_t start = (size_t)(payload->bytes - session->receive) + payload->position;
        return (struct sc_span) { session->receive + start, sc_bytes_left(payload) };
}

/* False: a field is none that the version knows. */
static bool take_frame(struct sc_session *session, struct sc_frame *frame, struct sc_session_event *event)
{
        struct sc_decoder *payload = &frame->payload;
        switch (frame->type) {
        case SC_FRAME_WELCOME:
                event->kind = SC_SESSION_WELCOME;
                if (!sc_frame_get_welcome(payload, &event->welcome))
                        return false;
                session->guest_number = event->welcome.guest_number;
                session->acknowledge = session->acknowledged = event->welcome.start;
                return true;
        case SC_FRAME_DATA:
                event->kind = SC_SESSION_DATA;
                event->offset = sc_bytes_get(payload, 8);
                sc_bytes_get(payload, 8);
                event->bytes = rest_of(session, payload);
                return true;
        case SC_FRAME_GAP:
                event->kind = SC_SESSION_GAP;
                return sc_frame_get_gap(payload, &event->gap);
        case SC_FRAME_BOUNDARY:
                event->kind = SC_SESSION_BOUNDARY;
                if (!sc_frame_get_boundary(payload, &event->boundary))
                        return false;
                see_boundary(session, &event->boundary);
                return true;
        case SC_FRAME_ROLE:
                event->kind = SC_SESSION_ROLE;
                return sc_frame_get_role(payload, &event->role);
        case SC_FRAME_REFUSED: {
                event->kind = SC_SESSION_REFUSED;
                uint64_t reason = sc_bytes_get(payload, 1);
                sc_bytes_get(payload, 7);
                event->reason = (enum sc_refusal)reason;
                event->count = sc_bytes_get(payload, 8);
                return reason < SC_REFUSAL_COUNT;
        }
        case SC_FRAME_ERROR:
                event->kind = SC_SESSION_ERROR;
                event->count = sc_bytes_get(payload, 2);
                event->bytes = rest_of(session, payload);
                return true;
        case SC_FRAME_DONE:
                event->kind = SC_SESSION_DONE;
                event->request = (enum sc_frame_type)sc_bytes_get(payload, 1);
                event->answer = (enum sc_result)sc_bytes_get(payload, 1);
                return true;
        case SC_FRAME_PONG:
                event->kind = SC_SESSION_PONG;
                event->count = sc_bytes_get(payload, 8);
                return true;
        case SC_FRAME_STATUS:
                event->kind = SC_SESSION_STATUS;
                event->bytes = rest_of(session, payload);
                return true;
        default: /* answers to what this client does not ask */
                return true;
        }
}

void sc_session_next(struct sc_session *session, struct sc_session_event *event)
{
        struct sc_frame frame;
        *event = (struct sc_session_event) { .kind = SC_SESSION_NOTHING };
        while (event->kind == SC_SESSION_NOTHING) {
                enum sc_frame_result result =
                        sc_frame_next(session->receive + session->receive_start,
                                      session->receive_end - session->receive_start, SC_FROM_HOST, &frame);
                if (result == SC_FRAME_INCOMPLETE)
                        return;
                if (result != SC_FRAME_COMPLETE || !take_frame(session, &frame, event)) {
                        event->kind = SC_SESSION_BROKEN;
                        return;
                }
                session->receive_start += frame.frame_bytes;
        }
}

/* What was not said yet for want of room. */
static void put_acknowledgement(struct sc_session *session)
{
        if (session->acknowledge <= session->acknowledged || send_room(session) < REQUEST_BYTES)
                return;
        struct sc_encoder encoder = send_encoder(session);
        sc_frame_put_value(&encoder, SC_FRAME_ACKNOWLEDGE, session->acknowledge);
        session->send_end = encoder.length;
        session->acknowledged = session->acknowledge;
}

struct sc_span sc_session_to_send(struct sc_session *session)
{
        put_acknowledgement(session);
        return (struct sc_span) { session->send + session->send_start,
                                  session->send_end - session->send_start };
}

void sc_session_sent(struct sc_session *session, size_t length)
{
        SC_ASSERT(length <= session->send_end - session->send_start);

        session->send_start += length;
        if (session->send_start == session->send_end)
                session->send_start = session->send_end = 0;
}

void sc_session_acknowledge(struct sc_session *session, uint64_t offset)
{
        session->acknowledge = sc_max_u64(session->acknowledge, offset);
}

bool sc_session_ask(struct sc_session *session, enum sc_frame_type type)
{
        if (send_room(session) < REQUEST_BYTES)
                return false;
        struct sc_encoder encoder = send_encoder(session);
        if (type == SC_FRAME_BREAK || type == SC_FRAME_PING)
                sc_frame_put_value(&encoder, type, type == SC_FRAME_BREAK ? session->guest_number : 0);
        else
                sc_frame_put_empty(&encoder, type);
        session->send_end = encoder.length;
        return true;
}

size_t sc_session_type_room(const struct sc_session *session)
{
        size_t room = send_room(session);
        size_t overhead = INPUT_HEADER_BYTES + RESERVED_BYTES;
        return room <= overhead ? 0 : (size_t)sc_min_u64(room - overhead, SC_FRAME_INPUT_BYTES_MAX);
}

size_t sc_session_type(struct sc_session *session, const uint8_t *bytes, size_t length)
{
        size_t taken = (size_t)sc_min_u64(length, sc_session_type_room(session));
        if (taken == 0)
                return 0;
        struct sc_encoder encoder = send_encoder(session);
        sc_frame_put_input_fields(&encoder, session->guest_number, taken);
        sc_bytes_put_string(&encoder, bytes, taken);
        session->send_end = encoder.length;
        return taken;
}
