#ifndef SC_RANDOM_H
#define SC_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64: the same walk on every machine. */
struct random {
        uint64_t state;
};

static inline struct random random_of(uint64_t seed)
{
        return (struct random) { .state = seed };
}

static inline uint64_t random_mix(uint64_t value)
{
        value += UINT64_C(0x9e3779b97f4a7c15);
        value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
        return value ^ (value >> 31);
}

static inline uint64_t random_next(struct random *random)
{
        random->state += UINT64_C(0x9e3779b97f4a7c15);
        return random_mix(random->state);
}

static inline uint64_t random_below(struct random *random, uint64_t bound)
{
        return random_next(random) % bound;
}

/* `percent` times in a hundred. */
static inline bool random_chance(struct random *random, unsigned percent)
{
        return random_below(random, 100) < percent;
}

/* From `low` to `high`, small ones as likely as large ones. */
static inline uint64_t random_size(struct random *random, uint64_t low, uint64_t high)
{
        unsigned bits = 0;
        while (bits < 63 && (high - low) >> bits > 0)
                bits++;
        uint64_t mask = (UINT64_C(1) << random_below(random, bits + 1)) - 1;
        uint64_t value = random_next(random) & mask;
        return low + (value > high - low ? high - low : value);
}

#endif
