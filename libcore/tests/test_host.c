#include "suites.h"

#include "claim.h"
#include "random.h"
#include "world.h"

#include <string.h>

static struct world *world;

static struct random walk;

/* The walk's next number. */
static uint64_t below(uint64_t bound)
{
        return random_below(&walk, bound);
}

static void small_world(void)
{
        struct sc_host_config config = world_config();
        world = world_with_guest(&config);
}

static void end_world(void)
{
        world_free(world);
}

/* A native client of the whole history. */
static struct client *from_beginning(void)
{
        return native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
}

static struct client *control(void)
{
        return native_client(world, SC_ROLE_CONTROL, SC_START_END, 0);
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
        struct sc_status status = status_for(world, control());
        ck_assert_uint_eq(status.lost_bytes, 2 * WORLD_CAPACITY + 17);
}
END_TEST

START_TEST(native_client_gets_the_stream)
{
        guest_says(world, 3000);
        struct client *client = from_beginning();
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
        struct client *asks = from_beginning();
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
        struct client *slow = from_beginning();
        struct client *other = from_beginning();
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
        struct client *client = from_beginning();
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
        struct client *client = from_beginning();
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
        from_beginning();
        struct client *second = from_beginning();
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

/* _i: as whom it attaches. */
START_TEST(control_may_say_hello_again)
{
        guest_says(world, 1000);
        struct client *client = control();
        client_asks_history(client, SC_START_BEGINNING, 0, 1000);
        client_types(client, "not yet");
        struct sc_hello again = hello_of(SC_ROLE_CONTROL, SC_START_END, 0);
        client_says_hello(client, &again);
        again = hello_of((enum sc_role)_i, SC_START_LAST, 400);
        client_says_hello(client, &again);
        client_types(client, "mine");
        client_reads_all(world, client);

        ck_assert_uint_eq(client->native.history_bytes, 1000);
        ck_assert_uint_eq(client->native.welcomes, 3);
        ck_assert_uint_eq(client->native.welcome.role, (unsigned)_i);
        ck_assert_uint_eq(client->native.welcome.client, client->id);
        ck_assert_uint_eq(client->native.offset - client->native.welcome.start, 400);
        ck_assert_uint_eq(client->native.boundaries, 1);
        ck_assert_uint_eq(client->native.roles, 1);
        assert_heard_string(world, _i == SC_ROLE_CLIENT ? "mine" : "");
        world_pass(world, 2 * SC_SILENCE_NS);
        ck_assert(client->open);

        client_says_hello(client, &again);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.error, SC_ERROR_MALFORMED);
}
END_TEST

START_TEST(second_hello_is_judged_as_the_first)
{
        struct client *client = control();
        struct sc_hello beyond = hello_of(SC_ROLE_CLIENT, SC_START_OFFSET, 1);
        client_says_hello(client, &beyond);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.welcome.answer, SC_ANSWER_BEYOND_HEAD);
        ck_assert(client->open && !client->native.attached);

        while (raw_client(world)->open)
                continue;
        struct sc_hello hello = hello_of(SC_ROLE_CONTROL, SC_START_END, 0);
        client_says_hello(client, &hello);
        client_reads_all(world, client);
        ck_assert(client->open);
        hello = hello_of(SC_ROLE_CLIENT, SC_START_END, 0);
        client_says_hello(client, &hello);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.error, SC_ERROR_LIMIT);
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

/* It dies between the loop's question and the read: the read takes the error from the socket, whose samples then look
 * like those of a client that had read everything. */
START_TEST(reset_that_only_the_read_was_told_of_is_one) /* BF-8 */
{
        world_free(world);
        struct sc_host_config config = world_config();
        config.history = SC_HISTORY_UNREAD;
        world = world_with_guest(&config);
        guest_says(world, 3000);
        struct client *client = raw_client(world);
        client_reads(client, 100);
        client_dies(client);
        client->reset = false;
        sc_host_client_read_ended(&world->host, client->token, true);
        world_run(world);
        ck_assert(!client->open);
        struct client *next = raw_client(world);
        client_reads_all(world, next);
        assert_got(next, 0, 3000);
}
END_TEST

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
        if (world->count == WORLD_CLIENTS_MAX - 1) /* one is left for an operator */
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

static struct world *another_world(const struct sc_host_config *config)
{
        world_free(world);
        world = world_with_guest(config);
        return world;
}

static uint64_t dropped(enum sc_refusal reason)
{
        return world->host.counters.input_dropped[reason];
}

/* --- clients that come late, and that lag --- */

START_TEST(kept_beginning_comes_before_the_newest) /* BF-1 */
{
        struct sc_host_config config = world_config();
        config.keep_first_bytes = 1000;
        another_world(&config);
        guest_says(world, 3 * WORLD_CAPACITY);
        struct client *client = raw_client(world);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->got.length, 1000 + WORLD_CAPACITY);
        assert_output(client->got.at, 0, 1000);
        assert_output(client->got.at + 1000, 2 * WORLD_CAPACITY, WORLD_CAPACITY);
        ck_assert_uint_eq(world->host.history.lost_bytes, 2 * WORLD_CAPACITY - 1000);
}
END_TEST

START_TEST(stalled_client_catches_up_while_the_guest_is_silent) /* BF-5, BF-6 */
{
        struct client *stalled = raw_client(world);
        struct client *native = from_beginning();
        stalled->write_max = native->write_max = 0;
        for (int i = 0; i < 30; i++)
                guest_says(world, 1000);
        stalled->write_max = native->write_max = SIZE_MAX;
        client_reads_all(world, stalled);
        client_reads_all(world, native);
        assert_got(stalled, 30000 - WORLD_CAPACITY, WORLD_CAPACITY);
        ck_assert_uint_eq(native->native.offset, 30000);
        ck_assert_uint_eq(native->native.gap_bytes, 30000 - WORLD_CAPACITY);
        struct client *asks = control();
        ck_assert_uint_eq(status_client(world, asks, stalled).gaps, 1);
        ck_assert_uint_eq(status_client(world, asks, stalled).gap_bytes, 30000 - WORLD_CAPACITY);
        ck_assert_uint_eq(status_client(world, asks, native).gaps, 1);
        ck_assert_uint_eq(status_client(world, asks, native).gap_bytes, 30000 - WORLD_CAPACITY);
        ck_assert_uint_eq(status_client(world, asks, native).offset, 30000);
}
END_TEST

START_TEST(backlog_is_flushed_in_few_writes)
{
        struct sc_host_config config = world_config();
        config.capacity_bytes = 1 << 20;
        another_world(&config);
        guest_says(world, (1 << 20) + 77777);
        struct client *raw = raw_client(world);
        client_reads_all(world, raw);
        assert_got(raw, 77777, 1 << 20);
        ck_assert_uint_le(raw->writes, 64);
        struct client *native = from_beginning();
        ck_assert_uint_eq(native->native.offset, (1 << 20) + 77777);
        ck_assert_uint_le(native->writes, 64);
}
END_TEST

#define RETURNS 250

START_TEST(native_client_that_returns_gets_the_stream_exactly) /* BF-9 */
{
        walk = random_of((unsigned)_i);
        for (unsigned long i = test_rounds(RETURNS); i > 0; i--) {
                guest_says(world, below(300));
                uint64_t offset = below(world->guest.said + 1);
                struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_OFFSET, offset);
                guest_says(world, below(300));
                client_reads_all(world, client);
                ck_assert_uint_eq(client->native.welcome.start, offset);
                ck_assert_uint_eq(client->native.offset, world->guest.said);
                ck_assert_uint_eq(client->native.data_bytes + client->native.gap_bytes,
                                  world->guest.said - offset);
                client_dies(client);
                world_run(world);
        }
}
END_TEST

START_TEST(wrong_offsets_get_their_answers) /* BF-9 */
{
        guest_says(world, 3 * WORLD_CAPACITY);
        struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_OFFSET, 3 * WORLD_CAPACITY + 1);
        ck_assert_int_eq(client->native.welcome.answer, SC_ANSWER_BEYOND_HEAD);
        ck_assert(!client->native.attached);

        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_OFFSET, 5);
        hello.instance[3]++;
        client_says_hello(client, &hello);
        client_reads_all(world, client);
        ck_assert_int_eq(client->native.welcome.answer, SC_ANSWER_OTHER_INSTANCE);

        hello = hello_of(SC_ROLE_CLIENT, SC_START_OFFSET, 5);
        client_says_hello(client, &hello);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.welcomes, 3);
        ck_assert_int_eq(client->native.welcome.answer, SC_ANSWER_OVERWRITTEN);
        ck_assert_uint_eq(client->native.gap_bytes, 2 * WORLD_CAPACITY - 5);
        ck_assert_uint_eq(client->native.offset, 3 * WORLD_CAPACITY);
}
END_TEST

static uint64_t line_ns[20];
static unsigned lines_got;

static void assert_line(struct client *client, uint64_t offset, uint64_t time_ns, size_t length)
{
        (void)client;
        ck_assert_uint_eq(offset, 50 * lines_got);
        ck_assert_uint_eq(length, 50);
        ck_assert_uint_eq(time_ns, line_ns[lines_got++]);
}

START_TEST(late_client_gets_the_times_of_arrival) /* BF-14 */
{
        for (int i = 0; i < 20; i++) {
                world_pass(world, 200 * SC_NS_PER_MS);
                line_ns[i] = world->now_ns;
                guest_says(world, 50);
        }
        world_pass(world, 3600 * SC_NS_PER_S);
        struct client *client = world_connect(world, SC_LISTENER_CONTROL);
        client->native.on_data = assert_line;
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        client_says_hello(client, &hello);
        client_reads_all(world, client);
        ck_assert_uint_eq(lines_got, 20);
}
END_TEST

START_TEST(cleared_output_is_given_to_nobody) /* BF-15 */
{
        struct client *operator= from_beginning();
        guest_says(world, 1000);
        client_sends_empty(operator, SC_FRAME_CLEAR);
        client_reads_all(world, operator);
        ck_assert_uint_eq(operator->native.dones, 1);
        ck_assert_uint_eq(operator->native.done_result, SC_RESULT_OK);
        guest_says(world, 70);
        struct client *raw = raw_client(world);
        client_reads_all(world, raw);
        assert_got(raw, 1000, 70);
        struct client *late = from_beginning();
        ck_assert_uint_eq(late->native.cleared_bytes, 1000);
        ck_assert_uint_eq(late->native.offset, 1070);
        ck_assert_uint_eq(world->host.history.cleared_bytes, 1000);
        ck_assert_uint_eq(world->host.history.lost_bytes, 0);
}
END_TEST

/* Its stream, and with it a frame of output, is cut: the host keeps the rest. */
static struct client *cut_client(enum sc_role role)
{
        struct client *client = native_client(world, role, SC_START_END, 0);
        client->queue_max = 500;
        if (role == SC_ROLE_CONTROL)
                client_asks_history(client, SC_START_BEGINNING, 0, UINT64_MAX);
        else
                guest_says(world, 2000);
        world_run(world);
        ck_assert_uint_gt(slot_of(world, client)->peer.cut_output_bytes, 0);
        return client;
}

static void types_output(struct client *client)
{
        uint8_t bytes[1000];
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = output_byte(i);
        if (client->listener == SC_LISTENER_CONTROL)
                client_sends_input(client, 1, bytes, sizeof(bytes));
        else
                client_sends(client, bytes, sizeof(bytes));
        world_run(world);
}

START_TEST(cleared_bytes_lie_nowhere_in_memory) /* BF-15 */
{
        struct sc_host_config config = world_config();
        config.keep_first_bytes = 1000;
        world = another_world(&config);
        guest_says(world, 3 * WORLD_CAPACITY);
        struct client *asks = control();
        struct client *raw = raw_client(world);
        types_output(raw);
        types_output(raw_viewer(world));
        types_output(from_beginning());
        client_dies(cut_client(SC_ROLE_CLIENT));
        struct client *read = cut_client(SC_ROLE_CLIENT);
        read->queue_max = SIZE_MAX;
        client_reads_all(world, read);
        struct client *kicked = cut_client(SC_ROLE_CLIENT);
        client_sends_value(asks, SC_FRAME_KICK, kicked->id);
        struct client *cut[] = { cut_client(SC_ROLE_CLIENT), cut_client(SC_ROLE_VIEWER),
                                 cut_client(SC_ROLE_CONTROL) };
        struct client *slow = control();
        slow->queue_max = 50;
        client_sends_empty(slow, SC_FRAME_STATUS_REQUEST);
        world->guest.room = 3;
        client_sends_string(raw, "login");
        world_run(world);
        ck_assert(output_in_memory(world));

        client_sends_empty(asks, SC_FRAME_CLEAR);
        client_reads_all(world, asks);
        ck_assert_uint_eq(asks->native.dones, 2);
        ck_assert(!output_in_memory(world));

        for (size_t i = 0; i < SC_COUNT(cut); i++)
                ck_assert(!cut[i]->open);
        ck_assert(!kicked->open && read->open);
        ck_assert_uint_eq(world->host.counters.kicked, 1 + SC_COUNT(cut));
        client_reads_all(world, slow);
        ck_assert_uint_eq(slow->native.statuses, 1);
        client_reads(cut[0], SIZE_MAX);
        struct client *again = native_client(world, SC_ROLE_CLIENT, SC_START_OFFSET, cut[0]->native.offset);
        ck_assert_uint_eq(again->native.welcome.answer, SC_ANSWER_OVERWRITTEN);
        ck_assert_uint_eq(again->native.cleared_bytes, world->guest.said - cut[0]->native.offset);
        world->guest.room = SIZE_MAX;
        world_run(world);
        ck_assert_mem_eq(world->guest.heard.at + world->guest.heard.length - 5, "login", 5);
}
END_TEST

START_TEST(who_clears_within_a_frame_of_its_own_is_ended)
{
        struct client *client = cut_client(SC_ROLE_CLIENT);
        client_sends_empty(client, SC_FRAME_CLEAR);
        world_run(world);
        ck_assert(!client->open);
        ck_assert(!output_in_memory(world));
        ck_assert_uint_eq(world->host.history.ring.tail, world->guest.said);
}
END_TEST

START_TEST(history_read_is_answered_beside_the_stream)
{
        guest_says(world, 3000);
        struct client *client = native_client(world, SC_ROLE_CLIENT, SC_START_END, 0);
        client_asks_history(client, SC_START_LAST, 2000, 1500);
        guest_says(world, 500);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.history_ends, 1);
        ck_assert_uint_eq(client->native.history_from + client->native.history_bytes,
                          client->native.history_offset);
        ck_assert_uint_eq(client->native.history_bytes, 1500);
        ck_assert_uint_eq(client->native.offset, 3500);
}
END_TEST

/* --- proof of consumption --- */

#define UNREAD_SAID 3000

static struct sc_host_config unread_config(void)
{
        struct sc_host_config config = world_config();
        config.history = SC_HISTORY_UNREAD;
        return config;
}

static const size_t reads[] = { 0, 1, 700, UNREAD_SAID - 1, UNREAD_SAID };
#define READS ((int)SC_COUNT(reads))

/* _i: how much the client reads, how much another beside it does (none is there in the last round), and how large the
 * kernel's queues are. */
START_TEST(next_client_misses_nothing_of_what_a_dead_one_did_not_read) /* BF-8 */
{
        struct sc_host_config config = unread_config();
        another_world(&config);
        guest_says(world, UNREAD_SAID);
        size_t first_reads = reads[_i % READS];
        bool alone = _i / READS % (READS + 1) == READS;
        size_t second_reads = alone ? 0 : reads[_i / READS % (READS + 1)];
        size_t queue_max = _i / READS / (READS + 1) ? 650 : 200000;

        struct client *first = raw_client(world);
        struct client *second = alone ? NULL : raw_client(world);
        first->queue_max = queue_max;
        size_t got = 0;
        while (got < first_reads) {
                size_t read = client_reads(first, first_reads - got);
                got += read;
                world_run(world);
                ck_assert_uint_gt(read, 0);
        }
        for (got = 0; second && got < second_reads;) {
                got += client_reads(second, second_reads - got);
                world_run(world);
        }
        client_dies(first);
        world_run(world);
        ck_assert(!first->open);
        if (second) {
                client_dies(second);
                world_run(world);
        }
        size_t most = first_reads > second_reads ? first_reads : second_reads;
        ck_assert_uint_le(world->host.consumed.offset, most);
        if (most == UNREAD_SAID)
                ck_assert_uint_eq(world->host.consumed.offset, UNREAD_SAID);
        struct client *next = raw_client(world);
        client_reads_all(world, next);
        ck_assert_uint_ge(next->got.length, UNREAD_SAID - most);
        assert_got(next, UNREAD_SAID - next->got.length, next->got.length);
}
END_TEST

START_TEST(acknowledgement_is_a_proof_and_a_viewers_is_none) /* BF-8 */
{
        guest_says(world, 3000);
        struct client *viewer = native_client(world, SC_ROLE_VIEWER, SC_START_BEGINNING, 0);
        client_sends_value(viewer, SC_FRAME_ACKNOWLEDGE, 3000);
        world_run(world);
        ck_assert_uint_eq(world->host.consumed.offset, 0);
        struct client *client = from_beginning();
        ck_assert_uint_eq(world->host.consumed.offset, 0); /* read by the kernel's queue alone */
        client_sends_value(client, SC_FRAME_ACKNOWLEDGE, 1200);
        world_run(world);
        ck_assert_uint_eq(world->host.consumed.offset, 1200);
        client_sends_value(client, SC_FRAME_ACKNOWLEDGE, 3001);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.error, SC_ERROR_MALFORMED);
        ck_assert_uint_eq(world->host.consumed.offset, 1200);
}
END_TEST

START_TEST(raw_viewer_consumes_nothing) /* BF-8, BF-11 */
{
        guest_says(world, 3000);
        struct client *viewer = raw_viewer(world);
        client_reads_all(world, viewer);
        assert_got(viewer, 0, 3000);
        client_dies(viewer);
        world_run(world);
        ck_assert_uint_eq(world->host.consumed.offset, 0);
}
END_TEST

/* --- hold --- */

static void holding_world(void)
{
        struct sc_host_config config = world_config();
        config.hold_ns = 2 * SC_NS_PER_S;
        another_world(&config);
}

START_TEST(slow_client_loses_nothing_under_hold) /* BF-5 */
{
        holding_world();
        struct client *raw = raw_client(world);
        struct client *native = from_beginning();
        raw->queue_max = native->queue_max = 500;
        world->guest.to_say = 20000;
        for (int i = 0; i < 400; i++) {
                world_pass(world, 50 * SC_NS_PER_MS);
                client_reads(raw, 130);
                client_reads(native, 130);
        }
        client_reads_all(world, raw);
        client_reads_all(world, native);
        ck_assert_uint_eq(world->guest.said, 20000);
        assert_got(raw, 0, 20000);
        ck_assert_uint_eq(native->native.data_bytes, 20000);
        ck_assert_uint_gt(world->host.guest.holds, 0);
}
END_TEST

START_TEST(stopped_client_holds_for_a_moment_only) /* BF-5 */
{
        holding_world();
        struct client *client = raw_client(world);
        client->queue_max = 500;
        world->guest.to_say = 5 * WORLD_CAPACITY;
        world_pass(world, SC_HOLD_TAKING_NS + 2 * SC_HOLD_RETRY_NS);
        ck_assert_uint_eq(world->guest.to_say, 0);
}
END_TEST

START_TEST(trickling_client_holds_up_to_the_limit_only) /* BF-5 */
{
        holding_world();
        struct client *client = raw_client(world);
        client->queue_max = 500;
        world->guest.to_say = 20 * WORLD_CAPACITY;
        for (int i = 0; i < 42; i++) {
                world_pass(world, 50 * SC_NS_PER_MS);
                client_reads(client, 10);
        }
        ck_assert_uint_eq(world->guest.to_say, 0);
        ck_assert_uint_le(world->host.guest.hold_ns, 2 * SC_NS_PER_S + 2 * SC_HOLD_RETRY_NS);
}
END_TEST

/* A clear brings it to head, and it is waited for again. */
START_TEST(client_that_was_given_up_is_awaited_after_a_clear) /* BF-5 */
{
        holding_world();
        struct client *client = raw_client(world);
        struct client *operator= control();
        client->queue_max = 500;
        world->guest.to_say = 20 * WORLD_CAPACITY;
        for (int i = 0; i < 42; i++) {
                world_pass(world, 50 * SC_NS_PER_MS);
                client_reads(client, 10);
        }
        ck_assert(slot_of(world, client)->cursor.not_awaited);

        client_sends_empty(operator, SC_FRAME_CLEAR);
        world_run(world);
        ck_assert(!slot_of(world, client)->cursor.not_awaited);
}
END_TEST

START_TEST(viewer_holds_nobody_up) /* BF-5, BF-11 */
{
        holding_world();
        struct client *viewer = raw_viewer(world);
        struct client *native = native_client(world, SC_ROLE_VIEWER, SC_START_BEGINNING, 0);
        viewer->queue_max = native->queue_max = 500;
        guest_says(world, 5 * WORLD_CAPACITY);
        ck_assert_uint_eq(world->host.guest.holds, 0);
}
END_TEST

/* --- input --- */

START_TEST(paste_reaches_a_slow_guest_whole) /* BF-10 */
{
        static uint8_t paste[1 << 20];
        for (size_t i = 0; i < sizeof(paste); i++)
                paste[i] = output_byte(i * 7);
        struct client *client = raw_client(world);
        client_sends(client, paste, sizeof(paste));
        for (int i = 0; i < 30; i++) {
                world->guest.room = 50000;
                world->guest.to_say += 3000;
                world_run(world);
                client_reads(client, SIZE_MAX);
        }
        assert_heard(world, paste, sizeof(paste));
}
END_TEST

START_TEST(input_sent_before_the_first_guest_arrives) /* BF-10 */
{
        struct sc_host_config config = world_config();
        world_free(world);
        world = world_new(&config);
        struct client *raw = raw_client(world);
        client_sends_string(raw, "raw ");
        world_run(world);
        struct client *native = from_beginning();
        client_types(native, "native");
        world_run(world);
        client_sends_string(raw, " lying"); /* in its socket when the guest comes */
        guest_up(world);
        assert_heard_string(world, "raw native lying");
}
END_TEST

START_TEST(client_that_sends_and_closes_at_once_is_heard)
{
        struct client *raw = raw_client(world);
        client_sends_string(raw, "raw ");
        client_dies(raw);
        world_run(world);
        ck_assert(!raw->open);
        struct client *native = from_beginning();
        client_types(native, "native");
        client_dies(native);
        world_run(world);
        ck_assert(!native->open);
        assert_heard_string(world, "raw native");
}
END_TEST

START_TEST(half_closed_client_still_gets_its_answer)
{
        struct client *client = raw_client(world);
        client_sends_string(client, "uptime\n");
        client->shut_write = true;
        world_run(world);
        assert_heard_string(world, "uptime\n");
        ck_assert(client->open);
        guest_says(world, 100);
        client_reads_all(world, client);
        assert_got(client, 0, 100);
}
END_TEST

/* _i: by which client, and whether the guest is back before the host looked. */
START_TEST(input_for_a_guest_that_went_never_reaches_the_next) /* BF-10 */
{
        struct client *client = _i % 2 ? from_beginning() : raw_client(world);
        world->guest.room = 0;
        if (_i % 2)
                client_types(client, "queued");
        else
                client_sends_string(client, "queued");
        world_run(world);
        if (_i % 2)
                client_types(client, "lying");
        else
                client_sends_string(client, "lying");
        if (_i / 2) {
                sc_host_wake(&world->host, world->now_ns, world->wall_offset_ns);
                sc_host_guest_down(&world->host, false);
                sc_host_guest_up(&world->host, true);
                world_run(world);
        } else {
                guest_down(world);
                guest_up(world);
        }
        world->guest.room = SIZE_MAX;
        sc_host_guest_writable(&world->host);
        world_run(world);
        assert_heard_string(world, "");
        ck_assert_uint_eq(dropped(SC_REFUSED_NO_GUEST) + dropped(SC_REFUSED_OLD_GUEST), 11);
        client_reads_all(world, client);
        if (_i % 2)
                client_types(client, "new");
        else
                client_sends_string(client, "new");
        world_run(world);
        assert_heard_string(world, "new");
}
END_TEST

START_TEST(input_while_the_guest_is_away_is_dropped_and_told) /* BF-10 */
{
        struct client *raw = raw_client(world);
        struct client *native = from_beginning();
        guest_down(world);
        client_reads_all(world, native);
        client_sends_string(raw, "abc");
        client_types(native, "defgh");
        world_run(world);
        guest_up(world);
        client_reads_all(world, native);
        assert_heard_string(world, "");
        ck_assert_uint_eq(dropped(SC_REFUSED_NO_GUEST), 8);
        ck_assert_uint_eq(native->native.refused[SC_REFUSED_NO_GUEST], 5);
        client_sends_input(native, 1, "old", 3);
        client_reads_all(world, native);
        ck_assert_uint_eq(native->native.refused[SC_REFUSED_OLD_GUEST], 3);
        ck_assert_uint_eq(native->native.boundaries, 3);
}
END_TEST

START_TEST(input_that_waited_for_a_guest_that_went_is_told_to_its_owners) /* BF-10 */
{
        struct client *raw = raw_client(world);
        struct client *one = from_beginning();
        struct client *other = from_beginning();
        world->guest.room = 0;
        client_types(one, "abc");
        world_run(world);
        client_sends_string(raw, "rawly");
        world_run(world);
        client_types(other, "de");
        world_run(world);
        client_types(one, "f");
        world_run(world);
        guest_down(world);
        client_reads_all(world, one);
        client_reads_all(world, other);
        ck_assert_uint_eq(dropped(SC_REFUSED_NO_GUEST), 11);
        ck_assert_uint_eq(one->native.refused[SC_REFUSED_NO_GUEST], 4);
        ck_assert_uint_eq(other->native.refused[SC_REFUSED_NO_GUEST], 2);
}
END_TEST

START_TEST(break_says_what_came_of_it)
{
        struct client *client = from_beginning();
        struct client *viewer = native_client(world, SC_ROLE_VIEWER, SC_START_BEGINNING, 0);
        client_sends_value(viewer, SC_FRAME_BREAK, 1);
        client_reads_all(world, viewer);
        ck_assert_uint_eq(viewer->native.done_result, SC_RESULT_NOT_ALLOWED);
        client_sends_value(client, SC_FRAME_BREAK, 1);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.done_result, SC_RESULT_OK);
        ck_assert_uint_eq(world->guest.breaks, 1);
        guest_down(world);
        client_sends_value(client, SC_FRAME_BREAK, 2);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.done_result, SC_RESULT_NO_GUEST);
        world->guest.can_break = false;
        guest_up(world);
        client_sends_value(client, SC_FRAME_BREAK, 1);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.done_result, SC_RESULT_NO_GUEST);
        client_sends_value(client, SC_FRAME_BREAK, 3);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.done_result, SC_RESULT_NOT_CARRIED);
        ck_assert_uint_eq(world->guest.breaks, 1);
}
END_TEST

static unsigned break_result(struct world *mine, struct client *client, uint64_t guest_number)
{
        unsigned dones = client->native.dones;
        client_sends_value(client, SC_FRAME_BREAK, guest_number);
        client_reads_all(mine, client);
        ck_assert_uint_eq(client->native.dones, dones + 1);
        return client->native.done_result;
}

/* _i: whoever may type. */
START_TEST(operators_break_is_carried_as_a_clients_is) /* BF-11 */
{
        struct sc_host_config config = world_config();
        config.writers = (enum sc_writers_policy)_i;
        struct world *mine = world_new(&config);
        struct client *writer = native_client(mine, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        struct client *asks = native_client(mine, SC_ROLE_CONTROL, SC_START_END, 0);
        ck_assert_uint_eq(break_result(mine, asks, 0), SC_RESULT_NO_GUEST);
        guest_up(mine);
        ck_assert_uint_eq(break_result(mine, asks, 1), SC_RESULT_OK);
        ck_assert_uint_eq(mine->guest.breaks, 1);
        guest_down(mine);
        ck_assert_uint_eq(break_result(mine, asks, 2), SC_RESULT_NO_GUEST);

        mine->guest.reads_breaks = false;
        guest_up(mine);
        ck_assert_uint_eq(break_result(mine, asks, 2), SC_RESULT_NO_GUEST); /* not the one that was meant */
        for (unsigned i = 0; i < SC_INPUT_BREAKS_MAX; i++)
                ck_assert_uint_eq(break_result(mine, asks, 3), SC_RESULT_OK);
        ck_assert_uint_eq(break_result(mine, asks, 3), SC_RESULT_BUSY);
        guest_down(mine);

        mine->guest.can_break = false;
        guest_up(mine);
        ck_assert_uint_eq(break_result(mine, asks, 5), SC_RESULT_NOT_CARRIED);
        mine->guest.fails = true;
        client_reads_all(mine, writer);
        client_types(writer, "unheard");
        world_run(mine);
        ck_assert_uint_eq(break_result(mine, asks, 5), SC_RESULT_NO_GUEST);
        ck_assert_uint_eq(mine->host.writers.writer, _i == SC_WRITERS_ONE ? writer->id : 0);
        world_free(mine);
}
END_TEST

START_TEST(end_for_good_is_told_then_and_later) /* BF-12 */
{
        struct client *early = from_beginning();
        guest_says(world, 100);
        guest_ends(world);
        client_reads_all(world, early);
        ck_assert_uint_eq(early->native.boundary.kind, SC_BOUNDARY_ENDED);
        ck_assert_uint_eq(early->native.boundary.offset, 100);
        struct client *late = control();
        ck_assert_uint_eq(late->native.welcome.guest_state, SC_GUEST_DOWN);
        ck_assert_uint_eq(late->native.welcome.guest_note, SC_GUEST_NOTE_ENDED);
        ck_assert_uint_eq(late->native.welcome.guest_number, 2);
}
END_TEST

/* --- writers and viewers --- */

static void types(struct client *client, const char *string)
{
        if (client->listener == SC_LISTENER_RAW || client->listener == SC_LISTENER_VIEW)
                client_sends_string(client, string);
        else
                client_types(client, string);
}

/* _i: two raw clients, two native ones, and one of each. */
START_TEST(what_was_typed_in_waiting_is_not_heard_after_a_promotion) /* BF-11 */
{
        struct sc_host_config config = world_config();
        config.writers = SC_WRITERS_ONE;
        another_world(&config);
        struct client *first = _i & 1 ? from_beginning() : raw_client(world);
        struct client *second = _i & 2 ? from_beginning() : raw_client(world);
        types(first, "1");
        types(second, "read");
        world_run(world);
        types(second, "lying");
        client_dies(first);
        world_run(world);
        assert_heard_string(world, "1");
        ck_assert_uint_eq(dropped(SC_REFUSED_NOT_WRITER), 9);
        types(second, "2");
        world_run(world);
        assert_heard_string(world, "12");
        client_reads_all(world, second);
        if (_i & 2) {
                ck_assert_uint_eq(second->native.refused[SC_REFUSED_NOT_WRITER], 9);
                ck_assert(second->native.role.may_type);
                ck_assert_uint_eq(second->native.role.writer, second->id);
        }
}
END_TEST

START_TEST(take_makes_the_writer_and_tells_both) /* BF-11 */
{
        struct sc_host_config config = world_config();
        config.writers = SC_WRITERS_ONE;
        another_world(&config);
        struct client *first = from_beginning();
        struct client *second = from_beginning();
        ck_assert(first->native.role.may_type && !second->native.role.may_type);
        client_sends_empty(second, SC_FRAME_TAKE);
        client_reads_all(world, second);
        client_reads_all(world, first);
        ck_assert(!first->native.role.may_type && second->native.role.may_type);
        client_types(first, "one");
        client_types(second, "two");
        world_run(world);
        assert_heard_string(world, "two");
}
END_TEST

START_TEST(who_typed_last_answers_the_guests_queries) /* BF-11 */
{
        struct client *first = from_beginning();
        struct client *second = from_beginning();
        ck_assert(first->native.role.answers && !second->native.role.answers);
        client_types(second, "x");
        client_reads_all(world, second);
        client_reads_all(world, first);
        ck_assert(!first->native.role.answers && second->native.role.answers);
        client_dies(second);
        client_reads_all(world, first);
        ck_assert(first->native.role.answers);
}
END_TEST

START_TEST(viewers_are_never_heard) /* BF-11 */
{
        struct sc_host_config config = world_config();
        config.writers = (enum sc_writers_policy)_i;
        another_world(&config);
        struct client *writer = raw_client(world);
        struct client *raw = raw_viewer(world);
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        struct client *native = native_on(world, SC_LISTENER_VIEW_CONTROL, &hello);
        struct client *viewer = native_client(world, SC_ROLE_VIEWER, SC_START_BEGINNING, 0);
        ck_assert_uint_eq(native->native.welcome.role, SC_ROLE_VIEWER);
        for (int i = 0; i < 2; i++) {
                client_sends_string(raw, "raw");
                client_types(native, "view");
                client_types(viewer, "viewer");
                client_sends_empty(native, SC_FRAME_TAKE);
                client_reads_all(world, native);
                ck_assert_uint_eq(native->native.done_result, SC_RESULT_NOT_ALLOWED);
                client_dies(writer); /* nobody else is promoted */
                world_run(world);
        }
        assert_heard_string(world, "");
        ck_assert_uint_eq(dropped(SC_REFUSED_VIEWER), 26);
        ck_assert_uint_eq(world->host.writers.writer, 0);
}
END_TEST

START_TEST(operators_requests_are_refused_on_the_view) /* BF-11 */
{
        guest_says(world, 500);
        struct client *victim = raw_client(world);
        for (int role = SC_ROLE_CLIENT; role <= SC_ROLE_CONTROL; role++) {
                struct sc_hello hello = hello_of((enum sc_role)role, SC_START_BEGINNING, 0);
                struct client *client = native_on(world, SC_LISTENER_VIEW_CONTROL, &hello);
                for (int request = 0; request < 4; request++) {
                        if (request == 0)
                                client_sends_value(client, SC_FRAME_KICK, victim->id);
                        else if (request == 1)
                                client_sends_empty(client, SC_FRAME_CLEAR);
                        else if (request == 2)
                                client_sends_value(client, SC_FRAME_BREAK, 1);
                        else
                                client_sends_mark(client, "mine");
                        client_reads_all(world, client);
                        ck_assert_uint_eq(client->native.dones, 1 + (unsigned)request);
                        ck_assert_uint_eq(client->native.done_result, SC_RESULT_NOT_ALLOWED);
                }
                ck_assert_uint_eq(status_for(world, client).clients, 0);
        }
        ck_assert(victim->open);
        ck_assert_uint_eq(world->host.history.ring.tail, 0);
        ck_assert_uint_eq(world->host.boundaries.newest, 1);
}
END_TEST

/* --- limits, errors and ends --- */

START_TEST(native_clients_are_told_that_the_host_ends)
{
        struct client *client = from_beginning();
        struct client *stuck = from_beginning();
        stuck->write_max = 0;
        guest_says(world, 1000);
        world_pass(world, 5 * SC_NS_PER_S); /* who has long been silent is told as well */
        sc_host_stop(&world->host);
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.offset, 1000);
        ck_assert_uint_eq(client->native.error, SC_ERROR_ENDING);
        ck_assert(!client->open);
}
END_TEST

START_TEST(clients_beyond_the_limit_are_refused)
{
        struct client *asks = control();
        for (int i = 0; i < 8; i++)
                ck_assert(raw_client(world)->open);
        ck_assert(!raw_client(world)->open);
        struct sc_hello hello = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        struct client *native = native_on(world, SC_LISTENER_CONTROL, &hello);
        ck_assert_uint_eq(native->native.error, SC_ERROR_LIMIT);
        ck_assert(!native->open);
        ck_assert(raw_viewer(world)->open); /* the view has places of its own */
        ck_assert_uint_eq(status_for(world, asks).counters.over_limit, 2);
}
END_TEST

START_TEST(silent_controls_make_room_for_the_next)
{
        struct client *attached = from_beginning();
        struct client *silent[SC_CONTROLS_MAX];
        for (int i = 0; i < SC_CONTROLS_MAX; i++) {
                silent[i] = world_connect(world, SC_LISTENER_CONTROL);
                world_pass(world, SC_NS_PER_MS);
        }
        struct client *asks = control();
        ck_assert(!silent[0]->open && silent[1]->open && attached->open);
        ck_assert_uint_eq(status_for(world, asks).counters.over_limit, 1);
}
END_TEST

START_TEST(who_is_kicked_and_makes_room_was_kicked)
{
        struct client *kicked = from_beginning();
        struct client *operator= control();
        kicked->write_max = 0; /* it does not take its last frame */
        client_sends_value(operator, SC_FRAME_KICK, kicked->id);
        client_reads_all(world, operator);
        ck_assert(kicked->open);
        world_pass(world, SC_NS_PER_MS);
        client_sends_value(operator, SC_FRAME_PING, 1);
        client_reads_all(world, operator);
        for (int i = 0; i < SC_CONTROLS_MAX - 1; i++)
                world_connect(world, SC_LISTENER_CONTROL);
        world_run(world);
        ck_assert(!kicked->open && operator->open);
        struct sc_status status = status_for(world, operator);
        ck_assert_uint_eq(status.counters.kicked, 1);
        ck_assert_uint_eq(status.counters.over_limit, 0);
}
END_TEST

/* Else each of them would add a place, and in the end there would be none for a client (S-8). */
START_TEST(who_is_being_ended_adds_no_place)
{
        struct client *attached = native_client(world, SC_ROLE_CLIENT, SC_START_BEGINNING, 0);
        struct client *others[SC_CONTROLS_MAX + 1];
        for (int i = 0; i < SC_CONTROLS_MAX; i++)
                others[i] = world_connect(world, SC_LISTENER_CONTROL);
        attached->write_max = 0; /* it does not take its last frame */
        struct sc_hello again = hello_of(SC_ROLE_CLIENT, SC_START_BEGINNING, 0); /* out of place */
        client_says_hello(attached, &again);
        world_pass(world, SC_NS_PER_MS);
        others[SC_CONTROLS_MAX] = world_connect(world, SC_LISTENER_CONTROL);
        world_run(world);
        int count = attached->open;
        for (int i = 0; i <= SC_CONTROLS_MAX; i++)
                count += others[i]->open;
        ck_assert_int_eq(count, SC_CONTROLS_MAX);
        ck_assert(others[SC_CONTROLS_MAX]->open);
}
END_TEST

START_TEST(silence_ends_a_connection_that_has_not_attached)
{
        struct client *attached = from_beginning();
        struct client *asks = control();
        struct client *silent = world_connect(world, SC_LISTENER_CONTROL);
        world_pass(world, SC_SILENCE_NS - SC_NS_PER_MS);
        ck_assert(silent->open && asks->open);
        client_sends_value(asks, SC_FRAME_PING, 3);
        client_reads_all(world, asks);
        ck_assert_uint_eq(asks->native.pong_value, 3);
        world_pass(world, SC_NS_PER_MS);
        client_reads_all(world, silent);
        ck_assert_uint_eq(silent->native.error, SC_ERROR_SILENT);
        ck_assert(!silent->open && asks->open);
        world_pass(world, 100 * SC_SILENCE_NS);
        ck_assert(!asks->open && attached->open);
        ck_assert_uint_eq(world->host.counters.silent, 2);
}
END_TEST

START_TEST(kicked_client_that_reads_nothing_is_closed_all_the_same)
{
        struct client *stuck = from_beginning();
        struct client *raw = raw_client(world);
        struct client *asks = control();
        stuck->write_max = 0;
        client_sends_value(asks, SC_FRAME_KICK, stuck->id);
        client_sends_value(asks, SC_FRAME_KICK, raw->id);
        client_sends_value(asks, SC_FRAME_KICK, 999);
        client_reads_all(world, asks);
        ck_assert_uint_eq(asks->native.dones, 3);
        ck_assert_uint_eq(asks->native.done_result, SC_RESULT_NO_CLIENT);
        ck_assert(stuck->open && !raw->open);
        world_pass(world, SC_CLOSING_NS);
        ck_assert(!stuck->open);
        ck_assert_uint_eq(world->host.counters.kicked, 2);
}
END_TEST

START_TEST(rubbish_closes_that_client_alone)
{
        static const char *const rubbish[] = { "GET / HTTP/1.1\r\n", "\xff\xff\xff\xff\x02\0\0\0" };
        static const unsigned errors[] = { SC_ERROR_UNKNOWN_TYPE, SC_ERROR_MALFORMED };
        struct client *other = from_beginning();
        for (int i = 0; i < 2; i++) {
                struct client *client = from_beginning();
                client_sends(client, rubbish[i], 8);
                client_reads_all(world, client);
                ck_assert_uint_eq(client->native.error, errors[i]);
                ck_assert(!client->open);
        }
        struct client *early = world_connect(world, SC_LISTENER_CONTROL);
        client_sends_value(early, SC_FRAME_PING, 1);
        client_reads_all(world, early);
        ck_assert_uint_eq(early->native.error, SC_ERROR_NOT_HELLO);
        ck_assert(!early->open && other->open);
        ck_assert_uint_eq(world->host.counters.malformed, 3);
}
END_TEST

START_TEST(mark_is_told_at_its_place)
{
        struct client *client = from_beginning();
        guest_says(world, 300);
        client_sends_mark(client, "before the upgrade");
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.done_result, SC_RESULT_OK);
        guest_says(world, 300);
        client_reads_all(world, client);
        struct client *late = from_beginning();
        ck_assert_uint_eq(late->native.boundary.offset, 300);
        ck_assert_uint_eq(late->native.boundary.text_length, 18);
        ck_assert_mem_eq(late->native.boundary.text, "before the upgrade", 18);
        client_sends_mark(client, "\033[2J");
        client_reads_all(world, client);
        ck_assert_uint_eq(client->native.done_result, SC_RESULT_MALFORMED);
        ck_assert_uint_eq(world->host.boundaries.newest, 2);
}
END_TEST

START_TEST(input_of_a_client_cut_anywhere_is_the_same)
{
        uint8_t frames[200];
        struct sc_encoder encoder = { .bytes = frames, .capacity = sizeof(frames) };
        sc_frame_put_input_fields(&encoder, 1, 5);
        sc_bytes_put_string(&encoder, "hello", 5);
        sc_frame_put_value(&encoder, SC_FRAME_BREAK, 1);
        sc_frame_put_input_fields(&encoder, 1, 1);
        sc_bytes_put_string(&encoder, "!", 1);
        sc_frame_put_value(&encoder, SC_FRAME_PING, 9);
        struct client *client = from_beginning();
        for (size_t cut = 1; cut < encoder.length; cut++) {
                world->guest.heard.length = 0;
                world->host.counters.input_written_bytes = 0;
                client_sends(client, frames, cut);
                world_run(world);
                client_sends(client, frames + cut, encoder.length - cut);
                client_reads_all(world, client);
                assert_heard_string(world, "hello!");
                ck_assert_uint_eq(world->guest.breaks, cut);
                ck_assert_uint_eq(world->guest.break_at, 5);
                ck_assert_uint_eq(client->native.pongs, cut);
        }
}
END_TEST

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
        world->guest.to_say = 0;
        struct client *operator= control();
        client_sends_empty(operator, SC_FRAME_CLEAR);
        client_reads_all(world, operator);
        claim(!output_in_memory(world)); /* BF-15 */
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
        tcase_add_loop_test(smoke, control_may_say_hello_again, SC_ROLE_CLIENT, SC_ROLE_CONTROL);
        tcase_add_test(smoke, second_hello_is_judged_as_the_first);
        tcase_add_test(smoke, dead_client_is_not_believed);
        tcase_add_test(smoke, reset_that_only_the_read_was_told_of_is_one);
        tcase_add_loop_test(smoke, anything_in_any_order_is_survived, 0, 60);
        suite_add_tcase(suite, smoke);

        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, small_world, end_world);
        tcase_add_test(claims, kept_beginning_comes_before_the_newest);
        tcase_add_test(claims, stalled_client_catches_up_while_the_guest_is_silent);
        tcase_add_test(claims, backlog_is_flushed_in_few_writes);
        tcase_add_loop_test(claims, native_client_that_returns_gets_the_stream_exactly, 0, 4);
        tcase_add_test(claims, wrong_offsets_get_their_answers);
        tcase_add_test(claims, late_client_gets_the_times_of_arrival);
        tcase_add_test(claims, cleared_output_is_given_to_nobody);
        tcase_add_test(claims, cleared_bytes_lie_nowhere_in_memory);
        tcase_add_test(claims, who_clears_within_a_frame_of_its_own_is_ended);
        tcase_add_test(claims, history_read_is_answered_beside_the_stream);
        tcase_add_loop_test(claims, next_client_misses_nothing_of_what_a_dead_one_did_not_read, 0,
                            2 * READS * (READS + 1));
        tcase_add_test(claims, acknowledgement_is_a_proof_and_a_viewers_is_none);
        tcase_add_test(claims, raw_viewer_consumes_nothing);
        tcase_add_test(claims, slow_client_loses_nothing_under_hold);
        tcase_add_test(claims, stopped_client_holds_for_a_moment_only);
        tcase_add_test(claims, trickling_client_holds_up_to_the_limit_only);
        tcase_add_test(claims, client_that_was_given_up_is_awaited_after_a_clear);
        tcase_add_test(claims, viewer_holds_nobody_up);
        tcase_add_test(claims, paste_reaches_a_slow_guest_whole);
        tcase_add_test(claims, input_sent_before_the_first_guest_arrives);
        tcase_add_test(claims, client_that_sends_and_closes_at_once_is_heard);
        tcase_add_test(claims, half_closed_client_still_gets_its_answer);
        tcase_add_loop_test(claims, input_for_a_guest_that_went_never_reaches_the_next, 0, 4);
        tcase_add_test(claims, input_while_the_guest_is_away_is_dropped_and_told);
        tcase_add_test(claims, input_that_waited_for_a_guest_that_went_is_told_to_its_owners);
        tcase_add_test(claims, break_says_what_came_of_it);
        tcase_add_test(claims, end_for_good_is_told_then_and_later);
        tcase_add_loop_test(claims, operators_break_is_carried_as_a_clients_is, 0, SC_WRITERS_COUNT);
        tcase_add_loop_test(claims, what_was_typed_in_waiting_is_not_heard_after_a_promotion, 0, 4);
        tcase_add_test(claims, take_makes_the_writer_and_tells_both);
        tcase_add_test(claims, who_typed_last_answers_the_guests_queries);
        tcase_add_loop_test(claims, viewers_are_never_heard, 0, SC_WRITERS_COUNT);
        tcase_add_test(claims, operators_requests_are_refused_on_the_view);
        tcase_add_test(claims, native_clients_are_told_that_the_host_ends);
        tcase_add_test(claims, clients_beyond_the_limit_are_refused);
        tcase_add_test(claims, silent_controls_make_room_for_the_next);
        tcase_add_test(claims, who_is_kicked_and_makes_room_was_kicked);
        tcase_add_test(claims, who_is_being_ended_adds_no_place);
        tcase_add_test(claims, silence_ends_a_connection_that_has_not_attached);
        tcase_add_test(claims, kicked_client_that_reads_nothing_is_closed_all_the_same);
        tcase_add_test(claims, rubbish_closes_that_client_alone);
        tcase_add_test(claims, mark_is_told_at_its_place);
        tcase_add_test(claims, input_of_a_client_cut_anywhere_is_the_same);
        suite_add_tcase(suite, claims);
        return suite;
}
