#ifndef SC_LOG_TEXT_H
#define SC_LOG_TEXT_H

#include "model/base/line_end.h"
#include "model/client/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Output as `log` prints it: exact, but for what the two switches say. A line ends with CR LF, LF, or a CR
 * with no LF behind it, wherever the pieces are cut. */
struct sc_log_text {
        FILE *stream;
        bool timed;    /* each line is led by its arrival time */
        bool harmless; /* it goes to a terminal */
        int64_t wall_offset_ns;

        enum sc_line_end_place place;
        struct sc_printable printable;
        int error; /* the first -errno of the stream; 0: none */
};

/* The next output; its first byte arrived at `time_ns` of the host's clock. */
void sc_log_text_put(struct sc_log_text *text, const uint8_t *bytes, size_t length, uint64_t time_ns);

/* Bytes are missing here: what comes next is another line. All that was put before has been written when it
 * returns; on a terminal the cursor is at the start of a line. */
void sc_log_text_gap(struct sc_log_text *text);

/* Writes what is still in the stream's buffer. */
void sc_log_text_flush(struct sc_log_text *text);

#endif
