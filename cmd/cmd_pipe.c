#include "command.h"
#include "console.h"
#include "io/relay.h"
#include "report.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Nothing to set; a table's config has an address. */
static struct pipe_config {
        char nothing;
} config;

static const struct command_note notes[] = {
        { NULL, "For a connect on another machine: serialcon connect --via 'ssh node serialcon pipe SOCKET'. "
                "It ends when "
                "the host or the other side does." },
};

static int run(void *unused, int argc, char **argv)
{
        static struct sc_console console;
        (void)unused;
        (void)argc;

        signal(SIGPIPE, SIG_IGN);
        int status = sc_console_connect(&console, argv[0]);
        if (status != 0)
                return status;
        int result = sc_relay_run(console.control.fd, STDIN_FILENO, STDOUT_FILENO);
        sc_console_close(&console);
        if (result == 0)
                return SC_EXIT_DONE;
        sc_report(console.name, "%s", strerror(-result));
        return SC_EXIT_FAILED;
}

const struct command command_pipe = {
        .name = "pipe",
        .summary = "relay standard input and output to SOCKET.ctl",
        .usage = "SOCKET",
        .operands = { "SOCKET" },
        .operands_min = 1,
        .operands_max = 1,
        .notes = notes,
        .note_count = SC_COUNT(notes),
        .config = &config,
        .run = run,
};
