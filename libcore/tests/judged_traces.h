#ifndef SC_JUDGED_TRACES_H
#define SC_JUDGED_TRACES_H

#include <stddef.h>
#include <stdint.h>

/* Good traces, one record a line (record_lines.h); each ends with NULL. */
extern const char *const trace_of_host[];     /* of most that can happen */
extern const char *const trace_of_hold[];     /* --hold */
extern const char *const trace_of_writer[];   /* --writers one, --history unread, input by its number */
extern const char *const trace_of_observer[]; /* of somebody else's console */
extern const char *const trace_of_client[];

/* Good ones, of whatever cannot be judged in some of them: judged_blameless.c. */
extern const char *const *const blameless[];
extern const size_t blameless_count;

enum change {
        BREAK_DROP,
        BREAK_DROP_2,
        BREAK_DROP_3,
        BREAK_DROP_5,
        BREAK_REPLACE,
        BREAK_INSERT,
        BREAK_SWAP, /* with the next */
};

/* A good trace with one thing changed, and what has to be found first: which rule, at which record of the broken one. */
struct broken {
        const char *name;
        const char *const *trace;
        enum change change;
        size_t record;
        const char *line, *line_2; /* instead, or before */
        unsigned rule;
        uint64_t at;
        size_t more; /* is found as well, because the rest of the trace goes on as if nothing had happened */
};

extern const struct broken broken[];
extern const size_t broken_count;

#endif
