#ifndef SC_TURN_H
#define SC_TURN_H

#include "model/base/span.h"

#include <stdbool.h>

/* Whose turn it is. A turn follows the events of one wake-up: input of each client, answers, one write to and one
 * read of the guest, one write for each client that is behind, and the closing of those that have ended. */
enum sc_phase {
        SC_PHASE_READ,
        SC_PHASE_ANSWER,
        SC_PHASE_GUEST_WRITE,
        SC_PHASE_GUEST_READ,
        SC_PHASE_WRITE,
        SC_PHASE_CLOSE,
        SC_PHASE_OVER,
};

/* One walk over the clients in each of the phases; who goes first moves on by one each turn. */
struct sc_turn {
        enum sc_phase phase;
        uint32_t visited; /* in this phase */
        uint32_t first;   /* the position that this turn's walks start at */
};

/* A new turn, of `count` clients. */
static inline void sc_turn_begin(struct sc_turn *turn, uint32_t count)
{
        turn->phase = SC_PHASE_READ;
        turn->visited = 0;
        turn->first = count > 0 ? (turn->first + 1) % count : 0;
}

/* The position of the next client to visit in this phase, or false: all have been. */
static inline bool sc_turn_visit(struct sc_turn *turn, uint32_t count, uint32_t *position)
{
        if (count == 0 || turn->visited >= count)
                return false;
        *position = (turn->first + turn->visited++) % count;
        return true;
}

static inline void sc_turn_next_phase(struct sc_turn *turn)
{
        turn->phase++;
        turn->visited = 0;
}

#endif
