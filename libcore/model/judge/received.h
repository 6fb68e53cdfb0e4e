#ifndef SC_RECEIVED_H
#define SC_RECEIVED_H

#include "model/judge/rules.h"

/* Of an observer's or a client's trace: which of the output a client has received, found by its bytes. */

/* What it has received is all for now: it is placed, and compared, by what there is. */
void sc_received_settle(struct sc_judge *judge, struct sc_seat *seat);
/* The record of a client that is there. */
void sc_received_take(struct sc_judge *judge, struct sc_seat *seat, const struct sc_record *record);

/* --- where a client begins: received_place.c --- */

/* The lowest and the highest that tail can be when head is `head`: one, where the capacity is known. */
uint64_t sc_received_tail(const struct sc_scene *scene, uint64_t head);
uint64_t sc_received_tail_max(const struct sc_scene *scene, uint64_t head);
/* Where its first byte may come from. */
struct sc_stretch sc_received_places(const struct sc_judge *judge, const struct sc_seat *seat);
/* From there on it may be owed bytes before its first one, which cannot be known: where its first one may be is judged. */
uint64_t sc_received_owed_from(const struct sc_judge *judge, const struct sc_seat *seat);
/* Its place is known, and all that was said. */
bool sc_received_is_sure(const struct sc_judge *judge, const struct sc_seat *seat);
/* Finds the place of its first bytes, which are pending still. False: there is none. */
bool sc_received_place(struct sc_judge *judge, struct sc_seat *seat);

#endif
