#ifndef SC_USER_END_H
#define SC_USER_END_H

#include "io/tty.h"
#include "model/base/span.h"
#include "model/client/modes.h"

#include <stdbool.h>
#include <sys/types.h>

/* The user's end of a client: standard input and output. Others may hold them too, so that O_NONBLOCK is never set on
 * them: they are used after poll. */
struct sc_user_end {
        bool terminal; /* both are one */
        bool raw;      /* and it has been set so */
        struct sc_tty_settings before;
        int output_fd;    /* standard output, or a description of our own of the same pipe or terminal */
        bool never_waits; /* a write to it does not */
        size_t output_bytes_max; /* what one write may take, after poll, without waiting */
        struct sc_modes modes;   /* what the guest switched on in the terminal */
        bool in_line;            /* the terminal's cursor is not at the beginning of a line */
        bool errors_on_terminal; /* standard error is one */
};

/* Largest write. What a killed client may have put out unknown to its state file. */
#define SC_USER_END_WRITE_BYTES (64 * 1024)

void sc_user_end_open(struct sc_user_end *end);
/* The terminal is as before when this returns: its settings, and what the guest switched on. */
void sc_user_end_close(struct sc_user_end *end);

/* A terminal's keys come one by one, as they are. Returns 0 or -errno. Nothing where it is none. */
int sc_user_end_set_raw(struct sc_user_end *end);
void sc_user_end_restore(struct sc_user_end *end);
/* Stops this process, with the terminal as before, until it goes on in the foreground. */
void sc_user_end_suspend(struct sc_user_end *end);
/* Goes on after somebody else stopped it: a shell has set the terminal meanwhile. */
void sc_user_end_resume(struct sc_user_end *end);

/* Bytes, 0 for none now; or -errno. A read's end is -EPIPE. */
ssize_t sc_user_end_write(struct sc_user_end *end, struct sc_span bytes);
ssize_t sc_user_end_read(const struct sc_user_end *end, struct sc_span room);

/* serialcon's own words, on standard error: on a terminal on a line of their own, else led by `serialcon: WHAT: `. */
void sc_user_end_notice(struct sc_user_end *end, const char *what, const char *text);

/* Bytes for standard error as they are, for a user who is being asked something. */
void sc_user_end_pass_on(struct sc_user_end *end, struct sc_span bytes);

#endif
