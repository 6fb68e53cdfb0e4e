#ifndef SC_ARRIVALS_H
#define SC_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

/* When retained output arrived, as far as a bounded table tells (BF-14). One entry for each wake-up that read some. */
#define SC_ARRIVALS_MAX 32768

struct sc_arrival {
        uint64_t offset; /* bytes from there on */
        uint64_t time_ns;
};

struct sc_arrivals {
        struct sc_arrival entries[SC_ARRIVALS_MAX];
        uint32_t start;
        uint32_t count;
        uint64_t end;   /* offsets below it are told */
        bool overflown; /* older entries had to go */
};

void sc_arrivals_clear(struct sc_arrivals *arrivals);
void sc_arrivals_add(struct sc_arrivals *arrivals, uint64_t offset, uint64_t length, uint64_t time_ns);
/* Forgets what is below `offset` and came more than `apart_ns` before the byte there. */
void sc_arrivals_forget_below(struct sc_arrivals *arrivals, uint64_t offset, uint64_t apart_ns);
/* False: not known. */
bool sc_arrivals_at(const struct sc_arrivals *arrivals, uint64_t offset, uint64_t *time_ns);
/* The first byte that is told and arrived then or later; `end` where there is none. */
void sc_arrivals_since(const struct sc_arrivals *arrivals, uint64_t time_ns, uint64_t *offset);
/* How long it took from the first that is told to the last. */
uint64_t sc_arrivals_span_ns(const struct sc_arrivals *arrivals);

#endif
