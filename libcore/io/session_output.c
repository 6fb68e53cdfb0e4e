#include "io/session_parts.h"

#include <errno.h>

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
        sc_session_end_with(driver,
                            driver->found == SC_SEARCH_UNTIL ? SC_SESSION_FOUND : SC_SESSION_FOUND_FAILURE);
        return true;
}

bool sc_session_output_put(struct sc_session_driver *driver)
{
        struct sc_attachment *attachment = &driver->attachment;
        if (driver->state.fd >= 0 && !sc_state_file_continues(&driver->state, &attachment->place) &&
            !sc_session_output_note(driver))
                return false;
        struct sc_span output = { attachment->output.bytes, driver->output_length };
        ssize_t written = sc_user_end_write(&driver->user, output);
        if (written == -EPIPE)
                return sc_session_end_with(driver, SC_SESSION_OUTPUT_CLOSED);
        if (written < 0)
                return sc_session_fail(driver, (int)written, "standard output");
        driver->output_length -= (size_t)written;
        sc_attachment_done(attachment, (size_t)written);
        sc_patience_output(&driver->patience, driver->output_length > 0, driver->now_ns);
        return sc_session_output_note(driver) && !is_found(driver);
}

void sc_session_output_take(struct sc_session_driver *driver, struct sc_span bytes)
{
        driver->output_length = bytes.length;
        sc_patience_output(&driver->patience, true, driver->now_ns);
        if (driver->config->search)
                driver->found = sc_search_take(driver->config->search, bytes, &driver->output_length);
}

/* --- notices --- */

/* What is said here may land in the output file: it is not taken for output then. */
void sc_session_output_notice(struct sc_session_driver *driver, const char *text)
{
        bool shared = driver->state.appends && sc_user_end_errors_are_output();
        if (shared)
                sc_state_file_pause(&driver->state);
        sc_user_end_notice(&driver->user, sc_session_link_name(driver), text);
        if (shared)
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
