#include "suites.h"

#include "model/client/user_input.h"

#include <string.h>

#define S SC_NS_PER_S

static struct sc_user_input input;
static const struct sc_user_outlet open_outlet = { .takes = true, .breaks = true };
static const struct sc_user_outlet plain_outlet = { .takes = true };
static const struct sc_user_outlet no_outlet = { .breaks = true };
static uint64_t now_ns;

static void start(bool terminal)
{
        memset(&input, 0, sizeof(input));
        input.terminal = terminal;
        input.escape.character = SC_ESCAPE_DEFAULT;
        now_ns = 100 * S;
}

static void read_keys(const char *keys, struct sc_user_outlet outlet)
{
        struct sc_span room = sc_user_input_room(&input, outlet);
        ck_assert_uint_ge(room.length, strlen(keys));
        memmove(room.bytes, keys, strlen(keys));
        sc_user_input_received(&input, strlen(keys));
}

static void expect(enum sc_user_request request, struct sc_user_outlet outlet)
{
        ck_assert_int_eq(sc_user_input_next(&input, outlet, now_ns), request);
}

static void expect_typed(const char *text)
{
        struct sc_span span = sc_typed_text(&input.typed);
        ck_assert_uint_eq(span.length, strlen(text));
        ck_assert_mem_eq(span.bytes, text, span.length);
        sc_typed_sent(&input.typed, span.length);
        sc_user_input_sent(&input);
}

START_TEST(what_was_typed_before_a_command_comes_before_it)
{
        start(true);
        read_keys("reboot\r\x1d.", open_outlet);
        expect(SC_USER_QUIT, open_outlet);
        expect_typed("reboot\r");
}
END_TEST

START_TEST(keys_that_have_nobody_to_go_to_are_told_once_each_time)
{
        start(true);
        read_keys("a", no_outlet);
        expect(SC_USER_NOT_KEPT, no_outlet);
        read_keys("b", no_outlet);
        expect(SC_USER_NOTHING, no_outlet);
        read_keys("\x1d"
                  "b",
                  no_outlet);
        expect(SC_USER_NOTHING, no_outlet);
        expect(SC_USER_NOTHING, open_outlet);
        expect_typed("");
        read_keys("\x1d"
                  "b",
                  no_outlet);
        expect(SC_USER_NOT_KEPT, no_outlet);
        read_keys("\x1d.", no_outlet);
        expect(SC_USER_QUIT, no_outlet);
}
END_TEST

START_TEST(a_break_and_its_key_are_for_who_carries_them)
{
        start(true);
        read_keys("x\x1d"
                  "Bh",
                  plain_outlet);
        expect(SC_USER_NO_BREAK, plain_outlet);
        expect_typed("x");
        read_keys("\x1d"
                  "Bh",
                  open_outlet);
        expect(SC_USER_NOTHING, open_outlet);
        ck_assert(sc_typed_break_is_next(&input.typed));
        sc_typed_broke(&input.typed, true);
        expect_typed("h");
}
END_TEST

START_TEST(help_comes_a_second_behind_a_lone_escape_character)
{
        start(true);
        read_keys("\x1d", open_outlet);
        expect(SC_USER_NOTHING, open_outlet);
        ck_assert_uint_eq(sc_user_input_deadline_ns(&input), now_ns + S);
        now_ns += S;
        expect(SC_USER_HELP, open_outlet);
        expect(SC_USER_NOTHING, open_outlet);
        ck_assert_uint_eq(sc_user_input_deadline_ns(&input), UINT64_MAX);
        read_keys("q", open_outlet);
        expect(SC_USER_QUIT, open_outlet);
}
END_TEST

START_TEST(what_may_be_a_sequence_is_held_back_for_a_moment)
{
        start(true);
        read_keys("\x1b", open_outlet);
        expect(SC_USER_NOTHING, open_outlet);
        expect_typed("");
        now_ns = sc_user_input_deadline_ns(&input);
        expect(SC_USER_NOTHING, open_outlet);
        expect_typed("\x1b");
}
END_TEST

/* A paste that the guest does not take: no byte of it is read that has no room, but after a second keys are read on. */
START_TEST(the_escape_is_heard_behind_a_paste)
{
        char keys[SC_FRAME_INPUT_BYTES_MAX + 1];
        size_t pasted = 0;
        memset(keys, 'x', sizeof(keys));
        keys[sizeof(keys) - 1] = '\0';
        start(true);
        while (sc_user_input_room(&input, open_outlet).length > 0) {
                read_keys(keys, open_outlet);
                expect(SC_USER_NOTHING, open_outlet);
                pasted += strlen(keys);
        }
        ck_assert_uint_eq(pasted, SC_TYPED_BYTES);
        ck_assert_uint_eq(sc_user_input_deadline_ns(&input), now_ns + S);
        now_ns += S / 2;
        sc_typed_sent(&input.typed, 10);
        sc_user_input_sent(&input); /* it takes something: the second counts anew */
        expect(SC_USER_NOTHING, open_outlet);
        ck_assert_uint_eq(sc_user_input_room(&input, open_outlet).length, 0);
        now_ns = sc_user_input_deadline_ns(&input);
        expect(SC_USER_NOTHING, open_outlet);
        read_keys(keys, open_outlet);
        expect(SC_USER_NO_ROOM, open_outlet);
        read_keys(keys, open_outlet);
        expect(SC_USER_NOTHING, open_outlet);
        read_keys("\x1d.", open_outlet);
        expect(SC_USER_QUIT, open_outlet);
}
END_TEST

START_TEST(a_filter_reads_when_there_is_somebody_to_read_for)
{
        start(false);
        ck_assert_uint_eq(sc_user_input_room(&input, no_outlet).length, 0);
        read_keys("a\x1d.", plain_outlet);
        expect(SC_USER_NOTHING, plain_outlet);
        ck_assert_uint_eq(sc_user_input_room(&input, plain_outlet).length, 0);
        expect_typed("a\x1d.");
        sc_user_input_received(&input, 0);
        expect(SC_USER_NOTHING, plain_outlet);
        ck_assert(sc_user_input_is_over(&input));
}
END_TEST

START_TEST(the_text_to_send_comes_first_and_waits_for_its_guest)
{
        start(false);
        input.send = (const uint8_t *)"uname\r";
        input.send_length = 6;
        expect(SC_USER_NOTHING, no_outlet);
        ck_assert_uint_eq(sc_user_input_room(&input, plain_outlet).length, 0);
        ck_assert(!sc_user_input_is_over(&input));
        expect(SC_USER_NOTHING, plain_outlet);
        expect_typed("uname\r");
        read_keys("more", plain_outlet);
        expect(SC_USER_NOTHING, plain_outlet);
        ck_assert_uint_eq(sc_user_input_forget(&input), 4);
}
END_TEST

START_TEST(a_terminal_that_has_gone_is_the_end)
{
        start(true);
        sc_user_input_received(&input, 0);
        expect(SC_USER_HUNG_UP, open_outlet);
}
END_TEST

Suite *user_input_suite(void)
{
        Suite *suite = suite_create("user_input");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, what_was_typed_before_a_command_comes_before_it);
        tcase_add_test(claims, keys_that_have_nobody_to_go_to_are_told_once_each_time);
        tcase_add_test(claims, a_break_and_its_key_are_for_who_carries_them);
        tcase_add_test(claims, help_comes_a_second_behind_a_lone_escape_character);
        tcase_add_test(claims, what_may_be_a_sequence_is_held_back_for_a_moment);
        tcase_add_test(claims, the_escape_is_heard_behind_a_paste);
        tcase_add_test(claims, a_filter_reads_when_there_is_somebody_to_read_for);
        tcase_add_test(claims, the_text_to_send_comes_first_and_waits_for_its_guest);
        tcase_add_test(claims, a_terminal_that_has_gone_is_the_end);
        suite_add_tcase(suite, claims);
        return suite;
}
