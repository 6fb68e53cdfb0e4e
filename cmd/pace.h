#ifndef SC_PACE_H
#define SC_PACE_H

#include "value.h"

/* When something of a recording is played: its pauses, made shorter or longer. It begins at once, whenever the recording
 * did. */
struct sc_pace {
        double speed; /* SC_PACE_MAX: without any pause */
        uint64_t pause_max_ns;

        /* private */
        bool started;
        uint64_t last_ns;
        uint64_t played_ns;
};

#define SC_PACE_MAX 0.0

/* How long after the beginning that is played which was recorded at `time_ns`. It never falls. */
uint64_t sc_pace_next(struct sc_pace *pace, uint64_t time_ns);

/* A speed: 1, 2, 0.5 ... or max. The result is a double. */
sc_value_parse sc_pace_parse_speed;

#endif
