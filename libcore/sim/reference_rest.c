#include "reference.h"

#include "claim.h"

#include <string.h>

/* --- what is due has been done --- */

static uint64_t waiting(const struct reference *reference)
{
        return reference->input_count - reference->input_first - reference->breaks_waiting;
}

static void rest_of_stream(const struct reference *reference, const struct reference_client *client)
{
        claim_equal("BF-2", client->number, client->position, reference->head,
                    "a client that can read is not given all");
        if (!client->native)
                return;
        bool told_all = client->boundary_next > reference->boundaries_count ||
                        reference_boundaries_oldest(reference) > reference->boundaries_count;
        claim("BF-12", client->number, told_all, "a client is not told of a boundary");
        bool may_type = !reference_is_viewer(client) &&
                        (reference->config.writers == SC_WRITERS_ALL || reference->writer == client->number);
        claim("BF-11", client->number, client->knows_role, "a client is not told its role");
        claim_equal("BF-11", client->number, client->role_told.may_type, may_type,
                    "a client is told wrongly whether it may type");
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
        bool full = waiting(reference) == SC_INPUT_BYTES;
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
                bool held_up = waiting(reference) == SC_INPUT_BYTES;
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
        bool away = reference->guests > 0 && (!reference->guest_up || reference->guest_deaf);
        claim("BF-10", 0, !away || waiting(reference) == 0, "input waits for a guest that has gone");
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

/* --- who may type --- */

static bool is_candidate(const struct reference_client *client)
{
        return client && client->open && client->attached && !reference_is_viewer(client);
}

static uint64_t oldest(const struct reference *reference, bool native)
{
        for (uint64_t i = 0; i < reference->clients_count; i++)
                if (is_candidate(reference->clients[i]) && (!native || reference->clients[i]->native))
                        return i + 1;
        return 0;
}

/* It was the oldest when the role was free: who is older came later than that, all in the same turns. */
static bool was_oldest(const struct reference *reference, uint64_t number)
{
        for (uint64_t i = 0; i + 1 < number; i++)
                if (is_candidate(reference->clients[i]) && !reference->clients[i]->is_new)
                        return false;
        return is_candidate(reference_client(reference, number));
}

static void rest_of_writers(struct reference *reference)
{
        bool one = reference->config.writers == SC_WRITERS_ONE;
        bool stays = one && is_candidate(reference_client(reference, reference->writer_at_rest));
        uint64_t writer = stays ? reference->writer_at_rest : one ? oldest(reference, false) : 0;
        bool taken = one && reference->taken && is_candidate(reference_client(reference, reference->writer));
        if (!taken && (stays || !one || !was_oldest(reference, reference->writer)))
                claim_equal("BF-11", reference->writer, reference->writer, writer,
                            "another client is the writer");
        reference->writer_at_rest = reference->writer;
        reference->taken = false;

        const struct reference_client *answerer = reference_client(reference, reference->answerer);
        bool right = reference->answerer == 0 ? oldest(reference, true) == 0
                                              : is_candidate(answerer) && answerer->native;
        claim("BF-11", reference->answerer, right, "nobody answers, or one that is no client");
        /* What did not fit into the queue was typed as well. */
        bool waited = answerer && answerer->waited;
        if (is_candidate(reference_client(reference, reference->last_typist)) && !waited)
                claim_equal("BF-11", reference->answerer, reference->answerer, reference->last_typist,
                            "another than the last one that typed answers");
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
        rest_of_writers(reference);
        rest_of_places(reference);
        for (uint64_t i = 0; i < reference->clients_count; i++)
                reference->clients[i]->is_new = false;
}

/* --- what it counts --- */

void reference_counters(const struct reference *reference, const struct sc_record_counters *counters)
{
        claim_equal("BF-13", 0, counters->head, reference->head, "head is told otherwise");
        claim_equal("BF-13", 0, counters->tail, reference->tail, "tail is told otherwise");
        claim_equal("BF-13", 0, counters->consumed, reference->consumed, "consumed is told otherwise");
        claim_equal("BF-13", 0, counters->overwritten_bytes, reference->overwritten_bytes,
                    "overwritten bytes are counted wrongly");
        claim_equal("BF-13", 0, counters->lost_bytes, reference->lost_bytes,
                    "lost bytes are counted wrongly");
        claim_equal("BF-15", 0, counters->cleared_bytes, reference->cleared_bytes,
                    "cleared bytes are counted wrongly");
        claim_equal("BF-13", 0, counters->input_bytes, reference->input_bytes, "input is counted wrongly");
        claim_equal("BF-13", 0, counters->input_written_bytes, reference->input_written_bytes,
                    "input that was heard is counted wrongly");
        claim_equal("BF-13", 0, counters->input_waiting_bytes, waiting(reference),
                    "input that waits is counted wrongly");
        for (unsigned i = 0; i < SC_REFUSAL_COUNT; i++)
                claim_equal("BF-13", 0, counters->input_dropped[i], reference->dropped[i],
                            "dropped input is counted wrongly");
        claim_equal("BF-13", 0, counters->breaks, reference->breaks, "BREAKs are counted wrongly");
        claim_equal("BF-13", 0, counters->connections, reference->connections,
                    "connections are counted wrongly");
        const uint64_t *ended = reference->ended;
        claim_equal("BF-13", 0, counters->over_limit, ended[SC_ERROR_LIMIT],
                    "connections over the limit are counted wrongly");
        claim_equal("BF-13", 0, counters->malformed,
                    ended[SC_ERROR_NOT_HELLO] + ended[SC_ERROR_VERSION] + ended[SC_ERROR_UNKNOWN_TYPE] +
                            ended[SC_ERROR_MALFORMED],
                    "malformed connections are counted wrongly");
        claim_equal("BF-13", 0, counters->silent, ended[SC_ERROR_SILENT],
                    "silent connections are counted wrongly");
        claim_equal("BF-13", 0, counters->kicked, ended[SC_ERROR_KICKED],
                    "kicked clients are counted wrongly");
}

static struct sc_record_counters counters_of(const struct sc_status *status)
{
        struct sc_record_counters counters = {
                .head = status->head,
                .tail = status->tail,
                .consumed = status->consumed,
                .overwritten_bytes = status->overwritten_bytes,
                .lost_bytes = status->lost_bytes,
                .cleared_bytes = status->cleared_bytes,
                .input_bytes = status->counters.input_bytes,
                .input_written_bytes = status->counters.input_written_bytes,
                .input_waiting_bytes = status->input_waiting_bytes,
                .breaks = status->counters.breaks,
                .connections = status->counters.connections,
                .over_limit = status->counters.over_limit,
                .malformed = status->counters.malformed,
                .silent = status->counters.silent,
                .kicked = status->counters.kicked,
        };
        memcpy(counters.input_dropped, status->counters.input_dropped, sizeof(counters.input_dropped));
        return counters;
}

static void claim_listed(const struct reference *reference, const struct sc_status_client *listed)
{
        const struct reference_client *client = reference_client(reference, listed->id);
        claim("BF-13", listed->id, client && client->open && client->attached,
              "a client is listed that is not there");
        claim_equal("BF-13", client->number, listed->offset, client->position,
                    "a client is listed as elsewhere");
        claim_equal("BF-13", client->number, listed->connected_ns, client->connected_ns,
                    "a client is listed as of another time");
        claim_equal("BF-11", client->number, listed->role,
                    reference_is_viewer(client) ? SC_ROLE_VIEWER : SC_ROLE_CLIENT,
                    "a client is listed in another role");
        struct losses losses = reference_losses(reference, client);
        claim_equal("BF-6", client->number, listed->gap_bytes + listed->cleared_bytes,
                    losses.gap_bytes + losses.cleared_bytes, "what a client lost is listed wrongly");
        if (losses.unsure)
                return;
        claim_equal("BF-6", client->number, listed->gap_bytes, losses.gap_bytes,
                    "a client's gaps are listed wrongly");
        claim_equal("BF-6", client->number, listed->gaps, losses.gaps,
                    "the number of a client's gaps is listed wrongly");
}

static void claim_boundaries(const struct reference *reference, struct sc_decoder *payload, uint64_t count)
{
        uint64_t first = reference_boundaries_oldest(reference);
        claim_equal("BF-12", 0, count, reference->boundaries_count + 1 - first,
                    "boundaries are missing in a status");
        for (uint64_t i = 0; i < count; i++) {
                struct sc_boundary boundary;
                claim("BF-12", 0, sc_status_get_boundary(payload, &boundary),
                      "a boundary is missing in a status");
                claim_equal("BF-12", 0, boundary.number, first + i, "a boundary in a status is another");
                claim_equal("BF-12", 0, boundary.kind, reference->boundaries[first + i - 1].kind,
                            "a boundary in a status is of another kind");
        }
}

void reference_status(const struct reference *reference, struct sc_decoder *payload, bool for_viewer)
{
        struct sc_status status;
        claim("BF-13", 0, sc_status_get(payload, &status), "a status that is none");
        struct sc_record_counters counters = counters_of(&status);
        reference_counters(reference, &counters);
        enum sc_guest_state state = reference->guest_up     ? SC_GUEST_UP
                                    : reference->guests > 0 ? SC_GUEST_DOWN
                                                            : SC_GUEST_AWAITED;
        claim_equal("BF-12", 0, status.guest_state, state, "the guest is told to be otherwise");
        uint64_t last_ns = reference->head > 0 ? reference->said[reference->head - 1].arrival_ns : 0;
        claim_equal("BF-14", 0, status.last_output_ns, last_ns, "the guest last spoke at another time");
        uint64_t first_to = reference->config.keep_first < reference->head ? reference->config.keep_first
                                                                           : reference->head;
        claim_equal("BF-15", 0, status.first_to, first_to, "the kept beginning ends elsewhere");
        for (uint64_t i = status.first_from; i < status.first_to; i++)
                claim("BF-15", 0, reference->said[i].fate == KEPT, "the kept beginning is told and not kept");
        claim_boundaries(reference, payload, status.boundaries);

        uint64_t listed = 0;
        for (uint64_t i = 0; i < status.clients; i++) {
                struct sc_status_client client;
                claim("BF-13", 0, sc_status_get_client(payload, &client), "a client is missing in a status");
                claim_listed(reference, &client);
                listed++;
        }
        uint64_t there = reference_attached(reference, false) + reference_attached(reference, true);
        claim_equal("BF-11", 0, listed, for_viewer ? 0 : there, "other clients are listed than are there");
}

/* --- the journal --- */

void reference_notes(struct reference *reference, const struct sc_journal_entry *entry)
{
        struct reference_client *client = reference_client(reference, entry->client);
        if (!client)
                return;
        switch (entry->kind) {
        case SC_JOURNAL_CONNECT:
                claim("E", client->number, !client->journal_came, "a client comes twice in the journal");
                client->journal_came = true;
                return;
        case SC_JOURNAL_END:
                claim("E", client->number, client->journal_came && !client->journal_went,
                      "a client goes in the journal that has not come");
                client->journal_went = true;
                claim_equal("E", client->number, entry->why, client->kicked ? SC_ERROR_KICKED : client->why,
                            "the journal has another reason for an end");
                return;
        default:
                claim("E", client->number, client->journal_came && !client->journal_went,
                      "a client does something in the journal while it is not there");
        }
}

/* --- the end --- */

void reference_finishes(const struct reference *reference)
{
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                const struct reference_client *client = reference->clients[i];
                bool all_read = client->open && client->attached && !client->native && !client->dead &&
                                client->runs_first == client->runs_count;
                if (all_read && !reference_is_viewer(client) && client->begin <= reference->consumed)
                        claim_at_most("BF-8", client->number, client->position, reference->consumed,
                                      "what a client has read is not consumed");
        }
}
