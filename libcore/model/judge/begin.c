#include "model/judge/begin.h"

static uint64_t newest_boot(const struct sc_scene *scene)
{
        uint64_t oldest = sc_scene_oldest_boundary(scene);
        for (uint64_t number = scene->boundary_newest; number >= oldest && number > 0; number--) {
                const struct sc_scene_boundary *boundary = sc_scene_boundary(scene, number);
                if (boundary->kind == SC_BOUNDARY_UP || boundary->kind == SC_BOUNDARY_RESET)
                        return boundary->offset;
        }
        return 0;
}

static uint64_t before_head(const struct sc_scene *scene, uint64_t bytes)
{
        return sc_sub_sat_u64(scene->extent.head, bytes);
}

bool sc_begin_of_policy(const struct sc_scene *scene, uint64_t *offset)
{
        switch (scene->config.history) {
        case SC_HISTORY_ALL:
                *offset = 0;
                return true;
        case SC_HISTORY_BOOT:
                *offset = newest_boot(scene);
                return true;
        case SC_HISTORY_UNREAD:
                *offset = scene->consumed;
                return true;
        case SC_HISTORY_NONE:
                *offset = scene->extent.head;
                return true;
        case SC_HISTORY_LAST:
                *offset = sc_min_u64(scene->consumed, before_head(scene, scene->config.history_bytes));
                return true;
        default:
                return false;
        }
}

static uint64_t of_boundary(const struct sc_scene *scene, uint64_t number)
{
        const struct sc_scene_boundary *boundary = sc_scene_boundary(scene, number);
        if (boundary)
                return boundary->offset;
        return number > scene->boundary_newest ? scene->extent.head : 0;
}

uint64_t sc_begin_of_hello(const struct sc_scene *scene, const struct sc_record_start *start)
{
        switch ((enum sc_start)start->start) {
        case SC_START_BEGINNING:
                return 0;
        case SC_START_UNREAD:
                return scene->consumed;
        case SC_START_OFFSET:
                return sc_min_u64(start->value, scene->extent.head);
        case SC_START_LAST:
                return before_head(scene, start->value);
        case SC_START_BOUNDARY:
                return of_boundary(scene, start->value);
        case SC_START_BOOT:
                return newest_boot(scene);
        case SC_START_END:
        case SC_START_SINCE:
                break;
        }
        return scene->extent.head;
}

/* The first byte that arrived then or later, retained or not; head where there is none. */
static uint64_t arrived_since(const struct sc_scene *scene, uint64_t time_ns)
{
        uint64_t offset = scene->first_arrivals.end;
        if (scene->first_arrivals.count > 0)
                sc_arrivals_since(&scene->first_arrivals, time_ns, &offset);
        if (scene->first_arrivals.count > 0 && offset < scene->first_arrivals.end)
                return offset;
        if (scene->ring_arrivals.count == 0)
                return scene->extent.head;
        sc_arrivals_since(&scene->ring_arrivals, time_ns, &offset);
        return sc_min_u64(offset, scene->extent.head);
}

/* A host tells several wake-ups' bytes apart no better than its resolution says, the oldest that are retained from those
 * before them neither. */
bool sc_begin_since(const struct sc_scene *scene, uint64_t time_ns, struct sc_stretch *offsets)
{
        uint64_t oldest_ns;
        if (scene->extent.murky_to != 0 || scene->ring_arrivals.overflown || scene->first_arrivals.overflown)
                return false;
        offsets->to = sc_extent_next(&scene->extent, arrived_since(scene, time_ns));
        if (sc_arrivals_at(&scene->ring_arrivals, scene->extent.tail, &oldest_ns))
                time_ns = sc_min_u64(time_ns, oldest_ns);
        offsets->from = arrived_since(scene, sc_sub_sat_u64(time_ns, scene->resolution_ns));
        return true;
}
