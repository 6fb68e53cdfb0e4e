#include "suites.h"

#include "model/wire/frame.h"
#include "random.h"
#include "split.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* One frame of every type, with a value in every field. */
#define SAMPLES 24

struct sample {
        enum sc_frame_type type;
        enum sc_frame_sender sender;
        uint8_t bytes[512];
        size_t length;
};

static struct sample samples[SAMPLES];
static size_t sample_count;

static const struct sc_hello a_hello = {
        .version = SC_PROTOCOL_VERSION,
        .role = SC_ROLE_VIEWER,
        .start = SC_START_SINCE,
        .flags = SC_HELLO_CONTINUES,
        .label_length = 5,
        .instance = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
        .value = UINT64_C(0x1122334455667788),
        .label = "alice",
};
static const struct sc_welcome a_welcome = {
        .version = 1,
        .answer = SC_ANSWER_OTHER_INSTANCE,
        .guest_state = SC_GUEST_DOWN,
        .role = SC_ROLE_CONTROL,
        .guest_note = SC_GUEST_NOTE_ENDED,
        .instance = { 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 },
        .client = 1,
        .capacity_bytes = 2,
        .first_from = 3,
        .first_to = 4,
        .tail = 5,
        .head = 6,
        .consumed = 7,
        .start = 8,
        .guest_number = 9,
        .guest_since_ns = 10,
        .now_ns = 11,
        .wall_offset_ns = -12,
        .resolution_ns = 13,
};
static const struct sc_gap a_gap = { .from = 5, .to = 1000, .kind = SC_GAP_CLEARED };
static const struct sc_boundary a_boundary = {
        .number = 7, .offset = 8, .time_ns = 9, .kind = SC_BOUNDARY_MARK, .text_length = 4, .text = "mark"
};
static const struct sc_role_change a_role = { .may_type = true, .answers = false, .writer = 77 };

static struct sc_encoder encoder_of(enum sc_frame_type type, enum sc_frame_sender sender)
{
        ck_assert_uint_lt(sample_count, SAMPLES);
        struct sample *sample = &samples[sample_count];
        *sample = (struct sample) { .type = type, .sender = sender };
        return (struct sc_encoder) { .bytes = sample->bytes, .capacity = sizeof(sample->bytes) };
}

static void add_sample(const struct sc_encoder *encoder)
{
        samples[sample_count++].length = encoder->length;
}

static void add_value(enum sc_frame_type type, enum sc_frame_sender sender)
{
        struct sc_encoder encoder = encoder_of(type, sender);
        sc_frame_put_value(&encoder, type, 0x1234);
        add_sample(&encoder);
}

static void add_empty(enum sc_frame_type type)
{
        struct sc_encoder encoder = encoder_of(type, SC_FROM_CLIENT);
        sc_frame_put_empty(&encoder, type);
        add_sample(&encoder);
}

static void add_client_samples(void)
{
        struct sc_encoder encoder = encoder_of(SC_FRAME_HELLO, SC_FROM_CLIENT);
        sc_frame_put_hello(&encoder, &a_hello);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_INPUT, SC_FROM_CLIENT);
        sc_frame_put_input_fields(&encoder, 3, 6);
        sc_bytes_put_string(&encoder, "reboot", 6);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_HISTORY, SC_FROM_CLIENT);
        sc_frame_put_history(&encoder, &(struct sc_history_request) { SC_START_LAST, 500, 100 });
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_MARK, SC_FROM_CLIENT);
        sc_frame_put_header(&encoder, SC_FRAME_MARK, 4);
        sc_bytes_put_string(&encoder, "here", 4);
        add_sample(&encoder);
        add_value(SC_FRAME_BREAK, SC_FROM_CLIENT);
        add_value(SC_FRAME_ACKNOWLEDGE, SC_FROM_CLIENT);
        add_value(SC_FRAME_KICK, SC_FROM_CLIENT);
        add_value(SC_FRAME_PING, SC_FROM_CLIENT);
        add_empty(SC_FRAME_TAKE);
        add_empty(SC_FRAME_CLEAR);
        add_empty(SC_FRAME_STATUS_REQUEST);
}

static void add_data(enum sc_frame_type type)
{
        struct sc_encoder encoder = encoder_of(type, SC_FROM_HOST);
        sc_frame_put_data_fields(&encoder, type, 4711, 99, 7);
        sc_bytes_put_string(&encoder, "login: ", 7);
        add_sample(&encoder);
}

static void add_gap(enum sc_frame_type type)
{
        struct sc_encoder encoder = encoder_of(type, SC_FROM_HOST);
        sc_frame_put_gap(&encoder, type, &a_gap);
        add_sample(&encoder);
}

static void add_host_samples(void)
{
        struct sc_encoder encoder = encoder_of(SC_FRAME_WELCOME, SC_FROM_HOST);
        sc_frame_put_welcome(&encoder, &a_welcome);
        add_sample(&encoder);
        add_data(SC_FRAME_DATA);
        add_data(SC_FRAME_HISTORY_DATA);
        add_gap(SC_FRAME_GAP);
        add_gap(SC_FRAME_HISTORY_GAP);
        add_value(SC_FRAME_HISTORY_END, SC_FROM_HOST);
        encoder = encoder_of(SC_FRAME_BOUNDARY, SC_FROM_HOST);
        sc_frame_put_boundary(&encoder, &a_boundary);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_ROLE, SC_FROM_HOST);
        sc_frame_put_role(&encoder, &a_role);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_REFUSED, SC_FROM_HOST);
        sc_frame_put_refused(&encoder, SC_REFUSED_VIEWER, 12);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_DONE, SC_FROM_HOST);
        sc_frame_put_done(&encoder, SC_FRAME_KICK, SC_RESULT_NO_CLIENT);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_PONG, SC_FROM_HOST);
        sc_frame_put_pong(&encoder, 1, 2, -3);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_STATUS, SC_FROM_HOST);
        sc_frame_put_header(&encoder, SC_FRAME_STATUS, 3);
        sc_bytes_put(&encoder, 1, 3);
        add_sample(&encoder);
        encoder = encoder_of(SC_FRAME_ERROR, SC_FROM_HOST);
        sc_frame_put_error(&encoder, SC_ERROR_SILENT, "silent");
        add_sample(&encoder);
}

static void make_samples(void)
{
        sample_count = 0;
        add_client_samples();
        add_host_samples();
        ck_assert_uint_eq(sample_count, SAMPLES);
}

/* From memory that ends where the bytes do: a sanitizer sees a step beyond. */
static enum sc_frame_result next_of(const uint8_t *bytes, size_t length, enum sc_frame_sender sender,
                                    enum sc_frame_type *type, size_t *frame_bytes)
{
        struct sc_frame frame = { 0 };
        uint8_t *exact = malloc(length > 0 ? length : 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, bytes, length);
        enum sc_frame_result result = sc_frame_next(exact, length, sender, &frame);
        free(exact);
        *type = frame.type;
        *frame_bytes = frame.frame_bytes;
        return result;
}

static enum sc_frame_sender other(enum sc_frame_sender sender)
{
        return sender == SC_FROM_HOST ? SC_FROM_CLIENT : SC_FROM_HOST;
}

START_TEST(frame_is_incomplete_up_to_its_last_byte)
{
        for (size_t i = 0; i < SAMPLES; i++) {
                const struct sample *sample = &samples[i];
                enum sc_frame_type type;
                size_t frame_bytes;
                for (size_t length = 0; length < sample->length; length++)
                        ck_assert_int_eq(next_of(sample->bytes, length, sample->sender, &type, &frame_bytes),
                                         SC_FRAME_INCOMPLETE);
                /* Whatever follows it. */
                for (size_t length = sample->length; length < sample->length + 3; length++) {
                        ck_assert_int_eq(next_of(sample->bytes, length, sample->sender, &type, &frame_bytes),
                                         SC_FRAME_COMPLETE);
                        ck_assert_int_eq(type, sample->type);
                        ck_assert_uint_eq(frame_bytes, sample->length);
                }
        }
}
END_TEST

START_TEST(frame_of_the_other_side_is_unknown)
{
        for (size_t i = 0; i < SAMPLES; i++) {
                const struct sample *sample = &samples[i];
                enum sc_frame_type type;
                size_t frame_bytes;
                ck_assert_int_eq(
                        next_of(sample->bytes, sample->length, other(sample->sender), &type, &frame_bytes),
                        SC_FRAME_UNKNOWN);
                ck_assert_int_eq(type, sample->type);
                ck_assert_str_ne(sc_frame_name(sample->type), "unknown");
        }
}
END_TEST

START_TEST(header_bytes_that_are_not_zero_are_malformed)
{
        for (size_t i = 0; i < SAMPLES; i++) {
                struct sample sample = samples[i];
                enum sc_frame_type type;
                size_t frame_bytes;
                for (size_t at = 5; at < SC_FRAME_HEADER_BYTES; at++) {
                        sample.bytes[at] = 1;
                        ck_assert_int_eq(next_of(sample.bytes, SC_FRAME_HEADER_BYTES, sample.sender, &type,
                                                 &frame_bytes),
                                         SC_FRAME_MALFORMED);
                        sample.bytes[at] = 0;
                }
        }
}
END_TEST

/* The lengths that PROTOCOL.md allows, written down a second time. */
static const struct length_limits {
        enum sc_frame_type type;
        size_t min, max;
} length_limits[] = {
        { SC_FRAME_HELLO, 36, 100 },
        { SC_FRAME_INPUT, 9, 4104 },
        { SC_FRAME_BREAK, 8, 8 },
        { SC_FRAME_ACKNOWLEDGE, 8, 8 },
        { SC_FRAME_HISTORY, 24, 24 },
        { SC_FRAME_TAKE, 0, 0 },
        { SC_FRAME_KICK, 8, 8 },
        { SC_FRAME_CLEAR, 0, 0 },
        { SC_FRAME_MARK, 1, 128 },
        { SC_FRAME_PING, 8, 8 },
        { SC_FRAME_STATUS_REQUEST, 0, 0 },
        { SC_FRAME_WELCOME, 128, 128 },
        { SC_FRAME_DATA, 17, 16400 },
        { SC_FRAME_GAP, 24, 24 },
        { SC_FRAME_HISTORY_DATA, 17, 16400 },
        { SC_FRAME_HISTORY_GAP, 24, 24 },
        { SC_FRAME_HISTORY_END, 8, 8 },
        { SC_FRAME_BOUNDARY, 32, 160 },
        { SC_FRAME_ROLE, 16, 16 },
        { SC_FRAME_REFUSED, 16, 16 },
        { SC_FRAME_DONE, 4, 4 },
        { SC_FRAME_PONG, 24, 24 },
        { SC_FRAME_STATUS, 1, 65536 },
        { SC_FRAME_ERROR, 2, 130 },
};

static enum sc_frame_result result_of_length(enum sc_frame_type type, uint64_t length)
{
        uint8_t header[SC_FRAME_HEADER_BYTES] = { 0 };
        struct sc_encoder encoder = { .bytes = header, .capacity = sizeof(header) };
        sc_frame_put_header(&encoder, type, (size_t)length);
        enum sc_frame_type got;
        size_t frame_bytes;
        return next_of(header, sizeof(header), type < 0x40 ? SC_FROM_CLIENT : SC_FROM_HOST, &got,
                       &frame_bytes);
}

START_TEST(length_outside_the_limits_is_refused_by_the_header_alone)
{
        for (size_t i = 0; i < SC_COUNT(length_limits); i++) {
                const struct length_limits *limits = &length_limits[i];
                enum sc_frame_result awaited = limits->min == 0 ? SC_FRAME_COMPLETE : SC_FRAME_INCOMPLETE;
                ck_assert_int_eq(result_of_length(limits->type, limits->min), awaited);
                ck_assert_int_eq(result_of_length(limits->type, limits->max), awaited);
                ck_assert_int_eq(result_of_length(limits->type, limits->max + 1), SC_FRAME_MALFORMED);
                ck_assert_int_eq(result_of_length(limits->type, UINT32_MAX), SC_FRAME_MALFORMED);
                if (limits->min > 0) {
                        ck_assert_int_eq(result_of_length(limits->type, limits->min - 1), SC_FRAME_MALFORMED);
                        ck_assert_int_eq(result_of_length(limits->type, 0), SC_FRAME_MALFORMED);
                }
        }
}
END_TEST

START_TEST(every_other_type_is_unknown)
{
        unsigned known = 0;
        for (unsigned type = 0; type < 256; type++) {
                bool is_known = result_of_length((enum sc_frame_type)type, 0) != SC_FRAME_UNKNOWN;
                ck_assert_int_eq(is_known, strcmp(sc_frame_name(type), "unknown") != 0);
                known += is_known;
        }
        ck_assert_uint_eq(known, SAMPLES);
        ck_assert_str_eq(sc_frame_name(UINT32_MAX), "unknown");
}
END_TEST

/* --- a stream of all frames of one side --- */

static enum sc_frame_sender stream_sender;
static struct bytes stream;
static struct bytes received;
static size_t taken; /* samples */

static void start_stream(void)
{
        received.length = 0;
        taken = 0;
}

static void skip_other_side(void)
{
        while (taken < sample_count && samples[taken].sender != stream_sender)
                taken++;
}

static void feed_stream(const uint8_t *bytes, size_t length)
{
        struct sc_frame frame;
        bytes_append(&received, bytes, length);
        while (sc_frame_next(received.at, received.length, stream_sender, &frame) == SC_FRAME_COMPLETE) {
                skip_other_side();
                ck_assert_uint_lt(taken, sample_count);
                ck_assert_int_eq(frame.type, samples[taken].type);
                ck_assert_uint_eq(frame.frame_bytes, samples[taken].length);
                ck_assert_mem_eq(frame.payload.bytes, samples[taken].bytes + SC_FRAME_HEADER_BYTES,
                                 frame.payload.length);
                taken++;
                bytes_drop(&received, frame.frame_bytes);
        }
}

static void check_stream(void)
{
        skip_other_side();
        ck_assert_uint_eq(taken, sample_count);
        ck_assert_uint_eq(received.length, 0);
}

START_TEST(stream_cut_anywhere_gives_the_same_frames)
{
        static const struct splitter splitter = { start_stream, feed_stream, check_stream };
        stream_sender = (enum sc_frame_sender)_i;
        for (size_t i = 0; i < sample_count; i++)
                if (samples[i].sender == stream_sender)
                        bytes_append(&stream, samples[i].bytes, samples[i].length);
        at_every_split(stream.at, stream.length, &splitter);
        bytes_free(&stream);
        bytes_free(&received);
}
END_TEST

/* --- fields --- */

static struct sc_decoder payload_of(enum sc_frame_type type)
{
        for (size_t i = 0; i < sample_count; i++)
                if (samples[i].type == type)
                        return (struct sc_decoder) { .bytes = samples[i].bytes + SC_FRAME_HEADER_BYTES,
                                                     .length = samples[i].length - SC_FRAME_HEADER_BYTES };
        ck_abort_msg("no frame of that type");
        return (struct sc_decoder) { 0 };
}

START_TEST(fields_come_back_as_they_were_put)
{
        struct sc_decoder payload = payload_of(SC_FRAME_HELLO);
        struct sc_hello hello;
        ck_assert(sc_frame_get_hello(&payload, &hello));
        ck_assert_mem_eq(&hello, &a_hello, sizeof(hello));

        payload = payload_of(SC_FRAME_WELCOME);
        struct sc_welcome welcome;
        ck_assert(sc_frame_get_welcome(&payload, &welcome));
        ck_assert_uint_eq(welcome.version, 1);
        ck_assert_uint_eq(welcome.answer, SC_ANSWER_OTHER_INSTANCE);
        ck_assert_uint_eq(welcome.guest_state, SC_GUEST_DOWN);
        ck_assert_uint_eq(welcome.role, SC_ROLE_CONTROL);
        ck_assert_uint_eq(welcome.guest_note, SC_GUEST_NOTE_ENDED);
        ck_assert_mem_eq(welcome.instance, a_welcome.instance, SC_INSTANCE_BYTES);
        ck_assert_mem_eq(&welcome.client, &a_welcome.client, 13 * 8);

        payload = payload_of(SC_FRAME_GAP);
        struct sc_gap gap;
        ck_assert(sc_frame_get_gap(&payload, &gap));
        ck_assert_uint_eq(gap.from, a_gap.from);
        ck_assert_uint_eq(gap.to, a_gap.to);
        ck_assert_uint_eq(gap.kind, a_gap.kind);

        payload = payload_of(SC_FRAME_BOUNDARY);
        struct sc_boundary boundary;
        ck_assert(sc_frame_get_boundary(&payload, &boundary));
        ck_assert_uint_eq(boundary.number, 7);
        ck_assert_uint_eq(boundary.offset, 8);
        ck_assert_uint_eq(boundary.time_ns, 9);
        ck_assert_uint_eq(boundary.kind, SC_BOUNDARY_MARK);
        ck_assert_uint_eq(boundary.text_length, 4);
        ck_assert_mem_eq(boundary.text, "mark", 4);

        payload = payload_of(SC_FRAME_ROLE);
        struct sc_role_change role;
        ck_assert(sc_frame_get_role(&payload, &role));
        ck_assert(role.may_type && !role.answers);
        ck_assert_uint_eq(role.writer, 77);

        payload = payload_of(SC_FRAME_HISTORY);
        struct sc_history_request request;
        ck_assert(sc_frame_get_history(&payload, &request));
        ck_assert_uint_eq(request.start, SC_START_LAST);
        ck_assert_uint_eq(request.value, 500);
        ck_assert_uint_eq(request.length_bytes, 100);
}
END_TEST

/* Each with what must not stand where. */
static const struct patch {
        enum sc_frame_type type;
        size_t at; /* in the payload */
        uint8_t byte;
} patches[] = {
        { SC_FRAME_HELLO, 0, 's' },   { SC_FRAME_HELLO, 3, 0 },     { SC_FRAME_HELLO, 6, 0 },
        { SC_FRAME_HELLO, 6, 4 },     { SC_FRAME_HELLO, 7, 0 },     { SC_FRAME_HELLO, 7, 9 },
        { SC_FRAME_HELLO, 8, 2 },     { SC_FRAME_HELLO, 8, 0x80 },  { SC_FRAME_HELLO, 9, 4 },
        { SC_FRAME_HELLO, 9, 6 },     { SC_FRAME_HELLO, 9, 255 },   { SC_FRAME_HELLO, 10, 1 },
        { SC_FRAME_HELLO, 11, 1 },    { SC_FRAME_WELCOME, 2, 4 },   { SC_FRAME_WELCOME, 3, 3 },
        { SC_FRAME_WELCOME, 5, 4 },   { SC_FRAME_GAP, 16, 0 },      { SC_FRAME_GAP, 16, 3 },
        { SC_FRAME_GAP, 9, 0 },       { SC_FRAME_BOUNDARY, 24, 0 }, { SC_FRAME_BOUNDARY, 24, 6 },
        { SC_FRAME_BOUNDARY, 25, 3 }, { SC_FRAME_BOUNDARY, 25, 5 }, { SC_FRAME_BOUNDARY, 25, 200 },
        { SC_FRAME_HISTORY, 0, 0 },   { SC_FRAME_HISTORY, 0, 9 },   { SC_FRAME_HISTORY, 1, 1 },
        { SC_FRAME_HISTORY, 7, 1 },
};

/* Whether the fields of such a frame are valid. */
static bool fields_of(enum sc_frame_type type, struct sc_decoder payload)
{
        union {
                struct sc_hello hello;
                struct sc_welcome welcome;
                struct sc_gap gap;
                struct sc_boundary boundary;
                struct sc_role_change role;
                struct sc_history_request history;
        } to;
        switch (type) {
        case SC_FRAME_HELLO:
                return sc_frame_get_hello(&payload, &to.hello);
        case SC_FRAME_WELCOME:
                return sc_frame_get_welcome(&payload, &to.welcome);
        case SC_FRAME_GAP:
        case SC_FRAME_HISTORY_GAP:
                return sc_frame_get_gap(&payload, &to.gap);
        case SC_FRAME_BOUNDARY:
                return sc_frame_get_boundary(&payload, &to.boundary);
        case SC_FRAME_ROLE:
                return sc_frame_get_role(&payload, &to.role);
        case SC_FRAME_HISTORY:
                return sc_frame_get_history(&payload, &to.history);
        default:
                return true;
        }
}

START_TEST(field_that_the_version_does_not_know_is_refused)
{
        for (size_t i = 0; i < SC_COUNT(patches); i++) {
                const struct patch *patch = &patches[i];
                struct sc_decoder payload = payload_of(patch->type);
                uint8_t bytes[512];
                ck_assert(fields_of(patch->type, payload));
                memcpy(bytes, payload.bytes, payload.length);
                bytes[patch->at] = patch->byte;
                if (patch->type == SC_FRAME_GAP && patch->at == 9) /* to: not behind from */
                        bytes[8] = 5;
                payload.bytes = bytes;
                ck_assert(!fields_of(patch->type, payload));
        }
}
END_TEST

START_TEST(truncated_payload_is_refused)
{
        static const enum sc_frame_type types[] = { SC_FRAME_HELLO,    SC_FRAME_WELCOME, SC_FRAME_GAP,
                                                    SC_FRAME_BOUNDARY, SC_FRAME_ROLE,    SC_FRAME_HISTORY };
        for (size_t i = 0; i < SC_COUNT(types); i++) {
                struct sc_decoder whole = payload_of(types[i]);
                size_t fields = types[i] == SC_FRAME_GAP ? 17 : whole.length; /* zeroes end it */
                /* Shorter ones are no hello: the header's limits say so. */
                size_t shortest = types[i] == SC_FRAME_HELLO ? SC_HELLO_PAYLOAD_MIN : 0;
                for (size_t length = shortest; length < fields; length++) {
                        struct sc_decoder payload = { .bytes = whole.bytes, .length = length };
                        ck_assert_msg(!fields_of(types[i], payload), "%s of %zu bytes",
                                      sc_frame_name(types[i]), length);
                }
        }
}
END_TEST

START_TEST(hello_of_another_version_tells_the_version_alone)
{
        static const uint8_t magic_and_version[] = { 'S', 'C', 'O', 'N', 2, 0 };
        uint8_t bytes[SC_HELLO_PAYLOAD_MIN];
        memset(bytes, 0xff, sizeof(bytes));
        memcpy(bytes, magic_and_version, sizeof(magic_and_version));
        struct sc_decoder payload = { .bytes = bytes, .length = sizeof(bytes) };
        struct sc_hello hello;
        ck_assert(sc_frame_get_hello(&payload, &hello));
        ck_assert_uint_eq(hello.version, 2);
}
END_TEST

START_TEST(error_text_is_cut_to_its_limit)
{
        char text[2 * SC_ERROR_BYTES_MAX];
        uint8_t bytes[512];
        struct sc_frame frame;
        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        struct sc_encoder encoder = { .bytes = bytes, .capacity = sizeof(bytes) };
        sc_frame_put_error(&encoder, SC_ERROR_KICKED, text);
        ck_assert_int_eq(sc_frame_next(bytes, encoder.length, SC_FROM_HOST, &frame), SC_FRAME_COMPLETE);
        ck_assert_uint_eq(frame.payload.length, 2 + SC_ERROR_BYTES_MAX);
}
END_TEST

START_TEST(rubbish_is_survived)
{
        struct random random = random_of((unsigned)_i);
        for (unsigned long rounds = test_rounds(40000); rounds > 0; rounds--) {
                struct sample sample = samples[random_below(&random, sample_count)];
                for (uint64_t hits = random_below(&random, 4); hits > 0; hits--)
                        sample.bytes[random_below(&random, sample.length)] =
                                (uint8_t)random_below(&random, 256);
                size_t length = (size_t)random_below(&random, sample.length + 1);
                uint8_t *exact = malloc(length + 1);
                ck_assert_ptr_nonnull(exact);
                memcpy(exact, sample.bytes, length);
                struct sc_frame frame;
                if (sc_frame_next(exact, length, sample.sender, &frame) == SC_FRAME_COMPLETE) {
                        ck_assert_uint_le(frame.frame_bytes, length);
                        ck_assert(frame.payload.bytes + frame.payload.length <= exact + length);
                        fields_of(frame.type, frame.payload);
                }
                free(exact);
        }
}
END_TEST

Suite *frame_suite(void)
{
        Suite *suite = suite_create("frame");
        TCase *claims = tcase_create("claims");
        tcase_add_checked_fixture(claims, make_samples, NULL);
        tcase_add_test(claims, frame_is_incomplete_up_to_its_last_byte);
        tcase_add_test(claims, frame_of_the_other_side_is_unknown);
        tcase_add_test(claims, header_bytes_that_are_not_zero_are_malformed);
        tcase_add_test(claims, length_outside_the_limits_is_refused_by_the_header_alone);
        tcase_add_test(claims, every_other_type_is_unknown);
        tcase_add_loop_test(claims, stream_cut_anywhere_gives_the_same_frames, 0, 2);
        tcase_add_test(claims, fields_come_back_as_they_were_put);
        tcase_add_test(claims, field_that_the_version_does_not_know_is_refused);
        tcase_add_test(claims, truncated_payload_is_refused);
        tcase_add_test(claims, hello_of_another_version_tells_the_version_alone);
        tcase_add_test(claims, error_text_is_cut_to_its_limit);
        tcase_add_loop_test(claims, rubbish_is_survived, 0, 4);
        suite_add_tcase(suite, claims);
        return suite;
}
