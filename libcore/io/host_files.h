#ifndef SC_HOST_FILES_H
#define SC_HOST_FILES_H

#include "io/guest_log.h"
#include "model/base/span.h"
#include "model/console/host.h"

/* What a host writes down beside serving its sockets. */

struct sc_host_files_config {
        struct sc_guest_log_config log;
        sc_file_writer_report *report;
};

struct sc_host_files {
        struct sc_guest_log *log; /* NULL: none */
};

/* Returns 0, or -errno with what it is about. */
int sc_host_files_open(struct sc_host_files *files, const struct sc_host_files_config *config,
                       const char **what);

/* The host has read `length` bytes of output into the spans, now. */
void sc_host_files_heard(struct sc_host_files *files, struct sc_host *host, const struct sc_span *spans,
                         size_t length);

/* At the end of each turn, and when that is due: UINT64_MAX: never. */
void sc_host_files_wake(struct sc_host_files *files, struct sc_host *host);
uint64_t sc_host_files_deadline_ns(const struct sc_host_files *files);

/* Opens each file by its name anew. False: there is none. */
bool sc_host_files_reopen(struct sc_host_files *files, const struct sc_host_files_config *config);

/* Writes what is to be written as far as that goes in a short time. */
void sc_host_files_close(struct sc_host_files *files, const struct sc_host *host);

#endif
