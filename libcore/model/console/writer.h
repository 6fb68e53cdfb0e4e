#ifndef SC_WRITER_H
#define SC_WRITER_H

#include "model/wire/status.h"

/* Who may type, and whose terminal answers the guest's queries (BF-11). Clients are named by their numbers, which
 * rise with the time of connecting, so the oldest has the smallest. */
struct sc_writers {
        enum sc_writers_policy policy;
        uint64_t writer;   /* with SC_WRITERS_ONE; 0: nobody */
        uint64_t answerer; /* a native client; 0: nobody */
};

/* An attached client that is no viewer. */
struct sc_writer_candidate {
        uint64_t client;
        bool native;
};

/* After a client came or went: who has left loses its roles, and the oldest gets what is free. */
void sc_writers_settle(struct sc_writers *writers, const struct sc_writer_candidate candidates[],
                       size_t count);

/* `client`, which is a candidate, asks to be the writer. */
void sc_writers_take(struct sc_writers *writers, uint64_t client);

/* Native `client`, which may type, typed. */
void sc_writers_typed(struct sc_writers *writers, uint64_t client);

/* For a client that is no viewer. */
bool sc_writers_may_type(const struct sc_writers *writers, uint64_t client);

#endif
