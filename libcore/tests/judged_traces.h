#ifndef SC_JUDGED_TRACES_H
#define SC_JUDGED_TRACES_H

/* Good traces, one record a line (trace_text.h); each ends with NULL. */
extern const char *const trace_of_host[];     /* of most that can happen */
extern const char *const trace_of_hold[];     /* --hold */
extern const char *const trace_of_writer[];   /* --writers one, --history unread, input by its number */
extern const char *const trace_of_observer[]; /* of somebody else's console */
extern const char *const trace_of_client[];

#endif
