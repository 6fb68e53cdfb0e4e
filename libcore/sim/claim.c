#include "claim.h"

#include "model/base/panic.h"

#include <stdio.h>

struct verdict claim_verdict;
jmp_buf claim_end;

_Noreturn void claim_fail(const char *rule, const char *what, uint64_t client)
{
        claim_verdict = (struct verdict) { .failed = true, .rule = rule, .what = what, .client = client };
        longjmp(claim_end, 1);
}

_Noreturn void claim_fail_numbers(const char *rule, const char *what, uint64_t client, uint64_t found,
                                  uint64_t expected)
{
        claim_verdict = (struct verdict) {
                .failed = true,
                .rule = rule,
                .what = what,
                .client = client,
                .expected = expected,
                .found = found,
                .has_numbers = true,
        };
        longjmp(claim_end, 1);
}

_Noreturn void sc_panic(const char *file, int line, const char *expression)
{
        claim_verdict = (struct verdict) { .failed = true, .rule = "SC_ASSERT", .what = expression };
        snprintf(claim_verdict.place, sizeof(claim_verdict.place), "%s:%d", file, line);
        longjmp(claim_end, 1);
}
