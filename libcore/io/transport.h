#ifndef SC_TRANSPORT_H
#define SC_TRANSPORT_H

#include "io/child.h"
#include "model/base/span.h"

#include <stdbool.h>
#include <sys/types.h>

/* What carries a client's bytes to a console and back: its socket, or a command's standard input and output. */
struct sc_transport {
        int read_fd;  /* -1: none is open */
        int write_fd; /* the same for a socket */
        int error_fd; /* a command's standard error */
        bool native;
        struct sc_child child;
};

extern const struct sc_transport sc_transport_none;

/* PATH.ctl. Returns 0 or -errno. */
int sc_transport_open_native(struct sc_transport *transport, const char *path);

/* PATH itself, of a peer that speaks no protocol; or PATH.ctl after all, where that has come meanwhile: a host makes it
 * before PATH. */
int sc_transport_open_plain(struct sc_transport *transport, const char *path);

/* `command`, run by the shell, in our process group, so that it may ask the terminal's user for a password. What it starts
 * itself is to end when its input does. */
int sc_transport_open_command(struct sc_transport *transport, const char *command);

/* Ends the command, too, and waits for its end. */
void sc_transport_close(struct sc_transport *transport);

/* As sc_client_end_read and _write: bytes, 0 for none now; or -errno, -EPIPE for the end. */
ssize_t sc_transport_read(const struct sc_transport *transport, struct sc_span room);
ssize_t sc_transport_write(const struct sc_transport *transport, struct sc_span bytes);

/* Whether a peer without a protocol has taken everything that was sent to it. */
bool sc_transport_is_drained(const struct sc_transport *transport);

#endif
