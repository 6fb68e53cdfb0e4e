#include "pace.h"
#include "suites.h"

#include "model/base/bounds.h"
#include "model/base/span.h"

static struct sc_pace pace_of(double speed, uint64_t pause_max_ns)
{
        return (struct sc_pace) { .speed = speed, .pause_max_ns = pause_max_ns };
}

static uint64_t next_ms(struct sc_pace *pace, uint64_t ms)
{
        return sc_pace_next(pace, ms * SC_NS_PER_MS) / SC_NS_PER_MS;
}

START_TEST(pauses_are_as_they_were)
{
        struct sc_pace pace = pace_of(1, SC_VALUE_FOREVER);
        ck_assert_uint_eq(next_ms(&pace, 5000), 0);
        ck_assert_uint_eq(next_ms(&pace, 5000), 0);
        ck_assert_uint_eq(next_ms(&pace, 5250), 250);
        ck_assert_uint_eq(next_ms(&pace, 9000), 4000);
}
END_TEST

START_TEST(they_are_shorter_and_longer)
{
        struct sc_pace twice = pace_of(2, SC_VALUE_FOREVER), half = pace_of(0.5, SC_VALUE_FOREVER);
        next_ms(&twice, 1000);
        next_ms(&half, 1000);
        ck_assert_uint_eq(next_ms(&twice, 3000), 1000);
        ck_assert_uint_eq(next_ms(&half, 3000), 4000);

        struct sc_pace none = pace_of(SC_PACE_MAX, SC_VALUE_FOREVER);
        next_ms(&none, 1000);
        ck_assert_uint_eq(next_ms(&none, 100000), 0);
}
END_TEST

START_TEST(none_is_longer_than_asked_for)
{
        struct sc_pace pace = pace_of(0.5, 2 * SC_NS_PER_S);
        next_ms(&pace, 0);
        ck_assert_uint_eq(next_ms(&pace, 100), 200);
        ck_assert_uint_eq(next_ms(&pace, 5000), 2200);
        ck_assert_uint_eq(next_ms(&pace, 5100), 2400);
}
END_TEST

START_TEST(no_time_of_a_trace_is_too_much)
{
        struct sc_pace pace = pace_of(0.001, SC_VALUE_FOREVER);
        ck_assert_uint_eq(sc_pace_next(&pace, 0), 0);
        ck_assert_uint_eq(sc_pace_next(&pace, UINT64_MAX), UINT64_MAX);
        ck_assert_uint_eq(sc_pace_next(&pace, 5), UINT64_MAX); /* backwards is no pause */
        ck_assert_uint_eq(sc_pace_next(&pace, 7), UINT64_MAX);
}
END_TEST

static const struct {
        const char *text;
        double speed; /* < 0: refused */
} speeds[] = {
        { "1", 1 },       { "0.5", 0.5 },
        { "2", 2 },       { "0.001", 0.001 },
        { "1000", 1000 }, { "1.50", 1.5 },
        { "max", 0 },     { "", -1 },
        { "0", -1 },      { "0.0005", -1 },
        { "1001", -1 },   { ".5", -1 },
        { "5.", -1 },     { "1.5.2", -1 },
        { "-1", -1 },     { "1e2", -1 },
        { " 1", -1 },     { "0x1", -1 },
        { "inf", -1 },    { "nan", -1 },
        { "1,5", -1 },    { "11111111111111111", -1 },
};

START_TEST(speeds_are_read)
{
        double speed = -1;
        const char *wrong = sc_pace_parse_speed(speeds[_i].text, &speed);
        ck_assert_int_eq(wrong == NULL, speeds[_i].speed >= 0);
        ck_assert_double_eq(speed, speeds[_i].speed);
}
END_TEST

Suite *pace_suite(void)
{
        Suite *suite = suite_create("pace");
        TCase *pauses = tcase_create("pauses");

        tcase_add_test(pauses, pauses_are_as_they_were);
        tcase_add_test(pauses, they_are_shorter_and_longer);
        tcase_add_test(pauses, none_is_longer_than_asked_for);
        tcase_add_test(pauses, no_time_of_a_trace_is_too_much);
        tcase_add_loop_test(pauses, speeds_are_read, 0, SC_COUNT(speeds));
        suite_add_tcase(suite, pauses);
        return suite;
}
