#ifndef SC_EVENT_FORMAT_H
#define SC_EVENT_FORMAT_H

#include "model/console/journal.h"

/* An entry of a host's journal as a line of JSON, with its LF (README.md, Files of the host's own). Returns its length. `size` is
 * at least SC_EVENT_FORMAT_BYTES. */
#define SC_EVENT_FORMAT_BYTES 2048
size_t sc_event_format_json(const struct sc_journal_entry *entry, int64_t wall_offset_ns, char *line,
                            size_t size);

#endif
