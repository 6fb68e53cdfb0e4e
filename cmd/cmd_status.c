#include "command.h"
#include "console.h"
#include "report.h"
#include "status_format.h"
#include "time_format.h"

#include <errno.h>
#include <stdio.h>

struct status_config {
        bool json;
        bool utc;
};

static struct status_config config;

static const struct sc_option options[] = {
        { .name = "json",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct status_config, json),
          .help = "one JSON object, for programs" },
        { .name = "utc",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct status_config, utc),
          .help = "times in UTC instead of the time zone here" },
};

static int run(void *status_config, int argc, char **argv)
{
        static struct sc_console console;
        const struct status_config *wanted = status_config;
        struct sc_frame frame;
        (void)argc;

        if (wanted->utc)
                sc_time_format_use_utc();
        int status = sc_console_open(&console, argv[0]);
        if (status != 0)
                return status;
        int result = sc_console_status(&console, &frame);
        bool shown = result == 0 && (wanted->json ? sc_status_format_json(frame.payload, stdout)
                                                  : sc_status_format_text(frame.payload, stdout));
        sc_console_close(&console);
        if (!shown)
                return sc_console_failed(&console, result == 0 ? -EPROTO : result);
        return sc_report_output();
}

const struct command command_status = {
        .name = "status",
        .summary = "show what the host of SOCKET keeps, and who is connected",
        .usage = "[OPTIONS] SOCKET",
        .operands = { "SOCKET" },
        .operands_min = 1,
        .operands_max = 1,
        .table = { options, SC_COUNT(options) },
        .config = &config,
        .run = run,
};
