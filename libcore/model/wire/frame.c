#include "model/wire/frame.h"

struct limits {
        const char *name;
        enum sc_frame_sender sender;
        size_t payload_min;
        size_t payload_max;
};

static const struct limits frame_limits[] = {
        [SC_FRAME_HELLO] = { "hello", SC_FROM_CLIENT, SC_HELLO_PAYLOAD_MIN,
                             SC_HELLO_PAYLOAD_MIN + SC_LABEL_BYTES_MAX },
        [SC_FRAME_INPUT] = { "input", SC_FROM_CLIENT, SC_INPUT_FIELDS_BYTES + 1,
                             SC_INPUT_FIELDS_BYTES + SC_FRAME_INPUT_BYTES_MAX },
        [SC_FRAME_BREAK] = { "break", SC_FROM_CLIENT, 8, 8 },
        [SC_FRAME_ACKNOWLEDGE] = { "acknowledge", SC_FROM_CLIENT, 8, 8 },
        [SC_FRAME_HISTORY] = { "history", SC_FROM_CLIENT, SC_HISTORY_PAYLOAD_BYTES,
                               SC_HISTORY_PAYLOAD_BYTES },
        [SC_FRAME_TAKE] = { "take", SC_FROM_CLIENT, 0, 0 },
        [SC_FRAME_KICK] = { "kick", SC_FROM_CLIENT, 8, 8 },
        [SC_FRAME_CLEAR] = { "clear", SC_FROM_CLIENT, 0, 0 },
        [SC_FRAME_MARK] = { "mark", SC_FROM_CLIENT, 1, SC_MARK_BYTES_MAX },
        [SC_FRAME_PING] = { "ping", SC_FROM_CLIENT, 8, 8 },
        [SC_FRAME_STATUS_REQUEST] = { "status request", SC_FROM_CLIENT, 0, 0 },
        [SC_FRAME_WELCOME] = { "welcome", SC_FROM_HOST, SC_WELCOME_PAYLOAD_BYTES, SC_WELCOME_PAYLOAD_BYTES },
        [SC_FRAME_DATA] = { "data", SC_FROM_HOST, SC_DATA_FIELDS_BYTES + 1,
                            SC_DATA_FIELDS_BYTES + SC_FRAME_DATA_BYTES_MAX },
        [SC_FRAME_GAP] = { "gap", SC_FROM_HOST, SC_GAP_PAYLOAD_BYTES, SC_GAP_PAYLOAD_BYTES },
        [SC_FRAME_HISTORY_DATA] = { "history data", SC_FROM_HOST, SC_DATA_FIELDS_BYTES + 1,
                                    SC_DATA_FIELDS_BYTES + SC_FRAME_DATA_BYTES_MAX },
        [SC_FRAME_HISTORY_GAP] = { "history gap", SC_FROM_HOST, SC_GAP_PAYLOAD_BYTES, SC_GAP_PAYLOAD_BYTES },
        [SC_FRAME_HISTORY_END] = { "history end", SC_FROM_HOST, 8, 8 },
        [SC_FRAME_BOUNDARY] = { "boundary", SC_FROM_HOST, SC_BOUNDARY_FIELDS_BYTES,
                                SC_BOUNDARY_FIELDS_BYTES + SC_MARK_BYTES_MAX },
        [SC_FRAME_ROLE] = { "role", SC_FROM_HOST, 16, 16 },
        [SC_FRAME_REFUSED] = { "refused", SC_FROM_HOST, 16, 16 },
        [SC_FRAME_DONE] = { "done", SC_FROM_HOST, 4, 4 },
        [SC_FRAME_PONG] = { "pong", SC_FROM_HOST, 24, 24 },
        [SC_FRAME_STATUS] = { "status", SC_FROM_HOST, 1, SC_FRAME_PAYLOAD_MAX },
        [SC_FRAME_ERROR] = { "error", SC_FROM_HOST, 2, 2 + SC_ERROR_BYTES_MAX },
};

const char *sc_frame_name(unsigned type)
{
        if (type >= SC_COUNT(frame_limits) || !frame_limits[type].name)
                return "unknown";
        return frame_limits[type].name;
}

enum sc_frame_result sc_frame_next(const uint8_t *bytes, size_t length, enum sc_frame_sender sender,
                                   struct sc_frame *frame)
{
        struct sc_decoder header = { .bytes = bytes, .length = length };
        uint64_t payload_bytes = sc_bytes_get(&header, 4);
        unsigned type = (unsigned)sc_bytes_get(&header, 1);
        uint64_t zeroes = sc_bytes_get(&header, 3);
        if (header.overrun)
                return SC_FRAME_INCOMPLETE;

        frame->type = (enum sc_frame_type)type;
        if (type >= SC_COUNT(frame_limits) || !frame_limits[type].name || frame_limits[type].sender != sender)
                return SC_FRAME_UNKNOWN;
        const struct limits *limits = &frame_limits[type];
        if (zeroes != 0 || payload_bytes < limits->payload_min || payload_bytes > limits->payload_max)
                return SC_FRAME_MALFORMED;
        if (payload_bytes > sc_bytes_left(&header))
                return SC_FRAME_INCOMPLETE;

        frame->payload = (struct sc_decoder) { .bytes = bytes + SC_FRAME_HEADER_BYTES,
                                               .length = (size_t)payload_bytes };
        frame->frame_bytes = SC_FRAME_HEADER_BYTES + (size_t)payload_bytes;
        return SC_FRAME_COMPLETE;
}

void sc_frame_put_header(struct sc_encoder *encoder, enum sc_frame_type type, size_t payload_bytes)
{
        sc_bytes_put(encoder, payload_bytes, 4);
        sc_bytes_put(encoder, type, 1);
        sc_bytes_put(encoder, 0, 3);
}

void sc_frame_put_hello(struct sc_encoder *encoder, const struct sc_hello *hello)
{
        SC_ASSERT(hello->label_length <= SC_LABEL_BYTES_MAX);

        sc_frame_put_header(encoder, SC_FRAME_HELLO, (size_t)SC_HELLO_PAYLOAD_MIN + hello->label_length);
        sc_bytes_put_string(encoder, SC_PROTOCOL_MAGIC, SC_MAGIC_BYTES);
        sc_bytes_put(encoder, hello->version, 2);
        sc_bytes_put(encoder, hello->role, 1);
        sc_bytes_put(encoder, hello->start, 1);
        sc_bytes_put(encoder, hello->flags, 1);
        sc_bytes_put(encoder, hello->label_length, 1);
        sc_bytes_put(encoder, 0, 2);
        sc_bytes_put_string(encoder, hello->instance, SC_INSTANCE_BYTES);
        sc_bytes_put(encoder, hello->value, 8);
        sc_bytes_put_string(encoder, hello->label, hello->label_length);
}

bool sc_frame_get_hello(struct sc_decoder *payload, struct sc_hello *hello)
{
        char magic[SC_MAGIC_BYTES] = "";
        *hello = (struct sc_hello) { 0 };

        sc_bytes_get_string(payload, magic, SC_MAGIC_BYTES);
        hello->version = (uint16_t)sc_bytes_get(payload, 2);
        if (memcmp(magic, SC_PROTOCOL_MAGIC, SC_MAGIC_BYTES) == 0 && hello->version != SC_PROTOCOL_VERSION)
                return true; /* what its other fields mean, that version knows */
        hello->role = (uint8_t)sc_bytes_get(payload, 1);
        hello->start = (uint8_t)sc_bytes_get(payload, 1);
        hello->flags = (uint8_t)sc_bytes_get(payload, 1);
        hello->label_length = (uint8_t)sc_bytes_get(payload, 1);
        uint64_t zeroes = sc_bytes_get(payload, 2);
        sc_bytes_get_string(payload, hello->instance, SC_INSTANCE_BYTES);
        hello->value = sc_bytes_get(payload, 8);
        if (hello->label_length > SC_LABEL_BYTES_MAX || hello->label_length != sc_bytes_left(payload))
                return false;
        sc_bytes_get_string(payload, hello->label, hello->label_length);

        return !payload->overrun && memcmp(magic, SC_PROTOCOL_MAGIC, SC_MAGIC_BYTES) == 0 && zeroes == 0 &&
               hello->role >= SC_ROLE_CLIENT && hello->role <= SC_ROLE_CONTROL &&
               hello->start >= SC_START_BEGINNING && hello->start <= SC_START_BOOT &&
               (hello->flags & ~SC_HELLO_CONTINUES) == 0;
}

void sc_frame_put_welcome(struct sc_encoder *encoder, const struct sc_welcome *welcome)
{
        sc_frame_put_header(encoder, SC_FRAME_WELCOME, SC_WELCOME_PAYLOAD_BYTES);
        sc_bytes_put(encoder, welcome->version, 2);
        sc_bytes_put(encoder, welcome->answer, 1);
        sc_bytes_put(encoder, welcome->guest_state, 1);
        sc_bytes_put(encoder, welcome->role, 1);
        sc_bytes_put(encoder, welcome->guest_note, 1);
        sc_bytes_put(encoder, 0, 2);
        sc_bytes_put_string(encoder, welcome->instance, SC_INSTANCE_BYTES);
        sc_bytes_put(encoder, welcome->client, 8);
        sc_bytes_put(encoder, welcome->capacity_bytes, 8);
        sc_bytes_put(encoder, welcome->first_from, 8);
        sc_bytes_put(encoder, welcome->first_to, 8);
        sc_bytes_put(encoder, welcome->tail, 8);
        sc_bytes_put(encoder, welcome->head, 8);
        sc_bytes_put(encoder, welcome->consumed, 8);
        sc_bytes_put(encoder, welcome->start, 8);
        sc_bytes_put(encoder, welcome->guest_number, 8);
        sc_bytes_put(encoder, welcome->guest_since_ns, 8);
        sc_bytes_put(encoder, welcome->now_ns, 8);
        sc_bytes_put(encoder, (uint64_t)welcome->wall_offset_ns, 8);
        sc_bytes_put(encoder, welcome->resolution_ns, 8);
}

bool sc_frame_get_welcome(struct sc_decoder *payload, struct sc_welcome *welcome)
{
        *welcome = (struct sc_welcome) { 0 };
        welcome->version = (uint16_t)sc_bytes_get(payload, 2);
        welcome->answer = (uint8_t)sc_bytes_get(payload, 1);
        welcome->guest_state = (uint8_t)sc_bytes_get(payload, 1);
        welcome->role = (uint8_t)sc_bytes_get(payload, 1);
        welcome->guest_note = (uint8_t)sc_bytes_get(payload, 1);
        sc_bytes_get(payload, 2);
        sc_bytes_get_string(payload, welcome->instance, SC_INSTANCE_BYTES);
        welcome->client = sc_bytes_get(payload, 8);
        welcome->capacity_bytes = sc_bytes_get(payload, 8);
        welcome->first_from = sc_bytes_get(payload, 8);
        welcome->first_to = sc_bytes_get(payload, 8);
        welcome->tail = sc_bytes_get(payload, 8);
        welcome->head = sc_bytes_get(payload, 8);
        welcome->consumed = sc_bytes_get(payload, 8);
        welcome->start = sc_bytes_get(payload, 8);
        welcome->guest_number = sc_bytes_get(payload, 8);
        welcome->guest_since_ns = sc_bytes_get(payload, 8);
        welcome->now_ns = sc_bytes_get(payload, 8);
        welcome->wall_offset_ns = (int64_t)sc_bytes_get(payload, 8);
        welcome->resolution_ns = sc_bytes_get(payload, 8);
        return !payload->overrun && welcome->answer <= SC_ANSWER_OTHER_INSTANCE &&
               welcome->guest_state <= SC_GUEST_DOWN && welcome->guest_note < SC_GUEST_NOTE_COUNT;
}

void sc_frame_put_gap(struct sc_encoder *encoder, enum sc_frame_type type, const struct sc_gap *gap)
{
        sc_frame_put_header(encoder, type, SC_GAP_PAYLOAD_BYTES);
        sc_bytes_put(encoder, gap->from, 8);
        sc_bytes_put(encoder, gap->to, 8);
        sc_bytes_put(encoder, gap->kind, 1);
        sc_bytes_put(encoder, 0, 7);
}

bool sc_frame_get_gap(struct sc_decoder *payload, struct sc_gap *gap)
{
        gap->from = sc_bytes_get(payload, 8);
        gap->to = sc_bytes_get(payload, 8);
        gap->kind = (uint8_t)sc_bytes_get(payload, 1);
        return !payload->overrun && gap->from < gap->to &&
               (gap->kind == SC_GAP_OVERWRITTEN || gap->kind == SC_GAP_CLEARED);
}

void sc_frame_put_boundary(struct sc_encoder *encoder, const struct sc_boundary *boundary)
{
        SC_ASSERT(boundary->text_length <= SC_MARK_BYTES_MAX);

        sc_frame_put_header(encoder, SC_FRAME_BOUNDARY,
                            (size_t)SC_BOUNDARY_FIELDS_BYTES + boundary->text_length);
        sc_bytes_put(encoder, boundary->number, 8);
        sc_bytes_put(encoder, boundary->offset, 8);
        sc_bytes_put(encoder, boundary->time_ns, 8);
        sc_bytes_put(encoder, boundary->kind, 1);
        sc_bytes_put(encoder, boundary->text_length, 1);
        sc_bytes_put(encoder, 0, 6);
        sc_bytes_put_string(encoder, boundary->text, boundary->text_length);
}

bool sc_frame_get_boundary(struct sc_decoder *payload, struct sc_boundary *boundary)
{
        *boundary = (struct sc_boundary) { 0 };
        boundary->number = sc_bytes_get(payload, 8);
        boundary->offset = sc_bytes_get(payload, 8);
        boundary->time_ns = sc_bytes_get(payload, 8);
        boundary->kind = (uint8_t)sc_bytes_get(payload, 1);
        boundary->text_length = (uint8_t)sc_bytes_get(payload, 1);
        sc_bytes_get(payload, 6);
        if (boundary->text_length > SC_MARK_BYTES_MAX || boundary->text_length != sc_bytes_left(payload))
                return false;
        sc_bytes_get_string(payload, boundary->text, boundary->text_length);
        return !payload->overrun && boundary->kind >= SC_BOUNDARY_UP && boundary->kind <= SC_BOUNDARY_ENDED;
}

void sc_frame_put_role(struct sc_encoder *encoder, const struct sc_role_change *role)
{
        sc_frame_put_header(encoder, SC_FRAME_ROLE, 16);
        sc_bytes_put(encoder, role->may_type, 1);
        sc_bytes_put(encoder, role->answers, 1);
        sc_bytes_put(encoder, 0, 6);
        sc_bytes_put(encoder, role->writer, 8);
}

bool sc_frame_get_role(struct sc_decoder *payload, struct sc_role_change *role)
{
        role->may_type = sc_bytes_get(payload, 1) != 0;
        role->answers = sc_bytes_get(payload, 1) != 0;
        sc_bytes_get(payload, 6);
        role->writer = sc_bytes_get(payload, 8);
        return !payload->overrun;
}

void sc_frame_put_refused(struct sc_encoder *encoder, enum sc_refusal reason, uint64_t bytes)
{
        sc_frame_put_header(encoder, SC_FRAME_REFUSED, 16);
        sc_bytes_put(encoder, reason, 1);
        sc_bytes_put(encoder, 0, 7);
        sc_bytes_put(encoder, bytes, 8);
}

void sc_frame_put_done(struct sc_encoder *encoder, enum sc_frame_type request, enum sc_result result)
{
        sc_frame_put_header(encoder, SC_FRAME_DONE, 4);
        sc_bytes_put(encoder, request, 1);
        sc_bytes_put(encoder, result, 1);
        sc_bytes_put(encoder, 0, 2);
}

void sc_frame_put_pong(struct sc_encoder *encoder, uint64_t value, uint64_t now_ns, int64_t wall_offset_ns)
{
        sc_frame_put_header(encoder, SC_FRAME_PONG, 24);
        sc_bytes_put(encoder, value, 8);
        sc_bytes_put(encoder, now_ns, 8);
        sc_bytes_put(encoder, (uint64_t)wall_offset_ns, 8);
}

void sc_frame_put_error(struct sc_encoder *encoder, enum sc_error error, const char *text)
{
        size_t length = 0;
        while (length < SC_ERROR_BYTES_MAX && text[length] != '\0')
                length++;

        sc_frame_put_header(encoder, SC_FRAME_ERROR, 2 + length);
        sc_bytes_put(encoder, error, 2);
        sc_bytes_put_string(encoder, text, length);
}

void sc_frame_put_history(struct sc_encoder *encoder, const struct sc_history_request *request)
{
        sc_frame_put_header(encoder, SC_FRAME_HISTORY, SC_HISTORY_PAYLOAD_BYTES);
        sc_bytes_put(encoder, request->start, 1);
        sc_bytes_put(encoder, 0, 7);
        sc_bytes_put(encoder, request->value, 8);
        sc_bytes_put(encoder, request->length_bytes, 8);
}

void sc_frame_put_value(struct sc_encoder *encoder, enum sc_frame_type type, uint64_t value)
{
        sc_frame_put_header(encoder, type, 8);
        sc_bytes_put(encoder, value, 8);
}

void sc_frame_put_empty(struct sc_encoder *encoder, enum sc_frame_type type)
{
        sc_frame_put_header(encoder, type, 0);
}

void sc_frame_put_data_fields(struct sc_encoder *encoder, enum sc_frame_type type, uint64_t offset,
                              uint64_t time_ns, size_t bytes)
{
        SC_ASSERT(0 < bytes && bytes <= SC_FRAME_DATA_BYTES_MAX);

        sc_frame_put_header(encoder, type, SC_DATA_FIELDS_BYTES + bytes);
        sc_bytes_put(encoder, offset, 8);
        sc_bytes_put(encoder, time_ns, 8);
}

void sc_frame_put_input_fields(struct sc_encoder *encoder, uint64_t guest_number, size_t bytes)
{
        SC_ASSERT(0 < bytes && bytes <= SC_FRAME_INPUT_BYTES_MAX);

        sc_frame_put_header(encoder, SC_FRAME_INPUT, SC_INPUT_FIELDS_BYTES + bytes);
        sc_bytes_put(encoder, guest_number, 8);
}

bool sc_frame_get_history(struct sc_decoder *payload, struct sc_history_request *request)
{
        request->start = (uint8_t)sc_bytes_get(payload, 1);
        uint64_t zeroes = sc_bytes_get(payload, 7);
        request->value = sc_bytes_get(payload, 8);
        request->length_bytes = sc_bytes_get(payload, 8);
        return !payload->overrun && zeroes == 0 && request->start >= SC_START_BEGINNING &&
               request->start <= SC_START_BOOT;
}
