#include "command.h"
#include "model/base/span.h"
#include "pace.h"
#include "report.h"
#include "time_format.h"
#include "trace_check.h"
#include "trace_dump.h"
#include "trace_export.h"
#include "trace_play.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum replay_export { EXPORT_ASCIICAST, EXPORT_TYPESCRIPT, EXPORT_NONE };

struct replay_config {
        double speed;
        uint64_t pause_max_ns;
        unsigned client;
        bool check;
        bool strict;
        bool dump;
        bool json;
        bool utc;
        enum replay_export export;
        const char *timing;
        unsigned width, height; /* 0: not said */
};

#define SPEED_DEFAULT (-1.0)

static struct replay_config config = {
        .speed = SPEED_DEFAULT,
        .pause_max_ns = SC_VALUE_FOREVER,
        .export = EXPORT_NONE,
};

static const char *const export_names[] = {
        [EXPORT_ASCIICAST] = "asciicast",
        [EXPORT_TYPESCRIPT] = "typescript",
};
static_assert(SC_COUNT(export_names) == EXPORT_NONE, "a name for each --export value");

enum { WAYS = 1 }; /* options that exclude each other */

#define WIDTH_DEFAULT 80
#define HEIGHT_DEFAULT 24
#define SIDE_MAX 10000

static const struct sc_option options[] = {
        { .name = "speed",
          .kind = SC_OPTION_PARSED,
          .parse = sc_pace_parse_speed,
          .argument = "N",
          .field = offsetof(struct replay_config, speed),
          .help = "play N times as fast, max: without a pause (1 on a terminal, else max)" },
        { .name = "max-pause",
          .kind = SC_OPTION_TIME,
          .argument = "TIME",
          .field = offsetof(struct replay_config, pause_max_ns),
          .help = "wait no longer than TIME for anything" },
        { .name = "client",
          .kind = SC_OPTION_COUNT,
          .argument = "N",
          .field = offsetof(struct replay_config, client),
          .minimum = 1,
          .help = "what client N saw, instead of all that the guest said" },
        { .name = "check",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct replay_config, check),
          .alternative = WAYS,
          .help = "judge the trace by the rules BF-1 to BF-15 of SPEC.md" },
        { .name = "strict",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct replay_config, strict),
          .needs = "check",
          .help = "what could not be judged is a failure too; where something was typed, that takes a trace "
                  "with `input`" },
        { .name = "dump",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct replay_config, dump),
          .alternative = WAYS,
          .help = "print each record as a line" },
        { .name = "json",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct replay_config, json),
          .help = "with --check and --dump: each line is a JSON object" },
        { .name = "utc",
          .kind = SC_OPTION_FLAG,
          .field = offsetof(struct replay_config, utc),
          .help = "times in UTC instead of the time zone here" },
        { .name = "export",
          .kind = SC_OPTION_CHOICE,
          .choices = export_names,
          .choice_count = SC_COUNT(export_names),
          .field = offsetof(struct replay_config, export),
          .alternative = WAYS,
          .help = "for asciinema's players, or for scriptreplay, on standard output" },
        { .name = "timing",
          .kind = SC_OPTION_STRING,
          .argument = "FILE",
          .field = offsetof(struct replay_config, timing),
          .needs = "export",
          .help = "where a typescript's times go" },
        { .name = "width",
          .kind = SC_OPTION_COUNT,
          .argument = "COLUMNS",
          .field = offsetof(struct replay_config, width),
          .minimum = 1,
          .maximum = SIDE_MAX,
          .needs = "export",
          .help = "of an asciicast's terminal (80)" },
        { .name = "height",
          .kind = SC_OPTION_COUNT,
          .argument = "ROWS",
          .field = offsetof(struct replay_config, height),
          .minimum = 1,
          .maximum = SIDE_MAX,
          .needs = "export",
          .help = "of an asciicast's terminal (24)" },
};

static const struct command_note notes[] = {
        { NULL, "TRACE is a file that `host --trace` or `connect --trace` wrote, or - for standard input. "
                "Without --check, --dump or --export it plays what the guest said, with its pauses. A pipe "
                "or file gets each byte at once, unless --speed says otherwise; a terminal gets what paints "
                "alone: no question that it would answer, no title, no clipboard. There q and Ctrl-C end it, "
                "a blank pauses it and lets it go on, and other keys are thrown away." },
        { NULL, "--check prints each violation as it is found, and a summary. It ends with 0: none; 1: some; "
                "2: this is no trace, or it is damaged, and then what came before has been judged. One that "
                "is cut off within a record is judged up to there." },
};

static int check(const struct replay_config *wanted, struct sc_trace_source *source,
                 const struct sc_record *record)
{
        const struct sc_trace_check how = { .json = wanted->json,
                                            .strict = wanted->strict,
                                            .stream = stdout };
        int verdict = sc_trace_check(&how, source, record);
        int status = sc_report_output();
        return verdict != SC_EXIT_DONE ? verdict : status;
}

/* Exports have the times that a terminal would see. */
static double speed_of(const struct replay_config *wanted)
{
        if (wanted->speed != SPEED_DEFAULT)
                return wanted->speed;
        return wanted->export != EXPORT_NONE || isatty(STDOUT_FILENO) ? 1.0 : SC_PACE_MAX;
}

static int show(const struct replay_config *wanted, struct sc_trace_source *source,
                const struct sc_record *record)
{
        const struct sc_pace pace = { .speed = speed_of(wanted), .pause_max_ns = wanted->pause_max_ns };
        struct sc_trace_walk walk;

        int status = sc_trace_walk_start(&walk, source, record, wanted->client, &pace);
        if (status != 0)
                return status;
        switch (wanted->export) {
        case EXPORT_ASCIICAST:
                return sc_trace_export_asciicast(&walk, wanted->width != 0 ? wanted->width : WIDTH_DEFAULT,
                                                 wanted->height != 0 ? wanted->height : HEIGHT_DEFAULT);
        case EXPORT_TYPESCRIPT:
                return sc_trace_export_typescript(&walk, wanted->timing);
        case EXPORT_NONE:
                break;
        }
        return sc_trace_play(&walk);
}

/* 0, or SC_EXIT_USAGE and reported: options that say nothing together. */
static int check_options(const struct replay_config *wanted)
{
        bool reads = wanted->check || wanted->dump;

        if (wanted->json && !reads)
                return sc_report_usage("--json", "it needs --check or --dump");
        if (reads && wanted->client != 0)
                return sc_report_usage("--client", "not together with --check or --dump");
        if (reads && (wanted->speed != SPEED_DEFAULT || wanted->pause_max_ns != SC_VALUE_FOREVER))
                return sc_report_usage(wanted->speed != SPEED_DEFAULT ? "--speed" : "--max-pause",
                                       "not together with --check or --dump");
        if (wanted->export == EXPORT_TYPESCRIPT && !wanted->timing)
                return sc_report_usage("--export typescript", "it needs --timing FILE");
        if (wanted->export == EXPORT_TYPESCRIPT && strcmp(wanted->timing, "-") == 0)
                return sc_report_usage("--timing -", "it is a file; standard output has the typescript");
        if (wanted->utc && !reads && wanted->export != EXPORT_TYPESCRIPT)
                return sc_report_usage("--utc", "it needs --check, --dump or --export typescript");
        if (wanted->export == EXPORT_ASCIICAST && wanted->timing)
                return sc_report_usage("--timing", "an asciicast has its times in itself");
        if (wanted->export == EXPORT_TYPESCRIPT && (wanted->width != 0 || wanted->height != 0))
                return sc_report_usage(wanted->width != 0 ? "--width" : "--height",
                                       "a typescript has no size");
        return 0;
}

static int run(void *replay_config, int argc, char **argv)
{
        static struct sc_trace_source source;
        const struct replay_config *wanted = replay_config;
        struct sc_record record;
        (void)argc;

        int status = check_options(wanted);
        if (status != 0)
                return status;
        if (wanted->utc)
                sc_time_format_use_utc();
        signal(SIGPIPE, SIG_IGN);
        status = sc_trace_source_open(&source, argv[0], &record);
        if (status != 0)
                return status;
        if (wanted->check)
                return check(wanted, &source, &record);
        if (wanted->dump)
                return sc_trace_dump(&source, &record, wanted->json);
        return show(wanted, &source, &record);
}

const struct command command_replay = {
        .name = "replay",
        .summary = "play what a trace holds, print it, convert it, or check it",
        .usage = "[OPTIONS] TRACE",
        .operands = { "TRACE" },
        .operands_min = 1,
        .operands_max = 1,
        .notes = notes,
        .note_count = SC_COUNT(notes),
        .table = { options, SC_COUNT(options) },
        .config = &config,
        .run = run,
};
