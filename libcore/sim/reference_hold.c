#include "reference.h"

#include "claim.h"

/* One for whom a guest may wait: no viewer, and it took something just now. */
static bool reads(const struct reference *reference, const struct reference_client *client)
{
        return reference_is_there(client) && client->started && !reference_is_viewer(client) &&
               reference->now_ns - client->took_ns <= SC_HOLD_TAKING_NS;
}

/* What it has not accepted of what is in the ring. */
static uint64_t lag(const struct reference *reference, const struct reference_client *client)
{
        return reference->head - (client->position > reference->tail ? client->position : reference->tail);
}

/* A read may take a quarter of the ring: so much is not free of what it has not accepted. */
static bool is_in_the_way(const struct reference *reference, const struct reference_client *client)
{
        return reference->config.capacity - lag(reference, client) < reference->config.capacity / 4;
}

void reference_claims_hold(const struct reference *reference, uint64_t tail)
{
        for (uint64_t i = 0; i < reference->clients_count && reference->config.hold_ms > 0; i++) {
                const struct reference_client *client = reference->clients[i];
                bool awaited = reads(reference, client) && !client->dead && !client->condemned &&
                               !client->may_have_run_out;
                uint64_t first = client->position > tail ? client->position : tail;
                for (uint64_t j = first; j < reference->tail && awaited; j++)
                        claim("BF-5", client->number, reference->said[j].fate != OVERWRITTEN,
                              "a client that reads loses output, and the guest was not held");
        }
}

static bool somebody_is_awaited(const struct reference *reference)
{
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                const struct reference_client *client = reference->clients[i];
                if (reads(reference, client) && !client->ran_out && is_in_the_way(reference, client))
                        return true;
        }
        return false;
}

void reference_hold_ends(struct reference *reference)
{
        reference->hold_ns += reference->held ? reference->now_ns - reference->held_since_ns : 0;
        reference->held = false;
}

void reference_holds(struct reference *reference, const struct sc_record_hold *hold)
{
        claim("BF-5", 0, reference->config.hold_ms > 0, "the guest is held without --hold");
        if (hold->held) {
                claim("BF-5", 0, somebody_is_awaited(reference), "the guest is held for nobody who reads");
                claim("BF-5", 0, !reference->held, "a pause begins within another");
                reference->held = true;
                reference->held_since_ns = reference->now_ns;
                reference->holds++;
        } else {
                reference_hold_ends(reference);
        }
        for (uint64_t i = 0; i < reference->clients_count && hold->ran_out; i++) {
                struct reference_client *client = reference->clients[i];
                client->ran_out |= is_in_the_way(reference, client);
                client->may_have_run_out |= lag(reference, client) > 0;
        }
}
