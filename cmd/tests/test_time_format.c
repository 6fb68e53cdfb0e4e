#include "suites.h"
#include "time_format.h"

#include "model/base/bounds.h"
#include "model/base/span.h"

#include <stdlib.h>
#include <time.h>

#define UNTOUCHED UINT64_C(0x5eed5eed5eed5eed)
#define NOON (INT64_C(1777888800) * (int64_t)SC_NS_PER_S) /* 2026-05-04T10:00:00Z */

static void set_zone(const char *zone)
{
        setenv("TZ", zone, 1);
        tzset();
}

START_TEST(point_is_told_with_its_offset)
{
        char text[SC_TIME_FORMAT_BYTES];

        set_zone("XXX-2");
        ck_assert_str_eq(sc_time_format_point(NOON, text), "2026-05-04T12:00:00.000+02:00");
        ck_assert_str_eq(sc_time_format_point(NOON + 7999999, text), "2026-05-04T12:00:00.007+02:00");
        set_zone("XXX3:30");
        ck_assert_str_eq(sc_time_format_point(NOON, text), "2026-05-04T06:30:00.000-03:30");
        sc_time_format_use_utc();
        ck_assert_str_eq(sc_time_format_point(NOON, text), "2026-05-04T10:00:00.000+00:00");
}
END_TEST

START_TEST(length_is_told_with_one_unit)
{
        static const struct {
                uint64_t seconds;
                const char *text;
        } rows[] = { { 0, "0 s" },    { 59, "59 s" },    { 60, "1 min" },  { 3599, "59 min" },
                     { 3600, "1 h" }, { 86399, "23 h" }, { 86400, "1 d" }, { 8640000, "100 d" } };
        char text[SC_TIME_FORMAT_BYTES];

        for (size_t i = 0; i < SC_COUNT(rows); i++)
                ck_assert_str_eq(sc_time_format_length(rows[i].seconds * SC_NS_PER_S, text), rows[i].text);
        ck_assert_str_eq(sc_time_format_length(999999999, text), "0 s");
}
END_TEST

START_TEST(point_is_read_in_its_zone)
{
        static const struct {
                const char *text;
                int64_t ns; /* after NOON */
        } rows[] = {
                { "2026-05-04T10:00:00Z", 0 },
                { "2026-05-04T12:00:00+02:00", 0 },
                { "2026-05-04T06:30:00-03:30", 0 },
                { "2026-05-05T09:59:00+23:59", 0 },
                { "2026-05-04T05:00:00", 0 },
                { "2026-05-04T10:00:00.5Z", 500000000 },
                { "2026-05-04T10:00:00.123456789Z", 123456789 },
                { "2026-05-04T10:00:00.1234567891Z", 123456789 },
                { "2026-05-04T05:00:00.007", 7000000 },
        };
        set_zone("XXX5");
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                uint64_t ns = UNTOUCHED;
                ck_assert_msg(sc_time_format_read_point(rows[i].text, &ns), "%s", rows[i].text);
                ck_assert_msg(ns == (uint64_t)(NOON + rows[i].ns), "%s: %llu", rows[i].text,
                              (unsigned long long)ns);
        }
}
END_TEST

START_TEST(point_that_is_none_is_refused)
{
        static const char *const texts[] = {
                "",
                "2026",
                "2026-05-04",
                "2026-05-04T10:00",
                "2026-05-04 10:00:00",
                "2026-05-04T10:00:00 ",
                "2026-05-04T10:00:00z",
                "2026-05-04T10:00:00.Z",
                "2026-05-04T10:00:00ZZ",
                "2026-05-04T10:00:00+2:00",
                "2026-05-04T10:00:00+02",
                "2026-05-04T10:00:00+0200",
                "2026-05-04T10:00:00+24:00",
                "2026-05-04T10:00:00+02:60",
                "2026-5-04T10:00:00Z",
                "2026-02-29T10:00:00Z",
                "2026-13-01T10:00:00Z",
                "2026-00-01T10:00:00Z",
                "2026-05-00T10:00:00Z",
                "2026-05-04T24:00:00Z",
                "2026-05-04T10:60:00Z",
                "2026-05-04T10:00:61Z",
                "+026-05-04T10:00:00Z",
                "2026-05-04T-1:00:00Z",
                "1969-12-31T23:59:59Z",
                "9999-12-31T23:59:59Z",
        };
        for (size_t i = 0; i < SC_COUNT(texts); i++) {
                uint64_t ns = UNTOUCHED;
                ck_assert_msg(!sc_time_format_read_point(texts[i], &ns), "\"%s\" was read", texts[i]);
                ck_assert_uint_eq(ns, UNTOUCHED);
        }
        uint64_t ns;
        ck_assert(sc_time_format_read_point("2028-02-29T10:00:00Z", &ns));
        ck_assert(sc_time_format_read_point("1970-01-01T00:00:00Z", &ns));
        ck_assert_uint_eq(ns, 0);
}
END_TEST

Suite *time_format_suite(void)
{
        Suite *suite = suite_create("time_format");
        TCase *told = tcase_create("told");
        TCase *read = tcase_create("read");

        tcase_add_test(told, point_is_told_with_its_offset);
        tcase_add_test(told, length_is_told_with_one_unit);
        tcase_add_test(read, point_is_read_in_its_zone);
        tcase_add_test(read, point_that_is_none_is_refused);
        suite_add_tcase(suite, told);
        suite_add_tcase(suite, read);
        return suite;
}
