#include "reference.h"

#include "claim.h"

#include <string.h>

/* --- gaps --- */

/* Whether all of it is gone, and in that way. A gap may end before the next byte that is kept, never behind it. */
static void claim_gone(const struct reference *reference, const struct reference_client *client,
                       const struct sc_gap *gap)
{
        claim_at_most("BF-3", client->number, gap->to, reference->head, "a gap reaches beyond head");
        claim("BF-3", client->number, gap->from < gap->to, "an empty gap");
        for (uint64_t i = gap->from; i < gap->to; i++) {
                uint8_t fate = reference->said[i].fate;
                bool agrees =
                        fate == FORGOTTEN || fate == (gap->kind == SC_GAP_CLEARED ? CLEARED : OVERWRITTEN);
                if (fate == KEPT)
                        claim_fail_numbers("BF-3", "a gap over what is kept", client->number, gap->from, i);
                if (!agrees)
                        claim_fail_numbers(gap->kind == SC_GAP_CLEARED ? "BF-4" : "BF-15",
                                           "a gap of the wrong kind", client->number, gap->kind, i);
        }
}

static bool is_unsure(const struct reference *reference, uint64_t from, uint64_t to)
{
        for (uint64_t i = from; i < to; i++)
                if (reference->said[i].fate == FORGOTTEN)
                        return true;
        return false;
}

void reference_passes_gap(struct reference *reference, struct reference_client *client,
                          const struct sc_gap *gap)
{
        claim_equal("BF-3", client->number, gap->from, client->position, "a gap is not where the client is");
        claim_gone(reference, client, gap);
        client->gaps_unsure |= is_unsure(reference, gap->from, gap->to);
        uint64_t length = gap->to - gap->from;
        if (gap->kind == SC_GAP_CLEARED) {
                client->cleared_bytes += length;
        } else {
                client->gap_bytes += length;
                client->gaps += client->gaps == 0 || client->gap_to != gap->from;
                client->gap_to = gap->to;
        }
        client->position = gap->to;
}

struct losses reference_losses(const struct reference *reference, const struct reference_client *client)
{
        uint64_t gap_to = client->gap_to;
        struct losses losses = { client->gap_bytes, client->cleared_bytes, client->gaps,
                                 client->gaps_unsure };
        for (uint64_t i = client->position; i < reference->tail && reference->said[i].fate != KEPT; i++) {
                losses.unsure |= reference->said[i].fate == FORGOTTEN;
                if (reference->said[i].fate == CLEARED) {
                        losses.cleared_bytes++;
                        continue;
                }
                losses.gap_bytes++;
                losses.gaps += losses.gaps == 0 || gap_to != i;
                gap_to = i + 1;
        }
        return losses;
}

/* --- where a stream starts --- */

static uint64_t boot_offset(const struct reference *reference)
{
        for (uint64_t n = reference->boundaries_count; n >= reference_boundaries_oldest(reference); n--)
                if (reference->boundaries[n - 1].kind == SC_BOUNDARY_UP)
                        return reference->boundaries[n - 1].offset;
        return 0;
}

static uint64_t last_offset(const struct reference *reference, uint64_t bytes)
{
        return bytes < reference->head ? reference->head - bytes : 0;
}

static uint64_t policy_offset(const struct reference *reference)
{
        uint64_t last = last_offset(reference, reference->config.history_bytes);
        switch ((enum sc_history_policy)reference->config.history) {
        case SC_HISTORY_ALL:
                return 0;
        case SC_HISTORY_BOOT:
                return boot_offset(reference);
        case SC_HISTORY_UNREAD:
                return reference->consumed;
        case SC_HISTORY_NONE:
                return reference->head;
        case SC_HISTORY_LAST:
                return last < reference->consumed ? last : reference->consumed;
        case SC_HISTORY_COUNT:
                break;
        }
        return 0;
}

/* The first kept byte that arrived then or later; up to one resolution earlier is right as well. */
static void claim_since(const struct reference *reference, uint64_t client, uint64_t offset, uint64_t time_ns)
{
        for (uint64_t i = 0; i < offset; i++)
                if (reference->said[i].fate == KEPT && reference->said[i].arrival_ns >= time_ns)
                        claim_fail_numbers("BF-14", "a start by time is too late", client, offset, i);
        for (uint64_t i = offset; i < reference->head; i++)
                if (reference->said[i].fate == KEPT) {
                        claim("BF-14", client,
                              reference->said[i].arrival_ns + reference->resolution_ns >= time_ns,
                              "a start by time is too early");
                        return;
                }
}

static uint64_t boundary_offset(const struct reference *reference, uint64_t number)
{
        if (number > reference->boundaries_count)
                return reference->head;
        bool is_kept = number >= reference_boundaries_oldest(reference);
        return is_kept ? reference->boundaries[number - 1].offset : 0;
}

/* What the hello said, of a wall-clock time the boot-time. */
static void claim_value(const struct reference *reference, const struct sc_hello *hello,
                        const struct sc_record_start *start)
{
        uint64_t expected = hello->value;
        if (hello->start == SC_START_SINCE) {
                int64_t boot_ns = (int64_t)hello->value - reference->wall_offset_ns;
                expected = boot_ns < 0 ? 0 : (uint64_t)boot_ns;
        }
        claim_equal("BF-7", start->client, start->value, expected, "a stream starts by another value");
}

static void claim_start(const struct reference *reference, const struct sc_record_start *start)
{
        uint64_t expected = reference->head;
        switch (start->start) {
        case SC_START_BEGINNING:
                expected = 0;
                break;
        case SC_START_UNREAD:
                expected = reference->consumed;
                break;
        case SC_START_OFFSET:
                expected = start->value;
                break;
        case SC_START_LAST:
                expected = last_offset(reference, start->value);
                break;
        case SC_START_SINCE:
                claim_since(reference, start->client, start->offset, start->value);
                return;
        case SC_START_BOUNDARY:
                expected = boundary_offset(reference, start->value);
                break;
        case SC_START_BOOT:
                expected = boot_offset(reference);
                break;
        default:
                break;
        }
        claim_equal("BF-7", start->client, start->offset, expected, "a stream starts elsewhere");
}

static enum sc_answer expected_answer(const struct reference *reference, const struct sc_record_start *start,
                                      const uint8_t *instance)
{
        static const uint8_t any[SC_INSTANCE_BYTES];
        if (start->start != SC_START_OFFSET || start->role == SC_ROLE_CONTROL)
                return SC_ANSWER_OK;
        if (memcmp(instance, any, sizeof(any)) != 0 &&
            memcmp(instance, reference->instance, SC_INSTANCE_BYTES) != 0)
                return SC_ANSWER_OTHER_INSTANCE;
        if (start->value > reference->head)
                return SC_ANSWER_BEYOND_HEAD;
        return reference_next_kept(reference, start->value) == start->value ? SC_ANSWER_OK
                                                                            : SC_ANSWER_OVERWRITTEN;
}

static void begins(struct reference *reference, struct reference_client *client, uint64_t begin,
                   uint64_t position)
{
        client->started = true;
        client->attached = client->is_new = true;
        client->ran_out = client->may_have_run_out = false;
        client->begin = begin;
        client->start = client->position = position;
        client->took_ns = reference->now_ns;
        client->boundary_next = reference_boundaries_oldest(reference);
}

/* Who is attached and not about to go. */
static uint64_t living(const struct reference *reference, bool view)
{
        uint64_t count = 0;
        for (uint64_t i = 0; i < reference->clients_count; i++) {
                const struct reference_client *client = reference->clients[i];
                count += client->open && client->attached && !client->dead && client->view == view;
        }
        return count;
}

static void starts_native(struct reference *reference, struct reference_client *client,
                          const struct sc_record_start *start, const uint8_t *instance)
{
        struct request *request = reference_answered(client, SC_FRAME_HELLO);
        if (request) {
                bool makes_viewer = client->view && request->hello.role == SC_ROLE_CLIENT;
                claim_equal("BF-11", client->number, start->role,
                            makes_viewer ? SC_ROLE_VIEWER : request->hello.role,
                            "a client has another role than its own");
                claim_equal("BF-9", client->number, start->start, request->hello.start,
                            "a start of another kind");
                request->decided = true;
                client->label_length = request->hello.label_length;
                memcpy(client->label, request->hello.label, sizeof(client->label));
        }
        enum sc_answer answer = expected_answer(reference, start, instance);
        claim_equal("BF-9", client->number, start->answer, answer, "an offset is answered wrongly");

        client->role = (enum sc_role)start->role;
        client->welcome = (struct sc_welcome) {
                .answer = (uint8_t)answer,
                .role = (uint8_t)start->role,
                .tail = reference->tail,
                .head = reference->head,
                .consumed = reference->consumed,
                .start = start->offset,
                .guest_state = (uint8_t)reference_guest_state(reference),
                .guest_note = (uint8_t)reference->guest_note,
                .guest_number = reference->guest_number,
                .first_to = reference_first_to(reference),
                .now_ns = reference->now_ns,
                .wall_offset_ns = reference->wall_offset_ns,
        };
        if (client->role == SC_ROLE_CONTROL || answer > SC_ANSWER_OVERWRITTEN) {
                claim_equal("BF-9", client->number, start->offset, reference->head,
                            "who is not attached is told a start");
                return;
        }
        claim("BF-13", client->number, living(reference, client->view) < reference->config.clients_max,
              "a client beyond the limit is attached");
        claim_start(reference, start);
        if (request)
                claim_value(reference, &request->hello, start);
        begins(reference, client, start->offset, start->offset);
        if (start->continues && start->start == SC_START_OFFSET) {
                client->begin = start->offset < reference->consumed ? start->offset : reference->consumed;
                for (uint64_t i = 0; i < start->offset && !reference_is_viewer(client); i++)
                        reference->said[i].read = true;
        }
}

void reference_starts(struct reference *reference, const struct sc_record_start *start, const uint8_t *bytes)
{
        struct reference_client *client = reference_client(reference, start->client);
        claim("S", start->client, client && client->open && !client->started, "a client starts that cannot");
        claim_equal("BF-2", start->client, start->head, reference->head, "live begins elsewhere");
        if (client->native) {
                starts_native(reference, client, start, bytes);
                return;
        }
        uint64_t begin = policy_offset(reference);
        claim_equal("BF-7", start->client, start->offset, reference_next_kept(reference, begin),
                    "a raw client begins elsewhere");
        begins(reference, client, begin, start->offset);
}

/* --- what it is offered, and reads --- */

static void offers_raw(struct reference *reference, struct reference_client *client,
                       const struct buffer *offered, size_t accepted)
{
        size_t length = buffer_length(offered);
        claim_at_most("BF-3", client->number, client->position + length, reference->head,
                      "more is offered than was printed");
        for (size_t i = 0; i < length; i++) {
                const struct said *said = &reference->said[client->position + i];
                if (said->fate != KEPT || said->byte != buffer_at(offered)[i])
                        claim_fail_numbers("BF-3", "a byte is not what the guest said there", client->number,
                                           buffer_at(offered)[i], client->position + i);
        }
        if (accepted == 0)
                return;
        if (client->runs_first == client->runs_count)
                client->runs_first = client->runs_count = 0;
        client->runs = array_with_room(client->runs, client->runs_count, sizeof(struct run));
        client->runs[client->runs_count++] = (struct run) { client->position, accepted };
        client->position += accepted;
}

void reference_offers(struct reference *reference, uint64_t number, const struct buffer *offered,
                      size_t accepted)
{
        struct reference_client *client = reference_client(reference, number);
        claim("S", number, client && client->open && (client->native || client->started),
              "a write to nobody");
        claim("BF-15", number, !client->cut_at_clear, "the rest of a frame that was cleared is offered");
        if (client->native)
                reference_frames(reference, client, offered, accepted);
        else
                offers_raw(reference, client, offered, accepted);
        if (accepted > 0)
                client->took_ns = client->active_ns = reference->now_ns;
        if (client->position == reference->head)
                client->ran_out = client->may_have_run_out = false;
}

void reference_reads(struct reference *reference, uint64_t number, size_t length)
{
        struct reference_client *client = reference_client(reference, number);
        while (length > 0 && client->runs_first < client->runs_count) {
                struct run *run = &client->runs[client->runs_first];
                uint64_t part = run->length < length ? run->length : length;
                for (uint64_t i = 0; i < part && !reference_is_viewer(client); i++)
                        reference->said[run->offset + i].read = true;
                run->offset += part;
                run->length -= part;
                length -= part;
                client->runs_first += run->length == 0;
        }
}

/* --- the end --- */

/* What it had read is known from then on; it counts if it had missed nothing by then. */
void reference_looks(struct reference *reference, const struct sc_record_sample *sample)
{
        struct reference_client *client = reference_client(reference, sample->client);
        claim("S", sample->client, client && client->open, "one is looked at that is not there");
        claim_equal("BF-8", client->number, sample->hung_up, client->dead, "a client is found otherwise");
        if (!client->dead || !client->started)
                return;
        client->last_look = true;
        client->last_look_counts |= !reference_is_viewer(client) && client->begin <= reference->consumed;
}

void reference_ends(struct reference *reference, const struct sc_record_end *end)
{
        struct reference_client *client = reference_client(reference, end->client);
        claim("S", end->client, client && client->open, "a client ends that is not there");
        struct losses losses = reference_losses(reference, client);
        bool lost_right =
                losses.unsure || !client->started ||
                (end->gap_bytes <= losses.gap_bytes && end->gap_bytes >= client->gap_bytes &&
                 end->cleared_bytes <= losses.cleared_bytes && end->cleared_bytes >= client->cleared_bytes);
        claim("BF-6", client->number, lost_right, "what a client lost is counted wrongly");
        if (client->started)
                claim_equal("BF-3", client->number, end->accepted, client->position,
                            "a client was elsewhere at its end");
        if (client->kicked)
                claim_equal("BF-13", client->number, end->why, SC_ERROR_KICKED,
                            "the end of one that was kicked says so not");
        else if (end->why == SC_ERROR_KICKED)
                claim("BF-15", client->number, client->cut_at_clear, "one is ended whom nobody had ended");
        else
                claim_equal("BF-13", client->number, end->why, client->condemned ? client->why : 0,
                            "the end of a client says another reason");
        bool proven = !client->native && client->started && client->dead && !client->died_unread &&
                      !client->condemned;
        claim("BF-8", client->number, !proven || client->last_look, "a client ends that was not looked at");
        if (proven && client->last_look_counts)
                claim("BF-8", client->number, reference->consumed >= client->position,
                      "what a client had read at its end is not consumed");
        client->open = client->attached = false;
        if (client->number == reference->last_typist || client->waited) /* it may have been the last */
                reference->last_typist = 0;
}
