#ifndef SC_SESSION_DRIVER_H
#define SC_SESSION_DRIVER_H

/* A client: a console's socket on one side, standard input and output on the other. */

enum sc_session_end {
        SC_SESSION_QUIT,          /* the user said so */
        SC_SESSION_OUTPUT_CLOSED, /* nobody reads standard output any more */
        SC_SESSION_GONE,          /* the host closed the connection */
        SC_SESSION_REFUSED_BY,    /* the host said why it ends it: `text` */
        SC_SESSION_SIGNALLED,     /* `signal` */
        SC_SESSION_FAILED,        /* `error` */
};

struct sc_session_driver_result {
        enum sc_session_end end;
        int error; /* -errno */
        int signal;
        char text[160];
};

/* `path`: its .ctl is spoken to where there is one, else it itself. On a terminal `help` is shown for the escape
 * character and `?`. The terminal is as before when this returns. */
struct sc_session_driver_result sc_session_driver_run(const char *path, const char *help);

#endif
