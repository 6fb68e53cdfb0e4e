#include "model/console/guest_side.h"

void sc_guest_side_init(struct sc_guest_side *guest, uint64_t hold_limit_ns, uint64_t now_ns)
{
        *guest = (struct sc_guest_side) {
                .state = SC_GUEST_AWAITED,
                .since_ns = now_ns,
                .hold_limit_ns = hold_limit_ns,
        };
}

static void end_hold(struct sc_guest_side *guest, uint64_t now_ns)
{
        if (!guest->held)
                return;
        guest->held = false;
        guest->hold_ns += now_ns - guest->held_since_ns;
}

void sc_guest_side_up(struct sc_guest_side *guest, struct sc_boundaries *boundaries, uint64_t head,
                      uint64_t now_ns, bool can_break)
{
        SC_ASSERT(guest->state != SC_GUEST_UP && guest->note != SC_GUEST_NOTE_ENDED);

        guest->number = sc_boundaries_add(boundaries, SC_BOUNDARY_UP, head, now_ns, NULL, 0);
        guest->came_number = guest->number;
        guest->guests++;
        guest->state = SC_GUEST_UP;
        guest->note = SC_GUEST_NOTE_NONE;
        guest->since_ns = now_ns;
        guest->can_break = can_break;
}

void sc_guest_side_down(struct sc_guest_side *guest, struct sc_boundaries *boundaries, uint64_t head,
                        uint64_t now_ns, bool ended)
{
        SC_ASSERT(guest->state == SC_GUEST_UP);

        end_hold(guest, now_ns);
        enum sc_boundary_kind kind = ended ? SC_BOUNDARY_ENDED : SC_BOUNDARY_DOWN;
        guest->number = sc_boundaries_add(boundaries, kind, head, now_ns, NULL, 0);
        guest->state = SC_GUEST_DOWN;
        if (ended)
                guest->note = SC_GUEST_NOTE_ENDED;
        guest->since_ns = now_ns;
        guest->can_break = false;
}

bool sc_guest_side_accepts(const struct sc_guest_side *guest, uint64_t number)
{
        if (guest->state == SC_GUEST_DOWN)
                return false;
        return guest->guests <= 1 || number >= guest->came_number;
}

bool sc_guest_side_hold(struct sc_guest_side *guest, bool wanted, uint64_t now_ns, bool *ran_out)
{
        *ran_out = false;
        if (!wanted || guest->hold_limit_ns == 0) {
                end_hold(guest, now_ns);
                return false;
        }
        if (!guest->held) {
                guest->held = true;
                guest->held_since_ns = now_ns;
                guest->holds++;
        }
        if (now_ns - guest->held_since_ns < guest->hold_limit_ns)
                return true;
        *ran_out = true;
        end_hold(guest, now_ns);
        return false;
}
