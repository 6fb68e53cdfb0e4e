#ifndef SC_FILE_WRITER_H
#define SC_FILE_WRITER_H

#include "model/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Somewhere to write that may block, as every regular file does: a thread behind a bounded queue, so that a loop copies
 * into it and never waits. */

/* What waits, at most; as much again may be on its way to the file. */
#define SC_FILE_WRITER_QUEUE_BYTES (4 * 1024 * 1024)

struct sc_file_spec {
        const char *path; /* outlives the writer; NULL: none */
        bool output;      /* standard output instead */
        /* As in struct sc_rotated_file. */
        uint64_t max_bytes;
        unsigned keep;
        bool once; /* and it begins anew: what is there is moved away */
};

/* Told in the writer's own thread, once for each writer: the first -errno. What waits is kept, and tried again each
 * second; only what nobody can mend is given up (sc_file_writer_gives_up). */
typedef void sc_file_writer_report(const struct sc_file_spec *spec, int error);

/* Standard output, and a FIFO without a reader where its next reader could not begin in the middle. */
bool sc_file_writer_gives_up(const struct sc_file_spec *spec, int error);

struct sc_file_writer;

/* Opens the file and starts the thread, which takes no signal that is blocked now. `spec` is copied. Returns 0 or
 * -errno. */
int sc_file_writer_open(struct sc_file_writer **opened, const struct sc_file_spec *spec,
                        sc_file_writer_report *report);

/* A unit, which is queued whole or not at all. False: there is no room for it, or the file was given up: it is missing in
 * this place, and whoever asked counts it. */
bool sc_file_writer_put(struct sc_file_writer *writer, const void *unit, size_t length);
/* The same, of one unit that lies in several pieces. */
bool sc_file_writer_put_pieces(struct sc_file_writer *writer, const struct sc_span *pieces, size_t count);

/* The file of that name is opened anew: it was moved away. Not for one that is opened once. */
void sc_file_writer_reopen(struct sc_file_writer *writer);

/* Everything that was queued has been written. */
bool sc_file_writer_is_done(struct sc_file_writer *writer);

/* Writes what waits, as far as that goes without an error and within a second. NULL: nothing to do. */
void sc_file_writer_close(struct sc_file_writer *writer);

#endif
