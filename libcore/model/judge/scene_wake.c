#include "model/judge/scene.h"

/* What a wake-up has to leave done, and what the scene makes of what it has not. */

bool sc_scene_is_unserved(const struct sc_scene *scene, const struct sc_seat *seat)
{
        return seat->accepted_wake != scene->wake && sc_scene_knows(scene, SC_KNOWN_HEAD) &&
               !sc_scene_is_level(scene, seat);
}

bool sc_scene_owes_consumed(const struct sc_scene *scene)
{
        return scene->consumed_due.client != 0 && scene->consumed < scene->consumed_due.offset &&
               sc_scene_knows(scene, SC_KNOWN_CONSUMED);
}

uint64_t sc_scene_stale_input_bytes(const struct sc_scene *scene)
{
        bool known = sc_scene_knows(scene, SC_KNOWN_GUEST | SC_KNOWN_INPUT);
        return known && scene->guest_gone ? sc_waiting_bytes(&scene->waiting) : 0;
}

bool sc_scene_is_held_for_nobody(const struct sc_scene *scene)
{
        uint16_t index = 0;
        const struct sc_seat *seat;
        if (!scene->held || scene->config.hold_ns == 0 ||
            !sc_scene_knows(scene, SC_KNOWN_HOLD | SC_KNOWN_HEAD | SC_KNOWN_TAIL | SC_KNOWN_CLIENTS))
                return false;
        while ((seat = sc_seats_next(&scene->seats, &index)))
                if (sc_scene_may_be_awaited(seat) &&
                    sc_scene_room_bytes(scene, seat) < sc_scene_read_bytes(scene))
                        return false;
        return true;
}

void sc_scene_drop_stale_input(struct sc_scene *scene)
{
        uint64_t stale = sc_scene_stale_input_bytes(scene);
        sc_waiting_give(&scene->waiting, stale);
        scene->sums.dropped[SC_REFUSED_NO_GUEST] += stale;
}

/* Who has all waits for more, and who is not served for something to happen. */
static void sort_behind(struct sc_scene *scene)
{
        const struct sc_seat *found = sc_seats_first(&scene->seats, SC_SEATS_BEHIND);
        while (found) {
                struct sc_seat *seat = sc_seats_own(&scene->seats, found);
                found = sc_seats_following(&scene->seats, seat, SC_SEATS_BEHIND);
                if (sc_scene_is_level(scene, seat)) {
                        sc_seats_put(&scene->seats, seat, SC_SEATS_LEVEL);
                } else if (sc_scene_is_unserved(scene, seat)) {
                        seat->unserved = true;
                        sc_seats_take_out(&scene->seats, seat, SC_LINK_TURN);
                }
        }
}

void sc_scene_end_wake(struct sc_scene *scene)
{
        const struct sc_seat *found;
        sort_behind(scene);
        while ((found = sc_seats_first(&scene->seats, SC_SEATS_OWED))) {
                struct sc_seat *seat = sc_seats_own(&scene->seats, found);
                sc_seats_take_out(&scene->seats, seat, SC_LINK_OWED);
                seat->kick_owed = false;
        }
        if (sc_scene_owes_consumed(scene))
                scene->consumed = scene->consumed_due.offset;
        sc_scene_drop_stale_input(scene);
        scene->held_for_nobody = sc_scene_is_held_for_nobody(scene) ? scene->held_for_nobody + 1 : 0;
        scene->consumed_due.client = 0;
        scene->take_due.client = 0;
        scene->writers_due.client = 0;
}
