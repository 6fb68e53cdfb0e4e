#ifndef SC_TRACE_H
#define SC_TRACE_H

#include "model/wire/record.h"

/* The records of what happened to a host (TRACE.md), in the order in which it happened, until a driver takes them: after
 * each event and each action's answer. The guest's output is not among them: the driver, which has it at hand, puts its
 * record in between (sc_trace_output). */

/* More than one event makes, whatever a client sends in it. */
#define SC_TRACE_BUFFER_BYTES (512 * 1024)

struct sc_trace {
        uint8_t *bytes; /* SC_TRACE_BUFFER_BYTES; NULL: nothing is noted */
        size_t length;
        bool input; /* with the bytes of input */
        uint64_t missing_records;
        uint64_t missing_output_bytes;
};

/* Notes a record; one that finds no room is missing, and counted. */
void sc_trace_note(struct sc_trace *trace, const struct sc_record *record);

/* The records that wait, whole, and no longer kept: they hold until the next event. Empty: there are none. */
struct sc_span sc_trace_take(struct sc_trace *trace);

/* What was taken, or `output_bytes` of output, could not be written: a `missing` stands where the next record does. */
void sc_trace_lost(struct sc_trace *trace, uint64_t records, uint64_t output_bytes);

#endif
