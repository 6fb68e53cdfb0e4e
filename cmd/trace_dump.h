#ifndef SC_TRACE_DUMP_H
#define SC_TRACE_DUMP_H

#include "trace_source.h"

#include <stdbool.h>

/* Prints each record of the trace, whose config has been read, as a line on standard output (trace_text.h). Returns the
 * status to end with. */
int sc_trace_dump(struct sc_trace_source *source, const struct sc_record *config, bool json);

#endif
