#include "claim.h"
#include "world.h"

#include "tests/random.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_ROOM 8192

void client_free(struct client *client)
{
        buffer_free(&client->queue);
        buffer_free(&client->outbox);
        buffer_free(&client->sent);
        buffer_free(&client->got);
        free(client);
}

/* --- sending --- */

static bool can_send(const struct client *client)
{
        return client->open && !client->dead && !client->shuts;
}

static void see_input(struct world *world, const struct client *client, uint64_t guest, const uint8_t *bytes,
                      size_t length)
{
        bool with_bytes = world->config.input != 0;
        for (size_t at = 0; at < length;) {
                size_t part = (size_t)sc_min_u64(length - at, SC_RECORD_BYTES_MAX);
                witness_sees(&world->witness, &(struct sc_record) {
                                                      .type = SC_RECORD_INPUT,
                                                      .time_ns = world->now_ns,
                                                      .input = { client->number, guest, part },
                                                      .bytes = with_bytes ? bytes + at : NULL,
                                                      .length = with_bytes ? part : 0,
                                              });
                at += part;
        }
}

uint64_t client_sends_ns(const struct client *client)
{
        if (!client->open || client->dead || buffer_length(&client->outbox) == 0)
                return UINT64_MAX;
        return client->split > 0 ? client->sends_ns : 0;
}

void client_sends(struct world *world, struct client *client)
{
        size_t length = buffer_length(&client->outbox);
        if (client_sends_ns(client) > world->now_ns)
                return;
        if (client->split > 0)
                length = (size_t)sc_min_u64(length, client->split);
        client->sends_ns = world->now_ns + client->split_ns;
        buffer_append(&client->sent, buffer_at(&client->outbox), length);
        if (!client->native)
                see_input(world, client, 0, buffer_at(&client->outbox), length);
        buffer_drop(&client->outbox, length);
        client->shut = client->shuts && buffer_length(&client->outbox) == 0;
        reference_sends(world->reference, client->number, length);
}

static void puts_bytes(struct world *world, struct client *client, const void *bytes, size_t length)
{
        reference_streams(world->reference, client->number, length);
        buffer_append(&client->outbox, bytes, length);
        if (client->split == 0)
                client_sends(world, client);
}

static void types_frame(struct world *world, struct client *client, uint64_t guest, const uint8_t *bytes,
                        size_t length)
{
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        sc_frame_put_input_fields(&encoder, guest, length);
        sc_bytes_put_string(&encoder, bytes, length);
        see_input(world, client, guest, bytes, length);
        reference_types(world->reference, client->number, guest, length);
        puts_bytes(world, client, room, encoder.length);
}

static uint64_t named_guest(const struct client *client, uint64_t kind)
{
        if (kind == 1)
                return client->guest_number > 0 ? client->guest_number - 1 : 0;
        return client->guest_number + (kind == 2);
}

void client_types(struct world *world, struct client *client, const struct step_type *type)
{
        uint8_t bytes[SC_FRAME_INPUT_BYTES_MAX];
        const struct reference_client *known = reference_client(world->reference, client->number);
        /* What a host should not understand is not followed by what it might. */
        if (!can_send(client) || known->wild)
                return;
        /* An observer does not know for whom it is. */
        if (client->native && (!client->attached || client->guest_number < world->reference->came_number) &&
            !world->witness.wishes.unseen)
                return;
        uint64_t frame = sc_min_u64(type->frame > 0 ? type->frame : 64, sizeof(bytes));
        for (uint64_t left = type->bytes; left > 0;) {
                size_t part = (size_t)sc_min_u64(left, frame);
                for (size_t i = 0; i < part; i++)
                        bytes[i] = input_byte(client->number, client->payload + i);
                client->payload += part;
                if (client->native) {
                        types_frame(world, client, named_guest(client, type->guest), bytes, part);
                } else {
                        reference_types(world->reference, client->number, 0, part);
                        puts_bytes(world, client, bytes, part);
                }
                left -= part;
        }
}

/* --- hello --- */

static uint64_t based(const struct world *world, const struct client *client, uint64_t base, uint64_t amount)
{
        const struct reference *reference = world->reference;
        switch ((enum base)base) {
        case BASE_KNOWN:
                return client->offset + amount;
        case BASE_SENT:
                return reference_client(reference, client->number)->position + amount;
        case BASE_HEAD:
                return reference->head + amount;
        case BASE_TAIL:
                return reference->tail + amount;
        default:
                return amount;
        }
}

static uint64_t wall_before_ns(const struct world *world, uint64_t ms)
{
        uint64_t wall_ns = (uint64_t)world->wall_offset_ns + world->now_ns;
        return wall_ns - sc_min_u64(wall_ns, ms * SC_NS_PER_MS);
}

void client_says_hello(struct world *world, struct client *client, const struct step_hello *step)
{
        static const uint8_t other[SC_INSTANCE_BYTES] = { 0xee };
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        const struct reference_client *known = reference_client(world->reference, client->number);
        bool again = known->stream_bytes > 0;
        if (!can_send(client) || !client->native || (again && !world->witness.wishes.unseen))
                return;
        bool continues = step->continues && step->start == SC_START_OFFSET && step->base == BASE_KNOWN &&
                         step->amount == 0;
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = (uint8_t)step->role,
                .start = (uint8_t)step->start,
                .flags = continues ? SC_HELLO_CONTINUES : 0,
                .value = step->amount,
                .label_length = (uint8_t)(client->number * 7 % (SC_LABEL_BYTES_MAX + 1)),
        };
        for (size_t i = 0; i < hello.label_length; i++)
                hello.label[i] = (char)random_mix(client->number + i);
        if (step->start == SC_START_OFFSET)
                hello.value = based(world, client, step->base, step->amount);
        if (step->start == SC_START_SINCE)
                hello.value = wall_before_ns(world, step->amount);
        if (step->instance > 0)
                memcpy(hello.instance, step->instance == 1 ? world->host.config.instance : other,
                       SC_INSTANCE_BYTES);
        sc_frame_put_hello(&encoder, &hello);
        reference_asks(world->reference, client->number, SC_FRAME_HELLO)->hello = hello;
        puts_bytes(world, client, room, encoder.length);
}

/* --- requests --- */

static const char *const mark_texts[] = {
        [MARK_GOOD] = "m\xc3\xa4rk",
        [MARK_CONTROL] = "a\x1b[31m",
        [MARK_C1] = "a\xc2\x9b"
                    "31m",
        [MARK_CUT] = "a\xc3",
};

static void put_mark(struct sc_encoder *encoder, struct request *request, uint64_t text)
{
        const char *bytes = mark_texts[text % MARK_TEXT_COUNT];
        request->fits = text % MARK_TEXT_COUNT == MARK_GOOD;
        sc_frame_put_header(encoder, SC_FRAME_MARK, strlen(bytes));
        sc_bytes_put_string(encoder, bytes, strlen(bytes));
}

static void put_history(struct world *world, const struct client *client, struct sc_encoder *encoder,
                        const struct step_history *step)
{
        struct sc_history_request history = { .start = (uint8_t)step->start,
                                              .value = step->amount,
                                              .length_bytes = step->length };
        if (step->start == SC_START_OFFSET)
                history.value = based(world, client, step->base, step->amount);
        if (step->start == SC_START_SINCE)
                history.value = wall_before_ns(world, step->amount);
        sc_frame_put_history(encoder, &history);
}

static void put_rubbish(struct sc_encoder *encoder, struct reference_client *known, struct request *request,
                        const struct step_rubbish *step)
{
        struct random random = random_of(step->bytes);
        request->error = SC_ERROR_MALFORMED;
        switch ((enum rubbish)step->kind) {
        case RUBBISH_TYPE:
        case RUBBISH_HOST_TYPE:
                request->error = SC_ERROR_UNKNOWN_TYPE;
                sc_frame_put_header(encoder,
                                    step->kind == RUBBISH_TYPE ? (enum sc_frame_type)0x33 : SC_FRAME_DATA, 4);
                sc_bytes_put(encoder, 0, 4);
                break;
        case RUBBISH_LONG:
                sc_frame_put_header(encoder, SC_FRAME_INPUT,
                                    SC_INPUT_FIELDS_BYTES + SC_FRAME_INPUT_BYTES_MAX + 1);
                break;
        case RUBBISH_SHORT:
                sc_frame_put_header(encoder, SC_FRAME_ACKNOWLEDGE, 4);
                break;
        case RUBBISH_ZERO:
                sc_frame_put_header(encoder, SC_FRAME_TAKE, 0);
                encoder->bytes[encoder->length - 1] = 1;
                break;
        case RUBBISH_VERSION:
        case RUBBISH_HELLO: {
                struct sc_hello hello = { .version = step->kind == RUBBISH_VERSION ? 9 : 1,
                                          .role = 7,
                                          .start = 1 };
                sc_frame_put_hello(encoder, &hello);
                if (step->kind == RUBBISH_VERSION && !known->started)
                        request->error = SC_ERROR_VERSION;
                break;
        }
        case RUBBISH_HISTORY:
                sc_frame_put_history(encoder, &(struct sc_history_request) { .start = 99 });
                break;
        case RUBBISH_BYTES:
        case RUBBISH_COUNT:
                known->wild = true;
                for (uint64_t i = 0; i < step->bytes % 64 + 1; i++)
                        sc_bytes_put(encoder, random_next(&random), 1);
                break;
        }
}

static void puts_request(struct world *world, struct client *client, const struct step *step,
                         struct request *request, struct sc_encoder *encoder)
{
        switch (step->kind) {
        case STEP_HISTORY:
                put_history(world, client, encoder, &step->history);
                return;
        case STEP_KICK: {
                const struct place *victim =
                        step->kick.victim < SCRIPT_PLACES ? &world->places[step->kick.victim] : NULL;
                sc_frame_put_value(encoder, SC_FRAME_KICK,
                                   victim && victim->client ? victim->client->number : 9999);
                return;
        }
        case STEP_MARK:
                put_mark(encoder, request, step->client.value);
                return;
        case STEP_BREAK:
                sc_frame_put_value(encoder, SC_FRAME_BREAK, named_guest(client, step->client.value));
                return;
        case STEP_ACKNOWLEDGE: {
                uint64_t offset = based(world, client, step->acknowledge.base, step->acknowledge.amount);
                request->value = offset - sc_min_u64(offset, step->acknowledge.less);
                sc_frame_put_value(encoder, SC_FRAME_ACKNOWLEDGE, request->value);
                return;
        }
        default:
                if (step->ask.frame == SC_FRAME_PING) {
                        request->value = world->now_ns;
                        sc_frame_put_value(encoder, SC_FRAME_PING, request->value);
                } else {
                        sc_frame_put_empty(encoder, (enum sc_frame_type)step->ask.frame);
                }
        }
}

void client_asks(struct world *world, struct client *client, const struct step *step)
{
        static const unsigned frames[STEP_KIND_COUNT] = {
                [STEP_HISTORY] = SC_FRAME_HISTORY,
                [STEP_KICK] = SC_FRAME_KICK,
                [STEP_MARK] = SC_FRAME_MARK,
                [STEP_BREAK] = SC_FRAME_BREAK,
                [STEP_ACKNOWLEDGE] = SC_FRAME_ACKNOWLEDGE,
        };
        uint8_t room[FRAME_ROOM];
        struct sc_encoder encoder = { .bytes = room, .capacity = sizeof(room) };
        struct reference_client *known = reference_client(world->reference, client->number);
        if (!can_send(client) || !client->native || known->wild)
                return;
        if (step->kind == STEP_ACKNOWLEDGE && !client->attached && !world->witness.wishes.unseen)
                return;
        unsigned frame = frames[step->kind] != 0 ? frames[step->kind] : (unsigned)step->ask.frame;
        struct request *request = reference_asks(world->reference, client->number, frame);
        if (step->kind == STEP_RUBBISH) {
                request->frame = 0;
                put_rubbish(&encoder, known, request, &step->rubbish);
        } else {
                puts_request(world, client, step, request, &encoder);
        }
        puts_bytes(world, client, room, encoder.length);
}

/* --- going --- */

void client_shuts(struct client *client)
{
        client->shuts = true;
        client->shut = buffer_length(&client->outbox) == 0;
}

void client_dies(struct world *world, struct client *client)
{
        if (client->dead)
                return;
        struct reference_client *known = reference_client(world->reference, client->number);
        client->dead = known->dead = true;
        client->reset = known->died_unread = buffer_length(&client->queue) > 0;
        buffer_drop(&client->queue, buffer_length(&client->queue));
        buffer_drop(&client->outbox, buffer_length(&client->outbox));
        if (client->open)
                witness_sees(&world->witness,
                             &(struct sc_record) {
                                     .type = SC_RECORD_END,
                                     .time_ns = world->now_ns,
                                     .end = { client->number, 0, SC_RECORD_UNKNOWN, SC_RECORD_UNKNOWN, 0, 0 },
                             });
}

/* --- reading --- */

static void see_received(struct world *world, const struct client *client, uint64_t offset, uint64_t told_ns,
                         const uint8_t *bytes, size_t length)
{
        for (size_t at = 0; at < length;) {
                size_t part = (size_t)sc_min_u64(length - at, SC_RECORD_BYTES_MAX);
                witness_sees(
                        &world->witness,
                        &(struct sc_record) {
                                .type = SC_RECORD_RECEIVED,
                                .time_ns = world->now_ns,
                                .received = { client->number,
                                              offset == SC_RECORD_UNKNOWN ? offset : offset + at, told_ns },
                                .bytes = bytes + at,
                                .length = part,
                        });
                at += part;
        }
}

static void learns(struct world *world, struct client *client, struct sc_frame *frame)
{
        struct sc_welcome welcome;
        struct sc_boundary boundary;
        struct sc_gap gap;
        switch (frame->type) {
        case SC_FRAME_WELCOME:
                if (!sc_frame_get_welcome(&frame->payload, &welcome))
                        return;
                client->attached = welcome.answer <= SC_ANSWER_OVERWRITTEN && welcome.role != SC_ROLE_CONTROL;
                if (client->attached)
                        client->offset = welcome.start;
                client->guest_number = welcome.guest_number;
                return;
        case SC_FRAME_DATA: {
                uint64_t offset = sc_bytes_get(&frame->payload, 8);
                uint64_t told_ns = sc_bytes_get(&frame->payload, 8);
                size_t length = sc_bytes_left(&frame->payload);
                see_received(world, client, offset, told_ns, frame->payload.bytes + frame->payload.position,
                             length);
                client->offset = offset + length;
                return;
        }
        case SC_FRAME_GAP:
                if (!sc_frame_get_gap(&frame->payload, &gap))
                        return;
                witness_sees(&world->witness, &(struct sc_record) {
                                                      .type = SC_RECORD_GAP,
                                                      .time_ns = world->now_ns,
                                                      .gap = { client->number, gap.from, gap.to, gap.kind },
                                              });
                client->offset = gap.to;
                return;
        case SC_FRAME_BOUNDARY:
                if (sc_frame_get_boundary(&frame->payload, &boundary) && boundary.kind != SC_BOUNDARY_MARK)
                        client->guest_number = boundary.number;
                return;
        default:
                return;
        }
}

void client_reads(struct world *world, struct client *client, size_t length)
{
        length = (size_t)sc_min_u64(length, buffer_length(&client->queue));
        if (length == 0 || client->dead)
                return;
        reference_reads(world->reference, client->number, length);
        client->stirred += length;
        if (!client->native) {
                see_received(world, client, SC_RECORD_UNKNOWN, 0, buffer_at(&client->queue), length);
                buffer_drop(&client->queue, length);
                return;
        }
        buffer_append(&client->got, buffer_at(&client->queue), length);
        buffer_drop(&client->queue, length);
        struct sc_frame frame;
        while (sc_frame_next(buffer_at(&client->got), buffer_length(&client->got), SC_FROM_HOST, &frame) ==
               SC_FRAME_COMPLETE) {
                learns(world, client, &frame);
                buffer_drop(&client->got, frame.frame_bytes);
        }
}
