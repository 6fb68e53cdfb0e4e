#include "io/user_end.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a terminal that polls as writable takes. */
#define TERMINAL_WRITE_BYTES 256

static void open_output(struct sc_user_end *end)
{
        struct stat status;
        end->output_fd = STDOUT_FILENO;
        end->output_bytes_max = SC_USER_END_WRITE_BYTES;
        if (fstat(STDOUT_FILENO, &status) != 0)
                return;
        bool terminal = isatty(STDOUT_FILENO) == 1;
        end->never_waits = !S_ISCHR(status.st_mode) && !S_ISFIFO(status.st_mode);
        if (!S_ISFIFO(status.st_mode) && !terminal)
                return;
        /* A description of our own may be told not to block. */
        int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        end->never_waits = fd >= 0;
        if (fd >= 0)
                end->output_fd = fd;
        else
                end->output_bytes_max = terminal ? TERMINAL_WRITE_BYTES : PIPE_BUF;
}

void sc_user_end_open(struct sc_user_end *end)
{
        *end = (struct sc_user_end) {
                .terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
                .errors_on_terminal = isatty(STDERR_FILENO),
        };
        open_output(end);
}

void sc_user_end_close(struct sc_user_end *end)
{
        uint8_t line_end[] = { '\r', '\n' };
        if (end->in_line && end->raw)
                sc_user_end_write(end, (struct sc_span) { line_end, sizeof(line_end) });
        sc_user_end_restore(end);
        if (end->output_fd != STDOUT_FILENO)
                close(end->output_fd);
}

int sc_user_end_set_raw(struct sc_user_end *end)
{
        if (!end->terminal || end->raw)
                return 0;
        int result = sc_tty_set_raw(STDIN_FILENO, 0, &end->before);
        end->raw = result == 0;
        return result;
}

void sc_user_end_restore(struct sc_user_end *end)
{
        uint8_t text[SC_MODES_RESET_BYTES_MAX];
        if (!end->raw)
                return;
        size_t length = sc_modes_reset(&end->modes, text);
        if (length > 0 && write(end->output_fd, text, length) < 0)
                end->in_line = true; /* it takes nothing: there is no more to be done for it */
        sc_tty_restore(STDIN_FILENO, &end->before);
        end->raw = false;
}

void sc_user_end_suspend(struct sc_user_end *end)
{
        bool raw = end->raw;
        sc_user_end_restore(end);
        do /* continued in the background: the terminal is another's */
                kill(getpid(), SIGSTOP);
        while (end->terminal && !sc_tty_is_ours(STDIN_FILENO));
        if (raw)
                sc_user_end_set_raw(end);
}

void sc_user_end_resume(struct sc_user_end *end)
{
        if (end->raw && sc_tty_is_ours(STDIN_FILENO))
                sc_tty_set_raw(STDIN_FILENO, 0, NULL); /* `before` stays: the terminal may be raw still */
}

ssize_t sc_user_end_write(struct sc_user_end *end, struct sc_span bytes)
{
        size_t length = (size_t)sc_min_u64(bytes.length, end->output_bytes_max);
        ssize_t written = send(end->output_fd, bytes.bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (written < 0 && errno == ENOTSOCK)
                written = write(end->output_fd, bytes.bytes, length);
        if (written < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (written > 0)
                end->in_line = bytes.bytes[written - 1] != '\n';
        if (written > 0 && end->terminal)
                sc_modes_feed(&end->modes, bytes.bytes, (size_t)written);
        return written;
}

ssize_t sc_user_end_read(const struct sc_user_end *end, struct sc_span room)
{
        (void)end;
        ssize_t length = read(STDIN_FILENO, room.bytes, room.length);
        if (length > 0)
                return length;
        if (length == 0)
                return -EPIPE;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

void sc_user_end_notice(struct sc_user_end *end, const char *what, const char *text)
{
        if (!end->terminal || !end->errors_on_terminal) {
                dprintf(STDERR_FILENO, "serialcon: %s: %s\n", what, text);
                return;
        }
        dprintf(STDERR_FILENO, "%s[serialcon: %s]\r\n", end->in_line ? "\r\n" : "", text);
        end->in_line = false;
}

void sc_user_end_pass_on(struct sc_user_end *end, struct sc_span bytes)
{
        ssize_t written = write(STDERR_FILENO, bytes.bytes, bytes.length);
        if (written > 0)
                end->in_line = bytes.bytes[bytes.length - 1] != '\n';
}
