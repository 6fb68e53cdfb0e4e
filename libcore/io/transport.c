#include "io/transport.h"

#include "io/client_end.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

const struct sc_transport sc_transport_none = { .read_fd = -1, .write_fd = -1, .error_fd = -1 };

int sc_transport_open_socket(struct sc_transport *transport, const char *path, bool native_only)
{
        char control[PATH_MAX];
        int length = snprintf(control, sizeof(control), "%s.ctl", path);
        *transport = sc_transport_none;
        if (length < 0 || (size_t)length >= sizeof(control))
                return -ENAMETOOLONG;
        int fd = sc_unix_socket_connect(control);
        if (!native_only && (fd == -ENOENT || fd == -ECONNREFUSED)) {
                int plain = sc_unix_socket_connect(path);
                if (plain >= 0) /* a host that has just started makes its .ctl first */
                        fd = sc_unix_socket_connect(control);
                if (fd < 0 && plain >= 0) {
                        transport->read_fd = transport->write_fd = plain;
                        return 0;
                }
                if (plain >= 0)
                        close(plain);
                else if (fd < 0)
                        return plain;
        }
        if (fd < 0)
                return fd;
        transport->read_fd = transport->write_fd = fd;
        transport->native = true;
        return 0;
}

int sc_transport_open_command(struct sc_transport *transport, const char *command)
{
        char *const argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", (char *)(uintptr_t)command,
                               NULL };
        *transport = sc_transport_none;
        transport->native = true;
        int result = sc_child_start(&transport->child, argv, SC_CHILD_OUR_GROUP | SC_CHILD_PIPE_ERROR);
        if (result != 0)
                return result;
        transport->read_fd = transport->child.output;
        transport->write_fd = transport->child.input;
        transport->error_fd = transport->child.error;
        return 0;
}

static void close_one(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

void sc_transport_close(struct sc_transport *transport)
{
        if (transport->write_fd != transport->read_fd)
                close_one(&transport->write_fd);
        close_one(&transport->read_fd);
        close_one(&transport->error_fd);
        sc_child_end(&transport->child);
        *transport = sc_transport_none;
}

ssize_t sc_transport_read(const struct sc_transport *transport, struct sc_span room)
{
        return sc_client_end_read(transport->read_fd, &room, 1);
}

ssize_t sc_transport_write(const struct sc_transport *transport, struct sc_span bytes)
{
        return sc_client_end_write(transport->write_fd, &bytes, 1); /* SIGPIPE is ignored */
}

bool sc_transport_is_drained(const struct sc_transport *transport)
{
        return sc_client_end_queue_is_empty(transport->write_fd);
}
