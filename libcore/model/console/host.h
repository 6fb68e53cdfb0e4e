#ifndef SC_HOST_H
#define SC_HOST_H

#include "model/console/guest_side.h"
#include "model/console/input.h"
#include "model/console/journal.h"
#include "model/console/slot.h"
#include "model/console/trace.h"
#include "model/console/turn.h"
#include "model/console/writer.h"

/* What a host is: events in, actions out. It makes no system call; a driver tells it what happened, asks for
 * actions until there are none, carries each out and reports how it went before it asks for the next. What an
 * event points to is used during the call alone; an action's spans hold until the event that answers it. */

struct sc_host_config {
        uint64_t capacity_bytes;   /* SC_BUFFER_BYTES_MIN to SC_BUFFER_BYTES_MAX */
        uint64_t keep_first_bytes; /* at most SC_BUFFER_BYTES_MAX */
        enum sc_history_policy history;
        uint64_t history_bytes; /* for SC_HISTORY_LAST */
        uint64_t hold_ns;       /* 0: never */
        enum sc_writers_policy writers;
        uint32_t clients_max;   /* 1 to SC_CLIENTS_MAX */
        bool view;              /* there is a view socket */
        enum sc_log_kind log;   /* kept by the driver, told in the status */
        bool journal;           /* the driver takes it */
        bool trace;             /* the driver takes it, */
        bool trace_input;       /* and it has the bytes of input */
        const char *program;    /* the trace names it: static; NULL: nothing */
        int64_t wall_offset_ns; /* at the start */
        uint8_t instance[SC_INSTANCE_BYTES];
};

/* Names a client in events and actions; 0 is none. One that has been closed is recognized and ignored. */
typedef uint64_t sc_client;

struct sc_host {
        struct sc_host_config config;
        uint64_t now_ns;
        int64_t wall_offset_ns;

        struct sc_history history;
        struct sc_boundaries boundaries;
        struct sc_consumed consumed;
        struct sc_guest_side guest;
        struct sc_input input;
        struct sc_writers writers;
        struct sc_writers writers_noted; /* as the trace has them */
        struct sc_status_counters counters;
        struct sc_journal journal;
        struct sc_trace trace;

        bool guest_readable;
        bool guest_blocked; /* took less input than it was offered */
        bool guest_input_ended;
        bool hold_stale;     /* a client took bytes since the pause was judged */
        bool guest_deferred; /* this turn, a client is offered bytes before the guest is read */

        struct sc_slot *slots; /* slots_max */
        uint32_t slots_max;
        uint16_t *live; /* indices of the slots that are not FREE */
        uint32_t live_count;
        uint64_t next_id;
        uint32_t samples_wanted;
        struct sc_turn turn;

        uint8_t *discard;      /* SC_CLIENT_READ_BYTES_MAX: where dropped input is read to */
        uint8_t *peer_buffers; /* SC_PEER_BUFFER_BYTES for each slot */
        struct sc_span spans[SC_HISTORY_SPANS_MAX];
        uint64_t offered_bytes; /* by the action that awaits its event */
        struct sc_batch batch;
};

/* A whole number of pages, so that a driver can give a closed client's back. */
#define SC_PEER_BUFFER_BYTES (SC_PEER_RECEIVE_BYTES + SC_PEER_OUT_BYTES)

/* How much memory a host needs, and the host made in it: page-aligned, the caller's, as long as the host. Both it and
 * `host` come zeroed.
 * What is not used is not touched. */
size_t sc_host_memory_bytes(const struct sc_host_config *config);
void sc_host_init(struct sc_host *host, const struct sc_host_config *config, uint8_t *memory,
                  uint64_t now_ns);

/* --- events --- */

/* First of all in each wake-up. */
void sc_host_wake(struct sc_host *host, uint64_t now_ns, int64_t wall_offset_ns);

/* 0: refused, a limit is reached; the driver closes it. */
sc_client sc_host_connected(struct sc_host *host, enum sc_listener listener, uint32_t pid, uint32_t uid);
void sc_host_client_readable(struct sc_host *host, sc_client client);
void sc_host_client_writable(struct sc_host *host, sc_client client);

/* How a client's socket was found, the fields in this order: the order is what makes a proof of them (BF-8). */
struct sc_sample {
        bool queue_empty;      /* TIOCOUTQ 0 */
        bool hung_up;          /* poll: POLLHUP */
        bool reset;            /* SO_ERROR: ECONNRESET */
        uint64_t unread_bytes; /* SIOCINQ */
};
/* Answers SC_ACTION_SAMPLE, and reports a hang-up. */
void sc_host_client_sampled(struct sc_host *host, sc_client client, const struct sc_sample *sample);

/* Answer SC_ACTION_READ: `length` bytes, 0 when there were none yet; or its end, by reset or not. */
void sc_host_client_read(struct sc_host *host, sc_client client, size_t length);
void sc_host_client_read_ended(struct sc_host *host, sc_client client, bool reset);

/* Answer SC_ACTION_WRITE: `length` bytes, 0 when there was no room; or its failure. `queue_empty`: TIOCOUTQ was 0
 * before the write (asked for by the action). */
void sc_host_client_wrote(struct sc_host *host, sc_client client, size_t length, bool queue_empty);
void sc_host_client_write_failed(struct sc_host *host, sc_client client, bool reset);

/* The guest side. `can_break`: it carries a BREAK; `ended`: it cannot come back, and nothing more is told of it. */
void sc_host_guest_up(struct sc_host *host, bool can_break);
void sc_host_guest_down(struct sc_host *host, bool ended);
void sc_host_guest_note(struct sc_host *host, enum sc_guest_note note);
void sc_host_guest_readable(struct sc_host *host);
void sc_host_guest_writable(struct sc_host *host);
/* Answers SC_ACTION_GUEST_READ: `length` bytes, 0 when there were none. Its end is sc_host_guest_down. */
void sc_host_guest_read(struct sc_host *host, size_t length);
/* Answer SC_ACTION_GUEST_WRITE; a failure ends that direction alone. */
void sc_host_guest_wrote(struct sc_host *host, size_t length);
void sc_host_guest_write_failed(struct sc_host *host);
/* Answers SC_ACTION_GUEST_BREAK. False: not now; it is asked for again after sc_host_guest_writable. */
void sc_host_guest_broke(struct sc_host *host, bool done);

/* The host is told to end: native clients are to hear of it in the turn that follows, the last. The driver then closes
 * all connections. */
void sc_host_stop(struct sc_host *host);
void sc_host_stopped(struct sc_host *host);

/* Asks for samples of all raw clients, to learn what they have read. */
void sc_host_sample(struct sc_host *host);

/* A second connection to the guest side was refused. */
void sc_host_guest_refused(struct sc_host *host);

/* So much is missing in the log, and was not told before. */
void sc_host_log_lost(struct sc_host *host, uint64_t bytes, uint64_t lines);
void sc_host_events_lost(struct sc_host *host, uint64_t events);

/* --- actions --- */

enum sc_action_kind {
        SC_ACTION_SAMPLE,
        SC_ACTION_READ,        /* input of `client` into `spans` */
        SC_ACTION_WRITE,       /* `spans` to `client`; TIOCOUTQ first where sample_queue */
        SC_ACTION_CLOSE,       /* `client`, and its buffers are zeroed; no answer */
        SC_ACTION_GUEST_READ,  /* output into `spans` */
        SC_ACTION_GUEST_WRITE, /* `spans` to the guest */
        SC_ACTION_GUEST_BREAK,
};

struct sc_action {
        enum sc_action_kind kind;
        sc_client client;
        const struct sc_span *spans;
        size_t span_count;
        bool sample_queue;
};

/* The next action of this turn. False: the turn is over, and the driver waits for events. */
bool sc_host_next(struct sc_host *host, struct sc_action *action);

/* --- between turns --- */

/* When a turn is due though nothing happened: now or earlier, at once; UINT64_MAX: never. */
uint64_t sc_host_deadline_ns(const struct sc_host *host);

#define SC_WANT_READ 0x1U
#define SC_WANT_WRITE 0x2U
/* For what readiness the driver is to wait. */
unsigned sc_host_client_wants(const struct sc_host *host, sc_client client);
unsigned sc_host_guest_wants(const struct sc_host *host);

/* How many clients of a pair of sockets are attached, or about to be. */
uint32_t sc_host_attached_count(const struct sc_host *host, bool view);
/* The clients there are: `position` from 0 to live_count - 1. */
sc_client sc_host_client_at(const struct sc_host *host, uint32_t position);
/* A small number that no other open client has, below slots_max: the driver's index. */
uint32_t sc_host_client_index(sc_client client);
/* The buffers of the slot with that index: SC_PEER_BUFFER_BYTES. */
uint8_t *sc_host_client_buffers(const struct sc_host *host, uint32_t index);

/* Whether somebody is known to have read everything: one who is attached, or one who was. */
bool sc_host_is_read(const struct sc_host *host);

#endif
