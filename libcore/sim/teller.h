#ifndef SIM_TELLER_H
#define SIM_TELLER_H

#include "script.h"

#include "model/console/slot.h"
#include "tests/random.h"

/* Who makes a script of a seed. Each number is drawn in a statement of its own: the order in which a compiler evaluates
 * initializers and arguments is its own affair, and a seed is to mean the same everywhere. */
struct teller {
        struct random random;
        struct script *script;
        unsigned weights[STEP_KIND_COUNT];
        uint64_t capacity, keep_first;
        uint64_t
                stop_us_max; /* a host that holds its guest and is stopped for longer breaks its word (BF-5.4) */
        bool view;
        bool mixed;  /* things happen within a turn */
        bool gentle; /* nobody does what an observer could not follow */
        bool drips;  /* the guest says more, a byte at a time, than there are times for */
};

static inline uint64_t below(struct teller *teller, uint64_t bound)
{
        return random_below(&teller->random, bound);
}

static inline uint64_t size(struct teller *teller, uint64_t low, uint64_t high)
{
        return random_size(&teller->random, low, high);
}

static inline bool chance(struct teller *teller, unsigned percent)
{
        return random_chance(&teller->random, percent);
}

static inline void add(struct teller *teller, struct step step)
{
        script_add(teller->script, &step);
}

static inline uint64_t some_place(struct teller *teller)
{
        return below(teller, SCRIPT_PLACES);
}

static inline void add_wait(struct teller *teller, uint64_t most_us)
{
        uint64_t us = most_us == 0 ? 0 : size(teller, 0, most_us);
        add(teller, (struct step) { .kind = STEP_WAIT, .wait.us = us });
}

static inline void add_die(struct teller *teller, uint64_t client, uint64_t after)
{
        struct step step = { .kind = STEP_DIE };
        step.client.client = client;
        step.client.after = after;
        add(teller, step);
}

/* One scene: what seldom comes about by chance. */
void scenes_tell(struct teller *teller);
/* More bytes, one at a time, than there are times for. */
void scenes_drip(struct teller *teller);

#endif
