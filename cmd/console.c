#include "console.h"

#include "console_name.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool sc_console_control_path(const char *path, char control[static PATH_MAX])
{
        int length = snprintf(control, PATH_MAX, "%s.ctl", path);
        return length > 0 && length < PATH_MAX;
}

/* NULL: what the system calls it. */
static const char *reason_of(int error)
{
        switch (error) {
        case ECONNREFUSED:
                return "no host answers here";
        case ECONNRESET:
                return "the host has closed the connection";
        case EPROTO:
                return "who answers here is no serialcon host";
        case EAGAIN: /* its queue is full */
        case ETIMEDOUT:
                return "the host does not answer";
        case ESTALE:
                return "another host has taken its place";
        default:
                return NULL;
        }
}

static int status_of_error(uint16_t error)
{
        return error == SC_ERROR_LIMIT || error == SC_ERROR_KICKED ? SC_EXIT_REFUSED : SC_EXIT_GONE;
}

int sc_console_failed(const struct sc_console *console, int error)
{
        const struct sc_control *control = &console->control;

        if (error == -ECONNRESET && control->error != 0) {
                sc_report(console->name, "the host has ended the connection: %s", control->error_text);
                return status_of_error(control->error);
        }
        const char *reason = reason_of(-error);
        sc_report(console->name, "%s", reason ? reason : strerror(-error));
        return SC_EXIT_GONE;
}

/* There is no .ctl. */
static int absent(const char *word)
{
        char near[SC_REPORT_BYTES_MAX / 2];

        if (access(word, F_OK) == 0)
                sc_report(word, "no .ctl is beside it, so no host of serialcon's made it");
        else if (sc_console_name_near(word, near, sizeof(near)))
                sc_report(word, "no console of this name; there are %s", near);
        else
                sc_report(word, "no console of this name");
        return SC_EXIT_GONE;
}

static int open_with(struct sc_console *console, const char *word,
                     int (*open)(struct sc_control *control, const char *path))
{
        char control[PATH_MAX];

        console->name = sc_console_name_resolve(word, console->path);
        if (!sc_console_control_path(console->name, control))
                return sc_report_usage(console->name, "%s", strerror(ENAMETOOLONG));
        int result = open(&console->control, control);
        if (result == -ENOENT || result == -ENOTDIR)
                return absent(word);
        return result == 0 ? 0 : sc_console_failed(console, result);
}

int sc_console_open(struct sc_console *console, const char *word)
{
        return open_with(console, word, sc_control_open);
}

int sc_console_connect(struct sc_console *console, const char *word)
{
        return open_with(console, word, sc_control_connect);
}

void sc_console_close(struct sc_console *console)
{
        sc_control_close(&console->control);
}

int sc_console_status(struct sc_console *console, struct sc_frame *frame)
{
        uint8_t bytes[SC_FRAME_HEADER_BYTES];
        struct sc_encoder request = { .bytes = bytes, .capacity = sizeof(bytes) };

        sc_frame_put_empty(&request, SC_FRAME_STATUS_REQUEST);
        return sc_control_inquire(&console->control, &request, SC_FRAME_STATUS, frame);
}

int sc_console_refused(const struct sc_console *console, enum sc_result result, const char *request)
{
        switch (result) {
        case SC_RESULT_NOT_ALLOWED:
                sc_report(console->name, "this socket only looks: it may not %s", request);
                return SC_EXIT_REFUSED;
        case SC_RESULT_NO_CLIENT:
                sc_report(console->name, "no client has that number");
                return SC_EXIT_FAILED;
        case SC_RESULT_NOT_CARRIED:
                sc_report(console->name, "this guest side cannot carry a BREAK");
                return SC_EXIT_FAILED;
        case SC_RESULT_NO_GUEST:
                sc_report(console->name, "there is no guest");
                return SC_EXIT_GONE;
        case SC_RESULT_BUSY:
                sc_report(console->name, "too many wait for the guest already");
                return SC_EXIT_FAILED;
        case SC_RESULT_MALFORMED:
                sc_report(console->name, "the host does not take this text");
                return SC_EXIT_FAILED;
        case SC_RESULT_OK:
                break;
        }
        return SC_EXIT_DONE;
}
