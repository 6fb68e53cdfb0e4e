#ifndef SIM_REFERENCE_H
#define SIM_REFERENCE_H

#include "buffer.h"
#include "script.h"

#include "model/console/journal.h"
#include "model/console/slot.h"
#include "model/wire/record.h"

/* SPEC.md once more, as plainly as it can be said: everything that was ever printed lies in one array, with its time and
 * what became of it, and each client is a place in it. It is told what the world did and saw. In what order the console
 * took things it learns from the console's own records, none of which it believes: each has to be right by what it knows.
 * What is wrong ends the run (claim.h). */

enum fate {
        KEPT,
        OVERWRITTEN,
        CLEARED,   /* by the newest clear */
        FORGOTTEN, /* by one before: a gap of either kind */
};

struct said {
        uint64_t arrival_ns;
        uint8_t byte;
        uint8_t fate;
        bool read; /* by a client that is no viewer, in truth or by its word */
};

struct placed { /* a boundary */
        uint64_t offset;
        uint64_t time_ns;
        enum sc_boundary_kind kind;
        uint8_t text_length;
        char text[SC_MARK_BYTES_MAX];
};

struct run {
        uint64_t offset;
        uint64_t length;
};

/* Input that went into a client's socket at one time, or in one frame. */
struct chunk {
        uint64_t length;
        uint64_t life;              /* the guest's at that time */
        uint64_t turn;              /* 0: between two turns */
        uint64_t writers;           /* how often the role had changed */
        uint64_t guest;             /* that its frame names */
        uint64_t position;          /* of its frame in the client's stream */
        bool sent;                  /* its first byte has gone */
        bool might_type, might_not; /* then; both: nobody can tell */
};

/* What a native client asked for, until it is answered. */
struct request {
        unsigned frame;
        uint64_t value;
        bool fits; /* of a mark: its text may stand */
        struct sc_hello hello;
        bool decided; /* the console's record of it has come */
        uint64_t result;
        enum sc_error error; /* of a bad frame: what it costs */
};

#define REQUESTS_MAX 64

struct reference_client {
        uint64_t number;
        enum sc_listener listener;
        bool native, view;
        bool open; /* from its connect to its end */
        bool attached;
        bool started;
        bool is_new; /* it was attached since the last rest */
        enum sc_role role;
        bool dead, died_unread;
        bool last_look,
                last_look_counts; /* since it died: the console has seen it; what it had read counts */
        bool has_room, heard_all; /* at rest: it can be written to; the host has read what it sent */
        uint64_t active_ns;       /* when it last said or took something */
        uint64_t connected_ns;
        uint8_t label_length;
        char label[SC_LABEL_BYTES_MAX];

        uint64_t position; /* the next byte that it is to be offered */
        uint64_t start, begin;
        uint64_t gap_bytes, cleared_bytes, gaps, gap_to;
        bool gaps_unsure; /* their kinds are */
        uint64_t took_ns;
        bool ran_out; /* a pause did, on it, and it has not been at head since */
        bool may_have_run_out;
        struct run *runs; /* a raw one's, accepted and not yet read */
        size_t runs_first, runs_count;

        struct buffer cut; /* what is still to come of a frame that was cut */
        bool cut_output;
        bool cut_at_clear; /* nothing more may come */
        uint64_t boundary_next;
        struct sc_welcome welcome; /* due */
        struct request requests[REQUESTS_MAX];
        size_t requests_count;
        bool wild; /* it said what nobody can follow */
        struct sc_role_change role_told;
        bool knows_role;
        uint64_t dropped[SC_REFUSAL_COUNT], refused_told[SC_REFUSAL_COUNT];
        bool in_history;
        uint64_t history_next;

        enum sc_error error_told;
        bool condemned, kicked;
        enum sc_error why;
        bool journal_came, journal_went;

        struct chunk *chunks;
        size_t chunks_first, chunks_count;
        uint64_t chunk_done; /* of the first */
        bool waited;         /* there was no room for some, once */
        uint64_t payload_bytes, payload_sent, accounted;
        uint64_t stream_bytes, stream_sent;
};

#define INPUT_BREAK 0x100

struct reference {
        struct step_console config;
        uint8_t instance[SC_INSTANCE_BYTES];
        uint64_t now_ns;
        int64_t wall_offset_ns;
        uint64_t turn;          /* which is under way; 0: none */
        uint64_t resolution_ns; /* as the console would say now */

        struct said *said;
        uint64_t head, tail, consumed;
        uint64_t overwritten_bytes, lost_bytes, cleared_bytes;

        struct placed *boundaries; /* number n at n - 1 */
        uint64_t boundaries_count, boundaries_forgotten;
        enum sc_boundary_kind boundary_due;

        bool guest_up, guest_deaf, can_break;
        bool guest_waits,
                guest_takes; /* at rest: it has something to say; there is room for what it is to hear */
        uint64_t guests, came_number, life, life_turn;
        enum sc_guest_note guest_note;
        uint64_t guest_number, guest_since_ns; /* of the last boundary that is no mark */
        bool held;
        uint64_t held_since_ns;
        uint64_t holds, hold_ns; /* pauses that began; the time of those that ended */

        uint16_t *input; /* that the guest is to get, in its order; a byte, or INPUT_BREAK */
        size_t input_first, input_count;
        uint64_t breaks_waiting;
        uint64_t input_bytes, input_written_bytes, dropped[SC_REFUSAL_COUNT], breaks;
        uint64_t trace_lost;                              /* records */
        uint64_t connections, ended[SC_ERROR_ENDING + 1]; /* by the host, by reason */

        uint64_t writer, answerer, last_typist;
        uint64_t writer_due; /* who has the role, until it goes */
        uint64_t writer_turn, writer_changes;

        struct reference_client **clients; /* number n at n - 1 */
        uint64_t clients_count;
};

struct reference *reference_new(const struct step_console *config, const uint8_t *instance, uint64_t now_ns,
                                int64_t wall_offset_ns);
void reference_free(struct reference *reference);

/* The byte at an offset of a client's input, and of the output. Each 4 bytes come twice, the second time turned by a
 * constant of its own, so that either is found wherever it lies in a memory. */
#define INPUT_TURN 0x3c
#define OUTPUT_TURN 0xa5
uint8_t input_byte(uint64_t client, uint64_t offset);
uint8_t output_byte(uint64_t offset);

static inline struct reference_client *reference_client(const struct reference *reference, uint64_t number)
{
        return number > 0 && number <= reference->clients_count ? reference->clients[number - 1] : NULL;
}

/* --- who is who --- */

/* Gets the stream. */
static inline bool reference_is_there(const struct reference_client *client)
{
        return client->open && client->attached;
}

static inline bool reference_is_viewer(const struct reference_client *client)
{
        return client->view || (client->native && client->role != SC_ROLE_CLIENT);
}

static inline bool reference_may_type(const struct reference *reference,
                                      const struct reference_client *client)
{
        return !reference_is_viewer(client) &&
               (reference->config.writers == SC_WRITERS_ALL || reference->writer == client->number);
}

static inline bool reference_guest_hears(const struct reference *reference)
{
        return reference->guest_up && !reference->guest_deaf;
}

/* Before the first has come it is awaited, and not away. */
static inline bool reference_guest_is_away(const struct reference *reference)
{
        return reference->guests > 0 && !reference_guest_hears(reference);
}

static inline enum sc_guest_state reference_guest_state(const struct reference *reference)
{
        if (reference->guest_up)
                return SC_GUEST_UP;
        return reference->guests > 0 ? SC_GUEST_DOWN : SC_GUEST_AWAITED;
}

/* Whether the boundary that a frame names is of a guest before this one. */
static inline bool reference_is_former(const struct reference *reference, uint64_t guest)
{
        return reference->guests > 1 && guest < reference->came_number;
}

/* Where the kept beginning ends. */
static inline uint64_t reference_first_to(const struct reference *reference)
{
        return reference->config.keep_first < reference->head ? reference->config.keep_first
                                                              : reference->head;
}

/* How many bytes of input the guest has not taken. */
static inline uint64_t reference_input_waiting(const struct reference *reference)
{
        return reference->input_count - reference->input_first - reference->breaks_waiting;
}

/* --- what the world does and sees --- */

/* How many of a pair of listeners are attached. */
uint64_t reference_attached(const struct reference *reference, bool view);
void reference_connects(struct reference *reference, enum sc_listener listener, uint64_t number);
void reference_guest_comes(struct reference *reference, bool can_break);
void reference_guest_goes(struct reference *reference, bool ended);
/* What keeps it away. */
void reference_guest_note(struct reference *reference, enum sc_guest_note note);
/* It takes no more input. */
void reference_guest_deafens(struct reference *reference);
/* The guest printed this, and the console is reading it. */
void reference_says(struct reference *reference, const uint8_t *bytes, size_t length);
void reference_hears(struct reference *reference, const uint8_t *bytes, size_t length);
void reference_hears_break(struct reference *reference);

/* A write: these bytes were offered, and so many of them accepted. */
void reference_offers(struct reference *reference, uint64_t number, const struct buffer *offered,
                      size_t accepted);
/* The client has read so much of what its kernel has. */
void reference_reads(struct reference *reference, uint64_t number, size_t length);

/* A client puts input into its stream, of frames that name `guest`; so many bytes of the stream reach the socket. */
void reference_types(struct reference *reference, uint64_t number, uint64_t guest, size_t length);
void reference_streams(struct reference *reference, uint64_t number, size_t length);
void reference_sends(struct reference *reference, uint64_t number, size_t length);
/* A client asks. */
struct request *reference_asks(struct reference *reference, uint64_t number, unsigned frame);

/* --- what the console says --- */

void reference_record(struct reference *reference, const struct sc_record *record);
void reference_notes(struct reference *reference, const struct sc_journal_entry *entry);
/* It has nothing more to do, until something happens: what is due has been done. */
void reference_rests(struct reference *reference);
/* A status as it would be told now, to somebody on the view or not. */
void reference_status(const struct reference *reference, struct sc_decoder *payload, bool for_viewer);
/* Whether somebody is known to have read all that the guest said. */
void reference_last_words(const struct reference *reference, bool are_read);
/* All has been read, and all who live have been looked at. */
void reference_finishes(const struct reference *reference);

/* --- parts --- */

uint64_t reference_next_kept(const struct reference *reference, uint64_t offset);
uint64_t reference_boundaries_oldest(const struct reference *reference);
void reference_passes_gap(struct reference *reference, struct reference_client *client,
                          const struct sc_gap *gap);
/* What it lost, with what it would find to be gone now. */
struct losses {
        uint64_t gap_bytes, cleared_bytes, gaps;
        bool unsure;
};
struct losses reference_losses(const struct reference *reference, const struct reference_client *client);
/* The request of that type which is answered now; NULL: nobody can tell. */
struct request *reference_answered(struct reference_client *client, unsigned frame);
void reference_frames(struct reference *reference, struct reference_client *client,
                      const struct buffer *offered, size_t accepted);
void reference_starts(struct reference *reference, const struct sc_record_start *start, const uint8_t *bytes);
void reference_request(struct reference *reference, const struct sc_record_request *record);
void reference_takes_input(struct reference *reference, const struct sc_record_input *input);
void reference_drops_breaks(struct reference *reference); /* that no input is among */
void reference_drops_input(struct reference *reference, const struct sc_record_dropped *dropped);
void reference_holds(struct reference *reference, const struct sc_record_hold *hold);
void reference_hold_ends(struct reference *reference); /* if there is one */
/* --hold promises that who reads loses nothing: of what fell out of the ring now, from `tail` on. */
void reference_claims_hold(const struct reference *reference, uint64_t tail);
void reference_changes_writers(struct reference *reference, const struct sc_record_writers *writers);
void reference_takes_role(struct reference *reference, const struct reference_client *client);
void reference_rests_writers(struct reference *reference);
void reference_counters(const struct reference *reference, const struct sc_record_counters *counters);
void reference_looks(struct reference *reference, const struct sc_record_sample *sample);
void reference_ends(struct reference *reference, const struct sc_record_end *end);

#endif
