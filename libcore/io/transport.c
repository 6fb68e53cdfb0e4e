#include "io/transport.h"

#include "io/client_end.h"
#include "io/descriptor.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

const struct sc_transport sc_transport_none = { .read_fd = -1, .write_fd = -1, .error_fd = -1 };

static void use_socket(struct sc_transport *transport, int fd, bool native)
{
        transport->read_fd = transport->write_fd = fd;
        transport->native = native;
}

int sc_transport_open_native(struct sc_transport *transport, const char *path)
{
        char control[PATH_MAX];
        int length = snprintf(control, sizeof(control), "%s.ctl", path);
        *transport = sc_transport_none;
        if (length < 0 || (size_t)length >= sizeof(control))
                return -ENAMETOOLONG;
        int fd = sc_unix_socket_connect(control);
        if (fd < 0)
                return fd;
        use_socket(transport, fd, true);
        return 0;
}

int sc_transport_open_plain(struct sc_transport *transport, const char *path)
{
        int fd = sc_unix_socket_connect(path);
        if (fd < 0)
                return fd;
        if (sc_transport_open_native(transport, path) ==
            0) /* it came first, and was not there when we looked */
                close(fd);
        else
                use_socket(transport, fd, false);
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

void sc_transport_close(struct sc_transport *transport)
{
        if (transport->write_fd != transport->read_fd)
                sc_descriptor_close(&transport->write_fd);
        sc_descriptor_close(&transport->read_fd);
        sc_descriptor_close(&transport->error_fd);
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
