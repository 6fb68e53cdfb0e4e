#ifndef SC_LINE_END_H
#define SC_LINE_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where output breaks into lines: CR LF, LF, and a CR with no LF behind it each end one, wherever the pieces are
 * cut. */

/* Of the next byte. Zeroed, a stream is at its start. */
enum sc_line_end_place {
        SC_LINE_END_BETWEEN,  /* it begins a line */
        SC_LINE_END_WITHIN,   /* it goes on with one */
        SC_LINE_END_AFTER_CR, /* it begins one, unless it is the LF of a CR LF */
};

struct sc_line_piece {
        size_t length; /* up to the end of the line, and with it */
        size_t text;   /* of them, what is no part of an end */
        bool begins;   /* its first byte is a line's first */
        bool ends;     /* a line that no earlier piece had ended: false for the LF of a CR LF that was cut */
};

/* The piece at the start of `bytes`, of which there is at least one. Moves the place behind it. */
struct sc_line_piece sc_line_end_next(enum sc_line_end_place *place, const uint8_t *bytes, size_t length);

#endif
