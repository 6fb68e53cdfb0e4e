#include "model/client/escape.h"

/* The key behind the escape character. */
static enum sc_escape_key command_of(const struct sc_escape *escape, uint8_t key)
{
        if (key == escape->character)
                return SC_ESCAPE_NONE;
        switch (key) {
        case '.':
                return SC_ESCAPE_QUIT;
        case '?':
                return SC_ESCAPE_HELP;
        default:
                return SC_ESCAPE_UNKNOWN;
        }
}

enum sc_escape_key sc_escape_take(struct sc_escape *escape, uint8_t *bytes, size_t length, size_t *used,
                                  struct sc_span *text)
{
        size_t start = 0;
        *text = (struct sc_span) { bytes, 0 };
        if (escape->pending && length > 0) {
                escape->pending = false;
                enum sc_escape_key command = command_of(escape, bytes[0]);
                if (command != SC_ESCAPE_NONE) {
                        *used = 1;
                        return command;
                }
                start = 1; /* twice: one for the guest, and it is no escape any more */
        }
        for (size_t i = start; i < length; i++) {
                if (bytes[i] != escape->character)
                        continue;
                escape->pending = true;
                *used = i + 1;
                *text = (struct sc_span) { bytes, i };
                return SC_ESCAPE_NONE;
        }
        *used = length;
        *text = (struct sc_span) { bytes, length };
        return SC_ESCAPE_NONE;
}
