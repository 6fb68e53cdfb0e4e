#include "io/session_parts.h"

#include <errno.h>

/* How long the next piece of a line that matched is awaited, and all of them. */
#define REST_NS (100 * SC_NS_PER_MS)
#define REST_MAX_NS SC_NS_PER_S
#define REPLAY_BYTES 4096

bool sc_session_output_note(struct sc_session_driver *driver)
{
        if (driver->state.fd < 0)
                return true;
        int result = sc_state_file_note(&driver->state, &driver->attachment.place);
        return result == 0 || sc_session_fail(driver, result, driver->config->state_path);
}

static bool is_found(struct sc_session_driver *driver)
{
        if (driver->output_length > 0 || driver->found == SC_SEARCH_NOTHING)
                return false;
        if (driver->rest_until_ns > driver->now_ns)
                return false;
        sc_session_end_with(driver,
                            driver->found == SC_SEARCH_UNTIL ? SC_SESSION_FOUND : SC_SESSION_FOUND_FAILURE);
        return true;
}

bool sc_session_output_is_settled(struct sc_session_driver *driver)
{
        return !is_found(driver);
}

static void advance(struct sc_session_driver *driver, size_t length)
{
        driver->output_length -= length;
        sc_attachment_done(&driver->attachment, length);
        sc_patience_output(&driver->patience, driver->output_length > 0, driver->now_ns);
}

static bool note_beginning(struct sc_session_driver *driver)
{
        bool noted =
                driver->state.fd < 0 || sc_state_file_continues(&driver->state, &driver->attachment.place);
        return noted || sc_session_output_note(driver);
}

/* Writes some of `output`: how much, or -1 where it is over. */
static ssize_t write_some(struct sc_session_driver *driver, struct sc_span output)
{
        ssize_t written = sc_user_end_write(&driver->user, output);
        if (written >= 0)
                return written;
        if (written == -EPIPE)
                sc_session_end_with(driver, SC_SESSION_OUTPUT_CLOSED);
        else
                sc_session_fail(driver, (int)written, "standard output");
        return -1;
}

/* How much of the output was said before this client came: on a terminal, whose answers would be typed now. */
static uint64_t replayed_bytes(const struct sc_session_driver *driver)
{
        const struct sc_attachment *attachment = &driver->attachment;
        if (!driver->user.terminal || attachment->state != SC_ATTACHMENT_ATTACHED)
                return 0;
        return sc_sub_sat_u64(attachment->live_from, attachment->place.offset);
}

/* The next piece of what is replayed, without the guest's queries. */
static bool put_replayed(struct sc_session_driver *driver, uint64_t replayed)
{
        static uint8_t shown[SC_QUERIES_BYTES_MAX(REPLAY_BYTES)];
        if (driver->replay_length == 0) {
                size_t piece = (size_t)sc_min_u64(sc_min_u64(driver->output_length, replayed), REPLAY_BYTES);
                size_t length =
                        sc_queries_feed(&driver->queries, driver->attachment.output.bytes, piece, shown);
                if (piece == replayed)
                        length += sc_queries_flush(&driver->queries, shown + length);
                driver->replay = (struct sc_span) { shown, length };
                driver->replay_length = piece;
        }
        if (driver->replay.length > 0) {
                ssize_t written = write_some(driver, driver->replay);
                if (written < 0)
                        return false;
                driver->replay.bytes += written;
                driver->replay.length -= (size_t)written;
        }
        if (driver->replay.length > 0)
                return true;
        advance(driver, driver->replay_length);
        driver->replay_length = 0;
        return sc_session_output_note(driver) && !is_found(driver);
}

bool sc_session_output_put(struct sc_session_driver *driver)
{
        struct sc_span output = { driver->attachment.output.bytes, driver->output_length };
        size_t already_out = sc_state_file_already_out(&driver->state, output);
        if (already_out > 0) {
                advance(driver, already_out);
                return !is_found(driver);
        }
        uint64_t replayed = replayed_bytes(driver);
        if (!note_beginning(driver))
                return false;
        if (replayed > 0)
                return put_replayed(driver, replayed);
        ssize_t written = write_some(driver, output);
        if (written < 0)
                return false;
        advance(driver, (size_t)written);
        return sc_session_output_note(driver) && !is_found(driver);
}

/* A line that matches before it is finished is mostly about to be: what still comes of it in a moment belongs to it. */
static void search(struct sc_session_driver *driver, struct sc_span bytes)
{
        struct sc_search *lines = driver->config->search;
        if (!lines)
                return;
        if (driver->found == SC_SEARCH_NOTHING) {
                driver->found = sc_search_take(lines, bytes, &driver->output_length);
                driver->rest_end_ns = driver->now_ns + REST_MAX_NS;
        } else {
                enum sc_search_result result = sc_search_take_rest(lines, bytes, &driver->output_length);
                driver->found = result == SC_SEARCH_FAIL ? SC_SEARCH_FAIL : driver->found;
        }
        bool waits = driver->found != SC_SEARCH_NOTHING && sc_search_is_unfinished(lines);
        driver->rest_until_ns = waits ? sc_min_u64(driver->now_ns + REST_NS, driver->rest_end_ns) : 0;
}

void sc_session_output_take(struct sc_session_driver *driver, struct sc_span bytes)
{
        driver->output_length = bytes.length;
        sc_patience_output(&driver->patience, true, driver->now_ns);
        search(driver, bytes);
}

/* --- notices --- */

void sc_session_output_notice(struct sc_session_driver *driver, const char *text)
{
        sc_user_end_notice(&driver->user, sc_session_link_name(driver), text);
}

void sc_session_output_around_errors(void *context, bool begins)
{
        struct sc_session_driver *driver = context;
        if (begins)
                sc_state_file_pause(&driver->state);
        else
                sc_state_file_resume(&driver->state);
}

void sc_session_output_say(struct sc_session_driver *driver, const struct sc_attachment_event *event)
{
        char text[SC_SESSION_TEXT_BYTES];
        if (driver->config->notice_text(event, driver->user.terminal, text))
                sc_session_output_notice(driver, text);
}

void sc_session_output_say_that(struct sc_session_driver *driver, enum sc_notice what, uint64_t value)
{
        sc_session_output_say(driver, &(struct sc_attachment_event) {
                                              .kind = SC_ATTACHMENT_TELL, .notice = what, .value = value });
}
