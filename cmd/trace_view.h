#ifndef SC_TRACE_VIEW_H
#define SC_TRACE_VIEW_H

#include "model/console/ring.h"
#include "model/wire/record.h"

#define SC_TRACE_VIEW_OTHERS_MAX 16

/* What of a trace is played: the guest's output, or what one client saw of it. A host's trace holds output once, so what
 * it can still send is kept here: its ring and its kept beginning, as large as the config says. A client's own trace
 * holds nothing but what that client saw. */
struct sc_trace_view {
        uint64_t client; /* 0: the guest's output */
        bool met;        /* there was such a client */
        /* The first ones that there were instead, while it was not met. */
        uint64_t others[SC_TRACE_VIEW_OTHERS_MAX];
        size_t other_count;
        bool more_others;
        uint64_t gaps; /* that it had, or of the trace: output that is not in it */
        uint64_t gap_bytes;
        uint64_t unknown_bytes; /* the client got them, and they are not in the trace */

        /* private */
        enum sc_trace_kind kind;
        struct sc_ring ring;
        uint8_t *first;
        uint64_t first_capacity;
        uint64_t first_bytes;
        uint64_t head;
        uint64_t missing_bytes; /* since the last piece */
};

#define SC_TRACE_VIEW_SPANS_MAX (1 + SC_RING_SPANS_MAX)

/* The next of what is played. */
struct sc_trace_piece {
        struct sc_span spans[SC_TRACE_VIEW_SPANS_MAX]; /* it holds until the next record */
        size_t span_count;
        uint64_t missing_bytes; /* before it: they should have been played, and are not in the trace */
};

/* How much memory a view of `client` takes: zeroed, the caller's, as long as the view. */
size_t sc_trace_view_memory_bytes(const struct sc_record_config *config, uint64_t client);
void sc_trace_view_start(struct sc_trace_view *view, const struct sc_record_config *config, uint64_t client,
                         uint8_t *memory);

/* Whether `record` has something to play. */
bool sc_trace_view_take(struct sc_trace_view *view, const struct sc_record *record,
                        struct sc_trace_piece *piece);

#endif
