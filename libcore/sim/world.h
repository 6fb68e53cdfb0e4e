#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "buffer.h"
#include "reference.h"
#include "script.h"
#include "witness.h"

#include "model/console/host.h"

/* A console and all that is around it, in memory and under a clock of its own: a driver that makes no system call, the
 * kernel's sockets as Linux has them (unix(7)), a guest and clients that do what a script says. */

/* A connection. */
struct client {
        uint64_t number;
        sc_client token;
        enum sc_listener listener;
        bool native;
        bool open;        /* the host has not closed it */
        bool dead;        /* the client has */
        bool shuts, shut; /* the client does so with its sending half behind what it sends; it has */

        struct buffer queue; /* the kernel's, to the client */
        size_t queue_max;
        size_t piece;      /* the most that one write takes */
        unsigned refusals; /* writes that it has no memory for */
        bool reset;        /* the host is to be told ECONNRESET, once */
        bool hang_up_told;
        struct buffer outbox; /* what the client is about to send, `split` bytes at a time; 0: at once */
        size_t split;
        uint64_t split_ns, sends_ns; /* so often: 0: in each turn; and next then */
        struct buffer sent;          /* in the socket, to the host */

        uint64_t pace_bytes, pace_ns,
                reads_ns; /* it reads so much, so often, and next then; 0: never by itself */

        /* What it knows, from what it has read. */
        struct buffer got;
        bool attached, ended;
        uint64_t offset, guest_number;
        uint64_t payload; /* input that it has sent */
        uint64_t stirred; /* bytes that it has read since it was said to be quiet */
};

struct guest {
        bool up, ended;
        bool coming, going; /* the host has not noticed yet; going: what it said is read first */
        bool going_for_good, can_break;
        uint64_t to_say, said; /* bytes that can be read now; all that were */
        uint64_t plan, piece, every_ns, says_ns;
        uint64_t room, takes;
        bool takes_breaks, deaf;
        uint64_t notes; /* to be told: which, and 1 */
};

#define DEFERRED_MAX 32

struct deferred {
        struct step step;
        uint64_t after; /* actions that are still to come before */
};

struct place {
        struct client *client; /* the last that connected there, or NULL */
        uint64_t offset;       /* what was known there of the output, the last time */
};

struct world {
        struct step_console config;
        struct sc_host host;
        uint8_t *memory;
        size_t memory_bytes;
        uint64_t now_ns;
        uint64_t began_ns;
        int64_t wall_offset_ns;
        uint64_t turns;
        bool in_turn;
        unsigned accepts[SC_LISTENER_COUNT]; /* since the last turn began */
        bool cleared;                        /* a clear was answered, and what it left is to be looked for */

        uint64_t trace_full; /* batches of records that there will be no room for */

        struct guest guest;
        struct client **clients;
        size_t count;
        struct place places[SCRIPT_PLACES];
        struct deferred deferred[DEFERRED_MAX];
        size_t deferred_count;
        struct buffer work;

        struct reference *reference;
        struct witness witness;
};

struct world *world_new(const struct step_console *config, const struct witness_wishes *wishes);
void world_free(struct world *world);

/* Carries a step out now. */
void world_step(struct world *world, const struct step *step);
/* What is ready is reported, and turns follow until nothing is due. */
void world_run(struct world *world);
/* Time passes, with a turn whenever one is due. */
void world_pass(struct world *world, uint64_t ns);
/* Everybody reads and is given everything; then the host ends. */
void world_finish(struct world *world);

/* --- parts --- */

void world_records(struct world *world);
struct client *world_connect(struct world *world, enum sc_listener listener, size_t queue_max, size_t piece);

/* client.c */
void client_free(struct client *client);
void client_reads(struct world *world, struct client *client, size_t length);
void client_types(struct world *world, struct client *client, const struct step_type *type);
void client_asks(struct world *world, struct client *client, const struct step *step);
void client_says_hello(struct world *world, struct client *client, const struct step_hello *step);
void client_shuts(struct client *client);
void client_dies(struct world *world, struct client *client);
/* What is in the outbox goes on its way, as much as is due; and when more is: UINT64_MAX: never. */
void client_sends(struct world *world, struct client *client);
uint64_t client_sends_ns(const struct client *client);

/* guest.c */
void guest_step(struct world *world, const struct step *step);
void guest_prints(struct world *world); /* what is due now */
bool guest_is_ready(const struct world *world);
void guest_reports(struct world *world);
void guest_is_read(struct world *world, const struct sc_action *action);
void guest_is_written(struct world *world, const struct sc_action *action);
void guest_is_broken(struct world *world);

/* memory.c: whether output, or input that went on, lies where a clear should have found it. */
void memory_is_clear(const struct world *world);

#endif
