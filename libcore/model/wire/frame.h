#ifndef SC_FRAME_H
#define SC_FRAME_H

#include "model/base/bounds.h"
#include "model/base/bytes.h"
#include "model/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The native protocol's frames, version 1, field by field as in conformance/PROTOCOL.md: a header of 8 bytes
 * (payload length u32, type u8, three zero bytes), then the payload. All integers are little-endian. Times are
 * nanoseconds of the host's boot-time clock unless a field says wall. */

#define SC_PROTOCOL_VERSION 1
#define SC_PROTOCOL_MAGIC "SCON"
#define SC_MAGIC_BYTES 4
#define SC_INSTANCE_BYTES 16

enum sc_frame_type {
        /* from a client */
        SC_FRAME_HELLO = 0x01,
        SC_FRAME_INPUT = 0x02,
        SC_FRAME_BREAK = 0x03,
        SC_FRAME_ACKNOWLEDGE = 0x04,
        SC_FRAME_HISTORY = 0x05,
        SC_FRAME_TAKE = 0x06,
        SC_FRAME_KICK = 0x07,
        SC_FRAME_CLEAR = 0x08,
        SC_FRAME_MARK = 0x09,
        SC_FRAME_PING = 0x0a,
        SC_FRAME_STATUS_REQUEST = 0x0b,
        /* from the host */
        SC_FRAME_WELCOME = 0x41,
        SC_FRAME_DATA = 0x42,
        SC_FRAME_GAP = 0x43,
        SC_FRAME_HISTORY_DATA = 0x44,
        SC_FRAME_HISTORY_GAP = 0x45,
        SC_FRAME_HISTORY_END = 0x46,
        SC_FRAME_BOUNDARY = 0x47,
        SC_FRAME_ROLE = 0x48,
        SC_FRAME_REFUSED = 0x49,
        SC_FRAME_DONE = 0x4a,
        SC_FRAME_PONG = 0x4b,
        SC_FRAME_STATUS = 0x4c,
        SC_FRAME_ERROR = 0x4d,
};

enum sc_frame_sender { SC_FROM_CLIENT, SC_FROM_HOST };

enum sc_role {
        SC_ROLE_CLIENT = 1,  /* gets the stream, may type */
        SC_ROLE_VIEWER = 2,  /* gets the stream, never types, never moves consumed */
        SC_ROLE_CONTROL = 3, /* gets no stream: asks, is answered */
};

/* Where a stream or a history read begins. `value` is what the kind says. */
enum sc_start {
        SC_START_BEGINNING = 1, /* the first byte of the instance; what is gone is a gap */
        SC_START_UNREAD = 2,    /* consumed */
        SC_START_END = 3,       /* head */
        SC_START_OFFSET = 4,    /* value: an offset of the named instance */
        SC_START_LAST = 5,      /* value: bytes before head */
        SC_START_SINCE = 6,     /* value: wall-clock nanoseconds since 1970 */
        SC_START_BOUNDARY = 7,  /* value: a boundary's number */
        SC_START_BOOT = 8,      /* the newest boundary at which a guest came or was reset */
};

/* Hello flag, with SC_START_OFFSET: the sender has read everything below the offset that it could get, so the
 * host may take the offset for an acknowledgement. */
#define SC_HELLO_CONTINUES 0x01

/* How a hello was answered (BF-9). After the last two nobody is attached, and another hello may follow. */
enum sc_answer {
        SC_ANSWER_OK = 0,
        SC_ANSWER_OVERWRITTEN = 1,    /* attached; a gap comes first */
        SC_ANSWER_BEYOND_HEAD = 2,    /* the offset has not been reached in this instance */
        SC_ANSWER_OTHER_INSTANCE = 3, /* the offset belongs to another instance */
};

enum sc_guest_state { SC_GUEST_AWAITED = 0, SC_GUEST_UP = 1, SC_GUEST_DOWN = 2 };

/* What a guest side says of itself beside up and down. */
enum sc_guest_note {
        SC_GUEST_NOTE_NONE = 0,
        SC_GUEST_NOTE_TAKEN = 1,    /* its socket lives, and another client has it */
        SC_GUEST_NOTE_ENDED = 2,    /* it cannot come back: end of file, or COMMAND has ended */
        SC_GUEST_NOTE_UNUSABLE = 3, /* what its path names is not permitted, or not of its kind */
        SC_GUEST_NOTE_COUNT = 4,
};

enum sc_boundary_kind {
        SC_BOUNDARY_UP = 1,
        SC_BOUNDARY_DOWN = 2,
        SC_BOUNDARY_RESET = 3,
        SC_BOUNDARY_MARK = 4,
        SC_BOUNDARY_ENDED = 5, /* in place of DOWN, where the guest side cannot come back */
};
enum sc_gap_kind { SC_GAP_OVERWRITTEN = 1, SC_GAP_CLEARED = 2 };

/* Why input was dropped. Counted by reason in status. */
enum sc_refusal {
        SC_REFUSED_NO_GUEST = 0,   /* the guest side is gone */
        SC_REFUSED_OLD_GUEST = 1,  /* meant for a guest that has gone */
        SC_REFUSED_NOT_WRITER = 2, /* --writers one, and this client is not the one */
        SC_REFUSED_VIEWER = 3,     /* read-only */
        SC_REFUSAL_COUNT = 4,
};

enum sc_result {
        SC_RESULT_OK = 0,
        SC_RESULT_NOT_ALLOWED = 1, /* this role may not */
        SC_RESULT_NO_CLIENT = 2,   /* no client of that number */
        SC_RESULT_NOT_CARRIED = 3, /* this guest side cannot carry a BREAK */
        SC_RESULT_NO_GUEST = 4,    /* no guest, or not the guest that was meant */
        SC_RESULT_BUSY = 5,        /* too many wait already */
        SC_RESULT_MALFORMED = 6,   /* a mark that is not printable UTF-8 */
};

enum sc_error {
        SC_ERROR_NOT_HELLO = 1,
        SC_ERROR_VERSION = 2,
        SC_ERROR_UNKNOWN_TYPE = 3,
        SC_ERROR_MALFORMED = 4,
        SC_ERROR_LIMIT = 5,
        SC_ERROR_SILENT = 6,
        SC_ERROR_KICKED = 7,
        SC_ERROR_ENDING = 8,
};

struct sc_frame {
        enum sc_frame_type type;
        struct sc_decoder payload; /* points into the bytes that were given */
        size_t frame_bytes;        /* header and payload */
};

enum sc_frame_result {
        SC_FRAME_COMPLETE,
        SC_FRAME_INCOMPLETE,
        SC_FRAME_UNKNOWN,   /* `type` of the result says which */
        SC_FRAME_MALFORMED, /* a length outside the type's limits, or header bytes that are not zero */
};

/* Looks at the frame at the start of `bytes`. The header alone decides UNKNOWN and MALFORMED, so a length that
 * is too large is refused before its payload is awaited. */
enum sc_frame_result sc_frame_next(const uint8_t *bytes, size_t length, enum sc_frame_sender sender,
                                   struct sc_frame *frame);

/* The type's name as in PROTOCOL.md, or "unknown". */
const char *sc_frame_name(unsigned type);

/* Header for a payload that follows from elsewhere. */
void sc_frame_put_header(struct sc_encoder *encoder, enum sc_frame_type type, size_t payload_bytes);

struct sc_hello {
        uint16_t version;
        uint8_t role;
        uint8_t start;
        uint8_t flags;
        uint8_t label_length;
        uint8_t instance[SC_INSTANCE_BYTES];
        uint64_t value;
        char label[SC_LABEL_BYTES_MAX];
};

struct sc_welcome {
        uint16_t version;
        uint8_t answer;
        uint8_t guest_state;
        uint8_t role; /* what the host made of the role that was asked for */
        uint8_t guest_note;
        uint8_t instance[SC_INSTANCE_BYTES];
        uint64_t client;
        uint64_t capacity_bytes;
        uint64_t first_from; /* [first_from, first_to): the kept beginning; empty without --keep-first */
        uint64_t first_to;
        uint64_t tail;
        uint64_t head; /* where live begins */
        uint64_t consumed;
        uint64_t start;        /* the first offset that this client's stream accounts for */
        uint64_t guest_number; /* the last guest boundary's number, for input frames; 0: none yet */
        uint64_t guest_since_ns;
        uint64_t now_ns;
        int64_t wall_offset_ns; /* wall clock = boot-time clock + this */
        uint64_t resolution_ns; /* no arrival time is off by more */
};

struct sc_boundary {
        uint64_t number; /* counts all boundaries of the instance from 1 */
        uint64_t offset;
        uint64_t time_ns;
        uint8_t kind;
        uint8_t text_length;
        char text[SC_MARK_BYTES_MAX]; /* a mark's; printable UTF-8, not terminated */
};

struct sc_gap {
        uint64_t from;
        uint64_t to;
        uint8_t kind;
};

struct sc_role_change {
        bool may_type;
        bool answers;    /* this client's terminal answers the guest's queries */
        uint64_t writer; /* its client number with --writers one; 0: everybody or nobody */
};

struct sc_history_request {
        uint8_t start;
        uint64_t value;
        uint64_t length_bytes;
};

#define SC_HELLO_PAYLOAD_MIN 36
#define SC_WELCOME_PAYLOAD_BYTES 128
#define SC_DATA_FIELDS_BYTES 16 /* offset, time; the bytes follow */
#define SC_GAP_PAYLOAD_BYTES 24
#define SC_BOUNDARY_FIELDS_BYTES 32 /* the text follows */
#define SC_INPUT_FIELDS_BYTES 8     /* the guest boundary's number; the bytes follow */
#define SC_HISTORY_PAYLOAD_BYTES 24

/* A whole frame each, header included. */
void sc_frame_put_hello(struct sc_encoder *encoder, const struct sc_hello *hello);
void sc_frame_put_welcome(struct sc_encoder *encoder, const struct sc_welcome *welcome);
void sc_frame_put_gap(struct sc_encoder *encoder, enum sc_frame_type type, const struct sc_gap *gap);
void sc_frame_put_boundary(struct sc_encoder *encoder, const struct sc_boundary *boundary);
void sc_frame_put_role(struct sc_encoder *encoder, const struct sc_role_change *role);
void sc_frame_put_refused(struct sc_encoder *encoder, enum sc_refusal reason, uint64_t bytes);
void sc_frame_put_done(struct sc_encoder *encoder, enum sc_frame_type request, enum sc_result result);
void sc_frame_put_pong(struct sc_encoder *encoder, uint64_t value, uint64_t now_ns, int64_t wall_offset_ns);
void sc_frame_put_error(struct sc_encoder *encoder, enum sc_error error, const char *text);
void sc_frame_put_history(struct sc_encoder *encoder, const struct sc_history_request *request);
/* Types whose payload is one u64, or nothing: acknowledge, break, kick, ping, history end; take, clear, status. */
void sc_frame_put_value(struct sc_encoder *encoder, enum sc_frame_type type, uint64_t value);
void sc_frame_put_empty(struct sc_encoder *encoder, enum sc_frame_type type);
/* Header and fields of a frame whose bytes the caller puts behind: data, history data; input. */
void sc_frame_put_data_fields(struct sc_encoder *encoder, enum sc_frame_type type, uint64_t offset,
                              uint64_t time_ns, size_t bytes);
void sc_frame_put_input_fields(struct sc_encoder *encoder, uint64_t guest_number, size_t bytes);

/* From the payload of a frame of that type. False: a field's value is none that the version knows. Of a hello of
 * another version the version alone is told. */
bool sc_frame_get_hello(struct sc_decoder *payload, struct sc_hello *hello);
bool sc_frame_get_welcome(struct sc_decoder *payload, struct sc_welcome *welcome);
bool sc_frame_get_gap(struct sc_decoder *payload, struct sc_gap *gap);
bool sc_frame_get_boundary(struct sc_decoder *payload, struct sc_boundary *boundary);
bool sc_frame_get_role(struct sc_decoder *payload, struct sc_role_change *role);
bool sc_frame_get_history(struct sc_decoder *payload, struct sc_history_request *request);

#endif
