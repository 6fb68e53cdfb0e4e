#include "command.h"
#include "console.h"
#include "model/console/boundary.h"
#include "model/wire/status.h"
#include "report.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The commands that do one thing to a console: each is one request and its result. */

static struct sc_console console;

/* Nothing to set; a table's config has an address. */
static struct control_config {
        char nothing;
} config;

/* Sends the request to the console that is open. Returns the status to end with. */
static int ask(const struct sc_encoder *request, const char *verb)
{
        enum sc_result result = SC_RESULT_OK;
        int error = sc_control_ask_result(&console.control, request, &result);

        return error == 0 ? sc_console_refused(&console, result, verb) : sc_console_failed(&console, error);
}

static int run_kick(void *unused, int argc, char **argv)
{
        uint8_t bytes[SC_CONTROL_REQUEST_BYTES];
        struct sc_encoder request = { .bytes = bytes, .capacity = sizeof(bytes) };
        uint64_t client;
        (void)unused;
        (void)argc;

        if (sc_value_count(argv[1], &client) != NULL)
                return sc_report_usage(argv[1], "expected the number of a client, as status shows it");
        int status = sc_console_open(&console, argv[0]);
        if (status != 0)
                return status;
        sc_frame_put_value(&request, SC_FRAME_KICK, client);
        status = ask(&request, "kick");
        sc_console_close(&console);
        return status;
}

static int run_mark(void *unused, int argc, char **argv)
{
        uint8_t bytes[SC_CONTROL_REQUEST_BYTES];
        struct sc_encoder request = { .bytes = bytes, .capacity = sizeof(bytes) };
        const char *text = argv[1];
        (void)unused;
        (void)argc;

        if (!sc_mark_is_printable((const uint8_t *)text, strlen(text)))
                return sc_report_usage(text,
                                       "expected a text of 1 to %d bytes of UTF-8 without control characters",
                                       SC_MARK_BYTES_MAX);
        int status = sc_console_open(&console, argv[0]);
        if (status != 0)
                return status;
        sc_frame_put_header(&request, SC_FRAME_MARK, strlen(text));
        sc_bytes_put_string(&request, text, strlen(text));
        status = ask(&request, "mark");
        sc_console_close(&console);
        return status;
}

static int run_break(void *unused, int argc, char **argv)
{
        uint8_t bytes[SC_CONTROL_REQUEST_BYTES];
        struct sc_encoder request = { .bytes = bytes, .capacity = sizeof(bytes) };
        (void)unused;
        (void)argc;

        int status = sc_console_open(&console, argv[0]);
        if (status != 0)
                return status;
        sc_frame_put_value(&request, SC_FRAME_BREAK, console.control.welcome.guest_number);
        status = ask(&request, "send a BREAK");
        sc_console_close(&console);
        return status;
}

/* Returns the status to end with. */
static int read_status(struct sc_status *status)
{
        struct sc_frame frame;
        int error = sc_console_status(&console, &frame);

        if (error == 0 && !sc_status_get(&frame.payload, status))
                error = -EPROTO;
        return error == 0 ? 0 : sc_console_failed(&console, error);
}

/* What a clear does not reach. */
static const char *const still_held[] = {
        [SC_LOG_NONE] = "",
        [SC_LOG_FILE] = "; the files of the host's --log still hold what is in them",
        [SC_LOG_OUTPUT] = "; who reads the host's --log still has what went there",
};
static_assert(SC_COUNT(still_held) == SC_LOG_KIND_COUNT, "a text for each kind of log");

static int clear(void)
{
        uint8_t bytes[SC_CONTROL_REQUEST_BYTES];
        struct sc_encoder request = { .bytes = bytes, .capacity = sizeof(bytes) };
        struct sc_status before = { 0 }, after = { 0 };

        int status = read_status(&before);
        if (status != 0)
                return status;
        sc_frame_put_empty(&request, SC_FRAME_CLEAR);
        status = ask(&request, "clear");
        if (status == 0)
                status = read_status(&after);
        if (status != 0)
                return status;
        printf("%" PRIu64 " bytes forgotten%s%s\n", after.cleared_bytes - before.cleared_bytes,
               still_held[after.log], after.traced ? "; what the host's --trace wrote still holds it" : "");
        return sc_report_output();
}

static int run_clear(void *unused, int argc, char **argv)
{
        (void)unused;
        (void)argc;

        int status = sc_console_open(&console, argv[0]);
        if (status != 0)
                return status;
        status = clear();
        sc_console_close(&console);
        return status;
}

const struct command command_kick = {
        .name = "kick",
        .summary = "end the connection of one client of SOCKET, which status shows with its number",
        .usage = "SOCKET CLIENT",
        .operands = { "SOCKET", "CLIENT" },
        .operands_min = 2,
        .operands_max = 2,
        .config = &config,
        .run = run_kick,
};

const struct command command_clear = {
        .name = "clear",
        .summary = "forget all output that the host of SOCKET keeps, also what nobody has read",
        .usage = "SOCKET",
        .operands = { "SOCKET" },
        .operands_min = 1,
        .operands_max = 1,
        .config = &config,
        .run = run_clear,
};

const struct command command_mark = {
        .name = "mark",
        .summary = "note TEXT among the boundaries of SOCKET, where its output now ends",
        .usage = "SOCKET TEXT",
        .operands = { "SOCKET", "TEXT" },
        .operands_min = 2,
        .operands_max = 2,
        .config = &config,
        .run = run_mark,
};

const struct command command_break = {
        .name = "break",
        .summary = "send the guest of SOCKET a BREAK, where its side can carry one (tty:)",
        .usage = "SOCKET",
        .operands = { "SOCKET" },
        .operands_min = 1,
        .operands_max = 1,
        .config = &config,
        .run = run_break,
};
