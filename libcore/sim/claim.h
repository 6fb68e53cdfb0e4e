#ifndef SIM_CLAIM_H
#define SIM_CLAIM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a run showed to be wrong: the first thing that was, for it ends there. */
struct verdict {
        bool failed;
        const char
                *rule; /* BF-n, or what else it breaks; a constant, as `what` is: the two name the failure */
        const char *what;
        uint64_t client; /* 0: nobody */
        uint64_t expected;
        uint64_t found;
        bool has_numbers;
        char place[80]; /* where in the code, of a panic */
};

/* The run that is under way: where it ends when a claim fails. */
extern struct verdict claim_verdict;
extern jmp_buf claim_end;

_Noreturn void claim_fail(const char *rule, const char *what, uint64_t client);
_Noreturn void claim_fail_numbers(const char *rule, const char *what, uint64_t client, uint64_t found,
                                  uint64_t expected);

static inline void claim(const char *rule, uint64_t client, bool holds, const char *what)
{
        if (!holds)
                claim_fail(rule, what, client);
}

static inline void claim_equal(const char *rule, uint64_t client, uint64_t found, uint64_t expected,
                               const char *what)
{
        if (found != expected)
                claim_fail_numbers(rule, what, client, found, expected);
}

static inline void claim_at_most(const char *rule, uint64_t client, uint64_t found, uint64_t limit,
                                 const char *what)
{
        if (found > limit)
                claim_fail_numbers(rule, what, client, found, limit);
}

#endif
