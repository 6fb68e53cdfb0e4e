#ifndef SC_SIGNALS_H
#define SC_SIGNALS_H

#include "io/loop.h"

#include <signal.h>

/* Signals as events of the loop. */
struct sc_signals {
        struct sc_source source;
        struct sc_loop *loop;
        int ends[8]; /* SIGTERM, SIGINT, SIGHUP as they came; what does not fit is dropped */
        int end_count;
        bool child; /* SIGCHLD */
        bool path;  /* SIGIO: a watched folder changed */
};

/* Blocks them, and ignores SIGPIPE and SIGXFSZ: a write says so itself. Returns 0 or -errno. */
int sc_signals_open(struct sc_signals *signals, struct sc_loop *loop);
void sc_signals_close(struct sc_signals *signals);

#endif
