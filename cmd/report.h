#ifndef SC_REPORT_H
#define SC_REPORT_H

/* What every command ends with (README.md lists them). A host that runs COMMAND ends with COMMAND's own
 * status. */
enum sc_exit {
        SC_EXIT_DONE = 0,
        SC_EXIT_FAILED = 1,  /* or a check found a violation */
        SC_EXIT_USAGE = 2,   /* a wrong option, argument, path or group */
        SC_EXIT_TIMEOUT = 3, /* --timeout or --idle ran out */
        SC_EXIT_GONE = 4,    /* the guest side or the host is gone, or was never there */
        SC_EXIT_REFUSED = 5, /* refused, or taken over by another client */
};

/* The longest message, in bytes; a longer one ends in "...". */
#define SC_REPORT_BYTES_MAX 4096

/* Prints `serialcon: what: why` as one line, in one write, on standard error. What is no printable text
 * in it is shown as `?`: part of it may come from elsewhere. `what` is the option, path or command that it is
 * about. */
void sc_report(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, and returns SC_EXIT_USAGE: `return sc_report_usage(...)`. */
int sc_report_usage(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* To end with, once everything is printed: it has to have arrived, else that is reported and SC_EXIT_FAILED. Where
 * nobody reads it any more, that is a good end. */
int sc_report_output(void);

/* The same of output that was written otherwise: 0 or an errno. */
int sc_report_output_error(int error);

#endif
