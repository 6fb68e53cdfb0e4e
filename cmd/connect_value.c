#include "connect_value.h"

#include "model/client/attachment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define EXPECTED_START "expected auto, unread, start, boot, end, an offset, last:SIZE or since:TIME"

static const struct {
        const char *name;
        unsigned start;
} start_names[] = {
        { "auto", SC_START_AUTO }, { "unread", SC_START_UNREAD }, { "start", SC_START_BEGINNING },
        { "boot", SC_START_BOOT }, { "end", SC_START_END },
};

/* What follows `word` and a blank or colon, or NULL. */
static const char *behind(const char *text, const char *word)
{
        size_t length = strlen(word);
        bool led = strncmp(text, word, length) == 0 && (text[length] == ' ' || text[length] == ':');
        return led ? text + length + 1 : NULL;
}

static const char *parse_since(const char *text, struct start_argument *argument)
{
        struct moment_argument moment;
        const char *wrong = sc_value_moment(text, &moment);
        if (wrong)
                return wrong;
        *argument = (struct start_argument) {
                .start = SC_START_SINCE,
                .value = sc_value_moment_ns(&moment),
                .given = true,
        };
        return NULL;
}

const char *sc_connect_value_start(const char *text, void *result)
{
        struct start_argument *argument = result;
        uint64_t value;
        for (size_t i = 0; i < SC_COUNT(start_names); i++) {
                if (strcmp(text, start_names[i].name) != 0)
                        continue;
                *argument = (struct start_argument) { .start = start_names[i].start, .given = true };
                return NULL;
        }
        const char *last = behind(text, "last"), *since = behind(text, "since");
        if (since)
                return parse_since(since, argument);
        const char *wrong = last ? sc_value_size(last, &value) : sc_value_count(text, &value);
        if (wrong)
                return last ? wrong : EXPECTED_START;
        unsigned start = last ? SC_START_LAST : SC_START_OFFSET;
        *argument = (struct start_argument) { .start = start, .value = value, .given = true };
        return NULL;
}

#define EXPECTED_ESCAPE "expected one character, ^X for Ctrl-X, or none"

const char *sc_connect_value_escape(const char *text, void *result)
{
        struct escape_argument *argument = result;
        if (strcmp(text, "none") == 0) {
                *argument = (struct escape_argument) { .none = true };
                return NULL;
        }
        uint8_t character = (uint8_t)text[0];
        if (text[0] == '^' && text[1] != '\0') {
                character = (uint8_t)toupper((unsigned char)text[1]);
                text++;
                if (character < '?' || character > '_')
                        return EXPECTED_ESCAPE;
                character ^= 0x40; /* ^@ to ^_, and ^? for DEL */
        }
        /* A letter or digit is typed too often, CR and LF end what is typed, NUL is no key. */
        if (text[0] == '\0' || text[1] != '\0' || character == 0 || character >= 0x80 || isalnum(character) ||
            character == '\r' || character == '\n')
                return EXPECTED_ESCAPE;
        *argument = (struct escape_argument) { .character = character };
        return NULL;
}

const char *sc_connect_value_escape_name(uint8_t character, char text[static ESCAPE_NAME_BYTES])
{
        if (character >= 0x20 && character != 0x7f)
                snprintf(text, ESCAPE_NAME_BYTES, "%c", character);
        else
                snprintf(text, ESCAPE_NAME_BYTES, "Ctrl-%c", character ^ 0x40);
        return text;
}

/* --- what to send --- */

static int hex_digit(char digit)
{
        static const char digits[] = "0123456789abcdef";
        const char *found = digit == '\0' ? NULL : strchr(digits, tolower((unsigned char)digit));
        return found ? (int)(found - digits) : -1;
}

/* The character behind a backslash; *at is moved behind it. -1: there is no such escape. */
static int escaped(const char **at)
{
        char letter = *(*at)++;
        switch (letter) {
        case 'r':
                return '\r';
        case 'n':
                return '\n';
        case 't':
                return '\t';
        case '\\':
                return '\\';
        case 'x': {
                int high = hex_digit((*at)[0]);
                int low = high < 0 ? -1 : hex_digit((*at)[1]);
                *at += low < 0 ? 0 : 2;
                return low < 0 ? -1 : high * 16 + low;
        }
        default:
                return -1;
        }
}

const char *sc_connect_value_send(const char *text, void *result)
{
        struct send_argument *argument = result;
        struct send_argument read = { .length = 0 };
        bool ends_in_cr = true;
        while (*text != '\0') {
                int byte = (unsigned char)*text++;
                if (byte == '\\' && strcmp(text, "c") == 0) {
                        ends_in_cr = false;
                        break;
                }
                if (byte == '\\')
                        byte = escaped(&text);
                if (byte < 0)
                        return "expected \\r, \\n, \\t, \\\\ or \\xHH behind a backslash, or \\c at the end";
                if (read.length == SEND_BYTES_MAX - 1)
                        return "longer than 4095 bytes";
                read.bytes[read.length++] = (uint8_t)byte;
        }
        if (ends_in_cr)
                read.bytes[read.length++] = '\r';
        *argument = read;
        return NULL;
}
