#include "io/session_parts.h"

#include "io/sock_diag.h"

#include <errno.h>

const char *sc_session_link_name(const struct sc_session_driver *driver)
{
        return driver->config->path ? driver->config->path : driver->config->command;
}

void sc_session_link_close(struct sc_session_driver *driver, bool waits)
{
        sc_session_trace_closed(driver, false); /* else the peer's end was told before */
        if (driver->transport.error_fd >= 0)
                sc_command_errors_finish(&driver->errors, driver->transport.error_fd, waits);
        sc_transport_close(&driver->transport);
        if (driver->user.terminal && driver->input.send_length == 0)
                sc_user_input_forget(&driver->input);
        driver->spoke = driver->breaking = false;
        driver->replay_length = 0;
        driver->queries = (struct sc_queries) { .state = SC_QUERIES_TEXT };
}

/* How the socket of a peer without a protocol is held now. */
static enum sc_raw_peer look_up_peer(const struct sc_session_driver *driver)
{
        if (driver->peer_hidden)
                return SC_RAW_PEER_HIDDEN;
        switch (sc_sock_diag_look_up(driver->config->path)) {
        case SC_SOCK_TAKEN:
                return SC_RAW_PEER_TAKEN;
        case SC_SOCK_LISTENING:
                return SC_RAW_PEER_FREE;
        case SC_SOCK_UNKNOWN:
                return SC_RAW_PEER_HIDDEN;
        case SC_SOCK_ABSENT:
        case SC_SOCK_BOUND:
                break;
        }
        return SC_RAW_PEER_GONE;
}

/* The listener is looked for before and after it was connected to: it may have come, or taken one client and gone. What
 * is its end of our connection is shown also where the listener is not. */
static bool is_listener_seen(const struct sc_session_driver *driver)
{
        enum sc_sock_holder holder = sc_sock_diag_look_up(driver->config->path);
        return holder == SC_SOCK_LISTENING || holder == SC_SOCK_TAKEN;
}

/* A peer without a protocol is not asked by connecting, which would throw its client out. True: it may be. */
static bool is_peer_free(struct sc_session_driver *driver)
{
        struct sc_attachment *attachment = &driver->attachment;
        if (!attachment->was_attached)
                return true;
        enum sc_raw_peer peer = look_up_peer(driver);
        if (peer != SC_RAW_PEER_FREE)
                sc_attachment_lost(attachment, peer, driver->now_ns);
        return peer == SC_RAW_PEER_FREE;
}

/* 0, or -errno; -EALREADY: the attachment has been told. */
static int open_transport(struct sc_session_driver *driver)
{
        const char *path = driver->config->path, *command = driver->config->command;
        if (command) {
                sc_user_end_restore(&driver->user); /* it may ask for a password */
                return sc_transport_open_command(&driver->transport, command);
        }
        int result = sc_transport_open_native(&driver->transport, path);
        bool tries_plain = result == -ENOENT || result == -ECONNREFUSED;
        if (!tries_plain || driver->attachment.native || driver->config->state_path)
                return result;
        if (!is_peer_free(driver))
                return -EALREADY;
        bool seen = is_listener_seen(driver);
        result = sc_transport_open_plain(&driver->transport, path);
        driver->peer_hidden = result == 0 && !driver->transport.native && !seen && !is_listener_seen(driver);
        return result;
}

/* What may pass: a host that starts makes its sockets private before it widens them. */
static bool is_absence(const struct sc_session_driver *driver, int error)
{
        bool comes = driver->attachment.was_attached || driver->config->attachment.waits;
        return comes || error == -ENOENT || error == -ECONNREFUSED || error == -ECONNRESET;
}

bool sc_session_link_open(struct sc_session_driver *driver)
{
        int result = open_transport(driver);
        if (result == -EALREADY)
                return true;
        if (result == 0) {
                driver->spoke = !driver->transport.native;
                sc_session_trace_connected(driver);
                sc_attachment_connected(&driver->attachment, driver->transport.native, driver->now_ns);
                return true;
        }
        if (!is_absence(driver, result))
                return sc_session_fail(driver, result, sc_session_link_name(driver));
        sc_attachment_failed(&driver->attachment, driver->now_ns);
        return true;
}

/* All that came has been taken apart, and no more comes. */
static void lose_connection(struct sc_session_driver *driver)
{
        bool raw = !driver->transport.native;
        sc_session_trace_closed(driver, true);
        sc_session_link_close(driver, true);
        sc_attachment_lost(&driver->attachment, raw ? look_up_peer(driver) : SC_RAW_PEER_GONE,
                           driver->now_ns);
}

void sc_session_link_receive(struct sc_session_driver *driver)
{
        struct sc_span room = { driver->raw, SC_SESSION_RAW_BYTES };
        if (driver->transport.native)
                room = sc_session_receive_room(&driver->attachment.session);
        ssize_t length = sc_transport_read(&driver->transport, room);
        if (length > 0) {
                room.length = (size_t)length;
                driver->spoke = driver->errors.by_lines = true;
                sc_session_trace_heard(driver, room);
                sc_attachment_received(&driver->attachment, room, driver->now_ns);
        } else if (length < 0) {
                lose_connection(driver);
        }
}

/* A failed write ends that direction alone: what the host said last is still read. */
size_t sc_session_link_send(struct sc_session_driver *driver, struct sc_span bytes)
{
        ssize_t sent = sc_transport_write(&driver->transport, bytes);
        if (sent > 0)
                sc_session_trace_said(driver, (struct sc_span) { bytes.bytes, (size_t)sent });
        return sent < 0 ? bytes.length : (size_t)sent;
}

void sc_session_link_send_frames(struct sc_session_driver *driver)
{
        struct sc_span pending = sc_session_to_send(&driver->attachment.session);
        if (pending.length > 0)
                sc_session_sent(&driver->attachment.session, sc_session_link_send(driver, pending));
}
