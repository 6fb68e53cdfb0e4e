#include "world.h"

#include "claim.h"

#include "model/console/clients.h"
#include "model/console/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define TURNS_MAX 400000
#define ACTIONS_MAX 20000
#define START_NS (1000 * SC_NS_PER_S)
#define WALL_NS INT64_C(1700000000000000000)
#define UID 1000

/* --- making one --- */

static struct sc_host_config host_config(const struct step_console *config)
{
        struct sc_host_config host = {
                .capacity_bytes = config->capacity,
                .keep_first_bytes = config->keep_first,
                .history = (enum sc_history_policy)config->history,
                .history_bytes = config->history_bytes,
                .hold_ns = config->hold_ms * SC_NS_PER_MS,
                .writers = (enum sc_writers_policy)config->writers,
                .clients_max = (uint32_t)config->clients_max,
                .view = config->view != 0,
                .journal = true,
                .trace = true,
                .trace_input = config->input != 0,
                .program = "sim",
                .wall_offset_ns = WALL_NS,
        };
        for (size_t i = 0; i < SC_INSTANCE_BYTES; i++)
                host.instance[i] = (uint8_t)(0x51 + i);
        return host;
}

static void see_config(struct world *world)
{
        const struct step_console *config = &world->config;
        witness_sees(&world->witness, &(struct sc_record) {
                                              .type = SC_RECORD_CONFIG,
                                              .time_ns = world->now_ns,
                                              .config = {
                                                      .version = SC_TRACE_VERSION,
                                                      .kind = SC_TRACE_OBSERVER,
                                                      .input = config->input,
                                                      .capacity_bytes = config->capacity,
                                                      .keep_first_bytes = config->keep_first,
                                                      .history = config->history,
                                                      .history_bytes = config->history_bytes,
                                                      .hold_ns = config->hold_ms * SC_NS_PER_MS,
                                                      .writers = config->writers,
                                                      .clients_max = config->clients_max,
                                                      .wall_offset_ns = (uint64_t)WALL_NS,
                                              },
                                              .bytes = world->host.config.instance,
                                              .length = SC_INSTANCE_BYTES,
                                      });
}

struct world *world_new(const struct step_console *config, const struct witness_wishes *wishes)
{
        struct world *world = calloc(1, sizeof(*world));
        if (!world)
                abort();
        struct sc_host_config host = host_config(config);
        world->config = *config;
        world->now_ns = world->began_ns = START_NS;
        world->wall_offset_ns = WALL_NS;
        world->guest.takes = world->guest.room = UINT64_MAX;
        world->guest.takes_breaks = true;
        world->memory_bytes = sc_host_memory_bytes(&host);
        world->memory = mmap(NULL, world->memory_bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (world->memory == MAP_FAILED)
                abort();
        world->reference = reference_new(config, host.instance, world->now_ns, world->wall_offset_ns);
        witness_begin(&world->witness, wishes);
        sc_host_init(&world->host, &host, world->memory, world->now_ns);
        see_config(world);
        return world;
}

void world_free(struct world *world)
{
        for (size_t i = 0; i < world->count; i++)
                client_free(world->clients[i]);
        free(world->clients);
        buffer_free(&world->work);
        reference_free(world->reference);
        witness_free(&world->witness);
        munmap(world->memory, world->memory_bytes);
        free(world);
}

/* --- what the host says of itself --- */

static void take_journal(struct world *world)
{
        struct sc_journal_entry entry;
        while (sc_journal_take(&world->host.journal, &entry))
                reference_notes(world->reference, &entry);
}

void world_records(struct world *world)
{
        struct sc_span span = sc_trace_take(&world->host.trace, world->now_ns);
        bool lost = world->trace_full > 0 && span.length > 0;
        world->reference->resolution_ns = sc_history_resolution_ns(&world->host.history);
        for (size_t at = 0; at < span.length;) {
                struct sc_record record;
                size_t size;
                enum sc_record_result result =
                        sc_record_next(span.bytes + at, span.length - at, &record, &size);
                claim("TRACE", 0, result == SC_RECORD_COMPLETE, "the host notes what is no record");
                bool typed = record.type == SC_RECORD_INPUT || record.type == SC_RECORD_GUEST_INPUT;
                claim("TRACE", 0, !typed || (record.length > 0) == (world->config.input != 0),
                      "the bytes of input are in a trace that was not asked for them, or are not");
                if (!lost)
                        witness_host(&world->witness, &record, span.bytes + at, size);
                world->reference->trace_lost += lost && record.type != SC_RECORD_MISSING;
                reference_record(world->reference, &record);
                if (record.type == SC_RECORD_START && record.start.start != 0)
                        witness_sees(&world->witness, &record);
                world->cleared |= record.type == SC_RECORD_CLEARED;
                at += size;
        }
        if (lost) {
                sc_trace_lost(&world->host.trace);
                world->trace_full--;
        }
        take_journal(world);
        if (world->cleared)
                memory_is_clear(world);
        world->cleared = false;
}

/* --- the kernel --- */

static struct client *client_of(const struct world *world, sc_client token)
{
        for (size_t i = world->count; i > 0; i--)
                if (world->clients[i - 1]->token == token && world->clients[i - 1]->open)
                        return world->clients[i - 1];
        claim_fail("SIM", "an action for no client", 0);
}

static void see_raw_start(struct world *world, const struct client *client)
{
        static const uint8_t none[SC_INSTANCE_BYTES];
        bool viewer = listener_is_view(client->listener);
        witness_sees(&world->witness, &(struct sc_record) {
                                              .type = SC_RECORD_START,
                                              .time_ns = world->now_ns,
                                              .start = {
                                                      .client = client->number,
                                                      .role = viewer ? SC_ROLE_VIEWER : SC_ROLE_CLIENT,
                                                      .offset = SC_RECORD_UNKNOWN,
                                                      .head = SC_RECORD_UNKNOWN,
                                              },
                                              .bytes = none,
                                              .length = sizeof(none),
                                      });
}

static void wakes(struct world *world)
{
        world->reference->now_ns = world->now_ns;
        world->reference->wall_offset_ns = world->wall_offset_ns;
        sc_host_wake(&world->host, world->now_ns, world->wall_offset_ns);
}

struct client *world_connect(struct world *world, enum sc_listener listener, size_t queue_max, size_t piece)
{
        if (world->accepts[listener] == SC_ACCEPTS_MAX) /* the others wait, and go */
                return NULL;
        wakes(world);
        world->accepts[listener]++;
        uint32_t pid = (uint32_t)(1000 + world->count);
        sc_client token = sc_host_connected(&world->host, listener, pid, UID);
        uint64_t number = token == 0 ? 0 : world->reference->clients_count + 1;
        reference_connects(world->reference, listener, number);
        if (token != 0)
                witness_sees(&world->witness, &(struct sc_record) {
                                                      .type = SC_RECORD_CONNECT,
                                                      .time_ns = world->now_ns,
                                                      .connect = { number, listener + 1, pid, UID },
                                              });
        world_records(world);
        if (token == 0)
                return NULL;
        struct client *client = calloc(1, sizeof(*client));
        if (!client)
                abort();
        *client = (struct client) {
                .number = number,
                .token = token,
                .listener = listener,
                .native = listener_is_native(listener),
                .open = true,
                .queue_max = queue_max,
                .piece = piece,
                .reads_ns = UINT64_MAX,
        };
        if (!client->native)
                see_raw_start(world, client);
        world->clients = array_with_room(world->clients, world->count, sizeof(struct client *));
        world->clients[world->count++] = client;
        return client;
}

static void sample(struct world *world, struct client *client)
{
        struct sc_sample sample = {
                .queue_empty = buffer_length(&client->queue) == 0,
                .hung_up = client->dead,
                .reset = client->reset,
                .unread_bytes = buffer_length(&client->sent),
        };
        client->reset = false;
        client->hang_up_told |= sample.hung_up;
        sc_host_client_sampled(&world->host, client->token, &sample);
}

static void read_client(struct world *world, struct client *client, const struct sc_action *action)
{
        size_t done = 0;
        for (size_t i = 0; i < action->span_count; i++) {
                size_t part = (size_t)sc_min_u64(action->spans[i].length, buffer_length(&client->sent));
                claim("SIM", client->number, action->spans[i].length > 0, "an empty span");
                if (part > 0)
                        memcpy(action->spans[i].bytes, buffer_at(&client->sent), part);
                buffer_drop(&client->sent, part);
                done += part;
        }
        struct reference_client *known = reference_client(world->reference, client->number);
        if (done > 0)
                known->active_ns = world->now_ns;
        bool ended = done == 0 && (client->dead || client->shut);
        if (!ended) {
                sc_host_client_read(&world->host, client->token, done);
                return;
        }
        bool reset = client->reset;
        client->reset = false;
        sc_host_client_read_ended(&world->host, client->token, reset);
}

/* Without memory it says so before it has looked at the peer (ENOBUFS). */
static void write_client(struct world *world, struct client *client, const struct sc_action *action)
{
        bool empty = action->sample_queue && buffer_length(&client->queue) == 0;
        bool refused = client->refusals > 0;
        if (refused)
                client->refusals--;
        if (client->dead && !refused) {
                sc_host_client_write_failed(&world->host, client->token, false);
                return;
        }
        struct buffer *work = &world->work;
        buffer_drop(work, buffer_length(work));
        claim_at_most("SIM", client->number, action->span_count, SC_SPANS_MAX, "too many spans");
        for (size_t i = 0; i < action->span_count; i++) {
                claim("SIM", client->number, action->spans[i].length > 0, "an empty span");
                buffer_append(work, action->spans[i].bytes, action->spans[i].length);
        }
        size_t queued = buffer_length(&client->queue);
        size_t room = client->queue_max > queued ? client->queue_max - queued : 0;
        size_t accepted = (size_t)sc_min_u64(sc_min_u64(room, client->piece), buffer_length(work));
        if (refused)
                accepted = 0;
        reference_offers(world->reference, client->number, work, accepted);
        buffer_append(&client->queue, buffer_at(work), accepted);
        sc_host_client_wrote(&world->host, client->token, accepted, empty);
}

static void close_client(struct world *world, struct client *client)
{
        uint8_t *buffers = sc_host_client_buffers(&world->host, sc_host_client_index(client->token));
        memset(buffers, 0, SC_PEER_BUFFER_BYTES);
        client->open = false;
        if (!client->dead)
                witness_sees(&world->witness, &(struct sc_record) {
                                                      .type = SC_RECORD_END,
                                                      .time_ns = world->now_ns,
                                                      .end = { client->number, SC_ERROR_ENDING,
                                                               SC_RECORD_UNKNOWN, SC_RECORD_UNKNOWN, 0, 0 },
                                              });
        const struct reference_client *known = reference_client(world->reference, client->number);
        bool reason = client->dead || known->condemned ||
                      (client->native && client->shut && !known->started) ||
                      (client->native && client->shut && known->role == SC_ROLE_CONTROL);
        claim("BF-10", client->number, reason, "a client is closed for no reason");
}

/* --- turns --- */

static void carry_out(struct world *world, const struct sc_action *action)
{
        switch (action->kind) {
        case SC_ACTION_SAMPLE:
                sample(world, client_of(world, action->client));
                break;
        case SC_ACTION_READ:
                read_client(world, client_of(world, action->client), action);
                break;
        case SC_ACTION_WRITE:
                write_client(world, client_of(world, action->client), action);
                break;
        case SC_ACTION_CLOSE:
                close_client(world, client_of(world, action->client));
                break;
        case SC_ACTION_GUEST_READ:
                guest_is_read(world, action);
                break;
        case SC_ACTION_GUEST_WRITE:
                guest_is_written(world, action);
                break;
        case SC_ACTION_GUEST_BREAK:
                guest_is_broken(world);
                break;
        }
        world_records(world);
}

static bool has_room(const struct client *client)
{
        return 4 * buffer_length(&client->queue) <= client->queue_max && client->refusals == 0;
}

#define READY_HANG_UP 0x4U

static unsigned readiness(const struct world *world, const struct client *client)
{
        unsigned wants = sc_host_client_wants(&world->host, client->token);
        unsigned ready = 0;
        if (client->dead && !client->hang_up_told)
                ready |= READY_HANG_UP;
        if ((wants & SC_WANT_READ) && (buffer_length(&client->sent) > 0 || client->dead || client->shut))
                ready |= SC_WANT_READ;
        if ((wants & SC_WANT_WRITE) && (has_room(client) || client->refusals > 0))
                ready |= SC_WANT_WRITE;
        return ready;
}

static bool is_ready(const struct world *world)
{
        if (guest_is_ready(world) || sc_host_deadline_ns(&world->host) <= world->now_ns)
                return true;
        for (size_t i = 0; i < world->count; i++) {
                const struct client *client = world->clients[i];
                if (client->open &&
                    (readiness(world, client) != 0 || client_sends_ns(client) <= world->now_ns))
                        return true;
        }
        return false;
}

static void report(struct world *world)
{
        for (size_t i = 0; i < world->count; i++) {
                struct client *client = world->clients[i];
                unsigned ready = client->open ? readiness(world, client) : 0;
                if (ready & READY_HANG_UP)
                        sample(world, client);
                if (ready & SC_WANT_READ)
                        sc_host_client_readable(&world->host, client->token);
                if (ready & SC_WANT_WRITE)
                        sc_host_client_writable(&world->host, client->token);
                if (ready != 0)
                        world_records(world);
        }
        guest_reports(world);
        world_records(world);
}

/* What was put off until now, or, at the end of a turn, until an action that did not come. */
static void carry_out_deferred(struct world *world, bool all)
{
        size_t left = 0;
        for (size_t i = 0; i < world->deferred_count; i++) {
                struct deferred *deferred = &world->deferred[i];
                if (all || --deferred->after == 0)
                        world_step(world, &deferred->step);
                else
                        world->deferred[left++] = *deferred;
        }
        world->deferred_count = left;
}

static void turn(struct world *world)
{
        struct sc_action action;
        world->turns++;
        memset(world->accepts, 0, sizeof(world->accepts));
        guest_prints(world);
        for (size_t i = 0; i < world->count; i++)
                client_sends(world, world->clients[i]);
        world->reference->turn = world->turns;
        world->in_turn = true;
        if (world->guest.ended) /* as a driver asks who waits for the last words to be read */
                sc_host_sample(&world->host);
        wakes(world);
        report(world);
        for (unsigned actions = 0; sc_host_next(&world->host, &action); actions++) {
                claim("SIM", 0, actions < ACTIONS_MAX, "a turn does not end");
                world_records(world);
                carry_out_deferred(world, false);
                carry_out(world, &action);
        }
        world_records(world);
        world->in_turn = false;
        world->reference->turn = 0;
}

/* Somebody who could ask, or NULL: one whose end is decided is told nothing more. */
static const struct sc_slot *who_may_ask(struct world *world)
{
        for (uint32_t i = 0; i < world->host.live_count; i++) {
                const struct sc_slot *slot =
                        sc_clients_slot(&world->host, sc_host_client_at(&world->host, i));
                if (!reference_client(world->reference, slot->id)->condemned)
                        return slot;
        }
        return NULL;
}

static void look_at_status(struct world *world)
{
        static uint8_t room[SC_FRAME_PAYLOAD_MAX];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        const struct sc_slot *slot = who_may_ask(world);
        if (!slot)
                return;
        sc_snapshot_put(&encoder, &world->host, slot);
        struct sc_decoder payload = { .bytes = room, .length = encoder.length };
        const struct reference_client *client = reference_client(world->reference, slot->id);
        reference_status(world->reference, &payload, client->view || client->role == SC_ROLE_VIEWER);
}

static void rest(struct world *world)
{
        struct reference *reference = world->reference;
        const struct guest *guest = &world->guest;
        reference->guest_waits = guest->to_say > 0;
        reference->guest_takes = guest->room > 0 && guest->takes_breaks && !guest->deaf;
        for (size_t i = 0; i < world->count; i++) {
                const struct client *client = world->clients[i];
                struct reference_client *known = reference_client(reference, client->number);
                known->has_room = has_room(client);
                known->heard_all = buffer_length(&client->sent) == 0 &&
                                   (client->dead || buffer_length(&client->outbox) == 0);
        }
        reference_rests(reference);
        reference_last_words(reference, sc_host_is_read(&world->host));
}

void world_run(struct world *world)
{
        unsigned turns = 0;
        do {
                claim("SIM", 0, turns++ < TURNS_MAX, "the host does not come to rest");
                turn(world);
                if (!is_ready(world))
                        carry_out_deferred(world, true);
        } while (is_ready(world));
        rest(world);
}

/* When something happens by itself next. */
static uint64_t next_ns(const struct world *world)
{
        uint64_t next = sc_host_deadline_ns(&world->host);
        if (world->guest.plan > 0)
                next = sc_min_u64(next, world->guest.says_ns);
        for (size_t i = 0; i < world->count; i++) {
                const struct client *client = world->clients[i];
                next = sc_min_u64(next, client_sends_ns(client));
                if (client->pace_ns > 0 && buffer_length(&client->queue) > 0)
                        next = sc_min_u64(next, sc_max_u64(client->reads_ns, world->now_ns + 1));
        }
        return next;
}

static void read_in_pace(struct world *world)
{
        for (size_t i = 0; i < world->count; i++) {
                struct client *client = world->clients[i];
                if (client->pace_ns == 0 || client->dead || client->reads_ns > world->now_ns)
                        continue;
                client_reads(world, client, client->pace_bytes);
                client->reads_ns = world->now_ns + client->pace_ns;
        }
}

/* Who has read all that there was, and got something since this was said last. */
static void see_quiet(struct world *world)
{
        for (size_t i = 0; i < world->count; i++) {
                struct client *client = world->clients[i];
                if (!client->open || client->dead || client->stirred == 0 ||
                    buffer_length(&client->queue) > 0 || client->refusals > 0)
                        continue;
                client->stirred = 0;
                witness_sees(&world->witness, &(struct sc_record) {
                                                      .type = SC_RECORD_QUIET,
                                                      .time_ns = world->now_ns,
                                                      .quiet = { client->number },
                                              });
        }
}

void world_pass(struct world *world, uint64_t ns)
{
        uint64_t end_ns = world->now_ns + ns;
        world_run(world);
        for (unsigned steps = 0; next_ns(world) <= end_ns; steps++) {
                claim("SIM", 0, steps < TURNS_MAX, "time does not pass");
                world->now_ns = sc_max_u64(world->now_ns, next_ns(world));
                read_in_pace(world);
                world_run(world);
        }
        world->now_ns = end_ns;
        world_run(world);
        look_at_status(world);
        see_quiet(world);
}
