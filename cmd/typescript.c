#include "typescript.h"

#include "model/base/bounds.h"
#include "time_format.h"

#include <inttypes.h>

void sc_typescript_start(struct sc_typescript *script, int64_t wall_ns, FILE *stream, FILE *timing)
{
        char time[SC_TIME_FORMAT_BYTES];

        *script = (struct sc_typescript) { .stream = stream, .timing = timing };
        fprintf(stream, "Script started on %s [serialcon replay]\n", sc_time_format_point(wall_ns, time));
}

void sc_typescript_put(struct sc_typescript *script, uint64_t time_ns, const uint8_t *bytes, size_t length)
{
        /* Of rounded times, so that the pauses' sum is right. */
        uint64_t pause_us = time_ns / 1000 - script->last_ns / 1000;

        script->last_ns = time_ns;
        fprintf(script->timing, "%" PRIu64 ".%06" PRIu64 " %zu\n", pause_us / 1000000, pause_us % 1000000,
                length);
        fwrite(bytes, 1, length, script->stream);
}
