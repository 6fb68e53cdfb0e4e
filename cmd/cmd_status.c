#include "command.h"
#include "io/control.h"
#include "report.h"
#include "status_format.h"
#include "time_format.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A host answers at once; one that does not within this hangs. */
#define ANSWER_NS (5 * SC_NS_PER_S)

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

static const char *reason_of(int error)
{
        switch (error) {
        case ECONNREFUSED:
        case ECONNRESET:
                return "no host answers here";
        case EPROTO:
                return "who answers here is no serialcon host";
        case ETIMEDOUT:
                return "the host does not answer";
        default:
                return strerror(error);
        }
}

static int run(void *status_config, int argc, char **argv)
{
        const struct status_config *wanted = status_config;
        const char *socket = argv[0];
        char control[PATH_MAX];
        struct sc_frame frame;
        (void)argc;

        int length = snprintf(control, sizeof(control), "%s.ctl", socket);
        if (length < 0 || (size_t)length >= sizeof(control))
                return sc_report_usage(socket, "%s", strerror(ENAMETOOLONG));
        if (wanted->utc)
                sc_time_format_use_utc();
        uint8_t *buffer = malloc(SC_CONTROL_BYTES);
        int result = buffer ? sc_control_ask(control, SC_FRAME_STATUS_REQUEST, SC_FRAME_STATUS, ANSWER_NS,
                                             buffer, &frame)
                            : -ENOMEM;
        bool shown = result == 0 && (wanted->json ? sc_status_format_json(frame.payload, stdout)
                                                  : sc_status_format_text(frame.payload, stdout));
        free(buffer);
        if (result == 0 && !shown)
                result = -EPROTO;
        if (result != 0) {
                sc_report(result == -ENOENT ? control : socket, "%s", reason_of(-result));
                return SC_EXIT_GONE;
        }
        if (fflush(stdout) != 0) {
                sc_report("standard output", "%s", strerror(errno));
                return SC_EXIT_FAILED;
        }
        return SC_EXIT_DONE;
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
