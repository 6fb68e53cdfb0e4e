#ifndef SC_BOUNDS_H
#define SC_BOUNDS_H

#include <stdint.h>

/* Every limit of the model, named once. Whatever a peer can make grow has one. */

#define SC_NS_PER_MS UINT64_C(1000000)
#define SC_NS_PER_S UINT64_C(1000000000)

/* One turn of the loop. */
#define SC_GUEST_READ_BYTES_MAX (256 * 1024) /* one read of the guest side */
#define SC_CLIENT_READ_BYTES_MAX (16 * 1024) /* input of one client */
#define SC_SPANS_MAX 64                      /* one write to a client */
#define SC_RING_SPANS_MAX 2

/* Retained state. */
#define SC_BUFFER_BYTES_MIN 4096
#define SC_BUFFER_BYTES_MAX (UINT64_C(1) << 30)
#define SC_TIMES_ENTRIES_MAX 4096
#define SC_TIMES_RESOLUTION_NS (10 * SC_NS_PER_MS)
#define SC_BOUNDARIES_MAX 128
#define SC_INPUT_BYTES (64 * 1024)  /* input that the guest has not taken */
#define SC_INPUT_BREAKS_MAX 16      /* BREAKs among it */
#define SC_INPUT_OWNERS_MAX 64      /* runs of one client's bytes in it that are told apart */
#define SC_JOURNAL_ENTRIES_MAX 2048 /* more than one turn makes: each client may come, ask and go in it */

/* Peers. */
#define SC_CLIENTS_MAX 256 /* --max-clients, for each pair of listeners */
#define SC_CLIENTS_DEFAULT 64
#define SC_CONTROLS_MAX 16 /* connections of a .ctl before hello, or for one request */
#define SC_ACCEPTS_MAX 16  /* connections taken in one turn */
#define SC_SLOTS_MAX (2 * (SC_CLIENTS_MAX + SC_CONTROLS_MAX + SC_ACCEPTS_MAX))
#define SC_SILENCE_NS (10 * SC_NS_PER_S) /* a .ctl connection that says nothing */
#define SC_CLOSING_NS (2 * SC_NS_PER_S)  /* the last frame of a connection that ends in an error */

/* The wire (PROTOCOL.md). */
#define SC_FRAME_HEADER_BYTES 8
#define SC_LABEL_BYTES_MAX 64
#define SC_MARK_BYTES_MAX 128
#define SC_ERROR_BYTES_MAX 128
#define SC_FRAME_INPUT_BYTES_MAX 4096       /* input in one frame */
#define SC_FRAME_DATA_BYTES_MAX (16 * 1024) /* output in one frame */
#define SC_FRAME_PAYLOAD_MAX (64 * 1024)    /* any frame: the largest is a full status */

/* --hold (BF-5). */
#define SC_HOLD_TAKING_NS (100 * SC_NS_PER_MS) /* took a byte this recently: still reading */
#define SC_HOLD_RETRY_NS (10 * SC_NS_PER_MS)   /* how often a blocked client is offered bytes meanwhile */

#endif
