#include "pace.h"

#include "model/base/span.h"

#include <stdlib.h>
#include <string.h>

#define SPEED_MIN 0.001
#define SPEED_MAX 1000.0
#define SPEED_TEXT_MAX 16

uint64_t sc_pace_next(struct sc_pace *pace, uint64_t time_ns)
{
        if (!pace->started)
                pace->last_ns = time_ns;
        pace->started = true;
        uint64_t pause_ns = sc_sub_sat_u64(time_ns, pace->last_ns);
        pace->last_ns = sc_max_u64(pace->last_ns, time_ns);
        if (pace->speed <= SC_PACE_MAX)
                return 0;

        double paused_ns = (double)pause_ns / pace->speed;
        if (paused_ns >= (double)pace->pause_max_ns)
                pause_ns = pace->pause_max_ns;
        else
                pause_ns = (uint64_t)paused_ns;
        if (__builtin_add_overflow(pace->played_ns, pause_ns, &pace->played_ns))
                pace->played_ns = UINT64_MAX;
        return pace->played_ns;
}

const char *sc_pace_parse_speed(const char *text, void *result)
{
        static const char expected[] = "expected a speed from 0.001 to 1000, such as 2 or 0.5, or max";
        size_t length = strlen(text);

        if (strcmp(text, "max") == 0) {
                *(double *)result = SC_PACE_MAX;
                return NULL;
        }
        const char *point = strchr(text, '.');
        if (length == 0 || length > SPEED_TEXT_MAX || strspn(text, "0123456789.") != length ||
            (point && (point == text || point[1] == '\0' || strchr(point + 1, '.'))))
                return expected;
        double speed = strtod(text, NULL); /* digits and at most one point among them */
        if (speed < SPEED_MIN || speed > SPEED_MAX)
                return expected;
        *(double *)result = speed;
        return NULL;
}
