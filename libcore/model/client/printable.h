#ifndef SC_PRINTABLE_H
#define SC_PRINTABLE_H

#include <stddef.h>
#include <stdint.h>

/* What a guest or a client wrote, made harmless for a terminal. Nothing but whole characters of UTF-8 comes
 * through, and none that a terminal obeys, so that no two pieces can make a control sequence together. */

/* A stream, in pieces of any size: CR, LF and TAB pass, other control characters and bytes that are no UTF-8
 * are left out. Zeroed, it is at the start. */
struct sc_printable {
        uint8_t cut[3]; /* the start of a character whose rest is in the next piece */
        size_t cut_length;
};

/* What `length` bytes can become: what was cut off before may come with them. */
#define SC_PRINTABLE_BYTES_MAX(length) ((length) + 3)

/* Puts the harmless part of the next piece to `text`, which has room for SC_PRINTABLE_BYTES_MAX(length)
 * bytes; returns how many they are. */
size_t sc_printable_feed(struct sc_printable *printable, const uint8_t *bytes, size_t length, uint8_t *text);

/* A text that is to stand in one line of ours: a label, a cell of a table, a part of a message. Each control
 * character (CR, LF and TAB too), each that breaks lines or turns the direction of writing, and each byte
 * that is no UTF-8 becomes one `?`. `text` has room for `size` bytes with the NUL; what does not fit is left
 * out. It may be `bytes` itself. Returns the length of the text. */
size_t sc_printable_line(const void *bytes, size_t length, char *text, size_t size);

#endif
