#include "reference.h"

#include "claim.h"

#include <string.h>

/* --- requests --- */

struct request *reference_asks(struct reference *reference, uint64_t number, unsigned frame)
{
        struct reference_client *client = reference_client(reference, number);
        if (client->requests_count == REQUESTS_MAX) {
                client->wild = true;
                client->requests_count = 0;
        }
        struct request *request = &client->requests[client->requests_count++];
        *request = (struct request) { .frame = frame };
        return request;
}

/* An acknowledgement that is right is not answered. */
static void drop(struct reference_client *client, size_t count)
{
        client->requests_count -= count;
        memmove(client->requests, client->requests + count,
                client->requests_count * sizeof(client->requests[0]));
}

/* What one that is dead asked is done, though the answers go nowhere. */
static void skip_unheard(struct reference_client *client, unsigned frame)
{
        size_t skip = 0;
        while (skip < client->requests_count &&
               (client->requests[skip].frame != frame || client->requests[skip].decided))
                skip++;
        drop(client, skip);
}

/* The request that this answers, or NULL: nobody can tell. */
struct request *reference_answered(struct reference_client *client, unsigned frame)
{
        if (client->wild)
                return NULL;
        size_t skip = 0;
        while (skip < client->requests_count && client->requests[skip].frame == SC_FRAME_ACKNOWLEDGE)
                skip++;
        drop(client, skip);
        if (client->dead)
                skip_unheard(client, frame);
        claim("S", client->number, client->requests_count > 0 && client->requests[0].frame == frame,
              "an answer to what was not asked");
        return &client->requests[0];
}

static bool may_act(const struct reference_client *client)
{
        return !client->view && client->role != SC_ROLE_VIEWER;
}

static bool may_break(const struct reference *reference, const struct reference_client *client)
{
        if (client->role == SC_ROLE_CONTROL)
                return !client->view;
        return reference_may_type(reference, client);
}

static uint64_t break_result(const struct reference *reference, const struct reference_client *client,
                             uint64_t guest)
{
        if (!may_break(reference, client))
                return SC_RESULT_NOT_ALLOWED;
        if (!reference_guest_hears(reference) || reference_is_former(reference, guest))
                return SC_RESULT_NO_GUEST;
        if (!reference->can_break)
                return SC_RESULT_NOT_CARRIED;
        return reference->breaks_waiting == SC_INPUT_BREAKS_MAX ? SC_RESULT_BUSY : SC_RESULT_OK;
}

static bool can_be_kicked(const struct reference_client *victim)
{
        /* Its closing has been told already; the request comes behind. */
        return victim && victim->open && (victim->started || !victim->native) && !victim->kicked &&
               !victim->cut_at_clear && (victim->attached || victim->why == SC_ERROR_KICKED);
}

static uint64_t kick_result(const struct reference *reference, const struct sc_record_request *request)
{
        const struct reference_client *victim = reference_client(reference, request->value);
        if (!can_be_kicked(victim))
                return SC_RESULT_NO_CLIENT;
        return victim->dead ? request->result : SC_RESULT_OK; /* the console may have noticed, or not */
}

static void put_break(struct reference *reference)
{
        reference->input = array_with_room(reference->input, reference->input_count, sizeof(uint16_t));
        reference->input[reference->input_count++] = INPUT_BREAK;
        reference->breaks_waiting++;
}

static uint64_t expected_result(const struct reference *reference, const struct reference_client *client,
                                const struct sc_record_request *request, bool fits)
{
        switch (request->frame) {
        case SC_FRAME_BREAK:
                return break_result(reference, client, request->value);
        case SC_FRAME_TAKE:
                return client->role == SC_ROLE_CLIENT ? SC_RESULT_OK : SC_RESULT_NOT_ALLOWED;
        case SC_FRAME_KICK:
                return may_act(client) ? kick_result(reference, request) : SC_RESULT_NOT_ALLOWED;
        case SC_FRAME_CLEAR:
                return may_act(client) ? SC_RESULT_OK : SC_RESULT_NOT_ALLOWED;
        default:
                return !may_act(client) ? SC_RESULT_NOT_ALLOWED : fits ? SC_RESULT_OK : SC_RESULT_MALFORMED;
        }
}

static void take_effect(struct reference *reference, const struct reference_client *client,
                        const struct sc_record_request *request)
{
        struct reference_client *victim = reference_client(reference, request->value);
        switch (request->frame) {
        case SC_FRAME_BREAK:
                put_break(reference);
                return;
        case SC_FRAME_TAKE:
                reference_takes_role(reference, client);
                return;
        case SC_FRAME_KICK:
                victim->kicked = true;
                victim->attached = false;
                return;
        default:
                return;
        }
}

void reference_request(struct reference *reference, const struct sc_record_request *record)
{
        struct reference_client *client = reference_client(reference, record->client);
        claim("S", record->client, client && client->native, "a request of nobody");
        struct request *request = reference_answered(client, (unsigned)record->frame);
        bool fits = request ? request->fits : record->result == SC_RESULT_OK;
        claim_equal("BF-11", client->number, record->result, expected_result(reference, client, record, fits),
                    "a request is decided wrongly");
        if (request) {
                request->decided = true;
                request->result = record->result;
        }
        if (record->result == SC_RESULT_OK)
                take_effect(reference, client, record);
}

/* --- frames --- */

static void told_welcome(struct reference *reference, struct reference_client *client, struct sc_frame *frame)
{
        struct sc_welcome welcome;
        const struct sc_welcome *due = &client->welcome;
        if (reference_answered(client, SC_FRAME_HELLO))
                drop(client, 1);
        claim("S", client->number, sc_frame_get_welcome(&frame->payload, &welcome), "a welcome that is none");
        claim_equal("BF-9", client->number, welcome.answer, due->answer, "a welcome answers otherwise");
        claim_equal("BF-11", client->number, welcome.role, due->role, "a welcome tells another role");
        claim_equal("BF-9", client->number, welcome.tail, due->tail, "a welcome tells another tail");
        claim_equal("BF-2", client->number, welcome.head, due->head, "a welcome tells another head");
        claim_equal("BF-9", client->number, welcome.start, due->start, "a welcome tells another start");
        claim("BF-8", client->number, welcome.consumed >= due->consumed,
              "a welcome tells a consumed that fell");
        claim_equal("BF-12", client->number, welcome.guest_state, due->guest_state,
                    "a welcome tells the guest to be otherwise");
        claim_equal("BF-12", client->number, welcome.guest_note, due->guest_note,
                    "a welcome tells another thing to keep the guest away");
        claim_equal("BF-10", client->number, welcome.guest_number, due->guest_number,
                    "a welcome tells another guest boundary");
        claim_equal("BF-14", client->number, welcome.now_ns, due->now_ns, "a welcome tells another time");
        claim_equal("BF-14", client->number, (uint64_t)welcome.wall_offset_ns, (uint64_t)due->wall_offset_ns,
                    "a welcome tells another wall clock");
        claim_equal("BF-15", client->number, welcome.first_to, due->first_to,
                    "a welcome tells another end of the kept beginning");
        claim_equal("S", client->number, welcome.client, client->number, "a welcome names another client");
        claim_equal("BF-1", client->number, welcome.capacity_bytes, reference->config.capacity,
                    "a welcome tells another capacity");
        claim("S", client->number, memcmp(welcome.instance, reference->instance, SC_INSTANCE_BYTES) == 0,
              "a welcome names another instance");
}

static void claim_bytes(const struct reference *reference, const struct reference_client *client,
                        uint64_t offset, uint64_t told_ns, const uint8_t *bytes, size_t length)
{
        claim_at_most("BF-3", client->number, offset + length, reference->head,
                      "more is told than was printed");
        for (size_t i = 0; i < length; i++) {
                const struct said *said = &reference->said[offset + i];
                if (said->fate != KEPT || said->byte != bytes[i])
                        claim_fail_numbers("BF-3", "a byte is not what the guest said there", client->number,
                                           bytes[i], offset + i);
                if (said->arrival_ns < told_ns || said->arrival_ns - told_ns > reference->resolution_ns)
                        claim_fail_numbers("BF-14", "a byte has not the time at which it arrived",
                                           client->number, told_ns, said->arrival_ns);
        }
}

/* History frames follow one another, from wherever the first begins. */
static void told_history(struct reference_client *client, uint64_t from, uint64_t to)
{
        if (reference_answered(client, SC_FRAME_HISTORY) && client->in_history)
                claim_equal("S", client->number, from, client->history_next, "a history has a hole");
        client->in_history = true;
        client->history_next = to;
}

/* A boundary that is kept is told before the byte at its offset. */
static void claim_no_boundary_before(const struct reference *reference, const struct reference_client *client,
                                     uint64_t to)
{
        uint64_t oldest = reference_boundaries_oldest(reference);
        uint64_t next = client->boundary_next > oldest ? client->boundary_next : oldest;
        if (next <= reference->boundaries_count)
                claim_at_most("BF-12", client->number, to, reference->boundaries[next - 1].offset,
                              "a boundary is passed that was not told");
}

static void told_data(struct reference *reference, struct reference_client *client, struct sc_frame *frame)
{
        uint64_t offset = sc_bytes_get(&frame->payload, 8);
        uint64_t told_ns = sc_bytes_get(&frame->payload, 8);
        size_t length = sc_bytes_left(&frame->payload);
        claim_bytes(reference, client, offset, told_ns, frame->payload.bytes + frame->payload.position,
                    length);
        if (frame->type == SC_FRAME_HISTORY_DATA) {
                told_history(client, offset, offset + length);
                return;
        }
        claim("S", client->number, client->started, "a stream for who is not attached");
        claim_equal("BF-3", client->number, offset, client->position,
                    "a data frame is not where the client is");
        claim_no_boundary_before(reference, client, offset + length);
        client->position += length;
}

static void told_gap(struct reference *reference, struct reference_client *client, struct sc_frame *frame)
{
        struct sc_gap gap;
        claim("S", client->number, sc_frame_get_gap(&frame->payload, &gap), "a gap that is none");
        if (frame->type == SC_FRAME_HISTORY_GAP) {
                told_history(client, gap.from, gap.to);
                return;
        }
        claim("S", client->number, client->started, "a stream for who is not attached");
        claim_no_boundary_before(reference, client, gap.to);
        reference_passes_gap(reference, client, &gap);
}

static void told_boundary(struct reference *reference, struct reference_client *client,
                          struct sc_frame *frame)
{
        struct sc_boundary boundary;
        claim("S", client->number, sc_frame_get_boundary(&frame->payload, &boundary),
              "a boundary that is none");
        uint64_t oldest = reference_boundaries_oldest(reference);
        claim_equal("BF-12", client->number, boundary.number,
                    client->boundary_next > oldest ? client->boundary_next : oldest,
                    "a boundary is left out or told twice");
        claim_at_most("BF-12", client->number, boundary.number, reference->boundaries_count,
                      "a boundary that never was");
        const struct placed *placed = &reference->boundaries[boundary.number - 1];
        claim_equal("BF-12", client->number, boundary.offset, placed->offset,
                    "a boundary is told of elsewhere");
        claim_equal("BF-12", client->number, boundary.kind, placed->kind,
                    "a boundary is told as another kind");
        claim_equal("BF-12", client->number, boundary.time_ns, placed->time_ns,
                    "a boundary is told of another time");
        claim("BF-12", client->number,
              boundary.text_length == placed->text_length &&
                      memcmp(boundary.text, placed->text, placed->text_length) == 0,
              "a mark is told with another text");
        claim_equal("BF-12", client->number, client->position,
                    placed->offset > client->start ? placed->offset : client->start,
                    "a boundary is told out of its place");
        client->boundary_next = boundary.number + 1;
}

static void told_refused(struct reference_client *client, struct sc_frame *frame)
{
        uint64_t reason = sc_bytes_get(&frame->payload, 1);
        sc_bytes_get(&frame->payload, 7);
        uint64_t bytes = sc_bytes_get(&frame->payload, 8);
        claim("S", client->number, reason < SC_REFUSAL_COUNT, "a refusal for no reason");
        claim_equal("BF-10", client->number, bytes, client->dropped[reason],
                    "a refusal tells another number");
        client->refused_told[reason] = bytes;
}

static void told_done(struct reference_client *client, struct sc_frame *frame)
{
        unsigned asked = (unsigned)sc_bytes_get(&frame->payload, 1);
        uint64_t result = sc_bytes_get(&frame->payload, 1);
        struct request *request = reference_answered(client, asked);
        if (!request)
                return;
        claim("S", client->number, request->decided, "an answer before it was decided");
        claim_equal("BF-11", client->number, result, request->result, "an answer is not what was decided");
        drop(client, 1);
}

/* What costs a connection: what it sent, and nothing else. */
static void told_error(struct reference_client *client, struct sc_frame *frame)
{
        enum sc_error error = (enum sc_error)sc_bytes_get(&frame->payload, 2);
        client->error_told = error;
        claim("S", client->number, client->condemned, "an error that nobody had decided");
        claim_equal("S", client->number, error, client->why, "an error is told as another");
        bool own = error == SC_ERROR_KICKED || error == SC_ERROR_ENDING || error == SC_ERROR_SILENT;
        if (client->wild || own)
                return;
        bool found = error == SC_ERROR_NOT_HELLO && !client->started;
        for (size_t i = 0; i < client->requests_count && !found; i++) {
                const struct request *request = &client->requests[i];
                found = request->error == error ||
                        (error == SC_ERROR_MALFORMED && request->frame == SC_FRAME_ACKNOWLEDGE &&
                         request->value > client->start) ||
                        (request->error == SC_ERROR_VERSION && error == SC_ERROR_MALFORMED &&
                         client->started) ||
                        (request->frame == SC_FRAME_HELLO &&
                         error == (client->started ? SC_ERROR_MALFORMED : SC_ERROR_LIMIT));
        }
        claim("S", client->number, found, "an error for what was right");
}

static void told_status(struct reference_client *client)
{
        if (reference_answered(client, SC_FRAME_STATUS_REQUEST))
                drop(client, 1);
}

static void told_end(struct reference_client *client, struct sc_frame *frame)
{
        uint64_t offset = sc_bytes_get(&frame->payload, 8);
        if (client->in_history)
                claim_equal("S", client->number, offset, client->history_next, "a history ends elsewhere");
        client->in_history = false;
        if (reference_answered(client, SC_FRAME_HISTORY))
                drop(client, 1);
}

static void told_pong(struct reference_client *client, struct sc_frame *frame)
{
        const struct request *request = reference_answered(client, SC_FRAME_PING);
        if (!request)
                return;
        claim_equal("S", client->number, sc_bytes_get(&frame->payload, 8), request->value,
                    "a pong of another ping");
        drop(client, 1);
}

static void told(struct reference *reference, struct reference_client *client, struct sc_frame *frame)
{
        claim("S", client->number, client->error_told == 0, "a frame behind an error");
        switch (frame->type) {
        case SC_FRAME_WELCOME:
                told_welcome(reference, client, frame);
                return;
        case SC_FRAME_DATA:
        case SC_FRAME_HISTORY_DATA:
                told_data(reference, client, frame);
                return;
        case SC_FRAME_GAP:
        case SC_FRAME_HISTORY_GAP:
                told_gap(reference, client, frame);
                return;
        case SC_FRAME_HISTORY_END:
                told_end(client, frame);
                return;
        case SC_FRAME_BOUNDARY:
                told_boundary(reference, client, frame);
                return;
        case SC_FRAME_ROLE:
                claim("S", client->number, sc_frame_get_role(&frame->payload, &client->role_told),
                      "a role that is none");
                client->knows_role = true;
                return;
        case SC_FRAME_REFUSED:
                told_refused(client, frame);
                return;
        case SC_FRAME_DONE:
                told_done(client, frame);
                return;
        case SC_FRAME_PONG:
                told_pong(client, frame);
                return;
        case SC_FRAME_STATUS:
                told_status(client);
                return;
        case SC_FRAME_ERROR:
                told_error(client, frame);
                return;
        default:
                claim_fail("S", "a frame that a host does not send", client->number);
        }
}

/* First what is still to come of the frame that was cut, as it was first offered; then whole frames, each of which counts
 * from its first byte on. */
void reference_frames(struct reference *reference, struct reference_client *client,
                      const struct buffer *offered, size_t accepted)
{
        size_t rest = buffer_length(&client->cut);
        size_t length = buffer_length(offered);
        claim("BF-3", client->number,
              rest <= length && (rest == 0 || memcmp(buffer_at(offered), buffer_at(&client->cut), rest) == 0),
              "a frame that was cut goes on as another");
        size_t done = rest < accepted ? rest : accepted;
        buffer_drop(&client->cut, done);
        for (size_t at = rest; at < accepted;) {
                struct sc_frame frame;
                enum sc_frame_result result =
                        sc_frame_next(buffer_at(offered) + at, length - at, SC_FROM_HOST, &frame);
                claim("S", client->number, result == SC_FRAME_COMPLETE, "what is offered is no whole frame");
                told(reference, client, &frame);
                size_t part = frame.frame_bytes < accepted - at ? frame.frame_bytes : accepted - at;
                if (part < frame.frame_bytes) {
                        buffer_append(&client->cut, buffer_at(offered) + at + part, frame.frame_bytes - part);
                        client->cut_output =
                                frame.type == SC_FRAME_DATA || frame.type == SC_FRAME_HISTORY_DATA;
                }
                at += frame.frame_bytes;
        }
}
