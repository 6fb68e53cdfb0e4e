#include "fuzz.h"
#include "model/wire/status.h"

#include <stdlib.h>

/* The native protocol's frames, from bytes that anybody sent: the first says who, the rest is the stream. */

#define STREAM_BYTES_MAX (2 * SC_FRAME_PAYLOAD_MAX)

/* A frame that was made again from what it said. */
static uint8_t again[SC_FRAME_HEADER_BYTES + SC_FRAME_PAYLOAD_MAX];

static struct sc_encoder encoder_of_again(void)
{
        return (struct sc_encoder) { .bytes = again, .capacity = sizeof(again) };
}

/* --- one frame for each type that has fields: read, made again, read again --- */

/* `zero`, `zero_length`: where in the payload bytes may be anything that only a zero is sent for. */
static void claim_same(const struct sc_frame *frame, const struct sc_encoder *encoder, size_t zero,
                       size_t zero_length)
{
        const uint8_t *payload = frame->payload.bytes;
        const uint8_t *made = again + SC_FRAME_HEADER_BYTES;
        claim(encoder->length == frame->frame_bytes);
        claim(memcmp(again, payload - SC_FRAME_HEADER_BYTES, SC_FRAME_HEADER_BYTES) == 0);
        claim(memcmp(made, payload, zero) == 0);
        for (size_t i = zero; i < zero + zero_length; i++)
                claim(made[i] == 0);
        size_t rest = zero + zero_length;
        claim(memcmp(made + rest, payload + rest, frame->payload.length - rest) == 0);
}

static void look_at_hello(struct sc_frame *frame)
{
        struct sc_hello hello;
        struct sc_encoder encoder = encoder_of_again();
        if (!sc_frame_get_hello(&frame->payload, &hello) || hello.version != SC_PROTOCOL_VERSION)
                return;
        claim(hello.label_length <= SC_LABEL_BYTES_MAX);
        sc_frame_put_hello(&encoder, &hello);
        claim_same(frame, &encoder, frame->payload.length, 0);
}

static void look_at_welcome(struct sc_frame *frame)
{
        struct sc_welcome welcome;
        struct sc_encoder encoder = encoder_of_again();
        if (!sc_frame_get_welcome(&frame->payload, &welcome))
                return;
        sc_frame_put_welcome(&encoder, &welcome);
        claim_same(frame, &encoder, 6, 2);
}

static void look_at_gap(struct sc_frame *frame)
{
        struct sc_gap gap;
        struct sc_encoder encoder = encoder_of_again();
        if (!sc_frame_get_gap(&frame->payload, &gap))
                return;
        claim(gap.from < gap.to);
        sc_frame_put_gap(&encoder, frame->type, &gap);
        claim_same(frame, &encoder, 17, 7);
}

static void look_at_boundary(struct sc_frame *frame)
{
        struct sc_boundary boundary;
        struct sc_encoder encoder = encoder_of_again();
        if (!sc_frame_get_boundary(&frame->payload, &boundary))
                return;
        claim(boundary.text_length <= SC_MARK_BYTES_MAX);
        sc_frame_put_boundary(&encoder, &boundary);
        claim_same(frame, &encoder, 26, 6);
}

static void look_at_role(struct sc_frame *frame)
{
        struct sc_role_change role, same;
        struct sc_encoder encoder = encoder_of_again();
        if (!sc_frame_get_role(&frame->payload, &role))
                return;
        sc_frame_put_role(&encoder, &role);
        struct sc_decoder decoder = { .bytes = again + SC_FRAME_HEADER_BYTES, .length = 16 };
        claim(sc_frame_get_role(&decoder, &same));
        claim(same.may_type == role.may_type && same.answers == role.answers && same.writer == role.writer);
}

static void look_at_history(struct sc_frame *frame)
{
        struct sc_history_request request;
        struct sc_encoder encoder = encoder_of_again();
        if (!sc_frame_get_history(&frame->payload, &request))
                return;
        sc_frame_put_history(&encoder, &request);
        claim_same(frame, &encoder, frame->payload.length, 0);
}

/* All that a reader asks of it, until it says that there is no more. */
static void look_at_status(struct sc_frame *frame)
{
        struct sc_status status;
        struct sc_boundary boundary;
        struct sc_status_client client;
        struct sc_encoder encoder = encoder_of_again();
        bool whole = sc_status_get(&frame->payload, &status);
        if (!whole)
                return;
        sc_status_put(&encoder, &status);
        claim(encoder.length == SC_STATUS_BASE_BYTES);
        for (unsigned i = 0; whole && i < status.boundaries; i++) {
                whole = sc_status_get_boundary(&frame->payload, &boundary);
                if (whole)
                        claim(boundary.text_length == 0);
        }
        for (unsigned i = 0; whole && i < status.clients; i++) {
                whole = sc_status_get_client(&frame->payload, &client);
                claim(!whole || client.label_length <= SC_LABEL_BYTES_MAX);
        }
        claim(frame->payload.position <= frame->payload.length);
}

static void look_at(struct sc_frame *frame)
{
        claim(strcmp(sc_frame_name(frame->type), "unknown") != 0);
        switch (frame->type) {
        case SC_FRAME_HELLO:
                look_at_hello(frame);
                return;
        case SC_FRAME_WELCOME:
                look_at_welcome(frame);
                return;
        case SC_FRAME_GAP:
        case SC_FRAME_HISTORY_GAP:
                look_at_gap(frame);
                return;
        case SC_FRAME_BOUNDARY:
                look_at_boundary(frame);
                return;
        case SC_FRAME_ROLE:
                look_at_role(frame);
                return;
        case SC_FRAME_HISTORY:
                look_at_history(frame);
                return;
        case SC_FRAME_STATUS:
                look_at_status(frame);
                return;
        default:
                return;
        }
}

/* --- the stream --- */

/* The frame at the start of `bytes`, of which there are `length`, is the same, or is not whole yet, for whoever has
 * fewer. */
static void claim_split(const uint8_t *bytes, size_t length, enum sc_frame_sender sender,
                        enum sc_frame_result result, const struct sc_frame *frame)
{
        size_t end = result == SC_FRAME_COMPLETE ? frame->frame_bytes : length;
        bool by_header = result == SC_FRAME_UNKNOWN || result == SC_FRAME_MALFORMED;
        struct sc_frame cut;
        /* Every cut of a small frame; of a large one those around its header and its end, and some between. */
        for (size_t have = end; have-- > 0;) {
                if (have > 64 && have + 16 < end && have % 61 != 0)
                        continue;
                fuzz_end_at(bytes, have, length);
                enum sc_frame_result got = sc_frame_next(bytes, have, sender, &cut);
                bool told = by_header && have >= SC_FRAME_HEADER_BYTES;
                claim(got == (told ? result : SC_FRAME_INCOMPLETE));
        }
        fuzz_end_at(bytes, length, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
        if (length == 0 || length > STREAM_BYTES_MAX)
                return 0;
        enum sc_frame_sender sender = input[0] % 2 == 0 ? SC_FROM_CLIENT : SC_FROM_HOST;
        size_t stream_length = length - 1;
        uint8_t *stream = malloc(stream_length + 1);
        claim(stream);
        memcpy(stream, input + 1, stream_length);

        enum sc_frame_result result = SC_FRAME_COMPLETE;
        for (size_t at = 0; result == SC_FRAME_COMPLETE;) {
                struct sc_frame frame = { 0 };
                result = sc_frame_next(stream + at, stream_length - at, sender, &frame);
                claim_split(stream + at, stream_length - at, sender, result, &frame);
                if (result != SC_FRAME_COMPLETE)
                        break;
                claim(frame.frame_bytes <= stream_length - at);
                claim(frame.payload.bytes == stream + at + SC_FRAME_HEADER_BYTES);
                claim(frame.payload.length == frame.frame_bytes - SC_FRAME_HEADER_BYTES);
                look_at(&frame);
                at += frame.frame_bytes;
        }
        free(stream);
        return 0;
}
