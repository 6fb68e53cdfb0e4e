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

/* Up to the end of the line, and its last byte. */
static size_t rest_of_line(const uint8_t *bytes, size_t length)
{
        size_t at = 0;

        while (at < length && bytes[at] != '\n' && bytes[at] != '\r')
                at++;
        return at < length ? at + 1 : at;
}

void sc_log_text_put(struct sc_log_text *text, const uint8_t *bytes, size_t length, uint64_t time_ns)
{
        for (size_t at = 0; at < length;) {
                bool ends_with_lf = text->place == SC_LOG_TEXT_AFTER_CR && bytes[at] == '\n';
                if (text->timed && text->place != SC_LOG_TEXT_IN_LINE && !ends_with_lf)
                        write_time(text, time_ns);

                size_t rest = rest_of_line(bytes + at, length - at);
                write_output(text, bytes + at, rest);
                at += rest;
                uint8_t last = bytes[at - 1];
                text->place = last == '\n'   ? SC_LOG_TEXT_BETWEEN
                              : last == '\r' ? SC_LOG_TEXT_AFTER_CR
                                             : SC_LOG_TEXT_IN_LINE;
        }
}

void sc_log_text_gap(struct sc_log_text *text)
{
        if (text->harmless && text->place != SC_LOG_TEXT_BETWEEN)
                write_bytes(text, "\n", 1);
        text->place = SC_LOG_TEXT_BETWEEN;
        text->printable = (struct sc_printable) { .cut_length = 0 };
        sc_log_text_flush(text);
}

void sc_log_text_flush(struct sc_log_text *text)
{
        if (text->error == 0 && fflush(text->stream) != 0)
                text->error = -errno;
}
