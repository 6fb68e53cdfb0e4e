#include "model/client/user_input.h"

/* How long a sequence of keys may take to arrive, and after what a lone escape character asks for help. */
#define SEQUENCE_NS (50 * SC_NS_PER_MS)
#define HELP_NS SC_NS_PER_S
/* A guest that has taken nothing for so long takes nothing: keys are read on, for the escape character among them. */
#define STUCK_NS SC_NS_PER_S

static bool is_full(const struct sc_user_input *input)
{
        return sc_typed_room(&input->typed) < sizeof(input->keys);
}

struct sc_span sc_user_input_room(struct sc_user_input *input, struct sc_user_outlet outlet)
{
        struct sc_span room = { input->keys, sizeof(input->keys) };
        bool wanted = !input->ended && input->keys_start == input->keys_end;
        if (input->terminal)
                wanted &= !is_full(input) ||
                          (input->full_ns != 0 && input->now_ns - input->full_ns >= STUCK_NS);
        else
                wanted &= outlet.takes && input->send_length == 0 && sc_typed_is_empty(&input->typed);
        if (!wanted)
                room.length = 0;
        return room;
}

void sc_user_input_received(struct sc_user_input *input, size_t length)
{
        input->ended = length == 0;
        input->keys_start = 0;
        input->keys_end = length;
}

static enum sc_user_request tell_once(bool *told, enum sc_user_request request)
{
        bool before = *told;
        *told = true;
        return before ? SC_USER_NOTHING : request;
}

static enum sc_user_request take_text(struct sc_user_input *input, struct sc_span text, bool takes)
{
        if (text.length == 0)
                return SC_USER_NOTHING;
        if (!takes)
                return tell_once(&input->told_not_kept, SC_USER_NOT_KEPT);
        if (sc_typed_put(&input->typed, text.bytes, text.length) < text.length)
                return tell_once(&input->told_no_room, SC_USER_NO_ROOM);
        return SC_USER_NOTHING;
}

static enum sc_user_request take_break(struct sc_user_input *input, struct sc_span key,
                                       struct sc_user_outlet outlet)
{
        if (!outlet.takes)
                return tell_once(&input->told_not_kept, SC_USER_NOT_KEPT);
        if (!outlet.breaks)
                return SC_USER_NO_BREAK;
        if (!sc_typed_put_break(&input->typed, key))
                return tell_once(&input->told_no_room, SC_USER_NO_ROOM);
        return SC_USER_NOTHING;
}

static enum sc_user_request obey(struct sc_user_input *input, enum sc_escape_key key, struct sc_span text,
                                 struct sc_user_outlet outlet)
{
        switch (key) {
        case SC_ESCAPE_NONE:
                return take_text(input, text, outlet.takes);
        case SC_ESCAPE_BREAK:
        case SC_ESCAPE_BREAK_KEY:
                return take_break(input, text, outlet);
        case SC_ESCAPE_QUIT:
                return SC_USER_QUIT;
        case SC_ESCAPE_TAKE:
                return SC_USER_TAKE;
        case SC_ESCAPE_RESIZE:
                return SC_USER_RESIZE;
        case SC_ESCAPE_SUSPEND:
                return SC_USER_SUSPEND;
        case SC_ESCAPE_HELP:
        case SC_ESCAPE_UNKNOWN:
                break;
        }
        return SC_USER_HELP;
}

static void note_escape(struct sc_user_input *input)
{
        input->held_ns = sc_escape_holds(&input->escape) ? input->now_ns : 0;
        bool behind = input->escape.state != SC_ESCAPE_TEXT;
        if (!behind || input->behind_ns == 0) {
                input->behind_ns = behind ? input->now_ns : 0;
                input->told_help = false;
        }
}

/* What is due without a key. */
static enum sc_user_request look_at_time(struct sc_user_input *input, struct sc_user_outlet outlet)
{
        if (input->held_ns != 0 && input->now_ns >= input->held_ns + SEQUENCE_NS) {
                struct sc_span text;
                enum sc_escape_key key = sc_escape_flush(&input->escape, &text);
                note_escape(input);
                return obey(input, key, text, outlet);
        }
        if (input->behind_ns != 0 && input->now_ns >= input->behind_ns + HELP_NS)
                return tell_once(&input->told_help, SC_USER_HELP);
        return SC_USER_NOTHING;
}

static enum sc_user_request take_keys(struct sc_user_input *input, struct sc_user_outlet outlet)
{
        uint8_t *keys = input->keys + input->keys_start;
        size_t length = input->keys_end - input->keys_start;
        if (!input->terminal) {
                input->keys_start += sc_typed_put(&input->typed, keys, length);
                return SC_USER_NOTHING;
        }
        struct sc_span text;
        size_t used;
        enum sc_escape_key key = sc_escape_take(&input->escape, keys, length, &used, &text);
        input->keys_start += used;
        note_escape(input);
        return obey(input, key, text, outlet);
}

/* The text of --send, once there is a guest for it. */
static void take_send(struct sc_user_input *input, bool takes)
{
        if (!takes || input->send_length == 0)
                return;
        size_t taken = sc_typed_put(&input->typed, input->send, input->send_length);
        input->send += taken;
        input->send_length -= taken;
}

static void note_room(struct sc_user_input *input)
{
        if (!is_full(input)) {
                input->full_ns = 0;
                input->told_no_room = false;
        } else if (input->full_ns == 0) {
                input->full_ns = input->now_ns;
        }
}

enum sc_user_request sc_user_input_next(struct sc_user_input *input, struct sc_user_outlet outlet,
                                        uint64_t now_ns)
{
        enum sc_user_request request = SC_USER_NOTHING;
        input->now_ns = now_ns;
        take_send(input, outlet.takes);
        if (outlet.takes)
                input->told_not_kept = false;
        while (request == SC_USER_NOTHING && input->keys_start < input->keys_end) {
                size_t before = input->keys_start;
                request = take_keys(input, outlet);
                if (!input->terminal && input->keys_start == before) /* no room */
                        break;
        }
        note_room(input);
        if (request != SC_USER_NOTHING)
                return request;
        return input->ended && input->terminal ? SC_USER_HUNG_UP : look_at_time(input, outlet);
}

uint64_t sc_user_input_deadline_ns(const struct sc_user_input *input)
{
        uint64_t due_ns = input->held_ns == 0 ? UINT64_MAX : input->held_ns + SEQUENCE_NS;
        if (input->behind_ns != 0 && !input->told_help)
                due_ns = sc_min_u64(due_ns, input->behind_ns + HELP_NS);
        if (input->terminal && input->full_ns != 0 && input->now_ns - input->full_ns < STUCK_NS)
                due_ns = sc_min_u64(due_ns, input->full_ns + STUCK_NS);
        return due_ns;
}

void sc_user_input_sent(struct sc_user_input *input)
{
        input->full_ns = 0;
        note_room(input);
}

size_t sc_user_input_forget(struct sc_user_input *input)
{
        return sc_typed_drop(&input->typed);
}

bool sc_user_input_is_over(const struct sc_user_input *input)
{
        return input->ended && input->send_length == 0 && input->keys_start == input->keys_end &&
               sc_typed_is_empty(&input->typed);
}
