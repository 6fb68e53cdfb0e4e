#include "io/session_driver.h"

#include "io/tty.h"
#include "io/unix_socket.h"
#include "model/client/escape.h"
#include "model/client/session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define RAW_BYTES (64 * 1024)

/* What a descriptor takes after poll said that it takes something: others may hold it, so that it stays blocking. */
#define TERMINAL_WRITE_BYTES 256

struct driver {
        int socket;
        int signals;
        bool native;
        bool terminal; /* standard input is one */
        bool input_ended;
        struct sc_tty_settings before;
        struct sc_escape escape;
        const char *help;

        struct sc_span output; /* received, not yet put out */
        uint64_t output_offset;
        struct sc_span input; /* read, not yet sent */
        bool ending;          /* the connection has ended; what was received is still put out */

        struct sc_session session;
        uint8_t raw[RAW_BYTES];
        uint8_t keys[SC_FRAME_INPUT_BYTES_MAX];
        size_t keys_start, keys_end; /* of keys, not looked at yet */
        struct sc_session_driver_result result;
};

static struct driver the_driver;

static bool end(struct driver *driver, enum sc_session_end why, int error)
{
        driver->result.end = why;
        driver->result.error = error;
        return false;
}

/* --- standard output --- */

static size_t write_limit(void)
{
        struct stat status;
        if (fstat(STDOUT_FILENO, &status) != 0 || S_ISREG(status.st_mode))
                return SIZE_MAX;
        return S_ISCHR(status.st_mode) ? TERMINAL_WRITE_BYTES : PIPE_BUF;
}

static bool put_output(struct driver *driver)
{
        size_t length = (size_t)sc_min_u64(driver->output.length, write_limit());
        ssize_t written = write(STDOUT_FILENO, driver->output.bytes, length);
        if (written < 0)
                return errno == EINTR || errno == EAGAIN ||
                       end(driver, errno == EPIPE ? SC_SESSION_OUTPUT_CLOSED : SC_SESSION_FAILED, -errno);
        driver->output.bytes += written;
        driver->output.length -= (size_t)written;
        driver->output_offset += (uint64_t)written;
        if (driver->native)
                sc_session_acknowledge(&driver->session, driver->output_offset);
        return true;
}

/* serialcon's own words, on a line of their own. */
static void notice(const struct driver *driver, const char *text)
{
        dprintf(STDERR_FILENO, driver->terminal ? "\r\n[serialcon: %s]\r\n" : "serialcon: %s\n", text);
}

static void notice_gap(const struct driver *driver, const struct sc_gap *gap)
{
        char text[96];
        snprintf(text, sizeof(text), "%llu bytes are missing here: %s",
                 (unsigned long long)(gap->to - gap->from),
                 gap->kind == SC_GAP_CLEARED ? "cleared" : "overwritten before they were read");
        notice(driver, text);
}

/* --- the connection --- */

/* The next output among what was received. False: the conversation is over. */
static bool take_events(struct driver *driver)
{
        struct sc_session_event event;
        while (driver->output.length == 0) {
                sc_session_next(&driver->session, &event);
                switch (event.kind) {
                case SC_SESSION_NOTHING:
                        return !driver->ending || end(driver, SC_SESSION_GONE, 0);
                case SC_SESSION_DATA:
                        driver->output = event.bytes;
                        driver->output_offset = event.offset;
                        break;
                case SC_SESSION_GAP:
                        if (driver->terminal)
                                notice_gap(driver, &event.gap);
                        break;
                case SC_SESSION_ERROR:
                        snprintf(driver->result.text, sizeof(driver->result.text), "%.*s",
                                 (int)event.bytes.length, (const char *)event.bytes.bytes);
                        return end(driver,
                                   event.count == SC_ERROR_ENDING ? SC_SESSION_GONE : SC_SESSION_REFUSED_BY,
                                   0);
                case SC_SESSION_BROKEN:
                        return end(driver, SC_SESSION_FAILED, -EPROTO);
                case SC_SESSION_WELCOME:
                case SC_SESSION_BOUNDARY:
                case SC_SESSION_ROLE:
                case SC_SESSION_REFUSED:
                        break;
                }
        }
        return true;
}

static bool receive(struct driver *driver)
{
        struct sc_span room = { driver->raw, RAW_BYTES };
        if (driver->native)
                room = sc_session_receive_room(&driver->session);
        ssize_t length = recv(driver->socket, room.bytes, room.length, 0);
        if (length < 0 && (errno == EAGAIN || errno == EINTR))
                return true;
        if (length <= 0) {
                driver->ending = true;
                return driver->native || end(driver, SC_SESSION_GONE, 0);
        }
        if (driver->native)
                sc_session_received(&driver->session, (size_t)length);
        else
                driver->output = (struct sc_span) { driver->raw, (size_t)length };
        return true;
}

/* A failed write ends that direction alone: what the host said last is still read. */
static ssize_t send_some(struct driver *driver, struct sc_span bytes)
{
        ssize_t sent = send(driver->socket, bytes.bytes, bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0)
                return sent;
        return errno == EAGAIN || errno == EINTR ? 0 : (ssize_t)bytes.length;
}

static void send_pending(struct driver *driver)
{
        if (!driver->native) {
                ssize_t sent = send_some(driver, driver->input);
                driver->input.bytes += sent;
                driver->input.length -= (size_t)sent;
                return;
        }
        if (driver->input.length > 0) {
                size_t typed = sc_session_type(&driver->session, driver->input.bytes, driver->input.length);
                driver->input.bytes += typed;
                driver->input.length -= typed;
        }
        struct sc_span pending = sc_session_to_send(&driver->session);
        if (pending.length > 0)
                sc_session_sent(&driver->session, (size_t)send_some(driver, pending));
}

/* --- standard input --- */

/* Goes on with the keys that were read. False: quit. */
static bool take_keys(struct driver *driver)
{
        while (driver->input.length == 0 && driver->keys_start < driver->keys_end) {
                uint8_t *keys = driver->keys + driver->keys_start;
                size_t used = driver->keys_end - driver->keys_start;
                driver->input = (struct sc_span) { keys, used };
                enum sc_escape_key key = SC_ESCAPE_NONE;
                if (driver->terminal)
                        key = sc_escape_take(&driver->escape, keys, used, &used, &driver->input);
                driver->keys_start += used;
                if (key == SC_ESCAPE_QUIT)
                        return end(driver, SC_SESSION_QUIT, 0);
                if (key != SC_ESCAPE_NONE)
                        notice(driver, driver->help);
        }
        return true;
}

/* Sends what there is, up to the first piece that the connection does not take now. False: quit. */
static bool pass_keys_on(struct driver *driver)
{
        do {
                if (!take_keys(driver))
                        return false;
                if (driver->ending)
                        return true;
                send_pending(driver);
        } while (driver->input.length == 0 && driver->keys_start < driver->keys_end);
        return true;
}

static bool read_input(struct driver *driver)
{
        ssize_t length = read(STDIN_FILENO, driver->keys, sizeof(driver->keys));
        if (length < 0 && (errno == EINTR || errno == EAGAIN))
                return true;
        if (length <=
            0) { /* a terminal that hung up has no user any more; a file that ended only says no more */
                driver->input_ended = true;
                return !driver->terminal || end(driver, SC_SESSION_QUIT, 0);
        }
        driver->keys_start = 0;
        driver->keys_end = (size_t)length;
        return true;
}

/* --- the loop --- */

enum { POLL_SIGNALS, POLL_SOCKET, POLL_INPUT, POLL_OUTPUT, POLL_COUNT };

static void fill_polls(struct driver *driver, struct pollfd polls[static POLL_COUNT])
{
        bool sends = driver->input.length > 0 ||
                     (driver->native && sc_session_to_send(&driver->session).length > 0);
        bool reads_input = !driver->input_ended && driver->input.length == 0 && !driver->ending;
        short socket_events = (short)((driver->output.length == 0 ? POLLIN : 0) | (sends ? POLLOUT : 0));

        polls[POLL_SIGNALS] = (struct pollfd) { .fd = driver->signals, .events = POLLIN };
        polls[POLL_SOCKET] = (struct pollfd) {
                .fd = socket_events != 0 && !driver->ending ? driver->socket : -1,
                .events = socket_events,
        };
        polls[POLL_INPUT] = (struct pollfd) { .fd = reads_input ? STDIN_FILENO : -1, .events = POLLIN };
        /* Also without output: a reader that has gone ends us (POLLERR). */
        polls[POLL_OUTPUT] = (struct pollfd) {
                .fd = STDOUT_FILENO,
                .events = driver->output.length > 0 ? POLLOUT : 0,
        };
}

static bool handle(struct driver *driver, const struct pollfd polls[static POLL_COUNT])
{
        struct signalfd_siginfo info;
        if (polls[POLL_SIGNALS].revents != 0 && read(driver->signals, &info, sizeof(info)) > 0) {
                driver->result.signal = (int)info.ssi_signo;
                return end(driver, SC_SESSION_SIGNALLED, 0);
        }
        if (driver->output.length > 0 && polls[POLL_OUTPUT].revents != 0) {
                if (!put_output(driver))
                        return false;
        } else if (polls[POLL_OUTPUT].revents & (POLLERR | POLLHUP)) {
                return end(driver, SC_SESSION_OUTPUT_CLOSED, 0);
        }
        if (driver->output.length == 0 && (polls[POLL_SOCKET].revents & (POLLIN | POLLHUP | POLLERR)))
                if (!receive(driver))
                        return false;
        if (polls[POLL_INPUT].revents != 0 && !read_input(driver))
                return false;
        if (driver->native && !take_events(driver))
                return false;
        return pass_keys_on(driver);
}

static int open_signals(struct driver *driver)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGQUIT);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
        driver->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return driver->signals < 0 ? -errno : 0;
}

static int open_socket(struct driver *driver, const char *path)
{
        char control[PATH_MAX];
        int length = snprintf(control, sizeof(control), "%s.ctl", path);
        driver->socket = length > 0 && (size_t)length < sizeof(control) ? sc_unix_socket_connect(control)
                                                                        : -ENAMETOOLONG;
        driver->native = driver->socket >= 0;
        if (!driver->native)
                driver->socket = sc_unix_socket_connect(path);
        return driver->socket < 0 ? driver->socket : 0;
}

static void run(struct driver *driver)
{
        struct pollfd polls[POLL_COUNT];
        if (driver->native) {
                struct sc_hello hello = {
                        .version = SC_PROTOCOL_VERSION,
                        .role = SC_ROLE_CLIENT,
                        .start = SC_START_BEGINNING,
                };
                sc_session_start(&driver->session, &hello);
        }
        do {
                fill_polls(driver, polls);
                if (poll(polls, POLL_COUNT, -1) < 0 && errno != EINTR) {
                        end(driver, SC_SESSION_FAILED, -errno);
                        return;
                }
        } while (handle(driver, polls));
}

struct sc_session_driver_result sc_session_driver_run(const char *path, const char *help)
{
        struct driver *driver = &the_driver;
        *driver = (struct driver) {
                .socket = -1,
                .signals = -1,
                .help = help,
                .escape = { .character = SC_ESCAPE_DEFAULT },
                .terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
        };
        int result = open_signals(driver);
        if (result == 0)
                result = open_socket(driver, path);
        if (result == 0 && driver->terminal)
                result = sc_tty_set_raw(STDIN_FILENO, 0, &driver->before);
        if (result == 0)
                run(driver);
        else
                end(driver, SC_SESSION_FAILED, result);

        if (driver->terminal)
                sc_tty_restore(STDIN_FILENO, &driver->before);
        if (driver->socket >= 0)
                close(driver->socket);
        if (driver->signals >= 0)
                close(driver->signals);
        return driver->result;
}
