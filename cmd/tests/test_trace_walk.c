#include "trace_walk.h"

#include "capture.h"
#include "model/base/bounds.h"
#include "model/base/span.h"
#include "report.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM 4096

static struct sc_trace_source source;
static struct sc_trace_walk walk;

/* A trace of these records, the config first, and a walk over it with pauses of at most a second. */
static void start(const struct sc_record *records, size_t count, uint64_t client)
{
        const struct sc_pace pace = { .speed = 1.0, .pause_max_ns = SC_NS_PER_S };
        uint8_t bytes[ROOM] = SC_TRACE_MAGIC;
        size_t length = SC_TRACE_MAGIC_BYTES;
        struct sc_record config;

        for (size_t i = 0; i < count; i++)
                length += sc_record_put(bytes + length, ROOM - length, &records[i]);
        int fd = memfd_create("trace", MFD_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(pwrite(fd, bytes, length, 0), (ssize_t)length);
        char path[32];
        snprintf(path, sizeof(path), "/dev/fd/%d", fd);
        ck_assert_int_eq(sc_trace_source_open(&source, path, &config), 0);
        close(fd);
        source.name = "t";
        ck_assert_int_eq(sc_trace_walk_start(&walk, &source, &config, client, &pace), 0);
}

static void assert_step(enum sc_trace_walk_step step, uint64_t due_ms)
{
        ck_assert_int_eq(sc_trace_walk_next(&walk), step);
        ck_assert_uint_eq(walk.due_ns, due_ms * SC_NS_PER_MS);
}

static void assert_end(int expected_status, const char *expected)
{
        capture_start();
        int status = sc_trace_walk_end(&walk);
        char *said = capture_end();

        ck_assert_str_eq(said, expected);
        ck_assert_int_eq(status, expected_status);
        free(said);
        close(source.reader.fd);
}

static const uint8_t instance[SC_INSTANCE_BYTES];

#define CONFIG                                                                                               \
        {                                                                                                    \
                .type = SC_RECORD_CONFIG, .bytes = instance, .length = SC_INSTANCE_BYTES, .config = {        \
                        .version = SC_TRACE_VERSION,                                                         \
                        .kind = SC_TRACE_HOST,                                                               \
                        .capacity_bytes = 16                                                                 \
                }                                                                                            \
        }
#define OUTPUT(at_ms, from, text)                                                                            \
        {                                                                                                    \
                .type = SC_RECORD_OUTPUT, .time_ns = SC_NS_PER_MS * (at_ms), .output = { from },             \
                .bytes = (const uint8_t *)(text), .length = sizeof(text) - 1                                 \
        }
#define BOUNDARY(at_ms)                                                                                      \
        {                                                                                                    \
                .type = SC_RECORD_BOUNDARY, .time_ns = SC_NS_PER_MS * (at_ms), .boundary = {                 \
                        .kind = SC_BOUNDARY_UP                                                               \
                }                                                                                            \
        }
#define STOP(at_ms)                                                                                          \
        {                                                                                                    \
                .type = SC_RECORD_STOP, .time_ns = SC_NS_PER_MS * (at_ms), .stop = {.why = SC_TRACE_ENDED }  \
        }

START_TEST(boundary_takes_nothing_of_a_pause)
{
        static const struct sc_record records[] = {
                CONFIG,         BOUNDARY(100),  OUTPUT(500, 0, "a"),  BOUNDARY(900),
                BOUNDARY(1400), BOUNDARY(9000), OUTPUT(9000, 1, "b"), STOP(9500),
        };
        start(records, SC_COUNT(records), 0);
        assert_step(SC_TRACE_WALK_BOUNDARY, 0);
        assert_step(SC_TRACE_WALK_PIECE, 0);
        assert_step(SC_TRACE_WALK_BOUNDARY, 400);
        assert_step(SC_TRACE_WALK_BOUNDARY, 900);
        assert_step(SC_TRACE_WALK_BOUNDARY, 1000);
        assert_step(SC_TRACE_WALK_PIECE, 1000);
        ck_assert_uint_eq(walk.elapsed_ns, 8500 * SC_NS_PER_MS);
        ck_assert_uint_eq(sc_trace_walk_total_ns(&walk), 9000 * SC_NS_PER_MS);
        ck_assert_int_eq(sc_trace_walk_next(&walk), SC_TRACE_WALK_END);
        assert_end(SC_EXIT_DONE, "");
}
END_TEST

START_TEST(what_is_missing_is_told_at_the_end)
{
        static const struct sc_record records[] = {
                CONFIG,
                OUTPUT(1, 0, "abc"),
                { .type = SC_RECORD_MISSING, .missing = { .records = 7, .output_bytes = 2 } },
                OUTPUT(2, 5, "f"),
        };
        start(records, SC_COUNT(records), 0);
        assert_step(SC_TRACE_WALK_PIECE, 0);
        ck_assert_uint_eq(walk.piece.missing_bytes, 0);
        assert_step(SC_TRACE_WALK_PIECE, 1);
        ck_assert_uint_eq(walk.piece.missing_bytes, 2);
        ck_assert_uint_eq(sc_trace_walk_total_ns(&walk), 0);
        ck_assert_int_eq(sc_trace_walk_next(&walk), SC_TRACE_WALK_END);
        assert_end(SC_EXIT_DONE, "serialcon: t: 2 bytes are missing in 1 place\n"
                                 "serialcon: t: 7 records with 2 bytes of output were left out of the trace\n"
                                 "serialcon: t: it does not say how it ended\n");
}
END_TEST

START_TEST(client_that_is_not_there_is_a_failure)
{
        static const struct sc_record records[] = {
                CONFIG,
                { .type = SC_RECORD_CONNECT, .connect = { .client = 3, .listener = SC_TRACE_RAW } },
                OUTPUT(1, 0, "abc"),
                { .type = SC_RECORD_SENT, .sent = { .client = 3, .length = 3 } },
                STOP(2),
        };
        start(records, SC_COUNT(records), 3);
        assert_step(SC_TRACE_WALK_PIECE, 0);
        ck_assert_int_eq(sc_trace_walk_next(&walk), SC_TRACE_WALK_END);
        assert_end(SC_EXIT_DONE, "");
        start(records, SC_COUNT(records), 4);
        ck_assert_int_eq(sc_trace_walk_next(&walk), SC_TRACE_WALK_END);
        assert_end(SC_EXIT_FAILED, "serialcon: t: there is no client 4 in it; there is 3\n");
}
END_TEST

Suite *trace_walk_suite(void)
{
        Suite *suite = suite_create("trace_walk");
        TCase *steps = tcase_create("steps");

        tcase_add_test(steps, boundary_takes_nothing_of_a_pause);
        tcase_add_test(steps, what_is_missing_is_told_at_the_end);
        tcase_add_test(steps, client_that_is_not_there_is_a_failure);
        suite_add_tcase(suite, steps);
        return suite;
}
