#include "model/base/utf8.h"

#include "model/base/panic.h"
#include "model/base/span.h"

/* Table 3-7 of the Unicode standard: by first byte, the length, and what the second byte may be. That alone
 * keeps out surrogates, what lies beyond U+10FFFF and forms longer than needed. */
static const struct lead {
        uint8_t first, last;
        uint8_t length;
        uint8_t second_first, second_last;
} leads[] = {
        { 0xc2, 0xdf, 2, 0x80, 0xbf }, { 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
        { 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf }, { 0xf0, 0xf0, 4, 0x90, 0xbf },
        { 0xf1, 0xf3, 4, 0x80, 0xbf }, { 0xf4, 0xf4, 4, 0x80, 0x8f },
};

struct sc_utf8 sc_utf8_at(const uint8_t *bytes, size_t length)
{
        static const struct sc_utf8 broken = { .kind = SC_UTF8_BROKEN, .length = 1 };
        const struct lead *lead = NULL;

        SC_ASSERT(length > 0);
        if (bytes[0] < 0x80)
                return (struct sc_utf8) { .kind = SC_UTF8_CHARACTER, .code = bytes[0], .length = 1 };
        for (size_t i = 0; i < SC_COUNT(leads) && !lead; i++)
                if (bytes[0] >= leads[i].first && bytes[0] <= leads[i].last)
                        lead = &leads[i];
        if (!lead)
                return broken;

        uint32_t code = bytes[0] & (0x7fU >> lead->length);
        for (size_t i = 1; i < lead->length; i++) {
                if (i == length)
                        return (struct sc_utf8) { .kind = SC_UTF8_CUT, .length = length };
                uint8_t from = i == 1 ? lead->second_first : 0x80;
                uint8_t to = i == 1 ? lead->second_last : 0xbf;
                if (bytes[i] < from || bytes[i] > to)
                        return broken;
                code = code << 6 | (bytes[i] & 0x3fU);
        }
        return (struct sc_utf8) { .kind = SC_UTF8_CHARACTER, .code = code, .length = lead->length };
}

bool sc_utf8_is_control(uint32_t code)
{
        return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}
