#ifndef SC_RECORD_LINES_H
#define SC_RECORD_LINES_H

#include "model/wire/record.h"

/* Records as lines of text: the time in milliseconds, the type's name, its fields in their order, each a number, a
 * number with "ms", a value's name, or "?" for unknown; then bytes, where there are any: 'as they are', or N@O for N
 * bytes of output from offset O on, or #XX for 16 bytes of an instance. An output's bytes need only their number: its
 * offset is known. */

#define SC_RECORD_LINE_BYTES SC_RECORD_BYTES_MAX

struct record_line {
        struct sc_record record;
        uint8_t bytes[SC_RECORD_LINE_BYTES];
};

/* A line that cannot be read fails the test. */
void record_line_read(struct record_line *text, const char *line);

#endif
