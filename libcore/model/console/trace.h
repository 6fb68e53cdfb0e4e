#ifndef SC_TRACE_H
#define SC_TRACE_H

#include "model/wire/record.h"

/* The records of what happened to a host (TRACE.md), in the order in which it happened, until a driver takes them:
 * after the events of a turn, and after each answer to an action. The guest's output is not among them: the driver has
 * it at hand, and puts its record behind what it has taken, before it tells of the read. */

/* More than is noted between, whatever clients send in it. */
#define SC_TRACE_BUFFER_BYTES (512 * 1024)

struct sc_trace {
        uint8_t *bytes; /* SC_TRACE_BUFFER_BYTES; NULL: nothing is noted */
        size_t length;
        uint64_t records;               /* that wait, without a `missing` */
        uint64_t taken_records;         /* the same of the last batch */
        uint64_t lost_records;          /* in all */
        struct sc_record_missing loss;  /* not told yet */
        struct sc_record_missing told;  /* by what waits, */
        struct sc_record_missing taken; /* and by the last batch */
};

/* Notes a record; one that finds no room is missing. */
void sc_trace_note(struct sc_trace *trace, const struct sc_record *record);

/* The whole records that wait, which are kept no longer: they hold until the next note. Length 0: there are none. With
 * `now_ns`, a loss that no record has told of yet is told. */
struct sc_span sc_trace_take(struct sc_trace *trace, uint64_t now_ns);

/* What was taken last could not be written; or a record of `bytes` bytes of output could not. */
void sc_trace_lost(struct sc_trace *trace);
void sc_trace_lost_output(struct sc_trace *trace, uint64_t bytes);

#endif
