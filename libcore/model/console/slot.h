#ifndef SC_SLOT_H
#define SC_SLOT_H

#include "model/console/consumed.h"
#include "model/console/peer.h"

/* The sockets that a host listens on. */
enum sc_listener {
        SC_LISTENER_RAW,          /* SOCKET */
        SC_LISTENER_CONTROL,      /* SOCKET.ctl */
        SC_LISTENER_VIEW,         /* --view PATH */
        SC_LISTENER_VIEW_CONTROL, /* PATH.ctl */
        SC_LISTENER_COUNT,
};

/* Where one client is kept.
 *
 *   FREE   connected -> OPEN
 *   OPEN   its end, a kick, an error that was sent -> ENDED
 *   ENDED  waits to be closed in this turn -> FREE
 */
enum sc_slot_state { SC_SLOT_FREE, SC_SLOT_OPEN, SC_SLOT_ENDED };

struct sc_slot {
        enum sc_slot_state state;
        enum sc_listener listener;
        uint64_t id; /* counts the clients of the instance from 1 */
        uint32_t pid;
        uint32_t uid;
        uint64_t connected_ns;
        uint64_t heard_ns; /* a native one's last byte; in CLOSING, when that began */

        bool started;      /* a raw one's cursor has been placed */
        bool readable;     /* there may be input */
        bool blocked;      /* the kernel took less than it was offered, and has not said that there is room */
        bool hung_up;      /* the peer is gone; what it sent may still be there */
        bool reset;        /* it went with unread bytes */
        bool input_ended;  /* end of file */
        bool output_ended; /* a write failed */
        bool unparsed;     /* frames wait for room in the input queue */
        bool settled;      /* has been given its place among the writers */
        bool noted;        /* the journal has its coming */
        enum sc_error why; /* the host ended it; 0: it goes by itself */

        bool sample_wanted;
        bool stale_wanted; /* what lies in its socket is not for whom it would reach */
        enum sc_refusal stale_reason;
        uint64_t stale_bytes; /* a raw one's next bytes, to be dropped */

        struct sc_cursor cursor;
        struct sc_proof proof;
        struct sc_peer peer; /* a native one's */
};

static inline bool sc_slot_is_native(const struct sc_slot *slot)
{
        return slot->listener == SC_LISTENER_CONTROL || slot->listener == SC_LISTENER_VIEW_CONTROL;
}

static inline bool sc_slot_is_on_view(const struct sc_slot *slot)
{
        return slot->listener == SC_LISTENER_VIEW || slot->listener == SC_LISTENER_VIEW_CONTROL;
}

/* Reads only. */
static inline bool sc_slot_is_viewer(const struct sc_slot *slot)
{
        return sc_slot_is_on_view(slot) || (sc_slot_is_native(slot) && slot->peer.role != SC_ROLE_CLIENT);
}

/* When it last showed that it is there: said something, or took what it was told. */
static inline uint64_t sc_slot_heard_ns(const struct sc_slot *slot)
{
        return sc_max_u64(slot->heard_ns, slot->cursor.took_ns);
}

/* Nothing more comes from it, and nothing can be sent to it. */
static inline bool sc_slot_is_over(const struct sc_slot *slot)
{
        return slot->input_ended && (slot->hung_up || slot->output_ended || slot->reset);
}

/* Gets the stream. */
static inline bool sc_slot_is_attached(const struct sc_slot *slot)
{
        if (slot->state != SC_SLOT_OPEN)
                return false;
        return !sc_slot_is_native(slot) || slot->peer.state == SC_PEER_ATTACHED;
}

#endif
