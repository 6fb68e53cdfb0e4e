#ifndef SC_CHILD_H
#define SC_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* A command run with pipes for its standard input and output. */
struct sc_child {
        pid_t pid;  /* 0: none runs */
        int input;  /* its standard input, our end; non-blocking */
        int output; /* its standard output, our end; non-blocking */
        int error;  /* its standard error, our end; non-blocking; -1: it has ours */
        bool ended;
        int status; /* 0 to 255, or 128 + signal; when it has ended */
};

/* It stays in our process group. Else it gets one of its own, so that a terminal's ^C comes to it only through us. */
#define SC_CHILD_OUR_GROUP 0x1U
/* Its standard error is a pipe, too. Else it is ours. */
#define SC_CHILD_PIPE_ERROR 0x2U

/* Runs `argv` (found in PATH) with default signals and none of our descriptors. Returns 0 or -errno; the pipes are
 * the caller's. */
int sc_child_start(struct sc_child *child, char *const argv[], unsigned flags);

/* The exit status for a command that could not be run, as shells have it. */
int sc_child_status_of_error(int error);

/* Its pipes have been closed, and it is to end: by itself, else by SIGTERM, else by SIGKILL. SIGCHLD is blocked. Waits
 * for its end. */
void sc_child_end(struct sc_child *child);

/* After SIGCHLD: reaps whatever has ended, orphans of others as well when we are process 1. */
void sc_child_reap(struct sc_child *child);

#endif
