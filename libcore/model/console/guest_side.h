#ifndef SC_GUEST_SIDE_H
#define SC_GUEST_SIDE_H

#include "model/console/boundary.h"
#include "model/wire/status.h"

/* The guest side: there or not (BF-12), whose input it takes (BF-10), and its pauses (--hold, BF-5).
 *
 *   AWAITED  none has come yet. up -> UP
 *   UP       down -> DOWN
 *   DOWN     up -> UP, unless it has ended (note ENDED)
 */
struct sc_guest_side {
        enum sc_guest_state state;
        enum sc_guest_note note;
        uint64_t since_ns;
        uint64_t number;      /* the last guest boundary's; 0: none yet */
        uint64_t came_number; /* the boundary at which the present or last guest came or was reset */
        uint64_t guests;      /* how many came, resets included */
        bool can_break;

        uint64_t hold_limit_ns; /* --hold; 0: never */
        bool held;
        uint64_t held_since_ns;
        uint64_t holds;
        uint64_t hold_ns;
};

void sc_guest_side_init(struct sc_guest_side *guest, uint64_t hold_limit_ns, uint64_t now_ns);

/* Each records its boundary at `head`. `ended`: it cannot come back. */
void sc_guest_side_up(struct sc_guest_side *guest, struct sc_boundaries *boundaries, uint64_t head,
                      uint64_t now_ns, bool can_break);
void sc_guest_side_down(struct sc_guest_side *guest, struct sc_boundaries *boundaries, uint64_t head,
                        uint64_t now_ns, bool ended);

/* Whether input whose sender last saw guest boundary `number` is meant for the present guest, or for the first
 * one while none has come. */
bool sc_guest_side_accepts(const struct sc_guest_side *guest, uint64_t number);

/* `wanted`: a read would overwrite what a client that still reads has not accepted. Begins, goes on with or ends
 * a pause accordingly and returns whether the guest is held now. `*ran_out` is set when the pause ended because
 * its time was over: those clients are not waited for again. */
bool sc_guest_side_hold(struct sc_guest_side *guest, bool wanted, uint64_t now_ns, bool *ran_out);

#endif
