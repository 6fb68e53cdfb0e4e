#ifndef SC_TRACE_FILE_H
#define SC_TRACE_FILE_H

#include "io/file_writer.h"
#include "model/base/span.h"
#include "model/console/host.h"

/* A trace in a file (--trace, TRACE.md), a host's or a client's. What finds no room on its way there is missing: a host is told, and a
 * record in its place says so. */

struct sc_trace_file_config {
        struct sc_file_spec file;
        uint64_t max_bytes; /* it ends before it would be longer; 0: no limit */
};

struct sc_trace_file;

/* Returns 0 or -errno. */
int sc_trace_file_open(struct sc_trace_file **opened, const struct sc_trace_file_config *config,
                       sc_file_writer_report *report);

/* Takes the records that the host has noted. */
void sc_trace_file_take(struct sc_trace_file *file, struct sc_host *host);

/* `length` bytes of output were read into the spans, and the host is not told yet. */
void sc_trace_file_heard(struct sc_trace_file *file, struct sc_host *host, const struct sc_span *spans,
                         size_t length);

/* A record of somebody else's doings; what it points to is copied. Where it finds no room, a `missing` stands before the
 * next that does. */
void sc_trace_file_put(struct sc_trace_file *file, const struct sc_record *record);

/* NULL: nothing to do. */
void sc_trace_file_close(struct sc_trace_file *file);

#endif
