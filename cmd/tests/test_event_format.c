#include "event_format.h"
#include "suites.h"

#include "model/base/span.h"
#include "time_format.h"

#include <string.h>
#include <unistd.h>

static char line[SC_EVENT_FORMAT_BYTES];

static void assert_line(const struct sc_journal_entry *entry, const char *expected)
{
        sc_time_format_use_utc();
        size_t length = sc_event_format_json(entry, 1000, line, sizeof(line));
        ck_assert_str_eq(line, expected);
        ck_assert_uint_eq(length, strlen(expected));
}

#define TIME "{\"time\": \"1970-01-01T00:00:01.000+00:00\", "
#define TIME_NS 999999000

START_TEST(what_nobody_did_has_no_client)
{
        assert_line(&(struct sc_journal_entry) { .kind = SC_JOURNAL_START,
                                                 .time_ns = TIME_NS,
                                                 .text_length = 3,
                                                 .text = { 1, (char)0xab, 0 } },
                    TIME "\"event\": \"start\", \"instance\": \"01ab00\", \"offset\": 0}\n");
        assert_line(
                &(struct sc_journal_entry) {
                        .kind = SC_JOURNAL_GUEST_RESET, .time_ns = TIME_NS, .number = 7, .offset = 9 },
                TIME "\"event\": \"guest reset\", \"boundary\": 7, \"offset\": 9}\n");
}
END_TEST

START_TEST(what_a_client_did_says_who_it_is)
{
        struct sc_journal_entry entry = {
                .kind = SC_JOURNAL_END,
                .time_ns = TIME_NS,
                .client = 5,
                .pid = 6,
                .uid = 4000000000,
                .native = true,
                .view = true,
                .why = SC_ERROR_SILENT,
        };
        assert_line(&entry, TIME "\"event\": \"end\", \"client\": 5, \"kind\": \"native\", "
                                 "\"listener\": \"view\", \"pid\": 6, \"uid\": 4000000000, \"user\": null, "
                                 "\"role\": null, \"why\": \"silent\", \"offset\": 0}\n");
        entry.kind = SC_JOURNAL_REFUSED;
        entry.client = 0;
        entry.native = entry.view = false;
        entry.role = SC_ROLE_CLIENT;
        entry.uid = 0;
        assert_line(&entry, TIME "\"event\": \"refused\", \"kind\": \"raw\", \"listener\": \"main\", "
                                 "\"pid\": 6, \"uid\": 0, \"user\": \"root\", \"role\": \"client\", "
                                 "\"offset\": 0}\n");
}
END_TEST

/* Every kind with every number and text at its longest: the line is whole, and one. */
START_TEST(the_longest_line_has_room)
{
        static const unsigned char fillers[] = { '"', '\\', 0xff, '\n', 'x' };
        for (int kind = 0; kind < SC_JOURNAL_KIND_COUNT; kind++) {
                for (size_t i = 0; i < SC_COUNT(fillers); i++) {
                        bool mark = kind == SC_JOURNAL_MARK; /* which is printable */
                        struct sc_journal_entry entry = {
                                .kind = (enum sc_journal_kind)kind,
                                .offset = UINT64_MAX,
                                .number = UINT64_MAX,
                                .client = UINT64_MAX,
                                .pid = UINT32_MAX,
                                .uid = UINT32_MAX,
                                .native = true,
                                .role = SC_ROLE_CONTROL,
                                .why = SC_ERROR_NOT_HELLO,
                                .text_length = mark ? SC_MARK_BYTES_MAX : SC_LABEL_BYTES_MAX,
                        };
                        memset(entry.text, mark && i > 1 ? 'x' : fillers[i], sizeof(entry.text));
                        size_t length = sc_event_format_json(&entry, 0, line, sizeof(line));
                        ck_assert_uint_lt(length, SC_EVENT_FORMAT_BYTES / 2);
                        ck_assert_ptr_eq(strchr(line, '\n'), line + length - 1);
                        ck_assert(line[length - 2] == '}');
                }
        }
}
END_TEST

Suite *event_format_suite(void)
{
        Suite *suite = suite_create("event_format");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, what_nobody_did_has_no_client);
        tcase_add_test(claims, what_a_client_did_says_who_it_is);
        tcase_add_test(claims, the_longest_line_has_room);
        suite_add_tcase(suite, claims);
        return suite;
}
