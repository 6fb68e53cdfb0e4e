#include "reference.h"

#include "claim.h"

/* --- what is due has been done --- */

static void rest_of_stream(const struct reference *reference, const struct reference_client *client)
{
        claim_equal("BF-2", client->number, client->position, reference->head,
                    "a client that can read is not given all");
        if (!client->native)
                return;
        bool told_all = client->boundary_next > reference->boundaries_count ||
                        reference_boundaries_oldest(reference) > reference->boundaries_count;
        claim("BF-12", client->number, told_all, "a client is not told of a boundary");
        claim("BF-11", client->number, client->knows_role, "a client is not told its role");
        claim_equal("BF-11", client->number, client->role_told.may_type,
                    reference_may_type(reference, client), "a client is told wrongly whether it may type");
        claim_equal("BF-11", client->number, client->role_told.answers, reference->answerer == client->number,
                    "a client is told wrongly whether it answers");
        claim_equal("BF-11", client->number, client->role_told.writer, reference->writer,
                    "a client is told another writer");
        for (unsigned i = 0; i < SC_REFUSAL_COUNT; i++)
                claim_equal("BF-10", client->number, client->refused_told[i], client->dropped[i],
                            "a client is not told that its input was dropped");
}

static void rest_of_input(const struct reference *reference, const struct reference_client *client)
{
        bool full = reference_input_waiting(reference) == SC_INPUT_BYTES;
        if (client->wild || client->condemned || !client->heard_all || full)
                return;
        if (!client->native) {
                claim_equal("BF-10", client->number, client->accounted, client->payload_sent,
                            "input is neither taken nor counted as dropped");
                return;
        }
        if (client->dead || !client->has_room)
                return;
        size_t due = 0;
        for (size_t i = 0; i < client->requests_count; i++)
                due += client->requests[i].frame != SC_FRAME_ACKNOWLEDGE;
        claim("S", client->number, due == 0, "an answer does not come");
        claim_equal("BF-10", client->number, client->accounted, client->payload_bytes,
                    "input frames are neither taken nor counted as dropped");
}

static void rest_of_client(const struct reference *reference, const struct reference_client *client)
{
        if (client->dead) {
                bool held_up = reference_input_waiting(reference) == SC_INPUT_BYTES;
                claim("BF-2", client->number, held_up || !client->heard_all,
                      "a client that died is still there");
        } else if (client->has_room && client->attached) {
                rest_of_stream(reference, client);
        }
        rest_of_input(reference, client);
        bool silent = client->native && !client->attached &&
                      reference->now_ns > client->active_ns + SC_SILENCE_NS + SC_CLOSING_NS;
        claim("S", client->number, !silent, "a connection that says nothing is kept");
        claim("S", client->number, !client->error_told || !client->has_room,
              "a connection is kept behind an error");
}

static void rest_of_guest(const struct reference *reference)
{
        claim("BF-10", 0, !reference_guest_is_away(reference) || reference_input_waiting(reference) == 0,
              "input waits for a guest that has gone");
        if (!reference->guest_up)
                return;
        if (reference->held) {
                claim("BF-5", 0,
                      reference->now_ns < reference->held_since_ns + reference->config.hold_ms * SC_NS_PER_MS,
                      "the guest is held beyond the time");
        } else {
                claim("BF-5", 0, !reference->guest_waits, "the guest is not read, and not held");
        }
        claim("BF-10", 0,
              !reference->guest_takes || reference->input_first == reference->input_count ||
                      reference->guest_deaf,
              "the guest is not given the input that waits");
}

static void rest_of_places(const struct reference *reference)
{
        uint64_t counts[SC_LISTENER_COUNT] = { 0 };
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                const struct reference_client *client = reference->clients[i];
                counts[client->listener] +=
                        client->open && client->native && !client->attached && !client->condemned;
        }
        for (unsigned i = 0; i < SC_LISTENER_COUNT; i++)
                claim_at_most("BF-13", 0, counts[i], SC_CONTROLS_MAX,
                              "more connections wait than are allowed");
}

void reference_rests(struct reference *reference)
{
        for (uint64_t i = 0; i < reference->clients_count; i++)
                if (reference->clients[i]->open)
                        rest_of_client(reference, reference->clients[i]);
        rest_of_guest(reference);
        for (uint64_t i = 0; i < reference->clients_count; i++)
                reference->clients[i]->waited |=
                        reference->clients[i]->chunks_first < reference->clients[i]->chunks_count;
        reference_rests_writers(reference);
        rest_of_places(reference);
        for (uint64_t i = 0; i < reference->clients_count; i++)
                reference->clients[i]->is_new = false;
}

/* --- the end --- */

void reference_last_words(const struct reference *reference, bool are_read)
{
        const struct said *last = reference->head > 0 ? &reference->said[reference->head - 1] : NULL;
        claim("G", 0, !are_read || !last || last->fate != KEPT || last->read,
              "the last words are said to be read, and nobody has read them");
}

void reference_finishes(const struct reference *reference)
{
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                const struct reference_client *client = reference->clients[i];
                bool all_read = reference_is_there(client) && !client->native && !client->dead &&
                                client->runs_first == client->runs_count;
                if (all_read && !reference_is_viewer(client) && client->begin <= reference->consumed)
                        claim_at_most("BF-8", client->number, client->position, reference->consumed,
                                      "what a client has read is not consumed");
        }
}
