#ifndef SC_ATTACHMENT_H
#define SC_ATTACHMENT_H

#include "model/client/session.h"
#include "model/wire/status.h"

/* A client's attachment to one console over any number of connections: where it stands in the output, when it connects
 * again and what it says then, and what its user is to be told. A driver reports what happens to the connection and
 * asks for what follows until there is nothing.
 *
 *   WAITING     there is no connection, until retry_ns. CONNECT is told -> CONNECTING
 *   CONNECTING  connected -> SURVEYING, JOINING or RAW; failed, lost (a raw peer that has another client) -> WAITING or
 *               OVER
 *   SURVEYING   asked for the status first, as a control. status -> JOINING; lost -> WAITING or OVER
 *   JOINING     said hello. welcome -> ATTACHED, or JOINING with another start; lost -> WAITING or OVER
 *   ATTACHED    lost -> WAITING or OVER
 *   RAW         a peer that speaks no protocol. lost -> WAITING or OVER
 *   OVER        ENDED was told, or is told next
 */
enum sc_attachment_state {
        SC_ATTACHMENT_WAITING,
        SC_ATTACHMENT_CONNECTING,
        SC_ATTACHMENT_SURVEYING,
        SC_ATTACHMENT_JOINING,
        SC_ATTACHMENT_ATTACHED,
        SC_ATTACHMENT_RAW,
        SC_ATTACHMENT_OVER,
};

#define SC_START_AUTO 0 /* beside enum sc_start: the unread, or the last screenful, and not too much of it */

struct sc_attachment_config {
        enum sc_role role; /* client or viewer */
        const char *label; /* the user's word for this client, or NULL */
        unsigned start;    /* enum sc_start, or SC_START_AUTO where `surveys` is set */
        uint64_t start_value;
        bool surveys;         /* the status is shown before anything else */
        uint64_t show_bytes;  /* SC_START_AUTO: at most so much of what is kept */
        uint64_t least_bytes; /* and so much also where it has been read */
        bool waits;           /* for a console that is not there yet */
        bool reconnects;
        bool input_is_whole;                     /* a connection that is lost with input in it is the end */
        uint64_t backoff_min_ns, backoff_max_ns; /* between attempts to connect */
};

/* Where it stands: everything below `offset` of that instance is done with. */
struct sc_place {
        bool known;
        uint8_t instance[SC_INSTANCE_BYTES];
        uint64_t offset;
};

/* What the user is to be told. `value` and `bytes` of the event are what the comment says. */
enum sc_notice {
        SC_NOTICE_AWAITED,        /* nobody there yet; it waits */
        SC_NOTICE_RAW,            /* no native protocol here: nothing is kept, no resume */
        SC_NOTICE_RAW_SILENT,     /* connected to it, and it says nothing */
        SC_NOTICE_LOST,           /* the connection ended; it will connect again */
        SC_NOTICE_RESUMED,        /* connected again, nothing lost */
        SC_NOTICE_RESUMED_UNSURE, /* connected again, no output lost; input perhaps, as was told */
        SC_NOTICE_RESUMED_GAP,    /* connected again; a gap is told next */
        SC_NOTICE_OTHER_INSTANCE, /* connected to another instance: its output from its beginning */
        SC_NOTICE_BEYOND,         /* the host has not said that much: its output from its beginning */
        SC_NOTICE_RAW_AGAIN,      /* connected again to a raw peer: what was said meanwhile is gone */
        SC_NOTICE_GAP,            /* `value` bytes were overwritten before they were read */
        SC_NOTICE_CLEARED,        /* `value` bytes were cleared by an operator */
        SC_NOTICE_ABOVE,          /* `value` bytes are kept that are not shown */
        SC_NOTICE_READ_ONLY,      /* this socket is for viewers */
        SC_NOTICE_GUEST_UP,
        SC_NOTICE_GUEST_DOWN,
        SC_NOTICE_GUEST_RESET,
        SC_NOTICE_GUEST_ENDED,
        SC_NOTICE_MARK,           /* `bytes`: an operator's text */
        SC_NOTICE_WRITER_OTHER,   /* client `value` types now; what this one types is dropped */
        SC_NOTICE_WRITER_SELF,    /* this client may type again */
        SC_NOTICE_DROPPED_GUEST,  /* `value` bytes of input were dropped: the guest they were for has gone */
        SC_NOTICE_DROPPED_WRITER, /* `value` bytes of input were dropped: another client types */
        SC_NOTICE_DROPPED_VIEWER, /* `value` bytes of input were dropped: this client reads only */
        SC_NOTICE_INPUT_UNSURE,   /* `value` bytes of input were on their way when the connection was lost */
        SC_NOTICE_INPUT_STUCK, /* no answer behind input that waits: the guest takes none, or the host hangs */
        SC_NOTICE_BREAK_SENT,
        SC_NOTICE_BREAK_FAILED, /* `value`: enum sc_result */
        SC_NOTICE_TAKEN,        /* the writer's role was taken */
        SC_NOTICE_TAKE_FAILED,  /* `value`: enum sc_result */
        SC_NOTICE_SILENT,       /* the host does not answer */
        SC_NOTICE_ANSWERS,      /* it does again */
        /* A driver's own. */
        SC_NOTICE_KEYS_NO_GUEST,      /* there is no guest: what is typed is not kept */
        SC_NOTICE_KEYS_NO_CONNECTION, /* there is no connection: the same */
        SC_NOTICE_KEYS_READ_ONLY,
        SC_NOTICE_KEYS_NO_ROOM, /* the guest does not take what is typed */
        SC_NOTICE_NOT_NOW,      /* nobody there to ask */
        SC_NOTICE_NO_SIZE,      /* the terminal has no size to tell the guest */
        SC_NOTICE_RAW_NO_BREAK, /* a plain socket carries none */
        SC_NOTICE_COUNT,
};

enum sc_attachment_end {
        SC_ATTACHMENT_ABSENT,       /* nobody was there */
        SC_ATTACHMENT_NOT_ANSWERED, /* the first connection ended before anything came of it */
        SC_ATTACHMENT_HOST_GONE,    /* the connection ended, and none is to follow */
        SC_ATTACHMENT_INPUT_LOST,   /* the connection or the guest went in the middle of input */
        SC_ATTACHMENT_GUEST_GONE,   /* the guest went, and is not waited for */
        SC_ATTACHMENT_GUEST_ENDED,  /* the guest cannot come back */
        SC_ATTACHMENT_TAKEN,        /* a raw peer has given the console to another client */
        SC_ATTACHMENT_TURNED_AWAY,  /* a raw peer closes each connection */
        SC_ATTACHMENT_HIDDEN, /* who holds a raw peer's socket cannot be seen: it is not asked by connecting */
        SC_ATTACHMENT_REFUSED, /* `bytes`: the host's reason */
        SC_ATTACHMENT_BEYOND,  /* the output has not come to the offset that was asked for */
        SC_ATTACHMENT_BROKEN,  /* what came is not the protocol */
};

enum sc_attachment_event_kind {
        SC_ATTACHMENT_NOTHING,
        SC_ATTACHMENT_CONNECT, /* answered by connected or failed */
        SC_ATTACHMENT_CLOSE,   /* the connection is to be closed */
        SC_ATTACHMENT_SURVEY,  /* `bytes`: the status that was asked for first */
        SC_ATTACHMENT_ANSWER,  /* `bytes`: a status that sc_attachment_ask asked for */
        SC_ATTACHMENT_OUTPUT,  /* `bytes`; answered by sc_attachment_done, in pieces */
        SC_ATTACHMENT_TELL,    /* `notice` */
        SC_ATTACHMENT_ENDED,   /* `end`; the last one */
};

struct sc_attachment_event {
        enum sc_attachment_event_kind kind;
        enum sc_notice notice;
        enum sc_attachment_end end;
        uint64_t value;
        struct sc_span bytes; /* holds until the next call */
};

/* How the holder of a raw peer's socket was found after it closed the connection. */
enum sc_raw_peer {
        SC_RAW_PEER_FREE,   /* listens, with nobody connected */
        SC_RAW_PEER_TAKEN,  /* listens, and another client is connected */
        SC_RAW_PEER_GONE,   /* does not listen */
        SC_RAW_PEER_HIDDEN, /* cannot be seen */
};

#define SC_ATTACHMENT_NOTICES_MAX 8

struct sc_attachment {
        struct sc_attachment_config config;
        enum sc_attachment_state state;
        struct sc_session session;
        struct sc_place place;

        uint64_t retry_ns;
        uint64_t backoff_ns;
        uint64_t attached_ns;
        bool was_attached; /* in an earlier connection: this one resumes */
        bool native;       /* the peer speaks the protocol */
        bool told_awaited;

        enum sc_guest_state guest;
        bool guest_ended;      /* it cannot come back */
        uint64_t guest_end;    /* the offset at which it went; what comes before is still output */
        uint64_t guest_number; /* at the welcome: boundaries up to it are history */
        uint64_t live_from;    /* head at the welcome */
        bool may_type;
        uint64_t refused[SC_REFUSAL_COUNT];

        struct sc_span output; /* not yet done */
        bool output_told;
        bool skips_to_line; /* the first output begins within a line that is not shown */

        uint64_t looked_ns; /* the last call of sc_attachment_next */
        uint64_t heard_ns;  /* when the host last showed that it is there */
        uint64_t pinged_ns;
        bool ping_is_out;
        uint64_t typed_bytes;   /* of input, in this connection */
        uint64_t pinged_bytes;  /* those of them before the ping that is out */
        uint64_t arrived_bytes; /* those of them that the host is known to have */
        bool unsure;            /* when a connection was lost, not all was known to have arrived */
        bool welcomed;          /* SURVEYING: the status comes next */
        bool named_offset;      /* JOINING: the hello did */
        uint64_t offset_named;
        bool status_asked;
        bool takes_role; /* it was asked for, and not answered yet */
        bool told_silent;
        bool raw_returns; /* a raw peer that closed is asked once more */
        bool raw_spoke;

        struct sc_attachment_event queue[SC_ATTACHMENT_NOTICES_MAX]; /* what is to be told first */
        size_t queue_start, queue_count;
        struct sc_session_event said; /* what the events of the queue come from */
};

/* `place`: where an earlier one stood, or NULL. Connects at once. */
void sc_attachment_start(struct sc_attachment *attachment, const struct sc_attachment_config *config,
                         const struct sc_place *place, uint64_t now_ns);

/* --- events --- */

void sc_attachment_connected(struct sc_attachment *attachment, bool native, uint64_t now_ns);
void sc_attachment_failed(struct sc_attachment *attachment, uint64_t now_ns);
/* The connection ended, with all that came taken. `peer` is of a raw one. */
void sc_attachment_lost(struct sc_attachment *attachment, enum sc_raw_peer peer, uint64_t now_ns);
/* Bytes came: a native peer's were put in the session's room; a raw one's stay where they are until they are done. */
void sc_attachment_received(struct sc_attachment *attachment, struct sc_span bytes, uint64_t now_ns);
/* The next `length` bytes of the output that was told were put out. */
void sc_attachment_done(struct sc_attachment *attachment, size_t length);

/* The next thing that follows; `now_ns` also serves what is due. */
void sc_attachment_next(struct sc_attachment *attachment, uint64_t now_ns, struct sc_attachment_event *event);

/* When sc_attachment_next has something though nothing happened; UINT64_MAX: never. */
uint64_t sc_attachment_deadline_ns(const struct sc_attachment *attachment);

/* --- input --- */

/* Whether input has a guest to go to, or one to wait for. */
bool sc_attachment_takes_input(const struct sc_attachment *attachment);
bool sc_attachment_is_connected(const struct sc_attachment *attachment);

/* Input for the guest, as much as there is room for; returns how much. */
size_t sc_attachment_type(struct sc_attachment *attachment, struct sc_span text);

/* Takes the writer's role, sends a BREAK, asks for the status. False: not now. */
bool sc_attachment_ask(struct sc_attachment *attachment, enum sc_frame_type request);

/* --- for its other part (said) --- */

void sc_attachment_enqueue(struct sc_attachment *attachment, struct sc_attachment_event event);
void sc_attachment_tell(struct sc_attachment *attachment, enum sc_notice notice, uint64_t value);
/* `text`: what the event is to hold, or NULL. */
void sc_attachment_end(struct sc_attachment *attachment, enum sc_attachment_end why,
                       const struct sc_span *text);
/* Says hello for the stream from `start` on. `instance`: whose offset `value` is, or NULL. */
void sc_attachment_join(struct sc_attachment *attachment, unsigned start, uint64_t value,
                        const uint8_t *instance, uint8_t flags);
/* The ping that is out was answered. */
void sc_attachment_ponged(struct sc_attachment *attachment);

#endif
