#ifndef SC_REQUEST_H
#define SC_REQUEST_H

#include "model/console/host.h"

/* What native clients ask for (PROTOCOL.md). */

/* Takes the received frames apart, as far as they can be taken now. */
void sc_request_parse(struct sc_host *host, struct sc_slot *slot);

/* Answers that waited for the others' samples: a welcome, a status. */
void sc_request_answer(struct sc_host *host, struct sc_slot *slot);

#endif
