#ifndef SC_SURVEY_H
#define SC_SURVEY_H

#include "model/wire/status.h"

/* The same short question to many hosts at once: how each is, and what was said last. */

enum sc_survey_answer {
        SC_SURVEY_ANSWERED,
        SC_SURVEY_NO_HOST, /* nobody listens, or it has ended before it answered */
        SC_SURVEY_SILENT,  /* it takes no connection, or does not answer in SC_SURVEY_WAIT_NS */
        SC_SURVEY_FOREIGN, /* who answers does not speak the protocol */
        SC_SURVEY_FAILED,  /* `error` says why it could not be asked */
};

#define SC_SURVEY_LAST_BYTES 4096

struct sc_survey_console {
        const char *control_path; /* of its .ctl; the caller's */

        enum sc_survey_answer answer;
        int error; /* -errno */
        struct sc_status status;
        uint8_t last[SC_SURVEY_LAST_BYTES]; /* the end of the output, without a gap */
        size_t last_length;
};

/* How long one host has to answer. Together it takes that long for every SC_SURVEY_AT_ONCE of them that hang. */
#define SC_SURVEY_WAIT_NS SC_NS_PER_S
#define SC_SURVEY_AT_ONCE 256

/* Fills in the answers. Returns 0, or -ENOMEM. */
int sc_survey_run(struct sc_survey_console *consoles, size_t count);

#endif
