#include "reference.h"

#include "claim.h"

#include <string.h>

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
        claim_equal("BF-13", 0, counters->input_waiting_bytes, reference_input_waiting(reference),
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
        claim("BF-13", listed->id, client && reference_is_there(client),
              "a client is listed that is not there");
        claim_equal("BF-13", client->number, listed->offset, client->position,
                    "a client is listed as elsewhere");
        claim_equal("BF-13", client->number, listed->connected_ns, client->connected_ns,
                    "a client is listed as of another time");
        claim_equal("BF-11", client->number, listed->role,
                    reference_is_viewer(client) ? SC_ROLE_VIEWER : SC_ROLE_CLIENT,
                    "a client is listed in another role");
        claim("BF-13", client->number,
              client->wild || (listed->label_length == client->label_length &&
                               memcmp(listed->label, client->label, client->label_length) == 0),
              "a client is listed under another name");
        unsigned flags = (client->native ? SC_STATUS_CLIENT_NATIVE : 0) |
                         (client->view ? SC_STATUS_CLIENT_VIEW : 0) |
                         (reference_may_type(reference, client) ? SC_STATUS_CLIENT_MAY_TYPE : 0) |
                         (reference->answerer == client->number ? SC_STATUS_CLIENT_ANSWERS : 0);
        claim_equal("BF-13", client->number, listed->flags & ~(unsigned)SC_STATUS_CLIENT_HALF, flags,
                    "a client is listed as another one");
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

static void claim_first(const struct reference *reference, const struct sc_status *status)
{
        claim_equal("BF-15", 0, status->first_to, reference_first_to(reference),
                    "the kept beginning ends elsewhere");
        for (uint64_t i = status->first_from; i < status->first_to; i++)
                claim("BF-15", 0, reference->said[i].fate == KEPT, "the kept beginning is told and not kept");
        claim("BF-15", 0, status->first_from == 0 || reference->said[status->first_from - 1].fate != KEPT,
              "the kept beginning begins earlier");
}

static void claim_guest(const struct reference *reference, const struct sc_status *status)
{
        claim_equal("BF-12", 0, status->guest_state, reference_guest_state(reference),
                    "the guest is told to be otherwise");
        claim_equal("BF-12", 0, status->guest_note, reference->guest_note,
                    "another thing is told to keep the guest away");
        claim_equal("BF-12", 0, status->guest_number, reference->guest_number,
                    "the last guest boundary is told to be another");
        claim_equal("BF-12", 0, status->guest_since_ns,
                    reference->guest_number > 0 ? reference->guest_since_ns : status->guest_since_ns,
                    "the guest is told to be so since another time");
        uint64_t held_ns = reference->held ? reference->now_ns - reference->held_since_ns : 0;
        claim_equal("BF-13", 0, status->counters.holds, reference->holds, "pauses are counted wrongly");
        claim_equal("BF-13", 0, status->counters.hold_ns, reference->hold_ns + held_ns,
                    "the time of pauses is counted wrongly");
}

void reference_status(const struct reference *reference, struct sc_decoder *payload, bool for_viewer)
{
        struct sc_status status;
        claim("BF-13", 0, sc_status_get(payload, &status), "a status that is none");
        struct sc_record_counters counters = counters_of(&status);
        reference_counters(reference, &counters);
        claim_guest(reference, &status);
        uint64_t last_ns = reference->head > 0 ? reference->said[reference->head - 1].arrival_ns : 0;
        claim_equal("BF-14", 0, status.last_output_ns, last_ns, "the guest last spoke at another time");
        claim_first(reference, &status);
        claim_equal("BF-13", 0, status.counters.trace_lost, reference->trace_lost,
                    "records that are missing in the trace are counted wrongly");
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
