#include "io/trace_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STOP_BYTES (SC_RECORD_HEADER_BYTES + sizeof(struct sc_record_stop) + SC_RECORD_CHECK_BYTES)

#define MISSING_BYTES (SC_RECORD_HEADER_BYTES + sizeof(struct sc_record_missing) + SC_RECORD_CHECK_BYTES)

struct sc_trace_file {
        struct sc_file_writer *writer;
        uint64_t max_bytes;
        uint64_t length; /* of all that was queued */
        bool limited;    /* since `limited_ns` nothing more goes in, but for the stop */
        uint64_t limited_ns;
        bool stopped;
        struct sc_record_missing missing; /* of what was put, and not told yet */
};

static bool put(struct sc_trace_file *file, const struct sc_span *pieces, size_t count)
{
        if (!sc_file_writer_put_pieces(file->writer, pieces, count))
                return false;
        for (size_t i = 0; i < count; i++)
                file->length += pieces[i].length;
        return true;
}

int sc_trace_file_open(struct sc_trace_file **opened, const struct sc_trace_file_config *config,
                       sc_file_writer_report *report)
{
        uint8_t magic[] = SC_TRACE_MAGIC;
        struct sc_trace_file *file = calloc(1, sizeof(*file));
        if (!file)
                return -ENOMEM;
        file->max_bytes = config->max_bytes;
        int result = sc_file_writer_open(&file->writer, &config->file, report);
        if (result == 0) {
                put(file, &(struct sc_span) { magic, SC_TRACE_MAGIC_BYTES }, 1);
                *opened = file;
        } else {
                free(file);
        }
        return result;
}

static void stop(struct sc_trace_file *file)
{
        struct sc_record record = { .type = SC_RECORD_STOP, .time_ns = file->limited_ns };
        uint8_t bytes[STOP_BYTES];

        record.stop.why = SC_TRACE_LIMITED;
        struct sc_span piece = { bytes, sc_record_put(bytes, sizeof(bytes), &record) };
        file->stopped = put(file, &piece, 1);
}

/* Whether another `length` bytes may go in, and a stop behind them. Else it stops here, as soon as there is room. */
static bool is_within_limit(struct sc_trace_file *file, size_t length, uint64_t now_ns)
{
        if (!file->limited && file->max_bytes > 0 && file->length + length + STOP_BYTES > file->max_bytes) {
                file->limited = true;
                file->limited_ns = now_ns;
        }
        if (file->limited && !file->stopped)
                stop(file);
        return !file->limited;
}

/* The batch is zeroed: the writer has it, or nobody. */
void sc_trace_file_take(struct sc_trace_file *file, struct sc_host *host)
{
        struct sc_span batch = sc_trace_take(&host->trace, host->now_ns);

        if (batch.length == 0)
                return;
        if (is_within_limit(file, batch.length, host->now_ns) && !put(file, &batch, 1))
                sc_trace_lost(&host->trace);
        memset(batch.bytes, 0, batch.length);
}

/* With the `missing` that is owed, or not at all. */
static bool put_record(struct sc_trace_file *file, const struct sc_record *record)
{
        uint8_t missing[MISSING_BYTES], head[SC_RECORD_HEAD_MAX], check[SC_RECORD_CHECK_BYTES];
        struct sc_record told = { .type = SC_RECORD_MISSING, .time_ns = record->time_ns };
        struct sc_span pieces[4];
        size_t count = 0;

        told.missing = file->missing;
        if (file->missing.records > 0)
                pieces[count++] =
                        (struct sc_span) { missing, sc_record_put(missing, sizeof(missing), &told) };
        size_t head_length = sc_record_put_head(head, record);
        sc_record_put_check(check, head, head_length, record);
        pieces[count++] = (struct sc_span) { head, head_length };
        if (record->length > 0)
                pieces[count++] = (struct sc_span) { (uint8_t *)(uintptr_t)record->bytes, record->length };
        pieces[count++] = (struct sc_span) { check, sizeof(check) };
        return put(file, pieces, count);
}

void sc_trace_file_heard(struct sc_trace_file *file, struct sc_host *host, const struct sc_span *spans,
                         size_t length)
{
        struct sc_record record = { .type = SC_RECORD_OUTPUT, .time_ns = host->now_ns };
        record.output.offset = host->history.ring.head;

        sc_trace_file_take(file, host);
        for (size_t i = 0; length > 0; i++) {
                record.bytes = spans[i].bytes;
                record.length = (size_t)sc_min_u64(spans[i].length, length);
                /* Behind what is missing, nothing stands before the record that says so. */
                bool told = host->trace.loss.records == 0;
                if (is_within_limit(file, sc_record_size(&record), host->now_ns) &&
                    !(told && put_record(file, &record)))
                        sc_trace_lost_output(&host->trace, record.length);
                record.output.offset += record.length;
                length -= record.length;
        }
}

void sc_trace_file_put(struct sc_trace_file *file, const struct sc_record *record)
{
        if (!is_within_limit(file, sc_record_size(record) + MISSING_BYTES, record->time_ns))
                return;
        if (put_record(file, record)) {
                file->missing = (struct sc_record_missing) { 0 };
                return;
        }
        file->missing.records++;
        if (record->type == SC_RECORD_RECEIVED)
                file->missing.output_bytes += record->length;
}

void sc_trace_file_close(struct sc_trace_file *file)
{
        if (!file)
                return;
        sc_file_writer_close(file->writer);
        free(file);
}
