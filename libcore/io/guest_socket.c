#include "io/guest_kind.h"

#include "io/clock.h"
#include "io/sock_diag.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* A connection that lasted this long says that the peer is well: the next wait is a short one again. */
#define STEADY_NS SC_GUEST_BACKOFF_MAX_NS

/* How soon a name that refuses is asked again at first, and how old it is when it is called stale. */
#define BOUND_RETRY_NS (10 * SC_NS_PER_MS)
#define STALE_NS (10 * SC_NS_PER_S)

/* A VMM that lives and closes us is asked again this soon, as long as nobody else is its client. */
#define LISTENING_RETRY_NS (20 * SC_NS_PER_MS)
/* One that closed us without a word in this time does not want us. */
#define SPOKE_NS (1 * SC_NS_PER_S)

/* --- unix:PATH --- */

/* Whether the path names another file than the one that was connected to. True: remembered. */
static bool path_is_new(struct sc_guest_end *end)
{
        struct stat status;
        if (stat(end->spec.path, &status) != 0)
                return false;
        /* The time as well: a file system may give a new file the number of the one before. */
        bool other = status.st_ino != end->inode || status.st_dev != end->device ||
                     status.st_ctim.tv_sec != end->changed.tv_sec ||
                     status.st_ctim.tv_nsec != end->changed.tv_nsec;
        end->inode = status.st_ino;
        end->device = status.st_dev;
        end->changed = status.st_ctim;
        return other;
}

/* Between bind and listen there is no event, and a socket of another network namespace looks absent until it is
 * connected to: a new name is asked again, later each time, and an old one is stale. */
static void refused(struct sc_guest_end *end, uint64_t now_ns, bool watched)
{
        enum sc_sock_holder holder = sc_sock_diag_look_up(end->spec.path);
        if (holder == SC_SOCK_UNKNOWN || (holder == SC_SOCK_ABSENT && !watched)) {
                sc_guest_end_back_off(end, now_ns);
                return;
        }
        uint64_t wall_ns = now_ns + (uint64_t)sc_clock_wall_offset_ns();
        uint64_t made_ns = (uint64_t)end->changed.tv_sec * SC_NS_PER_S + (uint64_t)end->changed.tv_nsec;
        end->stale = holder == SC_SOCK_ABSENT && sc_sub_sat_u64(wall_ns, made_ns) > STALE_NS;
        if (end->stale)
                return;
        if (end->listen_wait_ns == 0)
                end->listen_wait_ns = BOUND_RETRY_NS;
        end->retry_ns = now_ns + end->listen_wait_ns;
        end->listen_wait_ns = sc_min_u64(2 * end->listen_wait_ns, SC_GUEST_BACKOFF_MAX_NS);
}

/* A file that is no socket refuses as well. */
static int connect_socket(const char *path)
{
        struct stat status;
        int fd = sc_unix_socket_connect(path);
        if (fd == -ECONNREFUSED && stat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
                return -ENOTSOCK;
        return fd;
}

static void try_connect(struct sc_guest_end *end, uint64_t now_ns)
{
        bool watched = sc_path_watch_begin(&end->watch, end->spec.path) == 0;
        if (path_is_new(end)) {
                end->listen_wait_ns = 0;
                end->stale = false;
        }
        if (end->stale && watched) /* whatever else happens in its folder: a stale name stays so */
                return;
        int fd = connect_socket(end->spec.path);
        if (fd >= 0) {
                sc_path_watch_end(&end->watch);
                sc_guest_end_came(end, fd, fd, now_ns);
                return;
        }
        sc_guest_end_failed(end, fd);
        if (fd == -ECONNREFUSED)
                refused(end, now_ns, watched);
        else if (!watched || (fd != -ENOENT && fd != -ENOTDIR))
                sc_guest_end_back_off(end, now_ns);
}

static int unix_start(struct sc_guest_end *end, uint64_t now_ns)
{
        try_connect(end, now_ns);
        return 0;
}

static void unix_lost(struct sc_guest_end *end, uint64_t now_ns)
{
        sc_guest_end_close_both(end);
        bool known = end->backoff_ns != 0 && now_ns - end->connected_ns < STEADY_NS;
        if (!known)
                end->backoff_ns = 0;

        sc_path_watch_begin(&end->watch, end->spec.path);
        if (path_is_new(end)) {
                try_connect(end, now_ns);
                return;
        }
        enum sc_sock_holder holder = sc_sock_diag_look_up(end->spec.path);
        if (holder == SC_SOCK_TAKEN)
                sc_guest_end_set_note(end, SC_GUEST_NOTE_TAKEN);
        if (holder ==
            SC_SOCK_LISTENING) { /* a reboot: nobody else has it, and what it says now is not kept */
                end->retry_ns = now_ns + LISTENING_RETRY_NS;
                return;
        }
        if (holder == SC_SOCK_ABSENT && !known) { /* gone, or out of sight: one try tells */
                end->backoff_ns = SC_GUEST_BACKOFF_MIN_NS;
                try_connect(end, now_ns);
                return;
        }
        sc_guest_end_back_off(end, now_ns);
}

static void unix_retry(struct sc_guest_end *end, uint64_t now_ns)
{
        /* While we stay away from a socket that is taken, only a new one is worth an early try. */
        bool waiting = end->retry_ns != UINT64_MAX && end->backoff_ns != 0;
        if (waiting) {
                sc_path_watch_begin(&end->watch, end->spec.path);
                bool is_gone = access(end->spec.path, F_OK) != 0 && errno == ENOENT;
                if (!is_gone && !path_is_new(end))
                        return;
                end->backoff_ns = 0;
        }
        if (end->note == SC_GUEST_NOTE_TAKEN && !waiting &&
            sc_sock_diag_look_up(end->spec.path) == SC_SOCK_TAKEN) {
                sc_guest_end_back_off(end, now_ns);
                return;
        }
        end->retry_ns = UINT64_MAX;
        try_connect(end, now_ns);
}

const struct sc_guest_operations sc_guest_unix = {
        .start = unix_start,
        .lost = unix_lost,
        .retry = unix_retry,
        .read = sc_guest_end_plain_read,
        .write = sc_guest_end_plain_write,
};

/* --- listen:PATH --- */

static int listen_start(struct sc_guest_end *end, uint64_t now_ns)
{
        (void)now_ns;
        int result = sc_unix_socket_listen(end->spec.path, end->spec.mode, end->spec.group, &end->listening);
        return result != 0 ? result : sc_acceptor_open(&end->acceptor, end->loop, end->listening.fd);
}

static void listen_take(struct sc_guest_end *end, uint64_t now_ns)
{
        /* Who has hung up is read to the end before the next one is let in. */
        if (end->connected && end->output.always_ready) {
                sc_loop_set(end->loop, &end->acceptor.source, 0);
                return;
        }
        for (int i = 0; i < SC_ACCEPTS_MAX; i++) {
                int fd = sc_acceptor_take(&end->acceptor, now_ns);
                if (fd < 0)
                        return;
                if (end->connected) {
                        close(fd);
                        end->refused++;
                } else {
                        sc_guest_end_came(end, fd, fd, now_ns);
                }
        }
}

static void listen_lost(struct sc_guest_end *end, uint64_t now_ns)
{
        (void)now_ns;
        sc_guest_end_close_both(end);
        sc_acceptor_resume(&end->acceptor);
        sc_loop_set(end->loop, &end->acceptor.source, SC_READY_READ);
}

static void listen_close(struct sc_guest_end *end)
{
        sc_loop_remove(end->loop, &end->acceptor.source);
        end->acceptor.source.fd = -1;
        sc_unix_socket_remove(&end->listening);
}

const struct sc_guest_operations sc_guest_listen = {
        .start = listen_start,
        .lost = listen_lost,
        .retry = listen_take,
        .close = listen_close,
        .read = sc_guest_end_plain_read,
        .write = sc_guest_end_plain_write,
};
