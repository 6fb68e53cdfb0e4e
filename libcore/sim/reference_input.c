#include "reference.h"

#include "claim.h"

/* --- from clients --- */

static struct chunk *add_chunk(struct reference_client *client, struct chunk chunk)
{
        client->chunks = array_with_room(client->chunks, client->chunks_count, sizeof(chunk));
        client->chunks[client->chunks_count] = chunk;
        return &client->chunks[client->chunks_count++];
}

static void stamp(const struct reference *reference, const struct reference_client *client,
                  struct chunk *chunk)
{
        chunk->sent = true;
        chunk->life = reference->life;
        chunk->turn = reference->turn;
        /* Before its welcome, and behind a take, it is judged as what it becomes. */
        bool unsure = !client->attached;
        for (size_t i = 0; i < client->requests_count; i++)
                unsure |= client->requests[i].frame == SC_FRAME_TAKE && !client->requests[i].decided;
        bool may_type = reference_may_type(reference, client);
        chunk->writers = reference->writer_changes;
        chunk->might_type = unsure || may_type;
        chunk->might_not = unsure || !may_type;
}

void reference_types(struct reference *reference, uint64_t number, uint64_t guest, size_t length)
{
        struct reference_client *client = reference_client(reference, number);
        client->payload_bytes += length;
        if (client->native)
                add_chunk(client, (struct chunk) { .length = length,
                                                   .guest = guest,
                                                   .position = client->stream_bytes });
}

void reference_streams(struct reference *reference, uint64_t number, size_t length)
{
        reference_client(reference, number)->stream_bytes += length;
}

void reference_sends(struct reference *reference, uint64_t number, size_t length)
{
        struct reference_client *client = reference_client(reference, number);
        client->stream_sent += length;
        if (!client->native) {
                client->payload_sent += length;
                stamp(reference, client, add_chunk(client, (struct chunk) { .length = length }));
                return;
        }
        for (size_t i = client->chunks_first; i < client->chunks_count; i++)
                if (!client->chunks[i].sent && client->chunks[i].position < client->stream_sent)
                        stamp(reference, client, &client->chunks[i]);
}

/* --- to the guest --- */

static void put_input(struct reference *reference, uint16_t item)
{
        reference->input = array_with_room(reference->input, reference->input_count, sizeof(item));
        reference->input[reference->input_count++] = item;
}

/* Whether a change of that turn may have come before or after what was sent within it. */
static bool is_of_turn(const struct chunk *chunk, uint64_t turn)
{
        return chunk->turn != 0 && chunk->turn == turn;
}

static void claim_takes(const struct reference *reference, const struct reference_client *client,
                        const struct chunk *chunk, uint64_t guest)
{
        claim("BF-11", client->number, !reference_is_viewer(client), "a viewer's input is taken");
        if (reference->config.writers == SC_WRITERS_ONE) {
                claim("BF-11", client->number, reference->writer == client->number,
                      "input is taken of who may not type");
                claim("BF-11", client->number, chunk->might_type || is_of_turn(chunk, reference->writer_turn),
                      "input is taken that was sent by one who might not type");
        }
        claim("BF-10", client->number, !reference_guest_is_away(reference),
              "input is taken that no guest will hear");
        if (client->native) {
                claim_equal("BF-10", client->number, guest, chunk->guest,
                            "an input frame names another guest");
                claim("BF-10", client->number, !reference_is_former(reference, guest),
                      "input is taken that was sent for an earlier guest");
        } else {
                claim("BF-10", client->number,
                      chunk->life == reference->life || is_of_turn(chunk, reference->life_turn),
                      "input is taken that was sent before the guest came");
        }
}

static void claim_drops(const struct reference *reference, const struct reference_client *client,
                        const struct chunk *chunk, enum sc_refusal reason)
{
        bool right = false;
        switch (reason) {
        case SC_REFUSED_NO_GUEST:
                right = reference_guest_is_away(reference) ||
                        (!client->native &&
                         (chunk->life != reference->life || is_of_turn(chunk, reference->life_turn)));
                break;
        case SC_REFUSED_OLD_GUEST:
                right = client->native && reference_is_former(reference, chunk->guest);
                break;
        case SC_REFUSED_NOT_WRITER:
                right = reference->config.writers == SC_WRITERS_ONE &&
                        (reference->writer != client->number || chunk->might_not ||
                         chunk->writers != reference->writer_changes ||
                         is_of_turn(chunk, reference->writer_turn));
                break;
        case SC_REFUSED_VIEWER:
                right = reference_is_viewer(client);
                break;
        case SC_REFUSAL_COUNT:
                break;
        }
        claim(reason >= SC_REFUSED_NOT_WRITER ? "BF-11" : "BF-10", client->number, right,
              "input is dropped for a reason that there is not");
}

/* The next `length` bytes of a client's input are accounted for: by claim, chunk after chunk. */
static void account(struct reference *reference, struct reference_client *client, uint64_t length, bool taken,
                    uint64_t guest, enum sc_refusal reason)
{
        while (length > 0) {
                claim("BF-10", client->number, client->chunks_first < client->chunks_count,
                      "more input is taken or dropped than was sent");
                struct chunk *chunk = &client->chunks[client->chunks_first];
                claim("BF-10", client->number, chunk->sent, "input is taken that is not sent yet");
                uint64_t part = chunk->length - client->chunk_done;
                part = part < length ? part : length;
                if (taken)
                        claim_takes(reference, client, chunk, guest);
                else
                        claim_drops(reference, client, chunk, reason);
                for (uint64_t i = 0; i < part && taken; i++)
                        put_input(reference, input_byte(client->number, client->accounted + i));
                client->accounted += part;
                client->chunk_done += part;
                length -= part;
                if (client->chunk_done == chunk->length) {
                        client->chunks_first++;
                        client->chunk_done = 0;
                }
        }
}

void reference_takes_input(struct reference *reference, const struct sc_record_input *input)
{
        struct reference_client *client = reference_client(reference, input->client);
        claim("BF-10", input->client, client != NULL, "input is taken of nobody");
        account(reference, client, input->length, true, input->guest, SC_REFUSAL_COUNT);
        reference->input_bytes += input->length;
        client->active_ns = reference->now_ns;
        if (client->native)
                reference->last_typist = client->number;
        claim_at_most("BF-10", client->number, reference->input_bytes - reference->input_written_bytes,
                      SC_INPUT_BYTES + reference->dropped[SC_REFUSED_NO_GUEST],
                      "more input waits than is allowed");
}

static void drop_waiting(struct reference *reference, uint64_t length)
{
        while (length > 0) {
                claim("BF-10", 0, reference->input_first < reference->input_count,
                      "more input is dropped than waits");
                uint16_t item = reference->input[reference->input_first++];
                length -= item != INPUT_BREAK;
                reference->breaks_waiting -= item == INPUT_BREAK;
        }
        while (reference->input_first < reference->input_count &&
               reference->input[reference->input_first] == INPUT_BREAK) {
                reference->input_first++;
                reference->breaks_waiting--;
        }
}

void reference_drops_breaks(struct reference *reference)
{
        uint64_t items = reference->input_count - reference->input_first;
        if (items != reference->breaks_waiting)
                return;
        reference->input_first = reference->input_count;
        reference->breaks_waiting = 0;
}

void reference_drops_input(struct reference *reference, const struct sc_record_dropped *dropped)
{
        struct reference_client *client = reference_client(reference, dropped->client);
        reference->dropped[dropped->reason] += dropped->length;
        if (client)
                client->dropped[dropped->reason] += dropped->length;
        if (dropped->queued) {
                claim("BF-10", dropped->client, !reference_guest_hears(reference),
                      "input that waits is dropped although the guest is there");
                claim_equal("BF-10", dropped->client, dropped->reason, SC_REFUSED_NO_GUEST,
                            "input that waits is dropped for another reason");
                drop_waiting(reference, dropped->length);
                return;
        }
        claim("BF-10", dropped->client, client != NULL, "input is dropped of nobody");
        client->waited |= dropped->reason == SC_REFUSED_NO_GUEST; /* perhaps, before the guest was gone */
        account(reference, client, dropped->length, false, 0, (enum sc_refusal)dropped->reason);
}

void reference_hears(struct reference *reference, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                claim("BF-10", 0, reference->input_first < reference->input_count,
                      "the guest hears what was not taken");
                claim_equal("BF-10", 0, bytes[i], reference->input[reference->input_first++],
                            "the guest hears something else than what was sent");
        }
        reference->input_written_bytes += length;
}

void reference_hears_break(struct reference *reference)
{
        claim("BF-10", 0,
              reference->input_first < reference->input_count &&
                      reference->input[reference->input_first] == INPUT_BREAK,
              "a BREAK is not in its place");
        reference->input_first++;
        reference->breaks_waiting--;
        reference->breaks++;
}
