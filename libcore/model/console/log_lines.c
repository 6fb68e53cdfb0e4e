#include "model/console/log_lines.h"

#include <string.h>

#define ESCAPED_BYTES_MAX 4 /* of one byte */
/* What one character becomes at most: a C1 control, or a broken one that was cut. */
#define CHARACTER_BYTES_MAX (ESCAPED_BYTES_MAX * SC_UTF8_BYTES_MAX)

static void put_escaped(struct sc_log_lines *lines, uint8_t byte)
{
        static const char digits[] = "0123456789abcdef";
        const uint8_t escaped[] = { '\\', 'x', (uint8_t)digits[byte >> 4], (uint8_t)digits[byte & 0xf] };
        memcpy(lines->text + lines->length, escaped, sizeof(escaped));
        lines->length += sizeof(escaped);
}

static bool stands_as_it_is(const struct sc_utf8 *next)
{
        return next->kind == SC_UTF8_CHARACTER && (next->code == '\t' || !sc_utf8_is_control(next->code));
}

static void put_character(struct sc_log_lines *lines, const uint8_t *bytes, const struct sc_utf8 *next)
{
        for (size_t i = 0; i < next->length; i++) {
                if (!stands_as_it_is(next)) {
                        put_escaped(lines, bytes[i]);
                        continue;
                }
                lines->text[lines->length++] = bytes[i];
                if (bytes[i] == '\\')
                        lines->text[lines->length++] = '\\';
        }
}

/* Told only when more text comes: an end may be all that does. Room is left for one character, and for one that was
 * cut. */
static bool is_full(const struct sc_log_lines *lines)
{
        return lines->length > SC_LOG_LINE_BYTES_MAX - 2 * CHARACTER_BYTES_MAX;
}

/* Takes the bytes of one character, and of what was cut before it. A byte that shows that the cut one goes on with
 * nothing is not taken yet: it may begin another. Returns how many of `bytes` were taken. */
static size_t put_next(struct sc_log_lines *lines, const uint8_t *bytes, size_t length)
{
        uint8_t joined[2 * SC_UTF8_BYTES_MAX];
        size_t cut = lines->cut_length;
        size_t more = length < SC_UTF8_BYTES_MAX ? length : SC_UTF8_BYTES_MAX;

        memcpy(joined, lines->cut, cut);
        memcpy(joined + cut, bytes, more);
        struct sc_utf8 next = sc_utf8_at(joined, cut + more);
        if (next.kind == SC_UTF8_CUT) {
                memcpy(lines->cut, joined, next.length);
                lines->cut_length = next.length;
                return next.length - cut;
        }
        put_character(lines, joined, &next);
        if (next.length >= cut) {
                lines->cut_length = 0;
                return next.length - cut;
        }
        lines->cut_length = cut - next.length; /* the first of them was no character's */
        memmove(lines->cut, lines->cut + next.length, lines->cut_length);
        return 0;
}

/* What was cut has no rest. */
static void end_cut(struct sc_log_lines *lines)
{
        for (size_t i = 0; i < lines->cut_length; i++)
                put_escaped(lines, lines->cut[i]);
        lines->cut_length = 0;
}

/* Takes text without an end, as far as it has room. */
static size_t put_text(struct sc_log_lines *lines, const uint8_t *bytes, size_t length)
{
        size_t at = 0;
        while (at < length && !is_full(lines))
                at += put_next(lines, bytes + at, length - at);
        return at;
}

size_t sc_log_lines_feed(struct sc_log_lines *lines, const uint8_t *bytes, size_t length, uint64_t now_ns,
                         bool *whole)
{
        *whole = false;
        if (length == 0)
                return 0;
        enum sc_line_end_place place = lines->place;
        struct sc_line_piece piece = sc_line_end_next(&place, bytes, length);
        if (!lines->begun && (piece.text > 0 || piece.ends)) {
                lines->begun = true;
                lines->begun_ns = now_ns;
        }
        size_t taken = put_text(lines, bytes, piece.text);
        if (taken < piece.text) {
                lines->place = SC_LINE_END_WITHIN;
                *whole = true;
                return taken;
        }
        if (piece.ends)
                end_cut(lines);
        lines->place = place;
        *whole = piece.ends;
        return piece.length;
}

void sc_log_lines_taken(struct sc_log_lines *lines)
{
        memset(lines->text, 0, lines->length);
        lines->length = 0;
        lines->begun = false;
}

bool sc_log_lines_finish(struct sc_log_lines *lines)
{
        end_cut(lines);
        return lines->begun;
}
