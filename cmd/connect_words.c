#include "connect_words.h"

#include "connect_value.h"
#include "model/client/printable.h"
#include "time_format.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- notices --- */

/* One notice: its text, with %s for `value`; whether a filter says it, too: what a script's log should hold. */
struct words {
        const char *text;
        bool in_filter;
};

static const struct words words[] = {
        [SC_NOTICE_AWAITED] = { "nobody is there yet; waiting", true },
        [SC_NOTICE_RAW] = { "a plain socket, not a serialcon host: nothing is kept here, and what is said "
                            "while disconnected is lost",
                            true },
        [SC_NOTICE_RAW_SILENT] = { "connected, and nothing comes: the guest is silent, or another client has "
                                   "this console (QEMU lets a second one wait)",
                                   true },
        [SC_NOTICE_LOST] = { "the connection is lost; connecting again", true },
        [SC_NOTICE_RESUMED] = { "connected again, nothing lost", true },
        [SC_NOTICE_RESUMED_UNSURE] = { "connected again, no output lost", true },
        [SC_NOTICE_RESUMED_GAP] = { "connected again", true },
        [SC_NOTICE_OTHER_INSTANCE] = { "connected to another instance of the host, from its beginning: what "
                                       "the former one said last may be lost",
                                       true },
        [SC_NOTICE_BEYOND] = { "the host has not said that much; from its beginning", true },
        [SC_NOTICE_RAW_AGAIN] = { "connected again; what was said meanwhile is lost", true },
        [SC_NOTICE_GAP] = { "%s bytes are missing here: overwritten before they were read", true },
        [SC_NOTICE_CLEARED] = { "%s bytes are missing here: cleared by an operator", true },
        [SC_NOTICE_ABOVE] = { "%s more bytes are kept above: serialcon log shows them", false },
        [SC_NOTICE_READ_ONLY] = { "this socket is for viewers: nothing can be typed", true },
        [SC_NOTICE_GUEST_UP] = { "the guest is up", false },
        [SC_NOTICE_GUEST_DOWN] = { "the guest is gone; waiting for it", false },
        [SC_NOTICE_GUEST_RESET] = { "the guest was reset", false },
        [SC_NOTICE_GUEST_ENDED] = { "the guest has ended", false },
        [SC_NOTICE_MARK] = { "mark: %s", false },
        [SC_NOTICE_WRITER_OTHER] = { "client %s types; what is typed here is dropped", true },
        [SC_NOTICE_WRITER_SELF] = { "this client types now", false },
        [SC_NOTICE_DROPPED_GUEST] = { "%s bytes of input were dropped: the guest that they were for is gone",
                                      true },
        [SC_NOTICE_DROPPED_WRITER] = { "%s bytes of input were dropped: another client types", true },
        [SC_NOTICE_DROPPED_VIEWER] = { "%s bytes of input were dropped: this client only reads", true },
        [SC_NOTICE_INPUT_UNSURE] = { "%s bytes of input were on their way: they may not have arrived", true },
        [SC_NOTICE_INPUT_STUCK] = { "the guest takes no input", true },
        [SC_NOTICE_BREAK_SENT] = { "BREAK sent", false },
        [SC_NOTICE_BREAK_FAILED] = { "no BREAK: %s", true },
        [SC_NOTICE_TAKEN] = { "this client types now", false },
        [SC_NOTICE_TAKE_FAILED] = { "the writer's role was not given: %s", true },
        [SC_NOTICE_SILENT] = { "the host does not answer", true },
        [SC_NOTICE_ANSWERS] = { "the host answers again", true },
        [SC_NOTICE_KEYS_NO_GUEST] = { "there is no guest: keys are not kept", false },
        [SC_NOTICE_KEYS_NO_CONNECTION] = { "not connected: keys are not kept", false },
        [SC_NOTICE_KEYS_READ_ONLY] = { "this client only reads: keys go nowhere", false },
        [SC_NOTICE_KEYS_NO_ROOM] = { "the guest does not take what is typed: keys are lost", false },
        [SC_NOTICE_NOT_NOW] = { "not connected to a serialcon host", false },
        [SC_NOTICE_NO_SIZE] = { "this terminal has no size", false },
        [SC_NOTICE_RAW_NO_BREAK] = { "a plain socket carries no BREAK", true },
};
static_assert(SC_COUNT(words) == SC_NOTICE_COUNT, "words for each notice");

static const char *result_text(uint64_t result)
{
        switch (result) {
        case SC_RESULT_NOT_CARRIED:
                return "this guest side cannot carry one";
        case SC_RESULT_NO_GUEST:
                return "there is no guest";
        case SC_RESULT_BUSY:
                return "too many wait already";
        case SC_RESULT_NOT_ALLOWED:
                return "not allowed here";
        default:
                return "refused";
        }
}

bool sc_connect_words_notice(const struct sc_attachment_event *event, bool terminal, char *text)
{
        char value[SC_MARK_BYTES_MAX + 1];
        const struct words *said = &words[event->notice];
        if (!terminal && !said->in_filter)
                return false;
        if (event->notice == SC_NOTICE_MARK)
                sc_printable_line(event->bytes.bytes, event->bytes.length, value, sizeof(value));
        else if (event->notice == SC_NOTICE_BREAK_FAILED || event->notice == SC_NOTICE_TAKE_FAILED)
                snprintf(value, sizeof(value), "%s", result_text(event->value));
        else
                snprintf(value, sizeof(value), "%" PRIu64, event->value);

        const char *place = strstr(said->text, "%s");
        int before = place ? (int)(place - said->text) : (int)strlen(said->text);
        snprintf(text, SC_SESSION_TEXT_BYTES, "%.*s%s%s", before, said->text, place ? value : "",
                 place ? place + 2 : "");
        return true;
}

/* --- the attach line --- */

struct line {
        char *text;
        size_t length;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
        va_list arguments;
        size_t room = SC_SESSION_TEXT_BYTES - line->length;
        va_start(arguments, format);
        int length = vsnprintf(line->text + line->length, room, format, arguments);
        va_end(arguments);
        line->length += length < 0 ? 0 : (size_t)sc_min_u64((uint64_t)length, room - 1);
}

static const char *ago(const struct sc_status *status, uint64_t boot_ns,
                       char text[static SC_TIME_FORMAT_BYTES])
{
        return sc_time_format_length(sc_sub_sat_u64(status->now_ns, boot_ns), text);
}

static void add_guest(struct line *line, const struct sc_status *status)
{
        static const char *const states[] = { "no guest yet", "guest up", "guest gone" };
        char text[SC_TIME_FORMAT_BYTES];
        const char *state = states[status->guest_state];
        if (status->guest_note == SC_GUEST_NOTE_ENDED)
                state = "guest ended";
        add(line, "%s for %s", state, ago(status, status->guest_since_ns, text));
        if (status->guest_note == SC_GUEST_NOTE_TAKEN)
                add(line, " (another client has its socket)");
        if (status->guest_note == SC_GUEST_NOTE_UNUSABLE)
                add(line, " (what is at its path cannot be used)");
        if (status->last_output_ns == 0)
                add(line, ", nothing said yet");
        else
                add(line, ", last output %s ago", ago(status, status->last_output_ns, text));
        add(line, ", %" PRIu64 " bytes unread", sc_sub_sat_u64(status->head, status->consumed));
}

/* Who else is here, and who of them types where one alone may. */
static bool add_clients(struct line *line, struct sc_decoder *decoder, const struct sc_status *status)
{
        struct sc_boundary boundary;
        struct sc_status_client client;
        uint64_t writer = 0;
        for (unsigned i = 0; i < status->boundaries; i++)
                if (!sc_status_get_boundary(decoder, &boundary))
                        return false;
        for (unsigned i = 0; i < status->clients; i++) {
                if (!sc_status_get_client(decoder, &client))
                        return false;
                if (client.flags & SC_STATUS_CLIENT_MAY_TYPE)
                        writer = client.id;
        }
        if (status->for_viewer)
                return true;
        add(line, status->clients == 1 ? ", 1 other client" : ", %u other clients", status->clients);
        if (status->writers == SC_WRITERS_ONE && writer != 0)
                add(line, " (client %" PRIu64 " types)", writer);
        return true;
}

bool sc_connect_words_survey(struct sc_decoder payload, const struct sc_escape *escape, char *text)
{
        char name[ESCAPE_NAME_BYTES];
        struct sc_status status;
        struct line line = { .text = text };
        text[0] = '\0';
        if (!sc_status_get(&payload, &status))
                return false;
        add_guest(&line, &status);
        if (!add_clients(&line, &payload, &status))
                return false;
        if (!escape->none)
                add(&line, "; %s then . quits, ? helps",
                    sc_connect_value_escape_name(escape->character, name));
        return true;
}

const char *sc_connect_words_keys(const struct sc_escape *escape, char text[static SC_SESSION_TEXT_BYTES])
{
        char name[ESCAPE_NAME_BYTES];
        sc_connect_value_escape_name(escape->character, name);
        snprintf(text, SC_SESSION_TEXT_BYTES,
                 "%s then: . or q quit, ? this help, b BREAK, B KEY a BREAK and KEY (SysRq), w type here "
                 "(--writers one), r tell the guest the window's size, Ctrl-Z suspend, %s itself",
                 name, name);
        return text;
}
