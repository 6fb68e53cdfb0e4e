#ifndef SC_GUEST_END_H
#define SC_GUEST_END_H

#include "io/loop.h"
#include "model/base/span.h"
#include "model/wire/status.h"

#include <sys/types.h>

/* What a guest side is to the host: somewhere to read output and write input, that comes and goes. */

enum sc_guest_kind {
        SC_GUEST_UNIX,    /* path: connect to the VMM's socket */
        SC_GUEST_LISTEN,  /* path, mode, group: the VMM connects to ours */
        SC_GUEST_PTY,     /* path: a PTY that the VMM made */
        SC_GUEST_TTY,     /* path, baud: a serial line */
        SC_GUEST_PIPE,    /* output_fd, input_fd: descriptors that were given to us */
        SC_GUEST_COMMAND, /* argv: the VMM is our child */
        SC_GUEST_KIND_COUNT,
};

struct sc_guest_spec {
        enum sc_guest_kind kind;
        const char *path; /* outlives the guest end, as argv does */
        mode_t mode;
        gid_t group;
        unsigned baud;
        int output_fd;
        int input_fd;
        char *const *argv; /* ends in NULL */
};

struct sc_guest_end;

struct sc_guest_end *sc_guest_end_new(const struct sc_guest_spec *spec, struct sc_loop *loop);
void sc_guest_end_free(struct sc_guest_end *end);

/* Begins: what can only fail at once fails here. Returns 0 or -errno. */
int sc_guest_end_start(struct sc_guest_end *end, uint64_t now_ns);

enum sc_guest_event {
        SC_GUEST_EVENT_NONE,
        SC_GUEST_EVENT_UP,
        SC_GUEST_EVENT_NOTE,    /* sc_guest_end_note has changed */
        SC_GUEST_EVENT_REFUSED, /* a second connection */
        SC_GUEST_EVENT_READABLE,
        SC_GUEST_EVENT_WRITABLE,
};
/* The next thing that happened, or NONE. Its end is told by a read. */
enum sc_guest_event sc_guest_end_next(struct sc_guest_end *end);
enum sc_guest_note sc_guest_end_note(const struct sc_guest_end *end);
bool sc_guest_end_can_break(const struct sc_guest_end *end);
/* Once it is lost, it cannot come again. */
bool sc_guest_end_comes_once(const struct sc_guest_end *end);

/* As sc_client_end_read and _write; any error but 0 is the end of that direction. */
ssize_t sc_guest_end_read(struct sc_guest_end *end, const struct sc_span *spans, size_t count);
ssize_t sc_guest_end_write(struct sc_guest_end *end, const struct sc_span *spans, size_t count);

/* Sends a BREAK behind what was written. True: it is over. False: WRITABLE comes when to ask again. */
bool sc_guest_end_break(struct sc_guest_end *end, uint64_t now_ns);

/* A read told its end: waits for it to come again, where it can. */
void sc_guest_end_lost(struct sc_guest_end *end, uint64_t now_ns);

/* For what the host waits: SC_READY_READ, SC_READY_WRITE. */
void sc_guest_end_want(struct sc_guest_end *end, unsigned wants);

/* When sc_guest_end_wake is due though nothing was ready; UINT64_MAX: never. */
uint64_t sc_guest_end_deadline_ns(const struct sc_guest_end *end);
/* In each wake-up, before sc_guest_end_next. `path_changed`: SIGIO came; `child_changed`: SIGCHLD. */
void sc_guest_end_wake(struct sc_guest_end *end, uint64_t now_ns, bool path_changed, bool child_changed);

/* COMMAND: signals it; whether it has ended; with what status. */
void sc_guest_end_signal(struct sc_guest_end *end, int number);
bool sc_guest_end_has_ended(const struct sc_guest_end *end);
int sc_guest_end_status(const struct sc_guest_end *end);

#endif
