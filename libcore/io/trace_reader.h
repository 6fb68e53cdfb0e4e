#ifndef SC_TRACE_READER_H
#define SC_TRACE_READER_H

#include "model/wire/record.h"

/* A trace (conformance/TRACE.md), record by record, from a file or from a pipe that may still be written to. Memory is
 * the struct itself, whatever the trace holds, and its bytes are believed in nothing. */

/* Large reads, but not larger than what a processor has near it; a record and more. */
#define SC_TRACE_READER_BYTES (512 * 1024)

enum sc_trace_reading {
        SC_TRACE_READING_RECORD,   /* here it is */
        SC_TRACE_READING_END,      /* there are no more; `stopped`: the trace says so itself */
        SC_TRACE_READING_CUT,      /* it ends within record `number`: a crash, a full disk */
        SC_TRACE_READING_DAMAGED,  /* record `number` is none: `why`. What came before it holds */
        SC_TRACE_READING_NO_TRACE, /* it does not begin as a trace does: `why` */
        SC_TRACE_READING_FAILED,   /* `error`, -EINTR for a signal (io/interrupt.h) */
};

struct sc_trace_reader {
        int fd;
        uint64_t number;   /* of the record that the last call was about, from 1 on */
        uint64_t position; /* of its first byte in the trace */
        bool stopped;
        const char *why;
        int error;

        /* private */
        enum sc_trace_reading state;
        bool at_end; /* of the file */
        size_t begin, end;
        size_t size; /* of the record that was given out */
        uint8_t buffer[SC_TRACE_READER_BYTES];
};

/* `fd` is at the start of the trace, and stays the caller's. */
void sc_trace_reader_start(struct sc_trace_reader *reader, int fd);

/* The next record, the config first; it holds until the next call. What is no record is said again and again. */
enum sc_trace_reading sc_trace_reader_next(struct sc_trace_reader *reader, struct sc_record *record);

/* When the trace ends, where it is a file and its end says so (`stop`). */
bool sc_trace_reader_last_ns(int fd, uint64_t *time_ns);

#endif
