#include "json.h"

static void put_character(unsigned char c, FILE *stream)
{
        if (c == '"' || c == '\\')
                fputc('\\', stream);
        fputc(c, stream);
}

void sc_json_bytes(const char *bytes, size_t length, FILE *stream)
{
        fputc('"', stream);
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char)bytes[i];
                if (c < 0x20 || c >= 0x7f)
                        fprintf(stream, "\\u%04x", c);
                else
                        put_character(c, stream);
        }
        fputc('"', stream);
}

void sc_json_text(const char *text, size_t length, FILE *stream)
{
        fputc('"', stream);
        for (size_t i = 0; i < length; i++)
                put_character((unsigned char)text[i], stream);
        fputc('"', stream);
}
