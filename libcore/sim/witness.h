#ifndef SIM_WITNESS_H
#define SIM_WITNESS_H

#include "buffer.h"

#include "model/wire/record.h"

#include <stdbool.h>

/* The two traces of a run, TRACE.md's: the host's own, and that of an observer who saw its guest and its clients. Each
 * record is judged as it comes. */

struct witness_wishes {
        bool keep;     /* the traces, to be compared or written to a file */
        bool unjudged; /* nobody judges */
        bool unseen;   /* the observer is not judged: it does not see enough */
};

struct sc_judge;

struct witness_trace {
        struct buffer bytes;
        struct sc_judge *judge;
        uint8_t *judge_memory;
        size_t judge_memory_bytes;
        uint64_t records;
        bool ended;
};

struct witness {
        struct witness_wishes wishes;
        struct witness_trace host, observer;
};

void witness_begin(struct witness *witness, const struct witness_wishes *wishes);
void witness_free(struct witness *witness);

/* Whole records, as the host noted them; and one. */
void witness_host(struct witness *witness, const struct sc_record *record, const uint8_t *bytes,
                  size_t length);
void witness_sees(struct witness *witness, const struct sc_record *record);
/* The host's trace ends with its own stop; the observer leaves before the host is told to end. */
void witness_leaves(struct witness *witness, uint64_t now_ns);
void witness_ends(struct witness *witness);

#endif
