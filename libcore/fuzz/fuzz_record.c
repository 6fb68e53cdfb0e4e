#include "fuzz.h"
#include "model/wire/record.h"
#include "trace_mutator.h"

#include <stdlib.h>

/* The trace reader, over a file that anybody wrote: read, made again, and cut short. */

#define FILE_BYTES_MAX (1024 * 1024)

static uint8_t again[SC_RECORD_SIZE_MAX];

static void claim_bytes_same(const struct sc_record *record, const uint8_t *bytes, size_t size)
{
        uint8_t head[SC_RECORD_HEAD_MAX], check[SC_RECORD_CHECK_BYTES];
        claim(sc_record_size(record) == size);
        claim(sc_record_put(again, sizeof(again), record) == size);
        claim(memcmp(again, bytes, size) == 0);
        size_t head_length = sc_record_put_head(head, record);
        sc_record_put_check(check, head, head_length, record);
        claim(memcmp(head, bytes, head_length) == 0);
        claim(memcmp(check, bytes + size - sizeof(check), sizeof(check)) == 0);
}

static void look_at(const struct sc_record *record, const uint8_t *bytes, size_t size)
{
        const struct sc_record_layout *layout = sc_record_layout(record->type);
        claim(layout && layout->name);
        claim(layout->bytes_min <= record->length && record->length <= layout->bytes_max);
        claim(record->length == 0 ||
              (bytes <= record->bytes && record->bytes + record->length <= bytes + size));
        for (size_t i = 0; i < layout->field_count; i++) {
                const struct sc_record_field *field = &layout->fields[i];
                if (field->unit == SC_RECORD_FLAG)
                        claim(record->fields[i] <= 1);
                if (field->values && record->fields[i] != SC_RECORD_UNKNOWN)
                        claim(record->fields[i] < field->value_count && field->values[record->fields[i]]);
        }
        claim_bytes_same(record, bytes, size);
}

/* Whoever has fewer bytes of it is told the same, or that more are wanted. */
static void claim_split(const uint8_t *bytes, size_t length, enum sc_record_result result, size_t size)
{
        bool whole = result == SC_RECORD_COMPLETE || result == SC_RECORD_DAMAGED;
        struct sc_record cut;
        size_t cut_size = 0;
        size_t end = whole ? size : length;
        for (size_t have = end; have-- > 0;) {
                if (have > 256 && have + 16 < end && have % 61 != 0)
                        continue;
                fuzz_end_at(bytes, have, length);
                enum sc_record_result got = sc_record_next(bytes, have, &cut, &cut_size);
                claim(got == SC_RECORD_INCOMPLETE || (got == result && !whole));
                claim(got == SC_RECORD_INCOMPLETE || have >= SC_RECORD_HEADER_BYTES);
        }
        fuzz_end_at(bytes, length, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
        if (length > FILE_BYTES_MAX)
                return 0;
        size_t magic = trace_magic_length(input, length);
        size_t file_length = length - magic;
        uint8_t *file = malloc(file_length + 1);
        claim(file);
        memcpy(file, input + magic, file_length);

        enum sc_record_result result = SC_RECORD_COMPLETE;
        for (size_t at = 0; result == SC_RECORD_COMPLETE;) {
                struct sc_record record;
                size_t size = 0;
                result = sc_record_next(file + at, file_length - at, &record, &size);
                claim_split(file + at, file_length - at, result, size);
                if (result != SC_RECORD_COMPLETE)
                        break;
                claim(size <= file_length - at);
                look_at(&record, file + at, size);
                at += size;
        }
        free(file);
        return 0;
}

/* Every other time the check sums are left as they came. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t length_max, unsigned seed)
{
        if (seed % 2 == 0)
                return LLVMFuzzerMutate(bytes, length, length_max);
        return trace_mutate(bytes, length, length_max, seed / 2);
}
