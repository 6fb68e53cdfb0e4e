#ifndef SC_CONSUMED_H
#define SC_CONSUMED_H

#include <stdbool.h>
#include <stdint.h>

/* BF-8: the offset below which a client is known to have read everything. It never falls, and moves on proof. */
struct sc_consumed {
        uint64_t offset;
};

/* A client that began at `begin` and has missed no retained byte since is known to have read up to `read_to`. */
void sc_consumed_raise(struct sc_consumed *consumed, uint64_t begin, uint64_t read_to);

/* What is known of one raw client. Its kernel queue seen empty says that it read all that it accepted, but only
 * if it is alive afterwards: the queue of a dead peer is empty too. */
struct sc_proof {
        uint64_t read_to;   /* proven */
        uint64_t candidate; /* proven once the client shows that it lives */
};

void sc_proof_start(struct sc_proof *proof, uint64_t offset);

/* The queue was seen empty when the client had accepted everything below `accepted`. */
void sc_proof_queue_empty(struct sc_proof *proof, uint64_t accepted);

/* After that the client accepted a byte, or poll saw it without a hang-up. */
void sc_proof_alive(struct sc_proof *proof);

/* The client has ended, having accepted everything below `accepted`. `all_read`: its queue was seen empty and
 * no ECONNRESET was met then, in this order. */
void sc_proof_ended(struct sc_proof *proof, uint64_t accepted, bool all_read);

#endif
