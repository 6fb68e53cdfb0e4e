#include "model/base/line_end.h"

#include "model/base/panic.h"

/* A CR ends its line at once, so that a line is told before the byte behind it has come; an LF there is then no line of
 * its own. */
struct sc_line_piece sc_line_end_next(enum sc_line_end_place *place, const uint8_t *bytes, size_t length)
{
        size_t text = 0;

        SC_ASSERT(length > 0);
        if (*place == SC_LINE_END_AFTER_CR && bytes[0] == '\n') {
                *place = SC_LINE_END_BETWEEN;
                return (struct sc_line_piece) { .length = 1 };
        }
        while (text < length && bytes[text] != '\n' && bytes[text] != '\r')
                text++;
        bool ends = text < length;
        struct sc_line_piece piece = {
                .length = ends ? text + 1 : text,
                .text = text,
                .begins = *place != SC_LINE_END_WITHIN,
                .ends = ends,
        };
        *place = !ends                 ? SC_LINE_END_WITHIN
                 : bytes[text] == '\r' ? SC_LINE_END_AFTER_CR
                                       : SC_LINE_END_BETWEEN;
        return piece;
}
