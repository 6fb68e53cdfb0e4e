#ifndef SC_SNAPSHOT_H
#define SC_SNAPSHOT_H

#include "model/console/host.h"

/* A status frame as `slot` may see it: a viewer is shown no client. */
void sc_snapshot_put(struct sc_encoder *encoder, const struct sc_host *host, const struct sc_slot *slot);

#endif
