#ifndef SC_ACCEPT_H
#define SC_ACCEPT_H

#include "io/loop.h"

/* A listening socket in the loop. Where the process has no descriptor left, it leaves the loop until one is free:
 * the connection that cannot be taken would wake us for ever. */
struct sc_acceptor {
        struct sc_source source;
        struct sc_loop *loop;
        bool ready;
        uint64_t paused_until_ns; /* 0: not paused */
};

/* The descriptor stays the caller's. Returns 0 or -errno. */
int sc_acceptor_open(struct sc_acceptor *acceptor, struct sc_loop *loop, int listening_fd);

/* The next connection, non-blocking and close-on-exec, or -EAGAIN: none, or none can be taken now. */
int sc_acceptor_take(struct sc_acceptor *acceptor, uint64_t now_ns);

/* A descriptor was closed. */
void sc_acceptor_resume(struct sc_acceptor *acceptor);

/* When a paused one is to be tried again, by sc_acceptor_resume; UINT64_MAX: it is not paused. */
uint64_t sc_acceptor_deadline_ns(const struct sc_acceptor *acceptor);

#endif
