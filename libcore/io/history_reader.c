#include "io/history_reader.h"

#include "io/clock.h"

#include <errno.h>

void sc_history_reader_start(struct sc_history_reader *reader, struct sc_control *control, uint64_t from,
                             uint64_t to)
{
        SC_ASSERT(from <= to);
        *reader = (struct sc_history_reader) { .control = control, .offset = from, .end = to };
}

bool sc_history_reader_part(struct sc_frame *frame, struct sc_history_part *part)
{
        struct sc_gap gap;

        switch (frame->type) {
        case SC_FRAME_DATA:
        case SC_FRAME_HISTORY_DATA:
                part->offset = sc_bytes_get(&frame->payload, 8);
                part->time_ns = sc_bytes_get(&frame->payload, 8);
                part->length = sc_bytes_left(&frame->payload);
                part->bytes = frame->payload.bytes + frame->payload.position;
                return part->length > 0;
        case SC_FRAME_GAP:
        case SC_FRAME_HISTORY_GAP:
                if (!sc_frame_get_gap(&frame->payload, &gap))
                        return false;
                *part = (struct sc_history_part) {
                        .offset = gap.from,
                        .length = gap.to - gap.from,
                        .gap_kind = (enum sc_gap_kind)gap.kind,
                };
                return true;
        default:
                return false;
        }
}

#define REQUEST_BYTES (SC_FRAME_HEADER_BYTES + SC_HISTORY_PAYLOAD_BYTES)

static int send_request(const struct sc_history_reader *reader)
{
        uint8_t bytes[REQUEST_BYTES];
        struct sc_encoder encoder = { .bytes = bytes, .capacity = sizeof(bytes) };
        struct sc_history_request request = {
                .start = SC_START_OFFSET,
                .value = reader->offset,
                .length_bytes = reader->end - reader->offset,
        };

        sc_frame_put_history(&encoder, &request);
        return sc_control_send(reader->control, &encoder);
}

/* 1: a part; 0: the end of the answer; or -errno. */
static int receive_part(struct sc_history_reader *reader, struct sc_history_part *part)
{
        struct sc_frame frame;
        uint64_t deadline_ns = sc_clock_now_ns() + SC_CONTROL_ANSWER_NS;

        int result = sc_control_receive(reader->control, deadline_ns, &frame);
        if (result != 0)
                return result;
        if (frame.type == SC_FRAME_HISTORY_END)
                return 0;
        if (!sc_history_reader_part(&frame, part) || part->offset != reader->offset ||
            part->length > reader->end - reader->offset)
                return -EPROTO;
        reader->offset += part->length;
        reader->reopened = 0;
        return 1;
}

int sc_history_reader_next(struct sc_history_reader *reader, struct sc_history_part *part)
{
        while (reader->asked || reader->offset < reader->end) {
                int result = 1;
                if (!reader->asked)
                        result = send_request(reader);
                if (result >= 0) {
                        reader->asked = true;
                        result = receive_part(reader, part);
                }
                if (result > 0)
                        return 1;
                reader->asked = false;
                if (result == 0 && reader->offset < reader->end) /* it would be asked for ever */
                        return -EPROTO;
                if (result == -ECONNRESET && reader->reopened++ < SC_CONTROL_REOPENED_MAX)
                        result = sc_control_reopen(reader->control);
                if (result != 0)
                        return result;
        }
        return 0;
}

int sc_history_reader_find(struct sc_control *control, enum sc_start start, uint64_t value, uint64_t *offset)
{
        uint8_t bytes[REQUEST_BYTES];
        struct sc_encoder encoder = { .bytes = bytes, .capacity = sizeof(bytes) };
        struct sc_history_request request = { .start = (uint8_t)start, .value = value };
        struct sc_frame frame;

        sc_frame_put_history(&encoder, &request); /* of no length: the end of the answer is its start */
        int result = sc_control_inquire(control, &encoder, SC_FRAME_HISTORY_END, &frame);
        if (result == 0)
                *offset = sc_bytes_get(&frame.payload, 8);
        return result;
}
