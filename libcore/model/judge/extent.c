#include "model/judge/extent.h"

#include "model/base/span.h"

struct sc_stretch sc_extent_first(const struct sc_extent *extent)
{
        uint64_t to = sc_min_u64(extent->keep_first_bytes, extent->head);
        return (struct sc_stretch) { sc_min_u64(extent->cleared_to, to), to };
}

uint64_t sc_extent_retained_to(const struct sc_extent *extent, uint64_t offset)
{
        struct sc_stretch first = sc_extent_first(extent);
        if (offset >= extent->tail)
                return sc_max_u64(offset, extent->head);
        if (offset < first.from || first.to <= offset)
                return offset;
        return first.to < extent->tail ? first.to : extent->head;
}

uint64_t sc_extent_next(const struct sc_extent *extent, uint64_t offset)
{
        struct sc_stretch first = sc_extent_first(extent);
        if (offset >= extent->tail || (first.from <= offset && offset < first.to))
                return offset;
        return offset < first.from && first.from < first.to ? sc_min_u64(first.from, extent->tail)
                                                            : extent->tail;
}

static bool overlap(struct sc_stretch a, struct sc_stretch b)
{
        return sc_max_u64(a.from, b.from) < sc_min_u64(a.to, b.to);
}

bool sc_extent_is_gone(const struct sc_extent *extent, struct sc_stretch stretch)
{
        return stretch.to <= extent->tail && !overlap(stretch, sc_extent_first(extent));
}

bool sc_extent_has_cleared(const struct sc_extent *extent, struct sc_stretch stretch)
{
        return overlap(stretch, extent->cleared_first) || overlap(stretch, extent->cleared_ring);
}

/* Past the stretch `known`, if `from` lies in it. */
static uint64_t past(struct sc_stretch known, uint64_t from)
{
        return known.from <= from && from < known.to ? known.to : from;
}

bool sc_extent_is_cleared(const struct sc_extent *extent, struct sc_stretch stretch)
{
        uint64_t from = sc_max_u64(stretch.from, extent->older_to);
        from = past(extent->cleared_first, from);
        from = past(extent->cleared_ring, from);
        return from >= stretch.to;
}

uint64_t sc_extent_due_tail(const struct sc_extent *extent)
{
        uint64_t due = sc_sub_sat_u64(extent->head, extent->capacity_bytes);
        return sc_max_u64(extent->tail, due);
}

/* Of first, what the ring has not. */
static struct sc_stretch first_alone(const struct sc_extent *extent)
{
        struct sc_stretch first = sc_extent_first(extent);
        first.to = sc_max_u64(first.from, sc_min_u64(first.to, extent->tail));
        return first;
}

uint64_t sc_extent_retained_bytes(const struct sc_extent *extent)
{
        struct sc_stretch first = first_alone(extent);
        return sc_sub_sat_u64(extent->head, extent->tail) + (first.to - first.from);
}

void sc_extent_clear(struct sc_extent *extent)
{
        extent->older_to = extent->cleared_to;
        extent->cleared_first = first_alone(extent);
        extent->cleared_ring = (struct sc_stretch) { extent->tail, extent->head };
        extent->cleared_to = extent->head;
        extent->tail = extent->head;
}
