#ifndef SC_CHILD_H
#define SC_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* A command run with pipes for its standard input and output. */
struct sc_child {
        pid_t pid;  /* 0: none runs */
        int input;  /* its standard input, our end; non-blocking */
        int output; /* its standard output, our end; non-blocking */
        bool ended;
        int status; /* 0 to 255, or 128 + signal; when it has ended */
};

/* Runs `argv` (found in PATH) with default signals, in a process group of its own so that a terminal's ^C comes to
 * it only through us, and with none of our descriptors but standard error. Returns 0 or -errno; the pipes are the
 * caller's. */
int sc_child_start(struct sc_child *child, char *const argv[]);

/* The exit status for a command that could not be run, as shells have it. */
int sc_child_status_of_error(int error);

/* After SIGCHLD: reaps whatever has ended, orphans of others as well when we are process 1. */
void sc_child_reap(struct sc_child *child);

#endif
