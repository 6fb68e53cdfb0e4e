#ifndef SC_ESCAPE_H
#define SC_ESCAPE_H

#include "model/base/span.h"

#include <stdbool.h>

/* The escape character of a terminal's client, among the keys that were typed. A guest can switch the terminal to
 * keys as sequences: CSI u (ESC [ 93 ; 5 u) and xterm's modifyOtherKeys (ESC [ 27 ; 5 ; 93 ~), with lock bits and
 * kinds of event. The escape character, and the key behind it, are known in these forms as well. */
enum sc_escape_key {
        SC_ESCAPE_NONE,      /* text for the guest, or nothing */
        SC_ESCAPE_QUIT,      /* . q */
        SC_ESCAPE_HELP,      /* ? */
        SC_ESCAPE_BREAK,     /* b */
        SC_ESCAPE_BREAK_KEY, /* B and a key: a BREAK, then the text */
        SC_ESCAPE_TAKE,      /* w */
        SC_ESCAPE_RESIZE,    /* r */
        SC_ESCAPE_SUSPEND,   /* Ctrl-Z */
        SC_ESCAPE_UNKNOWN,
};

#define SC_ESCAPE_DEFAULT 0x1d /* Ctrl-] */
#define SC_ESCAPE_SEQUENCE_BYTES_MAX 32

/*   TEXT     keys are for the guest. the escape character -> BEHIND
 *   BEHIND   the escape character was typed. B -> IN_BREAK; any other key -> TEXT
 *   IN_BREAK the next key goes to the guest behind a BREAK. any key -> TEXT
 */
enum sc_escape_state { SC_ESCAPE_TEXT, SC_ESCAPE_BEHIND, SC_ESCAPE_IN_BREAK };

struct sc_escape {
        bool none;         /* there is no escape character */
        uint8_t character; /* a printable one counts at the beginning of a line alone, as in ssh */
        enum sc_escape_state state;
        bool in_line;                               /* something has been typed since the last newline */
        uint8_t held[SC_ESCAPE_SEQUENCE_BYTES_MAX]; /* the beginning of what may be a key as a sequence */
        size_t held_length;
        uint8_t passed[SC_ESCAPE_SEQUENCE_BYTES_MAX + 1]; /* text that does not lie in the caller's bytes */
};

/* Takes keys from `bytes` up to the first one that is not for the guest. *used: how many it took, 0 only where it
 * gives up bytes that were held back; `text` is set to those that are for the guest, which hold until the next call. */
enum sc_escape_key sc_escape_take(struct sc_escape *escape, uint8_t *bytes, size_t length, size_t *used,
                                  struct sc_span *text);

/* Whether bytes are held back that may be the beginning of a sequence; and that they were none: `text`. */
bool sc_escape_holds(const struct sc_escape *escape);
enum sc_escape_key sc_escape_flush(struct sc_escape *escape, struct sc_span *text);

#endif
