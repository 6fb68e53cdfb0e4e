#ifndef SC_TIME_FORMAT_H
#define SC_TIME_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/* Times as all commands print them. `text` has room for the longest. */
#define SC_TIME_FORMAT_BYTES 40

/* A point in time, in nanoseconds since 1970, in RFC 3339 with milliseconds and offset: in the user's time
 * zone, or in UTC from sc_time_format_use_utc on. */
const char *sc_time_format_point(int64_t wall_ns, char text[static SC_TIME_FORMAT_BYTES]);
void sc_time_format_use_utc(void);

/* The same, read: `2026-05-04T12:30:00`, with fractions of a second and with `Z` or `+02:00` behind it or
 * not, then in the user's time zone. False: it is none, or no day of the calendar, or before 1970. */
bool sc_time_format_read_point(const char *text, uint64_t *wall_ns);

/* A length of time with the one unit that says it: `3 h`. */
const char *sc_time_format_length(uint64_t time_ns, char text[static SC_TIME_FORMAT_BYTES]);

#endif
