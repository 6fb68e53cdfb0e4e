#ifndef SC_TYPESCRIPT_H
#define SC_TYPESCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Output as script(1) records it and scriptreplay(1) plays it: the bytes in one file, behind a line that is not played,
 * and in another a line `SECONDS BYTES` for each piece, with the pause before it. Every version reads that. */
struct sc_typescript {
        FILE *stream;
        FILE *timing;

        /* private */
        uint64_t last_ns;
};

/* `wall_ns`: when it was recorded, since 1970. */
void sc_typescript_start(struct sc_typescript *script, int64_t wall_ns, FILE *stream, FILE *timing);

/* The next bytes. `time_ns` is since the beginning, and does not fall. */
void sc_typescript_put(struct sc_typescript *script, uint64_t time_ns, const uint8_t *bytes, size_t length);

#endif
