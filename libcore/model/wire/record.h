#ifndef SC_RECORD_H
#define SC_RECORD_H

#include "model/base/span.h"
#include "model/wire/status.h"

/* A trace's records, version 1, field by field as in conformance/TRACE.md: the magic, then records, the first a
 * CONFIG. A record is a header of 16 bytes (payload length u32, type u8, three zero bytes, time u64), a payload, and a
 * check sum of 8 bytes. The payload is the type's fields, 8 bytes each, then bytes, where the type has any. All
 * integers are little-endian, times nanoseconds of the boot-time clock. */

#define SC_TRACE_MAGIC "SCTRACE1"
#define SC_TRACE_MAGIC_BYTES 8
#define SC_TRACE_VERSION 1

#define SC_RECORD_HEADER_BYTES 16
#define SC_RECORD_CHECK_BYTES 8
#define SC_RECORD_FIELDS_MAX 24
#define SC_RECORD_PROGRAM_MAX 64
#define SC_RECORD_BYTES_MAX SC_GUEST_READ_BYTES_MAX /* behind the fields */
#define SC_RECORD_PAYLOAD_MAX (8 * SC_RECORD_FIELDS_MAX + SC_RECORD_BYTES_MAX)
#define SC_RECORD_SIZE_MAX (SC_RECORD_HEADER_BYTES + SC_RECORD_PAYLOAD_MAX + SC_RECORD_CHECK_BYTES)

/* Who wrote the trace. */
enum sc_trace_kind {
        SC_TRACE_HOST = 1,     /* a host, of itself */
        SC_TRACE_OBSERVER = 2, /* somebody who saw the guest side and clients of a console */
        SC_TRACE_CLIENT = 3,   /* one client: what it saw */
};

enum sc_record_type {
        /* of every kind of trace */
        SC_RECORD_CONFIG = 0x01,
        SC_RECORD_BOUNDARY = 0x02,
        SC_RECORD_OUTPUT = 0x03,
        SC_RECORD_CONNECT = 0x04,
        SC_RECORD_START = 0x05,
        SC_RECORD_END = 0x06,
        SC_RECORD_INPUT = 0x07,
        SC_RECORD_GUEST_INPUT = 0x08,
        SC_RECORD_GAP = 0x09,
        SC_RECORD_MISSING = 0x0a,
        SC_RECORD_STOP = 0x0b,
        /* of a host's */
        SC_RECORD_ACCEPTED = 0x21,
        SC_RECORD_SENT = 0x22,
        SC_RECORD_TOLD = 0x23,
        SC_RECORD_WRITABLE = 0x24,
        SC_RECORD_SAMPLE = 0x25,
        SC_RECORD_ACKNOWLEDGED = 0x26,
        SC_RECORD_CONSUMED = 0x27,
        SC_RECORD_OVERWRITTEN = 0x28,
        SC_RECORD_DROPPED = 0x29,
        SC_RECORD_BREAK = 0x2a,
        SC_RECORD_REQUEST = 0x2b,
        SC_RECORD_CLEARED = 0x2c,
        SC_RECORD_WRITERS = 0x2d,
        SC_RECORD_HOLD = 0x2e,
        SC_RECORD_INPUT_ENDED = 0x2f,
        SC_RECORD_CLOSING = 0x30,
        SC_RECORD_COUNTERS = 0x31,
        /* of an observer's and a client's */
        SC_RECORD_RECEIVED = 0x41,
        SC_RECORD_QUIET = 0x42,
        SC_RECORD_TYPE_END = 0x43,
};

/* Unknown, where a field may be: an observer of raw clients knows no offset. */
#define SC_RECORD_UNKNOWN UINT64_MAX

/* The fields of each type, in their order on the wire. TRACE.md says what they mean. */
struct sc_record_config {
        uint64_t version;
        uint64_t kind;  /* enum sc_trace_kind */
        uint64_t input; /* 1: input has its bytes; 0: their number alone */
        uint64_t capacity_bytes;
        uint64_t keep_first_bytes;
        uint64_t history; /* enum sc_history_policy, or unknown */
        uint64_t history_bytes;
        uint64_t hold_ns;
        uint64_t writers; /* enum sc_writers_policy, or unknown */
        uint64_t clients_max;
        uint64_t wall_offset_ns; /* a signed number */
};
struct sc_record_boundary {
        uint64_t number; /* 0: unknown */
        uint64_t offset;
        uint64_t kind; /* enum sc_boundary_kind */
};
struct sc_record_output {
        uint64_t offset;
};
struct sc_record_connect {
        uint64_t client;
        uint64_t listener; /* enum sc_trace_listener */
        uint64_t pid;
        uint64_t uid;
};
struct sc_record_start {
        uint64_t client;
        uint64_t role;  /* enum sc_role */
        uint64_t start; /* enum sc_start; 0: a raw client, by the policy */
        uint64_t value;
        uint64_t continues; /* 1: SC_HELLO_CONTINUES was said */
        uint64_t answer;    /* enum sc_answer */
        uint64_t offset;    /* where its stream begins, or unknown */
        uint64_t head;      /* where live begins, or unknown */
};
struct sc_record_end {
        uint64_t client;
        uint64_t why;      /* enum sc_error; 0: it went by itself */
        uint64_t accepted; /* up to where the kernel had accepted output for it */
        uint64_t read;     /* up to where it is known to have read */
        uint64_t gap_bytes;
        uint64_t cleared_bytes;
};
struct sc_record_input {
        uint64_t client;
        uint64_t guest; /* the boundary that a native frame names; 0: a raw client's */
        uint64_t length;
};
struct sc_record_guest_input {
        uint64_t length;
};
struct sc_record_gap {
        uint64_t client;
        uint64_t from;
        uint64_t to;
        uint64_t kind; /* enum sc_gap_kind */
};
struct sc_record_missing {
        uint64_t records;
        uint64_t output_bytes;
};
struct sc_record_stop {
        uint64_t why; /* enum sc_trace_stop */
};
struct sc_record_accepted {
        uint64_t client;
        uint64_t offered;
        uint64_t accepted;
        uint64_t queue_empty; /* 1: its kernel queue was seen empty before */
        uint64_t failed;      /* 1: nothing can be written to it any more */
        uint64_t reset;       /* 1: the failure was ECONNRESET */
};
struct sc_record_sent {
        uint64_t client;
        uint64_t offset;
        uint64_t length;
        uint64_t told_ns; /* the arrival time that it was told; 0: none */
};
struct sc_record_told {
        uint64_t client;
        uint64_t number; /* of the boundary */
};
struct sc_record_client {
        uint64_t client;
};
struct sc_record_sample {
        uint64_t client;
        uint64_t queue_empty;
        uint64_t hung_up;
        uint64_t reset;
        uint64_t unread_bytes; /* of its input */
        uint64_t stale;        /* 1: these are not for the guest that is next */
};
struct sc_record_offset {
        uint64_t client;
        uint64_t offset;
};
struct sc_record_overwritten {
        uint64_t from;
        uint64_t to;
        uint64_t lost_bytes;
};
struct sc_record_dropped {
        uint64_t client; /* 0: of one who has gone, or of several */
        uint64_t reason; /* enum sc_refusal */
        uint64_t queued; /* 1: it had been taken (INPUT) */
        uint64_t length;
};
struct sc_record_request {
        uint64_t client;
        uint64_t frame;  /* enum sc_frame_type */
        uint64_t result; /* enum sc_result */
        uint64_t value;  /* of a kick: the client; of a break: the guest's number; else 0 */
};
struct sc_record_cleared {
        uint64_t head;
        uint64_t bytes;
};
struct sc_record_writers {
        uint64_t writer;   /* 0: everybody, or nobody */
        uint64_t answerer; /* 0: nobody */
};
struct sc_record_hold {
        uint64_t held; /* 1: a pause begins; 0: it ends */
        uint64_t ran_out;
};
struct sc_record_input_ended {
        uint64_t client;
        uint64_t reset;
};
struct sc_record_closing {
        uint64_t client;
        uint64_t why; /* enum sc_error */
};
struct sc_record_counters {
        uint64_t head;
        uint64_t tail;
        uint64_t consumed;
        uint64_t overwritten_bytes;
        uint64_t lost_bytes;
        uint64_t cleared_bytes;
        uint64_t input_bytes;
        uint64_t input_written_bytes;
        uint64_t input_waiting_bytes;
        uint64_t input_dropped[SC_REFUSAL_COUNT];
        uint64_t breaks;
        uint64_t connections;
        uint64_t over_limit;
        uint64_t malformed;
        uint64_t silent;
        uint64_t kicked;
        uint64_t resolution_ns;
};
struct sc_record_received {
        uint64_t client;
        uint64_t offset;  /* or unknown: a raw client's */
        uint64_t told_ns; /* the arrival time that it was told; 0: none */
};
struct sc_record_quiet {
        uint64_t client; /* who has been given all that will come; 0: everybody, and the guest as well */
};

/* As enum sc_listener of the console, from 1 on. */
enum sc_trace_listener {
        SC_TRACE_RAW = 1,
        SC_TRACE_CONTROL = 2,
        SC_TRACE_VIEW = 3,
        SC_TRACE_VIEW_CONTROL = 4,
};

enum sc_trace_stop {
        SC_TRACE_ENDED = 1,   /* who was traced ended */
        SC_TRACE_LIMITED = 2, /* the size that was asked for is reached */
};

struct sc_record {
        enum sc_record_type type;
        uint64_t time_ns;
        union {
                uint64_t fields[SC_RECORD_FIELDS_MAX];
                struct sc_record_config config;
                struct sc_record_boundary boundary;
                struct sc_record_output output;
                struct sc_record_connect connect;
                struct sc_record_start start;
                struct sc_record_end end;
                struct sc_record_input input;
                struct sc_record_guest_input guest_input;
                struct sc_record_gap gap;
                struct sc_record_missing missing;
                struct sc_record_stop stop;
                struct sc_record_accepted accepted;
                struct sc_record_sent sent;
                struct sc_record_told told;
                struct sc_record_client writable;
                struct sc_record_sample sample;
                struct sc_record_offset acknowledged;
                struct sc_record_offset consumed;
                struct sc_record_overwritten overwritten;
                struct sc_record_dropped dropped;
                struct sc_record_request request;
                struct sc_record_cleared cleared;
                struct sc_record_writers writers;
                struct sc_record_hold hold;
                struct sc_record_input_ended input_ended;
                struct sc_record_closing closing;
                struct sc_record_counters counters;
                struct sc_record_received received;
                struct sc_record_quiet quiet;
        };
        const uint8_t
                *bytes; /* what follows the fields: borrowed, of an encoder's caller or a decoder's buffer */
        size_t length;
};

/* --- the table of types: what a dump, the documentation and the checks of a reader go by --- */

enum sc_record_bytes { SC_RECORD_NO_BYTES, SC_RECORD_OUTPUT_BYTES, SC_RECORD_INPUT_BYTES, SC_RECORD_TEXT };

/* Whom the first field names. */
enum sc_record_naming {
        SC_RECORD_NAMES_NOBODY,
        SC_RECORD_NAMES_CLIENT,
        SC_RECORD_NAMES_CLIENT_OR_NOBODY, /* 0: nobody */
};

enum sc_record_unit {
        SC_RECORD_NUMBER,
        SC_RECORD_TIME, /* in nanoseconds */
        SC_RECORD_SIGNED,
        SC_RECORD_FLAG, /* 0 or 1 */
};

struct sc_record_field {
        const char *name;
        const char *const *values; /* names of the values from 0 on, or NULL: a number */
        size_t value_count;
        enum sc_record_unit unit; /* of a number */
};

struct sc_record_layout {
        const char *name;
        const struct sc_record_field *fields; /* field_count */
        size_t field_count;
        enum sc_record_bytes bytes;
        size_t bytes_min;
        size_t bytes_max;
        enum sc_record_naming naming;
};

/* NULL: no type of this version. */
const struct sc_record_layout *sc_record_layout(unsigned type);

/* The client that a record names; 0: none. */
uint64_t sc_record_client_of(const struct sc_record *record);

/* --- encoding --- */

/* A whole record that has at most `capacity` bytes in all; asserted. Returns its size. */
size_t sc_record_put(uint8_t *to, size_t capacity, const struct sc_record *record);
size_t sc_record_size(const struct sc_record *record);

/* The same in pieces, for bytes that lie elsewhere: header and fields, at most SC_RECORD_HEAD_MAX bytes, and what
 * stands behind the bytes, SC_RECORD_CHECK_BYTES. */
#define SC_RECORD_HEAD_MAX (SC_RECORD_HEADER_BYTES + 8 * SC_RECORD_FIELDS_MAX)
size_t sc_record_put_head(uint8_t to[static SC_RECORD_HEAD_MAX], const struct sc_record *record);
void sc_record_put_check(uint8_t to[static SC_RECORD_CHECK_BYTES], const uint8_t *head, size_t head_length,
                         const struct sc_record *record);

/* --- decoding --- */

enum sc_record_result {
        SC_RECORD_COMPLETE,
        SC_RECORD_INCOMPLETE, /* more bytes are wanted; at the end of a trace: it ends within a record */
        SC_RECORD_STRANGE,    /* a type of no version that is known; `type` of the result says which */
        SC_RECORD_MALFORMED, /* a length outside the type's limits, a value outside the field's, or a zero that is none */
        SC_RECORD_DAMAGED, /* the check sum says so */
};

/* Looks at the record at the start of `bytes`. COMPLETE: `*size` is how many it takes. The header alone decides STRANGE,
 * and MALFORMED for a length. */
enum sc_record_result sc_record_next(const uint8_t *bytes, size_t length, struct sc_record *record,
                                     size_t *size);

#endif
