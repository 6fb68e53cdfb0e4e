#ifndef SC_TRACE_TEXT_H
#define SC_TRACE_TEXT_H

#include "model/wire/record.h"

#include <stdint.h>
#include <stdio.h>

/* A record of a trace as one line, its fields by their names in record.h's table (and TRACE.md's). */
struct sc_trace_line {
        uint64_t number;   /* of the record */
        uint64_t position; /* of its first byte in the trace */
        int64_t wall_ns;   /* when it was */
        const struct sc_record *record;
};

/* Number, time, type, `field=value` for each field, then the bytes in quotes: printable ASCII as it is, all else, a quote
 * and a backslash escaped. */
void sc_trace_text(const struct sc_trace_line *line, FILE *stream);

/* The same as an object, with "position" and "time_ns" besides. An unknown number is null, a flag true or false. "bytes"
 * is a string of which each character is the byte of its number, "text" one of UTF-8 (sc_json_text). */
void sc_trace_json(const struct sc_trace_line *line, FILE *stream);

#endif
