#ifndef SC_PAINTED_H
#define SC_PAINTED_H

#include <stddef.h>
#include <stdint.h>

/* A recording, for the terminal of whoever looks at it: text and the control sequences that paint (ECMA-48, and those of
 * DEC's and xterm's that full-screen programs use) pass as they are. All else is left out: what makes a terminal answer,
 * report the mouse or keys, reach the clipboard, a title, a printer or a file, forget what scrolled out of sight, or work for
 * long, and every control string. What was
 * recorded from a stranger's guest can do no more than look ugly. Zeroed, it is at the start. */

#define SC_PAINTED_SEQUENCE_BYTES_MAX 64 /* a longer one is left out */

enum sc_painted_state {
        SC_PAINTED_TEXT,
        SC_PAINTED_ESCAPE,
        SC_PAINTED_CSI,
        SC_PAINTED_STRING,        /* up to BEL, ST, CAN or SUB */
        SC_PAINTED_STRING_ESCAPE, /* ESC was met in it */
};

struct sc_painted {
        enum sc_painted_state state;
        uint8_t held
                [SC_PAINTED_SEQUENCE_BYTES_MAX]; /* a sequence, or a character, whose rest is in the next piece */
        size_t held_length;                      /* one more than fits: it is too long */
};

/* What `length` bytes can become: what was held back may come with them. */
#define SC_PAINTED_BYTES_MAX(length) ((length) + SC_PAINTED_SEQUENCE_BYTES_MAX)

/* Puts what paints of the next piece to `text`, which has room for SC_PAINTED_BYTES_MAX(length) bytes; returns how many
 * bytes they are. */
size_t sc_painted_feed(struct sc_painted *painted, const uint8_t *bytes, size_t length, uint8_t *text);

#endif
