#include "suites.h"
#include "value.h"

#include "model/base/bounds.h"
#include "model/base/span.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a refused value must leave alone. */
#define UNTOUCHED UINT64_C(0x5eed5eed5eed5eed)

struct number_row {
        const char *text;
        uint64_t value;
};

typedef const char *number_parser(const char *text, uint64_t *value);

static void assert_reads(number_parser *parse, const struct number_row *row)
{
        uint64_t value = UNTOUCHED;
        const char *wrong = parse(row->text, &value);

        ck_assert_msg(wrong == NULL, "\"%s\" was refused: %s", row->text, wrong);
        ck_assert_msg(value == row->value, "\"%s\" was read as %llu", row->text, (unsigned long long)value);
}

static void assert_refuses(number_parser *parse, const char *text, const char *part_of_why)
{
        uint64_t value = UNTOUCHED;
        const char *wrong = parse(text, &value);

        ck_assert_msg(wrong != NULL, "\"%s\" was read as %llu", text, (unsigned long long)value);
        ck_assert_msg(strstr(wrong, part_of_why) != NULL, "\"%s\": %s", text, wrong);
        ck_assert_uint_eq(value, UNTOUCHED);
}

/* Neither a number, a size nor a time. */
static const char *const never_numbers[] = {
        "",     " ",   "x",       "-1",   "+1",       "-0",    " 1",  "1 ",  "\t1",   "1\n",
        "0x10", "1e3", "1.5",     "1,5",  "1_0",      "1K1",   "1KK", "1KB", "1Ki",   "K",
        "ms",   "1 K", "1T",      "1P",   "1ss",      "1m30s", "s1",  "--1", "1\x01", "1\xc2\xa0",
        "inf",  "nan", "forever", "1mss", "\xd9\xa1", ":1",    "/1",  "1:",
};

START_TEST(size_is_read_exactly)
{
        static const struct number_row rows[] = {
                { "0", 0 },
                { "1", 1 },
                { "000", 0 },
                { "007", 7 },
                { "4096", 4096 },
                { "1B", 1 },
                { "1b", 1 },
                { "0G", 0 },
                { "1K", 1024 },
                { "1k", 1024 },
                { "64K", 65536 },
                { "1M", 1048576 },
                { "1m", 1048576 },
                { "3M", 3145728 },
                { "1G", 1073741824 },
                { "1g", 1073741824 },
                { "18446744073709551615", UINT64_MAX },
                { "00000000000000000000000000000018446744073709551615", UINT64_MAX },
                { "18446744073709551615B", UINT64_MAX },
                { "18014398509481983K", UINT64_C(18446744073709550592) },
                { "17179869183G", UINT64_C(18446744072635809792) },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                assert_reads(sc_value_size, &rows[i]);
}
END_TEST

START_TEST(size_refuses_all_else)
{
        static const char *const overflows[] = {
                "18446744073709551616",
                "99999999999999999999",
                "18446744073709551616B",
                "18014398509481984K",
                "17592186044416M",
                "17179869184G",
                "340282366920938463463374607431768211456",
        };
        for (size_t i = 0; i < SC_COUNT(never_numbers); i++)
                assert_refuses(sc_value_size, never_numbers[i], "such as 4096, 64K, 1M or 1G");
        assert_refuses(sc_value_size, "12Q", "such as 4096");
        assert_refuses(sc_value_size, "1s", "such as 4096");
        for (size_t i = 0; i < SC_COUNT(overflows); i++)
                assert_refuses(sc_value_size, overflows[i], "too large");
}
END_TEST

START_TEST(time_is_read_exactly)
{
        static const struct number_row rows[] = {
                { "0", 0 },
                { "00", 0 },
                { "0ms", 0 },
                { "0d", 0 },
                { "1ms", 1000000 },
                { "500ms", 500 * SC_NS_PER_MS },
                { "2s", 2 * SC_NS_PER_S },
                { "10m", 600 * SC_NS_PER_S },
                { "1h", 3600 * SC_NS_PER_S },
                { "1d", 86400 * SC_NS_PER_S },
                { "213503d", UINT64_C(213503) * 86400 * SC_NS_PER_S },
                { "18446744073709ms", 18446744073709 * SC_NS_PER_MS },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                assert_reads(sc_value_time, &rows[i]);
}
END_TEST

START_TEST(time_refuses_all_else)
{
        static const char *const wrong[] = { "1",   "10",  "1S",  "1M",   "1H", "1D",
                                             "1MS", "1us", "1ns", "1min", "1K", "1B" };
        static const char *const overflows[] = {
                "213504d",
                "18446744073710ms",
                "18446744073709551615s",
                "18446744073709551616s",
        };
        for (size_t i = 0; i < SC_COUNT(never_numbers); i++)
                assert_refuses(sc_value_time, never_numbers[i], "such as 500ms, 2s, 10m, 1h or 1d");
        for (size_t i = 0; i < SC_COUNT(wrong); i++)
                assert_refuses(sc_value_time, wrong[i], "such as 500ms");
        for (size_t i = 0; i < SC_COUNT(overflows); i++)
                assert_refuses(sc_value_time, overflows[i], "too large");
}
END_TEST

START_TEST(time_may_be_forever_where_that_is_allowed)
{
        uint64_t value = 0;

        ck_assert_ptr_null(sc_value_time_or_forever("forever", &value));
        ck_assert_uint_eq(value, SC_VALUE_FOREVER);
        ck_assert_ptr_null(sc_value_time_or_forever("10m", &value));
        ck_assert_uint_eq(value, 600 * SC_NS_PER_S);
        ck_assert_ptr_nonnull(sc_value_time_or_forever("Forever", &value));
        ck_assert_ptr_nonnull(sc_value_time_or_forever("forever ", &value));
        ck_assert_ptr_nonnull(sc_value_time_or_forever("ever", &value));
        ck_assert_uint_eq(value, 600 * SC_NS_PER_S);
}
END_TEST

START_TEST(count_is_digits_alone)
{
        static const struct number_row rows[] = {
                { "0", 0 },
                { "64", 64 },
                { "0064", 64 },
                { "18446744073709551615", UINT64_MAX },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                assert_reads(sc_value_count, &rows[i]);
        for (size_t i = 0; i < SC_COUNT(never_numbers); i++)
                assert_refuses(sc_value_count, never_numbers[i], "expected a number");
        assert_refuses(sc_value_count, "1K", "expected a number");
        assert_refuses(sc_value_count, "18446744073709551616", "too large");
}
END_TEST

START_TEST(mode_is_octal_up_to_0777)
{
        static const struct {
                const char *text;
                mode_t mode;
        } rows[] = { { "0", 0 },       { "600", 0600 }, { "0600", 0600 },
                     { "0777", 0777 }, { "777", 0777 }, { "00000600", 0600 } };
        static const char *const wrong[] = {
                "",
                "8",
                "0608",
                "0x180",
                "u=rw",
                "-600",
                "+600",
                " 600",
                "600 ",
                "0o600",
                "1000",
                "01777",
                "4755",
                "7777",
                "rw-------",
                "0600K",
                "7777777777777777777777777777",
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                mode_t mode = 07777;
                ck_assert_ptr_null(sc_value_mode(rows[i].text, &mode));
                ck_assert_uint_eq(mode, rows[i].mode);
        }
        for (size_t i = 0; i < SC_COUNT(wrong); i++) {
                mode_t mode = 07777;
                const char *why = sc_value_mode(wrong[i], &mode);
                ck_assert_msg(why != NULL, "\"%s\" was read as %o", wrong[i], mode);
                ck_assert_str_eq(why, "expected an octal mode from 0 to 0777");
                ck_assert_uint_eq(mode, 07777);
        }
}
END_TEST

START_TEST(group_of_this_process_is_read_by_number_and_name)
{
        char number[32];
        gid_t group = SC_VALUE_NO_GROUP;
        struct group *own = getgrgid(getegid());

        snprintf(number, sizeof(number), "%u", (unsigned)getegid());
        ck_assert_ptr_null(sc_value_group(number, &group));
        ck_assert_uint_eq(group, getegid());
        if (own != NULL) {
                group = SC_VALUE_NO_GROUP;
                ck_assert_ptr_null(sc_value_group(own->gr_name, &group));
                ck_assert_uint_eq(group, getegid());
        }
}
END_TEST

START_TEST(group_that_is_none_is_refused)
{
        static const char *const wrong[] = {
                "",           "no-such-group-here",   "-1", "+0", " 0", "0 ", "0x0", "4294967295",
                "4294967296", "99999999999999999999",
        };
        for (size_t i = 0; i < SC_COUNT(wrong); i++) {
                gid_t group = 4711;
                ck_assert_msg(sc_value_group(wrong[i], &group) != NULL, "\"%s\" was read as %u", wrong[i],
                              group);
                ck_assert_uint_eq(group, 4711);
        }
}
END_TEST

/* The group of a process without privilege that is in group 4711 alone. */
static const char *group_without_privilege(const char *text, gid_t *group)
{
        if (geteuid() == 0) {
                ck_assert_int_eq(setgroups(0, NULL), 0);
                ck_assert_int_eq(setresgid(4711, 4711, 4711), 0);
                ck_assert_int_eq(setresuid(4711, 4711, 4711), 0);
        }
        return sc_value_group(text, group);
}

START_TEST(group_that_cannot_be_reached_is_refused)
{
        const char *beyond = getegid() != 0 && geteuid() != 0 ? "0" : "4712";
        gid_t group = SC_VALUE_NO_GROUP;
        const char *why = group_without_privilege(beyond, &group);

        ck_assert_ptr_nonnull(why);
        ck_assert_str_eq(why, "this process is not a member of that group");
        ck_assert_uint_eq(group, SC_VALUE_NO_GROUP);
}
END_TEST

static struct guest_argument guest_of(const char *text)
{
        struct guest_argument guest = { 0 };
        const char *wrong = sc_value_guest(text, &guest);

        ck_assert_msg(wrong == NULL, "\"%s\" was refused: %s", text, wrong);
        return guest;
}

START_TEST(guest_with_a_path)
{
        static const struct {
                const char *text;
                enum guest_argument_kind kind;
                const char *path;
        } rows[] = {
                { "unix:/run/vm.sock", GUEST_ARGUMENT_UNIX, "/run/vm.sock" },
                { "unix:vm.sock", GUEST_ARGUMENT_UNIX, "vm.sock" },
                { "unix:/run/a,b", GUEST_ARGUMENT_UNIX, "/run/a,b" },
                { "unix:unix:x", GUEST_ARGUMENT_UNIX, "unix:x" },
                { "unix: x", GUEST_ARGUMENT_UNIX, " x" },
                { "pty:/dev/pts/3", GUEST_ARGUMENT_PTY, "/dev/pts/3" },
                { "pty:/run/vm/tty,0", GUEST_ARGUMENT_PTY, "/run/vm/tty,0" },
                { "tty:/dev/ttyUSB0", GUEST_ARGUMENT_TTY, "/dev/ttyUSB0" },
                { "listen:/run/vm.sock", GUEST_ARGUMENT_LISTEN, "/run/vm.sock" },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct guest_argument guest = guest_of(rows[i].text);
                ck_assert_int_eq(guest.kind, rows[i].kind);
                ck_assert_str_eq(guest.path, rows[i].path);
        }
}
END_TEST

START_TEST(guest_with_settings)
{
        char own_group[64];
        struct guest_argument guest = guest_of("listen:/run/g");

        ck_assert_uint_eq(guest.mode, 0600);
        ck_assert_uint_eq(guest.group, SC_VALUE_NO_GROUP);

        guest = guest_of("listen:/run/g,mode=660");
        ck_assert_str_eq(guest.path, "/run/g");
        ck_assert_uint_eq(guest.mode, 0660);

        snprintf(own_group, sizeof(own_group), "listen:g,group=%u,mode=0640", (unsigned)getegid());
        guest = guest_of(own_group);
        ck_assert_str_eq(guest.path, "g");
        ck_assert_uint_eq(guest.mode, 0640);
        ck_assert_uint_eq(guest.group, getegid());

        ck_assert_uint_eq(guest_of("tty:/dev/ttyS0").baud, 115200);
        ck_assert_uint_eq(guest_of("tty:/dev/ttyS0,9600").baud, 9600);
        ck_assert_str_eq(guest_of("tty:/dev/ttyS0,9600").path, "/dev/ttyS0");
        ck_assert_uint_eq(guest_of("tty:/dev/ttyS0,4000000").baud, 4000000);

        ck_assert_int_eq(guest_of("stdio").kind, GUEST_ARGUMENT_STDIO);
        ck_assert_int_eq(guest_of("fd:0").kind, GUEST_ARGUMENT_FD);
        ck_assert_int_eq(guest_of("fd:17").fd, 17);
        ck_assert_int_eq(guest_of("fd:2147483647").fd, 2147483647);
}
END_TEST

START_TEST(guest_that_is_none_is_refused)
{
        static const struct {
                const char *text;
                const char *part_of_why;
        } rows[] = {
                { "", "expected unix:PATH, listen:PATH" },
                { "/run/vm.sock", "expected unix:PATH" },
                { "unix", "expected unix:PATH" },
                { "Unix:/x", "expected unix:PATH" },
                { " unix:/x", "expected unix:PATH" },
                { "tcp:host:1", "expected unix:PATH" },
                { "vfio-user:/x", "expected unix:PATH" },
                { "demo", "expected unix:PATH" },
                { "stdio:", "expected unix:PATH" },
                { "stdio0", "expected unix:PATH" },
                { "unix:", "the path is missing" },
                { "listen:", "the path is missing" },
                { "listen:,mode=600", "the path is missing" },
                { "pty:", "the path is missing" },
                { "tty:", "the path is missing" },
                { "tty:,9600", "the path is missing" },
                { "listen:/x,", "mode=OCTAL or group=NAME" },
                { "listen:/x,660", "mode=OCTAL or group=NAME" },
                { "listen:/x,mode", "mode=OCTAL or group=NAME" },
                { "listen:/x,Mode=600", "mode=OCTAL or group=NAME" },
                { "listen:/x,mode=600,", "mode=OCTAL or group=NAME" },
                { "listen:/x,mode=", "octal mode" },
                { "listen:/x,mode=999", "octal mode" },
                { "listen:/x,mode=1777", "octal mode" },
                { "listen:/x,mode=600 ", "octal mode" },
                { "listen:/x,group=", "no such group" },
                { "listen:/x,group=no-such-group-here", "no such group" },
                { "listen:/x,group=-1", "no such group" },
                { "tty:/dev/ttyS0,", "baud" },
                { "tty:/dev/ttyS0,0", "baud" },
                { "tty:/dev/ttyS0,fast", "baud" },
                { "tty:/dev/ttyS0,-9600", "baud" },
                { "tty:/dev/ttyS0,9600,8n1", "baud" },
                { "tty:/dev/ttyS0,4000001", "baud" },
                { "tty:/dev/ttyS0,99999999999999999999", "baud" },
                { "fd:", "open descriptor" },
                { "fd:-1", "open descriptor" },
                { "fd:x", "open descriptor" },
                { "fd:3 ", "open descriptor" },
                { "fd:2147483648", "open descriptor" },
                { "fd:99999999999999999999", "open descriptor" },
        };
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct guest_argument guest = { .kind = GUEST_ARGUMENT_NONE, .fd = -7 };
                const char *why = sc_value_guest(rows[i].text, &guest);
                ck_assert_msg(why != NULL, "\"%s\" was read", rows[i].text);
                ck_assert_msg(strstr(why, rows[i].part_of_why) != NULL, "\"%s\": %s", rows[i].text, why);
                ck_assert_int_eq(guest.kind, GUEST_ARGUMENT_NONE);
                ck_assert_int_eq(guest.fd, -7);
        }
}
END_TEST

START_TEST(guest_path_fits_or_is_refused)
{
        static char text[SC_VALUE_PATH_BYTES + 64];
        struct guest_argument guest = { 0 };

        memset(text, 'x', sizeof(text));
        memcpy(text, "unix:", 5);
        text[5 + SC_VALUE_PATH_BYTES - 1] = '\0';
        ck_assert_ptr_null(sc_value_guest(text, &guest));
        ck_assert_uint_eq(strlen(guest.path), SC_VALUE_PATH_BYTES - 1);

        memset(text, 'x', sizeof(text));
        memcpy(text, "unix:", 5);
        text[5 + SC_VALUE_PATH_BYTES] = '\0';
        ck_assert_str_eq(sc_value_guest(text, &guest), "the path is too long");

        memset(text, 'x', sizeof(text));
        memcpy(text, "listen:/x,group=", 16);
        text[16 + 1000] = '\0';
        ck_assert_ptr_nonnull(sc_value_guest(text, &guest));
}
END_TEST

START_TEST(history_is_a_word_or_a_size)
{
        static const struct {
                const char *text;
                enum sc_history_policy policy;
                uint64_t bytes;
        } rows[] = {
                { "all", SC_HISTORY_ALL, 0 },       { "boot", SC_HISTORY_BOOT, 0 },
                { "unread", SC_HISTORY_UNREAD, 0 }, { "none", SC_HISTORY_NONE, 0 },
                { "64K", SC_HISTORY_LAST, 65536 },  { "0", SC_HISTORY_LAST, 0 },
        };
        static const char *const wrong[] = {
                "", "All", "all ", "last", "unread,boot", "-1", "64X", "1s", "al"
        };
        struct history_argument history;

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                history = (struct history_argument) { SC_HISTORY_COUNT, UNTOUCHED };
                ck_assert_ptr_null(sc_value_history(rows[i].text, &history));
                ck_assert_int_eq(history.policy, rows[i].policy);
                ck_assert_uint_eq(history.last_bytes, rows[i].bytes);
        }
        for (size_t i = 0; i < SC_COUNT(wrong); i++) {
                history = (struct history_argument) { SC_HISTORY_COUNT, UNTOUCHED };
                const char *why = sc_value_history(wrong[i], &history);
                ck_assert_msg(why != NULL, "\"%s\" was read", wrong[i]);
                ck_assert_str_eq(why, "expected all, boot, unread, none or a size such as 64K");
                ck_assert_int_eq(history.policy, SC_HISTORY_COUNT);
        }
        ck_assert_str_eq(sc_value_history("99999999999999999999", &history), "too large");
}
END_TEST

START_TEST(value_is_told_in_its_shortest_form)
{
        char text[SC_VALUE_TEXT_BYTES];

        ck_assert_str_eq(sc_value_size_text(0, text), "0");
        ck_assert_str_eq(sc_value_size_text(1, text), "1");
        ck_assert_str_eq(sc_value_size_text(1023, text), "1023");
        ck_assert_str_eq(sc_value_size_text(4096, text), "4K");
        ck_assert_str_eq(sc_value_size_text(1048576, text), "1M");
        ck_assert_str_eq(sc_value_size_text(1048577, text), "1048577");
        ck_assert_str_eq(sc_value_size_text(UINT64_C(1) << 40, text), "1024G");
        ck_assert_str_eq(sc_value_size_text(UINT64_MAX, text), "18446744073709551615");
        ck_assert_str_eq(sc_value_time_text(0, text), "0");
        ck_assert_str_eq(sc_value_time_text(1500 * SC_NS_PER_MS, text), "1500ms");
        ck_assert_str_eq(sc_value_time_text(60 * SC_NS_PER_S, text), "1m");
        ck_assert_str_eq(sc_value_time_text(90 * SC_NS_PER_S, text), "90s");
        ck_assert_str_eq(sc_value_time_text(86400 * SC_NS_PER_S, text), "1d");
}
END_TEST

START_TEST(size_may_have_to_have_its_unit)
{
        uint64_t bytes = UNTOUCHED;

        ck_assert_ptr_nonnull(sc_value_size_with_unit("64", &bytes));
        ck_assert_ptr_nonnull(sc_value_size_with_unit("", &bytes));
        ck_assert_ptr_nonnull(sc_value_size_with_unit("K", &bytes));
        ck_assert_uint_eq(bytes, UNTOUCHED);
        ck_assert_ptr_null(sc_value_size_with_unit("64B", &bytes));
        ck_assert_uint_eq(bytes, 64);
        ck_assert_ptr_null(sc_value_size_with_unit("1k", &bytes));
        ck_assert_uint_eq(bytes, 1024);
}
END_TEST

START_TEST(moment_is_a_length_or_a_point)
{
        struct moment_argument moment = { .ns = UNTOUCHED };

        ck_assert_ptr_nonnull(sc_value_moment("yesterday", &moment));
        ck_assert_ptr_nonnull(sc_value_moment("10", &moment));
        ck_assert_ptr_nonnull(sc_value_moment("-10m", &moment));
        ck_assert_uint_eq(moment.ns, UNTOUCHED);
        ck_assert_ptr_null(sc_value_moment("10m", &moment));
        ck_assert(moment.ago);
        ck_assert_uint_eq(moment.ns, 600 * SC_NS_PER_S);
        ck_assert_ptr_null(sc_value_moment("1970-01-01T01:00:01+01:00", &moment));
        ck_assert(!moment.ago);
        ck_assert_uint_eq(moment.ns, SC_NS_PER_S);
}
END_TEST

/* Numbers of every magnitude: told, and read again. */
START_TEST(size_told_is_read_as_itself)
{
        char text[SC_VALUE_TEXT_BYTES];

        for (unsigned shift = 0; shift < 64; shift++) {
                for (uint64_t near = 0; near < 3; near++) {
                        uint64_t bytes = (UINT64_C(1) << shift) + near - 1, again = UNTOUCHED;
                        ck_assert_ptr_null(sc_value_size(sc_value_size_text(bytes, text), &again));
                        ck_assert_uint_eq(again, bytes);
                }
        }
}
END_TEST

Suite *value_suite(void)
{
        Suite *suite = suite_create("value");
        TCase *numbers = tcase_create("numbers");
        TCase *composed = tcase_create("composed");

        tcase_add_test(numbers, size_is_read_exactly);
        tcase_add_test(numbers, size_refuses_all_else);
        tcase_add_test(numbers, time_is_read_exactly);
        tcase_add_test(numbers, time_refuses_all_else);
        tcase_add_test(numbers, time_may_be_forever_where_that_is_allowed);
        tcase_add_test(numbers, count_is_digits_alone);
        tcase_add_test(numbers, mode_is_octal_up_to_0777);
        tcase_add_test(numbers, size_may_have_to_have_its_unit);
        tcase_add_test(numbers, value_is_told_in_its_shortest_form);
        tcase_add_test(numbers, size_told_is_read_as_itself);
        tcase_add_test(composed, moment_is_a_length_or_a_point);
        tcase_add_test(composed, group_of_this_process_is_read_by_number_and_name);
        tcase_add_test(composed, group_that_is_none_is_refused);
        tcase_add_test(composed, group_that_cannot_be_reached_is_refused);
        tcase_add_test(composed, guest_with_a_path);
        tcase_add_test(composed, guest_with_settings);
        tcase_add_test(composed, guest_that_is_none_is_refused);
        tcase_add_test(composed, guest_path_fits_or_is_refused);
        tcase_add_test(composed, history_is_a_word_or_a_size);
        suite_add_tcase(suite, numbers);
        suite_add_tcase(suite, composed);
        return suite;
}
