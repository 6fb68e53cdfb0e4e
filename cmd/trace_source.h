#ifndef SC_TRACE_SOURCE_H
#define SC_TRACE_SOURCE_H

#include "io/trace_reader.h"

/* The trace that a command was given: TRACE, a path or `-` for standard input, and its config. */
struct sc_trace_source {
        const char *name; /* for messages */
        struct sc_trace_reader reader;
        struct sc_record_config config;
        bool last_known; /* when it ends */
        uint64_t last_ns;
};

/* Opens `path`, and gives the first record, the config, to `config`; it holds until the next one is read. Returns 0,
 * or a status to end with, and has reported why. There is one source in a process, and it stays open. */
int sc_trace_source_open(struct sc_trace_source *source, const char *path, struct sc_record *config);

/* A time of its records, since 1970. */
int64_t sc_trace_source_wall_ns(const struct sc_trace_source *source, uint64_t time_ns);

/* `size` bytes, zeroed, as many as its config asks for: taken only as they are used, and never given back. NULL:
 * reported as what `what` takes. */
void *sc_trace_source_memory(const struct sc_trace_source *source, const char *what, size_t size);

/* What a reading that is no record says of the trace, on standard error; nothing where it ended as it should. Returns
 * the status that it stands for: 0 also for one that is cut, SC_EXIT_USAGE for one that is damaged or cannot be read. */
int sc_trace_source_end(const struct sc_trace_source *source, enum sc_trace_reading reading);

#endif
