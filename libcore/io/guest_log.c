#include "io/guest_log.h"

#include "model/base/bounds.h"
#include "model/base/span.h"
#include "model/console/log_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a line of standard output may wait for its end. */
#define UNFINISHED_NS SC_NS_PER_S

/* Text that goes to the writer as one unit. */
#define BATCH_BYTES (64 * 1024)

struct sc_guest_log {
        struct sc_file_writer *writer;
        struct sc_guest_log_config config;
        bool flawed; /* something is missing */

        enum sc_line_end_place place; /* in a file with times */
        struct sc_log_lines lines;    /* of standard output */
        uint64_t unsaid_lines;        /* that are missing where the next one stands */
        char led[SC_GUEST_LOG_STAMP_BYTES];
        size_t led_length;
        int64_t led_wall_ns; /* what `led` says */

        uint8_t batch[BATCH_BYTES];
        size_t batch_length;
        uint64_t batch_lines;
        struct sc_guest_log_loss loss; /* of this call */
};

/* --- units --- */

static bool put_unit(struct sc_guest_log *log, const void *bytes, size_t length)
{
        if (sc_file_writer_put(log->writer, bytes, length))
                return true;
        log->flawed = true;
        log->loss.bytes += length;
        return false;
}

/* Says so where lines are missing. This line may be missing as well, which is no loss. */
static void say_what_is_missing(struct sc_guest_log *log)
{
        char line[80];

        if (log->unsaid_lines == 0)
                return;
        int length = snprintf(line, sizeof(line), "[serialcon: %" PRIu64 " lines are missing here]\n",
                              log->unsaid_lines);
        if (sc_file_writer_put(log->writer, line, (size_t)length))
                log->unsaid_lines = 0;
}

/* The batch is zeroed: the writer has it, or nobody. */
static void put_batch(struct sc_guest_log *log)
{
        if (log->batch_length == 0)
                return;
        say_what_is_missing(log);
        if (!put_unit(log, log->batch, log->batch_length)) {
                log->loss.lines += log->batch_lines;
                log->unsaid_lines += log->batch_lines;
        }
        memset(log->batch, 0, log->batch_length);
        log->batch_length = 0;
        log->batch_lines = 0;
}

static void add(struct sc_guest_log *log, const void *bytes, size_t length)
{
        const uint8_t *from = bytes;

        while (length > 0) {
                size_t part = (size_t)sc_min_u64(length, BATCH_BYTES - log->batch_length);
                memcpy(log->batch + log->batch_length, from, part);
                log->batch_length += part;
                from += part;
                length -= part;
                if (log->batch_length == BATCH_BYTES)
                        put_batch(log);
        }
}

/* --- lines --- */

/* What leads a line that began then is made in log->led. Many lines come at one time. */
static void lead(struct sc_guest_log *log, uint64_t time_ns, int64_t wall_offset_ns)
{
        int64_t wall_ns = (int64_t)time_ns + wall_offset_ns;

        if (!log->config.stamp || (log->led_length > 0 && log->led_wall_ns == wall_ns))
                return;
        log->led_wall_ns = wall_ns;
        log->led_length = log->config.stamp(wall_ns, log->led);
}

/* Each line is led by the time at which its first byte came. All that comes at once has one. */
static void put_timed(struct sc_guest_log *log, const uint8_t *bytes, size_t length, uint64_t now_ns,
                      int64_t wall_offset_ns)
{
        lead(log, now_ns, wall_offset_ns);
        for (size_t at = 0; at < length;) {
                struct sc_line_piece piece = sc_line_end_next(&log->place, bytes + at, length - at);
                if (piece.begins)
                        add(log, log->led, log->led_length);
                add(log, bytes + at, piece.length);
                at += piece.length;
        }
        put_batch(log);
}

/* A line and what leads it are in one unit, so that it is missing whole or not at all. */
static void add_line(struct sc_guest_log *log, int64_t wall_offset_ns)
{
        lead(log, log->lines.begun_ns, wall_offset_ns);
        if (log->led_length + log->lines.length + 1 > BATCH_BYTES - log->batch_length)
                put_batch(log);
        add(log, log->led, log->led_length);
        add(log, log->lines.text, log->lines.length);
        log->batch_lines++;
        add(log, "\n", 1);
        sc_log_lines_taken(&log->lines);
}

static void put_lines(struct sc_guest_log *log, const uint8_t *bytes, size_t length, uint64_t now_ns,
                      int64_t wall_offset_ns)
{
        for (size_t at = 0; at < length;) {
                bool whole;
                at += sc_log_lines_feed(&log->lines, bytes + at, length - at, now_ns, &whole);
                if (whole)
                        add_line(log, wall_offset_ns);
        }
        put_batch(log);
}

/* --- the log --- */

int sc_guest_log_open(struct sc_guest_log **opened, const struct sc_guest_log_config *config,
                      sc_file_writer_report *report)
{
        struct sc_guest_log *log = calloc(1, sizeof(*log));
        if (!log)
                return -ENOMEM;
        log->config = *config;
        int result = sc_file_writer_open(&log->writer, &config->file, report);
        if (result == 0)
                *opened = log;
        else
                free(log);
        return result;
}

struct sc_guest_log_loss sc_guest_log_put(struct sc_guest_log *log, const uint8_t *bytes, size_t length,
                                          uint64_t now_ns, int64_t wall_offset_ns)
{
        log->loss = (struct sc_guest_log_loss) { 0 };
        if (log->config.file.output)
                put_lines(log, bytes, length, now_ns, wall_offset_ns);
        else if (log->config.stamp)
                put_timed(log, bytes, length, now_ns, wall_offset_ns);
        else
                put_unit(log, bytes, length);
        return log->loss;
}

uint64_t sc_guest_log_deadline_ns(const struct sc_guest_log *log)
{
        return log->lines.begun ? log->lines.begun_ns + UNFINISHED_NS : UINT64_MAX;
}

static void put_unfinished(struct sc_guest_log *log, int64_t wall_offset_ns)
{
        if (sc_log_lines_finish(&log->lines))
                add_line(log, wall_offset_ns);
        put_batch(log);
}

struct sc_guest_log_loss sc_guest_log_wake(struct sc_guest_log *log, uint64_t now_ns, int64_t wall_offset_ns)
{
        log->loss = (struct sc_guest_log_loss) { 0 };
        if (sc_guest_log_deadline_ns(log) <= now_ns)
                put_unfinished(log, wall_offset_ns);
        return log->loss;
}

bool sc_guest_log_is_flawed(const struct sc_guest_log *log)
{
        return log->flawed;
}

bool sc_guest_log_is_whole(struct sc_guest_log *log)
{
        return !log->flawed && sc_file_writer_is_done(log->writer);
}

void sc_guest_log_reopen(struct sc_guest_log *log)
{
        sc_file_writer_reopen(log->writer);
}

void sc_guest_log_close(struct sc_guest_log *log, int64_t wall_offset_ns)
{
        if (!log)
                return;
        put_unfinished(log, wall_offset_ns);
        sc_file_writer_close(log->writer);
        free(log);
}
