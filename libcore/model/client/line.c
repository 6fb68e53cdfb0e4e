#include "model/client/line.h"

#include <string.h>

static void add(struct sc_line *line, const uint8_t *bytes, size_t length)
{
        if (length > SC_LINE_BYTES_MAX) {
                bytes += length - SC_LINE_BYTES_MAX;
                length = SC_LINE_BYTES_MAX;
                line->length = 0;
                line->begun = true;
        }
        if (length > SC_LINE_BYTES_MAX - line->length) { /* the newer half stays at least */
                size_t kept = (size_t)sc_min_u64(line->length, SC_LINE_BYTES_MAX / 2);
                kept = (size_t)sc_min_u64(kept, SC_LINE_BYTES_MAX - length);
                memmove(line->bytes, line->bytes + line->length - kept, kept);
                line->length = kept;
                line->begun = true;
        }
        memcpy(line->bytes + line->length, bytes, length);
        line->length += length;
}

size_t sc_line_take(struct sc_line *line, const uint8_t *bytes, size_t length)
{
        if (line->complete) {
                line->length = 0;
                line->begun = line->complete = false;
        }
        const uint8_t *end = memchr(bytes, '\n', length);
        size_t text = end ? (size_t)(end - bytes) : length;
        add(line, bytes, text);
        line->complete = end != NULL;
        return line->complete ? text + 1 : text;
}

struct sc_span sc_line_text(struct sc_line *line)
{
        size_t length = line->length;
        while (length > 0 && line->bytes[length - 1] == '\r')
                length--;
        return (struct sc_span) { line->bytes, length };
}

void sc_line_break(struct sc_line *line)
{
        line->length = 0;
        line->begun = true;
        line->complete = false;
}
