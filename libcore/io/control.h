#ifndef SC_CONTROL_H
#define SC_CONTROL_H

#include "model/wire/frame.h"

#include <limits.h>

/* One connection to a host's .ctl, from the side that asks. Functions return 0 or -errno: ECONNRESET, the
 * host ended the connection, and `error` says why if it said so; EPROTO, what came is not the protocol;
 * ETIMEDOUT. */

/* A host answers at once; one that does not within this hangs. */
#define SC_CONTROL_ANSWER_NS (5 * SC_NS_PER_S)

#define SC_CONTROL_BYTES (SC_FRAME_HEADER_BYTES + SC_FRAME_PAYLOAD_MAX)

/* Room for any request but input. */
#define SC_CONTROL_REQUEST_BYTES (SC_FRAME_HEADER_BYTES + SC_MARK_BYTES_MAX)

struct sc_control {
        int fd; /* -1: none */
        char path[PATH_MAX];
        struct sc_welcome welcome; /* the newest */
        uint16_t error;            /* what the host ended it with, an enum sc_error; 0: it said nothing */
        char error_text[SC_ERROR_BYTES_MAX + 1];
        size_t taken; /* bytes[taken, end) are received and not looked at */
        size_t end;
        uint8_t bytes[SC_CONTROL_BYTES];
};

/* Connects to `path` and says hello in the role of a control. Closed again where that failed. */
int sc_control_open(struct sc_control *control, const char *path);
void sc_control_close(struct sc_control *control);

/* A host may end a connection for having been silent, as the reader of a long answer may be, or to make room
 * for others. After ECONNRESET: opens it again if that was why. ESTALE: another instance is there now. */
int sc_control_reopen(struct sc_control *control);
#define SC_CONTROL_REOPENED_MAX 32 /* times, until there is progress */

/* Another hello; the answer is in `welcome`. Said again, as sc_control_inquire asks again. */
int sc_control_hello(struct sc_control *control, const struct sc_hello *hello);

/* Sends a request: one whole frame. */
int sc_control_send(struct sc_control *control, const struct sc_encoder *request);

/* Waits for the next frame, of any type but error. It holds until the next call. */
int sc_control_receive(struct sc_control *control, uint64_t deadline_ns, struct sc_frame *frame);

/* Sends a request and waits for its answer, which is a frame of type `answer`. */
int sc_control_ask(struct sc_control *control, const struct sc_encoder *request, enum sc_frame_type answer,
                   struct sc_frame *frame);
/* The same of a question that changes nothing: where the connection can be opened again, it is asked again. */
int sc_control_inquire(struct sc_control *control, const struct sc_encoder *request,
                       enum sc_frame_type answer, struct sc_frame *frame);
/* The same of a request that is answered by a result. */
int sc_control_ask_result(struct sc_control *control, const struct sc_encoder *request,
                          enum sc_result *result);

/* --- for who waits for more than one thing --- */

/* Connects, and says nothing. EAGAIN: its queue is full. */
int sc_control_connect(struct sc_control *control, const char *path);

/* Waits until there is something to receive. EPIPE: `output`, a descriptor that is written to meanwhile, has
 * lost its reader. */
int sc_control_await(const struct sc_control *control, int output, uint64_t deadline_ns);

/* Receives what there is, without waiting. */
int sc_control_fill(struct sc_control *control);

/* Takes the next frame, of any type but error, of what was received. 1: taken; 0: more is needed. */
int sc_control_next(struct sc_control *control, struct sc_frame *frame);

#endif
