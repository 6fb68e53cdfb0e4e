#ifndef SC_LINE_H
#define SC_LINE_H

#include "model/base/span.h"

#include <stdbool.h>

/* Output as lines, for a search: one line at a time, its newest SC_LINE_BYTES_MAX bytes at most. LF ends a line; CRs
 * before it are no part of what is searched. */

#define SC_LINE_BYTES_MAX (16 * 1024)

struct sc_line {
        uint8_t bytes[SC_LINE_BYTES_MAX];
        size_t length;
        bool begun;    /* its first bytes are missing: overwritten, or dropped here */
        bool complete; /* its LF has been taken; the next take begins another */
};

/* Takes `bytes` up to the end of the line, or all of them; returns how many. */
size_t sc_line_take(struct sc_line *line, const uint8_t *bytes, size_t length);

/* What there is of the line, without its end. */
struct sc_span sc_line_text(struct sc_line *line);

/* Output is missing here: what follows is the rest of a line. */
void sc_line_break(struct sc_line *line);

#endif
