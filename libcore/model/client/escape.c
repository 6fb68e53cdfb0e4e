#include "model/client/escape.h"

#include <string.h>

#define ESC 0x1b
#define CTRL_5 '5' /* sends Ctrl-] where a keyboard has no ] */

/* --- keys as sequences --- */

/* The fields of a CSI sequence that say which key it is: code, what it is with shift, modifiers less one, kind of
 * event. */
struct key_sequence {
        unsigned code;
        unsigned shifted;
        unsigned modifiers;
        unsigned event;
};

enum {
        MODIFIER_SHIFT = 1,
        MODIFIER_CTRL = 4,
        MODIFIER_LOCKS = 64 | 128, /* caps lock and num lock: nobody held them */
        EVENT_RELEASE = 3,
        CODE_MAX = 0x10ffff,
        MODIFIER_KEYS_FIRST = 57358, /* caps lock .. of the kitty protocol's private range */
        MODIFIER_KEYS_LAST = 57454,
};

static bool take_number(const uint8_t **at, const uint8_t *end, unsigned *number)
{
        bool any = false;
        for (*number = 0; *at < end && **at >= '0' && **at <= '9'; (*at)++, any = true)
                *number = *number > CODE_MAX ? *number : *number * 10 + (unsigned)(**at - '0');
        return any;
}

/* The code in another layout, and texts, which follow a colon, are of no interest. */
static void skip_alternates(const uint8_t **at, const uint8_t *end)
{
        while (*at < end && **at != ';' && **at != 'u' && **at != '~')
                (*at)++;
}

/* Whether the whole of `bytes` is ESC [ code ; modifiers : event u, or ESC [ 27 ; modifiers ; code ~. */
static bool parse_key(const uint8_t *bytes, size_t length, struct key_sequence *key)
{
        const uint8_t *at = bytes + 2, *end = bytes + length;
        uint8_t final = bytes[length - 1];
        unsigned modifiers = 1;
        *key = (struct key_sequence) { .event = 1 };
        if ((final != 'u' && final != '~') || !take_number(&at, end, &key->code))
                return false;
        if (*at == ':') {
                at++;
                take_number(&at, end, &key->shifted);
        }
        skip_alternates(&at, end);
        if (*at == ';') {
                at++;
                take_number(&at, end, &modifiers);
                if (*at == ':') {
                        at++;
                        take_number(&at, end, &key->event);
                }
                skip_alternates(&at, end);
        }
        if (final == '~') {
                if (key->code != 27 || *at != ';')
                        return false;
                at++;
                if (!take_number(&at, end, &key->code))
                        return false;
        }
        key->modifiers = (modifiers > 0 ? modifiers - 1 : 0) & ~(unsigned)MODIFIER_LOCKS;
        return true;
}

/* What the key sends where keys are sent as characters; 0: nothing that matters here. */
static uint8_t character_of(const struct key_sequence *key)
{
        bool shift = (key->modifiers & MODIFIER_SHIFT) != 0;
        unsigned meant = shift && key->shifted != 0 ? key->shifted : key->code;
        if (meant >= 0x80)
                return 0;
        uint8_t code = (uint8_t)meant;
        if (shift && code >= 'a' && code <= 'z')
                code = (uint8_t)(code - 'a' + 'A');
        if (!(key->modifiers & MODIFIER_CTRL))
                return code;
        if (code == CTRL_5)
                return SC_ESCAPE_DEFAULT;
        return (code >= '@' && code <= '_') || (code >= 'a' && code <= 'z') ? code & 0x1f : 0;
}

/* The length of the CSI sequence that `bytes` is, or 0: it is none, or -1: it may become one. */
static int sequence_length(const uint8_t *bytes, size_t length)
{
        if (bytes[0] != ESC)
                return 0;
        if (length > 1 && bytes[1] != '[')
                return 0;
        for (size_t i = 2; i < length && i < SC_ESCAPE_SEQUENCE_BYTES_MAX; i++) {
                if (bytes[i] >= 0x40 && bytes[i] <= 0x7e)
                        return (int)i + 1;
                if (bytes[i] < 0x20 || bytes[i] > 0x7e)
                        return 0;
        }
        return length < SC_ESCAPE_SEQUENCE_BYTES_MAX ? -1 : 0;
}

/* A terminal's answer to a query of the guest's, not a key: a cursor's place, attributes, a mode's state. */
static bool is_report(const uint8_t *bytes, size_t length)
{
        uint8_t final = bytes[length - 1];
        bool private = bytes[2] == '?' || bytes[2] == '>';
        return final == 'n' || final == 'y' || (final == 'c' && private) ||
               (final == 'R' && (private || memchr(bytes, ';', length) != NULL));
}

/* --- commands --- */

static enum sc_escape_key command_of(uint8_t key)
{
        switch (key) {
        case '.':
        case 'q':
                return SC_ESCAPE_QUIT;
        case '?':
                return SC_ESCAPE_HELP;
        case 'b':
                return SC_ESCAPE_BREAK;
        case 'w':
                return SC_ESCAPE_TAKE;
        case 'r':
                return SC_ESCAPE_RESIZE;
        case 0x1a:
                return SC_ESCAPE_SUSPEND;
        default:
                return SC_ESCAPE_UNKNOWN;
        }
}

static bool is_line_bound(const struct sc_escape *escape)
{
        return escape->character >= 0x20 && escape->character != 0x7f;
}

static bool is_escape(const struct sc_escape *escape, uint8_t character)
{
        return !escape->none && character == escape->character && !(is_line_bound(escape) && escape->in_line);
}

static void typed(struct sc_escape *escape, uint8_t character)
{
        escape->in_line = character != '\r' && character != '\n';
}

static struct sc_span pass(struct sc_escape *escape, const uint8_t *bytes, size_t length)
{
        memmove(escape->passed, bytes, length);
        return (struct sc_span) { escape->passed, length };
}

/* The key behind the escape character: `bytes` as it was typed, `character` as it is meant. */
static enum sc_escape_key take_command(struct sc_escape *escape, const uint8_t *bytes, size_t length,
                                       uint8_t character, struct sc_span *text)
{
        bool in_break = escape->state == SC_ESCAPE_IN_BREAK;
        escape->state = SC_ESCAPE_TEXT;
        if (in_break) {
                *text = pass(escape, length > 1 ? &character : bytes, 1);
                return SC_ESCAPE_BREAK_KEY;
        }
        if (character == 'B') {
                escape->state = SC_ESCAPE_IN_BREAK;
                return SC_ESCAPE_NONE;
        }
        if (character == escape->character) { /* twice: one for the guest */
                *text = pass(escape, bytes, length);
                typed(escape, character);
                return SC_ESCAPE_NONE;
        }
        enum sc_escape_key command = command_of(character);
        if (command == SC_ESCAPE_UNKNOWN && is_line_bound(escape)) { /* a line that begins so: as in ssh */
                escape->passed[0] = escape->character;
                memmove(escape->passed + 1, bytes, length);
                *text = (struct sc_span) { escape->passed, length + 1 };
                typed(escape, character);
                return SC_ESCAPE_NONE;
        }
        return command;
}

/* One key, as a character or as a sequence. */
static enum sc_escape_key take_key(struct sc_escape *escape, const uint8_t *bytes, size_t length,
                                   struct sc_span *text)
{
        struct key_sequence key = { .code = bytes[0], .event = 1 };
        uint8_t character = bytes[0];
        if (length > 1) {
                if (is_report(bytes, length)) { /* whatever is being typed meanwhile */
                        *text = pass(escape, bytes, length);
                        return SC_ESCAPE_NONE;
                }
                if (!parse_key(bytes, length, &key)) {
                        bool behind = escape->state != SC_ESCAPE_TEXT;
                        escape->state = SC_ESCAPE_TEXT;
                        escape->in_line = true;
                        if (behind)
                                return SC_ESCAPE_UNKNOWN;
                        *text = pass(escape, bytes, length);
                        return SC_ESCAPE_NONE;
                }
                character = character_of(&key);
        }
        bool released = key.event == EVENT_RELEASE;
        bool modifier = key.code >= MODIFIER_KEYS_FIRST && key.code <= MODIFIER_KEYS_LAST;
        if (escape->state != SC_ESCAPE_TEXT) {
                if (released || modifier) /* of the escape character, or on the way to the key behind it */
                        return SC_ESCAPE_NONE;
                return take_command(escape, bytes, length, character, text);
        }
        if (character != 0 && is_escape(escape, character)) {
                if (!released)
                        escape->state = SC_ESCAPE_BEHIND;
                return SC_ESCAPE_NONE;
        }
        *text = pass(escape, bytes, length);
        typed(escape, character);
        return SC_ESCAPE_NONE;
}

/* How many of `bytes` are text beyond doubt. */
static size_t plain_length(struct sc_escape *escape, const uint8_t *bytes, size_t length)
{
        size_t i = 0;
        if (escape->state != SC_ESCAPE_TEXT)
                return 0;
        for (; i < length && bytes[i] != ESC && !is_escape(escape, bytes[i]); i++)
                typed(escape, bytes[i]);
        return i;
}

enum sc_escape_key sc_escape_take(struct sc_escape *escape, uint8_t *bytes, size_t length, size_t *used,
                                  struct sc_span *text)
{
        *used = 0;
        *text = (struct sc_span) { bytes, 0 };
        if (escape->none) {
                *used = text->length = length;
                return SC_ESCAPE_NONE;
        }
        if (escape->held_length == 0) {
                *used = text->length = plain_length(escape, bytes, length);
                if (*used > 0 || length == 0)
                        return SC_ESCAPE_NONE;
        }
        while (*used < length) {
                escape->held[escape->held_length++] = bytes[(*used)++];
                int known = sequence_length(escape->held, escape->held_length);
                if (known < 0)
                        continue;
                if (known == 0 && escape->held_length > 1) { /* the last byte may begin another */
                        (*used)--;
                        escape->held_length--;
                }
                return sc_escape_flush(escape, text);
        }
        return SC_ESCAPE_NONE;
}

bool sc_escape_holds(const struct sc_escape *escape)
{
        return escape->held_length > 0;
}

enum sc_escape_key sc_escape_flush(struct sc_escape *escape, struct sc_span *text)
{
        size_t length = escape->held_length;
        escape->held_length = 0;
        *text = (struct sc_span) { escape->passed, 0 };
        if (length == 0)
                return SC_ESCAPE_NONE;
        if (length == 1 || sequence_length(escape->held, length) > 0)
                return take_key(escape, escape->held, length, text);

        /* No key that is known: its first byte alone may be one behind the escape character. */
        enum sc_escape_key key = SC_ESCAPE_NONE;
        size_t taken = 0;
        if (escape->state != SC_ESCAPE_TEXT) {
                key = take_key(escape, escape->held, 1, text);
                taken = 1;
        }
        memmove(escape->passed + text->length, escape->held + taken, length - taken);
        *text = (struct sc_span) { escape->passed, text->length + length - taken };
        escape->in_line = true;
        return key;
}
