#ifndef SC_SESSION_DRIVER_H
#define SC_SESSION_DRIVER_H

#include "io/search.h"
#include "io/trace_file.h"
#include "model/client/attachment.h"
#include "model/client/escape.h"

/* A client: a console on one side, standard input and output on the other. */

struct sc_session_driver_config {
        const char *path;    /* SOCKET; NULL with `command` */
        const char *command; /* its standard input and output lead to a .ctl; NULL: none */
        struct sc_attachment_config attachment;
        struct sc_escape escape; /* of a terminal */
        const char *state_path;  /* NULL: nothing is remembered. Else no peer without a protocol is taken */
        struct sc_trace_file_config trace; /* without a path: none */
        bool trace_input;                  /* with the bytes of input */
        const char *program;               /* the trace names it */
        sc_file_writer_report *report;
        struct sc_search *search; /* NULL: no line ends it */
        uint64_t timeout_ns;      /* UINT64_MAX: none, as of idle_ns */
        uint64_t idle_ns;
        bool eof_quits;
        const uint8_t *send; /* typed first */
        size_t send_length;

        /* The words. `text` has SC_SESSION_TEXT_BYTES; false: nothing is said. */
        bool (*notice_text)(const struct sc_attachment_event *event, bool terminal, char *text);
        bool (*survey_text)(struct sc_decoder status, const struct sc_escape *escape, char *text);
        const char *keys_text; /* what is behind the escape character */
};

#define SC_SESSION_TEXT_BYTES 512

enum sc_session_end {
        SC_SESSION_QUIT,          /* the user said so, or --eof-quit */
        SC_SESSION_FOUND,         /* a line that was awaited */
        SC_SESSION_FOUND_FAILURE, /* a line that must not come */
        SC_SESSION_TIMED_OUT,
        SC_SESSION_IDLE,
        SC_SESSION_INPUT_DROPPED, /* --eof-quit, and the guest did not get all input */
        SC_SESSION_OUTPUT_CLOSED, /* nobody reads standard output any more */
        SC_SESSION_ENDED,         /* `why`; `text` of a refusal */
        SC_SESSION_SIGNALLED,     /* `signal` */
        SC_SESSION_FAILED,        /* `error` of `what` */
};

struct sc_session_driver_result {
        enum sc_session_end end;
        enum sc_attachment_end why;
        int error; /* -errno */
        const char *what;
        int signal;
        char text[SC_ERROR_BYTES_MAX + 1];
};

/* The terminal is as before when this returns. */
struct sc_session_driver_result sc_session_driver_run(const struct sc_session_driver_config *config);

#endif
