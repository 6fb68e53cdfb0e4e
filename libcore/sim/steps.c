#include "world.h"

/* No kernel's queue is smaller. */
#define QUEUE_MIN 512

/* --- carrying steps out --- */

static struct place *place_of(struct world *world, uint64_t number)
{
        return number < SCRIPT_PLACES ? &world->places[number] : NULL;
}

static void connects(struct world *world, const struct step_connect *step)
{
        struct place *place = place_of(world, step->client);
        if (!place || (listener_is_view(step->listener) && !world->config.view) || world->in_turn)
                return;
        if (place->client && !place->client->dead) {
                if (place->client->open)
                        return;
                client_dies(world, place->client);
        }
        if (place->client && place->client->native)
                place->offset = place->client->offset;
        struct client *client =
                world_connect(world, (enum sc_listener)step->listener, sc_max_u64(step->queue, QUEUE_MIN),
                              step->piece > 0 ? step->piece : SIZE_MAX);
        if (!client)
                return;
        client->offset = place->offset;
        place->client = client;
}

static void crowds(struct world *world, const struct step_crowd *step)
{
        if (listener_is_view(step->listener) && !world->config.view)
                return;
        for (uint64_t i = 0; i < step->count; i++)
                world_connect(world, (enum sc_listener)step->listener, 4096, SIZE_MAX);
}

static void client_step(struct world *world, struct client *client, const struct step *step)
{
        switch (step->kind) {
        case STEP_HELLO:
                client_says_hello(world, client, &step->hello);
                return;
        case STEP_READ:
                client_reads(world, client, step->bytes.bytes);
                return;
        case STEP_PACE:
                client->pace_bytes = step->pace.bytes;
                client->pace_ns = step->pace.every_us * 1000;
                client->reads_ns = world->now_ns;
                return;
        case STEP_TYPE:
                client_types(world, client, &step->type);
                return;
        case STEP_SPLIT:
                client->split = step->pace.bytes;
                client->split_ns = step->pace.every_us * 1000;
                client->sends_ns = world->now_ns;
                return;
        case STEP_SHUT:
                client_shuts(client);
                return;
        case STEP_DIE:
                client_dies(world, client);
                return;
        case STEP_REFUSE:
                client->refusals = (unsigned)step->client.value;
                return;
        default:
                client_asks(world, client, step);
        }
}

/* The wall clock is set, to before 1970 never. */
static void sets_clock(struct world *world, const struct step_clock *step)
{
        int64_t change_ns = (int64_t)(step->ms * SC_NS_PER_MS);
        world->wall_offset_ns += step->forward ? change_ns : -change_ns;
        if (world->wall_offset_ns < -(int64_t)world->now_ns)
                world->wall_offset_ns = -(int64_t)world->now_ns;
}

/* The host is stopped between two turns, and wakes up late. */
static void stops(struct world *world, const struct step_wait *step)
{
        if (world->in_turn)
                return;
        world_run(world);
        world->now_ns += step->us * 1000;
}

static void passes(struct world *world, const struct step *step)
{
        if (!world->in_turn)
                world_pass(world, step->wait.us * 1000);
}

void world_step(struct world *world, const struct step *step)
{
        if (step_after(step) > 0 && !world->in_turn && world->deferred_count < DEFERRED_MAX) {
                world->deferred[world->deferred_count++] = (struct deferred) { *step, step_after(step) };
                return;
        }
        const struct place *place;
        switch (step->kind) {
        case STEP_CONSOLE:
                return;
        case STEP_UP:
        case STEP_DOWN:
        case STEP_NOTE:
        case STEP_SAY:
        case STEP_HEAR:
        case STEP_DEAF:
                guest_step(world, step);
                return;
        case STEP_CONNECT:
                connects(world, &step->connect);
                return;
        case STEP_CROWD:
                crowds(world, &step->crowd);
                return;
        case STEP_CLOCK:
                sets_clock(world, &step->clock);
                return;
        case STEP_FULL:
                world->trace_full = step->full.batches;
                return;
        case STEP_STOP:
                stops(world, &step->wait);
                return;
        case STEP_WAIT:
                passes(world, step);
                return;
        default:
                place = place_of(world, step->fields[0]);
                if (place && place->client)
                        client_step(world, place->client, step);
        }
}

/* --- the end --- */

static bool reads_all(struct world *world)
{
        bool some = false;
        for (size_t i = 0; i < world->count; i++) {
                struct client *client = world->clients[i];
                client->pace_ns = 0;
                client->split = 0;
                client->refusals = 0;
                some |= !client->dead && buffer_length(&client->queue) > 0;
                client_reads(world, client, SIZE_MAX);
        }
        return some;
}

/* The guest falls silent and hears all, and everybody reads, until nothing comes any more. */
void world_finish(struct world *world)
{
        world->guest.plan = 0;
        world->trace_full = 0;
        guest_step(world, &(struct step) { .kind = STEP_HEAR, .hear = { UINT64_MAX, UINT64_MAX, 1 } });
        world_pass(world, SC_NS_PER_S);
        while (reads_all(world))
                world_pass(world, SC_NS_PER_S);
        world_pass(world, 10 * SC_NS_PER_MS);
        sc_host_wake(&world->host, world->now_ns, world->wall_offset_ns);
        sc_host_sample(&world->host);
        world_run(world);
        reference_finishes(world->reference);
        witness_leaves(&world->witness, world->now_ns);

        sc_host_stop(&world->host);
        world_records(world);
        world_run(world);
        sc_host_stopped(&world->host);
        world_records(world);
        for (size_t i = 0; i < world->count; i++) {
                struct client *client = world->clients[i];
                client_reads(world, client, SIZE_MAX);
        }
        witness_ends(&world->witness);
}
