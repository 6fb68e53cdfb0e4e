#ifndef SC_CONSOLE_H
#define SC_CONSOLE_H

#include "io/control.h"

/* What the commands that ask a running host share: from SOCKET on the command line to a control connection,
 * and what is said where that fails. */
struct sc_console {
        const char *name;    /* for messages: SOCKET, or the path that it means */
        char path[PATH_MAX]; /* room for that path */
        struct sc_control control;
};

/* Opens the console that `word` means, and says hello as a control; or connects to its .ctl and says nothing.
 * Returns 0, or the status to end with, and has reported why. */
int sc_console_open(struct sc_console *console, const char *word);
int sc_console_connect(struct sc_console *console, const char *word);
void sc_console_close(struct sc_console *console);

/* The path of the .ctl beside the socket `path`. False: it is too long. */
bool sc_console_control_path(const char *path, char control[static PATH_MAX]);

/* Asks for the status: `frame` holds it. 0 or -errno, as in io/control.h. */
int sc_console_status(struct sc_console *console, struct sc_frame *frame);

/* Reports what a function of io/control.h returned, and returns the status to end with. */
int sc_console_failed(const struct sc_console *console, int error);

/* The same of a result that is not ok. `request`: what was asked for, as a verb: "clear". */
int sc_console_refused(const struct sc_console *console, enum sc_result result, const char *request);

#endif
