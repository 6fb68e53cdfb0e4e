#include "command.h"
#include "io/session_driver.h"
#include "report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct connect_config {
        char nothing; /* no option yet */
};

static struct connect_config config;

static const struct command_note notes[] = {
        { NULL,
          "On a terminal, keys go to the guest as they are; the escape character is Ctrl-]. Behind it:" },
        { ".", "quit" },
        { "?", "show this" },
        { "Ctrl-]", "send it to the guest" },
        { NULL, "Otherwise standard input goes to the guest and what it says to standard output, unchanged. "
                "SOCKET.ctl "
                "is spoken to where it is there, else whatever listens on SOCKET." },
};

#define KEYS_HELP "behind Ctrl-]: . quits, ? shows this, Ctrl-] sends itself"

static int failed(const char *socket, int error)
{
        bool absent = error == ENOENT || error == ECONNREFUSED || error == ENOTDIR || error == ECONNRESET;
        sc_report(socket, "%s", error == ECONNREFUSED ? "nobody listens here" : strerror(error));
        return absent ? SC_EXIT_GONE : SC_EXIT_FAILED;
}

static int run(void *connect_config, int argc, char **argv)
{
        const char *socket = argv[0];
        (void)connect_config;
        (void)argc;

        if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
                sc_report(socket, "connecting; %s", KEYS_HELP);
        struct sc_session_driver_result result = sc_session_driver_run(socket, KEYS_HELP);
        switch (result.end) {
        case SC_SESSION_QUIT:
        case SC_SESSION_OUTPUT_CLOSED:
                return SC_EXIT_DONE;
        case SC_SESSION_GONE:
                sc_report(socket, "the host has closed the connection");
                return SC_EXIT_GONE;
        case SC_SESSION_REFUSED_BY:
                sc_report(socket, "%s", result.text);
                return SC_EXIT_REFUSED;
        case SC_SESSION_SIGNALLED:
                return 128 + result.signal;
        case SC_SESSION_FAILED:
                break;
        }
        return failed(socket, -result.error);
}

const struct command command_connect = {
        .name = "connect",
        .summary = "be a client of the console on SOCKET",
        .usage = "SOCKET",
        .operands = { "SOCKET" },
        .operands_min = 1,
        .operands_max = 1,
        .notes = notes,
        .note_count = SC_COUNT(notes),
        .config = &config,
        .run = run,
};
