#ifndef SC_UTF8_H
#define SC_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters of UTF-8 (RFC 3629), among bytes that may be anything. */

#define SC_UTF8_BYTES_MAX 4

enum sc_utf8_kind {
        SC_UTF8_CHARACTER, /* `code`, in `length` bytes */
        SC_UTF8_BROKEN,    /* the first byte is no part of a character: `length` is 1 */
        SC_UTF8_CUT,       /* the bytes end within a character: `length` is all of them */
};

struct sc_utf8 {
        enum sc_utf8_kind kind;
        uint32_t code;
        size_t length;
};

/* What stands at the start of `bytes`, of which there is at least one. */
struct sc_utf8 sc_utf8_at(const uint8_t *bytes, size_t length);

/* C0, DEL and C1: what a terminal obeys instead of showing it. */
bool sc_utf8_is_control(uint32_t code);

#endif
