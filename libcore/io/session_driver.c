#include "io/session_driver.h"

#include "io/clock.h"
#include "io/sock_diag.h"
#include "io/state_file.h"
#include "io/transport.h"
#include "io/user_end.h"
#include "io/user_input.h"
#include "model/client/patience.h"
#include "model/client/printable.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* How often the host is asked whether the guest has taken all input (--eof-quit). */
#define ASK_NS (50 * SC_NS_PER_MS)
/* What a command said last on its standard error comes within this of its end. */
#define LAST_WORDS_MS 100
#define ERROR_READ_BYTES 1024
#define ERROR_LINE_BYTES 400
#define RAW_BYTES (64 * 1024)

struct driver {
        const struct sc_session_driver_config *config;
        int signals;
        struct sc_transport transport;
        struct sc_attachment attachment;
        struct sc_user_end user;
        struct sc_user_input input;
        struct sc_patience patience;
        struct sc_state_file state;
        uint64_t now_ns;

        struct sc_span output;       /* what of the told output is still to be put out */
        enum sc_search_result found; /* and what ends the client behind it */
        bool answered;               /* this connection's peer has said something, or speaks no protocol */
        bool asking;                 /* whether the input has been taken */
        uint64_t ask_ns;             /* not before */
        bool peer_hidden;            /* a peer without a protocol, whose socket the kernel does not show */
        char error_line[ERROR_LINE_BYTES]; /* of a command's standard error */
        size_t error_length;
        struct sc_printable error_filter;
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

static void notice(struct driver *driver, const char *text)
{
        sc_user_end_notice(&driver->user, name_of(driver), text);
}

static void say(struct driver *driver, const struct sc_attachment_event *event)
{
        char text[SC_SESSION_TEXT_BYTES];
        if (driver->config->notice_text(event, driver->user.terminal, text))
                notice(driver, text);
}

static void say_that(struct driver *driver, enum sc_notice what)
{
        say(driver, &(struct sc_attachment_event) { .kind = SC_ATTACHMENT_TELL, .notice = what });
}

/* --- the command's standard error --- */

static void tell_error_line(struct driver *driver)
{
        char text[SC_SESSION_TEXT_BYTES];
        if (driver->error_length > 0) {
                sc_printable_line(driver->error_line, driver->error_length, text, sizeof(text));
                notice(driver, text);
        }
        driver->error_length = 0;
}

static void take_error_lines(struct driver *driver, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                bool ends = bytes[i] == '\n' || bytes[i] == '\r';
                if (ends || driver->error_length == sizeof(driver->error_line))
                        tell_error_line(driver);
                if (!ends)
                        driver->error_line[driver->error_length++] = (char)bytes[i];
        }
}

/* Before the host has answered its user may be asked something: at once, and not by lines. */
static void take_errors(struct driver *driver, const uint8_t *bytes, size_t length)
{
        uint8_t text[SC_PRINTABLE_BYTES_MAX(ERROR_READ_BYTES)];
        if (driver->answered) {
                take_error_lines(driver, bytes, length);
                return;
        }
        size_t harmless = sc_printable_feed(&driver->error_filter, bytes, length, text);
        sc_user_end_pass_on(&driver->user, (struct sc_span) { text, harmless });
}

/* False: there is no more. */
static bool read_errors(struct driver *driver)
{
        uint8_t bytes[ERROR_READ_BYTES];
        ssize_t length = read(driver->transport.error_fd, bytes, sizeof(bytes));
        if (length > 0)
                take_errors(driver, bytes, (size_t)length);
        if (length == 0) {
                tell_error_line(driver); /* the last one may have no end */
                close(driver->transport.error_fd);
                driver->transport.error_fd = -1;
        }
        return length > 0;
}

static void read_last_errors(struct driver *driver)
{
        struct pollfd poll_fd = { .fd = driver->transport.error_fd, .events = POLLIN };
        uint64_t begun_ns = sc_clock_now_ns();
        while (driver->transport.error_fd >= 0 && poll(&poll_fd, 1, LAST_WORDS_MS) > 0 &&
               read_errors(driver) && sc_clock_now_ns() - begun_ns < LAST_WORDS_MS * SC_NS_PER_MS)
                continue;
        tell_error_line(driver);
}

/* --- connections --- */

static void close_connection(struct driver *driver)
{
        if (driver->transport.error_fd >= 0)
                read_last_errors(driver);
        sc_transport_close(&driver->transport);
        sc_user_input_forget(&driver->input, &driver->user);
        driver->answered = false;
        driver->asking = false;
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

static bool is_absence(int error)
{
        return error == -ENOENT || error == -ECONNREFUSED || error == -EAGAIN || error == -ECONNRESET;
}

static bool connect_again(struct driver *driver)
{
        struct sc_attachment *attachment = &driver->attachment;
        const char *command = driver->config->command;
        if (!command && attachment->was_attached && !attachment->native) {
                enum sc_raw_peer peer = look_up_peer(driver);
                if (peer != SC_RAW_PEER_FREE) {
                        sc_attachment_lost(attachment, peer, driver->now_ns);
                        return true;
                }
        }
        if (command)
                sc_user_end_restore(&driver->user); /* it may ask for a password */
        bool native_only = attachment->native || driver->config->state_path;
        bool seen = command || native_only || is_listener_seen(driver);
        int result =
                command ? sc_transport_open_command(&driver->transport, command)
                        : sc_transport_open_socket(&driver->transport, driver->config->path, native_only);
        if (result == 0) {
                driver->answered = !driver->transport.native;
                driver->peer_hidden = driver->answered && !seen && !is_listener_seen(driver);
                sc_attachment_connected(attachment, driver->transport.native, driver->now_ns);
                return true;
        }
        if (!is_absence(result))
                return fail(driver, result, name_of(driver));
        sc_attachment_failed(attachment, driver->now_ns);
        return true;
}

/* All that came has been taken apart, and no more comes. */
static void lose_connection(struct driver *driver)
{
        bool raw = !driver->transport.native;
        bool brought_none = driver->config->command && !driver->answered;
        close_connection(driver);
        if (brought_none) {
                sc_attachment_failed(&driver->attachment, driver->now_ns);
                return;
        }
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
                driver->answered = true;
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
        if (driver->output.length > 0 || driver->found == SC_SEARCH_NOTHING)
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
        ssize_t written = sc_user_end_write(&driver->user, driver->output);
        if (written == -EPIPE)
                return end(driver, SC_SESSION_OUTPUT_CLOSED);
        if (written < 0)
                return fail(driver, (int)written, "standard output");
        driver->output.bytes += written;
        driver->output.length -= (size_t)written;
        sc_attachment_done(attachment, (size_t)written);
        return note_place(driver) && !is_found(driver);
}

static void take_output(struct driver *driver, struct sc_span bytes)
{
        driver->output = bytes;
        sc_patience_output(&driver->patience, driver->now_ns);
        if (driver->config->search)
                driver->found = sc_search_take(driver->config->search, bytes, &driver->output.length);
}

/* --- what the attachment tells --- */

static void tell(struct driver *driver, const struct sc_attachment_event *event)
{
        bool breaks = event->notice == SC_NOTICE_GAP || event->notice == SC_NOTICE_CLEARED ||
                      event->notice == SC_NOTICE_OTHER_INSTANCE;
        if (breaks && driver->config->search)
                sc_search_break(driver->config->search);
        if (event->notice == SC_NOTICE_GUEST_DOWN || event->notice == SC_NOTICE_GUEST_ENDED)
                sc_user_input_forget(&driver->input, &driver->user);
        say(driver, event);
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
                if (driver->answered || (driver->attachment.state == SC_ATTACHMENT_WAITING))
                        sc_user_end_set_raw(&driver->user);
                switch (event.kind) {
                case SC_ATTACHMENT_NOTHING:
                        return true;
                case SC_ATTACHMENT_CONNECT:
                        if (!connect_again(driver))
                                return false;
                        break;
                case SC_ATTACHMENT_CLOSE:
                        close_connection(driver);
                        break;
                case SC_ATTACHMENT_SURVEY:
                        take_survey(driver, event.bytes);
                        break;
                case SC_ATTACHMENT_ANSWER:
                        take_status(driver, event.bytes);
                        break;
                case SC_ATTACHMENT_OUTPUT:
                        take_output(driver, event.bytes);
                        if (driver->user.never_waits && !put_output(driver))
                                return false;
                        if (driver->output.length > 0)
                                return true;
                        break;
                case SC_ATTACHMENT_TELL:
                        tell(driver, &event);
                        break;
                case SC_ATTACHMENT_ENDED:
                        return take_end(driver, &event);
                }
        }
}

/* --- standard input --- */

static void type_size(struct driver *driver)
{
        unsigned rows, columns;
        char text[64];
        if (!sc_tty_size(STDOUT_FILENO, &rows, &columns)) {
                say_that(driver, SC_NOTICE_NO_SIZE);
                return;
        }
        int length = snprintf(text, sizeof(text), "stty rows %u cols %u\r", rows, columns);
        sc_typed_put(&driver->input.typed, (const uint8_t *)text, (size_t)length);
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
                        say_that(driver, SC_NOTICE_NOT_NOW);
                break;
        case SC_USER_RESIZE:
                type_size(driver);
                break;
        case SC_USER_SUSPEND:
                sc_user_end_suspend(&driver->user);
                break;
        case SC_USER_NOT_KEPT:
                say_that(driver, driver->attachment.config.role != SC_ROLE_CLIENT ? SC_NOTICE_KEYS_READ_ONLY
                                 : sc_attachment_is_connected(&driver->attachment)
                                         ? SC_NOTICE_KEYS_NO_GUEST
                                         : SC_NOTICE_KEYS_NO_CONNECTION);
                break;
        case SC_USER_NO_ROOM:
                say_that(driver, SC_NOTICE_KEYS_NO_ROOM);
                break;
        }
        return true;
}

static size_t send_text(struct driver *driver, struct sc_span text)
{
        if (driver->transport.native)
                return sc_session_type(&driver->attachment.session, text.bytes, text.length);
        return send_some(driver, text);
}

/* Sends what was typed, as far as the connection takes it. */
static void pass_on(struct driver *driver)
{
        struct sc_typed *typed = &driver->input.typed;
        while (sc_attachment_takes_input(&driver->attachment) && !sc_typed_is_empty(typed)) {
                if (sc_typed_break_is_next(typed)) {
                        if (!driver->transport.native)
                                say_that(driver, SC_NOTICE_RAW_NO_BREAK);
                        else if (!sc_attachment_ask(&driver->attachment, SC_FRAME_BREAK))
                                return;
                        sc_typed_sent_break(typed);
                        continue;
                }
                size_t sent = send_text(driver, sc_typed_text(typed));
                if (sent == 0)
                        return;
                sc_typed_sent(typed, sent);
        }
}

/* Everything was sent: has the guest taken it? */
static void ask_whether_taken(struct driver *driver)
{
        bool over = sc_user_input_is_over(&driver->input) || driver->attachment.config.role != SC_ROLE_CLIENT;
        if (!driver->config->eof_quits || driver->patience.input_taken || driver->asking || !over ||
            driver->now_ns < driver->ask_ns)
                return;
        if (driver->attachment.state == SC_ATTACHMENT_RAW) {
                if (sc_transport_is_drained(&driver->transport))
                        sc_patience_taken(&driver->patience, driver->now_ns);
                driver->ask_ns = driver->now_ns + ASK_NS;
                return;
        }
        driver->asking = sc_attachment_ask(&driver->attachment, SC_FRAME_STATUS_REQUEST);
        if (!driver->asking) /* nobody there, or no room */
                driver->ask_ns = driver->now_ns + ASK_NS;
}

/* When to ask, if nothing happens. */
static uint64_t ask_deadline_ns(const struct driver *driver)
{
        bool waits = driver->ask_ns != 0 && !driver->asking && !driver->patience.input_taken;
        return waits ? driver->ask_ns : UINT64_MAX;
}

static bool take_input(struct driver *driver)
{
        enum sc_user_request request;
        do {
                bool takes = sc_attachment_takes_input(&driver->attachment);
                request = sc_user_input_next(&driver->input, &driver->user, takes, driver->now_ns);
                pass_on(driver);
                if (!obey(driver, request))
                        return false;
        } while (request != SC_USER_NOTHING);
        ask_whether_taken(driver);
        if (driver->transport.write_fd >= 0 && driver->transport.native)
                send_frames(driver);
        return true;
}

/* --- the loop --- */

enum { POLL_SIGNALS, POLL_READ, POLL_WRITE, POLL_ERRORS, POLL_INPUT, POLL_OUTPUT, POLL_COUNT };

static struct pollfd poll_for(int fd, bool wanted, short events)
{
        return (struct pollfd) { .fd = wanted ? fd : -1, .events = events };
}

static void fill_polls(struct driver *driver, struct pollfd polls[static POLL_COUNT])
{
        const struct sc_transport *transport = &driver->transport;
        bool takes = sc_attachment_takes_input(&driver->attachment);
        bool pending = takes && !sc_typed_is_empty(&driver->input.typed);
        if (transport->native && sc_session_to_send(&driver->attachment.session).length > 0)
                pending = true;
        bool puts_out = driver->output.length > 0;

        polls[POLL_SIGNALS] = poll_for(driver->signals, true, POLLIN);
        polls[POLL_READ] = poll_for(transport->read_fd, !puts_out, POLLIN);
        polls[POLL_WRITE] = poll_for(transport->write_fd, pending, POLLOUT);
        polls[POLL_ERRORS] = poll_for(transport->error_fd, true, POLLIN);
        polls[POLL_INPUT] =
                poll_for(STDIN_FILENO, sc_user_input_wants(&driver->input, &driver->user, takes), POLLIN);
        /* Also without output: a reader that has gone ends us (POLLERR). */
        polls[POLL_OUTPUT] = poll_for(driver->user.output_fd, true, puts_out ? POLLOUT : 0);
}

static int timeout_ms(const struct driver *driver)
{
        uint64_t due_ns = sc_min_u64(sc_attachment_deadline_ns(&driver->attachment),
                                     sc_patience_deadline_ns(&driver->patience));
        due_ns = sc_min_u64(due_ns, sc_user_input_deadline_ns(&driver->input));
        due_ns = sc_min_u64(due_ns, ask_deadline_ns(driver));
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
        if (driver->output.length > 0 && polls[POLL_OUTPUT].revents != 0) {
                if (!put_output(driver))
                        return false;
        } else if (polls[POLL_OUTPUT].revents & (POLLERR | POLLHUP)) {
                return end(driver, SC_SESSION_OUTPUT_CLOSED);
        }
        if (polls[POLL_ERRORS].revents != 0)
                read_errors(driver);
        if (polls[POLL_READ].revents != 0)
                receive(driver);
        if (polls[POLL_INPUT].revents != 0) {
                int result = sc_user_input_read(&driver->input, &driver->user);
                if (result != 0)
                        return fail(driver, result, "standard input");
        }
        return true;
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
        return end(driver, SC_SESSION_QUIT);
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
        int result = open_signals(driver);
        if (result != 0)
                fail(driver, result, "signalfd");
        driver->now_ns = sc_clock_now_ns();
        if (open_state(driver) && result == 0) {
                sc_patience_start(&driver->patience, config->timeout_ns, config->idle_ns, config->eof_quits,
                                  driver->now_ns);
                sc_attachment_start(&driver->attachment, &config->attachment, &driver->state.place,
                                    driver->now_ns);
                run(driver);
                if (driver->transport.native && driver->transport.write_fd >= 0)
                        send_frames(driver); /* what was read last is known to have been */
        }
        close_connection(driver);
        sc_state_file_close(&driver->state);
        sc_user_end_close(&driver->user);
        if (driver->signals >= 0)
                close(driver->signals);
        return driver->result;
}
