#include "world.h"

#include "claim.h"
#include "model/console/clients.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TURNS_MAX 100000
#define PAGE_BYTES 4096

/* --- bytes --- */

void bytes_append(struct bytes *bytes, const void *from, size_t length)
{
        if (length == 0)
                return;
        if (length > bytes->room - bytes->length) {
                bytes->room = 2 * bytes->room + length;
                bytes->at = realloc(bytes->at, bytes->room);
                ck_assert_ptr_nonnull(bytes->at);
        }
        memcpy(bytes->at + bytes->length, from, length);
        bytes->length += length;
}

void bytes_drop(struct bytes *bytes, size_t length)
{
        claim_uint(length, <=, bytes->length);
        if (length == 0)
                return;
        bytes->length -= length;
        memmove(bytes->at, bytes->at + length, bytes->length);
}

void bytes_free(struct bytes *bytes)
{
        free(bytes->at);
        *bytes = (struct bytes) { 0 };
}

uint8_t output_byte(uint64_t offset)
{
        return (uint8_t)(((offset + 1) * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

void assert_output(const uint8_t *bytes, uint64_t offset, size_t length)
{
        uint8_t wrong = 0;
        for (size_t i = 0; i < length; i++)
                wrong |= (uint8_t)(bytes[i] ^ output_byte(offset + i));
        for (size_t i = 0; wrong != 0 && i < length; i++)
                if (bytes[i] != output_byte(offset + i))
                        ck_abort_msg("the byte at offset %llu is not what the guest said there",
                                     (unsigned long long)(offset + i));
}

unsigned long test_rounds(unsigned long full)
{
        return getenv("SC_TESTS_SLOW") ? full / 20 : full;
}

/* --- the world --- */

struct sc_host_config world_config(void)
{
        struct sc_host_config config = {
                .capacity_bytes = WORLD_CAPACITY,
                .clients_max = 8,
                .view = true,
        };
        for (size_t i = 0; i < SC_INSTANCE_BYTES; i++)
                config.instance[i] = (uint8_t)(0xa0 + i);
        return config;
}

/* Zeroed, and what is not used is not touched: much of it never is. Behind its last page there is nothing. */
static uint8_t *memory_for(const struct sc_host_config *config)
{
        size_t bytes = sc_host_memory_bytes(config);
        uint8_t *memory =
                mmap(NULL, bytes + PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        ck_assert_ptr_ne(memory, MAP_FAILED);
        size_t pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
        ck_assert_int_eq(mprotect(memory, pages * PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
        return memory;
}

struct world *world_new(const struct sc_host_config *config)
{
        struct world *world = calloc(1, sizeof(*world));
        ck_assert_ptr_nonnull(world);
        world->memory = memory_for(config);

        world->now_ns = WORLD_START_NS;
        world->wall_offset_ns = WORLD_WALL_NS;
        sc_host_init(&world->host, config, world->memory, world->now_ns);
        world->guest = (struct guest) {
                .can_break = true,
                .reads_breaks = true,
                .say_max = SIZE_MAX,
                .room = SIZE_MAX,
                .accept_max = SIZE_MAX,
        };
        return world;
}

struct world *world_with_guest(const struct sc_host_config *config)
{
        struct world *world = world_new(config);
        guest_up(world);
        return world;
}

void world_free(struct world *world)
{
        for (unsigned i = 0; i < world->count; i++) {
                struct client *client = &world->clients[i];
                bytes_free(&client->queue);
                bytes_free(&client->got);
                bytes_free(&client->sent);
                bytes_free(&client->native.status);
        }
        bytes_free(&world->guest.heard);
        munmap(world->memory, sc_host_memory_bytes(&world->host.config) + PAGE_BYTES);
        free(world);
}

struct sc_slot *slot_of(struct world *world, const struct client *client)
{
        struct sc_slot *slot = sc_clients_slot(&world->host, client->token);
        ck_assert_ptr_nonnull(slot);
        return slot;
}

static struct client *client_of(struct world *world, sc_client token)
{
        for (unsigned i = 0; i < world->count; i++)
                if (world->clients[i].token == token)
                        return &world->clients[i];
        ck_abort_msg("an action for no client");
        return NULL;
}

static size_t total(const struct sc_action *action)
{
        size_t bytes = 0;
        for (size_t i = 0; i < action->span_count; i++) {
                claim_uint(action->spans[i].length, >, 0);
                bytes += action->spans[i].length;
        }
        return bytes;
}

/* Copies up to `length` bytes out of (or into) the spans. */
static void gather(struct bytes *to, const struct sc_action *action, size_t length)
{
        for (size_t i = 0; i < action->span_count && length > 0; i++) {
                size_t part = action->spans[i].length < length ? action->spans[i].length : length;
                bytes_append(to, action->spans[i].bytes, part);
                length -= part;
        }
}

static size_t scatter(const struct sc_action *action, const uint8_t *from, size_t length)
{
        size_t done = 0;
        for (size_t i = 0; i < action->span_count && done < length; i++) {
                size_t part =
                        action->spans[i].length < length - done ? action->spans[i].length : length - done;
                memcpy(action->spans[i].bytes, from + done, part);
                done += part;
        }
        return done;
}

/* --- actions --- */

static bool is_hung_up(const struct client *client)
{
        return client->dead || client->shut_both;
}

static void sample(struct world *world, struct client *client)
{
        struct sc_sample sample = {
                .queue_empty = client->queue.length == 0,
                .hung_up = is_hung_up(client),
                .reset = client->reset,
                .unread_bytes = client->sent.length,
        };
        client->reset = false;
        client->hang_up_told |= sample.hung_up;
        sc_host_client_sampled(&world->host, client->token, &sample);
}

static void read_client(struct world *world, struct client *client, const struct sc_action *action)
{
        size_t room = total(action);
        claim_uint(room, >, 0);
        claim_uint(room, <=, SC_CLIENT_READ_BYTES_MAX);

        size_t length = scatter(action, client->sent.at, client->sent.length);
        bytes_drop(&client->sent, length);
        if (length > 0) {
                sc_host_client_read(&world->host, client->token, length);
        } else if (client->dead || client->shut_write) {
                bool reset = client->reset;
                client->reset = false;
                sc_host_client_read_ended(&world->host, client->token, reset);
        } else {
                sc_host_client_read(&world->host, client->token, 0);
        }
}

static void assert_spans(const struct sc_action *action, uint64_t offset)
{
        for (size_t i = 0; i < action->span_count; i++) {
                assert_output(action->spans[i].bytes, offset, action->spans[i].length);
                offset += action->spans[i].length;
        }
}

static void write_client(struct world *world, struct client *client, const struct sc_action *action)
{
        claim_uint(action->span_count, <=, SC_SPANS_MAX);
        if (is_hung_up(client)) { /* EPIPE; ECONNRESET comes from read and SO_ERROR alone */
                sc_host_client_write_failed(&world->host, client->token, false);
                return;
        }
        if (client->listener == SC_LISTENER_RAW || client->listener == SC_LISTENER_VIEW)
                assert_spans(action, slot_of(world, client)->cursor.offset);
        bool empty = action->sample_queue && client->queue.length == 0;
        size_t room = client->queue_max > client->queue.length ? client->queue_max - client->queue.length : 0;
        size_t length = total(action);
        claim_uint(length, >, 0);
        length = length < room ? length : room;
        length = length < client->write_max ? length : client->write_max;
        gather(&client->queue, action, length);
        client->accepted_bytes += length;
        client->writes += length > 0;
        sc_host_client_wrote(&world->host, client->token, length, empty);
}

static void read_guest(struct world *world, const struct sc_action *action)
{
        struct guest *guest = &world->guest;
        size_t length = total(action);
        claim_uint(length, >, 0);
        claim_uint(length, <=, SC_GUEST_READ_BYTES_MAX);

        length = (size_t)sc_min_u64(length, sc_min_u64(guest->to_say, guest->say_max));
        size_t at = 0;
        for (size_t i = 0; i < action->span_count; i++)
                for (size_t j = 0; j < action->spans[i].length && at < length; j++)
                        action->spans[i].bytes[j] = output_byte(guest->said + at++);
        guest->said += length;
        guest->to_say -= length;
        guest->reads++;
        sc_host_guest_read(&world->host, length);
}

static void write_guest(struct world *world, const struct sc_action *action)
{
        struct guest *guest = &world->guest;
        size_t length = total(action);
        claim_uint(length, >, 0);
        if (guest->fails) {
                sc_host_guest_write_failed(&world->host);
                return;
        }
        length = length < guest->room ? length : guest->room;
        length = length < guest->accept_max ? length : guest->accept_max;
        gather(&guest->heard, action, length);
        guest->room -= guest->room == SIZE_MAX ? 0 : length;
        sc_host_guest_wrote(&world->host, length);
}

static void break_guest(struct world *world)
{
        struct guest *guest = &world->guest;
        if (guest->reads_breaks) {
                guest->breaks++;
                guest->break_at = guest->heard.length;
        }
        sc_host_guest_broke(&world->host, guest->reads_breaks);
}

static void close_client(struct world *world, sc_client token)
{
        uint8_t *buffers = sc_host_client_buffers(&world->host, sc_host_client_index(token));
        memset(buffers, 0, SC_PEER_BUFFER_BYTES);
        client_of(world, token)->open = false;
}

static void carry_out(struct world *world, const struct sc_action *action)
{
        switch (action->kind) {
        case SC_ACTION_SAMPLE:
                sample(world, client_of(world, action->client));
                return;
        case SC_ACTION_READ:
                read_client(world, client_of(world, action->client), action);
                return;
        case SC_ACTION_WRITE:
                write_client(world, client_of(world, action->client), action);
                return;
        case SC_ACTION_CLOSE:
                close_client(world, action->client);
                return;
        case SC_ACTION_GUEST_READ:
                read_guest(world, action);
                return;
        case SC_ACTION_GUEST_WRITE:
                write_guest(world, action);
                return;
        case SC_ACTION_GUEST_BREAK:
                break_guest(world);
                return;
        }
        ck_abort_msg("an action of no kind");
}

/* --- events --- */

#define READY_HANG_UP 0x1U
#define READY_READ 0x2U
#define READY_WRITE 0x4U

/* What an epoll would say, asked for what the host wants. */
static unsigned client_ready(const struct world *world, const struct client *client)
{
        unsigned wants = sc_host_client_wants(&world->host, client->token);
        unsigned ready = 0;
        if (is_hung_up(client) && !client->hang_up_told)
                ready |= READY_HANG_UP;
        if ((wants & SC_WANT_READ) && (client->sent.length > 0 || client->dead || client->shut_write))
                ready |= READY_READ;
        /* The kernel says so when most of the queue is free. */
        if ((wants & SC_WANT_WRITE) && 4 * client->queue.length <= client->queue_max && client->write_max > 0)
                ready |= READY_WRITE;
        return ready;
}

static unsigned guest_ready(const struct world *world)
{
        const struct guest *guest = &world->guest;
        unsigned wants = sc_host_guest_wants(&world->host);
        unsigned ready = 0;
        if (!guest->up)
                return 0;
        if ((wants & SC_WANT_READ) && guest->to_say > 0)
                ready |= READY_READ;
        bool takes = sc_input_break_is_next(&world->host.input) ? guest->reads_breaks
                                                                : guest->room > 0 && guest->accept_max > 0;
        if ((wants & SC_WANT_WRITE) && (takes || guest->fails))
                ready |= READY_WRITE;
        return ready;
}

static bool is_ready(const struct world *world)
{
        for (unsigned i = 0; i < world->count; i++)
                if (world->clients[i].open && client_ready(world, &world->clients[i]) != 0)
                        return true;
        return guest_ready(world) != 0;
}

static void report_events(struct world *world)
{
        for (unsigned i = 0; i < world->count; i++) {
                struct client *client = &world->clients[i];
                unsigned ready = client->open ? client_ready(world, client) : 0;
                if (ready & READY_HANG_UP)
                        sample(world, client);
                if (ready & READY_READ)
                        sc_host_client_readable(&world->host, client->token);
                if (ready & READY_WRITE)
                        sc_host_client_writable(&world->host, client->token);
        }
        unsigned ready = guest_ready(world);
        if (ready & READY_READ)
                sc_host_guest_readable(&world->host);
        if (ready & READY_WRITE)
                sc_host_guest_writable(&world->host);
}

static void assert_invariants(struct world *world)
{
        const struct sc_host *host = &world->host;
        const struct sc_history *history = &host->history;

        claim_uint(history->ring.head, ==, world->guest.said);
        claim_uint(history->ring.tail, <=, history->ring.head);
        claim_uint(host->consumed.offset, <=, history->ring.head);
        claim_uint(host->consumed.offset, >=, world->consumed_before);
        world->consumed_before = host->consumed.offset;
        claim_uint(history->lost_bytes, <=, history->overwritten_bytes);
        claim_uint(history->overwritten_bytes, <=, history->ring.tail);
        claim_uint(sc_input_waiting_bytes(&host->input), <=, SC_INPUT_BYTES);
        claim_uint(host->samples_wanted, ==, 0);
        claim_uint(host->counters.input_written_bytes, ==, world->guest.heard.length);

        unsigned open = 0;
        for (unsigned i = 0; i < world->count; i++)
                open += world->clients[i].open;
        claim_uint(open, ==, host->live_count);
}

void world_turn(struct world *world)
{
        struct sc_action action;

        world->turns++;
        sc_host_wake(&world->host, world->now_ns, world->wall_offset_ns);
        report_events(world);
        for (unsigned actions = 0; sc_host_next(&world->host, &action); actions++) {
                claim_uint(actions, <, TURNS_MAX);
                carry_out(world, &action);
        }
        assert_invariants(world);
}

void world_run(struct world *world)
{
        world_turn(world);
        for (unsigned turns = 0; is_ready(world) || sc_host_deadline_ns(&world->host) <= world->now_ns;
             turns++) {
                if (turns == TURNS_MAX)
                        ck_abort_msg("the host does not come to rest");
                world_turn(world);
        }
}

void world_pass(struct world *world, uint64_t ns)
{
        uint64_t end_ns = world->now_ns + ns;
        world_run(world);
        for (unsigned steps = 0;; steps++) {
                claim_uint(steps, <, TURNS_MAX);
                uint64_t deadline_ns = sc_host_deadline_ns(&world->host);
                if (deadline_ns > end_ns)
                        break;
                world->now_ns = deadline_ns;
                world_run(world);
        }
        world->now_ns = end_ns;
        world_run(world);
}

/* --- the guest --- */

void guest_up(struct world *world)
{
        sc_host_wake(&world->host, world->now_ns, world->wall_offset_ns);
        world->guest.up = true;
        sc_host_guest_up(&world->host, world->guest.can_break);
        world_run(world);
}

static void guest_goes(struct world *world, bool ended)
{
        sc_host_wake(&world->host, world->now_ns, world->wall_offset_ns);
        world->guest.up = false;
        sc_host_guest_down(&world->host, ended);
        world_run(world);
}

void guest_down(struct world *world)
{
        guest_goes(world, false);
}

void guest_ends(struct world *world)
{
        guest_goes(world, true);
}

void guest_says(struct world *world, uint64_t length)
{
        world->guest.to_say += length;
        world_run(world);
        claim_uint(world->guest.to_say, ==, 0);
}

void assert_heard(const struct world *world, const void *bytes, size_t length)
{
        claim_uint(world->guest.heard.length, ==, length);
        if (length > 0)
                ck_assert_mem_eq(world->guest.heard.at, bytes, length);
}

void assert_heard_string(const struct world *world, const char *string)
{
        assert_heard(world, string, strlen(string));
}

/* --- clients --- */

struct client *world_connect(struct world *world, enum sc_listener listener)
{
        claim_uint(world->count, <, WORLD_CLIENTS_MAX);
        struct client *client = &world->clients[world->count++];
        client->listener = listener;
        client->queue_max = 200000;
        client->write_max = SIZE_MAX;
        client->token = sc_host_connected(&world->host, listener, 1000 + world->count, 100);
        client->open = client->token != 0;
        if (client->open)
                client->id = slot_of(world, client)->id;
        return client;
}

struct client *raw_client(struct world *world)
{
        struct client *client = world_connect(world, SC_LISTENER_RAW);
        world_run(world);
        return client;
}

struct client *raw_viewer(struct world *world)
{
        struct client *client = world_connect(world, SC_LISTENER_VIEW);
        world_run(world);
        return client;
}

struct sc_hello hello_of(enum sc_role role, enum sc_start start, uint64_t value)
{
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = (uint8_t)role,
                .start = (uint8_t)start,
                .value = value,
                .label_length = 4,
                .label = "test",
        };
        struct sc_host_config config = world_config();
        memcpy(hello.instance, config.instance, SC_INSTANCE_BYTES);
        return hello;
}

struct client *native_on(struct world *world, enum sc_listener listener, const struct sc_hello *hello)
{
        struct client *client = world_connect(world, listener);
        client_says_hello(client, hello);
        client_reads_all(world, client);
        return client;
}

struct client *native_client(struct world *world, enum sc_role role, enum sc_start start, uint64_t value)
{
        struct sc_hello hello = hello_of(role, start, value);
        struct client *client = native_on(world, SC_LISTENER_CONTROL, &hello);
        claim_uint(client->native.welcomes, ==, 1);
        return client;
}

void client_sends(struct client *client, const void *bytes, size_t length)
{
        bytes_append(&client->sent, bytes, length);
}

void client_sends_string(struct client *client, const char *string)
{
        client_sends(client, string, strlen(string));
}

/* Room for any frame of a client's. */
#define FRAME_ROOM 8192

void client_says_hello(struct client *client, const struct sc_hello *hello)
{
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        sc_frame_put_hello(&encoder, hello);
        client_sends(client, room, encoder.length);
}

void client_sends_value(struct client *client, enum sc_frame_type type, uint64_t value)
{
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        sc_frame_put_value(&encoder, type, value);
        client_sends(client, room, encoder.length);
}

void client_sends_empty(struct client *client, enum sc_frame_type type)
{
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        sc_frame_put_empty(&encoder, type);
        client_sends(client, room, encoder.length);
}

void client_sends_input(struct client *client, uint64_t guest_number, const void *bytes, size_t length)
{
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        sc_frame_put_input_fields(&encoder, guest_number, length);
        client_sends(client, room, encoder.length);
        client_sends(client, bytes, length);
}

void client_types(struct client *client, const char *string)
{
        uint64_t number = client->native.welcome.guest_number;
        if (client->native.boundary.number > number)
                number = client->native.boundary.number;
        client_sends_input(client, number, string, strlen(string));
}

void client_sends_mark(struct client *client, const char *text)
{
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        sc_frame_put_header(&encoder, SC_FRAME_MARK, strlen(text));
        sc_bytes_put_string(&encoder, text, strlen(text));
        client_sends(client, room, encoder.length);
}

void client_asks_history(struct client *client, enum sc_start start, uint64_t value, uint64_t length)
{
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        sc_frame_put_header(&encoder, SC_FRAME_HISTORY, SC_HISTORY_PAYLOAD_BYTES);
        sc_bytes_put(&encoder, start, 1);
        sc_bytes_put(&encoder, 0, 7);
        sc_bytes_put(&encoder, value, 8);
        sc_bytes_put(&encoder, length, 8);
        client_sends(client, room, encoder.length);
}

/* --- what a native client is told --- */

static void told_welcome(struct client *client, struct sc_frame *frame)
{
        struct native *native = &client->native;
        native->welcomes++;
        claim(sc_frame_get_welcome(&frame->payload, &native->welcome));
        claim(!native->attached);
        native->attached =
                native->welcome.answer <= SC_ANSWER_OVERWRITTEN && native->welcome.role != SC_ROLE_CONTROL;
        native->offset = native->welcome.start;
}

/* A history frame of [from, to): the first of an answer, or where the one before it ended. */
static void told_history(struct native *native, uint64_t from, uint64_t to)
{
        if (native->in_history)
                claim_uint(from, ==, native->history_offset);
        else
                native->history_from = from;
        native->in_history = true;
        native->history_offset = to;
}

static void told_data(struct client *client, struct sc_frame *frame)
{
        struct native *native = &client->native;
        uint64_t offset = sc_bytes_get(&frame->payload, 8);
        uint64_t time_ns = sc_bytes_get(&frame->payload, 8);
        size_t length = sc_bytes_left(&frame->payload);
        const uint8_t *bytes = frame->payload.bytes + frame->payload.position;
        claim_uint(length, <=, SC_FRAME_DATA_BYTES_MAX);
        assert_output(bytes, offset, length);
        if (frame->type == SC_FRAME_HISTORY_DATA) {
                told_history(native, offset, offset + length);
                native->history_bytes += length;
                return;
        }
        claim(native->attached);
        claim_uint(offset, ==, native->offset);
        native->offset += length;
        native->data_bytes += length;
        native->data_frames++;
        if (native->on_data)
                native->on_data(client, offset, time_ns, length);
}

static void told_gap(struct client *client, struct sc_frame *frame)
{
        struct native *native = &client->native;
        struct sc_gap gap;
        claim(sc_frame_get_gap(&frame->payload, &gap));
        if (frame->type == SC_FRAME_HISTORY_GAP) {
                told_history(native, gap.from, gap.to);
                native->history_gap_bytes += gap.to - gap.from;
                return;
        }
        claim(native->attached);
        claim_uint(gap.from, ==, native->offset);
        native->offset = gap.to;
        native->gap = gap;
        if (gap.kind == SC_GAP_CLEARED) {
                native->cleared_bytes += gap.to - gap.from;
        } else {
                native->gaps++;
                native->gap_bytes += gap.to - gap.from;
        }
}

static void told_boundary(struct client *client, struct sc_frame *frame)
{
        struct native *native = &client->native;
        struct sc_boundary boundary;
        claim(sc_frame_get_boundary(&frame->payload, &boundary));
        claim_uint(boundary.number, >, native->boundary.number);
        claim_uint(boundary.offset, <=, native->offset); /* before the byte at its offset */
        if (boundary.offset >= native->welcome.start && native->gap.to != native->offset)
                claim_uint(boundary.offset, ==, native->offset);
        native->boundary = boundary;
        native->boundaries++;
}

static void told_error(struct native *native, struct sc_frame *frame)
{
        native->errors++;
        native->error = (unsigned)sc_bytes_get(&frame->payload, 2);
        size_t length = sc_bytes_left(&frame->payload);
        sc_bytes_get_string(&frame->payload, native->error_text, length);
        native->error_text[length] = '\0';
}

static void told_refused(struct native *native, struct sc_frame *frame)
{
        unsigned reason = (unsigned)sc_bytes_get(&frame->payload, 1);
        claim_uint(reason, <, SC_REFUSAL_COUNT);
        sc_bytes_get(&frame->payload, 7);
        native->refused[reason] = sc_bytes_get(&frame->payload, 8);
}

static void told_done(struct native *native, struct sc_frame *frame)
{
        native->dones++;
        native->done_type = (unsigned)sc_bytes_get(&frame->payload, 1);
        native->done_result = (unsigned)sc_bytes_get(&frame->payload, 1);
}

static void told(struct client *client, struct sc_frame *frame)
{
        struct native *native = &client->native;
        claim_uint(native->errors, ==, 0); /* an error is the last frame */
        switch (frame->type) {
        case SC_FRAME_WELCOME:
                told_welcome(client, frame);
                return;
        case SC_FRAME_DATA:
        case SC_FRAME_HISTORY_DATA:
                told_data(client, frame);
                return;
        case SC_FRAME_GAP:
        case SC_FRAME_HISTORY_GAP:
                told_gap(client, frame);
                return;
        case SC_FRAME_HISTORY_END:
                native->history_ends++;
                if (native->in_history)
                        claim_uint(sc_bytes_get(&frame->payload, 8), ==, native->history_offset);
                native->in_history = false;
                return;
        case SC_FRAME_BOUNDARY:
                told_boundary(client, frame);
                return;
        case SC_FRAME_ROLE:
                native->roles++;
                claim(sc_frame_get_role(&frame->payload, &native->role));
                return;
        case SC_FRAME_REFUSED:
                told_refused(native, frame);
                return;
        case SC_FRAME_DONE:
                told_done(native, frame);
                return;
        case SC_FRAME_PONG:
                native->pongs++;
                native->pong_value = sc_bytes_get(&frame->payload, 8);
                return;
        case SC_FRAME_STATUS:
                native->statuses++;
                native->status.length = 0;
                bytes_append(&native->status, frame->payload.bytes, frame->payload.length);
                return;
        case SC_FRAME_ERROR:
                told_error(native, frame);
                return;
        default:
                ck_abort_msg("a host sent a frame of type 0x%02x", frame->type);
        }
}

size_t client_reads(struct client *client, size_t length)
{
        length = length < client->queue.length ? length : client->queue.length;
        bytes_append(&client->got, client->queue.at, length);
        bytes_drop(&client->queue, length);
        if (client->listener == SC_LISTENER_RAW || client->listener == SC_LISTENER_VIEW)
                return length;

        size_t at = 0;
        struct sc_frame frame;
        while (at < client->got.length) {
                enum sc_frame_result result =
                        sc_frame_next(client->got.at + at, client->got.length - at, SC_FROM_HOST, &frame);
                if (result == SC_FRAME_INCOMPLETE)
                        break;
                claim_uint(result, ==, SC_FRAME_COMPLETE);
                told(client, &frame);
                at += frame.frame_bytes;
        }
        bytes_drop(&client->got, at);
        return length;
}

void client_reads_all(struct world *world, struct client *client)
{
        do {
                world_run(world);
        } while (client_reads(client, SIZE_MAX) > 0);
}

void client_dies(struct client *client)
{
        client->reset = client->queue.length > 0;
        client->dead = true;
        bytes_drop(&client->queue, client->queue.length);
}

#define PIECE_BYTES 8

/* Through the kernel, because the padding of a struct has no value that valgrind would let us look at. */
static uint8_t *copy_of(const void *memory, size_t length)
{
        uint8_t *copy = malloc(length);
        int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
        ck_assert(copy && fd >= 0);
        ck_assert_int_eq(pread(fd, copy, length, (off_t)(uintptr_t)memory), (ssize_t)length);
        close(fd);
        return copy;
}

/* From one byte of output to the next it is as far as the generator's highest byte, or one more. */
static bool has_output(const void *memory, size_t length)
{
        uint8_t *bytes = copy_of(memory, length);
        size_t run = 1;
        for (size_t i = 1; i < length && run < PIECE_BYTES; i++) {
                uint8_t step = (uint8_t)(bytes[i] - bytes[i - 1]);
                run = step == 0x9e || step == 0x9f ? run + 1 : 1;
        }
        free(bytes);
        return run == PIECE_BYTES;
}

bool output_in_memory(const struct world *world)
{
        return has_output(&world->host, sizeof(world->host)) ||
               has_output(world->memory, sc_host_memory_bytes(&world->host.config));
}

void assert_got(const struct client *client, uint64_t offset, uint64_t length)
{
        claim_uint(client->got.length, ==, length);
        assert_output(client->got.at, offset, (size_t)length);
}

/* --- status --- */

struct sc_status status_for(struct world *world, struct client *client)
{
        struct sc_status status;
        client_sends_empty(client, SC_FRAME_STATUS_REQUEST);
        client->native.status.length = 0;
        client_reads_all(world, client);
        claim_uint(client->native.status.length, >, 0);
        struct sc_decoder decoder = { .bytes = client->native.status.at,
                                      .length = client->native.status.length };
        claim(sc_status_get(&decoder, &status));

        struct sc_boundary boundary;
        for (unsigned i = 0; i < status.boundaries; i++)
                claim(sc_status_get_boundary(&decoder, &boundary));
        struct sc_status_client listed;
        for (unsigned i = 0; i < status.clients; i++)
                claim(sc_status_get_client(&decoder, &listed));
        claim_uint(sc_bytes_left(&decoder), ==, 0);
        return status;
}

struct sc_status_client status_client(struct world *world, struct client *client, const struct client *about)
{
        struct sc_status status = status_for(world, client);
        struct sc_decoder decoder = { .bytes = client->native.status.at,
                                      .length = client->native.status.length };
        struct sc_boundary boundary;
        struct sc_status_client listed;
        claim(sc_status_get(&decoder, &status));
        for (unsigned i = 0; i < status.boundaries; i++)
                claim(sc_status_get_boundary(&decoder, &boundary));
        for (unsigned i = 0; i < status.clients; i++) {
                claim(sc_status_get_client(&decoder, &listed));
                if (listed.id == about->id)
                        return listed;
        }
        ck_abort_msg("a client is missing from the status");
        return listed;
}
