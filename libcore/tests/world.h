#ifndef SC_WORLD_H
#define SC_WORLD_H

#include "model/console/host.h"

#include <check.h>

/* A host, its guest and its clients, all in memory: the turns of a loop without a system call. Clients and the guest
 * behave as Linux's sockets do (unix(7)): a queue of the kernel's that takes so much and no more, is empty when its
 * peer is dead, and says ECONNRESET once when the peer went with unread bytes.
 *
 * What the guest says is output_byte(offset), so a byte that was lost, doubled or moved is found wherever it is read.
 * What native clients get is decoded and checked as it is read: frames whole and valid, output without a hole. */

#define WORLD_CLIENTS_MAX 400

struct bytes {
        uint8_t *at;
        size_t length;
        size_t room;
};

void bytes_append(struct bytes *bytes, const void *from, size_t length);
void bytes_drop(struct bytes *bytes, size_t length);
void bytes_free(struct bytes *bytes);

uint8_t output_byte(uint64_t offset);
/* `length` bytes that are output from `offset` on. */
void assert_output(const uint8_t *bytes, uint64_t offset, size_t length);

struct client;

/* What a native client knows, from its frames alone. */
struct native {
        unsigned welcomes;
        struct sc_welcome welcome;
        bool attached;
        uint64_t offset; /* behind the last data or gap frame */
        uint64_t data_bytes;
        unsigned data_frames;
        unsigned gaps;
        uint64_t gap_bytes;
        uint64_t cleared_bytes;
        struct sc_gap gap; /* the last */
        unsigned boundaries;
        struct sc_boundary boundary; /* the last */
        unsigned roles;
        struct sc_role_change role;
        uint64_t refused[SC_REFUSAL_COUNT];
        unsigned dones;
        unsigned done_type;
        unsigned done_result;
        unsigned pongs;
        uint64_t pong_value;
        bool in_history;
        uint64_t history_from; /* of the last answer's first frame */
        uint64_t history_offset;
        uint64_t history_bytes;
        uint64_t history_gap_bytes;
        unsigned history_ends;
        unsigned statuses;
        struct bytes status; /* the last one's payload */
        unsigned errors;
        unsigned error;
        char error_text[SC_ERROR_BYTES_MAX + 1];
        void (*on_data)(struct client *client, uint64_t offset, uint64_t time_ns, size_t length);
};

struct client {
        sc_client token; /* 0: refused */
        uint64_t id;
        enum sc_listener listener;
        bool open; /* the host has not closed it */

        /* From the host. */
        struct bytes queue; /* accepted by the kernel, not yet read */
        size_t queue_max;
        size_t write_max; /* one write takes no more */
        uint64_t accepted_bytes;
        unsigned writes;  /* that took a byte */
        struct bytes got; /* read; of a native one, what is not yet a whole frame */
        struct native native;

        /* To the host. */
        struct bytes sent; /* not yet read by it */
        bool shut_write;   /* closed its sending half */
        bool shut_both;
        bool dead;
        bool reset; /* it died with unread bytes, and the host has not been told */
        bool hang_up_told;
};

struct guest {
        bool up;
        bool can_break;
        bool reads_breaks;
        uint64_t to_say; /* bytes that wait to be read */
        uint64_t said;   /* that were */
        size_t say_max;  /* one read gets no more */
        struct bytes heard;
        size_t room;       /* for input */
        size_t accept_max; /* one write takes no more */
        bool fails;        /* a write does */
        unsigned breaks;
        size_t break_at; /* in what it heard, the last */
        unsigned reads;
};

struct world {
        struct sc_host host;
        uint8_t *memory;
        uint64_t now_ns;
        int64_t wall_offset_ns;
        struct guest guest;
        struct client clients[WORLD_CLIENTS_MAX];
        unsigned count;
        uint64_t consumed_before;
        unsigned turns;
};

#define WORLD_CAPACITY 4096
#define WORLD_START_NS (1000 * SC_NS_PER_S)
#define WORLD_WALL_NS INT64_C(1700000000000000000)

/* A small host: WORLD_CAPACITY bytes, 8 clients, a view. */
struct sc_host_config world_config(void);
/* Each is freed by world_free; one that a failed test leaves is freed with its process. */
struct world *world_new(const struct sc_host_config *config);
struct world *world_with_guest(const struct sc_host_config *config);
void world_free(struct world *world);

/* One wake-up: what is ready is reported, and the turn is carried out. */
void world_turn(struct world *world);
/* A turn, for what was done to the host directly, and then one whenever something is ready or a turn is due. A host that does not come to rest fails the test. */
void world_run(struct world *world);
/* Time passes, with a turn whenever one is due. */
void world_pass(struct world *world, uint64_t ns);

void guest_up(struct world *world);
void guest_down(struct world *world);
void guest_ends(struct world *world); /* and cannot come back */
/* The guest prints `length` bytes, and the host reads them: nobody held it up (BF-5). */
void guest_says(struct world *world, uint64_t length);
void assert_heard(const struct world *world, const void *bytes, size_t length);
void assert_heard_string(const struct world *world, const char *string);

/* Connects, without a turn. */
struct client *world_connect(struct world *world, enum sc_listener listener);
/* Connects and runs. */
struct client *raw_client(struct world *world);
struct client *raw_viewer(struct world *world);
/* Connects and says hello, and runs, and reads. */
struct client *native_client(struct world *world, enum sc_role role, enum sc_start start, uint64_t value);
struct client *native_on(struct world *world, enum sc_listener listener, const struct sc_hello *hello);
struct sc_hello hello_of(enum sc_role role, enum sc_start start, uint64_t value);

void client_sends(struct client *client, const void *bytes, size_t length);
void client_sends_string(struct client *client, const char *string);
void client_says_hello(struct client *client, const struct sc_hello *hello);
void client_sends_value(struct client *client, enum sc_frame_type type, uint64_t value);
void client_sends_empty(struct client *client, enum sc_frame_type type);
void client_sends_input(struct client *client, uint64_t guest_number, const void *bytes, size_t length);
/* With the newest guest boundary that it was told. */
void client_types(struct client *client, const char *string);
void client_sends_mark(struct client *client, const char *text);
void client_asks_history(struct client *client, enum sc_start start, uint64_t value, uint64_t length);

/* Takes up to `length` bytes out of the kernel's queue. */
size_t client_reads(struct client *client, size_t length);
/* Reads and runs until there is nothing more. */
void client_reads_all(struct world *world, struct client *client);
void client_dies(struct client *client);

/* Whether any 8 bytes in a row that are output, from whatever offset on, lie in the host's memory. */
bool output_in_memory(const struct world *world);

/* What raw `client` has read is output from `offset` on, `length` bytes. */
void assert_got(const struct client *client, uint64_t offset, uint64_t length);
struct sc_slot *slot_of(struct world *world, const struct client *client);

/* The status that `client`, native, is given now. */
struct sc_status status_for(struct world *world, struct client *client);
/* What that status says of `about`. */
struct sc_status_client status_client(struct world *world, struct client *client, const struct client *about);

/* `full`, or a twentieth of it where SC_TESTS_SLOW is set. */
unsigned long test_rounds(unsigned long full);

#endif
