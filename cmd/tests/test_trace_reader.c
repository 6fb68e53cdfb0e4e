#include "suites.h"

#include "io/trace_reader.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t trace[1024];
static size_t trace_length;

static void put(const struct sc_record *record)
{
        trace_length += sc_record_put(trace + trace_length, sizeof(trace) - trace_length, record);
}

static void make_trace(void)
{
        static const uint8_t instance[SC_INSTANCE_BYTES], text[] = "hello";

        memcpy(trace, SC_TRACE_MAGIC, SC_TRACE_MAGIC_BYTES);
        trace_length = SC_TRACE_MAGIC_BYTES;
        put(&(struct sc_record) { .type = SC_RECORD_CONFIG,
                                  .config = { .version = SC_TRACE_VERSION, .kind = SC_TRACE_HOST },
                                  .bytes = instance,
                                  .length = sizeof(instance) });
        put(&(struct sc_record) { .type = SC_RECORD_OUTPUT, .time_ns = 7, .bytes = text, .length = 5 });
        put(&(struct sc_record) { .type = SC_RECORD_STOP, .time_ns = 9, .stop = { SC_TRACE_ENDED } });
}

/* A socket of packets gives each of them to a read of its own. */
static void send_packet(int fd, const uint8_t *bytes, size_t length)
{
        if (length > 0)
                ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
}

static void assert_read(int fd)
{
        static struct sc_trace_reader reader;
        struct sc_record record;
        uint64_t position = SC_TRACE_MAGIC_BYTES;

        sc_trace_reader_start(&reader, fd);
        for (uint64_t number = 1; number <= 3; number++) {
                ck_assert_int_eq(sc_trace_reader_next(&reader, &record), SC_TRACE_READING_RECORD);
                ck_assert_uint_eq(reader.number, number);
                ck_assert_uint_eq(reader.position, position);
                position += sc_record_size(&record);
                if (number == 2)
                        ck_assert_mem_eq(record.bytes, "hello", 5);
        }
        ck_assert(reader.stopped);
        for (int again = 0; again < 2; again++) {
                ck_assert_int_eq(sc_trace_reader_next(&reader, &record), SC_TRACE_READING_END);
                ck_assert_uint_eq(reader.number, 3);
        }
}

START_TEST(records_are_whole_at_every_split)
{
        int ends[2];

        make_trace();
        for (size_t cut = 1; cut <= trace_length; cut++) {
                ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
                send_packet(ends[1], trace, cut);
                send_packet(ends[1], trace + cut, trace_length - cut);
                close(ends[1]);
                assert_read(ends[0]);
                close(ends[0]);
        }
}
END_TEST

/* More than the buffer holds, of records of each size up to the largest, so that they end in every place of it. */
START_TEST(records_are_whole_wherever_they_lie_in_the_buffer)
{
        static struct sc_trace_reader reader;
        static uint8_t bytes[SC_RECORD_SIZE_MAX], text[SC_RECORD_BYTES_MAX];
        FILE *file = tmpfile();
        struct sc_record record;
        uint64_t offset = 0;

        make_trace();
        size_t before_output = trace_length - 2 * SC_RECORD_HEADER_BYTES - 16 - 2 * SC_RECORD_CHECK_BYTES - 5;
        ck_assert_uint_eq(fwrite(trace, 1, before_output, file), before_output);
        for (size_t length = 1; length <= sizeof(text); length = length * 3 / 2 + 1) {
                for (size_t i = 0; i < length; i++)
                        text[i] = (uint8_t)((offset + i) * 31 >> 3);
                record = (struct sc_record) {
                        .type = SC_RECORD_OUTPUT, .output = { offset }, .bytes = text, .length = length
                };
                size_t size = sc_record_put(bytes, sizeof(bytes), &record);
                ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
                offset += length;
        }
        rewind(file);
        sc_trace_reader_start(&reader, fileno(file));
        ck_assert_int_eq(sc_trace_reader_next(&reader, &record), SC_TRACE_READING_RECORD);
        uint64_t expected = 0;
        while (sc_trace_reader_next(&reader, &record) == SC_TRACE_READING_RECORD) {
                ck_assert_uint_eq(record.output.offset, expected);
                for (size_t i = 0; i < record.length; i++)
                        ck_assert(record.bytes[i] == (uint8_t)((expected + i) * 31 >> 3));
                expected += record.length;
        }
        ck_assert_uint_eq(expected, offset);
        ck_assert_uint_gt(offset, SC_TRACE_READER_BYTES);
        fclose(file);
}
END_TEST

START_TEST(a_file_says_when_it_ends)
{
        FILE *file = tmpfile();
        uint64_t last_ns = 0;

        make_trace();
        fwrite(trace, 1, trace_length, file);
        fflush(file);
        ck_assert(sc_trace_reader_last_ns(fileno(file), &last_ns));
        ck_assert_uint_eq(last_ns, 9);
        ck_assert_int_eq(ftruncate(fileno(file), (off_t)trace_length - 1), 0);
        ck_assert(!sc_trace_reader_last_ns(fileno(file), &last_ns));
        fclose(file);
}
END_TEST

Suite *trace_reader_suite(void)
{
        Suite *suite = suite_create("trace_reader");
        TCase *traces = tcase_create("traces");

        tcase_add_test(traces, records_are_whole_at_every_split);
        tcase_add_test(traces, records_are_whole_wherever_they_lie_in_the_buffer);
        tcase_add_test(traces, a_file_says_when_it_ends);
        suite_add_tcase(suite, traces);
        return suite;
}
