#ifndef SC_MODES_H
#define SC_MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the guest switched on in the user's terminal and did not switch off again: the alternate screen, mouse reports,
 * bracketed paste, keys as sequences, colours, a hidden cursor (ECMA-48; xterm's control sequences; the kitty keyboard
 * protocol). It is put back when the client leaves. */

#define SC_MODES_PARAMETERS_MAX 32

enum sc_modes_state {
        SC_MODES_TEXT,
        SC_MODES_ESCAPE,
        SC_MODES_CHARSET,
        SC_MODES_CSI,
        SC_MODES_OSC,    /* up to BEL or ST */
        SC_MODES_STRING, /* DCS, SOS, PM, APC: up to ST */
};

struct sc_modes {
        enum sc_modes_state state;
        uint8_t prefix;       /* of the control sequence: one of < = > ?, or 0 */
        uint8_t intermediate; /* its last byte before the final one that is a blank to /, or 0 */
        unsigned parameters[SC_MODES_PARAMETERS_MAX];
        size_t parameter_count;
        bool parameters_left_out; /* there were more */
        unsigned character_left;  /* bytes of a character of UTF-8 that are still to come */
        bool lead_c2;             /* its first byte was C2: the next one may make it a C1 control */
        uint64_t on;              /* a bit for each row of the tables in modes.c */
        unsigned keyboards_pushed;
};

/* The next output that the terminal gets. */
void sc_modes_feed(struct sc_modes *modes, const uint8_t *bytes, size_t length);

/* The sequences that put the terminal back, empty where nothing is on; returns their length. All is off then. */
#define SC_MODES_RESET_BYTES_MAX 400
size_t sc_modes_reset(struct sc_modes *modes, uint8_t text[static SC_MODES_RESET_BYTES_MAX]);
/* The sequences that switch on what is on, in a terminal that was put back: not what had a value, which is not kept:
 * colours, margins, the cursor's style, a character set, the keyboard. */
size_t sc_modes_again(const struct sc_modes *modes, uint8_t text[static SC_MODES_RESET_BYTES_MAX]);

#endif
