#include "model/console/input.h"

#include <string.h>

void sc_input_init(struct sc_input *input, uint8_t *memory)
{
        *input = (struct sc_input) { 0 };
        sc_ring_init(&input->ring, memory, SC_INPUT_BYTES);
}

uint64_t sc_input_waiting_bytes(const struct sc_input *input)
{
        return input->ring.head - input->taken;
}

uint64_t sc_input_room_bytes(const struct sc_input *input)
{
        return input->ring.capacity_bytes - sc_input_waiting_bytes(input);
}

size_t sc_input_reserve(const struct sc_input *input, uint64_t length,
                        struct sc_span spans[static SC_RING_SPANS_MAX])
{
        return sc_ring_reserve(&input->ring, sc_min_u64(length, sc_input_room_bytes(input)), spans);
}

static void note_owner(struct sc_input *input, uint64_t client)
{
        struct sc_input_run *last = input->run_count > 0 ? &input->runs[input->run_count - 1] : NULL;
        if (!last || (last->client != client && input->run_count < SC_INPUT_OWNERS_MAX))
                last = &input->runs[input->run_count++];
        else if (last->client != client)
                client = 0;
        *last = (struct sc_input_run) { .end = input->ring.head, .client = client };
}

void sc_input_commit(struct sc_input *input, uint64_t client, uint64_t length)
{
        SC_ASSERT(length <= sc_input_room_bytes(input));

        sc_ring_commit(&input->ring, length);
        if (length > 0)
                note_owner(input, client);
}

size_t sc_input_put(struct sc_input *input, uint64_t client, const uint8_t *bytes, size_t length)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        size_t count = sc_input_reserve(input, length, spans);
        size_t put = 0;
        for (size_t i = 0; i < count; i++) {
                memcpy(spans[i].bytes, bytes + put, spans[i].length);
                put += spans[i].length;
        }
        sc_input_commit(input, client, put);
        return put;
}

bool sc_input_put_break(struct sc_input *input)
{
        if (input->breaks == SC_INPUT_BREAKS_MAX)
                return false;
        input->breaks_at[input->breaks++] = input->ring.head;
        return true;
}

bool sc_input_break_is_next(const struct sc_input *input)
{
        return input->breaks > 0 && input->breaks_at[0] == input->taken;
}

size_t sc_input_peek(const struct sc_input *input, struct sc_span spans[static SC_RING_SPANS_MAX])
{
        uint64_t end = input->breaks > 0 ? input->breaks_at[0] : input->ring.head;
        return sc_ring_peek(&input->ring, input->taken, end - input->taken, spans);
}

static void forget_runs(struct sc_input *input)
{
        uint32_t over = 0;
        while (over < input->run_count && input->runs[over].end <= input->taken)
                over++;
        if (over == 0)
                return;
        input->run_count -= over;
        memmove(input->runs, input->runs + over, input->run_count * sizeof(input->runs[0]));
}

void sc_input_take(struct sc_input *input, uint64_t length)
{
        SC_ASSERT(length <= sc_input_waiting_bytes(input));
        SC_ASSERT(input->breaks == 0 || input->taken + length <= input->breaks_at[0]);

        input->taken += length;
        forget_runs(input);
}

void sc_input_take_break(struct sc_input *input)
{
        SC_ASSERT(sc_input_break_is_next(input));

        input->breaks--;
        memmove(input->breaks_at, input->breaks_at + 1, input->breaks * sizeof(input->breaks_at[0]));
}

uint64_t sc_input_drop(struct sc_input *input, uint64_t *client)
{
        input->breaks = 0;
        if (input->run_count == 0)
                return 0;
        uint64_t dropped = input->runs[0].end - input->taken;
        *client = input->runs[0].client;
        input->taken = input->runs[0].end;
        forget_runs(input);
        return dropped;
}

void sc_input_wipe(struct sc_input *input)
{
        struct sc_span spans[SC_RING_SPANS_MAX];
        uint64_t tail = input->ring.tail;
        size_t count = sc_ring_peek(&input->ring, tail, input->taken - tail, spans);
        for (size_t i = 0; i < count; i++)
                memset(spans[i].bytes, 0, spans[i].length);
}
