#ifndef SC_JSON_H
#define SC_JSON_H

#include <stddef.h>
#include <stdio.h>

/* Strings of JSON (RFC 8259), in their quotes. */

/* Any bytes: each that is no printable ASCII is shown as the character of its number. */
void sc_json_bytes(const char *bytes, size_t length, FILE *stream);

/* UTF-8 without control characters, as it is. */
void sc_json_text(const char *text, size_t length, FILE *stream);

#endif
