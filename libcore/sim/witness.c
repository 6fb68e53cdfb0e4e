#include "witness.h"

#include "claim.h"

#include "model/judge/judge.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Named as the judge's, so that it is seen whose verdict it is. */
static const char *const rules[SC_RULES_MAX + 1] = {
        "judge, trace", "judge, BF-1",  "judge, BF-2",  "judge, BF-3",  "judge, BF-4",  "judge, BF-5",
        "judge, BF-6",  "judge, BF-7",  "judge, BF-8",  "judge, BF-9",  "judge, BF-10", "judge, BF-11",
        "judge, BF-12", "judge, BF-13", "judge, BF-14", "judge, BF-15",
};

void witness_begin(struct witness *witness, const struct witness_wishes *wishes)
{
        *witness = (struct witness) { .wishes = *wishes };
}

static void free_trace(struct witness_trace *trace)
{
        buffer_free(&trace->bytes);
        if (trace->judge_memory)
                munmap(trace->judge_memory, trace->judge_memory_bytes);
}

void witness_free(struct witness *witness)
{
        free_trace(&witness->host);
        free_trace(&witness->observer);
}

/* --- judging --- */

static void hear_verdict(struct witness_trace *trace)
{
        struct sc_violation violation;
        if (!sc_judge_next(trace->judge, &violation))
                return;
        const char *rule = rules[violation.rule <= SC_RULES_MAX ? violation.rule : 0];
        claim_fail_numbers(rule, violation.what, violation.client, violation.found, violation.expected);
}

static void appoint(struct witness_trace *trace, const struct sc_record *config)
{
        trace->judge_memory_bytes = sc_judge_memory_bytes(config);
        trace->judge_memory = mmap(NULL, trace->judge_memory_bytes, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (trace->judge_memory == MAP_FAILED)
                abort();
        trace->judge = sc_judge_new(config, trace->judge_memory);
}

static void take(const struct witness *witness, struct witness_trace *trace, const struct sc_record *record)
{
        trace->records++;
        if (witness->wishes.unjudged || (witness->wishes.unseen && trace == &witness->observer))
                return;
        if (!trace->judge)
                appoint(trace, record);
        sc_judge_take(trace->judge, record);
        hear_verdict(trace);
}

void witness_host(struct witness *witness, const struct sc_record *record, const uint8_t *bytes,
                  size_t length)
{
        if (witness->wishes.keep)
                buffer_append(&witness->host.bytes, bytes, length);
        take(witness, &witness->host, record);
}

void witness_sees(struct witness *witness, const struct sc_record *record)
{
        static uint8_t room[SC_RECORD_SIZE_MAX];
        if (witness->observer.ended)
                return;
        if (witness->wishes.keep)
                buffer_append(&witness->observer.bytes, room, sc_record_put(room, sizeof(room), record));
        take(witness, &witness->observer, record);
}

static void conclude(struct witness_trace *trace)
{
        trace->ended = true;
        if (!trace->judge)
                return;
        sc_judge_end(trace->judge, false);
        hear_verdict(trace);
}

void witness_leaves(struct witness *witness, uint64_t now_ns)
{
        witness_sees(witness, &(struct sc_record) { .type = SC_RECORD_QUIET, .time_ns = now_ns });
        witness_sees(witness, &(struct sc_record) { .type = SC_RECORD_STOP,
                                                    .time_ns = now_ns,
                                                    .stop = { SC_TRACE_ENDED } });
        conclude(&witness->observer);
}

void witness_ends(struct witness *witness)
{
        conclude(&witness->host);
}
