#ifndef SC_CLAIM_H
#define SC_CLAIM_H

#include <check.h>
#include <stdint.h>

/* ck_assert_* tell the runner their place each time, which is a write to a file: what loops a million times says it
 * with these, which tell of a failure alone. */
#define claim(expression)                                                                                    \
        do {                                                                                                 \
                if (!(expression))                                                                           \
                        ck_abort_msg("not so: %s", #expression);                                             \
        } while (0)

#define claim_uint(a, op, b)                                                                                 \
        do {                                                                                                 \
                uint64_t claim_a = (a);                                                                      \
                uint64_t claim_b = (b);                                                                      \
                if (!(claim_a op claim_b))                                                                   \
                        ck_abort_msg("not so: %s " #op " %s: %llu, %llu", #a, #b,                            \
                                     (unsigned long long)claim_a, (unsigned long long)claim_b);              \
        } while (0)

#endif
