#ifndef SC_CONTROL_H
#define SC_CONTROL_H

#include "model/wire/frame.h"

/* One question to a host's .ctl, and its answer. */

#define SC_CONTROL_BYTES (SC_FRAME_HEADER_BYTES + SC_FRAME_PAYLOAD_MAX)

/* Connects to `path`, says hello in the role of a control, sends `type` without a payload and waits for up to
 * `timeout_ns` for a frame of type `answer`, which is left in `buffer` and shown by `frame`. Returns 0 or -errno:
 * EPROTO, what came is not the protocol; ECONNRESET, the host ended the connection; ETIMEDOUT. */
int sc_control_ask(const char *path, enum sc_frame_type type, enum sc_frame_type answer, uint64_t timeout_ns,
                   uint8_t buffer[static SC_CONTROL_BYTES], struct sc_frame *frame);

#endif
