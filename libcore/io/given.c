#include "io/given.h"

#include "model/base/span.h"

#include <errno.h>
#include <limits.h>
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

ssize_t sc_given_write(int fd, const void *bytes, size_t length)
{
        ssize_t written;
        switch (kind_of(fd)) {
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

ssize_t sc_given_read(int fd, void *bytes, size_t length)
{
        ssize_t received =
                kind_of(fd) == S_IFSOCK ? recv(fd, bytes, length, MSG_DONTWAIT) : read(fd, bytes, length);
        if (received >= 0)
                return received;
        return errno == EINTR ? -EAGAIN : -errno;
}
