#ifndef SC_USER_INPUT_H
#define SC_USER_INPUT_H

#include "io/user_end.h"
#include "model/client/escape.h"
#include "model/client/typed.h"
#include "model/wire/frame.h"

/* Standard input of a client: keys taken apart by the escape character on a terminal, bytes as they are elsewhere;
 * what is for the guest waits in `typed`. */

enum sc_user_request {
        SC_USER_NOTHING,
        SC_USER_QUIT,
        SC_USER_HELP, /* also one second after a lone escape character */
        SC_USER_TAKE,
        SC_USER_RESIZE,
        SC_USER_SUSPEND,
        SC_USER_HUNG_UP,  /* the terminal has gone */
        SC_USER_NOT_KEPT, /* what was typed has nobody to go to: told once each time */
        SC_USER_NO_ROOM,  /* the guest does not take what was typed: told once each time */
};

struct sc_user_input {
        struct sc_escape escape;
        struct sc_typed typed;
        const uint8_t *send; /* typed before anything else; [0, send_length) is still to come */
        size_t send_length;
        bool ended;
        bool told_not_kept, told_no_room;
        uint64_t held_ns;   /* since when the escape holds bytes back */
        uint64_t behind_ns; /* since when the key behind the escape character is awaited */
        bool told_help;
        uint8_t keys[SC_FRAME_INPUT_BYTES_MAX];
        size_t keys_start, keys_end;
};

/* Whether standard input is to be read. `takes`: there is a guest for it. */
bool sc_user_input_wants(const struct sc_user_input *input, const struct sc_user_end *end, bool takes);
/* Standard input is readable. Returns 0 or -errno. */
int sc_user_input_read(struct sc_user_input *input, const struct sc_user_end *end);

/* Goes on with what was read, up to the next thing that somebody else has to do. */
enum sc_user_request sc_user_input_next(struct sc_user_input *input, const struct sc_user_end *end,
                                        bool takes, uint64_t now_ns);
/* When sc_user_input_next has something though nothing was typed; UINT64_MAX: never. */
uint64_t sc_user_input_deadline_ns(const struct sc_user_input *input);

/* The connection or the guest went: what a terminal's user typed is not kept for the next. */
void sc_user_input_forget(struct sc_user_input *input, const struct sc_user_end *end);

/* Nothing waits, and nothing more will come. */
bool sc_user_input_is_over(const struct sc_user_input *input);

#endif
