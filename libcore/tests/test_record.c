#include "suites.h"

#include "claim.h"
#include "model/wire/record.h"
#include "random.h"
#include "split.h"

#include <string.h>

static const uint8_t payload[SC_INSTANCE_BYTES + 4] = "0123456789abcdefTEXT";

/* A record of `type` with the largest valid values in its fields, and with bytes where it may have any. */
static struct sc_record record_of(unsigned type)
{
        const struct sc_record_layout *layout = sc_record_layout(type);
        struct sc_record record = { .type = (enum sc_record_type)type, .time_ns = 0x0102030405060708 };
        for (size_t i = 0; i < layout->field_count; i++) {
                const struct sc_record_field *field = &layout->fields[i];
                record.fields[i] = UINT64_C(0xf1f2f3f4f5f6f7f8) - i;
                if (field->values)
                        record.fields[i] = field->value_count - 1;
                else if (field->unit == SC_RECORD_FLAG)
                        record.fields[i] = 1;
        }
        record.bytes = payload;
        record.length = layout->bytes_max < sizeof(payload) ? layout->bytes_max : sizeof(payload);
        return record;
}

static size_t put(uint8_t bytes[static 512], const struct sc_record *record)
{
        return sc_record_put(bytes, 512, record);
}

START_TEST(every_field_has_a_name_and_every_type_is_read_back)
{
        unsigned type = (unsigned)_i;
        const struct sc_record_layout *layout = sc_record_layout(type);
        if (!layout)
                return;
        for (size_t i = 0; i < layout->field_count; i++)
                ck_assert_ptr_nonnull(layout->fields[i].name);
        ck_assert_uint_le(layout->bytes_max, SC_RECORD_BYTES_MAX);

        struct sc_record record = record_of(type), got;
        uint8_t bytes[512];
        size_t size;
        size_t length = put(bytes, &record);
        ck_assert_uint_eq(length, sc_record_size(&record));
        ck_assert_int_eq(sc_record_next(bytes, length, &got, &size), SC_RECORD_COMPLETE);
        ck_assert_uint_eq(size, length);
        ck_assert_int_eq(got.type, type);
        ck_assert_uint_eq(got.time_ns, record.time_ns);
        ck_assert_mem_eq(got.fields, record.fields, 8 * layout->field_count);
        ck_assert_uint_eq(got.length, record.length);
        ck_assert_mem_eq(got.bytes, record.bytes, record.length);
}
END_TEST

/* A break belongs to its place among the input, and its client is 0. */
START_TEST(whom_a_record_names_stands_in_its_first_field)
{
        unsigned type = (unsigned)_i;
        const struct sc_record_layout *layout = sc_record_layout(type);
        if (!layout)
                return;
        struct sc_record record = { .type = (enum sc_record_type)type };
        record.fields[0] = 7;
        bool names = layout->field_count > 0 && strcmp(layout->fields[0].name, "client") == 0;
        ck_assert_uint_eq(sc_record_client_of(&record), names && type != SC_RECORD_BREAK ? 7 : 0);
}
END_TEST

START_TEST(a_record_that_is_cut_is_incomplete)
{
        struct sc_record record = record_of(SC_RECORD_START), got;
        uint8_t bytes[512];
        size_t size;
        size_t length = put(bytes, &record);
        for (size_t cut = 0; cut < length; cut++)
                claim_uint(sc_record_next(bytes, cut, &got, &size), ==, SC_RECORD_INCOMPLETE);
}
END_TEST

START_TEST(a_bit_that_fell_over_is_found)
{
        struct sc_record record = record_of(SC_RECORD_OUTPUT), got;
        uint8_t bytes[512];
        size_t size;
        size_t length = put(bytes, &record);
        for (size_t bit = 0; bit < 8 * length; bit++) {
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                claim(sc_record_next(bytes, length, &got, &size) != SC_RECORD_COMPLETE);
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}
END_TEST

/* As TRACE.md says it; the check sum was worked out by another implementation, the suite's (harness/trace.py). */
START_TEST(the_bytes_are_those_of_the_page)
{
        static const uint8_t expected[] = {
                11,  0,   0,   0,    0x03, 0,    0,    0,    5,    0,    0,
                0,   0,   0,   0,    0,                   /* length, type, zero, time */
                7,   0,   0,   0,    0,    0,    0,    0, /* offset */
                'a', 'b', 'c', 0x8a, 0xd5, 0x97, 0x94, 0xba, 0x50, 0x41, 0x9c,
        };
        struct sc_record record = {
                .type = SC_RECORD_OUTPUT, .time_ns = 5, .bytes = (const uint8_t *)"abc", .length = 3
        };
        record.output.offset = 7;
        uint8_t bytes[512];
        ck_assert_uint_eq(put(bytes, &record), sizeof(expected));
        ck_assert_mem_eq(bytes, expected, sizeof(expected));
}
END_TEST

static void assert_result(size_t at, uint8_t value, enum sc_record_result result)
{
        struct sc_record record = record_of(SC_RECORD_GAP), got;
        uint8_t bytes[512];
        size_t size;
        size_t length = put(bytes, &record);
        bytes[at] = value;
        ck_assert_int_eq(sc_record_next(bytes, length, &got, &size), result);
        ck_assert_int_eq(sc_record_next(bytes, SC_RECORD_HEADER_BYTES, &got, &size), result);
}

START_TEST(the_header_alone_decides_what_is_refused)
{
        assert_result(4, 0x7f, SC_RECORD_STRANGE);
        assert_result(0, 31, SC_RECORD_MALFORMED);
        assert_result(0, 33, SC_RECORD_MALFORMED);
        assert_result(3, 1, SC_RECORD_MALFORMED);
        assert_result(5, 1, SC_RECORD_MALFORMED);
        assert_result(7, 1, SC_RECORD_MALFORMED);
}
END_TEST

/* Of each field that is one of a list, or a flag, the first value beyond it. */
START_TEST(a_value_that_is_not_listed_is_refused)
{
        const struct sc_record_layout *layout = sc_record_layout((unsigned)_i);
        for (size_t i = 0; layout && i < layout->field_count; i++) {
                struct sc_record record = record_of((unsigned)_i), got;
                uint8_t bytes[512];
                size_t size;
                if (!layout->fields[i].values && layout->fields[i].unit != SC_RECORD_FLAG)
                        continue;
                record.fields[i]++;
                size_t length = put(bytes, &record);
                ck_assert_int_eq(sc_record_next(bytes, length, &got, &size), SC_RECORD_MALFORMED);
        }
}
END_TEST

START_TEST(a_config_may_not_know_the_policies)
{
        struct sc_record record = record_of(SC_RECORD_CONFIG), got;
        record.config.history = record.config.writers = SC_RECORD_UNKNOWN;
        uint8_t bytes[512];
        size_t size;
        size_t length = put(bytes, &record);
        ck_assert_int_eq(sc_record_next(bytes, length, &got, &size), SC_RECORD_COMPLETE);
}
END_TEST

START_TEST(in_pieces_it_is_the_same)
{
        struct sc_record record = record_of(SC_RECORD_INPUT);
        uint8_t whole[512], pieces[512], head[SC_RECORD_HEAD_MAX];
        size_t length = put(whole, &record);
        size_t head_length = sc_record_put_head(head, &record);
        memcpy(pieces, head, head_length);
        memcpy(pieces + head_length, record.bytes, record.length);
        sc_record_put_check(pieces + head_length + record.length, head, head_length, &record);
        ck_assert_uint_eq(length, head_length + record.length + SC_RECORD_CHECK_BYTES);
        ck_assert_mem_eq(whole, pieces, length);
}
END_TEST

/* Whatever the bytes are, what is said of them does not depend on where they are cut. */
START_TEST(rubbish_is_answered)
{
        struct random random = random_of((unsigned)_i);
        uint8_t bytes[64];
        struct sc_record record;
        size_t size;
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)random_below(&random, i < 4 ? 3 : 256);
        bytes[4] = (uint8_t)random_below(&random, SC_RECORD_TYPE_END + 1);
        enum sc_record_result whole = sc_record_next(bytes, sizeof(bytes), &record, &size);
        claim(whole != SC_RECORD_COMPLETE);
        for (size_t cut = 0; cut < sizeof(bytes); cut++) {
                enum sc_record_result result = sc_record_next(bytes, cut, &record, &size);
                claim(result == whole || result == SC_RECORD_INCOMPLETE);
        }
}
END_TEST

Suite *record_suite(void)
{
        Suite *suite = suite_create("record");
        TCase *tcase = tcase_create("record");
        tcase_add_loop_test(tcase, every_field_has_a_name_and_every_type_is_read_back, 0, SC_RECORD_TYPE_END);
        tcase_add_loop_test(tcase, whom_a_record_names_stands_in_its_first_field, 0, SC_RECORD_TYPE_END);
        tcase_add_test(tcase, a_record_that_is_cut_is_incomplete);
        tcase_add_test(tcase, a_bit_that_fell_over_is_found);
        tcase_add_test(tcase, the_bytes_are_those_of_the_page);
        tcase_add_test(tcase, the_header_alone_decides_what_is_refused);
        tcase_add_loop_test(tcase, a_value_that_is_not_listed_is_refused, 0, SC_RECORD_TYPE_END);
        tcase_add_test(tcase, a_config_may_not_know_the_policies);
        tcase_add_test(tcase, in_pieces_it_is_the_same);
        tcase_add_loop_test(tcase, rubbish_is_answered, 0, 50);
        suite_add_tcase(suite, tcase);
        return suite;
}
