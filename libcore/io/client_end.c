#include "io/client_end.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static_assert(sizeof(struct sc_span) == sizeof(struct iovec) &&
                      offsetof(struct sc_span, bytes) == offsetof(struct iovec, iov_base) &&
                      offsetof(struct sc_span, length) == offsetof(struct iovec, iov_len),
              "spans are handed to the kernel as they are");

ssize_t sc_client_end_read(int fd, const struct sc_span *spans, size_t count)
{
        ssize_t length = readv(fd, (const struct iovec *)(const void *)spans, (int)count);
        if (length > 0)
                return length;
        if (length == 0)
                return -EPIPE;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

ssize_t sc_client_end_write(int fd, const struct sc_span *spans, size_t count)
{
        ssize_t length = writev(fd, (const struct iovec *)(const void *)spans, (int)count);
        if (length >= 0)
                return length;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

bool sc_client_end_queue_is_empty(int fd)
{
        int queued = 0;
        return ioctl(fd, SIOCOUTQ, &queued) == 0 && queued == 0;
}

struct sc_sample sc_client_end_sample(int fd)
{
        struct sc_sample sample = { .queue_empty = sc_client_end_queue_is_empty(fd) };

        struct pollfd poll_fd = { .fd = fd };
        sample.hung_up = poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLHUP | POLLERR)) != 0;

        int error = 0;
        socklen_t length = sizeof(error);
        sample.reset = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == ECONNRESET;

        int unread = 0;
        if (ioctl(fd, SIOCINQ, &unread) == 0 && unread > 0)
                sample.unread_bytes = (uint64_t)unread;
        return sample;
}
