#ifndef SC_INTERRUPT_H
#define SC_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* For a command that waits in one place at a time, and has something to put back before a signal ends it: SIGINT,
 * SIGTERM and SIGHUP come while it waits here, and at no other moment. */

/* Blocks them. Without it they end the process as ever. Returns 0 or -errno. */
int sc_interrupt_open(void);

/* The signal that came; 0: none. */
int sc_interrupt_signal(void);

#define SC_INTERRUPT_FOREVER UINT64_MAX

/* Until `fd` has one of `events` (poll's; 0: it has failed or nobody reads it), or the time is over. Returns whether it
 * has, or -EINTR: a signal came, now or before. */
int sc_interrupt_wait(int fd, short events, uint64_t timeout_ns);

#endif
