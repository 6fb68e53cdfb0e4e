#include "trace_export.h"

#include "asciicast.h"
#include "report.h"
#include "typescript.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A walk that was broken off, because nobody reads what comes of it, has nothing to say of the trace's end. */
static int end_status(const struct sc_trace_walk *walk)
{
        int status = sc_report_output();

        return ferror(stdout) ? status : sc_trace_walk_end(walk);
}

/* --- asciicast --- */

static void cast_boundary(struct sc_asciicast *cast, const struct sc_trace_walk *walk)
{
        static const char *const leads[] = {
                [SC_BOUNDARY_UP] = "guest up",       [SC_BOUNDARY_DOWN] = "guest down",
                [SC_BOUNDARY_RESET] = "guest reset", [SC_BOUNDARY_MARK] = "mark: ",
                [SC_BOUNDARY_ENDED] = "guest ended",
        };
        const struct sc_record *record = &walk->record;
        char text[16 + SC_MARK_BYTES_MAX];

        int length = snprintf(text, sizeof(text), "%s%.*s", leads[record->boundary.kind], (int)record->length,
                              (const char *)record->bytes);
        sc_asciicast_mark(cast, walk->due_ns, text, (size_t)length);
}

static void cast_gap(struct sc_asciicast *cast, uint64_t due_ns, uint64_t bytes)
{
        char text[64];

        int length = snprintf(text, sizeof(text), "%" PRIu64 " bytes are missing", bytes);
        sc_asciicast_part(cast);
        sc_asciicast_mark(cast, due_ns, text, (size_t)length);
}

static void cast_piece(struct sc_asciicast *cast, const struct sc_trace_walk *walk)
{
        const struct sc_trace_piece *piece = &walk->piece;

        for (size_t i = 0; i < piece->span_count; i++)
                sc_asciicast_put(cast, walk->due_ns, piece->spans[i].bytes, piece->spans[i].length);
}

int sc_trace_export_asciicast(struct sc_trace_walk *walk, unsigned width, unsigned height)
{
        struct sc_asciicast cast;
        enum sc_trace_walk_step step;

        sc_asciicast_start(&cast, width, height, sc_trace_source_wall_ns(walk->source, walk->record.time_ns),
                           stdout);
        while (!ferror(stdout) && (step = sc_trace_walk_next(walk)) != SC_TRACE_WALK_END) {
                if (step == SC_TRACE_WALK_BOUNDARY) {
                        cast_boundary(&cast, walk);
                        continue;
                }
                if (walk->piece.missing_bytes > 0)
                        cast_gap(&cast, walk->due_ns, walk->piece.missing_bytes);
                cast_piece(&cast, walk);
        }
        sc_asciicast_part(&cast);
        return end_status(walk);
}

/* --- typescript --- */

/* A device is none: /dev/null may be both. */
static bool same_file(const struct stat *a, const struct stat *b)
{
        return !S_ISCHR(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Opened as it is, and emptied only where it is a file of its own. NULL: reported. */
static FILE *open_timing(const char *path, int trace_fd)
{
        struct stat of_timing, of_trace, of_output;
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

        if (fd < 0 || fstat(fd, &of_timing) != 0 || fstat(trace_fd, &of_trace) != 0 ||
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

static void script_piece(struct sc_typescript *script, const struct sc_trace_walk *walk)
{
        const struct sc_trace_piece *piece = &walk->piece;

        for (size_t i = 0; i < piece->span_count; i++)
                sc_typescript_put(script, walk->due_ns, piece->spans[i].bytes, piece->spans[i].length);
}

int sc_trace_export_typescript(struct sc_trace_walk *walk, const char *timing_path)
{
        struct sc_typescript script;
        enum sc_trace_walk_step step;

        if (isatty(STDOUT_FILENO))
                return sc_report_usage("--export typescript",
                                       "standard output is a terminal; redirect it to a file");
        FILE *timing = open_timing(timing_path, walk->source->reader.fd);
        if (!timing)
                return SC_EXIT_USAGE;
        sc_typescript_start(&script, sc_trace_source_wall_ns(walk->source, walk->record.time_ns), stdout,
                            timing);
        while (!ferror(stdout) && !ferror(timing) && (step = sc_trace_walk_next(walk)) != SC_TRACE_WALK_END) {
                if (step == SC_TRACE_WALK_PIECE)
                        script_piece(&script, walk);
        }
        bool timed = !ferror(timing);
        if (fclose(timing) != 0 || !timed) {
                sc_report(timing_path, "%s", strerror(errno));
                return SC_EXIT_FAILED;
        }
        return end_status(walk);
}
