#ifndef SC_TRACE_EXPORT_H
#define SC_TRACE_EXPORT_H

#include "trace_walk.h"

/* A trace for other programs, on standard output, each piece with the time at which it is due. What fails is reported;
 * these return the status to end with. */

/* For asciinema's players (asciicast.h), with markers for what a screen does not show. */
int sc_trace_export_asciicast(struct sc_trace_walk *walk, unsigned width, unsigned height);

/* For scriptreplay (typescript.h). The times go to the file at `timing`, which is made, or emptied where it is none of
 * those that are read or written here. */
int sc_trace_export_typescript(struct sc_trace_walk *walk, const char *timing);

#endif
