#include "io/session_parts.h"

#include "io/clock.h"
#include "io/descriptor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

static struct sc_session_driver the_driver;

bool sc_session_end_with(struct sc_session_driver *driver, enum sc_session_end how)
{
        driver->result.end = how;
        return false;
}

bool sc_session_fail(struct sc_session_driver *driver, int error, const char *what)
{
        driver->result.error = error;
        driver->result.what = what;
        return sc_session_end_with(driver, SC_SESSION_FAILED);
}

/* --- what the attachment tells --- */

/* The driver's part in what is told: whose input it was, what a search may span, where the output stands. False: it is
 * over. */
static bool heed(struct sc_session_driver *driver, const struct sc_attachment_event *event)
{
        switch (event->notice) {
        case SC_NOTICE_GAP:
        case SC_NOTICE_CLEARED:
                sc_search_break(driver->config->search);
                return sc_session_output_note(driver);
        case SC_NOTICE_OTHER_INSTANCE:
        case SC_NOTICE_BEYOND:
        case SC_NOTICE_RAW_AGAIN:
                sc_search_break(driver->config->search);
                return true;
        case SC_NOTICE_GUEST_DOWN:
        case SC_NOTICE_GUEST_ENDED:
        case SC_NOTICE_GUEST_RESET:
                driver->input_dropped |= driver->attachment.typed_bytes > 0 && !driver->patience.input_taken;
                return sc_session_input_drop(driver);
        case SC_NOTICE_DROPPED_GUEST:
                driver->input_dropped = true;
                return driver->user.terminal || sc_session_input_end_in_the_middle(driver);
        case SC_NOTICE_DROPPED_WRITER:
        case SC_NOTICE_DROPPED_VIEWER:
                driver->input_dropped = true;
                return driver->user.terminal || sc_session_end_with(driver, SC_SESSION_INPUT_DROPPED);
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

static bool tell(struct sc_session_driver *driver, const struct sc_attachment_event *event)
{
        sc_session_output_say(driver, event);
        return heed(driver, event);
}

static void take_survey(struct sc_session_driver *driver, struct sc_span status)
{
        char text[SC_SESSION_TEXT_BYTES];
        struct sc_decoder decoder = { .bytes = status.bytes, .length = status.length };
        if (driver->user.terminal && driver->config->survey_text(decoder, &driver->config->escape, text))
                sc_session_output_notice(driver, text);
}

static void take_status(struct sc_session_driver *driver, struct sc_span bytes)
{
        struct sc_decoder decoder = { .bytes = bytes.bytes, .length = bytes.length };
        struct sc_status status;
        if (sc_status_get(&decoder, &status) && status.input_waiting_bytes == 0)
                sc_patience_taken(&driver->patience, driver->now_ns);
}

static bool take_end(struct sc_session_driver *driver, const struct sc_attachment_event *event)
{
        if (driver->found != SC_SEARCH_NOTHING) { /* no more comes of the line */
                driver->rest_until_ns = driver->now_ns;
                return sc_session_output_is_settled(driver);
        }
        driver->result.why = event->end;
        if (event->bytes.length > 0)
                snprintf(driver->result.text, sizeof(driver->result.text), "%.*s", (int)event->bytes.length,
                         (const char *)event->bytes.bytes);
        return sc_session_end_with(driver, SC_SESSION_ENDED);
}

/* Everything that follows from what happened, up to output, which is put out first. False: it is over. */
static bool follow(struct sc_session_driver *driver)
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
                        if (!sc_session_link_open(driver))
                                return false;
                        break;
                case SC_ATTACHMENT_CLOSE:
                        sc_session_link_close(driver, true);
                        break;
                case SC_ATTACHMENT_SURVEY:
                        take_survey(driver, event.bytes);
                        break;
                case SC_ATTACHMENT_ANSWER:
                        take_status(driver, event.bytes);
                        break;
                case SC_ATTACHMENT_OUTPUT:
                        sc_session_output_take(driver, event.bytes);
                        if (driver->user.output.never_waits && !sc_session_output_put(driver))
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

/* --- the loop --- */

enum { POLL_SIGNALS, POLL_READ, POLL_WRITE, POLL_ERRORS, POLL_INPUT, POLL_OUTPUT, POLL_COUNT };

static struct pollfd poll_for(int fd, bool wanted, short events)
{
        return (struct pollfd) { .fd = wanted ? fd : -1, .events = events };
}

static void fill_polls(struct sc_session_driver *driver, struct pollfd polls[static POLL_COUNT])
{
        const struct sc_transport *transport = &driver->transport;
        bool puts_out = driver->output_length > 0;

        polls[POLL_SIGNALS] = poll_for(driver->signals, true, POLLIN);
        polls[POLL_READ] = poll_for(transport->read_fd, !puts_out, POLLIN);
        polls[POLL_WRITE] = poll_for(transport->write_fd, sc_session_input_waits(driver), POLLOUT);
        polls[POLL_ERRORS] = poll_for(transport->error_fd, true, POLLIN);
        polls[POLL_INPUT] = poll_for(STDIN_FILENO, sc_session_input_wants(driver), POLLIN);
        /* Also without output: a reader that has gone ends us (POLLERR). */
        polls[POLL_OUTPUT] = poll_for(driver->user.output.fd, true, puts_out ? POLLOUT : 0);
}

static int timeout_ms(const struct sc_session_driver *driver)
{
        uint64_t due_ns = sc_min_u64(sc_attachment_deadline_ns(&driver->attachment),
                                     sc_patience_deadline_ns(&driver->patience));
        due_ns = sc_min_u64(due_ns, sc_user_input_deadline_ns(&driver->input));
        if (sc_session_input_awaits_taking(driver))
                due_ns = sc_min_u64(due_ns, driver->ask_ns);
        if (driver->rest_until_ns != 0)
                due_ns = sc_min_u64(due_ns, driver->rest_until_ns);
        if (due_ns == UINT64_MAX)
                return -1;
        uint64_t wait_ns = sc_sub_sat_u64(due_ns, driver->now_ns);
        return (int)sc_min_u64((wait_ns + SC_NS_PER_MS - 1) / SC_NS_PER_MS, 3600 * 1000);
}

static bool take_signals(struct sc_session_driver *driver)
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
                        return sc_session_end_with(driver, SC_SESSION_SIGNALLED);
                }
        }
        return true;
}

static bool handle(struct sc_session_driver *driver, const struct pollfd polls[static POLL_COUNT])
{
        if (polls[POLL_SIGNALS].revents != 0 && !take_signals(driver))
                return false;
        if (driver->output_length > 0 && polls[POLL_OUTPUT].revents != 0) {
                if (!sc_session_output_put(driver))
                        return false;
        } else if (polls[POLL_OUTPUT].revents & (POLLERR | POLLHUP)) {
                return sc_session_end_with(driver, SC_SESSION_OUTPUT_CLOSED);
        }
        if (polls[POLL_ERRORS].revents != 0 &&
            !sc_command_errors_read(&driver->errors, driver->transport.error_fd))
                sc_descriptor_close(&driver->transport.error_fd);
        if (polls[POLL_READ].revents != 0)
                sc_session_link_receive(driver);
        return polls[POLL_INPUT].revents == 0 || sc_session_input_read(driver);
}

static bool is_patient(struct sc_session_driver *driver)
{
        switch (sc_patience_verdict(&driver->patience, driver->now_ns)) {
        case SC_PATIENCE_LASTS:
                return true;
        case SC_PATIENCE_TIMED_OUT:
                return sc_session_end_with(driver, SC_SESSION_TIMED_OUT);
        case SC_PATIENCE_IDLE:
                return sc_session_end_with(driver, SC_SESSION_IDLE);
        case SC_PATIENCE_ANSWERED:
                break;
        }
        bool types = driver->config->attachment.role == SC_ROLE_CLIENT;
        bool unsent = types && !sc_user_input_is_over(&driver->input);
        return sc_session_end_with(driver, driver->input_dropped || unsent ? SC_SESSION_INPUT_DROPPED
                                                                           : SC_SESSION_QUIT);
}

static void run(struct sc_session_driver *driver)
{
        struct pollfd polls[POLL_COUNT];
        for (;;) {
                driver->now_ns = sc_clock_now_ns();
                if (!follow(driver) || !sc_session_output_is_settled(driver) ||
                    !sc_session_input_take(driver) || !is_patient(driver))
                        return;
                fill_polls(driver, polls);
                if (poll(polls, POLL_COUNT, timeout_ms(driver)) < 0) {
                        if (errno == EINTR)
                                continue;
                        sc_session_fail(driver, -errno, "poll");
                        return;
                }
                driver->now_ns = sc_clock_now_ns();
                if (!handle(driver, polls))
                        return;
        }
}

static int open_signals(struct sc_session_driver *driver)
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
        sigprocmask(SIG_BLOCK, &set, &driver->signals_before);
        signal(SIGPIPE, SIG_IGN);
        if (!driver->user.terminal) { /* in the background of somebody's terminal: its input has ended */
                signal(SIGTTIN, SIG_IGN);
                signal(SIGTTOU, SIG_IGN);
        }
        return 0;
}

/* Where an earlier call stood, if it is to be known. */
static bool open_state(struct sc_session_driver *driver)
{
        const char *path = driver->config->state_path;
        if (!path)
                return true;
        int result = sc_state_file_open(&driver->state, path);
        return result == 0 || sc_session_fail(driver, result, path);
}

static void tear_down(struct sc_session_driver *driver)
{
        if (driver->transport.native && driver->transport.write_fd >= 0)
                sc_session_link_send_frames(driver); /* what was read last is known to have been */
        sc_user_end_restore(&driver->user);
        sc_session_link_close(driver, false);
        sc_session_trace_close(driver);
        sc_state_file_close(&driver->state);
        sc_user_end_close(&driver->user);
        if (driver->signals >= 0)
                close(driver->signals);
        sigprocmask(SIG_SETMASK, &driver->signals_before, NULL);
}

struct sc_session_driver_result sc_session_driver_run(const struct sc_session_driver_config *config)
{
        struct sc_session_driver *driver = &the_driver;
        *driver = (struct sc_session_driver) {
                .config = config,
                .signals = -1,
                .transport = sc_transport_none,
                .input = { .escape = config->escape,
                           .send = config->send,
                           .send_length = config->send_length },
        };
        sc_user_end_open(&driver->user);
        driver->user.around_errors = sc_session_output_around_errors;
        driver->user.context = driver;
        driver->state.fd = -1;
        driver->input.terminal = driver->user.terminal;
        driver->errors =
                (struct sc_command_errors) { .user = &driver->user, .name = sc_session_link_name(driver) };
        driver->now_ns = sc_clock_now_ns();
        int result = open_signals(driver);
        if (result != 0) {
                sc_session_fail(driver, result, "signalfd");
        } else if (open_state(driver) && sc_session_trace_open(driver)) {
                sc_patience_start(&driver->patience, config->timeout_ns, config->idle_ns, config->eof_quits,
                                  driver->now_ns);
                sc_attachment_start(&driver->attachment, &config->attachment, &driver->state.place,
                                    driver->now_ns);
                run(driver);
        }
        tear_down(driver);
        return driver->result;
}
