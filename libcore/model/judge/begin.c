#include "model/judge/begin.h"

/* It may be one whose record is missing. */
static bool newest_boot(const struct sc_scene *scene, uint64_t *offset)
{
        uint64_t oldest = sc_scene_oldest_boundary(scene);
        for (uint64_t number = scene->boundary_newest; number >= oldest && number > 0; number--) {
                const struct sc_scene_boundary *boundary = sc_scene_boundary(scene, number);
                if (boundary->kind == SC_BOUNDARY_UP || boundary->kind == SC_BOUNDARY_RESET) {
                        *offset = boundary->offset;
                        return true;
                }
        }
        *offset = 0;
        return scene->boundary_murky == 0;
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
                return newest_boot(scene, offset);
        case SC_HISTORY_UNREAD:
                *offset = scene->consumed;
                return sc_scene_knows(scene, SC_KNOWN_CONSUMED);
        case SC_HISTORY_NONE:
                *offset = scene->extent.head;
                return sc_scene_knows(scene, SC_KNOWN_HEAD);
        case SC_HISTORY_LAST:
                *offset = sc_min_u64(scene->consumed, before_head(scene, scene->config.history_bytes));
                return sc_scene_knows(scene, SC_KNOWN_CONSUMED | SC_KNOWN_HEAD);
        default:
                return false;
        }
}

static bool of_boundary(const struct sc_scene *scene, uint64_t number, uint64_t *offset)
{
        const struct sc_scene_boundary *boundary = sc_scene_boundary(scene, number);
        if (boundary) {
                *offset = boundary->offset;
                return true;
        }
        *offset = number > scene->boundary_newest ? scene->extent.head : 0;
        return number > scene->boundary_murky || scene->boundary_murky == 0;
}

bool sc_begin_of_hello(const struct sc_scene *scene, const struct sc_record_start *start, uint64_t *offset)
{
        bool knows_head = sc_scene_knows(scene, SC_KNOWN_HEAD);
        switch ((enum sc_start)start->start) {
        case SC_START_BEGINNING:
                *offset = 0;
                return true;
        case SC_START_UNREAD:
                *offset = scene->consumed;
                return sc_scene_knows(scene, SC_KNOWN_CONSUMED);
        case SC_START_OFFSET:
                *offset = sc_min_u64(start->value, scene->extent.head);
                return knows_head;
        case SC_START_LAST:
                *offset = before_head(scene, start->value);
                return knows_head;
        case SC_START_BOUNDARY:
                return of_boundary(scene, start->value, offset) && knows_head;
        case SC_START_BOOT:
                return newest_boot(scene, offset);
        case SC_START_END:
        case SC_START_SINCE:
                break;
        }
        *offset = scene->extent.head;
        return knows_head;
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
