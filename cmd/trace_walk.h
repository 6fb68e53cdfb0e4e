#ifndef SC_TRACE_WALK_H
#define SC_TRACE_WALK_H

#include "pace.h"
#include "trace_source.h"
#include "trace_view.h"

/* The way through a trace for what is shown of it, and for when. */
enum sc_trace_walk_step {
        SC_TRACE_WALK_PIECE,    /* `piece` is shown */
        SC_TRACE_WALK_BOUNDARY, /* the guest came, went or was marked: `record`. It takes nothing of a pause */
        SC_TRACE_WALK_END,
};

struct sc_trace_walk {
        struct sc_trace_source *source;
        struct sc_record record; /* of the step; before the first one the config */
        struct sc_trace_piece piece;
        uint64_t due_ns;     /* when the step is shown, after the beginning. It never falls */
        uint64_t elapsed_ns; /* when the piece was recorded, after the first one */

        /* private */
        struct sc_trace_view view;
        struct sc_pace pace;
        uint64_t first_ns;
        uint64_t left_out_records, left_out_bytes; /* of output */
        enum sc_trace_reading reading;
};

/* What the guest said, or `client` saw (0: none), of the trace whose config has been read. There is one walk in a
 * process. Returns 0, or a status to end with, and has reported why. */
int sc_trace_walk_start(struct sc_trace_walk *walk, struct sc_trace_source *source,
                        const struct sc_record *config, uint64_t client, const struct sc_pace *pace);

/* What it gives holds until the next call. */
enum sc_trace_walk_step sc_trace_walk_next(struct sc_trace_walk *walk);

/* From the first piece to the end of the trace; 0: not known. */
uint64_t sc_trace_walk_total_ns(const struct sc_trace_walk *walk);

/* Of a walk that came to its end: what was missing, how the trace ended, and whether there was such a client, on
 * standard error: in the middle of a screen it would be painted over. Returns the status to end with. */
int sc_trace_walk_end(const struct sc_trace_walk *walk);

#endif
