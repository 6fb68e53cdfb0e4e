#ifndef SC_JSON_H
#define SC_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Strings of JSON (RFC 8259), in their quotes. */

/* Any bytes: each that is no printable ASCII is shown as the character of its number. */
void sc_json_bytes(const char *bytes, size_t length, FILE *stream);

/* UTF-8 as it is, but for control characters; a byte that is none of it becomes U+FFFD. */
void sc_json_text(const char *text, size_t length, FILE *stream);

/* What stands between the quotes then. A character that is cut at the end is left out: returns how many bytes were
 * taken. */
size_t sc_json_characters(const uint8_t *bytes, size_t length, FILE *stream);

#endif
