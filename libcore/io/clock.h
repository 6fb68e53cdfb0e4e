#ifndef SC_CLOCK_H
#define SC_CLOCK_H

#include <stdint.h>

/* Nanoseconds of the boot-time clock, which goes on while the machine sleeps and which nobody sets. */
uint64_t sc_clock_now_ns(void);

/* Wall clock less boot-time clock, now. */
int64_t sc_clock_wall_offset_ns(void);

#endif
