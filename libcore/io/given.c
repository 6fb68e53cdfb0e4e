#include "io/given.h"

#include "model/base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A terminal that polls as writable takes this much. */
#define TERMINAL_WRITE_BYTES 256

static mode_t kind_of(int fd)
{
        struct stat status;
        return fstat(fd, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

static ssize_t write_as(mode_t kind, int fd, const void *bytes, size_t length)
{
        ssize_t written;
        switch (kind) {
        case S_IFSOCK:
                written = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
                break;
        case S_IFREG: /* always ready */
                written = write(fd, bytes, length);
                break;
        case S_IFCHR:
                written = write(fd, bytes, sc_min_u64(length, TERMINAL_WRITE_BYTES));
                break;
        default:
                written = write(fd, bytes, sc_min_u64(length, PIPE_BUF));
                break;
        }
        if (written >= 0)
                return written;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

ssize_t sc_given_write(int fd, const void *bytes, size_t length)
{
        return write_as(kind_of(fd), fd, bytes, length);
}

ssize_t sc_given_read(int fd, void *bytes, size_t length)
{
        ssize_t received =
                kind_of(fd) == S_IFSOCK ? recv(fd, bytes, length, MSG_DONTWAIT) : read(fd, bytes, length);
        if (received >= 0)
                return received;
        return errno == EINTR ? -EAGAIN : -errno;
}

void sc_given_output_open(struct sc_given_output *output, int fd)
{
        char itself[32];
        mode_t kind = kind_of(fd);
        bool shared = kind == S_IFIFO || (kind == S_IFCHR && isatty(fd));
        *output = (struct sc_given_output) { .fd = fd, .kind = kind };
        snprintf(itself, sizeof(itself), "/proc/self/fd/%d", fd);
        int own = shared ? open(itself, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
        if (own >= 0)
                *output = (struct sc_given_output) { .fd = own, .kind = S_IFREG, .own = true };
        output->never_waits = output->own || kind == S_IFREG || kind == S_IFSOCK;
}

void sc_given_output_close(struct sc_given_output *output)
{
        if (output->own)
                close(output->fd);
        output->own = false;
}

ssize_t sc_given_output_write(const struct sc_given_output *output, const void *bytes, size_t length)
{
        return write_as(output->kind, output->fd, bytes, length);
}
