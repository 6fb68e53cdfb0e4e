#include "io/guest_kind.h"

#include "io/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The terminal at the path, raw, or -errno. */
static int open_terminal(struct sc_guest_end *end)
{
        int fd = open(end->spec.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        struct stat status;
        int result = fstat(fd, &status) != 0 ? -errno : sc_tty_set_raw(fd, end->spec.baud, NULL);
        if (result != 0) {
                close(fd);
                return result;
        }
        end->device = status.st_rdev;
        return fd;
}

static int try_open(struct sc_guest_end *end, uint64_t now_ns)
{
        bool watched = sc_path_watch_begin(&end->watch, end->spec.path) == 0;
        int fd = open_terminal(end);
        if (fd >= 0) {
                sc_path_watch_end(&end->watch);
                sc_guest_end_came(end, fd, fd, now_ns);
                return 0;
        }
        sc_guest_end_failed(end, fd);
        if (end->retry_ns == UINT64_MAX && (!watched || (fd != -ENOENT && fd != -ENOTDIR)))
                sc_guest_end_back_off(end, now_ns);
        return fd;
}

static void retry_open(struct sc_guest_end *end, uint64_t now_ns)
{
        try_open(end, now_ns);
}

/* Whatever is there must be a terminal; nothing may be there yet. */
static int terminal_start(struct sc_guest_end *end, uint64_t now_ns)
{
        struct stat status;
        if (stat(end->spec.path, &status) == 0 && !S_ISCHR(status.st_mode))
                return -ENOTTY;
        return try_open(end, now_ns) == -ENOTTY ? -ENOTTY : 0;
}

/* --- pty:PATH --- */

/* Its master is gone, for good. The dead descriptor stays open, so that the kernel does not give its number to the
 * next terminal that a stranger opens, and only a link that comes to name another is followed. */
static void pty_lost(struct sc_guest_end *end, uint64_t now_ns)
{
        (void)now_ns;
        sc_loop_remove(end->loop, &end->output);
        sc_path_watch_begin(&end->watch, end->spec.path);
        end->operations->retry(end, now_ns);
}

static void pty_retry(struct sc_guest_end *end, uint64_t now_ns)
{
        if (end->output.fd < 0) { /* none has come yet */
                retry_open(end, now_ns);
                return;
        }
        struct stat link, terminal;
        sc_path_watch_begin(&end->watch, end->spec.path);
        if (lstat(end->spec.path, &link) != 0 || !S_ISLNK(link.st_mode) ||
            stat(end->spec.path, &terminal) != 0 || terminal.st_rdev == end->device)
                return;
        int dead = end->output.fd;
        int fd = open_terminal(end);
        end->device = terminal.st_rdev; /* where that failed: its number may be a stranger's the next time */
        if (fd < 0) {
                sc_guest_end_failed(end, fd);
                return;
        }
        sc_path_watch_end(&end->watch);
        sc_guest_end_came(end, fd, fd, now_ns);
        close(dead);
}

const struct sc_guest_operations sc_guest_pty = {
        .start = terminal_start,
        .lost = pty_lost,
        .retry = pty_retry,
        .read = sc_guest_end_plain_read,
        .write = sc_guest_end_plain_write,
};

/* --- tty:PATH[,BAUD] --- */

static int tty_start(struct sc_guest_end *end, uint64_t now_ns)
{
        end->can_break = true;
        return terminal_start(end, now_ns);
}

static void tty_lost(struct sc_guest_end *end, uint64_t now_ns)
{
        sc_guest_end_close_both(end);
        if (now_ns - end->connected_ns >= SC_GUEST_BACKOFF_MAX_NS)
                end->backoff_ns = 0;
        sc_path_watch_begin(&end->watch, end->spec.path);
        if (access(end->spec.path, F_OK) == 0)
                sc_guest_end_back_off(end, now_ns);
}

const struct sc_guest_operations sc_guest_tty = {
        .start = tty_start,
        .lost = tty_lost,
        .retry = retry_open,
        .read = sc_guest_end_plain_read,
        .write = sc_guest_end_plain_write,
};
