#include "command.h"
#include "console.h"
#include "log_range.h"
#include "log_text.h"
#include "report.h"
#include "time_format.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Where the log begins. */
#define ALL_LINES UINT_MAX
#define ALL_BYTES UINT64_MAX
#define ALL_BOOTS UINT64_MAX

struct log_config {
        unsigned lines;
        uint64_t last_bytes;
        struct moment_argument since;
        uint64_t boot; /* 0: this one, 1: the one before */
        bool timestamps;
        bool follow;
        bool utc;
};

static struct log_config config = {
        .lines = ALL_LINES,
        .last_bytes = ALL_BYTES,
        .since = { .ago = true, .ns = UINT64_MAX },
        .boot = ALL_BOOTS,
};

static sc_value_parse parse_boot;

enum { STARTS = 1 }; /* options that exclude each other */

static const struct sc_option options[] = {
        { .name = "lines",
          .letter = 'n',
          .kind = SC_OPTION_COUNT,
          .argument = "LINES",
          .field = offsetof(struct log_config, lines),
          .maximum = ALL_LINES - 1,
          .alternative = STARTS,
          .help = "the last LINES lines alone" },
        { .name = "last",
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_size_with_unit,
          .argument = "SIZE",
          .field = offsetof(struct log_config, last_bytes),
          .alternative = STARTS,
          .help = "the last SIZE bytes alone" },
        { .name = "since",
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_moment,
          .argument = "TIME",
          .field = offsetof(struct log_config, since),
          .alternative = STARTS,
          .help = "what arrived in the last TIME (10m), or since a point in time (2026-05-04T12:30:00, with "
                  "Z or +02:00 behind it or in the time zone here)" },
        { .name = "boot",
          .letter = 'b',
          .kind = SC_OPTION_PARSED,
          .parse = parse_boot,
          .implied = "-0",
          .argument = "[-N]",
          .field = offsetof(struct log_config, boot),
          .alternative = STARTS,
          .help = "this boot of the guest alone, or the Nth before it" },
        { .name = "timestamps",
          .letter = 't',
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct log_config, timestamps),
          .help = "lead each line with the time at which it arrived" },
        { .name = "follow",
          .letter = 'f',
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct log_config, follow),
          .help = "go on with what is printed from now on" },
        { .name = "utc",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct log_config, utc),
          .help = "times in UTC instead of the time zone here" },
};

static const struct command_note notes[] = {
        { NULL, "Without an option it is all that is kept. Nobody else notices, and nothing counts as read. "
                "What was overwritten or cleared is told on standard error, in its place. On a terminal, "
                "control characters are left out; a pipe or file gets each byte as it is." },
};

static const char *parse_boot(const char *text, void *result)
{
        return text[0] == '-' && sc_value_count(text + 1, result) == NULL ? NULL : "expected -N, such as -1";
}

/* --- from where to where --- */

struct range {
        uint64_t from;
        uint64_t to;
};

/* Returns the status to end with, or 0. */
static int find_boot(const struct sc_console *console, struct sc_log_range_boots *boots, uint64_t back,
                     struct range *range)
{
        if (boots->count == 0 && back == 0) /* before the first, and after a clear */
                return 0;
        if (back >= boots->count) {
                sc_report(console->name, "there is no such boot: %zu %s known", boots->count,
                          boots->count == 1 ? "is" : "are");
                return SC_EXIT_FAILED;
        }
        size_t i = boots->count - 1 - back;
        range->from = sc_min_u64(boots->offsets[i], range->to);
        if (i + 1 < boots->count)
                range->to = sc_max_u64(range->from, sc_min_u64(boots->offsets[i + 1], range->to));
        return 0;
}

/* What is retained now ends at `to`, so that a guest which prints faster than the log is read gives no log
 * without end. Returns the status to end with, or 0. */
static int find_range(const struct log_config *wanted, struct sc_console *console, struct range *range)
{
        struct sc_control *control = &console->control;
        struct sc_log_range_boots boots;
        struct sc_status status;
        struct sc_frame frame;

        int error = sc_console_status(console, &frame);
        if (error == 0 &&
            (!sc_status_get(&frame.payload, &status) || !sc_log_range_boots(&frame.payload, &status, &boots)))
                error = -EPROTO;
        if (error != 0)
                return sc_console_failed(console, error);
        *range = (struct range) { .from = 0, .to = status.head };

        if (wanted->boot != ALL_BOOTS)
                return find_boot(console, &boots, wanted->boot, range);
        if (wanted->last_bytes != ALL_BYTES)
                range->from = sc_sub_sat_u64(range->to, wanted->last_bytes);
        else if (wanted->lines != ALL_LINES)
                error = sc_log_range_last_lines(control, &status, wanted->lines, &range->from);
        else if (!wanted->since.ago || wanted->since.ns != UINT64_MAX)
                error = sc_history_reader_find(control, SC_START_SINCE, sc_value_moment_ns(&wanted->since),
                                               &range->from);
        range->from = sc_min_u64(range->from, range->to);
        return error == 0 ? 0 : sc_console_failed(console, error);
}

/* --- the log itself --- */

struct log {
        struct sc_console *console;
        struct sc_log_text text;
        struct sc_history_part gap; /* that was met and not told: it may go on */
};

static void tell_gap(struct log *log)
{
        if (log->gap.length == 0)
                return;
        sc_log_text_gap(&log->text);
        sc_report(log->console->name, "%" PRIu64 " bytes are missing here: %s", log->gap.length,
                  log->gap.gap_kind == SC_GAP_CLEARED ? "cleared" : "overwritten before they were read");
        log->gap.length = 0;
}

static void put_part(struct log *log, const struct sc_history_part *part)
{
        if (part->bytes == NULL && log->gap.length > 0 && log->gap.gap_kind == part->gap_kind) {
                log->gap.length += part->length;
                return;
        }
        tell_gap(log);
        if (part->bytes == NULL)
                log->gap = *part;
        else
                sc_log_text_put(&log->text, part->bytes, part->length, part->time_ns);
}

/* Returns 0, or -errno of the connection; the text's own error ends it too. */
static int print_history(struct log *log, const struct range *range)
{
        struct sc_history_reader reader;
        struct sc_history_part part;
        int result = 1;

        sc_history_reader_start(&reader, &log->console->control, range->from, range->to);
        while (log->text.error == 0 && (result = sc_history_reader_next(&reader, &part)) > 0)
                put_part(log, &part);
        if (log->text.error == 0 && result == 0)
                tell_gap(log);
        sc_log_text_flush(&log->text);
        return result < 0 ? result : 0;
}

/* From a control to a viewer, whose stream begins at `offset`. */
static int attach(struct sc_control *control, uint64_t offset)
{
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = SC_ROLE_VIEWER,
                .start = SC_START_OFFSET,
                .value = offset,
        };
        memcpy(hello.instance, control->welcome.instance, SC_INSTANCE_BYTES);
        int result = sc_control_hello(control, &hello);
        return result == 0 && control->welcome.answer > SC_ANSWER_OVERWRITTEN ? -ESTALE : result;
}

/* Until the host goes, or nobody reads any more. */
static int follow(struct log *log, uint64_t offset)
{
        struct sc_control *control = &log->console->control;
        struct sc_history_part part;
        struct sc_frame frame;

        int result = attach(control, offset);
        log->text.wall_offset_ns = control->welcome.wall_offset_ns;
        while (result >= 0 && log->text.error == 0) {
                result = sc_control_next(control, &frame);
                if (result > 0 && sc_history_reader_part(&frame, &part))
                        put_part(log, &part);
                if (result != 0)
                        continue;
                tell_gap(log);
                sc_log_text_flush(&log->text);
                result = sc_control_await(control, STDOUT_FILENO, UINT64_MAX);
                if (result == 0)
                        result = sc_control_fill(control);
        }
        sc_log_text_flush(&log->text);
        return result;
}

static int print_log(const struct log_config *wanted, struct sc_console *console)
{
        struct range range = { 0, 0 };
        struct log log = {
                .console = console,
                .text = { .stream = stdout, .timed = wanted->timestamps, .harmless = isatty(STDOUT_FILENO) }
        };

        int status = find_range(wanted, console, &range);
        if (status != 0)
                return status;
        log.text.wall_offset_ns = console->control.welcome.wall_offset_ns;
        int result = print_history(&log, &range);
        if (result == 0 && log.text.error == 0 && wanted->follow)
                result = follow(&log, range.to);
        if (log.text.error != 0 || result == 0 || result == -EPIPE)
                return sc_report_output_error(-log.text.error);
        return sc_console_failed(console, result);
}

static int run(void *log_config, int argc, char **argv)
{
        static struct sc_console console;
        const struct log_config *wanted = log_config;
        (void)argc;

        if (wanted->follow && wanted->boot != ALL_BOOTS && wanted->boot > 0)
                return sc_report_usage("--follow", "not together with a boot that has ended");
        if (wanted->utc)
                sc_time_format_use_utc();
        signal(SIGPIPE, SIG_IGN);
        int status = sc_console_open(&console, argv[0]);
        if (status != 0)
                return status;
        status = print_log(wanted, &console);
        sc_console_close(&console);
        return status;
}

const struct command command_log = {
        .name = "log",
        .summary = "print what the host of SOCKET keeps, and end",
        .usage = "[OPTIONS] SOCKET",
        .operands = { "SOCKET" },
        .operands_min = 1,
        .operands_max = 1,
        .notes = notes,
        .note_count = SC_COUNT(notes),
        .table = { options, SC_COUNT(options) },
        .config = &config,
        .run = run,
};
