#include "suites.h"
#include "world.h"

#include <string.h>

static struct world *world;

static void small_world(void)
{
        struct sc_host_config config = world_config();
        world = world_with_guest(&config);
}

static void end_world(void)
{
        world_free(world);
}

START_TEST(late_client_is_flushed_while_the_guest_is_silent) /* BF-1, BF-2 */
{
        guest_says(world, 3000);
        struct client *client = raw_client(world);
        client_reads_all(world, client);
        assert_got(client, 0, 3000);
        guest_says(world, 500);
        client_reads_all(world, client);
        assert_got(client, 0, 3500);
}
END_TEST

START_TEST(overflow_gives_exactly_the_newest_capacity) /* BF-4 */
{
        guest_says(world, 3 * WORLD_CAPACITY + 17);
        struct client *client = raw_client(world);
        client_reads_all(world, client);
        assert_got(client, 2 * WORLD_CAPACITY + 17, WORLD_CAPACITY);
        struct client *control = native_client(world, SC_ROLE_CONTROL, SC_START_END, 0);
        struct sc_status status = status_for(world, control);
        ck_assert_uint_eq(status.lost_bytes, 2 * WORLD_CAPACITY + 17);
}
END_TEST

START_TEST(native_client_gets_the_stream)
{
        guest_says(world, 3000);
        struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        ck_assert_uint_eq(client->native.offset, 3000);
        ck_assert_uint_eq(client->native.boundaries, 1);
        guest_says(world, 100);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.offset, 3100);
        client_types(client, "hello");
        world_run(world);
        assert_heard_string(world, "hello");
}
END_TEST

START_TEST(status_asked_for_beside_a_joining_client_is_whole)
{
        struct client *asks = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        for (int turns = 0; turns < _i; turns++) /* whoever is visited first */
                world_turn(world);
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        client_says_hello(world_connect(world, SC_LISTENER_CONTROL), &hello);
        status_for(world, asks);
}
END_TEST

START_TEST(clear_before_a_boundary_was_told_leaves_the_host_at_rest)
{
        struct client *slow = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        struct client *other = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        slow->write_max = 0;
        guest_says(world, 100);
        guest_down(world);
        client_sends_empty(other, SC_FRAME_CLEAR);
        world_run(world);
        slow->write_max = SIZE_MAX;
        client_reads_all(world, slow);
        ck_assert_uint_eq(slow->native.cleared_bytes, 100);
}
END_TEST

START_TEST(input_behind_a_break_needs_no_other_event)
{
        struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        client_types(client, "ab");
        client_sends_value(client, SC_FRAME_BREAK, 1);
        client_types(client, "cd");
        world_run(world);
        assert_heard_string(world, "abcd");
        ck_assert_uint_eq(world->guest.break_at, 2);
}
END_TEST

START_TEST(input_of_a_client_that_reads_slowly_reaches_the_guest)
{
        struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        client->queue_max = 1000;
        for (int i = 0; i < 50; i++) {
                world->guest.to_say += 1000;
                world_run(world);
                client_reads(client, 999);
                if (i == 10)
                        client_sends_input(client, 1, "\003", 1);
                if (i == 20)
                        assert_heard(world, "\003", 1);
        }
}
END_TEST

START_TEST(input_behind_a_take_is_taken)
{
        world_free(world);
        struct sc_host_config config = world_config();
        config.writers = SC_WRITERS_ONE;
        world = world_with_guest(&config);
        native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        struct client *second = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        client_types(second, "old");
        client_sends_empty(second, SC_FRAME_TAKE);
        client_types(second, "new");
        client_reads_all(world, second);
        assert_heard_string(world, "new");
}
END_TEST

START_TEST(hello_of_another_version_is_told_the_version)
{
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        hello.version = 2;
        hello.role = 9;
        struct client *client = native_on(world, SC_LISTENER_CONTROL, &hello);
        ck_assert_uint_eq(client->native.error, SC_ERROR_VERSION);
}
END_TEST

START_TEST(dead_client_is_not_believed)
{
        world_free(world);
        struct sc_host_config config = world_config();
        config.history = SC_HISTORY_UNREAD;
        world = world_with_guest(&config);
        guest_says(world, 3000);
        struct client *client = raw_client(world);
        client_reads(client, 100);
        client_dies(client);
        world_run(world);
        ck_assert(!client->open);
        struct client *next = raw_client(world);
        client_reads_all(world, next);
        assert_got(next, 0, 3000);
        client_dies(next);
        world_run(world);
        ck_assert(!next->open);
        struct client *third = raw_client(world);
        client_reads_all(world, third);
        assert_got(third, 3000, 0);
}
END_TEST

Suite *host_suite(void)
{
        Suite *suite = suite_create("host");
        TCase *smoke = tcase_create("smoke");
        tcase_add_checked_fixture(smoke, small_world, end_world);
        tcase_add_test(smoke, late_client_is_flushed_while_the_guest_is_silent);
        tcase_add_test(smoke, overflow_gives_exactly_the_newest_capacity);
        tcase_add_test(smoke, native_client_gets_the_stream);
        tcase_add_loop_test(smoke, status_asked_for_beside_a_joining_client_is_whole, 0, 2);
        tcase_add_test(smoke, clear_before_a_boundary_was_told_leaves_the_host_at_rest);
        tcase_add_test(smoke, input_behind_a_break_needs_no_other_event);
        tcase_add_test(smoke, input_of_a_client_that_reads_slowly_reaches_the_guest);
        tcase_add_test(smoke, input_behind_a_take_is_taken);
        tcase_add_test(smoke, hello_of_another_version_is_told_the_version);
        tcase_add_test(smoke, dead_client_is_not_believed);
        suite_add_tcase(suite, smoke);
        return suite;
}
