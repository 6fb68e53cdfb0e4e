#ifndef SC_TRACE_PLAY_H
#define SC_TRACE_PLAY_H

#include "trace_walk.h"

/* Plays a trace on standard output, with its pauses (io/player.h), and tells how far it is. Returns the status to end
 * with. */
int sc_trace_play(struct sc_trace_walk *walk);

#endif
