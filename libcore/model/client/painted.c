#include "model/client/painted.h"

#include "model/base/span.h"
#include "model/base/utf8.h"

#include <stdbool.h>
#include <string.h>

#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
#define ESC 0x1b

static bool is_in(const char *list, uint8_t byte)
{
        for (; *list != '\0'; list++) {
                if ((uint8_t)*list == byte)
                        return true;
        }
        return false;
}

/* --- what paints --- */

/* Backspace, tab, the line ends, SO and SI. A bell in a recording is nobody's call. */
static bool control_passes(uint8_t byte)
{
        return byte >= 0x08 && byte <= 0x0f;
}

/* Save and restore the cursor, line feeds and tabs, keypad, and the character sets of `ESC ( B`. Not the reset, which
 * forgets what was there before. */
static bool escape_passes(const uint8_t *sequence, size_t length)
{
        uint8_t final = sequence[length - 1];

        if (length == 2)
                return is_in("78=>DEHM", final);
        return length == 3 && is_in("()*+#", sequence[1]);
}

/* Modes that change the screen and nothing else, and that modes.h puts back: inserting, new lines; as DEC's, cursor keys,
 * columns, reverse, origin, wrapping, blinking, the cursor, the other screens, and whole frames at once. */
static const unsigned modes[] = { 4, 20 };
static const unsigned private_modes[] = { 1, 3, 5, 6, 7, 12, 25, 47, 1047, 1048, 1049, 2026 };

static bool is_one_of(unsigned mode, const unsigned *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                if (list[i] == mode)
                        return true;
        }
        return false;
}

/* `1;25;1049`: each of them. */
static bool modes_paint(const uint8_t *parameters, size_t length, const unsigned *list, size_t count)
{
        unsigned mode = 0;

        for (size_t i = 0; i < length; i++) {
                if (parameters[i] == ';') {
                        if (!is_one_of(mode, list, count))
                                return false;
                        mode = 0;
                        continue;
                }
                if (parameters[i] < '0' || parameters[i] > '9')
                        return false;
                mode = mode * 10 + (unsigned)(parameters[i] - '0');
        }
        return is_one_of(mode, list, count);
}

/* A terminal that is to repeat something millions of times is busy for long. */
#define NUMBER_MAX 9999

static bool numbers_are_small(const uint8_t *parameters, size_t length)
{
        unsigned number = 0;

        for (size_t i = 0; i < length; i++) {
                bool digit = '0' <= parameters[i] && parameters[i] <= '9';
                number = digit ? number * 10 + (unsigned)(parameters[i] - '0') : 0;
                if (number > NUMBER_MAX)
                        return false;
        }
        return true;
}

/* `ESC [`, parameters, intermediate bytes and the final one. */
static bool csi_passes(const uint8_t *sequence, size_t length)
{
        uint8_t final = sequence[length - 1];
        uint8_t before = sequence[length - 2];

        if (!numbers_are_small(sequence + 2, length - 3))
                return false;
        if (sequence[2] == '?') {
                if (final == 'h' || final == 'l')
                        return modes_paint(sequence + 3, length - 4, private_modes, SC_COUNT(private_modes));
                return (final == 'J' || final == 'K') && before != '$';
        }
        if (sequence[2] >= '<' && sequence[2] <= '>')
                return false;
        if (before >= 0x20 && before <= 0x2f) /* the cursor's shape, and a reset */
                return (final == 'q' && before == ' ') || (final == 'p' && before == '!');
        if (final == 'h' || final == 'l')
                return modes_paint(sequence + 2, length - 3, modes, SC_COUNT(modes));
        if (final == 'J' && memchr(sequence + 2, '3', length - 3)) /* what scrolled out of sight stays */
                return false;
        return is_in("@ABCDEFGHIJKLMPSTXZ`abdefgmrsu", final);
}

/* --- the stream --- */

static void hold(struct sc_painted *painted, uint8_t byte)
{
        if (painted->held_length < sizeof(painted->held))
                painted->held[painted->held_length] = byte;
        if (painted->held_length <= sizeof(painted->held))
                painted->held_length++;
}

static size_t end_sequence(struct sc_painted *painted, bool passes, uint8_t *text)
{
        size_t length = passes && painted->held_length <= sizeof(painted->held) ? painted->held_length : 0;

        memcpy(text, painted->held, length);
        painted->held_length = 0;
        painted->state = SC_PAINTED_TEXT;
        return length;
}

static void begin_sequence(struct sc_painted *painted, enum sc_painted_state state)
{
        painted->held_length = 0;
        hold(painted, ESC);
        painted->state = state;
}

/* Characters, of one byte or several; those of C1 and bytes that are no UTF-8 are left out. */
static size_t take_text(struct sc_painted *painted, uint8_t byte, uint8_t *text)
{
        hold(painted, byte);
        for (;;) {
                struct sc_utf8 next = sc_utf8_at(painted->held, painted->held_length);
                if (next.kind == SC_UTF8_CUT)
                        return 0;
                if (next.kind == SC_UTF8_CHARACTER) {
                        bool passes = !sc_utf8_is_control(next.code) || control_passes(byte);
                        if (next.code == ESC)
                                begin_sequence(painted, SC_PAINTED_ESCAPE);
                        else
                                return end_sequence(painted, passes, text);
                        return 0;
                }
                painted->held_length--; /* the broken start; what stands behind it may begin another one */
                if (painted->held_length == 0)
                        return 0;
                memmove(painted->held, painted->held + 1, painted->held_length);
        }
}

static size_t take_escape(struct sc_painted *painted, uint8_t byte, uint8_t *text)
{
        hold(painted, byte);
        if (painted->held_length == 2) {
                if (byte == '[') {
                        painted->state = SC_PAINTED_CSI;
                        return 0;
                }
                if (is_in("]P_^X", byte)) {
                        painted->state = SC_PAINTED_STRING;
                        return 0;
                }
        }
        if (byte >= 0x20 && byte <= 0x2f)
                return 0;
        bool passes = painted->held_length <= sizeof(painted->held) && byte >= 0x30 && byte <= 0x7e &&
                      escape_passes(painted->held, painted->held_length);
        return end_sequence(painted, passes, text);
}

static size_t take_csi(struct sc_painted *painted, uint8_t byte, uint8_t *text)
{
        hold(painted, byte);
        if (byte >= 0x20 && byte <= 0x3f)
                return 0;
        bool passes = painted->held_length <= sizeof(painted->held) && byte >= 0x40 && byte <= 0x7e &&
                      csi_passes(painted->held, painted->held_length);
        return end_sequence(painted, passes, text);
}

static size_t take_string(struct sc_painted *painted, uint8_t byte)
{
        if (byte == BEL || (painted->state == SC_PAINTED_STRING_ESCAPE && byte == '\\'))
                painted->state = SC_PAINTED_TEXT;
        else
                painted->state = byte == ESC ? SC_PAINTED_STRING_ESCAPE : SC_PAINTED_STRING;
        painted->held_length = 0;
        return 0;
}

static size_t take(struct sc_painted *painted, uint8_t byte, uint8_t *text)
{
        /* These end any sequence, and another one begins. */
        if (byte == CAN || byte == SUB)
                return end_sequence(painted, false, text);
        if (byte == ESC && (painted->state == SC_PAINTED_ESCAPE || painted->state == SC_PAINTED_CSI)) {
                begin_sequence(painted, SC_PAINTED_ESCAPE);
                return 0;
        }
        switch (painted->state) {
        case SC_PAINTED_TEXT:
                return take_text(painted, byte, text);
        case SC_PAINTED_ESCAPE:
                return take_escape(painted, byte, text);
        case SC_PAINTED_CSI:
                return take_csi(painted, byte, text);
        case SC_PAINTED_STRING:
        case SC_PAINTED_STRING_ESCAPE:
                return take_string(painted, byte);
        }
        return 0;
}

size_t sc_painted_feed(struct sc_painted *painted, const uint8_t *bytes, size_t length, uint8_t *text)
{
        size_t count = 0;

        for (size_t i = 0; i < length; i++)
                count += take(painted, bytes[i], text + count);
        return count;
}
