#ifndef SC_STATUS_H
#define SC_STATUS_H

#include "model/wire/frame.h"

#include <assert.h>

/* A snapshot of a host, and its one frame (PROTOCOL.md, status). Counters count from the start of the instance. */

enum sc_history_policy {
        SC_HISTORY_ALL = 0,
        SC_HISTORY_BOOT = 1,
        SC_HISTORY_UNREAD = 2,
        SC_HISTORY_NONE = 3,
        SC_HISTORY_LAST = 4, /* a SIZE */
        SC_HISTORY_COUNT = 5,
};

enum sc_writers_policy { SC_WRITERS_ALL = 0, SC_WRITERS_ONE = 1, SC_WRITERS_COUNT = 2 };

/* Where the host's log is (--log). */
enum sc_log_kind { SC_LOG_NONE = 0, SC_LOG_FILE = 1, SC_LOG_OUTPUT = 2, SC_LOG_KIND_COUNT = 3 };

#define SC_STATUS_BASE_BYTES 320
#define SC_STATUS_BOUNDARY_BYTES 25
#define SC_STATUS_CLIENT_BYTES 56 /* and the label */
#define SC_STATUS_CLIENTS_MAX (2 * SC_CLIENTS_MAX)

static_assert(SC_STATUS_BASE_BYTES + SC_BOUNDARIES_MAX * SC_STATUS_BOUNDARY_BYTES +
                              SC_STATUS_CLIENTS_MAX * (SC_STATUS_CLIENT_BYTES + SC_LABEL_BYTES_MAX) <=
                      SC_FRAME_PAYLOAD_MAX,
              "the largest status fits one frame");

struct sc_status_counters {
        uint64_t input_bytes;                     /* taken from clients for the guest */
        uint64_t input_written_bytes;             /* taken by the guest */
        uint64_t input_dropped[SC_REFUSAL_COUNT]; /* bytes, by reason */
        uint64_t breaks;                          /* sent to the guest */
        uint64_t connections;                     /* accepted, of any kind */
        uint64_t over_limit;                      /* of them closed because a limit was reached */
        uint64_t malformed;                       /* native connections closed for what they sent */
        uint64_t silent;                          /* native connections closed because they sent nothing */
        uint64_t kicked;
        uint64_t holds;          /* pauses of the guest side (--hold) */
        uint64_t hold_ns;        /* their time */
        uint64_t guest_refused;  /* second connections to a listen: guest side */
        uint64_t log_lost_bytes; /* missing in the log */
        uint64_t log_lost_lines; /* missing in a log on standard output */
        uint64_t events_lost;    /* missing in the event log */
        uint64_t trace_lost;     /* records missing in the trace */
};

/* Everything but the clients. */
struct sc_status {
        uint8_t guest_state;
        uint8_t guest_note;
        uint8_t history;
        uint8_t writers;
        bool for_viewer; /* no client is listed */
        uint8_t log;
        bool traced; /* what happens goes into a trace as well (--trace) */
        uint8_t instance[SC_INSTANCE_BYTES];
        uint64_t now_ns;
        int64_t wall_offset_ns;
        uint64_t capacity_bytes;
        uint64_t keep_first_bytes;
        uint64_t first_from;
        uint64_t first_to;
        uint64_t tail;
        uint64_t head;
        uint64_t consumed;
        uint64_t overwritten_bytes;
        uint64_t lost_bytes;
        uint64_t cleared_bytes;
        uint64_t resolution_ns;
        uint64_t last_output_ns; /* 0: none yet */
        uint64_t guest_since_ns;
        uint64_t guest_number;
        uint64_t input_waiting_bytes;
        struct sc_status_counters counters;
        uint16_t boundaries; /* how many follow */
        uint16_t clients;    /* how many follow these */
};

#define SC_STATUS_CLIENT_NATIVE 0x01
#define SC_STATUS_CLIENT_MAY_TYPE 0x02
#define SC_STATUS_CLIENT_ANSWERS 0x04
#define SC_STATUS_CLIENT_VIEW 0x08 /* on the view socket */
#define SC_STATUS_CLIENT_HALF 0x10 /* closed its sending half */

struct sc_status_client {
        uint64_t id;
        uint64_t connected_ns;
        uint64_t offset; /* the next byte that it is to be offered; its lag is head - offset */
        uint64_t gap_bytes;
        uint64_t cleared_bytes;
        uint32_t gaps;
        uint32_t pid;
        uint32_t uid;
        uint8_t role;
        uint8_t flags;
        uint8_t label_length;
        char label[SC_LABEL_BYTES_MAX]; /* the client's own word; any bytes */
};

/* Order in the frame: status (its counts of what follows right), boundaries, clients. Encoders assert room. */
void sc_status_put(struct sc_encoder *encoder, const struct sc_status *status);
void sc_status_put_boundary(struct sc_encoder *encoder, const struct sc_boundary *boundary);
void sc_status_put_client(struct sc_encoder *encoder, const struct sc_status_client *client);

/* False: shorter than it says. Boundaries come without their text. */
bool sc_status_get(struct sc_decoder *payload, struct sc_status *status);
bool sc_status_get_boundary(struct sc_decoder *payload, struct sc_boundary *boundary);
bool sc_status_get_client(struct sc_decoder *payload, struct sc_status_client *client);

#endif
