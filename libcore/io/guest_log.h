#ifndef SC_GUEST_LOG_H
#define SC_GUEST_LOG_H

#include "io/file_writer.h"

#include <sys/types.h>

/* What the guest says, in a file as it is, or on standard output as whole lines of harmless text (--log). */

/* What leads a line that began at that time, into `text`; returns its length. */
#define SC_GUEST_LOG_STAMP_BYTES 64
typedef size_t sc_guest_log_stamp(int64_t wall_ns, char text[static SC_GUEST_LOG_STAMP_BYTES]);

struct sc_guest_log_config {
        struct sc_file_spec file;
        sc_guest_log_stamp *stamp; /* NULL: lines are led by nothing */
};

struct sc_guest_log;

/* Returns 0 or -errno. */
int sc_guest_log_open(struct sc_guest_log **opened, const struct sc_guest_log_config *config,
                      sc_file_writer_report *report);

/* What is missing in the log from now on, and was not counted before. */
struct sc_guest_log_loss {
        uint64_t bytes; /* of the log: what leads a line is among them */
        uint64_t lines; /* of standard output */
};

/* Output that has arrived now. */
struct sc_guest_log_loss sc_guest_log_put(struct sc_guest_log *log, const uint8_t *bytes, size_t length,
                                          uint64_t now_ns, int64_t wall_offset_ns);

/* A line of standard output that had no end for long enough is put as it is. When that is due; UINT64_MAX: never. */
uint64_t sc_guest_log_deadline_ns(const struct sc_guest_log *log);
struct sc_guest_log_loss sc_guest_log_wake(struct sc_guest_log *log, uint64_t now_ns, int64_t wall_offset_ns);

/* The file holds all that was put, and nothing was ever missing. */
bool sc_guest_log_is_whole(struct sc_guest_log *log);
/* Something is missing in it: it will never be whole. */
bool sc_guest_log_is_flawed(const struct sc_guest_log *log);

void sc_guest_log_reopen(struct sc_guest_log *log);

/* Puts the unfinished line, too. NULL: nothing to do. */
void sc_guest_log_close(struct sc_guest_log *log, int64_t wall_offset_ns);

#endif
