#ifndef SC_PATIENCE_H
#define SC_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

/* How long a client that runs in a script goes on: --timeout, --idle, --eof-quit. */
struct sc_patience {
        uint64_t timeout_at_ns; /* of the whole call; UINT64_MAX: none */
        uint64_t idle_ns;       /* without output; UINT64_MAX: for ever */
        bool quits;             /* when the guest took all input and was then silent for idle_ns */
        bool stalled;           /* output waits to be put out: that is no silence of the guest's */
        uint64_t quiet_from_ns; /* the last output, or the start */
        bool input_taken;
        uint64_t taken_ns;
};

enum sc_patience_verdict {
        SC_PATIENCE_LASTS,
        SC_PATIENCE_TIMED_OUT,
        SC_PATIENCE_IDLE,
        SC_PATIENCE_ANSWERED, /* the input is taken, and what the guest said to it has been said */
};

/* `timeout_ns` and `idle_ns`: UINT64_MAX for none. */
void sc_patience_start(struct sc_patience *patience, uint64_t timeout_ns, uint64_t idle_ns, bool quits,
                       uint64_t now_ns);
/* Output came or was put out; `waits`: some of it is still to be. */
void sc_patience_output(struct sc_patience *patience, bool waits, uint64_t now_ns);
/* The guest has taken all input, and no more will come. */
void sc_patience_taken(struct sc_patience *patience, uint64_t now_ns);

enum sc_patience_verdict sc_patience_verdict(const struct sc_patience *patience, uint64_t now_ns);
/* When the verdict changes if nothing happens; UINT64_MAX: never. */
uint64_t sc_patience_deadline_ns(const struct sc_patience *patience);

#endif
