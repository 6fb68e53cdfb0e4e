#ifndef SC_TRACE_MUTATOR_H
#define SC_TRACE_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* Traces that are wrong in what they say and not in how: records are altered, moved, doubled and left out, and each has
 * the right length and check sum. */

/* How long the magic at the start is: SC_TRACE_MAGIC_BYTES, or 0. */
size_t trace_magic_length(const uint8_t *bytes, size_t length);

/* As libFuzzer wants it of a mutator. */
size_t trace_mutate(uint8_t *bytes, size_t length, size_t length_max, unsigned seed);

#endif
