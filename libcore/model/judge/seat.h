#ifndef SC_SEAT_H
#define SC_SEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The clients that are there, found by their numbers; and lists of those that are waited for, so that no record costs a
 * walk over all. */

/* More at once are not followed: a host has far fewer slots. */
#define SC_SEATS_MAX 1024

#define SC_PENDING_BYTES 64
#define SC_BEFORE_BYTES 8

enum sc_seat_list {
        SC_SEATS_BEHIND, /* can be written to, and are to be told something */
        SC_SEATS_LEVEL,  /* can be written to, and have all */
        SC_SEATS_TAKING, /* took a byte lately: in the order in which they did */
        SC_SEATS_OWED,   /* something is owed them by the end of the wake-up */
        SC_SEATS_LISTS,
};

/* Which lists exclude each other. */
enum sc_seat_link { SC_LINK_TURN, SC_LINK_TAKING, SC_LINK_OWED, SC_LINKS };

struct sc_seat_links {
        uint16_t next;
        uint16_t previous;
};

struct sc_seat {
        uint64_t client;  /* its number; 0: the seat is free */
        bool vague;       /* its beginning is missing: what it is, is not known */
        uint8_t listener; /* enum sc_trace_listener; 0: not said */
        uint8_t role;     /* enum sc_role; 0: not said */
        bool native;
        bool started; /* its stream began */

        bool blocked;
        bool failed;
        bool hung_up;
        bool reset;
        bool input_ended;
        uint64_t why; /* the host ends it: enum sc_error; 0: it does not */
        bool closing;
        bool counted; /* among the attached */

        uint64_t begin; /* what it got without missing a retained byte begins there; or SC_RECORD_UNKNOWN */
        uint64_t position; /* its next byte */
        bool placed;       /* that is known */
        bool accepted_any;
        bool unserved;          /* that it is not written to has been reported */
        uint64_t accepted_wake; /* the last wake-up in which it was written to */
        uint64_t took_ns;       /* when it took a byte, or came */
        bool given_up;          /* a pause ran out on it */
        uint64_t gap_bytes;
        uint64_t cleared_bytes;
        bool uncounted;         /* what it lost is not known any more */
        uint64_t boundary_next; /* the next to tell it of */

        uint64_t read_to;   /* proven */
        uint64_t candidate; /* proven once it shows that it lives */

        uint64_t stale_bytes; /* its next bytes are to be dropped */
        uint64_t stale_seen;  /* which of the guests' changes it was sampled for */
        bool was_stale;       /* some of a native one's were: how many of them it had sent is not said */
        bool kick_owed;
        bool kick_asked;

        /* what an observer sees of it */
        uint64_t came_taken;   /* what the console had surely taken in when it came */
        uint64_t came_settled; /* and what was surely consumed */
        uint64_t came_boot;    /* where the newest guest began that it had surely taken in */
        uint64_t came_head;
        bool waited;          /* for all that was to come to it */
        uint64_t begins_by;   /* head when that was first */
        uint64_t waited_to;   /* and last */
        uint64_t ahead_bytes; /* received behind `position` before they were said */
        bool ahead_reported;
        bool got_any;
        bool guessed; /* its place fits, and others do as well */
        bool adrift;  /* its place is lost */
        bool quiet_reported;
        uint8_t pending[SC_PENDING_BYTES]; /* what it received behind `position`, too few to be placed by */
        size_t pending_length;
        uint8_t before[SC_BEFORE_BYTES]; /* what it received before `position`, the last byte last */
        size_t before_length;

        struct sc_seat_links links[SC_LINKS];
};

struct sc_seats {
        struct sc_seat seats[SC_SEATS_MAX + SC_SEATS_LISTS]; /* behind the seats one list head each */
        uint16_t index[4 * SC_SEATS_MAX];                    /* seat + 1; 0: nothing */
        uint16_t free[SC_SEATS_MAX];
        uint16_t free_count;
        uint16_t used_max; /* seats below it have been used */
        uint32_t count;
};

void sc_seats_init(struct sc_seats *seats);

/* NULL: it has none. */
const struct sc_seat *sc_seats_find(const struct sc_seats *seats, uint64_t client);
/* One that was found, to be changed. */
struct sc_seat *sc_seats_own(struct sc_seats *seats, const struct sc_seat *seat);
/* Zeroed but for its number, which nobody has. NULL: there are too many. */
struct sc_seat *sc_seats_add(struct sc_seats *seats, uint64_t client);
void sc_seats_remove(struct sc_seats *seats, struct sc_seat *seat);

/* The seat that is taken at or behind `index`, which goes on; NULL: there is none. */
const struct sc_seat *sc_seats_next(const struct sc_seats *seats, uint16_t *index);

/* Puts it last into a list, out of those that exclude it. */
void sc_seats_put(struct sc_seats *seats, struct sc_seat *seat, enum sc_seat_list list);
void sc_seats_take_out(struct sc_seats *seats, struct sc_seat *seat, enum sc_seat_link link);
bool sc_seats_is_in(const struct sc_seat *seat, enum sc_seat_link link);
/* All that are level are behind. */
void sc_seats_splice_level(struct sc_seats *seats);
const struct sc_seat *sc_seats_first(const struct sc_seats *seats, enum sc_seat_list list);
/* The one behind it in its list; NULL: it is the last. */
const struct sc_seat *sc_seats_following(const struct sc_seats *seats, const struct sc_seat *seat,
                                         enum sc_seat_list list);

#endif
