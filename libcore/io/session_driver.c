#include "io/session_driver.h"

#include "io/clock.h"
#include "io/command_errors.h"
#include "io/descriptor.h"
#include "io/sock_diag.h"
#include "io/state_file.h"
#include "io/transport.h"
#include "io/user_end.h"
#include "model/client/patience.h"
#include "model/client/user_input.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* How often the host is asked whether the guest has taken all input (--eof-quit). */
#define ASK_NS (50 * SC_NS_PER_MS)
#define RAW_BYTES (64 * 1024)

struct driver {
        const struct sc_session_driver_config *config;
        int signals;
        struct sc_transport transport;
        struct sc_attachment attachment;
        struct sc_user_end user;
        struct sc_user_input input;
        struct sc_command_errors errors;
        struct sc_patience patience;
        struct sc_state_file state;
        uint64_t now_ns;

        size_t output_length;        /* of the told output: what is still to be put out */
        enum sc_search_result found; /* and what ends the client behind it */
        bool spoke;         /* this connection's peer is there: it said something, or speaks no protocol */
        bool breaking;      /* a BREAK is out, and not answered */
        bool input_dropped; /* the host did not take all of it */
        bool asking;        /* whether the input has been taken */
        uint64_t ask_ns;    /* not before */
        bool peer_hidden;   /* a peer without a protocol, whose socket the kernel does not show */
        uint8_t raw[RAW_BYTES];
        struct sc_session_driver_result result;
};

static struct driver the_driver;

static bool end(struct driver *driver, enum sc_session_end how)
{
        driver->result.end = how;
        return false;
}

static bool fail(struct driver *driver, int error, const char *what)
{
        driver->result.error = error;
        driver->result.what = what;
        return end(driver, SC_SESSION_FAILED);
}

static const char *name_of(const struct driver *driver)
{
        return driver->config->path ? driver->config->path : driver->config->command;
}

/* What is said here may land in the output file: it is not taken for output then. */
static void notice(struct driver *driver, const char *text)
{
        bool shared = driver->state.appends && sc_user_end_errors_are_output();
        if (shared)
                sc_state_file_pause(&driver->state);
        sc_user_end_notice(&driver->user, name_of(driver), text);
        if (shared)
                sc_state_file_resume(&driver->state);
}

static void say(struct driver *driver, const struct sc_attachment_event *event)
{
        char text[SC_SESSION_TEXT_BYTES];
        if (driver->config->notice_text(event, driver->user.terminal, text))
                notice(driver, text);
}

static void say_that(struct driver *driver, enum sc_notice what, uint64_t value)
{
        say(driver,
            &(struct sc_attachment_event) { .kind = SC_ATTACHMENT_TELL, .notice = what, .value = value });
}

/* The guest is gone for whom it was typed. A script's input would go on in its middle with the next one: it is over
 * (false). */
static bool drop_input(struct driver *driver)
{
        size_t dropped = sc_user_input_forget(&driver->input);
        driver->breaking = false;
        if (dropped == 0)
                return true;
        driver->input_dropped = true;
        say_that(driver, SC_NOTICE_DROPPED_GUEST, dropped);
        driver->result.why = SC_ATTACHMENT_INPUT_LOST;
        return driver->user.terminal || end(driver, SC_SESSION_ENDED);
}

/* --- connections --- */

static void close_connection(struct driver *driver, bool waits)
{
        if (driver->transport.error_fd >= 0)
                sc_command_errors_finish(&driver->errors, driver->transport.error_fd, waits);
        sc_transport_close(&driver->transport);
        if (driver->user.terminal && driver->input.send_length == 0)
                sc_user_input_forget(&driver->input);
        driver->spoke = driver->breaking = driver->asking = false;
}

/* How the socket of a peer without a protocol is held now. */
static enum sc_raw_peer look_up_peer(const struct driver *driver)
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
static bool is_listener_seen(const struct driver *driver)
{
        enum sc_sock_holder holder = sc_sock_diag_look_up(driver->config->path);
        return holder == SC_SOCK_LISTENING || holder == SC_SOCK_TAKEN;
}

/* A peer without a protocol is not asked by connecting, which would throw its client out. True: it may be. */
static bool is_peer_free(struct driver *driver)
{
        struct sc_attachment *attachment = &driver->attachment;
        if (!attachment->was_attached || attachment->native)
                return true;
        enum sc_raw_peer peer = look_up_peer(driver);
        if (peer != SC_RAW_PEER_FREE)
                sc_attachment_lost(attachment, peer, driver->now_ns);
        return peer == SC_RAW_PEER_FREE;
}

/* 0, or -errno; -EALREADY: the attachment has been told. */
static int open_transport(struct driver *driver)
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
static bool is_absence(const struct driver *driver, int error)
{
        bool comes = driver->attachment.was_attached || driver->config->attachment.waits;
        return comes || error == -ENOENT || error == -ECONNREFUSED || error == -ECONNRESET;
}

static bool connect_again(struct driver *driver)
{
        int result = open_transport(driver);
        if (result == -EALREADY)
                return true;
        if (result == 0) {
                driver->spoke = !driver->transport.native;
                sc_attachment_connected(&driver->attachment, driver->transport.native, driver->now_ns);
                return true;
        }
        if (!is_absence(driver, result))
                return fail(driver, result, name_of(driver));
        sc_attachment_failed(&driver->attachment, driver->now_ns);
        return true;
}

/* All that came has been taken apart, and no more comes. */
static void lose_connection(struct driver *driver)
{
        bool raw = !driver->transport.native;
        close_connection(driver, true);
        sc_attachment_lost(&driver->attachment, raw ? look_up_peer(driver) : SC_RAW_PEER_GONE,
                           driver->now_ns);
}

static void receive(struct driver *driver)
{
        struct sc_span room = { driver->raw, RAW_BYTES };
        if (driver->transport.native)
                room = sc_session_receive_room(&driver->attachment.session);
        ssize_t length = sc_transport_read(&driver->transport, room);
        if (length > 0) {
                room.length = (size_t)length;
                driver->spoke = driver->errors.by_lines = true;
                sc_attachment_received(&driver->attachment, room, driver->now_ns);
        } else if (length < 0) {
                lose_connection(driver);
        }
}

/* A failed write ends that direction alone: what the host said last is still read. */
static size_t send_some(struct driver *driver, struct sc_span bytes)
{
        ssize_t sent = sc_transport_write(&driver->transport, bytes);
        return sent < 0 ? bytes.length : (size_t)sent;
}

static void send_frames(struct driver *driver)
{
        struct sc_span pending = sc_session_to_send(&driver->attachment.session);
        if (pending.length > 0)
                sc_session_sent(&driver->attachment.session, send_some(driver, pending));
}

/* --- standard output --- */

static bool note_place(struct driver *driver)
{
        if (driver->state.fd < 0)
                return true;
        int result = sc_state_file_note(&driver->state, &driver->attachment.place);
        return result == 0 || fail(driver, result, driver->config->state_path);
}

static bool is_found(struct driver *driver)
{
        if (driver->output_length > 0 || driver->found == SC_SEARCH_NOTHING)
                return false;
        end(driver, driver->found == SC_SEARCH_UNTIL ? SC_SESSION_FOUND : SC_SESSION_FOUND_FAILURE);
        return true;
}

static bool put_output(struct driver *driver)
{
        struct sc_attachment *attachment = &driver->attachment;
        if (driver->state.fd >= 0 && !sc_state_file_continues(&driver->state, &attachment->place) &&
            !note_place(driver))
                return false;
        struct sc_span output = { attachment->output.bytes, driver->output_length };
        ssize_t written = sc_user_end_write(&driver->user, output);
        if (written == -EPIPE)
                return end(driver, SC_SESSION_OUTPUT_CLOSED);
        if (written < 0)
                return fail(driver, (int)written, "standard output");
        driver->output_length -= (size_t)written;
        sc_attachment_done(attachment, (size_t)written);
        sc_patience_output(&driver->patience, driver->output_length > 0, driver->now_ns);
        return note_place(driver) && !is_found(driver);
}

static void take_output(struct driver *driver, struct sc_span bytes)
{
        driver->output_length = bytes.length;
        sc_patience_output(&driver->patience, true, driver->now_ns);
        if (driver->config->search)
                driver->found = sc_search_take(driver->config->search, bytes, &driver->output_length);
}

/* --- what the attachment tells --- */

/* The driver's part in what is told: whose input it was, what a search may span, where the output stands. False: it is
 * over. */
static bool heed(struct driver *driver, const struct sc_attachment_event *event)
{
        switch (event->notice) {
        case SC_NOTICE_GAP:
        case SC_NOTICE_CLEARED:
                sc_search_break(driver->config->search);
                return note_place(driver);
        case SC_NOTICE_OTHER_INSTANCE:
        case SC_NOTICE_BEYOND:
        case SC_NOTICE_RAW_AGAIN:
                sc_search_break(driver->config->search);
                return true;
        case SC_NOTICE_GUEST_DOWN:
        case SC_NOTICE_GUEST_ENDED:
        case SC_NOTICE_GUEST_RESET:
                return drop_input(driver);
        case SC_NOTICE_DROPPED_GUEST:
        case SC_NOTICE_DROPPED_WRITER:
        case SC_NOTICE_DROPPED_VIEWER:
                driver->input_dropped = true;
                return true;
        case SC_NOTICE_BREAK_SENT:
        case SC_NOTICE_BREAK_FAILED:
                if (driver->breaking)
                        sc_typed_broke(&driver->input.typed, event->notice == SC_NOTICE_BREAK_SENT);
                driver->breaking = false;
                return true;
        default:
                return true;
        }
}

static bool tell(struct driver *driver, const struct sc_attachment_event *event)
{
        say(driver, event);
        return heed(driver, event);
}

static void take_survey(struct driver *driver, struct sc_span status)
{
        char text[SC_SESSION_TEXT_BYTES];
        struct sc_decoder decoder = { .bytes = status.bytes, .length = status.length };
        if (driver->user.terminal && driver->config->survey_text(decoder, &driver->config->escape, text))
                notice(driver, text);
}

static void take_status(struct driver *driver, struct sc_span bytes)
{
        struct sc_decoder decoder = { .bytes = bytes.bytes, .length = bytes.length };
        struct sc_status status;
        if (sc_status_get(&decoder, &status) && status.input_waiting_bytes == 0)
                sc_patience_taken(&driver->patience, driver->now_ns);
        driver->asking = false;
        driver->ask_ns = driver->now_ns + ASK_NS;
}

static bool take_end(struct driver *driver, const struct sc_attachment_event *event)
{
        driver->result.why = event->end;
        if (event->bytes.length > 0)
                snprintf(driver->result.text, sizeof(driver->result.text), "%.*s", (int)event->bytes.length,
                         (const char *)event->bytes.bytes);
        return end(driver, SC_SESSION_ENDED);
}

/* Everything that follows from what happened, up to output, which is put out first. False: it is over. */
static bool follow(struct driver *driver)
{
        struct sc_attachment_event event;
        for (;;) {
                sc_attachment_next(&driver->attachment, driver->now_ns, &event);
                if (driver->spoke || driver->attachment.state == SC_ATTACHMENT_WAITING)
                        sc_user_end_set_raw(&driver->user, driver->config->command != NULL);
                switch (event.kind) {
                case SC_ATTACHMENT_NOTHING:
                        return true;
                case SC_ATTACHMENT_CONNECT:
                        if (!connect_again(driver))
                                return false;
                        break;
                case SC_ATTACHMENT_CLOSE:
                        close_connection(driver, true);
                        break;
                case SC_ATTACHMENT_SURVEY:
                        take_survey(driver, event.bytes);
                        break;
                case SC_ATTACHMENT_ANSWER:
                        take_status(driver, event.bytes);
                        break;
                case SC_ATTACHMENT_OUTPUT:
                        take_output(driver, event.bytes);
                        if (driver->user.output.never_waits && !put_output(driver))
                                return false;
                        if (driver->output_length > 0)
                                return true;
                        break;
                case SC_ATTACHMENT_TELL:
                        if (!tell(driver, &event))
                                return false;
                        break;
                case SC_ATTACHMENT_ENDED:
                        return take_end(driver, &event);
                }
        }
}

/* --- standard input --- */

static struct sc_user_outlet outlet_of(const struct driver *driver)
{
        return (struct sc_user_outlet) {
                .takes = sc_attachment_takes_input(&driver->attachment),
                .breaks = driver->attachment.native,
        };
}

static void say_not_kept(struct driver *driver)
{
        const struct sc_attachment *attachment = &driver->attachment;
        say_that(driver,
                 attachment->config.role != SC_ROLE_CLIENT ? SC_NOTICE_KEYS_READ_ONLY
                 : sc_attachment_is_connected(attachment)  ? SC_NOTICE_KEYS_NO_GUEST
                                                           : SC_NOTICE_KEYS_NO_CONNECTION,
                 0);
}

static void type_size(struct driver *driver)
{
        unsigned rows, columns;
        char text[64];
        if (!outlet_of(driver).takes) {
                say_not_kept(driver);
        } else if (!sc_tty_size(STDOUT_FILENO, &rows, &columns)) {
                say_that(driver, SC_NOTICE_NO_SIZE, 0);
        } else {
                int length = snprintf(text, sizeof(text), "stty rows %u cols %u\r", rows, columns);
                sc_typed_put(&driver->input.typed, (const uint8_t *)text, (size_t)length);
        }
}

static bool obey(struct driver *driver, enum sc_user_request request)
{
        switch (request) {
        case SC_USER_NOTHING:
                break;
        case SC_USER_QUIT:
        case SC_USER_HUNG_UP:
                return end(driver, SC_SESSION_QUIT);
        case SC_USER_HELP:
                notice(driver, driver->config->keys_text);
                break;
        case SC_USER_TAKE:
                if (!sc_attachment_ask(&driver->attachment, SC_FRAME_TAKE))
                        say_that(driver, SC_NOTICE_NOT_NOW, 0);
                break;
        case SC_USER_RESIZE:
                type_size(driver);
                break;
        case SC_USER_SUSPEND:
                sc_user_end_suspend(&driver->user);
                break;
        case SC_USER_NO_BREAK:
                say_that(driver, SC_NOTICE_RAW_NO_BREAK, 0);
                break;
        case SC_USER_NOT_KEPT:
                say_not_kept(driver);
                break;
        case SC_USER_NO_ROOM:
                say_that(driver, SC_NOTICE_KEYS_NO_ROOM, 0);
                break;
        }
        return true;
}

static size_t send_text(struct driver *driver, struct sc_span text)
{
        return driver->transport.native ? sc_attachment_type(&driver->attachment, text)
                                        : send_some(driver, text);
}

/* Sends what was typed, as far as the connection takes it. A BREAK is answered first, for the key that goes with it. */
static void pass_on(struct driver *driver)
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
                send_frames(driver);
}

/* Whether all input was sent, and it is to be known whether the guest has taken it. */
static bool awaits_taking(const struct driver *driver)
{
        bool over = sc_user_input_is_over(&driver->input) || driver->attachment.config.role != SC_ROLE_CLIENT;
        return driver->config->eof_quits && over && !driver->patience.input_taken && !driver->asking &&
               sc_attachment_is_connected(&driver->attachment);
}

static void ask_whether_taken(struct driver *driver)
{
        if (!awaits_taking(driver) || driver->now_ns < driver->ask_ns)
                return;
        driver->ask_ns = driver->now_ns + ASK_NS;
        if (driver->transport.native)
                driver->asking = sc_attachment_ask(&driver->attachment, SC_FRAME_STATUS_REQUEST);
        else if (sc_transport_is_drained(&driver->transport))
                sc_patience_taken(&driver->patience, driver->now_ns);
}

static bool take_input(struct driver *driver)
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

static bool read_input(struct driver *driver)
{
        struct sc_span room = sc_user_input_room(&driver->input, outlet_of(driver));
        if (room.length == 0)
                return true;
        ssize_t length = sc_user_end_read(room);
        if (length == 0)
                return true;
        /* EIO: a terminal that has gone, or is another's. */
        if (length < 0 && length != -EPIPE && length != -EIO)
                return fail(driver, (int)length, "standard input");
        sc_user_input_received(&driver->input, length < 0 ? 0 : (size_t)length);
        return true;
}

/* --- the loop --- */

enum { POLL_SIGNALS, POLL_READ, POLL_WRITE, POLL_ERRORS, POLL_INPUT, POLL_OUTPUT, POLL_COUNT };

static struct pollfd poll_for(int fd, bool wanted, short events)
{
        return (struct pollfd) { .fd = wanted ? fd : -1, .events = events };
}

/* What was typed waits for the connection, and not for an answer or a guest. */
static bool waits_to_send(struct driver *driver)
{
        bool typed = outlet_of(driver).takes && !driver->breaking && !sc_typed_is_empty(&driver->input.typed);
        return typed ||
               (driver->transport.native && sc_session_to_send(&driver->attachment.session).length > 0);
}

static bool reads_input(struct driver *driver)
{
        bool asked_by_command = driver->user.terminal && !driver->user.raw;
        return !asked_by_command && sc_user_input_room(&driver->input, outlet_of(driver)).length > 0;
}

static void fill_polls(struct driver *driver, struct pollfd polls[static POLL_COUNT])
{
        const struct sc_transport *transport = &driver->transport;
        bool puts_out = driver->output_length > 0;

        polls[POLL_SIGNALS] = poll_for(driver->signals, true, POLLIN);
        polls[POLL_READ] = poll_for(transport->read_fd, !puts_out, POLLIN);
        polls[POLL_WRITE] = poll_for(transport->write_fd, waits_to_send(driver), POLLOUT);
        polls[POLL_ERRORS] = poll_for(transport->error_fd, true, POLLIN);
        polls[POLL_INPUT] = poll_for(STDIN_FILENO, reads_input(driver), POLLIN);
        /* Also without output: a reader that has gone ends us (POLLERR). */
        polls[POLL_OUTPUT] = poll_for(driver->user.output.fd, true, puts_out ? POLLOUT : 0);
}

static int timeout_ms(const struct driver *driver)
{
        uint64_t due_ns = sc_min_u64(sc_attachment_deadline_ns(&driver->attachment),
                                     sc_patience_deadline_ns(&driver->patience));
        due_ns = sc_min_u64(due_ns, sc_user_input_deadline_ns(&driver->input));
        if (awaits_taking(driver))
                due_ns = sc_min_u64(due_ns, driver->ask_ns);
        if (due_ns == UINT64_MAX)
                return -1;
        uint64_t wait_ns = due_ns - sc_min_u64(due_ns, driver->now_ns);
        return (int)sc_min_u64((wait_ns + SC_NS_PER_MS - 1) / SC_NS_PER_MS, 3600 * 1000);
}

static bool take_signals(struct driver *driver)
{
        struct signalfd_siginfo info;
        while (read(driver->signals, &info, sizeof(info)) > 0) {
                switch (info.ssi_signo) {
                case SIGTSTP:
                        sc_user_end_suspend(&driver->user);
                        break;
                case SIGCONT:
                        sc_user_end_resume(&driver->user);
                        break;
                default:
                        driver->result.signal = (int)info.ssi_signo;
                        return end(driver, SC_SESSION_SIGNALLED);
                }
        }
        return true;
}

static bool handle(struct driver *driver, const struct pollfd polls[static POLL_COUNT])
{
        if (polls[POLL_SIGNALS].revents != 0 && !take_signals(driver))
                return false;
        if (driver->output_length > 0 && polls[POLL_OUTPUT].revents != 0) {
                if (!put_output(driver))
                        return false;
        } else if (polls[POLL_OUTPUT].revents & (POLLERR | POLLHUP)) {
                return end(driver, SC_SESSION_OUTPUT_CLOSED);
        }
        if (polls[POLL_ERRORS].revents != 0 &&
            !sc_command_errors_read(&driver->errors, driver->transport.error_fd))
                sc_descriptor_close(&driver->transport.error_fd);
        if (polls[POLL_READ].revents != 0)
                receive(driver);
        return polls[POLL_INPUT].revents == 0 || read_input(driver);
}

static bool is_patient(struct driver *driver)
{
        switch (sc_patience_verdict(&driver->patience, driver->now_ns)) {
        case SC_PATIENCE_LASTS:
                return true;
        case SC_PATIENCE_TIMED_OUT:
                return end(driver, SC_SESSION_TIMED_OUT);
        case SC_PATIENCE_IDLE:
                return end(driver, SC_SESSION_IDLE);
        case SC_PATIENCE_ANSWERED:
                break;
        }
        bool types = driver->config->attachment.role == SC_ROLE_CLIENT;
        bool unsent = types && !sc_user_input_is_over(&driver->input);
        return end(driver, driver->input_dropped || unsent ? SC_SESSION_INPUT_DROPPED : SC_SESSION_QUIT);
}

static void run(struct driver *driver)
{
        struct pollfd polls[POLL_COUNT];
        for (;;) {
                driver->now_ns = sc_clock_now_ns();
                if (!follow(driver) || !take_input(driver) || !is_patient(driver))
                        return;
                fill_polls(driver, polls);
                if (poll(polls, POLL_COUNT, timeout_ms(driver)) < 0) {
                        if (errno == EINTR)
                                continue;
                        fail(driver, -errno, "poll");
                        return;
                }
                driver->now_ns = sc_clock_now_ns();
                if (!handle(driver, polls))
                        return;
        }
}

static int open_signals(struct driver *driver)
{
        static const int taken[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT };
        sigset_t set;
        sigemptyset(&set);
        for (size_t i = 0; i < SC_COUNT(taken); i++)
                sigaddset(&set, taken[i]);
        driver->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (driver->signals < 0)
                return -errno;
        sigaddset(&set, SIGCHLD); /* for the end of a command, which is waited for */
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
        if (!driver->user.terminal) { /* in the background of somebody's terminal: its input has ended */
                signal(SIGTTIN, SIG_IGN);
                signal(SIGTTOU, SIG_IGN);
        }
        return 0;
}

/* Where an earlier call stood, if it is to be known. */
static bool open_state(struct driver *driver)
{
        const char *path = driver->config->state_path;
        driver->state.fd = -1;
        if (!path)
                return true;
        int result = sc_state_file_open(&driver->state, path);
        return result == 0 || fail(driver, result, path);
}

static void tear_down(struct driver *driver)
{
        if (driver->transport.native && driver->transport.write_fd >= 0)
                send_frames(driver); /* what was read last is known to have been */
        sc_user_end_restore(&driver->user);
        close_connection(driver, false);
        sc_state_file_close(&driver->state);
        sc_user_end_close(&driver->user);
        if (driver->signals >= 0)
                close(driver->signals);
}

struct sc_session_driver_result sc_session_driver_run(const struct sc_session_driver_config *config)
{
        struct driver *driver = &the_driver;
        *driver = (struct driver) {
                .config = config,
                .signals = -1,
                .transport = sc_transport_none,
                .input = { .escape = config->escape,
                           .send = config->send,
                           .send_length = config->send_length },
        };
        sc_user_end_open(&driver->user);
        driver->input.terminal = driver->user.terminal;
        driver->errors = (struct sc_command_errors) { .user = &driver->user, .name = name_of(driver) };
        driver->now_ns = sc_clock_now_ns();
        int result = open_signals(driver);
        if (result != 0) {
                fail(driver, result, "signalfd");
        } else if (open_state(driver)) {
                sc_patience_start(&driver->patience, config->timeout_ns, config->idle_ns, config->eof_quits,
                                  driver->now_ns);
                sc_attachment_start(&driver->attachment, &config->attachment, &driver->state.place,
                                    driver->now_ns);
                run(driver);
        }
        tear_down(driver);
        return driver->result;
}
