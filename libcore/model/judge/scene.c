#include "model/judge/scene.h"

void sc_scene_init(struct sc_scene *scene, const struct sc_record *config)
{
        scene->config = config->config;
        scene->began_ns = config->time_ns;
        scene->time_ns = config->time_ns;
        scene->wake_ns = config->time_ns;
        scene->wake = 1;
        memcpy(scene->instance, config->bytes, sc_min_u64(config->length, SC_INSTANCE_BYTES));
        scene->known = SC_KNOWN_ALL;
        scene->extent.capacity_bytes = config->config.capacity_bytes;
        scene->extent.keep_first_bytes = config->config.keep_first_bytes;
        scene->waiting.bytes_known = config->config.input == 1;
        scene->resolution_ns = SC_TIMES_RESOLUTION_NS;
        sc_seats_init(&scene->seats);
}

/* --- whom it is about --- */

struct sc_seat *sc_scene_seat(struct sc_scene *scene, const struct sc_record *record)
{
        uint64_t client = sc_record_client_of(record);
        const struct sc_seat *seat = client == 0 ? NULL : sc_seats_find(&scene->seats, client);
        return seat ? sc_seats_own(&scene->seats, seat) : NULL;
}

bool sc_scene_belongs_to_write(const struct sc_scene *scene, const struct sc_record *record)
{
        bool carried = record->type == SC_RECORD_SENT || record->type == SC_RECORD_GAP ||
                       record->type == SC_RECORD_TOLD;
        return carried && scene->write.client != 0 && scene->write.client == record->fields[0];
}

bool sc_seat_is_viewer(const struct sc_seat *seat)
{
        return sc_seat_is_on_view(seat) || seat->role == SC_ROLE_VIEWER ||
               (seat->native && seat->role != SC_ROLE_CLIENT);
}

bool sc_scene_may_type(const struct sc_scene *scene, const struct sc_seat *seat)
{
        if (sc_seat_is_viewer(seat))
                return false;
        return scene->config.writers != SC_WRITERS_ONE || scene->writer == seat->client;
}

/* --- boundaries --- */

uint64_t sc_scene_oldest_boundary(const struct sc_scene *scene)
{
        uint64_t kept = sc_min_u64(scene->boundary_newest - scene->boundary_forgotten, SC_BOUNDARIES_MAX);
        return scene->boundary_newest - kept + 1;
}

const struct sc_scene_boundary *sc_scene_boundary(const struct sc_scene *scene, uint64_t number)
{
        if (number < sc_scene_oldest_boundary(scene) || number > scene->boundary_newest)
                return NULL;
        return &scene->boundaries[number % SC_BOUNDARIES_MAX];
}

uint64_t sc_scene_next_boundary(const struct sc_scene *scene, const struct sc_seat *seat, uint64_t *offset)
{
        uint64_t next = sc_max_u64(seat->boundary_next, sc_scene_oldest_boundary(scene));
        const struct sc_scene_boundary *boundary = sc_scene_boundary(scene, next);
        *offset = boundary ? boundary->offset : UINT64_MAX;
        return next;
}

bool sc_scene_is_level(const struct sc_scene *scene, const struct sc_seat *seat)
{
        uint64_t due;
        if (seat->position < scene->extent.head)
                return false;
        if (!seat->native || !sc_scene_knows(scene, SC_KNOWN_BOUNDARIES))
                return true;
        sc_scene_next_boundary(scene, seat, &due);
        return due > seat->position;
}

/* --- pauses --- */

uint64_t sc_scene_pause_end_ns(const struct sc_scene *scene)
{
        return scene->held ? sc_add_sat_u64(scene->held_since_ns, scene->config.hold_ns) : UINT64_MAX;
}

bool sc_scene_pause_is_too_long(const struct sc_scene *scene, uint64_t now_ns)
{
        return scene->held && scene->held_awake_ns != 0 &&
               now_ns > sc_add_sat_u64(scene->held_awake_ns, SC_NS_PER_S);
}

uint64_t sc_scene_read_bytes(const struct sc_scene *scene)
{
        return sc_min_u64(SC_GUEST_READ_BYTES_MAX, scene->extent.capacity_bytes);
}

uint64_t sc_scene_chunk_bytes(const struct sc_scene *scene)
{
        return sc_min_u64(sc_scene_read_bytes(scene), scene->extent.capacity_bytes / 4);
}

bool sc_scene_took_lately(const struct sc_seat *seat, uint64_t now_ns)
{
        return sc_sub_sat_u64(now_ns, seat->took_ns) <= SC_HOLD_TAKING_NS;
}

bool sc_scene_may_be_awaited(const struct sc_seat *seat)
{
        return seat->started && !seat->vague && !seat->closing && !sc_seat_is_viewer(seat) &&
               !seat->hung_up && !seat->failed && !seat->given_up;
}

uint64_t sc_scene_room_bytes(const struct sc_scene *scene, const struct sc_seat *seat)
{
        const struct sc_extent *extent = &scene->extent;
        uint64_t from = sc_max_u64(seat->position, extent->tail);
        uint64_t lag = sc_sub_sat_u64(extent->head, from);
        return sc_sub_sat_u64(extent->capacity_bytes, lag);
}
