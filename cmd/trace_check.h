#ifndef SC_TRACE_CHECK_H
#define SC_TRACE_CHECK_H

#include "trace_source.h"

#include <stdio.h>

struct sc_trace_check {
        bool json;
        bool strict; /* what could not be judged is a failure */
        FILE *stream;
};

/* Judges the trace whose config, its first record, has been read: each violation as a line as it is found, then a
 * summary. Returns the status to end with: SC_EXIT_FAILED for a violation, SC_EXIT_USAGE where the trace is damaged, once
 * what came before has been judged. */
int sc_trace_check(const struct sc_trace_check *check, struct sc_trace_source *source,
                   const struct sc_record *config);

#endif
