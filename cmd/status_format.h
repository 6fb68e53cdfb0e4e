#ifndef SC_STATUS_FORMAT_H
#define SC_STATUS_FORMAT_H

#include "model/wire/status.h"

#include <stdio.h>

/* A status frame's payload, as text for people or as one JSON object. False: the payload is not whole. What a
 * client calls itself is shown with `?` for control characters, and escaped in JSON. */
bool sc_status_format_text(struct sc_decoder payload, FILE *stream);
bool sc_status_format_json(struct sc_decoder payload, FILE *stream);

/* The guest side alone: `up`, `down (taken by another)`. */
void sc_status_format_guest(const struct sc_status *status, char *text, size_t size);

#endif
