#ifndef SC_PROGRESS_H
#define SC_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* How far something is, as a line on standard error that is written over: only where that is a terminal and standard
 * output a regular file, so that it comes between nobody's lines: a pipe may end on the same terminal. */
struct sc_progress {
        bool shown; /* on the screen now */

        /* private */
        bool wanted;
        uint64_t next_ns;
};

void sc_progress_start(struct sc_progress *progress);

/* Shows it again when some time has gone by. `total_ns` 0: not known. */
void sc_progress_tell(struct sc_progress *progress, uint64_t elapsed_ns, uint64_t total_ns);

/* Takes it off the screen. */
void sc_progress_end(struct sc_progress *progress);

#endif
