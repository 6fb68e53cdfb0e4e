#ifndef SC_SESSION_PARTS_H
#define SC_SESSION_PARTS_H

#include "io/command_errors.h"
#include "io/session_driver.h"
#include "io/state_file.h"
#include "io/trace_file.h"
#include "io/transport.h"
#include "io/user_end.h"
#include "model/client/patience.h"
#include "model/client/queries.h"
#include "model/client/user_input.h"
#include "model/client/witness.h"

#include <signal.h>

/* What the parts of a client's driver share: session_link, the connection; session_output, what the user gets;
 * session_input, what the user types; session_trace, what is written down of it; session_driver, the loop. A bool is false when it is over: `result` says how. */

#define SC_SESSION_RAW_BYTES (64 * 1024)

struct sc_session_driver {
        const struct sc_session_driver_config *config;
        int signals;
        sigset_t signals_before; /* the mask */
        struct sc_transport transport;
        struct sc_attachment attachment;
        struct sc_user_end user;
        struct sc_user_input input;
        struct sc_command_errors errors;
        struct sc_patience patience;
        struct sc_state_file state;
        struct sc_trace_file *trace; /* NULL: none, and nothing is witnessed */
        struct sc_witness witness;
        uint64_t now_ns;

        size_t output_length;        /* of the told output: what is still to be put out */
        struct sc_queries queries;   /* a terminal's, among what is replayed to it */
        struct sc_span replay;       /* of the told output's next piece: what is shown of it */
        size_t replay_length;        /* the piece */
        enum sc_search_result found; /* and what ends the client behind it */
        uint64_t rest_until_ns;      /* more of the line that was found is awaited; 0: it is whole */
        uint64_t rest_end_ns;        /* and at most so long, however much comes */
        bool spoke;         /* this connection's peer is there: it said something, or speaks no protocol */
        bool breaking;      /* a BREAK is out, and not answered */
        bool input_dropped; /* the host did not take all of it */
        uint64_t ask_ns;    /* not before */
        bool peer_hidden;   /* a peer without a protocol, whose socket the kernel does not show */
        uint8_t raw[SC_SESSION_RAW_BYTES];
        struct sc_session_driver_result result;
};

/* Each returns false. */
bool sc_session_end_with(struct sc_session_driver *driver, enum sc_session_end how);
bool sc_session_fail(struct sc_session_driver *driver, int error, const char *what);

/* --- session_link --- */

/* Answers SC_ATTACHMENT_CONNECT. */
bool sc_session_link_open(struct sc_session_driver *driver);
/* `waits`: for what a command says last. */
void sc_session_link_close(struct sc_session_driver *driver, bool waits);
void sc_session_link_receive(struct sc_session_driver *driver);
/* As much as it takes; all of it where it takes no more: what the host said last is still read. */
size_t sc_session_link_send(struct sc_session_driver *driver, struct sc_span bytes);
void sc_session_link_send_frames(struct sc_session_driver *driver);
/* SOCKET or COMMAND, for messages. */
const char *sc_session_link_name(const struct sc_session_driver *driver);

/* --- session_trace --- */

bool sc_session_trace_open(struct sc_session_driver *driver);
void sc_session_trace_connected(struct sc_session_driver *driver);
/* Bytes that were read from the connection, and written to it. */
void sc_session_trace_heard(struct sc_session_driver *driver, struct sc_span bytes);
void sc_session_trace_said(struct sc_session_driver *driver, struct sc_span bytes);
void sc_session_trace_closed(struct sc_session_driver *driver, bool by_peer);
void sc_session_trace_close(struct sc_session_driver *driver);

/* --- session_output --- */

/* Answers SC_ATTACHMENT_OUTPUT: what of it is to be put out; and puts some of it out. */
void sc_session_output_take(struct sc_session_driver *driver, struct sc_span bytes);
bool sc_session_output_put(struct sc_session_driver *driver);
/* False: a line was found, and no more of it is awaited. */
bool sc_session_output_is_settled(struct sc_session_driver *driver);
/* Notes in the state file where the output stands. */
bool sc_session_output_note(struct sc_session_driver *driver);

void sc_session_output_notice(struct sc_session_driver *driver, const char *text);
/* As sc_user_end wants it: what is said may land in the output file, and is not taken for output then. */
void sc_session_output_around_errors(void *context, bool begins);
void sc_session_output_say(struct sc_session_driver *driver, const struct sc_attachment_event *event);
void sc_session_output_say_that(struct sc_session_driver *driver, enum sc_notice what, uint64_t value);

/* --- session_input --- */

/* Goes on with what was typed: sends it, and obeys it. */
bool sc_session_input_take(struct sc_session_driver *driver);
bool sc_session_input_read(struct sc_session_driver *driver);
bool sc_session_input_drop(struct sc_session_driver *driver);
/* Not all input reached the guest that it was for. False. */
bool sc_session_input_end_in_the_middle(struct sc_session_driver *driver);
/* What is waited for: standard input, the connection's room, the guest's taking all of it. */
bool sc_session_input_wants(struct sc_session_driver *driver);
bool sc_session_input_waits(struct sc_session_driver *driver);
bool sc_session_input_awaits_taking(const struct sc_session_driver *driver);

#endif
