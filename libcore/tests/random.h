#ifndef SC_RANDOM_H
#define SC_RANDOM_H

#include <stdint.h>

/* xorshift64*: the same walk on every machine. */
struct random {
        uint64_t state; /* not 0 */
};

static inline struct random random_of(unsigned seed)
{
        return (struct random) { .state = UINT64_C(88172645463325252) + seed * UINT64_C(977) };
}

static inline uint64_t random_below(struct random *random, uint64_t bound)
{
        random->state ^= random->state >> 12;
        random->state ^= random->state << 25;
        random->state ^= random->state >> 27;
        return (random->state * UINT64_C(0x2545f4914f6cdd1d)) % bound;
}

#endif
