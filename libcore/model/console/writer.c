#include "model/console/writer.h"

/* `current` if it is still there, else the oldest, else 0. */
static uint64_t keep_or_oldest(uint64_t current, const struct sc_writer_candidate candidates[], size_t count,
                               bool native_only)
{
        uint64_t oldest = 0;
        for (size_t i = 0; i < count; i++) {
                if (native_only && !candidates[i].native)
                        continue;
                if (candidates[i].client == current)
                        return current;
                if (oldest == 0 || candidates[i].client < oldest)
                        oldest = candidates[i].client;
        }
        return oldest;
}

void sc_writers_settle(struct sc_writers *writers, const struct sc_writer_candidate candidates[],
                       size_t count)
{
        if (writers->policy == SC_WRITERS_ONE)
                writers->writer = keep_or_oldest(writers->writer, candidates, count, false);
        writers->answerer = keep_or_oldest(writers->answerer, candidates, count, true);
}

void sc_writers_take(struct sc_writers *writers, uint64_t client)
{
        if (writers->policy == SC_WRITERS_ONE)
                writers->writer = client;
}

void sc_writers_typed(struct sc_writers *writers, uint64_t client)
{
        writers->answerer = client;
}

bool sc_writers_may_type(const struct sc_writers *writers, uint64_t client)
{
        return writers->policy == SC_WRITERS_ALL || writers->writer == client;
}
