#include "io/given.h"
#include "io/guest_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors that were given to us (stdio, fd:N). */

static int pipe_start(struct sc_guest_end *end, uint64_t now_ns)
{
        struct stat status;
        if (fstat(end->spec.output_fd, &status) != 0 || fstat(end->spec.input_fd, &status) != 0)
                return -errno;
        sc_guest_end_came(end, end->spec.output_fd, end->spec.input_fd, now_ns);
        return 0;
}

/* The descriptors stay as they were given. */
static void pipe_lost(struct sc_guest_end *end, uint64_t now_ns)
{
        (void)now_ns;
        sc_loop_remove(end->loop, &end->output);
        sc_loop_remove(end->loop, &end->input);
        end->output.fd = end->input.fd = -1;
}

static bool is_ready(int fd, short events)
{
        struct pollfd poll_fd = { .fd = fd, .events = events };
        return poll(&poll_fd, 1, 0) > 0;
}

static ssize_t pipe_read(struct sc_guest_end *end, const struct sc_span *spans, size_t count)
{
        return is_ready(end->output.fd, POLLIN) ? sc_guest_end_plain_read(end, spans, count) : 0;
}

static ssize_t pipe_write(struct sc_guest_end *end, const struct sc_span *spans, size_t count)
{
        int fd = end->input.fd;
        (void)count;
        if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) /* poll would never say that it takes something */
                return -EBADF;
        if (!is_ready(fd, POLLOUT))
                return 0;
        return sc_given_write(fd, spans[0].bytes, spans[0].length);
}

const struct sc_guest_operations sc_guest_pipe = {
        .once = true,
        .start = pipe_start,
        .lost = pipe_lost,
        .read = pipe_read,
        .write = pipe_write,
};
