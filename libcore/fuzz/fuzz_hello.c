#include "fuzz.h"
#include "tests/world.h"

/* A host, and what connects to it: the input is the script of a small world, in which clients of all kinds come, send
 * whatever bytes the script has for them, read as much as they like, and go, while the guest does what it wants. The
 * world claims that what they are told is whole and right, and that the host comes to rest. */

#define CLIENTS_MAX 24
#define STEPS_MAX 400
/* A few rings full. */
#define SAID_BYTES_MAX (24 * 1024)
/* Far more than one client's frames and the ring can be. */
#define QUEUE_BYTES_MAX (1024 * 1024)

enum step {
        STEP_CONTROL,
        STEP_VIEW_CONTROL,
        STEP_RAW,
        STEP_VIEW,
        STEP_SEND,
        STEP_SEND_MORE,
        STEP_READ,
        STEP_READ_ALL,
        STEP_DIE,
        STEP_CLOSE,
        STEP_NARROW,
        STEP_SAY,
        STEP_GUEST,
        STEP_PASS,
        STEP_GUEST_ROOM,
        STEP_TURN,
        STEP_COUNT,
};

static struct sc_host_config config_of(struct fuzz_script *script)
{
        static const uint32_t capacities[] = { 4096, 4097, 5000, 16384 };
        struct sc_host_config config = world_config();
        unsigned bits = (unsigned)fuzz_number(script, 2);
        config.capacity_bytes = capacities[bits & 3U];
        config.history = (enum sc_history_policy)((bits >> 2 & 7U) % SC_HISTORY_COUNT);
        config.history_bytes = 1000;
        config.writers = bits & 0x20U ? SC_WRITERS_ONE : SC_WRITERS_ALL;
        config.keep_first_bytes = bits & 0x40U ? 777 : 0;
        config.hold_ns = bits & 0x80U ? SC_NS_PER_S : 0;
        config.clients_max = 1 + (bits >> 8 & 3U);
        config.trace = bits & 0x400U;
        config.trace_input = bits & 0x800U;
        config.journal = bits & 0x1000U;
        return config;
}

/* The records that the host has noted are such. */
static void take_trace(struct world *world)
{
        struct sc_journal_entry entry;
        while (world->host.config.journal && sc_journal_take(&world->host.journal, &entry))
                claim(entry.kind < SC_JOURNAL_KIND_COUNT && entry.text_length <= sizeof(entry.text));
        if (!world->host.config.trace)
                return;
        struct sc_span records = sc_trace_take(&world->host.trace, world->now_ns);
        struct sc_record record;
        size_t size = 0;
        for (size_t at = 0; at < records.length; at += size)
                claim(sc_record_next(records.bytes + at, records.length - at, &record, &size) ==
                      SC_RECORD_COMPLETE);
}

static struct client *chosen(struct world *world, struct fuzz_script *script)
{
        size_t which = fuzz_number(script, 1);
        return world->count == 0 ? NULL : &world->clients[which % world->count];
}

static void send(struct client *client, struct fuzz_script bytes)
{
        if (client && client->open && !client->dead && !client->shut_write && !client->shut_both)
                client_sends(client, bytes.bytes, bytes.length);
}

/* The bytes that a client sent are read in pieces of these sizes as well as whole: the host looks after each. */
static void send_in_pieces(struct world *world, struct client *client, struct fuzz_script bytes,
                           size_t piece_length)
{
        while (bytes.length > 0) {
                send(client, fuzz_piece(&bytes, piece_length));
                world_run(world);
        }
}

static void close_some(struct client *client, unsigned how)
{
        if (!client)
                return;
        if (how % 2 == 0)
                client->shut_write = true;
        else
                client->shut_both = client->shut_write = true;
}

static void change_guest(struct world *world, unsigned how)
{
        if (!world->guest.up) {
                world->guest.can_break = how & 1U;
                if (world->host.guest.note != SC_GUEST_NOTE_ENDED)
                        guest_up(world);
                return;
        }
        switch (how % 4) {
        case 0:
                guest_ends(world);
                return;
        case 1:
                world->guest.reads_breaks = !world->guest.reads_breaks;
                return;
        default:
                world->guest.fails = how & 8U;
                guest_down(world);
        }
}

static void connect_one(struct world *world, enum sc_listener listener)
{
        if (world->count < CLIENTS_MAX)
                world_connect(world, listener);
}

/* long: one flat dispatch over the steps of a script */
static void step(struct world *world, struct fuzz_script *script)
{
        enum step what = (enum step)(fuzz_number(script, 1) % STEP_COUNT);
        struct client *client;
        switch (what) {
        case STEP_CONTROL:
                connect_one(world, SC_LISTENER_CONTROL);
                return;
        case STEP_VIEW_CONTROL:
                connect_one(world, SC_LISTENER_VIEW_CONTROL);
                return;
        case STEP_RAW:
                connect_one(world, SC_LISTENER_RAW);
                return;
        case STEP_VIEW:
                connect_one(world, SC_LISTENER_VIEW);
                return;
        case STEP_SEND:
                client = chosen(world, script);
                send(client, fuzz_piece(script, fuzz_number(script, 1)));
                return;
        case STEP_SEND_MORE: {
                client = chosen(world, script);
                size_t piece = 1 + fuzz_number(script, 1);
                send_in_pieces(world, client, fuzz_piece(script, fuzz_number(script, 2)), piece);
                return;
        }
        case STEP_READ:
                client = chosen(world, script);
                if (client)
                        client_reads(client, fuzz_number(script, 2));
                return;
        case STEP_READ_ALL:
                client = chosen(world, script);
                if (client)
                        client_reads_all(world, client);
                return;
        case STEP_DIE:
                client = chosen(world, script);
                if (client && client->open && !client->dead)
                        client_dies(client);
                return;
        case STEP_CLOSE:
                client = chosen(world, script);
                close_some(client, (unsigned)fuzz_number(script, 1));
                return;
        case STEP_NARROW:
                client = chosen(world, script);
                if (client) {
                        client->queue_max = 64 + fuzz_number(script, 2);
                        client->write_max = 32 + fuzz_number(script, 2);
                }
                return;
        case STEP_SAY:
                if (world->guest.said + world->guest.to_say < SAID_BYTES_MAX && world->guest.up)
                        world->guest.to_say += fuzz_number(script, 2);
                return;
        case STEP_GUEST:
                change_guest(world, (unsigned)fuzz_number(script, 1));
                return;
        case STEP_PASS:
                world_pass(world, fuzz_number(script, 1) * 50 * SC_NS_PER_MS);
                return;
        case STEP_GUEST_ROOM:
                world->guest.room = fuzz_number(script, 2);
                return;
        case STEP_TURN:
                world_run(world);
                return;
        case STEP_COUNT:
                return;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
        struct fuzz_script script = { input, length };
        struct sc_host_config config = config_of(&script);
        struct world *world = world_new(&config);
        if (fuzz_number(&script, 1) % 4 != 0)
                guest_up(world);
        for (unsigned steps = 0; script.length > 0 && steps < STEPS_MAX; steps++) {
                step(world, &script);
                take_trace(world);
        }
        world_run(world);
        take_trace(world);
        for (unsigned i = 0; i < world->count; i++) {
                struct client *client = &world->clients[i];
                claim(client->queue.length <= QUEUE_BYTES_MAX);
                client->queue_max = client->write_max = QUEUE_BYTES_MAX;
                client_reads_all(world, client);
        }
        sc_host_stop(&world->host);
        world_turn(world);
        sc_host_stopped(&world->host);
        take_trace(world);
        world_free(world);
        return 0;
}
