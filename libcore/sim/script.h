#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "model/console/slot.h"

#include <stdio.h>

/* What happens in a run, step by step, all of it: the same script gives the same run, byte for byte. A step that finds
 * nothing to act on does nothing, so that a script from which steps were taken out is one as well.
 *
 * Clients are named by their place: who connects there is meant from then on. Nothing happens to the host between two
 * waits: what the steps did is noticed all at once, in the turn that a wait begins with. A step that has `after` takes
 * place within that turn, before its action of that number. */

#define SCRIPT_PLACES 12
#define STEP_FIELDS_MAX 10

enum step_kind {
        STEP_CONSOLE, /* first, and once */
        STEP_UP,
        STEP_DOWN,
        STEP_NOTE,
        STEP_SAY,
        STEP_HEAR,
        STEP_DEAF,
        STEP_CONNECT,
        STEP_CROWD,
        STEP_HELLO,
        STEP_READ,
        STEP_PACE,
        STEP_TYPE,
        STEP_SPLIT,
        STEP_ASK,
        STEP_HISTORY,
        STEP_KICK,
        STEP_MARK,
        STEP_BREAK,
        STEP_ACKNOWLEDGE,
        STEP_RUBBISH,
        STEP_SHUT,
        STEP_DIE,
        STEP_REFUSE,
        STEP_CLOCK,
        STEP_FULL,
        STEP_STOP,
        STEP_WAIT,
        STEP_KIND_COUNT,
};

/* Of what a number in a step is counted from. */
enum base {
        BASE_ZERO,
        BASE_KNOWN, /* by the client: behind what it read */
        BASE_SENT,  /* behind what it was sent */
        BASE_HEAD,
        BASE_TAIL,
        BASE_COUNT,
};

enum rubbish {
        RUBBISH_BYTES,     /* any */
        RUBBISH_TYPE,      /* a frame of no type */
        RUBBISH_HOST_TYPE, /* a frame that a host sends */
        RUBBISH_LONG,      /* a length beyond the type's */
        RUBBISH_SHORT,     /* and one below */
        RUBBISH_ZERO,      /* header bytes that are to be zero */
        RUBBISH_VERSION,   /* a hello of another version */
        RUBBISH_HELLO,     /* a hello of a role that there is not */
        RUBBISH_HISTORY,   /* a history request of a start that there is not */
        RUBBISH_COUNT,
};

enum mark_text { MARK_GOOD, MARK_CONTROL, MARK_C1, MARK_CUT, MARK_TEXT_COUNT };

struct step_console {
        uint64_t capacity, keep_first, history, history_bytes, hold_ms, writers, clients_max, view, input,
                plain;
};
struct step_guest {
        uint64_t flag; /* up: it carries a BREAK; down: it cannot come back; note: which */
};
struct step_say {
        uint64_t bytes, piece, every_us; /* 0: all at once */
};
struct step_hear {
        uint64_t room, piece, breaks; /* it has room for so much; breaks: takes them */
};
struct step_connect {
        uint64_t client, listener, queue,
                piece; /* of the kernel's: room, and the most that one write takes */
};
struct step_crowd {
        uint64_t listener, count;
};
struct step_hello {
        uint64_t client, role, start, base, amount, continues,
                instance; /* instance: 0 none, 1 this one, 2 another */
};
struct step_bytes {
        uint64_t client, bytes, after;
};
struct step_pace {
        uint64_t client, bytes, every_us; /* of a split 0: in each turn */
};
struct step_type {
        uint64_t client, bytes, frame, guest, after; /* guest: 0 as known, 1 an older one, 2 a later one */
};
struct step_ask {
        uint64_t client, frame, after;
};
struct step_history {
        uint64_t client, start, base, amount, length;
};
struct step_kick {
        uint64_t client, victim, after; /* beyond the places: nobody */
};
struct step_client {
        uint64_t client, value, after;
};
struct step_acknowledge {
        uint64_t client, base, amount, less;
};
struct step_rubbish {
        uint64_t client, kind, bytes;
};
struct step_clock {
        uint64_t forward, ms;
};
struct step_full {
        uint64_t batches; /* of records that the host's trace has no room for */
};
struct step_wait {
        uint64_t us;
};

struct step {
        enum step_kind kind;
        union {
                uint64_t fields[STEP_FIELDS_MAX];
                struct step_console console;
                struct step_guest guest;
                struct step_say say;
                struct step_hear hear;
                struct step_connect connect;
                struct step_crowd crowd;
                struct step_hello hello;
                struct step_bytes bytes; /* read */
                struct step_pace pace;   /* and split */
                struct step_type type;
                struct step_ask ask;
                struct step_history history;
                struct step_kick kick;
                struct step_client client; /* mark, break, shut, die, refuse */
                struct step_acknowledge acknowledge;
                struct step_rubbish rubbish;
                struct step_clock clock;
                struct step_full full;
                struct step_wait wait; /* and stop: time passes, and the host does not run */
        };
};

struct script {
        struct step *steps;
        size_t count;
};

static inline bool listener_is_native(uint64_t listener)
{
        return listener == SC_LISTENER_CONTROL || listener == SC_LISTENER_VIEW_CONTROL;
}

static inline bool listener_is_view(uint64_t listener)
{
        return listener == SC_LISTENER_VIEW || listener == SC_LISTENER_VIEW_CONTROL;
}

void script_add(struct script *script, const struct step *step);
void script_free(struct script *script);

/* When in the turn that follows a step takes place; 0: before it. */
uint64_t step_after(const struct step *step);

/* Whether somebody who sees guest and clients alone can tell what is right: no operator acts, nobody breaks the rules. */
bool script_is_observable(const struct script *script);

void script_print(const struct script *script, FILE *file);
/* Returns the number of the line that is no step, or 0. */
unsigned script_parse(struct script *script, FILE *file);

#endif
