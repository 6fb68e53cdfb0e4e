#ifndef SC_QUERIES_H
#define SC_QUERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a guest asked its terminal, taken out of output that is replayed: a terminal would answer now, minutes late, into
 * whatever reads the guest's input. ECMA-48 and xterm's control sequences: device status and attributes, modes, sizes,
 * colours, versions. All else passes unaltered. Zeroed, it is at the start. */

#define SC_QUERIES_SEQUENCE_BYTES_MAX 128 /* a longer one is no query */

enum sc_queries_state { SC_QUERIES_TEXT, SC_QUERIES_ESCAPE, SC_QUERIES_CSI, SC_QUERIES_STRING };

struct sc_queries {
        enum sc_queries_state state;
        bool string_ends; /* ESC was met in a string */
        uint8_t held[SC_QUERIES_SEQUENCE_BYTES_MAX];
        size_t held_length;
};

/* What `length` bytes can become: what was held back may come with them. */
#define SC_QUERIES_BYTES_MAX(length) ((length) + SC_QUERIES_SEQUENCE_BYTES_MAX)

/* Puts what is no query of the next piece to `text`, which has room for SC_QUERIES_BYTES_MAX(length) bytes; returns how
 * many bytes they are. The beginning of a sequence is held back. */
size_t sc_queries_feed(struct sc_queries *queries, const uint8_t *bytes, size_t length, uint8_t *text);

/* The replayed part ends: what is held back, up to SC_QUERIES_SEQUENCE_BYTES_MAX bytes. */
size_t sc_queries_flush(struct sc_queries *queries, uint8_t *text);

#endif
