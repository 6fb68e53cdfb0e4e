#include "json.h"

#include "model/base/utf8.h"

static const char replacement[] = "\\ufffd";

static void put_character(const uint8_t *bytes, size_t length, uint32_t code, FILE *stream)
{
        if (code == '"' || code == '\\')
                fprintf(stream, "\\%c", (int)code);
        else if (sc_utf8_is_control(code))
                fprintf(stream, "\\u%04x", (unsigned)code);
        else
                fwrite(bytes, 1, length, stream);
}

size_t sc_json_characters(const uint8_t *bytes, size_t length, FILE *stream)
{
        size_t at = 0;

        while (at < length) {
                struct sc_utf8 next = sc_utf8_at(bytes + at, length - at);
                if (next.kind == SC_UTF8_CUT)
                        break;
                if (next.kind == SC_UTF8_BROKEN)
                        fputs(replacement, stream);
                else
                        put_character(bytes + at, next.length, next.code, stream);
                at += next.length;
        }
        return at;
}

void sc_json_text(const char *text, size_t length, FILE *stream)
{
        fputc('"', stream);
        for (size_t at = sc_json_characters((const uint8_t *)text, length, stream); at < length; at++)
                fputs(replacement, stream);
        fputc('"', stream);
}

void sc_json_bytes(const char *bytes, size_t length, FILE *stream)
{
        fputc('"', stream);
        for (size_t i = 0; i < length; i++) {
                uint8_t byte = (uint8_t)bytes[i];
                if (byte < 0x80)
                        put_character(&byte, 1, byte, stream);
                else
                        fprintf(stream, "\\u%04x", byte);
        }
        fputc('"', stream);
}
