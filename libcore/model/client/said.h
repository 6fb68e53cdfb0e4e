#ifndef SC_SAID_H
#define SC_SAID_H

#include "model/client/attachment.h"

/* What a host says, taken by an attachment: what is legal in its state, and what follows from it. Anything else is not the
 * protocol, and the end. */
void sc_said_take(struct sc_attachment *attachment, struct sc_session_event *said, uint64_t now_ns);

#endif
