#ifndef SC_SUCCESSION_H
#define SC_SUCCESSION_H

#include "model/judge/scene.h"

/* Who may be the writer (`--writers one`), or, `native`, the client whose terminal answers; and who follows (BF-11). */

/* Whether this client may be it. A native one that is over keeps what it has until it is closed. */
bool sc_succession_may(const struct sc_scene *scene, uint64_t client, bool native);
/* The oldest that may; 0: nobody. */
uint64_t sc_succession_oldest(const struct sc_scene *scene, bool native);
/* Whether the writer may change to `writer` with nobody asking for it: who has it keeps it, else the oldest gets it. */
bool sc_succession_goes_to(const struct sc_scene *scene, uint64_t writer);

#endif
