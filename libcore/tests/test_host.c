#include "suites.h"

#include "random.h"
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
        struct client *joins = world_connect(world, SC_LISTENER_CONTROL);
        for (int turns = 0; turns < _i; turns++) /* whoever is visited first */
                world_turn(world);
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        client_says_hello(joins, &hello);
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

static struct random walk;

/* The walk's next number. */
static uint64_t below(uint64_t bound)
{
        return random_below(&walk, bound);
}

static struct client *any_client(void)
{
        for (int tries = 0; tries < 10 && world->count > 0; tries++) {
                struct client *client = &world->clients[below(world->count)];
                if (client->open && !client->dead)
                        return client;
        }
        return NULL;
}

static void connect_something(void)
{
        if (world->count == WORLD_CLIENTS_MAX)
                return;
        enum sc_listener listener = (enum sc_listener)below(SC_LISTENER_COUNT);
        struct client *client = world_connect(world, listener);
        client->queue_max = 1 + below(20000);
        bool native = listener == SC_LISTENER_CONTROL || listener == SC_LISTENER_VIEW_CONTROL;
        if (!native || !client->open || below(10) == 0)
                return;
        struct sc_hello hello = hello_of((enum sc_role)(1 + below(3)), (enum sc_start)(1 + below(8)),
                                         below(world->guest.said + 100));
        hello.flags = (uint8_t)below(2);
        if (below(10) == 0)
                hello.instance[0]++;
        client_says_hello(client, &hello);
}

static void say_something(struct client *client)
{
        static uint8_t junk[9000];
        bool native = client->listener == SC_LISTENER_CONTROL || client->listener == SC_LISTENER_VIEW_CONTROL;
        if (client->shut_write || client->shut_both)
                return;
        if (!native || below(200) == 0) {
                client_sends(client, junk, below(sizeof(junk)));
                return;
        }
        if (client->native.welcomes == 0)
                return;
        switch (below(11)) {
        case 0:
                client_sends_value(client, SC_FRAME_BREAK, world->host.guest.number);
                return;
        case 1:
                client_sends_value(client, SC_FRAME_ACKNOWLEDGE, client->native.offset);
                return;
        case 2:
                client_asks_history(client, (enum sc_start)(1 + below(8)), below(world->guest.said + 9),
                                    below(10000));
                return;
        case 3:
                client_sends_empty(client, SC_FRAME_TAKE);
                return;
        case 4:
                client_sends_value(client, SC_FRAME_KICK, below(3) ? 0 : below(world->host.next_id));
                return;
        case 5:
                client_sends_empty(client, below(3) ? SC_FRAME_STATUS_REQUEST : SC_FRAME_CLEAR);
                return;
        case 6:
                client_sends_mark(client, "a mark");
                return;
        case 7:
                client_sends_value(client, SC_FRAME_PING, 7);
                return;
        default:
                client_sends_input(client, world->host.guest.number - below(2), junk,
                                   1 + below(SC_FRAME_INPUT_BYTES_MAX));
        }
}

static void do_something(void)
{
        struct client *client = any_client();
        switch (below(16)) {
        case 0:
        case 1:
                connect_something();
                return;
        case 2:
        case 3:
        case 4:
                if (world->guest.up)
                        world->guest.to_say += below(below(10) ? 500 : 12000);
                return;
        case 5:
                if (below(8) != 0)
                        return;
                world->guest.to_say = 0;
                if (world->guest.up)
                        guest_down(world);
                else
                        guest_up(world);
                return;
        case 6:
                world->guest.room = below(5000);
                world->guest.reads_breaks = below(3) > 0;
                return;
        case 7:
                world_pass(world, below(4) ? below(50) * SC_NS_PER_MS : below(3 * SC_NS_PER_S));
                return;
        default:
                break;
        }
        if (!client)
                return;
        switch (below(12)) {
        case 0:
                if (below(4) == 0)
                        client_dies(client);
                return;
        case 1:
                if (below(4) == 0)
                        client->shut_write = true;
                return;
        case 2:
                client->write_max = below(3) ? SIZE_MAX : below(3000);
                return;
        case 3:
                if (below(20) == 0)
                        client->shut_both = client->shut_write = true;
                return;
        case 4:
        case 5:
        case 6:
        case 7:
                say_something(client);
                return;
        default:
                client_reads(client, below(3) ? SIZE_MAX : below(5000));
        }
}

/* Whatever happens in whatever order: no promise is broken, nobody gets a wrong byte, and the host comes to rest. */
START_TEST(anything_in_any_order_is_survived)
{
        world_free(world);
        walk = random_of((unsigned)_i);
        struct sc_host_config config = world_config();
        config.keep_first_bytes = _i % 3 == 0 ? 0 : 3000 * (uint64_t)(_i % 3);
        config.history = (enum sc_history_policy)(_i % SC_HISTORY_COUNT);
        config.history_bytes = 1000;
        config.writers = (enum sc_writers_policy)(_i / 2 % 2);
        config.hold_ns = _i % 4 == 0 ? 0 : 200 * SC_NS_PER_MS;
        world = world_new(&config);
        for (unsigned long i = test_rounds(6000); i > 0; i--) {
                do_something();
                if (below(3) > 0)
                        world_run(world);
                else
                        world_turn(world);
        }
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
        tcase_add_loop_test(smoke, anything_in_any_order_is_survived, 0, 60);
        suite_add_tcase(suite, smoke);
        return suite;
}
