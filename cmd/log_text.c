#include "log_text.h"

#include "model/base/bounds.h"
#include "model/base/panic.h"
#include "time_format.h"

#include <errno.h>

static void write_bytes(struct sc_log_text *text, const void *bytes, size_t length)
{
        if (text->error == 0 && fwrite(bytes, 1, length, text->stream) != length)
                text->error = -errno;
}

/* The guest's own bytes. */
static void write_output(struct sc_log_text *text, const uint8_t *bytes, size_t length)
{
        uint8_t harmless[SC_PRINTABLE_BYTES_MAX(SC_FRAME_DATA_BYTES_MAX)];

        SC_ASSERT(length <= SC_FRAME_DATA_BYTES_MAX);
        if (text->harmless) {
                length = sc_printable_feed(&text->printable, bytes, length, harmless);
                bytes = harmless;
        }
        write_bytes(text, bytes, length);
}

static void write_time(struct sc_log_text *text, uint64_t time_ns)
{
        char point[SC_TIME_FORMAT_BYTES];
        char led[SC_TIME_FORMAT_BYTES + 1];
        int64_t wall_ns = (int64_t)(time_ns + (uint64_t)text->wall_offset_ns);

        int length = snprintf(led, sizeof(led), "%s ", sc_time_format_point(wall_ns, point));
        write_bytes(text, led, (size_t)length);
}

void sc_log_text_put(struct sc_log_text *text, const uint8_t *bytes, size_t length, uint64_t time_ns)
{
        for (size_t at = 0; at < length;) {
                struct sc_line_piece piece = sc_line_end_next(&text->place, bytes + at, length - at);
                if (text->timed && piece.begins)
                        write_time(text, time_ns);
                write_output(text, bytes + at, piece.length);
                at += piece.length;
        }
}

void sc_log_text_gap(struct sc_log_text *text)
{
        if (text->harmless && text->place != SC_LINE_END_BETWEEN)
                write_bytes(text, "\n", 1);
        text->place = SC_LINE_END_BETWEEN;
        text->printable = (struct sc_printable) { .cut_length = 0 };
        sc_log_text_flush(text);
}

void sc_log_text_flush(struct sc_log_text *text)
{
        if (text->error == 0 && fflush(text->stream) != 0)
                text->error = -errno;
}
