#include "model/client/modes.h"

#include "model/base/panic.h"
#include "model/base/span.h"

#include <assert.h>
#include <stdbool.h>

#define ESC 0x1b
#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
#define SHIFT_OUT 0x0e
#define SHIFT_IN 0x0f
#define PARAMETER_MAX 99999

enum { MODE_SET = 'h', MODE_RESET = 'l' };

/* DEC private modes. `normal`: how a terminal that was left alone has it. */
struct private_mode {
        unsigned number;
        uint8_t normal;
        const char *reset;
};

static const struct private_mode private_modes[] = {
        { 1049, MODE_RESET, "\x1b[?1049l" }, { 1047, MODE_RESET, "\x1b[?1047l" },
        { 47, MODE_RESET, "\x1b[?47l" },     { 1, MODE_RESET, "\x1b[?1l" },
        { 5, MODE_RESET, "\x1b[?5l" },       { 6, MODE_RESET, "\x1b[?6l" },
        { 7, MODE_SET, "\x1b[?7h" },         { 12, MODE_RESET, "\x1b[?12l" },
        { 66, MODE_RESET, "\x1b[?66l" },     { 69, MODE_RESET, "\x1b[?69l" },
        { 2026, MODE_RESET, "\x1b[?2026l" }, { 3, MODE_RESET, "\x1b[?3l" },
        { 1007, MODE_RESET, "\x1b[?1007l" }, { 2031, MODE_RESET, "\x1b[?2031l" },
        { 2048, MODE_RESET, "\x1b[?2048l" }, { 9001, MODE_RESET, "\x1b[?9001l" },
        { 9, MODE_RESET, "\x1b[?9l" },       { 25, MODE_SET, "\x1b[?25h" },
        { 1000, MODE_RESET, "\x1b[?1000l" }, { 1002, MODE_RESET, "\x1b[?1002l" },
        { 1003, MODE_RESET, "\x1b[?1003l" }, { 1004, MODE_RESET, "\x1b[?1004l" },
        { 1005, MODE_RESET, "\x1b[?1005l" }, { 1006, MODE_RESET, "\x1b[?1006l" },
        { 1015, MODE_RESET, "\x1b[?1015l" }, { 1016, MODE_RESET, "\x1b[?1016l" },
        { 2004, MODE_RESET, "\x1b[?2004l" },
};

/* What else can be on, behind the private modes among the bits. */
enum other_mode {
        OTHER_KEYPAD = SC_COUNT(private_modes),
        OTHER_INSERT,
        OTHER_NEW_LINE,
        OTHER_KEYBOARD_LOCKED,
        OTHER_LOCAL_ECHO,
        OTHER_OTHER_KEYS,
        OTHER_KEYBOARD,
        OTHER_RENDITION,
        OTHER_MARGINS,
        OTHER_CHARSET,
        OTHER_CURSOR_STYLE,
        OTHER_END,
};
static_assert(OTHER_END <= 64, "a bit for each");

static const char *const other_resets[OTHER_END] = {
        [OTHER_KEYPAD] = "\033>",
        [OTHER_INSERT] = "\033[4l",
        [OTHER_NEW_LINE] = "\033[20l",
        [OTHER_KEYBOARD_LOCKED] = "\033[2l",
        [OTHER_LOCAL_ECHO] = "\033[12h", /* on is the terminal's own echo off */
        [OTHER_OTHER_KEYS] = "\033[>4m",
        [OTHER_KEYBOARD] = "\033[=0u",
        [OTHER_RENDITION] = "\033[0m",
        [OTHER_MARGINS] = "\0337\033[r\0338", /* setting them moves the cursor */
        [OTHER_CHARSET] = "\033(B\017",
        [OTHER_CURSOR_STYLE] = "\033[0 q",
};

static void set(struct sc_modes *modes, unsigned bit, bool on)
{
        uint64_t mask = UINT64_C(1) << bit;
        modes->on = on ? modes->on | mask : modes->on & ~mask;
}

static unsigned parameter(const struct sc_modes *modes, size_t i)
{
        return i < modes->parameter_count ? modes->parameters[i] : 0;
}

static void set_private_modes(struct sc_modes *modes, uint8_t final)
{
        for (size_t i = 0; i < modes->parameter_count; i++)
                for (unsigned bit = 0; bit < SC_COUNT(private_modes); bit++)
                        if (private_modes[bit].number == modes->parameters[i])
                                set(modes, bit, final != private_modes[bit].normal);
}

static void restore_private_modes(struct sc_modes *modes)
{
        for (size_t i = 0; i < modes->parameter_count; i++)
                for (unsigned bit = 0; bit < SC_COUNT(private_modes); bit++)
                        if (private_modes[bit].number == modes->parameters[i])
                                set(modes, bit, true);
}

static void set_modes(struct sc_modes *modes, bool on)
{
        for (size_t i = 0; i < modes->parameter_count; i++) {
                if (modes->parameters[i] == 4)
                        set(modes, OTHER_INSERT, on);
                if (modes->parameters[i] == 20)
                        set(modes, OTHER_NEW_LINE, on);
                if (modes->parameters[i] == 2)
                        set(modes, OTHER_KEYBOARD_LOCKED, on);
                if (modes->parameters[i] == 12)
                        set(modes, OTHER_LOCAL_ECHO, !on);
        }
}

static void obey_private(struct sc_modes *modes, uint8_t final)
{
        if (modes->prefix == '?' && (final == MODE_SET || final == MODE_RESET))
                set_private_modes(modes, final);
        else if (modes->prefix == '?' && final == 'r') /* as they were saved: perhaps on */
                restore_private_modes(modes);
        else if (modes->prefix == '>' && final == 'm' && parameter(modes, 0) == 4)
                set(modes, OTHER_OTHER_KEYS, parameter(modes, 1) != 0);
        else if (modes->prefix == '=' && final == 'u')
                set(modes, OTHER_KEYBOARD, true);
        else if (modes->prefix == '>' && final == 'u')
                modes->keyboards_pushed += modes->keyboards_pushed < PARAMETER_MAX;
        else if (modes->prefix == '<' && final == 'u')
                modes->keyboards_pushed -= (unsigned)sc_min_u64(
                        modes->keyboards_pushed, parameter(modes, 0) == 0 ? 1 : parameter(modes, 0));
}

static void obey(struct sc_modes *modes, uint8_t final)
{
        if (modes->prefix != 0) {
                obey_private(modes, final);
                return;
        }
        if (modes->intermediate != 0) {
                if (modes->intermediate == ' ' && final == 'q')
                        set(modes, OTHER_CURSOR_STYLE, parameter(modes, 0) != 0);
                return;
        }
        switch (final) {
        case 'm': /* on by any parameter; only a lone 0 or none is off for sure */
                set(modes, OTHER_RENDITION, modes->parameter_count > 1 || parameter(modes, 0) != 0);
                return;
        case 'r':
                set(modes, OTHER_MARGINS, modes->parameter_count > 0);
                return;
        case MODE_SET:
        case MODE_RESET:
                set_modes(modes, final == MODE_SET);
                return;
        default:
                return;
        }
}

static void take_in_csi(struct sc_modes *modes, uint8_t byte)
{
        if (byte >= '<' && byte <= '?') {
                modes->prefix = byte;
        } else if (byte >= '0' && byte <= '9') {
                if (modes->parameters_left_out)
                        return;
                if (modes->parameter_count == 0)
                        modes->parameters[modes->parameter_count++] = 0;
                unsigned *number = &modes->parameters[modes->parameter_count - 1];
                *number = *number > PARAMETER_MAX ? *number : *number * 10 + (unsigned)(byte - '0');
        } else if (byte == ';' || byte == ':') {
                if (modes->parameter_count == 0)
                        modes->parameters[modes->parameter_count++] = 0;
                modes->parameters_left_out = modes->parameter_count == SC_MODES_PARAMETERS_MAX;
                if (!modes->parameters_left_out)
                        modes->parameters[modes->parameter_count++] = 0;
        } else if (byte >= ' ' && byte <= '/') {
                modes->intermediate = byte;
        } else if (byte >= '@' && byte <= '~') {
                modes->state = SC_MODES_TEXT;
                obey(modes, byte);
        }
}

static void take_behind_escape(struct sc_modes *modes, uint8_t byte)
{
        modes->state = SC_MODES_TEXT;
        switch (byte) {
        case '[':
                modes->state = SC_MODES_CSI;
                modes->prefix = modes->intermediate = 0;
                modes->parameter_count = 0;
                modes->parameters_left_out = false;
                return;
        case '(':
                modes->state = SC_MODES_CHARSET;
                return;
        case ']':
                modes->state = SC_MODES_OSC;
                return;
        case 'P':
        case 'X':
        case '^':
        case '_':
                modes->state = SC_MODES_STRING;
                return;
        case '=':
        case '>':
                set(modes, OTHER_KEYPAD, byte == '=');
                return;
        case 'c': /* a full reset */
                *modes = (struct sc_modes) { .state = SC_MODES_TEXT };
                return;
        default:
                return;
        }
}

/* A C1 control is ESC and the character 0x40 below it. */
static void take_c1(struct sc_modes *modes, uint8_t byte)
{
        take_behind_escape(modes, (uint8_t)(byte - 0x40));
}

static void take_character(struct sc_modes *modes, uint8_t byte)
{
        switch (modes->state) {
        case SC_MODES_TEXT:
                if (byte == SHIFT_OUT || byte == SHIFT_IN)
                        set(modes, OTHER_CHARSET, byte == SHIFT_OUT);
                return;
        case SC_MODES_ESCAPE:
                take_behind_escape(modes, byte);
                return;
        case SC_MODES_CHARSET:
                set(modes, OTHER_CHARSET, byte != 'B');
                modes->state = SC_MODES_TEXT;
                return;
        case SC_MODES_CSI:
                take_in_csi(modes, byte);
                return;
        case SC_MODES_OSC:
                if (byte == BEL)
                        modes->state = SC_MODES_TEXT;
                return;
        case SC_MODES_STRING:
                return;
        }
}

/* Bytes above ASCII: the rest of a character, or a C1 control as UTF-8 writes it or bare. */
static void take_high(struct sc_modes *modes, uint8_t byte)
{
        bool continues = byte < 0xc0 && modes->character_left > 0;
        bool control = byte < 0xa0 && (continues ? modes->lead_c2 : true);
        modes->character_left = continues      ? modes->character_left - 1
                                : byte >= 0xf0 ? 3
                                : byte >= 0xe0 ? 2
                                : byte >= 0xc0 ? 1
                                               : 0;
        modes->lead_c2 = !continues && byte == 0xc2;
        if (control)
                take_c1(modes, byte);
}

static void take(struct sc_modes *modes, uint8_t byte)
{
        if (byte >= 0x80) {
                take_high(modes, byte);
                return;
        }
        modes->character_left = 0;
        modes->lead_c2 = false;
        if (byte == ESC)
                modes->state = SC_MODES_ESCAPE;
        else if (byte == CAN || byte == SUB)
                modes->state = SC_MODES_TEXT;
        else
                take_character(modes, byte);
}

void sc_modes_feed(struct sc_modes *modes, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++)
                take(modes, bytes[i]);
}

static size_t append(uint8_t *text, size_t at, const char *sequence)
{
        for (; *sequence != '\0'; sequence++) {
                SC_ASSERT(at < SC_MODES_RESET_BYTES_MAX);
                text[at++] = (uint8_t)*sequence;
        }
        return at;
}

size_t sc_modes_reset(struct sc_modes *modes, uint8_t text[static SC_MODES_RESET_BYTES_MAX])
{
        size_t length = 0;
        if (modes->state != SC_MODES_TEXT) /* in the middle of a sequence */
                length = append(text, length, "\x18");
        if (modes->keyboards_pushed > 0) /* no number of pops is too many */
                length = append(text, length, "\x1b[<99999u");
        for (unsigned bit = 0; bit < OTHER_END; bit++) {
                if (!(modes->on >> bit & 1))
                        continue;
                const char *sequence = bit < OTHER_KEYPAD ? private_modes[bit].reset : other_resets[bit];
                length = append(text, length, sequence);
        }
        *modes = (struct sc_modes) { .state = SC_MODES_TEXT };
        return length;
}

static const char *const other_sets[OTHER_END] = {
        [OTHER_KEYPAD] = "\033=",
        [OTHER_INSERT] = "\033[4h",
        [OTHER_NEW_LINE] = "\033[20h",
};

/* A private mode's two sequences differ in their last byte. */
size_t sc_modes_again(const struct sc_modes *modes, uint8_t text[static SC_MODES_RESET_BYTES_MAX])
{
        size_t length = 0;
        for (unsigned bit = 0; bit < OTHER_END; bit++) {
                if (!(modes->on >> bit & 1))
                        continue;
                if (bit >= OTHER_KEYPAD) {
                        length = append(text, length, other_sets[bit] ? other_sets[bit] : "");
                        continue;
                }
                length = append(text, length, private_modes[bit].reset);
                text[length - 1] = private_modes[bit].normal == MODE_SET ? MODE_RESET : MODE_SET;
        }
        return length;
}
