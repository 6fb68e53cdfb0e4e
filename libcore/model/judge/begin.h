#ifndef SC_BEGIN_H
#define SC_BEGIN_H

#include "model/judge/scene.h"

/* Where a client's stream is to begin (BF-7). */

/* A raw client's, by the policy; it is moved past what is gone. False: the policy is not known, or
 * what it goes by. */
bool sc_begin_of_policy(const struct sc_scene *scene, uint64_t *offset);

/* A native client's, be it with a gap; SC_START_SINCE apart. False: what it goes by is not known. */
bool sc_begin_of_hello(const struct sc_scene *scene, const struct sc_record_start *start, uint64_t *offset);

/* A native client's that wants what was said since a time: no earlier and no later than these two. False: the times of
 * what is retained are not all known. */
bool sc_begin_since(const struct sc_scene *scene, uint64_t time_ns, struct sc_stretch *offsets);

#endif
