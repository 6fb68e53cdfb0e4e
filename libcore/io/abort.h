#ifndef SC_ABORT_H
#define SC_ABORT_H

/* What is still to be done when a promise of our own is broken, before the process is aborted: async-signal-safe, and it
 * relies on nothing. NULL: nothing. */
extern void (*sc_abort_hook)(void);

#endif
