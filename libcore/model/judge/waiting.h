#ifndef SC_WAITING_H
#define SC_WAITING_H

#include "model/base/bounds.h"

#include <stdbool.h>
#include <stddef.h>

/* Input that was taken and that the guest has not got: how much, the bytes where the trace has them, and where a BREAK
 * stands among them (BF-10). */
struct sc_waiting {
        uint64_t taken; /* from clients; offsets of input count these */
        uint64_t given; /* to the guest, or dropped */
        bool bytes_known;
        uint64_t breaks[SC_INPUT_BREAKS_MAX]; /* offsets before which one is due */
        uint32_t break_count;
        uint64_t breaks_murky_to; /* below it one may be due that is not known: records are missing */
        uint8_t bytes[SC_INPUT_BYTES];
};

static inline uint64_t sc_waiting_bytes(const struct sc_waiting *waiting)
{
        return waiting->taken - waiting->given;
}

/* `bytes` NULL: not in the trace. More than fits pushes out the oldest; of more than can
 * wait at all the last are put. */
void sc_waiting_put(struct sc_waiting *waiting, const uint8_t *bytes, uint64_t length);
/* How many of the bytes are those that wait next. */
size_t sc_waiting_match(const struct sc_waiting *waiting, const uint8_t *bytes, size_t length);
void sc_waiting_give(struct sc_waiting *waiting, uint64_t length);
bool sc_waiting_put_break(struct sc_waiting *waiting);
/* Where BREAKs are due among what waits is not known. */
void sc_waiting_forget_breaks(struct sc_waiting *waiting);
/* One that is due now may be none of those that are known. */
static inline bool sc_waiting_has_unknown_break(const struct sc_waiting *waiting)
{
        return waiting->given < waiting->breaks_murky_to &&
               (waiting->break_count == 0 || waiting->breaks[0] != waiting->given);
}
/* The offset of the next BREAK, or UINT64_MAX. */
uint64_t sc_waiting_next_break(const struct sc_waiting *waiting);
void sc_waiting_take_break(struct sc_waiting *waiting);

#endif
