#ifndef SC_JUDGE_H
#define SC_JUDGE_H

#include "model/wire/record.h"

/* Judges a trace by the rules BF-1 to BF-15 of SPEC.md: records in, violations out. However long the trace is, what is
 * kept for a host's is of a fixed size, and for another's that, the ring's capacity, the kept beginning and 2 MiB. A trace
 * may come from anybody: what does not fit together is a violation or something that cannot be judged, never an assertion. */

#define SC_RULES_MAX 15

/* One record breaks one rule. */
struct sc_violation {
        unsigned rule;   /* n of BF-n */
        uint64_t record; /* its number in the trace; the config is 1 */
        uint64_t time_ns;
        uint64_t offset;   /* of output (of input, for BF-10): where it is broken, or SC_RECORD_UNKNOWN */
        uint64_t client;   /* whom it is about; 0: nobody */
        uint64_t expected; /* what `what` speaks of; both SC_RECORD_UNKNOWN where there is no such number */
        uint64_t found;
        bool is_byte;     /* expected and found are bytes */
        const char *what; /* such as "a byte is sent twice": what was found, in the words of SPEC.md */
};

/* What could not be judged, and why. */
enum sc_unjudged {
        SC_UNJUDGED_MISSING,     /* records were left out of the trace: how many */
        SC_UNJUDGED_CUT,         /* the trace does not say how it ended: 1 */
        SC_UNJUDGED_LIMITED,     /* the trace reached its size: 1 */
        SC_UNJUDGED_INPUT_BYTES, /* input whose bytes are not in the trace was judged by count: bytes */
        SC_UNJUDGED_OUTPUT_BYTES, /* a client's output that cannot be compared with what the guest said: bytes */
        SC_UNJUDGED_TIMES,        /* arrival times that were kept too coarsely here: bytes */
        SC_UNJUDGED_PLACE,        /* bytes that fit more than one place of the output: how many times */
        SC_UNJUDGED_INPUT_ORDER, /* input of several clients whose order cannot be known: bytes */
        SC_UNJUDGED_CLIENTS,     /* more clients at once than are followed: how many */
        SC_UNJUDGED_UNWAITED,    /* output or input that had not come, and that nobody waited for: bytes */
        SC_UNJUDGED_BEFORE,      /* output before a client's first, which it was perhaps to get: bytes */
        SC_UNJUDGED_COUNT,
};

struct sc_judge_summary {
        uint64_t records;
        uint64_t output_bytes;
        uint64_t clients; /* that were attached */
        uint64_t gaps;    /* of all clients */
        uint64_t gap_bytes;
        uint64_t guests;   /* how many came */
        uint64_t first_ns; /* times of the first and the last record */
        uint64_t last_ns;
        uint64_t violations;
        uint64_t by_rule[SC_RULES_MAX + 1]; /* violations by n of BF-n */
        uint64_t unjudged[SC_UNJUDGED_COUNT];
};

struct sc_judge;

/* How much memory judging takes, and the judge made in it: page-aligned, zeroed, the caller's, as long as the judge.
 * `config` is the first record of the trace. Refused, which is told as 0: another record, a kind that is none, a ring of no
 * size or beyond SC_BUFFER_BYTES_MAX, a host's of unknown size or policy, a kept beginning beyond that. What is not used is not touched. */
size_t sc_judge_memory_bytes(const struct sc_record *config);
struct sc_judge *sc_judge_new(const struct sc_record *config, uint8_t *memory);

/* The next record, in the trace's order, the config first. What it points to is used during the call alone. */
void sc_judge_take(struct sc_judge *judge, const struct sc_record *record);
/* There are no more. `cut`: the trace ended within a record, or without a stop. */
void sc_judge_end(struct sc_judge *judge, bool cut);

/* The next violation that the last call found, or false: there are no more. */
bool sc_judge_next(struct sc_judge *judge, struct sc_violation *violation);

const struct sc_judge_summary *sc_judge_summary(const struct sc_judge *judge);

/* The rules, 1 to SC_RULES_MAX: the titles of SPEC.md's sections. */
const char *sc_judge_rule_title(unsigned rule);
const char *sc_judge_unjudged_text(enum sc_unjudged unjudged);

#endif
