#ifndef SC_ASCIICAST_H
#define SC_ASCIICAST_H

#include "model/base/utf8.h"

#include <stddef.h>
#include <stdio.h>

/* Output as asciinema's players read it: asciicast v2, a line of JSON for the header and one for each piece. It is text:
 * a character that is cut between two pieces comes whole with the second, and a byte that is none becomes U+FFFD. */
struct sc_asciicast {
        FILE *stream;

        /* private */
        uint8_t cut[SC_UTF8_BYTES_MAX]; /* of a character whose rest may come */
        size_t cut_length;
        uint64_t last_ns;
};

/* `wall_ns`: when it was recorded, since 1970. */
void sc_asciicast_start(struct sc_asciicast *cast, unsigned width, unsigned height, int64_t wall_ns,
                        FILE *stream);

/* The next bytes; all pieces of one time stand in the order of the calls. `time_ns` is since the beginning, and does not
 * fall. */
void sc_asciicast_put(struct sc_asciicast *cast, uint64_t time_ns, const uint8_t *bytes, size_t length);

/* A marker, which players show beside what is played, or not at all. `text` is shown as far as it is whole characters. */
void sc_asciicast_mark(struct sc_asciicast *cast, uint64_t time_ns, const char *text, size_t length);

/* What comes next does not go on where the last piece ended, or nothing comes any more. */
void sc_asciicast_part(struct sc_asciicast *cast);

#endif
