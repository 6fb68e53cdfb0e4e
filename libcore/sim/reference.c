#include "reference.h"

#include "claim.h"

#include "tests/random.h"

#include <stdlib.h>
#include <string.h>

/* --- what is said --- */

static uint8_t unit_byte(uint64_t unit, uint64_t offset, uint8_t turn)
{
        uint8_t byte = (uint8_t)(random_mix(unit) >> (8 * (offset % 4)));
        return offset % 8 < 4 ? byte : byte ^ turn;
}

uint8_t output_byte(uint64_t offset)
{
        return unit_byte(offset / 8, offset, OUTPUT_TURN);
}

uint8_t input_byte(uint64_t client, uint64_t offset)
{
        return unit_byte(client << 32 | offset / 8, offset, INPUT_TURN);
}

/* --- making one --- */

struct reference *reference_new(const struct step_console *config, const uint8_t *instance, uint64_t now_ns,
                                int64_t wall_offset_ns)
{
        struct reference *reference = calloc(1, sizeof(*reference));
        if (!reference)
                abort();
        reference->config = *config;
        memcpy(reference->instance, instance, SC_INSTANCE_BYTES);
        reference->now_ns = now_ns;
        reference->wall_offset_ns = wall_offset_ns;
        return reference;
}

void reference_free(struct reference *reference)
{
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                free(reference->clients[i]->runs);
                free(reference->clients[i]->chunks);
                buffer_free(&reference->clients[i]->cut);
                free(reference->clients[i]);
        }
        free(reference->clients);
        free(reference->said);
        free(reference->boundaries);
        free(reference->input);
        free(reference);
}

/* --- who is there --- */

uint64_t reference_attached(const struct reference *reference, bool view)
{
        uint64_t count = 0;
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                const struct reference_client *client = reference->clients[i];
                count += reference_is_there(client) && client->view == view;
        }
        return count;
}

void reference_connects(struct reference *reference, enum sc_listener listener, uint64_t number)
{
        bool native = listener_is_native(listener);
        bool view = listener_is_view(listener);
        bool full = !native && reference_attached(reference, view) >= reference->config.clients_max;

        reference->connections++;
        claim("BF-13", number, full == (number == 0),
              full ? "a client beyond the limit is taken" : "a client is refused");
        if (number == 0)
                return;
        claim_equal("BF-13", number, number, reference->clients_count + 1,
                    "a client's number is not the next");
        struct reference_client *client = calloc(1, sizeof(*client));
        reference->clients = array_with_room(reference->clients, reference->clients_count,
                                             sizeof(struct reference_client *));
        reference->clients[reference->clients_count++] = client;
        *client = (struct reference_client) {
                .number = number,
                .listener = listener,
                .native = native,
                .view = view,
                .open = true,
                .attached = !native,
                .role = native ? SC_ROLE_CONTROL
                        : view ? SC_ROLE_VIEWER
                               : SC_ROLE_CLIENT,
                .active_ns = reference->now_ns,
                .connected_ns = reference->now_ns,
                .took_ns = reference->now_ns,
        };
}

/* --- output --- */

/* That byte is gone from the ring. */
static void falls_out(struct reference *reference, uint64_t offset)
{
        struct said *said = &reference->said[offset];
        if (said->fate != KEPT || offset < reference->config.keep_first)
                return;
        said->fate = OVERWRITTEN;
        reference->overwritten_bytes++;
        reference->lost_bytes += offset >= reference->consumed;
}

void reference_says(struct reference *reference, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                reference->said = array_with_room(reference->said, reference->head, sizeof(struct said));
                reference->said[reference->head++] =
                        (struct said) { .arrival_ns = reference->now_ns, .byte = bytes[i], .fate = KEPT };
        }
        uint64_t tail = reference->tail;
        while (reference->head - reference->tail > reference->config.capacity)
                falls_out(reference, reference->tail++);
        reference_claims_hold(reference, tail);
}

uint64_t reference_next_kept(const struct reference *reference, uint64_t offset)
{
        if (offset >= reference->tail)
                return offset;
        while (offset < reference->tail && reference->said[offset].fate != KEPT)
                offset++;
        return offset;
}

static void clears(struct reference *reference, const struct sc_record_cleared *cleared)
{
        uint64_t bytes = 0;
        for (uint64_t i = 0; i < reference->head; i++) {
                struct said *said = &reference->said[i];
                if (said->fate == CLEARED)
                        said->fate = FORGOTTEN;
                if (said->fate == KEPT) {
                        said->fate = CLEARED;
                        bytes++;
                }
        }
        claim_equal("BF-15", 0, cleared->bytes, bytes, "what was cleared is not what was kept");
        claim_equal("BF-15", 0, cleared->head, reference->head, "a clear says another head");
        reference->cleared_bytes += bytes;
        reference->tail = reference->consumed = reference->head;
        reference->boundaries_forgotten = reference->boundaries_count;
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                struct reference_client *client = reference->clients[i];
                client->ran_out = client->may_have_run_out = false; /* it is at head */
                client->cut_at_clear |= client->open && buffer_length(&client->cut) > 0 && client->cut_output;
        }
}

static void consumes(const struct reference *reference, const struct sc_record_offset *consumed)
{
        const struct reference_client *client = reference_client(reference, consumed->client);
        claim("BF-8", consumed->client, client && !reference_is_viewer(client), "a viewer consumes");
        claim("BF-8", consumed->client, consumed->offset > reference->consumed, "consumed falls");
        claim_at_most("BF-8", consumed->client, consumed->offset, reference->head, "consumed is beyond head");
        for (uint64_t i = reference->consumed; i < consumed->offset; i++)
                if (reference->said[i].fate == KEPT && !reference->said[i].read)
                        claim_fail_numbers("BF-8", "consumed is raised over a byte that nobody has read",
                                           consumed->client, consumed->offset, i);
}

/* --- boundaries --- */

uint64_t reference_boundaries_oldest(const struct reference *reference)
{
        uint64_t kept = reference->boundaries_count - reference->boundaries_forgotten;
        return reference->boundaries_count - (kept < SC_BOUNDARIES_MAX ? kept : SC_BOUNDARIES_MAX) + 1;
}

static void places_boundary(struct reference *reference, const struct sc_record *record)
{
        const struct sc_record_boundary *boundary = &record->boundary;
        claim_equal("BF-12", 0, boundary->number, reference->boundaries_count + 1,
                    "a boundary has another number");
        claim_equal("BF-12", 0, boundary->offset, reference->head, "a boundary is not at head");
        if (boundary->kind != SC_BOUNDARY_MARK) {
                claim_equal("BF-12", 0, boundary->kind, reference->boundary_due,
                            "a boundary is of another kind");
                reference->guest_number = boundary->number;
                reference->guest_since_ns = reference->now_ns;
        }
        struct placed placed = {
                .offset = boundary->offset,
                .time_ns = reference->now_ns,
                .kind = (enum sc_boundary_kind)boundary->kind,
                .text_length = (uint8_t)record->length,
        };
        if (record->length > 0)
                memcpy(placed.text, record->bytes, record->length);
        reference->boundaries =
                array_with_room(reference->boundaries, reference->boundaries_count, sizeof(struct placed));
        reference->boundaries[reference->boundaries_count++] = placed;
        if (boundary->kind == SC_BOUNDARY_UP)
                reference->came_number = boundary->number;
}

void reference_guest_comes(struct reference *reference, bool can_break)
{
        reference->boundary_due = SC_BOUNDARY_UP;
        reference->guest_up = true;
        reference->guest_deaf = false;
        reference->guest_note = SC_GUEST_NOTE_NONE;
        reference->can_break = can_break;
        if (reference->guests++ > 0) {
                reference->life++;
                reference->life_turn = reference->turn;
        }
}

void reference_guest_goes(struct reference *reference, bool ended)
{
        reference->boundary_due = ended ? SC_BOUNDARY_ENDED : SC_BOUNDARY_DOWN;
        reference->guest_up = false;
        reference_hold_ends(reference);
        if (ended)
                reference->guest_note = SC_GUEST_NOTE_ENDED;
        reference->life++;
        reference->life_turn = reference->turn;
        reference_drops_breaks(reference);
}

void reference_guest_note(struct reference *reference, enum sc_guest_note note)
{
        reference->guest_note = note;
}

void reference_guest_deafens(struct reference *reference)
{
        reference->guest_deaf = true;
        reference_drops_breaks(reference);
}

/* --- records --- */

static void overwrites(const struct reference *reference, const struct sc_record_overwritten *overwritten)
{
        claim_equal("BF-4", 0, overwritten->to, reference->tail, "the ring's tail is elsewhere");
}

static void condemns(struct reference *reference, const struct sc_record_closing *closing)
{
        struct reference_client *client = reference_client(reference, closing->client);
        reference->ended[closing->why]++;
        if (!client)
                return;
        if (closing->why == SC_ERROR_SILENT)
                claim("S", client->number,
                      !client->attached && reference->now_ns - client->active_ns >= SC_SILENCE_NS,
                      "one that was not silent is ended for it");
        client->condemned = true;
        client->active_ns = reference->now_ns;
        client->why = (enum sc_error)closing->why;
        if (client->native && closing->why != SC_ERROR_ENDING)
                client->attached = false;
}

static void acknowledges(struct reference *reference, const struct sc_record_offset *acknowledged)
{
        const struct reference_client *client = reference_client(reference, acknowledged->client);
        claim("BF-8", acknowledged->client, client && client->attached,
              "one that is not attached acknowledges");
        claim_at_most("BF-8", client->number, acknowledged->offset, client->position,
                      "more is acknowledged than was sent");
        if (reference_is_viewer(client))
                return;
        for (uint64_t i = client->start; i < acknowledged->offset; i++)
                reference->said[i].read = true;
}

static void passes_raw_gap(struct reference *reference, const struct sc_record_gap *record)
{
        struct reference_client *client = reference_client(reference, record->client);
        if (client && !client->native)
                reference_passes_gap(reference, client,
                                     &(struct sc_gap) { record->from, record->to, (uint8_t)record->kind });
}

void reference_record(struct reference *reference, const struct sc_record *record)
{
        switch (record->type) {
        case SC_RECORD_BOUNDARY:
                places_boundary(reference, record);
                return;
        case SC_RECORD_START:
                reference_starts(reference, &record->start, record->bytes);
                return;
        case SC_RECORD_END:
                reference_ends(reference, &record->end);
                return;
        case SC_RECORD_INPUT:
                reference_takes_input(reference, &record->input);
                return;
        case SC_RECORD_DROPPED:
                reference_drops_input(reference, &record->dropped);
                return;
        case SC_RECORD_GAP:
                passes_raw_gap(reference, &record->gap);
                return;
        case SC_RECORD_SAMPLE:
                reference_looks(reference, &record->sample);
                return;
        case SC_RECORD_ACKNOWLEDGED:
                acknowledges(reference, &record->acknowledged);
                return;
        case SC_RECORD_CONSUMED:
                consumes(reference, &record->consumed);
                reference->consumed = record->consumed.offset;
                return;
        case SC_RECORD_OVERWRITTEN:
                overwrites(reference, &record->overwritten);
                return;
        case SC_RECORD_REQUEST:
                reference_request(reference, &record->request);
                return;
        case SC_RECORD_CLEARED:
                clears(reference, &record->cleared);
                return;
        case SC_RECORD_WRITERS:
                reference_changes_writers(reference, &record->writers);
                return;
        case SC_RECORD_HOLD:
                reference_holds(reference, &record->hold);
                return;
        case SC_RECORD_CLOSING:
                condemns(reference, &record->closing);
                return;
        case SC_RECORD_COUNTERS:
                reference_counters(reference, &record->counters);
                return;
        default: /* what the world has seen itself */
                return;
        }
}
