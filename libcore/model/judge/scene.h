#ifndef SC_SCENE_H
#define SC_SCENE_H

#include "model/judge/arrivals.h"
#include "model/judge/extent.h"
#include "model/judge/seat.h"
#include "model/judge/waiting.h"
#include "model/wire/record.h"

/* What a trace has told so far. The rules look at it before a record is taken in; then it becomes what the record says,
 * also where that breaks a rule, so that one fault is found once. */

/* What is known for sure: not, where records are missing and nothing has told it anew. */
enum sc_known {
        SC_KNOWN_HEAD = 0x1,
        SC_KNOWN_TAIL = 0x2,
        SC_KNOWN_CONSUMED = 0x4,
        SC_KNOWN_GUEST = 0x8,
        SC_KNOWN_BOUNDARIES = 0x10,
        SC_KNOWN_INPUT = 0x20,
        SC_KNOWN_SUMS = 0x40,
        SC_KNOWN_WRITERS = 0x80,
        SC_KNOWN_HOLD = 0x100,
        SC_KNOWN_CLIENTS = 0x200, /* each that is there */
        SC_KNOWN_ALL = 0x3ff,
};

struct sc_scene_boundary {
        uint64_t offset;
        uint64_t kind;
};

/* Of the records, what `counters` is to agree with. */
struct sc_sums {
        uint64_t overwritten_bytes;
        uint64_t lost_bytes;
        uint64_t cleared_bytes;
        uint64_t written_bytes;
        uint64_t dropped[SC_REFUSAL_COUNT];
        uint64_t breaks;
        uint64_t connections;
        uint64_t closings[16]; /* by why */
};

/* One write, and what of it its `sent` have told so far. */
struct sc_scene_write {
        uint64_t client; /* 0: none is under way */
        bool raw;
        uint64_t accepted;
        uint64_t sent;
        uint64_t last_sent;
        bool astray; /* it was found to be wrong: what it carries in all is not judged any more */
};

/* Something that has to be there by the end of the wake-up. */
struct sc_scene_due {
        uint64_t client; /* 0: nothing is due */
        uint64_t offset;
};

struct sc_scene {
        struct sc_record_config config;
        uint8_t instance[SC_INSTANCE_BYTES];
        unsigned known; /* enum sc_known */

        uint64_t records;  /* so far: the number of the last one */
        uint64_t began_ns; /* of the config */
        uint64_t now_ns;   /* of the record that is looked at */
        uint64_t time_ns;  /* of the last one that was taken in */
        uint64_t wake;     /* counts wake-ups */
        uint64_t wake_ns;
        bool stopped;
        bool ending; /* the host ends its clients, because it ends */
        enum sc_record_type last_type;

        struct sc_extent extent;
        uint64_t consumed;
        struct sc_arrivals ring_arrivals;
        struct sc_arrivals first_arrivals;
        bool arrivals_murky;    /* not all are known: records are missing */
        uint64_t resolution_ns; /* the coarsest that the host can have come to since it last told */

        uint64_t boundary_newest;    /* its number */
        uint64_t boundary_forgotten; /* numbers up to it are gone by a clear */
        uint64_t boundary_murky;     /* numbers up to it are not known: records are missing */
        struct sc_scene_boundary boundaries[SC_BOUNDARIES_MAX];
        bool guest_up;
        bool guest_gone; /* one was there, and is not */
        bool guest_ended;
        bool guest_deaf;        /* it takes no input any more: some was dropped while it was there */
        uint64_t guests;        /* how many came, at least */
        bool guests_murky;      /* perhaps more */
        uint64_t guest_came;    /* the boundary at which the present or last one did */
        uint64_t guest_changes; /* after which input that lies in sockets is stale */
        uint64_t guest_left_wake;

        struct sc_waiting waiting;
        struct sc_sums sums;
        uint64_t client_last; /* the highest number given */
        uint64_t attached[2]; /* of the pair of raw and control; of the view's */
        uint64_t writer;
        struct sc_scene_due take_due;    /* `writer` changed as only a take changes it */
        struct sc_scene_due writers_due; /* the writer has gone */
        struct sc_scene_due consumed_due;
        uint64_t
                asked_for; /* enum sc_frame_type: the last records are what only its request does; 0: they are not;
                            * SC_RECORD_UNKNOWN: some of them are missing */
        struct sc_scene_write write;
        uint64_t
                gap_client; /* the last record is a gap of this raw client, whose write follows; 0: it is not */

        struct sc_record_gap last_gap;

        bool held;
        bool held_reported;
        uint64_t held_since_ns;
        uint64_t
                held_awake_ns; /* the first wake-up at or after the time at which it has to end; 0: none yet */
        uint64_t held_for_nobody; /* wake-ups at whose ends there was no client to wait for */

        /* An observer's. */
        uint64_t taken_in;   /* what the console has surely taken in */
        uint64_t taken_boot; /* where the newest guest of that began */
        uint64_t settled_to; /* up to where one that was alive with nothing unread had all received */

        struct sc_seats seats;
};

/* The scene is zeroed. */
void sc_scene_init(struct sc_scene *scene, const struct sc_record *config);

/* The seat of the client that a record names; NULL: it names none, or none who is there. */
struct sc_seat *sc_scene_seat(struct sc_scene *scene, const struct sc_record *record);

/* Takes a record in. `seat` is sc_scene_seat of it. */
void sc_scene_take(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record);

/* Its parts: what the record means for its client. `seat` NULL: it has none. */
void sc_scene_take_connect(struct sc_scene *scene, const struct sc_record *record);
void sc_scene_take_closing(struct sc_scene *scene, struct sc_seat *seat,
                           const struct sc_record_closing *closing);
void sc_scene_take_of_client(struct sc_scene *scene, struct sc_seat *seat, const struct sc_record *record);
/* A seat for a client whose coming was not told, as much as the record says. NULL: for none. */
struct sc_seat *sc_scene_meet(struct sc_scene *scene, const struct sc_record *record);

/* Whether output before the record overflowed the ring, and nothing told so; and it has. */
bool sc_scene_owes_overflow(const struct sc_scene *scene, const struct sc_record *record);
void sc_scene_overflow(struct sc_scene *scene);

/* Whether it tells what the write that is under way carried. */
bool sc_scene_belongs_to_write(const struct sc_scene *scene, const struct sc_record *record);

static inline bool sc_scene_knows(const struct sc_scene *scene, unsigned what)
{
        return (scene->known & what) == what;
}

/* --- the end of a wake-up: scene_wake.c --- */

/* What it has left undone: a client that can be written to was not, or what was proven was not consumed, or input still
 * waits for a guest that has gone. */
bool sc_scene_is_unserved(const struct sc_scene *scene, const struct sc_seat *seat);
bool sc_scene_owes_consumed(const struct sc_scene *scene);
uint64_t sc_scene_stale_input_bytes(const struct sc_scene *scene);
bool sc_scene_is_held_for_nobody(const struct sc_scene *scene);
/* Nothing is due any more, as if it had been done. */
void sc_scene_end_wake(struct sc_scene *scene);
void sc_scene_drop_stale_input(struct sc_scene *scene);

/* --- clients --- */

/* A client that begins so gets the stream. */
static inline bool sc_scene_begins_stream(const struct sc_record_start *start)
{
        return start->role != SC_ROLE_CONTROL && start->answer <= SC_ANSWER_OVERWRITTEN;
}

bool sc_seat_is_viewer(const struct sc_seat *seat);
static inline bool sc_seat_is_on_view(const struct sc_seat *seat)
{
        return seat->listener == SC_TRACE_VIEW || seat->listener == SC_TRACE_VIEW_CONTROL;
}
/* Nothing more comes from it, and nothing can be sent to it. */
static inline bool sc_seat_is_over(const struct sc_seat *seat)
{
        return seat->input_ended && (seat->hung_up || seat->failed || seat->reset);
}
/* Gets the stream, or is about to. */
static inline bool sc_seat_is_attached(const struct sc_seat *seat)
{
        return !seat->closing && (seat->started || !seat->native);
}
/* May it type, so far as the trace tells. */
bool sc_scene_may_type(const struct sc_scene *scene, const struct sc_seat *seat);
/* Has all that it is to be told now. */
bool sc_scene_is_level(const struct sc_scene *scene, const struct sc_seat *seat);

/* --- boundaries --- */

uint64_t sc_scene_oldest_boundary(const struct sc_scene *scene);
/* NULL: not kept. */
const struct sc_scene_boundary *sc_scene_boundary(const struct sc_scene *scene, uint64_t number);
/* The number of the boundary that the client is to be told next; `*offset` where that stands, or UINT64_MAX. */
uint64_t sc_scene_next_boundary(const struct sc_scene *scene, const struct sc_seat *seat, uint64_t *offset);

/* --- pauses --- */

/* When the one that is under way has to end; UINT64_MAX: none is. */
uint64_t sc_scene_pause_end_ns(const struct sc_scene *scene);
/* It goes on, more than a second after the first wake-up in which it had to end. A host that was not run until then, or a
 * machine that slept, cannot have ended it sooner. */
bool sc_scene_pause_is_too_long(const struct sc_scene *scene, uint64_t now_ns);

/* How much one read of the guest takes at most, and how little of it a host may content itself with. */
uint64_t sc_scene_read_bytes(const struct sc_scene *scene);
uint64_t sc_scene_chunk_bytes(const struct sc_scene *scene);
bool sc_scene_took_lately(const struct sc_seat *seat, uint64_t now_ns);
/* Whether a pause may be made for this client, whatever it took; and how much can be read before it loses a byte. */
bool sc_scene_may_be_awaited(const struct sc_seat *seat);
uint64_t sc_scene_room_bytes(const struct sc_scene *scene, const struct sc_seat *seat);

#endif
