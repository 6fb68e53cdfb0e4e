#ifndef SC_INPUT_H
#define SC_INPUT_H

#include "model/console/ring.h"

#include <stdbool.h>

/* Bytes from clients that the guest has not taken (BF-10): a bounded queue that never evicts. Who finds it full
 * is not read from. A BREAK keeps its place among the bytes. The memory is the caller's, SC_INPUT_BYTES. */
struct sc_input_run {
        uint64_t end;    /* the offset behind it */
        uint64_t client; /* whose it is; 0: of several */
};

struct sc_input {
        struct sc_ring ring;
        uint64_t taken;                          /* by the guest: the queue is [taken, ring.head) */
        uint64_t breaks_at[SC_INPUT_BREAKS_MAX]; /* offsets before which a BREAK is due, oldest first */
        uint32_t breaks;
        struct sc_input_run runs[SC_INPUT_OWNERS_MAX]; /* of the bytes that wait, oldest first */
        uint32_t run_count;
};

void sc_input_init(struct sc_input *input, uint8_t *memory);

uint64_t sc_input_room_bytes(const struct sc_input *input);
uint64_t sc_input_waiting_bytes(const struct sc_input *input);

/* Room for up to `length` bytes, to be filled before sc_input_commit. Returns the number of spans. */
size_t sc_input_reserve(const struct sc_input *input, uint64_t length,
                        struct sc_span spans[static SC_RING_SPANS_MAX]);
void sc_input_commit(struct sc_input *input, uint64_t client, uint64_t length);

/* As many of the bytes as there is room for. Returns how many. */
size_t sc_input_put(struct sc_input *input, uint64_t client, const uint8_t *bytes, size_t length);

/* False: too many wait. */
bool sc_input_put_break(struct sc_input *input);

/* What the guest is to get next: a BREAK, or the bytes up to the next one. */
bool sc_input_break_is_next(const struct sc_input *input);
size_t sc_input_peek(const struct sc_input *input, struct sc_span spans[static SC_RING_SPANS_MAX]);
void sc_input_take(struct sc_input *input, uint64_t length);
void sc_input_take_break(struct sc_input *input);

/* Forgets the oldest run of what waits, and the BREAKs: returns how many bytes that was, and whose. 0: none waits. */
uint64_t sc_input_drop(struct sc_input *input, uint64_t *client);

/* Zeroes what does not wait any more (BF-15). */
void sc_input_wipe(struct sc_input *input);

#endif
