#include "io/user_input.h"

#include "model/base/bounds.h"

#include <errno.h>

/* How long a sequence of keys may take to arrive, and after what a lone escape character asks for help. */
#define SEQUENCE_NS (50 * SC_NS_PER_MS)
#define HELP_NS SC_NS_PER_S

bool sc_user_input_wants(const struct sc_user_input *input, const struct sc_user_end *end, bool takes)
{
        if (input->ended || input->keys_start < input->keys_end)
                return false;
        if (end->terminal) /* always, for the escape character; but not what a command asks its user */
                return end->raw;
        return takes && input->send_length == 0 && sc_typed_is_empty(&input->typed);
}

int sc_user_input_read(struct sc_user_input *input, const struct sc_user_end *end)
{
        ssize_t length = sc_user_end_read(end, (struct sc_span) { input->keys, sizeof(input->keys) });
        if (length == -EPIPE || length == -EIO) { /* EIO: a terminal that has gone, or is another's */
                input->ended = true;
                return 0;
        }
        if (length < 0)
                return (int)length;
        input->keys_start = 0;
        input->keys_end = (size_t)length;
        return 0;
}

static enum sc_user_request take_text(struct sc_user_input *input, struct sc_span text, bool takes)
{
        if (text.length == 0)
                return SC_USER_NOTHING;
        if (!takes) {
                bool told = input->told_not_kept;
                input->told_not_kept = true;
                return told ? SC_USER_NOTHING : SC_USER_NOT_KEPT;
        }
        input->told_not_kept = false;
        bool fits = sc_typed_put(&input->typed, text.bytes, text.length) == text.length;
        bool told = input->told_no_room;
        input->told_no_room = !fits;
        return fits || told ? SC_USER_NOTHING : SC_USER_NO_ROOM;
}

static enum sc_user_request take_break(struct sc_user_input *input, struct sc_span text, bool takes)
{
        if (takes && !sc_typed_put_break(&input->typed))
                return SC_USER_NO_ROOM;
        if (takes)
                return take_text(input, text, takes);
        input->told_not_kept = true;
        return SC_USER_NOT_KEPT;
}

static enum sc_user_request obey(struct sc_user_input *input, enum sc_escape_key key, struct sc_span text,
                                 bool takes)
{
        switch (key) {
        case SC_ESCAPE_NONE:
                return take_text(input, text, takes);
        case SC_ESCAPE_BREAK:
        case SC_ESCAPE_BREAK_KEY:
                return take_break(input, text, takes);
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

static void note_escape(struct sc_user_input *input, uint64_t now_ns)
{
        input->held_ns = sc_escape_holds(&input->escape) ? now_ns : 0;
        bool behind = input->escape.state != SC_ESCAPE_TEXT;
        if (!behind || input->behind_ns == 0) {
                input->behind_ns = behind ? now_ns : 0;
                input->told_help = false;
        }
}

/* What is due without a key. */
static enum sc_user_request look_at_time(struct sc_user_input *input, bool takes, uint64_t now_ns)
{
        if (input->held_ns != 0 && now_ns >= input->held_ns + SEQUENCE_NS) {
                struct sc_span text;
                enum sc_escape_key key = sc_escape_flush(&input->escape, &text);
                note_escape(input, now_ns);
                return obey(input, key, text, takes);
        }
        if (input->behind_ns != 0 && !input->told_help && now_ns >= input->behind_ns + HELP_NS) {
                input->told_help = true;
                return SC_USER_HELP;
        }
        return SC_USER_NOTHING;
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

static enum sc_user_request take_keys(struct sc_user_input *input, const struct sc_user_end *end, bool takes,
                                      uint64_t now_ns)
{
        uint8_t *keys = input->keys + input->keys_start;
        size_t length = input->keys_end - input->keys_start;
        if (!end->terminal) {
                input->keys_start += sc_typed_put(&input->typed, keys, length);
                return SC_USER_NOTHING;
        }
        struct sc_span text;
        size_t used;
        enum sc_escape_key key = sc_escape_take(&input->escape, keys, length, &used, &text);
        input->keys_start += used;
        note_escape(input, now_ns);
        return obey(input, key, text, takes);
}

enum sc_user_request sc_user_input_next(struct sc_user_input *input, const struct sc_user_end *end,
                                        bool takes, uint64_t now_ns)
{
        take_send(input, takes);
        if (takes)
                input->told_not_kept = false;
        while (input->keys_start < input->keys_end) {
                enum sc_user_request request = take_keys(input, end, takes, now_ns);
                if (request != SC_USER_NOTHING)
                        return request;
                if (!end->terminal && sc_typed_room(&input->typed) == 0)
                        return SC_USER_NOTHING;
        }
        if (input->ended && end->terminal)
                return SC_USER_HUNG_UP;
        return look_at_time(input, takes, now_ns);
}

uint64_t sc_user_input_deadline_ns(const struct sc_user_input *input)
{
        uint64_t held = input->held_ns == 0 ? UINT64_MAX : input->held_ns + SEQUENCE_NS;
        bool helps = input->behind_ns != 0 && !input->told_help;
        return sc_min_u64(held, helps ? input->behind_ns + HELP_NS : UINT64_MAX);
}

void sc_user_input_forget(struct sc_user_input *input, const struct sc_user_end *end)
{
        if (end->terminal && input->send_length == 0)
                sc_typed_drop(&input->typed);
}

bool sc_user_input_is_over(const struct sc_user_input *input)
{
        return input->ended && input->send_length == 0 && input->keys_start == input->keys_end &&
               sc_typed_is_empty(&input->typed);
}
