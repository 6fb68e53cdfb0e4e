#include "witness.h"

#include "claim.h"

#include <string.h>

void witness_begin(struct witness *witness, const struct witness_wishes *wishes)
{
        *witness = (struct witness) { .wishes = *wishes };
}

void witness_free(struct witness *witness)
{
        buffer_free(&witness->host.bytes);
        buffer_free(&witness->observer.bytes);
}

static void take(struct witness *witness, struct witness_trace *trace, const struct sc_record *record)
{
        (void)witness;
        (void)record;
        trace->records++;
}

void witness_host(struct witness *witness, const struct sc_record *record, const uint8_t *bytes, size_t length)
{
        if (witness->wishes.keep)
                buffer_append(&witness->host.bytes, bytes, length);
        take(witness, &witness->host, record);
}

void witness_sees(struct witness *witness, const struct sc_record *record)
{
        static uint8_t room[SC_RECORD_SIZE_MAX];
        if (witness->wishes.keep)
                buffer_append(&witness->observer.bytes, room, sc_record_put(room, sizeof(room), record));
        take(witness, &witness->observer, record);
}

void witness_end(struct witness *witness)
{
        (void)witness;
}
