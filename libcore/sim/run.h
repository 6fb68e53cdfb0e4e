#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "claim.h"
#include "script.h"
#include "witness.h"

/* What a script came to. */
struct outcome {
        struct verdict verdict;
        size_t steps; /* that were carried out */
        uint64_t virtual_ns;
        uint64_t turns;
        struct witness_trace host, observer; /* where they were wished for: the caller's to free */
};

void run_script(const struct script *script, const struct witness_wishes *wishes, struct outcome *outcome);

/* Takes out what is not needed for the script to fail in the same way. */
void run_shrinks(struct script *script, const struct witness_wishes *wishes, const struct verdict *verdict);

#endif
