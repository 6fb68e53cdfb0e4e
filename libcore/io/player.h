#ifndef SC_PLAYER_H
#define SC_PLAYER_H

#include "io/given.h"
#include "io/interrupt.h"
#include "io/tty.h"
#include "model/client/modes.h"
#include "model/client/painted.h"

#include <stdbool.h>
#include <stdint.h>

/* Plays a recording on standard output: each piece when it is due. A terminal gets what paints alone, and is as before
 * at the end, and while this process is stopped; whatever else it is gets each byte. */
struct sc_player {
        bool terminal;
        bool quit; /* by a key: that ends it as a signal does (-EINTR) */

        /* private */
        struct sc_given_output output;
        struct sc_painted painted;
        struct sc_modes modes; /* what was switched on in the terminal */
        bool in_line;
        uint64_t start_ns;
        struct sc_interrupt_user user;
        bool has_keys;                 /* standard input is the terminal, and nobody else's */
        struct sc_tty_settings before; /* saved: it was set, and is to be put back */
        bool paused;
        uint64_t paused_ns;
};

/* From here on signals end it here alone (io/interrupt.h). Where standard input and output are a terminal, and
 * `input_is_free`, keys are not shown: q quits, a blank pauses it and lets it go on, others are thrown away. Returns 0
 * or -errno. */
int sc_player_open(struct sc_player *player, bool input_is_free);
void sc_player_close(struct sc_player *player);

/* Until `due_ns` after the beginning, but no longer than `patience_ns`. A process that was stopped meanwhile, or an
 * output that took nothing, moves what is due behind it. Returns 1 when it is due, which is never while it is paused,
 * or 0, to be asked again; -EINTR: a signal came, or q; -EPIPE: nobody looks any more; or another -errno. */
int sc_player_wait(struct sc_player *player, uint64_t due_ns, uint64_t patience_ns);

/* All of it. Returns 0, -EINTR, -EPIPE or another -errno. */
int sc_player_write(struct sc_player *player, const uint8_t *bytes, size_t length);

#endif
