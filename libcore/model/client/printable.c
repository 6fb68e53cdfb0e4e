#include "model/client/printable.h"

#include "model/base/panic.h"
#include "model/base/span.h"
#include "model/base/utf8.h"

#include <string.h>

/* Puts the harmless part of `bytes` to `text`, and cuts off the start of a character whose rest is missing. */
static size_t filter(struct sc_printable *printable, const uint8_t *bytes, size_t length, uint8_t *text)
{
        size_t used = 0;

        for (size_t at = 0; at < length;) {
                struct sc_utf8 next = sc_utf8_at(bytes + at, length - at);
                if (next.kind == SC_UTF8_CUT) {
                        memcpy(printable->cut, bytes + at, next.length);
                        printable->cut_length = next.length;
                }
                bool passes = next.code == '\r' || next.code == '\n' || next.code == '\t' ||
                              !sc_utf8_is_control(next.code);
                if (next.kind == SC_UTF8_CHARACTER && passes) {
                        memcpy(text + used, bytes + at, next.length);
                        used += next.length;
                }
                at += next.length;
        }
        return used;
}

size_t sc_printable_feed(struct sc_printable *printable, const uint8_t *bytes, size_t length, uint8_t *text)
{
        size_t used = 0;

        /* One byte at a time until the character that was cut is whole or broken. */
        while (printable->cut_length > 0 && length > 0) {
                uint8_t joined[SC_UTF8_BYTES_MAX];
                size_t joined_length = printable->cut_length;
                memcpy(joined, printable->cut, joined_length);
                joined[joined_length++] = *bytes++;
                length--;
                printable->cut_length = 0;
                used += filter(printable, joined, joined_length, text + used);
        }
        return used + filter(printable, bytes, length, text + used);
}

/* What would break a line of ours, or turn what stands behind it: line and paragraph separator, and the embeddings,
 * overrides and isolates of bidirectional text. */
static bool is_out_of_line(uint32_t code)
{
        static const struct {
                uint32_t first, last;
        } ranges[] = { { 0x2028, 0x202e }, { 0x2066, 0x2069 } };

        for (size_t i = 0; i < SC_COUNT(ranges); i++)
                if (code >= ranges[i].first && code <= ranges[i].last)
                        return true;
        return sc_utf8_is_control(code);
}

size_t sc_printable_line(const void *bytes, size_t length, char *text, size_t size)
{
        const uint8_t *from = bytes;
        size_t used = 0;

        SC_ASSERT(size > 0);
        for (size_t at = 0; at < length;) {
                struct sc_utf8 next = sc_utf8_at(from + at, length - at);
                bool shown = next.kind == SC_UTF8_CHARACTER && !is_out_of_line(next.code);
                size_t taken = next.kind == SC_UTF8_CUT ? 1 : next.length;
                size_t put = shown ? taken : 1;
                if (put >= size - used)
                        break;
                if (shown)
                        memmove(text + used, from + at, taken);
                else
                        text[used] = '?';
                used += put;
                at += taken;
        }
        text[used] = '\0';
        return used;
}
