#ifndef SC_HOST_FILES_H
#define SC_HOST_FILES_H

#include "io/guest_log.h"
#include "io/trace_file.h"
#include "model/base/span.h"
#include "model/console/host.h"

/* What a host writes down beside serving its sockets. */

/* An entry as a line of text with its end; returns its length. */
#define SC_HOST_FILES_EVENT_BYTES 2048
typedef size_t sc_host_files_format(const struct sc_journal_entry *entry, int64_t wall_offset_ns, char *line,
                                    size_t size);

struct sc_host_files_config {
        struct sc_guest_log_config log; /* what the guest says */
        struct sc_file_spec events;     /* the host's journal */
        struct sc_trace_file_config trace;
        sc_host_files_format *format;
        sc_file_writer_report *report;
};

struct sc_host_files {
        const struct sc_host_files_config *config;
        struct sc_guest_log *log;      /* NULL: none */
        struct sc_file_writer *events; /* NULL: none */
        struct sc_trace_file *trace;   /* NULL: none */
};

/* `config` outlives the files. Returns 0, or -errno with what it is about. */
int sc_host_files_open(struct sc_host_files *files, const struct sc_host_files_config *config,
                       const char **what);

/* `length` bytes of output were read into the spans, now; before the host is told. */
void sc_host_files_heard(struct sc_host_files *files, struct sc_host *host, const struct sc_span *spans,
                         size_t length);

/* After each event, and after each answer to an action. */
void sc_host_files_noted(struct sc_host_files *files, struct sc_host *host);

/* At the end of each turn, and when that is due: UINT64_MAX: never. */
void sc_host_files_wake(struct sc_host_files *files, struct sc_host *host);
uint64_t sc_host_files_deadline_ns(const struct sc_host_files *files);

/* Opens each file by its name anew, but for the trace, which is one whole. False: there is none. */
bool sc_host_files_reopen(struct sc_host_files *files);

/* Writes what is to be written as far as that goes in a short time. */
void sc_host_files_close(struct sc_host_files *files, struct sc_host *host);

#endif
