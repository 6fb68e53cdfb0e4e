#include "io/user_end.h"

#include "io/abort.h"
#include "model/client/printable.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One write, whole or not at all. */
#define NOTICE_BYTES_MAX PIPE_BUF
#define NAME_BYTES_MAX 512

static struct sc_user_end *the_terminal; /* for a panic */

static bool are_one_file(int one, int other)
{
        struct stat a, b;
        return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void sc_user_end_open(struct sc_user_end *end)
{
        *end = (struct sc_user_end) {
                .terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
                .errors_on_terminal = isatty(STDERR_FILENO),
                .errors_are_output = are_one_file(STDOUT_FILENO, STDERR_FILENO),
        };
        sc_given_output_open(&end->output, STDOUT_FILENO);
        sc_given_output_open(&end->errors, STDERR_FILENO);
}

void sc_user_end_close(struct sc_user_end *end)
{
        sc_user_end_restore(end);
        sc_given_output_close(&end->output);
        sc_given_output_close(&end->errors);
}

/* --- the terminal --- */

static void restore_in_panic(void)
{
        if (the_terminal)
                sc_tty_restore(STDIN_FILENO, &the_terminal->before);
}

void sc_user_end_set_raw(struct sc_user_end *end, bool fresh)
{
        if (!end->terminal || end->raw)
                return;
        sc_tty_set_raw(STDIN_FILENO, 0, &end->before);
        if (fresh)
                sc_tty_flush_input(STDIN_FILENO);
        end->raw = true;
        the_terminal = end;
        sc_abort_hook = restore_in_panic;
}

void sc_user_end_restore(struct sc_user_end *end)
{
        uint8_t text[SC_MODES_RESET_BYTES_MAX], line_end[] = { '\r', '\n' };
        if (!end->raw)
                return;
        if (end->in_line) /* what follows, a shell's prompt, begins a line */
                sc_user_end_write(end, (struct sc_span) { line_end, sizeof(line_end) });
        size_t length = sc_modes_reset(&end->modes, text);
        if (length > 0)
                sc_given_output_write(&end->output, text, length); /* as far as it takes any */
        sc_tty_restore(STDIN_FILENO, &end->before);
        end->raw = false;
        the_terminal = NULL;
}

void sc_user_end_suspend(struct sc_user_end *end)
{
        bool raw = end->raw;
        sc_user_end_restore(end);
        sc_tty_stop(end->terminal ? STDIN_FILENO : -1);
        if (raw && !sc_tty_is_others(STDIN_FILENO))
                sc_user_end_set_raw(end, false);
}

void sc_user_end_resume(struct sc_user_end *end)
{
        if (end->raw && !sc_tty_is_others(STDIN_FILENO))
                sc_tty_set_raw(STDIN_FILENO, 0, NULL); /* `before` stays: the terminal may be raw still */
}

/* --- input and output --- */

ssize_t sc_user_end_write(struct sc_user_end *end, struct sc_span bytes)
{
        size_t length = (size_t)sc_min_u64(bytes.length, SC_USER_END_WRITE_BYTES);
        ssize_t written = sc_given_output_write(&end->output, bytes.bytes, length);
        if (written == -ECONNRESET) /* a socket's way of saying that nobody reads it */
                return -EPIPE;
        if (written <= 0)
                return written;
        end->in_line = bytes.bytes[written - 1] != '\n';
        if (end->terminal)
                sc_modes_feed(&end->modes, bytes.bytes, (size_t)written);
        return written;
}

ssize_t sc_user_end_read(struct sc_span room)
{
        ssize_t length = sc_given_read(STDIN_FILENO, room.bytes, room.length);
        if (length == 0)
                return -EPIPE;
        return length == -EAGAIN ? 0 : length;
}

/* --- standard error --- */

static bool put(struct sc_user_end *end, const char *text, size_t length)
{
        bool told = end->around_errors && end->errors_are_output;
        if (told)
                end->around_errors(end->context, true);
        ssize_t written = sc_given_output_write(&end->errors, text, length);
        if (told)
                end->around_errors(end->context, false);
        return written == (ssize_t)length || (written < 0 && written != -EAGAIN);
}

static void put_notice(struct sc_user_end *end, const char *what, const char *text)
{
        char line[NOTICE_BYTES_MAX], name[NAME_BYTES_MAX];
        sc_printable_line(what, strlen(what), name, sizeof(name));
        bool own_line = end->terminal && end->errors_on_terminal;
        int length = own_line ? snprintf(line, sizeof(line), "%s[serialcon: %s]\r\n",
                                         end->in_line ? "\r\n" : "", text)
                              : snprintf(line, sizeof(line), "serialcon: %s: %s\n", name, text);
        if (length <= 0)
                return;
        size_t size = (size_t)sc_min_u64((uint64_t)length, sizeof(line) - 1);
        if (!put(end, line, size))
                end->lost_bytes += size;
        else if (own_line)
                end->in_line = false;
}

void sc_user_end_notice(struct sc_user_end *end, const char *what, const char *text)
{
        char lost[80];
        if (end->lost_bytes > 0) {
                snprintf(lost, sizeof(lost), "%" PRIu64 " bytes of messages were lost: nobody read them",
                         end->lost_bytes);
                end->lost_bytes = 0;
                put_notice(end, what, lost);
        }
        put_notice(end, what, text);
}

void sc_user_end_pass_on(struct sc_user_end *end, struct sc_span bytes)
{
        if (bytes.length > 0 && put(end, (const char *)bytes.bytes, bytes.length))
                end->in_line = bytes.bytes[bytes.length - 1] != '\n';
}
