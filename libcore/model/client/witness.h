#ifndef SC_WITNESS_H
#define SC_WITNESS_H

#include "model/wire/record.h"

/* What a client saw, as the records of its trace (TRACE.md), told by the bytes that its connections carried and by nothing
 * that the client makes of them. Bytes and events go in; each is followed by sc_witness_next until there is no record.
 * Zeroed, with `wall_offset_ns` and `input`, it has seen nothing. */

#define SC_WITNESS_SENT_BYTES (SC_FRAME_HEADER_BYTES + SC_INPUT_FIELDS_BYTES + SC_FRAME_INPUT_BYTES_MAX)

struct sc_witness {
        int64_t wall_offset_ns;
        bool input;          /* the bytes of input are told, too */
        const char *program; /* the config names it; NULL: nothing */

        uint64_t now_ns;
        uint64_t client; /* counts the connections of which something was told, from 1 */
        bool connected;
        bool native;
        bool broken;       /* what came or went is not the protocol: nothing more is told of it */
        uint64_t begun_ns; /* the connection */
        bool owes_config;  /* records that are told before what came */
        bool owes_connect;
        bool owes_start;
        bool owes_end;
        bool owes_stop;
        bool told_config;
        bool told_connect;
        enum sc_error why; /* the host's word */
        uint64_t read;     /* up to where output was received, or told to be a gap */
        uint64_t gap_bytes, cleared_bytes;

        struct sc_hello hello;     /* the last that was sent */
        struct sc_welcome welcome; /* what answered it */
        uint8_t text[SC_INSTANCE_BYTES + SC_RECORD_PROGRAM_MAX];

        struct sc_span came, went; /* the caller's, not yet looked at */
        size_t heard_length, said_length;
        uint8_t heard[SC_FRAME_HEADER_BYTES + SC_FRAME_PAYLOAD_MAX]; /* the frame that is not whole */
        uint8_t said[SC_WITNESS_SENT_BYTES];
        size_t heard_used, said_used; /* of them, told */
};

/* A connection is there; to a peer that speaks no protocol, or not. */
void sc_witness_connected(struct sc_witness *witness, bool native, uint64_t now_ns);
/* Bytes that the kernel had for the client, and took from it. They hold until no record follows. */
void sc_witness_heard(struct sc_witness *witness, struct sc_span bytes, uint64_t now_ns);
void sc_witness_said(struct sc_witness *witness, struct sc_span bytes, uint64_t now_ns);
/* The connection is closed: `by_peer`, or by the client. */
void sc_witness_closed(struct sc_witness *witness, bool by_peer, uint64_t now_ns);
/* Nothing more happens. */
void sc_witness_ended(struct sc_witness *witness, uint64_t now_ns);

/* The next record; what it points to holds until the next call. False: there is none. */
bool sc_witness_next(struct sc_witness *witness, struct sc_record *record);

#endif
