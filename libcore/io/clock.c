#include "io/clock.h"

#include "model/base/bounds.h"

#include <time.h>

static uint64_t read_ns(clockid_t clock)
{
        struct timespec now;
        clock_gettime(clock, &now);
        return (uint64_t)now.tv_sec * SC_NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t sc_clock_now_ns(void)
{
        return read_ns(CLOCK_BOOTTIME);
}

int64_t sc_clock_wall_offset_ns(void)
{
        return (int64_t)(read_ns(CLOCK_REALTIME) - read_ns(CLOCK_BOOTTIME));
}
