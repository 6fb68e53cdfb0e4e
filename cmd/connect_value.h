#ifndef SC_CONNECT_VALUE_H
#define SC_CONNECT_VALUE_H

#include "value.h"

/* The values that connect's options take beside those of value.h. */

/* Where the output starts (--from): auto, unread, start, boot, end, an offset, `last SIZE`, `since TIME`; a colon may stand
 * in the place of the blank. */
struct start_argument {
        unsigned start; /* enum sc_start, or SC_START_AUTO */
        uint64_t value; /* as frame.h has it for that start */
        bool given;
};
sc_value_parse sc_connect_value_start;

/* The escape character (--escape): one character, ^X for Ctrl-X, or `none`. */
struct escape_argument {
        bool none;
        uint8_t character;
};
sc_value_parse sc_connect_value_escape;

/* The escape character as messages call it: Ctrl-], or itself. */
#define ESCAPE_NAME_BYTES 8
const char *sc_connect_value_escape_name(uint8_t character, char text[static ESCAPE_NAME_BYTES]);

/* What is typed first (--send): \r \n \t \\ \xHH, and CR behind it unless it ends in \c. */
#define SEND_BYTES_MAX 4096
struct send_argument {
        size_t length;
        uint8_t bytes[SEND_BYTES_MAX];
};
sc_value_parse sc_connect_value_send;

#endif
