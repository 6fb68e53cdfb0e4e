#ifndef SC_LOG_LINES_H
#define SC_LOG_LINES_H

#include "model/base/line_end.h"
#include "model/base/utf8.h"

/* Output as whole lines of text, for a log that others read line by line (--log -). Characters of UTF-8 come through,
 * TAB among them. Every other control character, and every byte that is no UTF-8, stands as \xHH, and a backslash as
 * two: so the text says exactly what the guest sent, but for the kind of its line ends. */

/* The longest line, without an end of its own; what is longer goes on in the next. */
#define SC_LOG_LINE_BYTES_MAX 4000

struct sc_log_lines {
        uint8_t text[SC_LOG_LINE_BYTES_MAX]; /* the line so far */
        size_t length;
        uint64_t begun_ns; /* when the first byte of the line came; without one, undefined */
        bool begun;
        enum sc_line_end_place place;
        uint8_t cut[SC_UTF8_BYTES_MAX]; /* the start of a character whose rest has not come */
        size_t cut_length;
};

/* Takes bytes up to the end of a line, or all of them; returns how many. `*whole`: there is a line in `text`, which the
 * caller takes before it feeds more. */
size_t sc_log_lines_feed(struct sc_log_lines *lines, const uint8_t *bytes, size_t length, uint64_t now_ns,
                         bool *whole);

/* The line was taken: what it held is zeroed. */
void sc_log_lines_taken(struct sc_log_lines *lines);

/* Makes a line of what has no end yet: true where there is one to take. */
bool sc_log_lines_finish(struct sc_log_lines *lines);

#endif
