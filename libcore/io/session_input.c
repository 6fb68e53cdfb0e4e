#include "io/session_parts.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* How often the host is asked whether the guest has taken all input (--eof-quit). */
#define ASK_NS (50 * SC_NS_PER_MS)

static struct sc_user_outlet outlet_of(const struct sc_session_driver *driver)
{
        return (struct sc_user_outlet) {
                .takes = sc_attachment_takes_input(&driver->attachment),
                .breaks = driver->attachment.native,
        };
}

static void say_not_kept(struct sc_session_driver *driver)
{
        const struct sc_attachment *attachment = &driver->attachment;
        sc_session_output_say_that(driver,
                                   attachment->config.role != SC_ROLE_CLIENT ? SC_NOTICE_KEYS_READ_ONLY
                                   : sc_attachment_is_connected(attachment)  ? SC_NOTICE_KEYS_NO_GUEST
                                                                             : SC_NOTICE_KEYS_NO_CONNECTION,
                                   0);
}

static void type_size(struct sc_session_driver *driver)
{
        unsigned rows, columns;
        char text[64];
        if (!outlet_of(driver).takes) {
                say_not_kept(driver);
        } else if (!sc_tty_size(STDOUT_FILENO, &rows, &columns)) {
                sc_session_output_say_that(driver, SC_NOTICE_NO_SIZE, 0);
        } else {
                int length = snprintf(text, sizeof(text), "stty rows %u cols %u\r", rows, columns);
                sc_typed_put(&driver->input.typed, (const uint8_t *)text, (size_t)length);
        }
}

static bool obey(struct sc_session_driver *driver, enum sc_user_request request)
{
        switch (request) {
        case SC_USER_NOTHING:
                break;
        case SC_USER_QUIT:
        case SC_USER_HUNG_UP:
                return sc_session_end_with(driver, SC_SESSION_QUIT);
        case SC_USER_HELP:
                sc_session_output_notice(driver, driver->config->keys_text);
                break;
        case SC_USER_TAKE:
                if (!sc_attachment_ask(&driver->attachment, SC_FRAME_TAKE))
                        sc_session_output_say_that(driver, SC_NOTICE_NOT_NOW, 0);
                break;
        case SC_USER_RESIZE:
                type_size(driver);
                break;
        case SC_USER_SUSPEND:
                sc_user_end_suspend(&driver->user);
                break;
        case SC_USER_NO_BREAK:
                sc_session_output_say_that(driver, SC_NOTICE_RAW_NO_BREAK, 0);
                break;
        case SC_USER_NOT_KEPT:
                say_not_kept(driver);
                break;
        case SC_USER_NO_ROOM:
                sc_session_output_say_that(driver, SC_NOTICE_KEYS_NO_ROOM, 0);
                break;
        }
        return true;
}

static size_t send_text(struct sc_session_driver *driver, struct sc_span text)
{
        return driver->transport.native ? sc_attachment_type(&driver->attachment, text)
                                        : sc_session_link_send(driver, text);
}

/* Sends what was typed, as far as the connection takes it. A BREAK is answered first, for the key that goes with it. */
static void pass_on(struct sc_session_driver *driver)
{
        struct sc_typed *typed = &driver->input.typed;
        while (outlet_of(driver).takes && !driver->breaking && !sc_typed_is_empty(typed)) {
                if (sc_typed_break_is_next(typed)) {
                        driver->breaking = sc_attachment_ask(&driver->attachment, SC_FRAME_BREAK);
                        break;
                }
                size_t sent = send_text(driver, sc_typed_text(typed));
                if (sent == 0)
                        break;
                sc_typed_sent(typed, sent);
                sc_user_input_sent(&driver->input);
        }
        if (driver->transport.native && driver->transport.write_fd >= 0)
                sc_session_link_send_frames(driver);
}

/* Whether all input was sent, and it is to be known whether the guest has taken it. */
bool sc_session_input_awaits_taking(const struct sc_session_driver *driver)
{
        bool over = sc_user_input_is_over(&driver->input) || driver->attachment.config.role != SC_ROLE_CLIENT;
        return driver->config->eof_quits && over && !driver->patience.input_taken &&
               !driver->attachment.status_asked && sc_attachment_is_connected(&driver->attachment);
}

static void ask_whether_taken(struct sc_session_driver *driver)
{
        if (!sc_session_input_awaits_taking(driver) || driver->now_ns < driver->ask_ns)
                return;
        driver->ask_ns = driver->now_ns + ASK_NS;
        if (driver->transport.native)
                sc_attachment_ask(&driver->attachment, SC_FRAME_STATUS_REQUEST);
        else if (sc_transport_is_drained(&driver->transport))
                sc_patience_taken(&driver->patience, driver->now_ns);
}

bool sc_session_input_take(struct sc_session_driver *driver)
{
        enum sc_user_request request;
        do {
                request = sc_user_input_next(&driver->input, outlet_of(driver), driver->now_ns);
                pass_on(driver); /* what was typed before it */
                if (!obey(driver, request))
                        return false;
        } while (request != SC_USER_NOTHING);
        ask_whether_taken(driver);
        pass_on(driver);
        return true;
}

bool sc_session_input_read(struct sc_session_driver *driver)
{
        struct sc_span room = sc_user_input_room(&driver->input, outlet_of(driver));
        if (room.length == 0)
                return true;
        ssize_t length = sc_user_end_read(room);
        if (length == 0)
                return true;
        /* EIO: a terminal that has gone, or is another's. */
        if (length < 0 && length != -EPIPE && length != -EIO)
                return sc_session_fail(driver, (int)length, "standard input");
        sc_user_input_received(&driver->input, length < 0 ? 0 : (size_t)length);
        return true;
}

/* What was typed waits for the connection, and not for an answer or a guest. */
bool sc_session_input_waits(struct sc_session_driver *driver)
{
        bool typed = outlet_of(driver).takes && !driver->breaking && !sc_typed_is_empty(&driver->input.typed);
        return typed ||
               (driver->transport.native && sc_session_to_send(&driver->attachment.session).length > 0);
}

bool sc_session_input_wants(struct sc_session_driver *driver)
{
        bool asked_by_command = driver->user.terminal && !driver->user.raw;
        return !asked_by_command && sc_user_input_room(&driver->input, outlet_of(driver)).length > 0;
}

bool sc_session_input_end_in_the_middle(struct sc_session_driver *driver)
{
        driver->result.why = SC_ATTACHMENT_INPUT_LOST;
        return sc_session_end_with(driver, SC_SESSION_ENDED);
}

/* The guest is gone for whom it was typed. A script's input would go on in its middle with the next one: it is over
 * (false). */
bool sc_session_input_drop(struct sc_session_driver *driver)
{
        size_t dropped = sc_user_input_forget(&driver->input);
        driver->breaking = false;
        if (dropped == 0)
                return true;
        driver->input_dropped = true;
        sc_session_output_say_that(driver, SC_NOTICE_DROPPED_GUEST, dropped);
        return driver->user.terminal || sc_session_input_end_in_the_middle(driver);
}
