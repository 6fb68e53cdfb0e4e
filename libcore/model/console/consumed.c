#include "model/console/consumed.h"

#include "model/base/panic.h"
#include "model/base/span.h"

void sc_consumed_raise(struct sc_consumed *consumed, uint64_t begin, uint64_t read_to)
{
        if (begin <= consumed->offset)
                consumed->offset = sc_max_u64(consumed->offset, read_to);
}

void sc_proof_start(struct sc_proof *proof, uint64_t offset)
{
        *proof = (struct sc_proof) { .read_to = offset, .candidate = offset };
}

void sc_proof_queue_empty(struct sc_proof *proof, uint64_t accepted)
{
        SC_ASSERT(proof->candidate <= accepted);

        proof->candidate = accepted;
}

void sc_proof_alive(struct sc_proof *proof)
{
        proof->read_to = proof->candidate;
}

void sc_proof_ended(struct sc_proof *proof, uint64_t accepted, bool all_read)
{
        if (all_read)
                proof->read_to = proof->candidate = accepted;
        else
                proof->candidate = proof->read_to;
}
