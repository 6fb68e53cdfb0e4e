#include "model/judge/succession.h"

static bool may(const struct sc_seat *seat, bool native)
{
        return !seat->vague && sc_seat_is_attached(seat) && !sc_seat_is_viewer(seat) &&
               (seat->native || (!native && !sc_seat_is_over(seat)));
}

static const struct sc_seat *seat_of(const struct sc_scene *scene, uint64_t client)
{
        return client == 0 ? NULL : sc_seats_find(&scene->seats, client);
}

bool sc_succession_may(const struct sc_scene *scene, uint64_t client, bool native)
{
        const struct sc_seat *seat = seat_of(scene, client);
        return seat && may(seat, native);
}

uint64_t sc_succession_oldest(const struct sc_scene *scene, bool native)
{
        uint16_t index = 0;
        uint64_t oldest = 0;
        const struct sc_seat *seat;
        while ((seat = sc_seats_next(&scene->seats, &index)))
                if (may(seat, native) && !sc_seat_is_over(seat) && (oldest == 0 || seat->client < oldest))
                        oldest = seat->client;
        return oldest;
}

bool sc_succession_goes_to(const struct sc_scene *scene, uint64_t writer)
{
        const struct sc_seat *before = seat_of(scene, scene->writer);
        const struct sc_seat *after = seat_of(scene, writer);
        uint64_t oldest = sc_succession_oldest(scene, false);
        if (writer == scene->writer && writer == 0)
                return oldest == 0;
        if (after && before == after && may(after, false))
                return true;
        if (before && may(before, false) && !sc_seat_is_over(before))
                return false;
        return writer == oldest || (after && may(after, false) && (oldest == 0 || writer < oldest));
}
