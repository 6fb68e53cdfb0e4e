#ifndef SC_USER_END_H
#define SC_USER_END_H

#include "io/given.h"
#include "io/tty.h"
#include "model/base/span.h"
#include "model/client/modes.h"

#include <stdbool.h>
#include <sys/types.h>

/* The user's end of a client: standard input, output and errors, and the terminal that they may be. */
struct sc_user_end {
        bool terminal; /* standard input and output are one */
        bool raw;      /* and it is to be put back */
        struct sc_tty_settings before;
        struct sc_modes modes; /* what the guest switched on in it */
        struct sc_given_output output;
        struct sc_given_output errors;
        bool errors_on_terminal;
        bool errors_are_output; /* standard error is the same file as standard output */
        void (*around_errors)(void *context,
                              bool begins); /* told before and after each write to it, where they are */
        void *context;
        bool in_line;        /* the terminal's cursor is not at the beginning of a line */
        uint64_t lost_bytes; /* of notices that standard error did not take, and that were not told yet */
};

/* Largest write. What a killed client may have put out unknown to its state file. */
#define SC_USER_END_WRITE_BYTES (64 * 1024)

void sc_user_end_open(struct sc_user_end *end);
/* The terminal is as before when this returns: its settings, and what the guest switched on. */
void sc_user_end_close(struct sc_user_end *end);

/* A terminal's keys come one by one, as they are; `fresh`: those that were typed before are dropped. Nothing
 * where it is no terminal, or is none that can be set. */
void sc_user_end_set_raw(struct sc_user_end *end, bool fresh);
void sc_user_end_restore(struct sc_user_end *end);
/* Stops this process, with the terminal as before, until it goes on in the foreground or is to end. */
void sc_user_end_suspend(struct sc_user_end *end);
/* Goes on after somebody else stopped it: a shell has set the terminal meanwhile. */
void sc_user_end_resume(struct sc_user_end *end);

/* Bytes, 0 for none now; or -errno. A read's end is -EPIPE. */
ssize_t sc_user_end_write(struct sc_user_end *end, struct sc_span bytes);
ssize_t sc_user_end_read(struct sc_span room);

/* serialcon's own words, on standard error: on a terminal on a line of their own, else led by `serialcon: WHAT: `. Never
 * waits: what is not taken is lost, and that is told with the next one. */
void sc_user_end_notice(struct sc_user_end *end, const char *what, const char *text);

/* Bytes for standard error as they are, for a user who is being asked something. */
void sc_user_end_pass_on(struct sc_user_end *end, struct sc_span bytes);

#endif
