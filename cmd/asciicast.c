#include "asciicast.h"

#include "json.h"
#include "model/base/bounds.h"

#include <inttypes.h>
#include <string.h>

void sc_asciicast_start(struct sc_asciicast *cast, unsigned width, unsigned height, int64_t wall_ns,
                        FILE *stream)
{
        *cast = (struct sc_asciicast) { .stream = stream };
        fprintf(stream, "{\"version\": 2, \"width\": %u, \"height\": %u", width, height);
        if (wall_ns > 0)
                fprintf(stream, ", \"timestamp\": %" PRId64, wall_ns / (int64_t)SC_NS_PER_S);
        fputs("}\n", stream);
}

static void begin_event(struct sc_asciicast *cast, char type)
{
        fprintf(cast->stream, "[%" PRIu64 ".%06" PRIu64 ", \"%c\", \"", cast->last_ns / SC_NS_PER_S,
                cast->last_ns % SC_NS_PER_S / 1000, type);
}

static void end_event(struct sc_asciicast *cast)
{
        fputs("\"]\n", cast->stream);
}

/* Fills up what was cut: returns how many of the bytes it took. */
static size_t join(struct sc_asciicast *cast, const uint8_t *bytes, size_t length)
{
        size_t taken = 0;

        while (cast->cut_length > 0 && taken < length) {
                cast->cut[cast->cut_length++] = bytes[taken++];
                size_t put = sc_json_characters(cast->cut, cast->cut_length, cast->stream);
                cast->cut_length -= put;
                memmove(cast->cut, cast->cut + put, cast->cut_length);
        }
        return taken;
}

void sc_asciicast_put(struct sc_asciicast *cast, uint64_t time_ns, const uint8_t *bytes, size_t length)
{
        cast->last_ns = time_ns;
        begin_event(cast, 'o');
        size_t at = join(cast, bytes, length);
        at += sc_json_characters(bytes + at, length - at, cast->stream);
        if (at < length) { /* join has left nothing then */
                cast->cut_length = length - at;
                memcpy(cast->cut, bytes + at, cast->cut_length);
        }
        end_event(cast);
}

void sc_asciicast_mark(struct sc_asciicast *cast, uint64_t time_ns, const char *text, size_t length)
{
        cast->last_ns = time_ns;
        begin_event(cast, 'm');
        sc_json_characters((const uint8_t *)text, length, cast->stream);
        end_event(cast);
}

void sc_asciicast_part(struct sc_asciicast *cast)
{
        if (cast->cut_length == 0)
                return;
        begin_event(cast, 'o');
        for (size_t i = 0; i < cast->cut_length; i++)
                fputs("\\ufffd", cast->stream);
        cast->cut_length = 0;
        end_event(cast);
}
