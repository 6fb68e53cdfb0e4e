#ifndef SC_USER_INPUT_H
#define SC_USER_INPUT_H

#include "model/base/bounds.h"
#include "model/client/escape.h"
#include "model/client/typed.h"

/* What a client's user types: keys taken apart by the escape character on a terminal, bytes as they are elsewhere. What
 * is for the guest waits in `typed`. */

enum sc_user_request {
        SC_USER_NOTHING,
        SC_USER_QUIT,
        SC_USER_HELP, /* also one second after a lone escape character */
        SC_USER_TAKE,
        SC_USER_RESIZE,
        SC_USER_SUSPEND,
        SC_USER_HUNG_UP,  /* the terminal has gone */
        SC_USER_NO_BREAK, /* a BREAK was typed where none is carried; the key behind it is dropped */
        SC_USER_NOT_KEPT, /* what was typed has nobody to go to: told once each time */
        SC_USER_NO_ROOM,  /* the guest does not take what was typed: told once each time */
};

struct sc_user_input {
        bool terminal;
        struct sc_escape escape;
        struct sc_typed typed;
        const uint8_t *send; /* typed before anything else; [0, send_length) is still to come */
        size_t send_length;
        bool ended;
        bool told_not_kept, told_no_room;
        uint64_t now_ns;    /* of the last call of sc_user_input_next */
        uint64_t full_ns;   /* since when `typed` has had no room and nothing was sent of it; 0: it has */
        uint64_t held_ns;   /* since when the escape holds bytes back */
        uint64_t behind_ns; /* since when the key behind the escape character is awaited */
        bool told_help;
        uint8_t keys[SC_FRAME_INPUT_BYTES_MAX];
        size_t keys_start, keys_end;
};

/* Where input can go now. */
struct sc_user_outlet {
        bool takes;  /* there is a guest, or one is waited for */
        bool breaks; /* the connection carries a BREAK */
};

/* Room for the next read; empty: nothing is to be read now. On a terminal there is room also while the guest takes
 * nothing, for the escape character; then what does not fit is lost. */
struct sc_span sc_user_input_room(struct sc_user_input *input, struct sc_user_outlet outlet);
/* `length` bytes came; 0: that was the end. */
void sc_user_input_received(struct sc_user_input *input, size_t length);

/* Goes on with what was received, up to the next thing that somebody else has to do. What was typed before it is in
 * `typed`, and is to be sent first. */
enum sc_user_request sc_user_input_next(struct sc_user_input *input, struct sc_user_outlet outlet,
                                        uint64_t now_ns);
/* When sc_user_input_next or _room has something though nothing was typed; UINT64_MAX: never. */
uint64_t sc_user_input_deadline_ns(const struct sc_user_input *input);

/* Something of `typed` was sent. */
void sc_user_input_sent(struct sc_user_input *input);

/* The guest, or the connection, for which it was typed is gone: returns how many bytes are dropped. */
size_t sc_user_input_forget(struct sc_user_input *input);

/* Nothing waits, and nothing more will come. */
bool sc_user_input_is_over(const struct sc_user_input *input);

#endif
