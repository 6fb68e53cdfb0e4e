#ifndef SC_INTERRUPT_H
#define SC_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* For a command that waits in one place at a time, and has something to put back before a signal ends it: SIGINT,
 * SIGTERM, SIGHUP and SIGQUIT come while it waits here, and at no other moment. */

/* What else comes only then, for who has a terminal. */
struct sc_interrupt_user {
        int keys_fd;                    /* -1: none now */
        bool (*keys)(void *context);    /* they can be read; false: that is an end too */
        void (*stop)(void *context);    /* SIGTSTP, which stops nothing by itself then */
        void (*went_on)(void *context); /* SIGCONT */
        void *context;
};

/* Blocks them. Without it they end the process as ever. `user` is borrowed from now on; NULL: none. Returns 0 or -errno. */
int sc_interrupt_open(const struct sc_interrupt_user *user);

/* The signal that came; 0: none. */
int sc_interrupt_signal(void);

#define SC_INTERRUPT_FOREVER UINT64_MAX

/* Until `fd` has one of `events` (poll's; 0: it has failed or nobody reads it), or the time is over. Returns whether it
 * has, or -EINTR: a signal or a key that ends it came, now or before. */
int sc_interrupt_wait(int fd, short events, uint64_t timeout_ns);

#endif
