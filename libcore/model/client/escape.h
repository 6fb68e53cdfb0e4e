#ifndef SC_ESCAPE_H
#define SC_ESCAPE_H

#include "model/base/span.h"

#include <stdbool.h>

/* The escape character of a terminal's client, among the keys that were typed. */
enum sc_escape_key {
        SC_ESCAPE_NONE, /* bytes for the guest, or nothing */
        SC_ESCAPE_QUIT, /* . */
        SC_ESCAPE_HELP, /* ? */
        SC_ESCAPE_UNKNOWN,
};

#define SC_ESCAPE_DEFAULT 0x1d /* Ctrl-] */

struct sc_escape {
        uint8_t character;
        bool pending; /* the last key was the escape character */
};

/* Takes keys from `bytes` up to the first one that is not for the guest. *used: how many it took; `text` is set to
 * those of them that are for the guest, in place. */
enum sc_escape_key sc_escape_take(struct sc_escape *escape, uint8_t *bytes, size_t length, size_t *used,
                                  struct sc_span *text);

#endif
