#include "asciicast.h"
#include "command.h"
#include "io/interrupt.h"
#include "io/player.h"
#include "model/base/bounds.h"
#include "pace.h"
#include "progress.h"
#include "report.h"
#include "time_format.h"
#include "trace_check.h"
#include "trace_text.h"
#include "trace_view.h"
#include "typescript.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum replay_export { EXPORT_NONE, EXPORT_ASCIICAST, EXPORT_TYPESCRIPT, EXPORT_COUNT };

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
        unsigned width, height;
};

#define SPEED_DEFAULT (-1.0)

static struct replay_config config = {
        .speed = SPEED_DEFAULT,
        .pause_max_ns = SC_VALUE_FOREVER,
        .width = 80,
        .height = 24,
};

static const char *parse_export(const char *text, void *result)
{
        static const char *const names[EXPORT_COUNT] = {
                [EXPORT_ASCIICAST] = "asciicast",
                [EXPORT_TYPESCRIPT] = "typescript",
        };

        for (int i = EXPORT_NONE + 1; i < EXPORT_COUNT; i++) {
                if (strcmp(text, names[i]) == 0) {
                        *(enum replay_export *)result = (enum replay_export)i;
                        return NULL;
                }
        }
        return "expected asciicast or typescript";
}

enum { WAYS = 1 }; /* options that exclude each other */

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
                  "with "
                  "`input`" },
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
          .kind = SC_OPTION_PARSED,
          .parse = parse_export,
          .argument = "FORMAT",
          .field = offsetof(struct replay_config, export),
          .alternative = WAYS,
          .help = "asciicast, for asciinema's players, or typescript, for scriptreplay, on standard output" },
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
          .help = "of an asciicast's terminal" },
        { .name = "height",
          .kind = SC_OPTION_COUNT,
          .argument = "ROWS",
          .field = offsetof(struct replay_config, height),
          .minimum = 1,
          .maximum = SIDE_MAX,
          .needs = "export",
          .help = "of an asciicast's terminal" },
};

static const struct command_note notes[] = {
        { NULL, "TRACE is a file that `host --trace` or `connect --trace` wrote, or - for standard input. "
                "Without --check, "
                "--dump or --export it plays what the guest said, with its pauses. A pipe or file gets each "
                "byte at once, "
                "unless --speed says otherwise; a terminal gets what paints alone: no question that it would "
                "answer, no "
                "title, no clipboard. There q and Ctrl-C end it, a blank pauses it and lets it go on, and "
                "other keys are "
                "thrown away." },
        { NULL, "--check prints each violation as it is found, and a summary. It ends with 0: none; 1: some; "
                "2: this is no "
                "trace, or it is damaged, and then what came before has been judged. One that is cut off "
                "within a record "
                "is judged up to there." },
};

/* --- dump --- */

/* Of what went wrong with standard output. Nobody reads it any more: that is a good end. */
static int output_status(void)
{
        if (fflush(stdout) == 0 && !ferror(stdout))
                return SC_EXIT_DONE;
        if (errno == EPIPE)
                return SC_EXIT_DONE;
        sc_report("standard output", "%s", strerror(errno));
        return SC_EXIT_FAILED;
}

static int dump(const struct replay_config *wanted, struct sc_trace_source *source, struct sc_record *record)
{
        struct sc_trace_line line = { .wall_offset_ns = sc_trace_source_wall_offset_ns(source),
                                      .record = record };
        enum sc_trace_reading reading = SC_TRACE_READING_RECORD;

        while (reading == SC_TRACE_READING_RECORD && !ferror(stdout)) {
                line.number = source->reader.number;
                line.position = source->reader.position;
                if (wanted->json)
                        sc_trace_json(&line, stdout);
                else
                        sc_trace_text(&line, stdout);
                reading = sc_trace_reader_next(&source->reader, record);
        }
        int status = output_status();
        return status != SC_EXIT_DONE ? status : sc_trace_source_end(source, reading);
}

/* --- play and export --- */

struct replay {
        const struct replay_config *wanted;
        struct sc_trace_source *source;
        struct sc_trace_view view;
        struct sc_pace pace;
        struct sc_progress progress;
        uint64_t first_ns;
        uint64_t missing_records, missing_bytes;
        uint64_t marked_bytes; /* of what is missing, told in an asciicast */
        struct sc_player player;
        struct sc_asciicast cast;
        struct sc_typescript script;
};

/* 0 or -errno; -EINTR and -EPIPE are ends, and no failures. */
typedef int put_piece(struct replay *replay, uint64_t time_ns, const struct sc_trace_piece *piece);

static put_piece play_piece, cast_piece, script_piece;

static uint64_t total_ns(const struct replay *replay)
{
        const struct sc_trace_source *source = replay->source;
        return source->last_known ? source->last_ns - sc_min_u64(replay->first_ns, source->last_ns) : 0;
}

static int play_piece(struct replay *replay, uint64_t time_ns, const struct sc_trace_piece *piece)
{
        uint64_t due_ns = sc_pace_next(&replay->pace, time_ns);
        int result;

        do {
                result = sc_player_wait(&replay->player, due_ns, SC_NS_PER_S / 2);
                sc_progress_tell(&replay->progress, time_ns - sc_min_u64(replay->first_ns, time_ns),
                                 total_ns(replay));
        } while (result == 0);
        for (size_t i = 0; i < piece->span_count && result >= 0; i++)
                result = sc_player_write(&replay->player, piece->spans[i].bytes, piece->spans[i].length);
        return result < 0 ? result : 0;
}

/* The guest comes or goes. Its marker is no piece: it takes nothing of a pause. */
static void cast_boundary(struct replay *replay, const struct sc_record *record)
{
        static const char *const leads[] = {
                [SC_BOUNDARY_UP] = "guest up",       [SC_BOUNDARY_DOWN] = "guest down",
                [SC_BOUNDARY_RESET] = "guest reset", [SC_BOUNDARY_MARK] = "mark: ",
                [SC_BOUNDARY_ENDED] = "guest ended",
        };
        struct sc_pace pace = replay->pace;
        char text[16 + SC_MARK_BYTES_MAX];

        int length = snprintf(text, sizeof(text), "%s%.*s", leads[record->boundary.kind], (int)record->length,
                              (const char *)record->bytes);
        sc_asciicast_mark(&replay->cast, pace.started ? sc_pace_next(&pace, record->time_ns) : 0, text,
                          (size_t)length);
}

static void cast_gap(struct replay *replay, uint64_t due_ns)
{
        char text[64];
        uint64_t bytes = replay->view.gap_bytes + replay->view.unknown_bytes;

        int length =
                snprintf(text, sizeof(text), "%" PRIu64 " bytes are missing", bytes - replay->marked_bytes);
        replay->marked_bytes = bytes;
        sc_asciicast_part(&replay->cast);
        sc_asciicast_mark(&replay->cast, due_ns, text, (size_t)length);
}

static int cast_piece(struct replay *replay, uint64_t time_ns, const struct sc_trace_piece *piece)
{
        uint64_t due_ns = sc_pace_next(&replay->pace, time_ns);

        if (piece->apart)
                cast_gap(replay, due_ns);
        for (size_t i = 0; i < piece->span_count; i++)
                sc_asciicast_put(&replay->cast, due_ns, piece->spans[i].bytes, piece->spans[i].length);
        return ferror(stdout) ? -errno : 0;
}

static int script_piece(struct replay *replay, uint64_t time_ns, const struct sc_trace_piece *piece)
{
        uint64_t due_ns = sc_pace_next(&replay->pace, time_ns);

        for (size_t i = 0; i < piece->span_count; i++)
                sc_typescript_put(&replay->script, due_ns, piece->spans[i].bytes, piece->spans[i].length);
        return ferror(stdout) || ferror(replay->script.timing) ? -errno : 0;
}

/* All pieces of the trace, to `put`. Returns 0 or what that returned. */
static int put_pieces(struct replay *replay, struct sc_record *record, put_piece *put,
                      enum sc_trace_reading *reading)
{
        struct sc_trace_piece piece;
        int result = 0;

        for (*reading = SC_TRACE_READING_RECORD; *reading == SC_TRACE_READING_RECORD && result == 0;
             *reading = result == 0 ? sc_trace_reader_next(&replay->source->reader, record) : *reading) {
                if (record->type == SC_RECORD_MISSING) {
                        replay->missing_records += record->missing.records;
                        replay->missing_bytes += record->missing.output_bytes;
                }
                if (record->type == SC_RECORD_BOUNDARY && put == cast_piece)
                        cast_boundary(replay, record);
                if (sc_trace_view_take(&replay->view, record, &piece)) {
                        if (!replay->pace.started)
                                replay->first_ns = record->time_ns;
                        result = put(replay, record->time_ns, &piece);
                }
        }
        return result;
}

/* On standard error, at the end: in the middle of a screen it would be painted over. */
static void tell_what_is_missing(const struct replay *replay)
{
        const struct sc_trace_view *view = &replay->view;

        if (view->gaps > 0)
                sc_report(replay->source->name, "%" PRIu64 " bytes are missing in %" PRIu64 " %s",
                          view->gap_bytes, view->gaps, view->gaps == 1 ? "place" : "places");
        if (view->unknown_bytes > 0)
                sc_report(replay->source->name, "%" PRIu64 " bytes that client %u got are not in the trace",
                          view->unknown_bytes, replay->wanted->client);
        if (replay->missing_records > 0)
                sc_report(replay->source->name,
                          "%" PRIu64 " records with %" PRIu64 " bytes of output were left out of the trace",
                          replay->missing_records, replay->missing_bytes);
}

static void tell_who_was_there(const struct replay *replay)
{
        const struct sc_trace_view *view = &replay->view;
        char others[SC_TRACE_VIEW_OTHERS_MAX * sizeof(", 18446744073709551615")];
        size_t length = 0;

        for (size_t i = 0; i < view->other_count; i++)
                length += (size_t)snprintf(others + length, sizeof(others) - length, "%s%" PRIu64,
                                           i == 0 ? "" : ", ", view->others[i]);
        if (length == 0)
                sc_report(replay->source->name, "there is no client in it");
        else
                sc_report(replay->source->name, "there is no client %u in it; there is %s%s",
                          replay->wanted->client, others, view->more_others ? " and more" : "");
}

/* Of a replay that came to the end of the trace. */
static int end_status(const struct replay *replay, enum sc_trace_reading reading)
{
        tell_what_is_missing(replay);
        int status = sc_trace_source_end(replay->source, reading);
        if (status == SC_EXIT_DONE && replay->view.client != 0 && !replay->view.met) {
                tell_who_was_there(replay);
                return SC_EXIT_FAILED;
        }
        return status;
}

static int failed_output(int error)
{
        if (error == -EPIPE)
                return SC_EXIT_DONE;
        sc_report("standard output", "%s", strerror(-error));
        return SC_EXIT_FAILED;
}

static int play(struct replay *replay, struct sc_record *record)
{
        enum sc_trace_reading reading;

        int result = sc_player_open(&replay->player, replay->source->reader.fd != STDIN_FILENO);
        if (result < 0)
                return failed_output(result);
        if (replay->pace.speed == SPEED_DEFAULT)
                replay->pace.speed = replay->player.terminal ? 1.0 : SC_PACE_MAX;
        sc_progress_start(&replay->progress);
        result = put_pieces(replay, record, play_piece, &reading);
        sc_progress_end(&replay->progress);
        sc_player_close(&replay->player);
        if (sc_interrupt_signal() != 0)
                return 128 + sc_interrupt_signal();
        if (replay->player.quit)
                return SC_EXIT_DONE;
        return result < 0 ? failed_output(result) : end_status(replay, reading);
}

static int64_t recorded_ns(const struct replay *replay, const struct sc_record *record)
{
        return (int64_t)(record->time_ns + (uint64_t)sc_trace_source_wall_offset_ns(replay->source));
}

static int export_asciicast(struct replay *replay, struct sc_record *record)
{
        enum sc_trace_reading reading;

        sc_asciicast_start(&replay->cast, replay->wanted->width, replay->wanted->height,
                           recorded_ns(replay, record), stdout);
        put_pieces(replay, record, cast_piece, &reading);
        sc_asciicast_part(&replay->cast);
        if (fflush(stdout) != 0 || ferror(stdout))
                return failed_output(-errno);
        return end_status(replay, reading);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
        return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Opened as it is, and emptied only where it is a file of its own. NULL: reported. */
static FILE *open_timing(const struct replay *replay)
{
        const char *path = replay->wanted->timing;
        struct stat of_timing, of_trace, of_output;
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

        if (fd < 0 || fstat(fd, &of_timing) != 0 || fstat(replay->source->reader.fd, &of_trace) != 0 ||
            fstat(STDOUT_FILENO, &of_output) != 0) {
                sc_report("--timing", "%s: %s", path, strerror(errno));
                return NULL;
        }
        if (same_file(&of_timing, &of_trace) || same_file(&of_timing, &of_output)) {
                sc_report("--timing", "%s: this is the %s", path,
                          same_file(&of_timing, &of_trace) ? "trace itself" : "typescript itself");
                return NULL;
        }
        if (S_ISREG(of_timing.st_mode) && ftruncate(fd, 0) != 0) {
                sc_report("--timing", "%s: %s", path, strerror(errno));
                return NULL;
        }
        FILE *timing = fdopen(fd, "w");
        if (!timing)
                sc_report("--timing", "%s: %s", path, strerror(errno));
        return timing;
}

static int export_typescript(struct replay *replay, struct sc_record *record)
{
        enum sc_trace_reading reading;

        if (isatty(STDOUT_FILENO))
                return sc_report_usage("--export typescript",
                                       "standard output is a terminal; redirect it to a file");
        FILE *timing = open_timing(replay);
        if (!timing)
                return SC_EXIT_USAGE;
        sc_typescript_start(&replay->script, recorded_ns(replay, record), stdout, timing);
        put_pieces(replay, record, script_piece, &reading);
        bool timed = !ferror(timing);
        if (fclose(timing) != 0 || !timed) {
                sc_report(replay->wanted->timing, "%s", strerror(errno));
                return SC_EXIT_FAILED;
        }
        if (fflush(stdout) != 0 || ferror(stdout))
                return failed_output(-errno);
        return end_status(replay, reading);
}

static int replay_output(const struct replay_config *wanted, struct sc_trace_source *source,
                         struct sc_record *record)
{
        static struct replay replay;
        size_t size = sc_trace_view_memory_bytes(&source->config, wanted->client);
        uint8_t *memory = NULL;

        replay.wanted = wanted;
        replay.source = source;
        replay.pace = (struct sc_pace) { .speed = wanted->speed, .pause_max_ns = wanted->pause_max_ns };
        if (size > 0)
                memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                              -1, 0);
        if (memory == MAP_FAILED) {
                sc_report(source->name, "--client takes %zu bytes of memory: %s", size, strerror(errno));
                return SC_EXIT_FAILED;
        }
        sc_trace_view_start(&replay.view, &source->config, wanted->client, memory);
        if (wanted->export == EXPORT_NONE)
                return play(&replay, record);
        if (wanted->speed == SPEED_DEFAULT)
                replay.pace.speed = 1.0;
        if (wanted->export == EXPORT_ASCIICAST)
                return export_asciicast(&replay, record);
        return export_typescript(&replay, record);
}

/* --- the command --- */

static int check(const struct replay_config *wanted, struct sc_trace_source *source,
                 const struct sc_record *record)
{
        const struct sc_trace_check how = { .json = wanted->json,
                                            .strict = wanted->strict,
                                            .stream = stdout };
        int verdict = sc_trace_check(&how, source, record);
        int status = output_status();
        return verdict != SC_EXIT_DONE ? verdict : status;
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
                return dump(wanted, &source, &record);
        return replay_output(wanted, &source, &record);
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
