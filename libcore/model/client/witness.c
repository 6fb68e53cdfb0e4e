#include "model/client/witness.h"

void sc_witness_connected(struct sc_witness *witness, bool native, uint64_t now_ns)
{
        SC_ASSERT(!witness->connected);

        witness->connected = true;
        witness->native = native;
        witness->broken = witness->told_connect = false;
        witness->owes_connect = witness->owes_start = !native; /* a native one's follow its welcome */
        witness->owes_config = !native && !witness->told_config;
        witness->begun_ns = witness->now_ns = now_ns;
        witness->why = (enum sc_error)0;
        witness->read = native ? 0 : SC_RECORD_UNKNOWN;
        witness->gap_bytes = witness->cleared_bytes = 0;
        witness->hello = (struct sc_hello) { 0 };
        witness->welcome = (struct sc_welcome) { 0 };
        witness->heard_length = witness->said_length = witness->heard_used = witness->said_used = 0;
}

void sc_witness_heard(struct sc_witness *witness, struct sc_span bytes, uint64_t now_ns)
{
        witness->came = bytes;
        witness->now_ns = now_ns;
}

void sc_witness_said(struct sc_witness *witness, struct sc_span bytes, uint64_t now_ns)
{
        witness->went = bytes;
        witness->now_ns = now_ns;
}

void sc_witness_closed(struct sc_witness *witness, bool by_peer, uint64_t now_ns)
{
        if (!witness->connected)
                return;
        witness->connected = false;
        witness->now_ns = now_ns;
        witness->owes_end = witness->told_connect;
        if (by_peer && witness->why == 0)
                witness->why = SC_ERROR_ENDING;
}

void sc_witness_ended(struct sc_witness *witness, uint64_t now_ns)
{
        sc_witness_closed(witness, false, now_ns);
        witness->now_ns = now_ns;
        witness->owes_config = !witness->told_config; /* of who has seen nothing */
        witness->owes_stop = true;
}

/* --- what was owed before --- */

static void tell_config(struct sc_witness *witness, struct sc_record *record)
{
        const char *program = witness->program ? witness->program : "";
        witness->owes_config = false;
        witness->told_config = true;
        *record = (struct sc_record) { .type = SC_RECORD_CONFIG };
        record->time_ns = witness->client == 0 && witness->begun_ns > 0 ? witness->begun_ns : witness->now_ns;
        record->config = (struct sc_record_config) {
                .version = SC_TRACE_VERSION,
                .kind = SC_TRACE_CLIENT,
                .input = witness->input,
                .capacity_bytes = witness->welcome.capacity_bytes,
                .keep_first_bytes = witness->welcome.first_to,
                .history = SC_RECORD_UNKNOWN,
                .writers = SC_RECORD_UNKNOWN,
                .wall_offset_ns = (uint64_t)witness->wall_offset_ns,
        };
        if (record->config.capacity_bytes == 0) /* a peer that speaks no protocol does not say */
                record->config.capacity_bytes = SC_RECORD_UNKNOWN;
        memcpy(witness->text, witness->welcome.instance, SC_INSTANCE_BYTES);
        record->length = SC_INSTANCE_BYTES;
        while (*program != '\0' && record->length < sizeof(witness->text))
                witness->text[record->length++] = (uint8_t)*program++;
        record->bytes = witness->text;
}

static void tell_connect(struct sc_witness *witness, struct sc_record *record)
{
        witness->owes_connect = false;
        witness->told_connect = true;
        witness->client++;
        *record = (struct sc_record) { .type = SC_RECORD_CONNECT, .time_ns = witness->begun_ns };
        record->connect.client = witness->client;
        record->connect.listener = witness->native ? SC_TRACE_CONTROL : SC_TRACE_RAW;
}

static uint64_t value_of(const struct sc_witness *witness)
{
        uint64_t value = witness->hello.value;
        if (witness->hello.start == SC_START_SINCE) /* in boot-time */
                value = sc_sub_sat_u64(value, (uint64_t)witness->welcome.wall_offset_ns);
        return value;
}

static void tell_start(struct sc_witness *witness, struct sc_record *record)
{
        const struct sc_hello *hello = &witness->hello;
        const struct sc_welcome *welcome = &witness->welcome;
        witness->owes_start = false;
        *record = (struct sc_record) { .type = SC_RECORD_START, .time_ns = witness->now_ns };
        record->start = (struct sc_record_start) {
                .client = witness->client,
                .role = welcome->role >= SC_ROLE_CLIENT && welcome->role <= SC_ROLE_CONTROL ? welcome->role
                                                                                            : SC_ROLE_CLIENT,
                .start = hello->start,
                .value = value_of(witness),
                .continues = hello->flags & SC_HELLO_CONTINUES,
                .answer = welcome->answer,
                .offset = witness->native ? welcome->start : SC_RECORD_UNKNOWN,
                .head = witness->native ? welcome->head : SC_RECORD_UNKNOWN,
        };
        memcpy(witness->text, welcome->instance, SC_INSTANCE_BYTES);
        memcpy(witness->text + SC_INSTANCE_BYTES, hello->label, hello->label_length);
        record->bytes = witness->text;
        record->length = (size_t)SC_INSTANCE_BYTES + hello->label_length;
        if (witness->native)
                witness->read = welcome->start;
}

static void tell_end(struct sc_witness *witness, struct sc_record *record)
{
        witness->owes_end = false;
        *record = (struct sc_record) { .type = SC_RECORD_END, .time_ns = witness->now_ns };
        record->end = (struct sc_record_end) {
                .client = witness->client,
                .why = witness->why,
                .accepted = SC_RECORD_UNKNOWN,
                .read = witness->read,
                .gap_bytes = witness->gap_bytes,
                .cleared_bytes = witness->cleared_bytes,
        };
}

static void tell_stop(struct sc_witness *witness, struct sc_record *record)
{
        witness->owes_stop = false;
        *record = (struct sc_record) { .type = SC_RECORD_STOP, .time_ns = witness->now_ns };
        record->stop.why = SC_TRACE_ENDED;
}

/* --- what was said --- */

static void tell_input(struct sc_witness *witness, uint64_t guest, const uint8_t *bytes, size_t length,
                       struct sc_record *record)
{
        *record = (struct sc_record) { .type = SC_RECORD_INPUT, .time_ns = witness->now_ns };
        record->input.client = witness->client;
        record->input.guest = guest;
        record->input.length = length;
        record->bytes = bytes;
        record->length = witness->input ? length : 0;
}

static bool take_said(struct sc_witness *witness, struct sc_frame *frame, struct sc_record *record)
{
        struct sc_decoder *payload = &frame->payload;
        if (frame->type == SC_FRAME_HELLO)
                witness->broken = !sc_frame_get_hello(payload, &witness->hello);
        if (frame->type != SC_FRAME_INPUT || !witness->told_connect)
                return false;
        uint64_t guest = sc_bytes_get(payload, 8);
        tell_input(witness, guest, payload->bytes + payload->position, sc_bytes_left(payload), record);
        return true;
}

/* --- what was heard --- */

static void take_welcome(struct sc_witness *witness)
{
        witness->owes_config = !witness->told_config;
        witness->owes_connect = !witness->told_connect;
        witness->owes_start = true;
}

static void tell_received(struct sc_witness *witness, struct sc_decoder *payload, struct sc_record *record)
{
        *record = (struct sc_record) { .type = SC_RECORD_RECEIVED, .time_ns = witness->now_ns };
        record->received.client = witness->client;
        record->received.offset = sc_bytes_get(payload, 8);
        record->received.told_ns = sc_bytes_get(payload, 8);
        record->bytes = payload->bytes + payload->position;
        record->length = sc_bytes_left(payload);
        witness->read = record->received.offset + record->length;
}

static void tell_gap(struct sc_witness *witness, const struct sc_gap *gap, struct sc_record *record)
{
        *record = (struct sc_record) { .type = SC_RECORD_GAP, .time_ns = witness->now_ns };
        record->gap = (struct sc_record_gap) {
                .client = witness->client,
                .from = gap->from,
                .to = gap->to,
                .kind = gap->kind,
        };
        if (gap->kind == SC_GAP_CLEARED)
                witness->cleared_bytes += gap->to - gap->from;
        else
                witness->gap_bytes += gap->to - gap->from;
        witness->read = gap->to;
}

static void tell_boundary(struct sc_witness *witness, const struct sc_boundary *boundary,
                          struct sc_record *record)
{
        *record = (struct sc_record) { .type = SC_RECORD_BOUNDARY, .time_ns = witness->now_ns };
        record->boundary = (struct sc_record_boundary) {
                .number = boundary->number,
                .offset = boundary->offset,
                .kind = boundary->kind,
        };
        memcpy(witness->text, boundary->text, boundary->text_length);
        record->bytes = witness->text;
        record->length = boundary->text_length;
}

/* True: there is a record. */
static bool take_heard(struct sc_witness *witness, struct sc_frame *frame, struct sc_record *record)
{
        struct sc_decoder *payload = &frame->payload;
        struct sc_gap gap;
        struct sc_boundary boundary;
        bool welcomed = witness->told_connect;
        switch (frame->type) {
        case SC_FRAME_WELCOME:
                witness->broken = !sc_frame_get_welcome(payload, &witness->welcome);
                if (!witness->broken)
                        take_welcome(witness);
                return false;
        case SC_FRAME_DATA:
                if (welcomed)
                        tell_received(witness, payload, record);
                return welcomed;
        case SC_FRAME_GAP:
                witness->broken = !sc_frame_get_gap(payload, &gap);
                if (welcomed && !witness->broken)
                        tell_gap(witness, &gap, record);
                return welcomed && !witness->broken;
        case SC_FRAME_BOUNDARY:
                witness->broken = !sc_frame_get_boundary(payload, &boundary);
                if (welcomed && !witness->broken)
                        tell_boundary(witness, &boundary, record);
                return welcomed && !witness->broken;
        case SC_FRAME_ERROR: {
                uint64_t why = sc_bytes_get(payload, 2);
                witness->why = why <= SC_ERROR_ENDING ? (enum sc_error)why : SC_ERROR_MALFORMED;
                return false;
        }
        default:
                return false;
        }
}

/* --- frames --- */

struct stream {
        uint8_t *bytes; /* [used, length) is not told yet */
        size_t capacity;
        size_t *used, *length;
        struct sc_span *rest;
};

/* False: more bytes are wanted than there are. */
static bool next_frame(struct sc_witness *witness, const struct stream *stream, enum sc_frame_sender sender,
                       struct sc_frame *frame)
{
        while (!witness->broken) {
                enum sc_frame_result result = sc_frame_next(stream->bytes + *stream->used,
                                                            *stream->length - *stream->used, sender, frame);
                if (result == SC_FRAME_COMPLETE) {
                        *stream->used += frame->frame_bytes;
                        return true;
                }
                witness->broken = result != SC_FRAME_INCOMPLETE;
                memmove(stream->bytes, stream->bytes + *stream->used, *stream->length - *stream->used);
                *stream->length -= *stream->used;
                *stream->used = 0;
                size_t part = (size_t)sc_min_u64(stream->rest->length, stream->capacity - *stream->length);
                if (part == 0)
                        return false;
                memcpy(stream->bytes + *stream->length, stream->rest->bytes, part);
                *stream->length += part;
                stream->rest->bytes += part;
                stream->rest->length -= part;
        }
        stream->rest->length = 0;
        return false;
}

static bool next_of_native(struct sc_witness *witness, struct sc_record *record)
{
        const struct stream heard = { witness->heard, sizeof(witness->heard), &witness->heard_used,
                                      &witness->heard_length, &witness->came };
        const struct stream said = { witness->said, sizeof(witness->said), &witness->said_used,
                                     &witness->said_length, &witness->went };
        struct sc_frame frame;
        while (next_frame(witness, &said, SC_FROM_CLIENT, &frame))
                if (take_said(witness, &frame, record))
                        return true;
        while (!witness->owes_start && next_frame(witness, &heard, SC_FROM_HOST, &frame))
                if (take_heard(witness, &frame, record))
                        return true;
        return false;
}

static bool next_of_raw(struct sc_witness *witness, struct sc_record *record)
{
        if (witness->went.length > 0) {
                tell_input(witness, 0, witness->went.bytes, witness->went.length, record);
                witness->went.length = 0;
                return true;
        }
        if (witness->came.length == 0)
                return false;
        *record = (struct sc_record) { .type = SC_RECORD_RECEIVED, .time_ns = witness->now_ns };
        record->received.client = witness->client;
        record->received.offset = SC_RECORD_UNKNOWN;
        record->bytes = witness->came.bytes;
        record->length = witness->came.length;
        witness->came.length = 0;
        return true;
}

/* What is to stand before that which comes of the bytes. */
static bool next_owed(struct sc_witness *witness, struct sc_record *record)
{
        if (witness->owes_config)
                tell_config(witness, record);
        else if (witness->owes_connect)
                tell_connect(witness, record);
        else if (witness->owes_start)
                tell_start(witness, record);
        else
                return false;
        return true;
}

bool sc_witness_next(struct sc_witness *witness, struct sc_record *record)
{
        do {
                if (next_owed(witness, record))
                        return true;
                if (witness->native ? next_of_native(witness, record) : next_of_raw(witness, record))
                        return true;
        } while (witness->owes_start);
        if (witness->owes_end) {
                tell_end(witness, record);
                return true;
        }
        if (!witness->owes_stop)
                return false;
        tell_stop(witness, record);
        return true;
}
