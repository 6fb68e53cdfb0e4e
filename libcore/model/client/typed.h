#ifndef SC_TYPED_H
#define SC_TYPED_H

#include "model/base/span.h"

#include <stdbool.h>

/* What was typed and not yet sent: text, and BREAKs in their places among it. Bounded, so that the escape character is
 * still heard behind a paste that the guest does not take. */

#define SC_TYPED_BYTES (64 * 1024)
#define SC_TYPED_BREAKS_MAX 16

struct sc_typed_break {
        size_t behind; /* that many of the bytes that wait */
        size_t key;    /* so many of those that follow are worth nothing without it (SysRq) */
};

struct sc_typed {
        uint8_t bytes[SC_TYPED_BYTES];
        size_t start, end;                                 /* [start, end) waits */
        struct sc_typed_break breaks[SC_TYPED_BREAKS_MAX]; /* oldest first */
        size_t break_count;
};

/* How much there is room for. */
size_t sc_typed_room(const struct sc_typed *typed);
/* Takes as much as there is room for; returns how much. */
size_t sc_typed_put(struct sc_typed *typed, const uint8_t *bytes, size_t length);
/* A BREAK, and the key that goes with it; `key` may be empty. False: there is no room. */
bool sc_typed_put_break(struct sc_typed *typed, struct sc_span key);

/* The text before the next BREAK; empty when a BREAK is next, or nothing waits. */
struct sc_span sc_typed_text(struct sc_typed *typed);
bool sc_typed_break_is_next(const struct sc_typed *typed);
/* `length` bytes of the text were sent. */
void sc_typed_sent(struct sc_typed *typed, size_t length);
/* The BREAK that is next was carried, or else was not: its key is dropped with it. */
void sc_typed_broke(struct sc_typed *typed, bool carried);

bool sc_typed_is_empty(const struct sc_typed *typed);
/* Forgets all of it; returns how many bytes that were. */
size_t sc_typed_drop(struct sc_typed *typed);

#endif
