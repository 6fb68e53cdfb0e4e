#include "model/client/queries.h"

#include <string.h>

#define ENQ 0x05
#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
#define ESC 0x1b

static bool contains(const struct sc_queries *queries, const char *text, size_t length)
{
        for (size_t i = 2; i + length <= queries->held_length; i++)
                if (memcmp(queries->held + i, text, length) == 0)
                        return true;
        return false;
}

static bool has_byte(const struct sc_queries *queries, uint8_t byte)
{
        return memchr(queries->held + 2, byte, queries->held_length - 2) != NULL;
}

/* Window operations that report: CSI 11 t to CSI 21 t, but for those that change something. */
static bool asks_of_window(const struct sc_queries *queries)
{
        unsigned number = 0;
        size_t i = 2;
        for (; i < queries->held_length && queries->held[i] >= '0' && queries->held[i] <= '9'; i++)
                number = number > 99 ? number : number * 10 + (unsigned)(queries->held[i] - '0');
        return number >= 11 && number <= 21 && number != 12 && number != 17;
}

/* The control sequence that is held, whole. */
static bool is_query(const struct sc_queries *queries)
{
        uint8_t prefix = queries->held[2], final = queries->held[queries->held_length - 1];
        switch (final) {
        case 'n': /* DSR; CSI > n sets something */
                return prefix != '>';
        case 'c': /* DA; CSI ? c is a console's cursor */
                return prefix != '?';
        case 'x': /* DECREQTPARM; with more it fills a rectangle */
                return !has_byte(queries, '$') && !has_byte(queries, '*');
        case 'p': /* DECRQM */
        case 'w': /* DECRQPSR */
                return has_byte(queries, '$');
        case 'y': /* DECRQCRA */
                return has_byte(queries, '*');
        case 'q': /* XTVERSION */
                return prefix == '>';
        case 'u': /* which keys are sent as sequences */
        case 'S': /* graphics */
                return prefix == '?';
        case 't':
                return asks_of_window(queries);
        default:
                return false;
        }
}

/* The control string that is held, whole: OSC, DCS or APC. */
static bool is_string_query(const struct sc_queries *queries)
{
        switch (queries->held[1]) {
        case ']': /* a colour, the clipboard: ? stands for the value */
                return contains(queries, ";?", 2);
        case 'P': /* DECRQSS, XTGETTCAP */
                return queries->held_length > 4 && (queries->held[2] == '$' || queries->held[2] == '+') &&
                       queries->held[3] == 'q';
        case '_':
                return contains(queries, "a=q", 3);
        default:
                return false;
        }
}

static size_t release(struct sc_queries *queries, bool drops, uint8_t *text)
{
        size_t length = drops ? 0 : queries->held_length;
        memcpy(text, queries->held, length);
        queries->held_length = 0;
        queries->state = SC_QUERIES_TEXT;
        queries->string_ends = false;
        return length;
}

static size_t take_text(struct sc_queries *queries, uint8_t byte, uint8_t *text)
{
        if (byte == ENQ)
                return 0;
        if (byte != ESC) {
                text[0] = byte;
                return 1;
        }
        queries->held[0] = ESC;
        queries->held_length = 1;
        queries->state = SC_QUERIES_ESCAPE;
        return 0;
}

static size_t take_behind_escape(struct sc_queries *queries, uint8_t byte, uint8_t *text)
{
        switch (byte) {
        case '[':
                queries->state = SC_QUERIES_CSI;
                return 0;
        case ']':
        case 'P':
        case '_':
                queries->state = SC_QUERIES_STRING;
                return 0;
        default: /* ESC Z: DECID */
                return release(queries, byte == 'Z', text);
        }
}

static size_t take_in_csi(struct sc_queries *queries, uint8_t byte, uint8_t *text)
{
        if (byte >= '@' && byte <= '~')
                return release(queries, is_query(queries), text);
        return byte < ' ' || byte > '~' ? release(queries, false, text) : 0;
}

static size_t take_in_string(struct sc_queries *queries, uint8_t byte, uint8_t *text)
{
        bool terminated = queries->string_ends ? byte == '\\' : byte == BEL && queries->held[1] == ']';
        if (terminated)
                return release(queries, is_string_query(queries), text);
        if (queries->string_ends || byte == CAN || byte == SUB)
                return release(queries, false, text);
        queries->string_ends = byte == ESC;
        return 0;
}

static size_t take(struct sc_queries *queries, uint8_t byte, uint8_t *text)
{
        if (queries->state == SC_QUERIES_TEXT)
                return take_text(queries, byte, text);
        if (byte == ESC && queries->state != SC_QUERIES_STRING) { /* it was broken off, and another begins */
                size_t length = release(queries, false, text);
                return length + take_text(queries, byte, text + length);
        }
        if (queries->held_length == SC_QUERIES_SEQUENCE_BYTES_MAX) {
                size_t length = release(queries, false, text);
                return length + take_text(queries, byte, text + length);
        }
        queries->held[queries->held_length++] = byte;
        switch (queries->state) {
        case SC_QUERIES_TEXT:
                break;
        case SC_QUERIES_ESCAPE:
                return take_behind_escape(queries, byte, text);
        case SC_QUERIES_CSI:
                return take_in_csi(queries, byte, text);
        case SC_QUERIES_STRING:
                return take_in_string(queries, byte, text);
        }
        return 0;
}

size_t sc_queries_feed(struct sc_queries *queries, const uint8_t *bytes, size_t length, uint8_t *text)
{
        size_t put = 0;
        for (size_t i = 0; i < length; i++)
                put += take(queries, bytes[i], text + put);
        return put;
}

size_t sc_queries_flush(struct sc_queries *queries, uint8_t *text)
{
        return release(queries, false, text);
}
