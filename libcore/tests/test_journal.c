#include "suites.h"

#include "claim.h"
#include "model/console/journal.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
        [SC_JOURNAL_START] = "start",       [SC_JOURNAL_STOP] = "stop",
        [SC_JOURNAL_CONNECT] = "connect",   [SC_JOURNAL_ROLE] = "role",
        [SC_JOURNAL_REFUSED] = "refused",   [SC_JOURNAL_END] = "end",
        [SC_JOURNAL_TAKE] = "take",         [SC_JOURNAL_KICK] = "kick",
        [SC_JOURNAL_CLEAR] = "clear",       [SC_JOURNAL_MARK] = "mark",
        [SC_JOURNAL_BREAK] = "break",       [SC_JOURNAL_GUEST_UP] = "up",
        [SC_JOURNAL_GUEST_DOWN] = "down",   [SC_JOURNAL_GUEST_RESET] = "reset",
        [SC_JOURNAL_GUEST_ENDED] = "ended",
};

static struct world *new_world(void)
{
        struct sc_host_config config = world_config();
        config.journal = true;
        config.writers = SC_WRITERS_ONE;
        return world_new(&config);
}

/* What was noted since the last time, each with a comma behind it: kind, client, and what else there is of role, number,
 * why and text. */
static char noted[1000];
static size_t noted_length;

static void add(const char *word)
{
        noted_length += (size_t)snprintf(noted + noted_length, sizeof(noted) - noted_length, "%s", word);
        claim_uint(noted_length, <, sizeof(noted));
}

static void add_number(const char *name, uint64_t number)
{
        char word[40];
        snprintf(word, sizeof(word), " %s%llu", name, (unsigned long long)number);
        add(word);
}

static void assert_noted(struct world *world, const char *expected)
{
        struct sc_journal_entry entry;
        noted_length = 0;
        noted[0] = '\0';
        while (sc_journal_take(&world->host.journal, &entry)) {
                claim_uint(entry.time_ns, ==, world->now_ns);
                claim_uint(entry.offset, ==, world->guest.said);
                add(kinds[entry.kind]);
                if (entry.client != 0)
                        add_number("", entry.client);
                if (entry.kind == SC_JOURNAL_CONNECT || entry.kind == SC_JOURNAL_ROLE ||
                    entry.kind == SC_JOURNAL_REFUSED) {
                        add(entry.native ? " native" : " raw");
                        add(entry.view ? " view" : "");
                        add_number("role ", entry.role);
                }
                if (entry.number != 0)
                        add_number("#", entry.number);
                if (entry.kind == SC_JOURNAL_END)
                        add_number("why ", entry.why);
                char text[SC_MARK_BYTES_MAX + 1] = "";
                memcpy(text, entry.text, entry.kind == SC_JOURNAL_START ? 0 : entry.text_length);
                add(text[0] != '\0' ? " " : "");
                add(text);
                add(", ");
        }
        ck_assert_str_eq(noted, expected);
}

static struct client *operator_of(struct world *world)
{
        return native_client(world, SC_ROLE_CONTROL, SC_START_END, 0);
}

START_TEST(each_client_is_noted_once)
{
        struct world *world = new_world();
        struct client *raw = raw_client(world);
        struct client *viewer = raw_viewer(world);
        struct client *native = native_client(world, SC_ROLE_CLIENT, SC_START_END, 0);
        assert_noted(
                world,
                "start, connect 1 raw role 1, connect 2 raw view role 2, connect 3 native role 1 test, ");

        client_dies(raw);
        world_run(world);
        client_dies(native);
        world_run(world);
        client_dies(viewer);
        world_run(world);

        assert_noted(world, "end 1 why 0, end 3 why 0, end 2 why 0, ");
        world_free(world);
}
END_TEST

START_TEST(who_says_hello_again_has_another_role)
{
        struct world *world = new_world();
        struct client *client = operator_of(world);
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_END, 0);
        hello.label_length = 3;
        memcpy(hello.label, "bob", 3);

        client_says_hello(client, &hello);
        world_run(world);

        assert_noted(world, "start, connect 1 native role 3 test, role 1 native role 1 bob, ");
        world_free(world);
}
END_TEST

START_TEST(a_role_is_what_the_host_gives)
{
        struct world *world = new_world();
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_END, 0);
        native_on(world, SC_LISTENER_VIEW_CONTROL, &hello);
        assert_noted(world, "start, connect 1 native view role 2 test, ");
        world_free(world);
}
END_TEST

START_TEST(who_says_nothing_that_is_a_hello_is_noted_at_its_end)
{
        struct world *world = new_world();
        struct client *rubbish = world_connect(world, SC_LISTENER_CONTROL);
        client_sends_string(rubbish, "GET / HTTP/1.1\r\n\r\n");
        world_run(world);
        client_reads_all(world, rubbish);
        assert_noted(world, "start, connect 1 native role 0, end 1 why 1, ");

        world_connect(world, SC_LISTENER_CONTROL);
        world_run(world);
        world_pass(world, SC_SILENCE_NS + SC_CLOSING_NS);
        struct sc_journal_entry entry;
        ck_assert(sc_journal_take(&world->host.journal, &entry) && entry.kind == SC_JOURNAL_CONNECT);
        ck_assert(sc_journal_take(&world->host.journal, &entry) && entry.kind == SC_JOURNAL_END);
        ck_assert(entry.why == SC_ERROR_SILENT && !sc_journal_take(&world->host.journal, &entry));
        world_free(world);
}
END_TEST

START_TEST(a_refused_connection_has_no_number)
{
        struct sc_host_config config = world_config();
        config.journal = true;
        config.clients_max = 1;
        struct world *world = world_new(&config);
        raw_client(world);
        world_connect(world, SC_LISTENER_RAW);
        assert_noted(world, "start, connect 1 raw role 1, refused raw role 1, ");
        struct client *native = world_connect(world, SC_LISTENER_CONTROL);
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_END, 0);
        client_says_hello(native, &hello);
        world_run(world);
        client_reads_all(world, native);
        assert_noted(world, "connect 2 native role 1 test, end 2 why 5, ");
        world_free(world);
}
END_TEST

START_TEST(what_operators_do_is_noted_with_who_they_are)
{
        struct world *world = new_world();
        guest_up(world);
        raw_client(world);
        struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_END, 0);
        struct client *operator= operator_of(world);
        guest_says(world, 100);
        struct sc_journal_entry entry;
        while (sc_journal_take(&world->host.journal, &entry))
                continue;

        client_sends_empty(client, SC_FRAME_TAKE);
        world_run(world);
        assert_noted(world, "take 2, ");
        client_sends_mark(operator, "before");
        world_run(world);
        assert_noted(world, "mark 3 #2 before, ");
        client_reads_all(world, operator);
        client_sends_value(operator, SC_FRAME_BREAK, 1);
        world_run(world);
        client_reads_all(world, operator);
        client_sends_empty(operator, SC_FRAME_CLEAR);
        world_run(world);
        client_reads_all(world, operator);
        client_sends_value(operator, SC_FRAME_KICK, 1);
        world_run(world);

        assert_noted(world, "break 3, clear 3 #100, kick 3 #1, end 1 why 7, ");
        world_free(world);
}
END_TEST

START_TEST(what_was_refused_was_not_done)
{
        struct world *world = new_world();
        raw_client(world);
        struct client *viewer = native_client(world, SC_ROLE_VIEWER, SC_START_END, 0);
        struct sc_journal_entry entry;
        while (sc_journal_take(&world->host.journal, &entry))
                continue;

        client_sends_empty(viewer, SC_FRAME_TAKE);
        client_sends_empty(viewer, SC_FRAME_CLEAR);
        client_sends_mark(viewer, "x");
        client_sends_value(viewer, SC_FRAME_KICK, 1);
        client_sends_value(viewer, SC_FRAME_BREAK, 0);
        client_reads_all(world, viewer);

        ck_assert_uint_eq(viewer->native.dones, 5);
        assert_noted(world, "");
        world_free(world);
}
END_TEST

START_TEST(the_guest_comes_and_goes)
{
        struct world *world = new_world();
        guest_up(world);
        guest_down(world);
        guest_up(world);
        guest_ends(world);
        assert_noted(world, "start, up #1, down #2, up #3, ended #4, ");
        world_free(world);
}
END_TEST

START_TEST(all_who_are_there_end_with_the_host)
{
        struct world *world = new_world();
        raw_client(world);
        native_client(world, SC_ROLE_CLIENT, SC_START_END, 0);
        sc_host_stop(&world->host);
        sc_host_stopped(&world->host);
        assert_noted(world, "start, connect 1 raw role 1, connect 2 native role 1 test, end 1 why 8, end 2 "
                            "why 8, stop, ");
        world_free(world);
}
END_TEST

START_TEST(what_has_no_room_is_counted)
{
        static struct sc_journal_entry entries[SC_JOURNAL_ENTRIES_MAX];
        struct sc_journal journal = { .entries = entries };
        struct sc_journal_entry entry = { .kind = SC_JOURNAL_MARK };
        for (uint64_t round = 0; round < 3; round++) {
                for (entry.number = 0; entry.number < SC_JOURNAL_ENTRIES_MAX + 2; entry.number++)
                        sc_journal_note(&journal, &entry);
                claim_uint(journal.left_out, ==, 2 * (round + 1));
                for (uint64_t number = 0; number < SC_JOURNAL_ENTRIES_MAX; number++)
                        claim(sc_journal_take(&journal, &entry) && entry.number == number);
                claim(!sc_journal_take(&journal, &entry));
        }
}
END_TEST

START_TEST(nothing_is_noted_for_nobody)
{
        struct sc_host_config config = world_config();
        struct world *world = world_with_guest(&config);
        struct sc_journal_entry entry;
        raw_client(world);
        ck_assert(!sc_journal_take(&world->host.journal, &entry));
        ck_assert_uint_eq(world->host.journal.left_out, 0);
        world_free(world);
}
END_TEST

Suite *journal_suite(void)
{
        Suite *suite = suite_create("journal");
        TCase *claims = tcase_create("claims");
        tcase_add_test(claims, each_client_is_noted_once);
        tcase_add_test(claims, who_says_hello_again_has_another_role);
        tcase_add_test(claims, a_role_is_what_the_host_gives);
        tcase_add_test(claims, who_says_nothing_that_is_a_hello_is_noted_at_its_end);
        tcase_add_test(claims, a_refused_connection_has_no_number);
        tcase_add_test(claims, what_operators_do_is_noted_with_who_they_are);
        tcase_add_test(claims, what_was_refused_was_not_done);
        tcase_add_test(claims, the_guest_comes_and_goes);
        tcase_add_test(claims, all_who_are_there_end_with_the_host);
        tcase_add_test(claims, what_has_no_room_is_counted);
        tcase_add_test(claims, nothing_is_noted_for_nobody);
        suite_add_tcase(suite, claims);
        return suite;
}
