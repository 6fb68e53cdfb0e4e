#include "trace_mutator.h"

#include "fuzz.h"
#include "model/wire/record.h"
#include "tests/random.h"

#define RECORDS_MAX 4096
#define MUTATIONS_MAX 4
#define AROUND_BYTES (SC_RECORD_HEADER_BYTES + SC_RECORD_CHECK_BYTES)

struct piece {
        size_t start, size;
};

struct trace {
        uint8_t *bytes;
        size_t length, length_max;
        struct piece records[RECORDS_MAX];
        size_t count;
};

static uint8_t made[SC_RECORD_SIZE_MAX];
static uint8_t moved[SC_RECORD_SIZE_MAX];

size_t trace_magic_length(const uint8_t *bytes, size_t length)
{
        bool there =
                length >= SC_TRACE_MAGIC_BYTES && memcmp(bytes, SC_TRACE_MAGIC, SC_TRACE_MAGIC_BYTES) == 0;
        return there ? SC_TRACE_MAGIC_BYTES : 0;
}

/* The records, by their lengths and types alone, whatever else is wrong with them. */
static void find_records(struct trace *trace)
{
        size_t at = trace_magic_length(trace->bytes, trace->length);
        for (trace->count = 0; trace->count < RECORDS_MAX; trace->count++) {
                struct sc_record record;
                size_t size = 0;
                enum sc_record_result result =
                        sc_record_next(trace->bytes + at, trace->length - at, &record, &size);
                if (result == SC_RECORD_INCOMPLETE || result == SC_RECORD_STRANGE || size == 0)
                        return;
                trace->records[trace->count] = (struct piece) { at, size };
                at += size;
        }
}

/* `size` bytes at `at` become `new_size` bytes. False: there is no room. */
static bool replace(struct trace *trace, size_t at, size_t size, const uint8_t *with, size_t new_size)
{
        if (trace->length - size + new_size > trace->length_max)
                return false;
        memmove(trace->bytes + at + new_size, trace->bytes + at + size, trace->length - at - size);
        if (new_size > 0)
                memcpy(trace->bytes + at, with, new_size);
        trace->length = trace->length - size + new_size;
        return true;
}

/* A field gets the value of another, or one next to its own, or one that libFuzzer likes. */
static uint64_t other_value(const struct sc_record *record, size_t count, uint64_t old, struct random *random)
{
        uint8_t bytes[8];
        switch (random_below(random, 6)) {
        case 0:
                return old + 1;
        case 1:
                return old - 1;
        case 2:
                return record->fields[random_below(random, count)];
        case 3:
                return random_below(random, 2) == 0 ? 0 : SC_RECORD_UNKNOWN;
        case 4:
                return random_below(random, 16);
        default:
                memcpy(bytes, &old, sizeof(bytes));
                LLVMFuzzerMutate(bytes, sizeof(bytes), sizeof(bytes));
                memcpy(&old, bytes, sizeof(old));
                return old;
        }
}

/* The record with a field, its time or its bytes altered, in `made`; returns its size. */
static size_t alter(const uint8_t *bytes, size_t size, struct random *random)
{
        static uint8_t content[SC_RECORD_BYTES_MAX];
        struct sc_record record = { 0 };
        size_t same = 0;
        (void)sc_record_next(bytes, size, &record, &same);
        const struct sc_record_layout *layout = sc_record_layout(record.type);
        claim(layout && layout->field_count > 0);
        size_t fields = 8 * layout->field_count;
        record.bytes = content;
        record.length = size - AROUND_BYTES - fields;
        for (size_t i = 0; i < layout->field_count; i++) {
                struct sc_decoder decoder = { .bytes = bytes + SC_RECORD_HEADER_BYTES + 8 * i, .length = 8 };
                record.fields[i] = sc_bytes_get(&decoder, 8);
        }
        memcpy(content, bytes + SC_RECORD_HEADER_BYTES + fields, record.length);

        uint64_t what = random_below(random, 8);
        if (what == 0) {
                record.time_ns = other_value(&record, layout->field_count, record.time_ns, random);
        } else if (what < 3 && layout->bytes_max > 0) {
                record.length = LLVMFuzzerMutate(content, record.length, layout->bytes_max);
                record.length = (size_t)sc_max_u64(record.length, layout->bytes_min);
        } else if (what < 7) {
                size_t field = (size_t)random_below(random, layout->field_count);
                record.fields[field] =
                        other_value(&record, layout->field_count, record.fields[field], random);
        }
        return sc_record_put(made, sizeof(made), &record);
}

static void mutate_once(struct trace *trace, struct random *random)
{
        struct piece one = trace->records[random_below(random, trace->count)];
        struct piece other = trace->records[random_below(random, trace->count)];
        uint8_t *bytes = trace->bytes;
        switch (random_below(random, 8)) {
        case 0: /* left out */
                replace(trace, one.start, one.size, NULL, 0);
                return;
        case 1: /* another one doubled, in front of it */
                memcpy(moved, bytes + other.start, other.size);
                replace(trace, one.start, 0, moved, other.size);
                return;
        case 2: /* another one moved, to its front */
                memcpy(moved, bytes + other.start, other.size);
                replace(trace, other.start, other.size, NULL, 0);
                if (one.start > other.start)
                        one.start -= other.size;
                replace(trace, one.start, 0, moved, other.size);
                return;
        case 3: /* cut off behind it */
                if (random_below(random, 8) == 0)
                        trace->length = one.start + one.size;
                return;
        default: {
                size_t size = alter(bytes + one.start, one.size, random);
                replace(trace, one.start, one.size, made, size);
        }
        }
}

size_t trace_mutate(uint8_t *bytes, size_t length, size_t length_max, unsigned seed)
{
        static struct trace trace;
        struct random random = random_of(seed);
        trace.bytes = bytes;
        trace.length = length;
        trace.length_max = length_max;
        uint64_t mutations = 1 + random_below(&random, MUTATIONS_MAX);
        for (uint64_t i = 0; i < mutations; i++) {
                find_records(&trace);
                if (trace.count == 0)
                        return LLVMFuzzerMutate(bytes, trace.length, length_max);
                mutate_once(&trace, &random);
        }
        return trace.length;
}
