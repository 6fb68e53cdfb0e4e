#include "io/guest_kind.h"

#include "io/client_end.h"
#include "io/tty.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* How long a BREAK lasts (tcsendbreak(3): 0.25 to 0.5 s), and how often a port that drains is looked at. */
#define BREAK_NS (300 * SC_NS_PER_MS)
#define DRAIN_NS (10 * SC_NS_PER_MS)

static const struct sc_guest_operations *const operations_of[] = {
        [SC_GUEST_UNIX] = &sc_guest_unix, [SC_GUEST_LISTEN] = &sc_guest_listen,
        [SC_GUEST_PTY] = &sc_guest_pty,   [SC_GUEST_TTY] = &sc_guest_tty,
        [SC_GUEST_PIPE] = &sc_guest_pipe, [SC_GUEST_COMMAND] = &sc_guest_command,
};
static_assert(SC_COUNT(operations_of) == SC_GUEST_KIND_COUNT, "operations for each kind");

static void output_ready(struct sc_source *source, unsigned readiness)
{
        struct sc_guest_end *end = source->owner;
        if (readiness & (SC_READY_READ | SC_READY_HUP))
                end->readable = true;
        if (readiness & (SC_READY_WRITE | SC_READY_HUP))
                end->writable = true;
}

static void input_ready(struct sc_source *source, unsigned readiness)
{
        struct sc_guest_end *end = source->owner;
        (void)readiness;
        end->writable = true;
}

struct sc_guest_end *sc_guest_end_new(const struct sc_guest_spec *spec, struct sc_loop *loop)
{
        struct sc_guest_end *end = calloc(1, sizeof(*end));
        if (!end)
                return NULL;
        *end = (struct sc_guest_end) {
                .operations = operations_of[spec->kind],
                .spec = *spec,
                .loop = loop,
                .output = { .fd = -1, .ready = output_ready, .owner = end },
                .input = { .fd = -1, .ready = input_ready, .owner = end },
                .retry_ns = UINT64_MAX,
                .watch = SC_PATH_WATCH_NONE,
                .listening = { .fd = -1, .folder = -1, .lock = -1 },
                .acceptor = { .source = { .fd = -1 } },
        };
        return end;
}

void sc_guest_end_free(struct sc_guest_end *end)
{
        sc_guest_end_close_both(end);
        sc_path_watch_end(&end->watch);
        if (end->operations->close)
                end->operations->close(end);
        free(end);
}

int sc_guest_end_start(struct sc_guest_end *end, uint64_t now_ns)
{
        return end->operations->start(end, now_ns);
}

/* --- for the kinds --- */

void sc_guest_end_came(struct sc_guest_end *end, int output_fd, int input_fd, uint64_t now_ns)
{
        end->output = (struct sc_source) { .fd = output_fd, .ready = output_ready, .owner = end };
        end->input = (struct sc_source) { .fd = input_fd, .ready = input_ready, .owner = end };
        end->connected = true;
        end->came = true;
        end->readable = end->writable = false;
        end->connected_ns = now_ns;
        end->heard = false;
        end->listen_wait_ns = 0;
        end->retry_ns = UINT64_MAX;
        sc_guest_end_set_note(end, SC_GUEST_NOTE_NONE);
}

void sc_guest_end_close_both(struct sc_guest_end *end)
{
        sc_loop_remove(end->loop, &end->output);
        sc_loop_remove(end->loop, &end->input);
        if (end->output.fd >= 0)
                close(end->output.fd);
        if (end->input.fd >= 0 && end->input.fd != end->output.fd)
                close(end->input.fd);
        end->output.fd = end->input.fd = -1;
}

void sc_guest_end_set_note(struct sc_guest_end *end, enum sc_guest_note note)
{
        end->note_changed |= end->note != note;
        end->note = note;
}

void sc_guest_end_failed(struct sc_guest_end *end, int error)
{
        switch (-error) {
        case EACCES:
        case EPERM:
        case EISDIR:
        case ELOOP:
        case ENOTSOCK:
        case ENOTTY:
        case ENXIO: /* a socket */
        case EPROTOTYPE:
                sc_guest_end_set_note(end, SC_GUEST_NOTE_UNUSABLE);
                break;
        case ENOENT:
        case ENOTDIR:
        case ECONNREFUSED:
                sc_guest_end_set_note(end, SC_GUEST_NOTE_NONE);
                break;
        default: /* of ours, and for a moment */
                break;
        }
}

void sc_guest_end_back_off(struct sc_guest_end *end, uint64_t now_ns)
{
        if (end->backoff_ns == 0)
                end->backoff_ns = SC_GUEST_BACKOFF_MIN_NS;
        end->retry_ns = now_ns + end->backoff_ns;
        end->backoff_ns = sc_min_u64(2 * end->backoff_ns, SC_GUEST_BACKOFF_MAX_NS);
}

ssize_t sc_guest_end_plain_read(struct sc_guest_end *end, const struct sc_span *spans, size_t count)
{
        return sc_client_end_read(end->output.fd, spans, count);
}

ssize_t sc_guest_end_plain_write(struct sc_guest_end *end, const struct sc_span *spans, size_t count)
{
        return sc_client_end_write(end->input.fd, spans, count);
}

/* --- for the host --- */

static bool take(bool *flag)
{
        bool was = *flag;
        *flag = false;
        return was;
}

enum sc_guest_event sc_guest_end_next(struct sc_guest_end *end)
{
        if (take(&end->came))
                return SC_GUEST_EVENT_UP;
        if (take(&end->note_changed))
                return SC_GUEST_EVENT_NOTE;
        if (end->refused > 0) {
                end->refused--;
                return SC_GUEST_EVENT_REFUSED;
        }
        if (take(&end->readable) && end->connected)
                return SC_GUEST_EVENT_READABLE;
        if (take(&end->writable) && end->connected)
                return SC_GUEST_EVENT_WRITABLE;
        return SC_GUEST_EVENT_NONE;
}

enum sc_guest_note sc_guest_end_note(const struct sc_guest_end *end)
{
        return end->note;
}

bool sc_guest_end_can_break(const struct sc_guest_end *end)
{
        return end->can_break;
}

bool sc_guest_end_comes_once(const struct sc_guest_end *end)
{
        return end->operations->once;
}

ssize_t sc_guest_end_read(struct sc_guest_end *end, const struct sc_span *spans, size_t count)
{
        ssize_t length = end->operations->read(end, spans, count);
        end->heard |= length > 0;
        /* What hung up and has nothing more is at its end, whatever the kind calls it. */
        if (length == 0 && end->output.always_ready && end->child.ended)
                return -EPIPE;
        return length;
}

ssize_t sc_guest_end_write(struct sc_guest_end *end, const struct sc_span *spans, size_t count)
{
        return end->operations->write(end, spans, count);
}

bool sc_guest_end_break(struct sc_guest_end *end, uint64_t now_ns)
{
        if (!end->breaking) {
                if (!sc_tty_is_drained(end->input.fd)) {
                        end->retry_ns = now_ns + DRAIN_NS;
                        return false;
                }
                if (sc_tty_set_break(end->input.fd, true) != 0)
                        return true;
                end->breaking = true;
                end->break_end_ns = now_ns + BREAK_NS;
        }
        if (now_ns < end->break_end_ns) {
                end->retry_ns = end->break_end_ns;
                return false;
        }
        sc_tty_set_break(end->input.fd, false);
        end->breaking = false;
        return true;
}

void sc_guest_end_lost(struct sc_guest_end *end, uint64_t now_ns)
{
        end->connected = false;
        end->breaking = false;
        end->retry_ns = UINT64_MAX;
        end->operations->lost(end, now_ns);
}

void sc_guest_end_want(struct sc_guest_end *end, unsigned wants)
{
        if (!end->connected)
                return;
        if (end->retry_ns != UINT64_MAX) /* a BREAK is being sent: the time tells when to go on */
                wants &= ~SC_READY_WRITE;
        if (end->input.fd == end->output.fd) {
                sc_loop_set(end->loop, &end->output, wants);
        } else {
                sc_loop_set(end->loop, &end->output, wants & SC_READY_READ);
                sc_loop_set(end->loop, &end->input, wants & SC_READY_WRITE);
        }
        end->output.wants = wants;
}

uint64_t sc_guest_end_deadline_ns(const struct sc_guest_end *end)
{
        bool reads_on =
                end->connected && end->output.always_ready && (end->output.wants & SC_READY_READ) != 0;
        bool writes_on =
                end->connected && end->input.always_ready && (end->output.wants & SC_READY_WRITE) != 0;
        if (reads_on || writes_on)
                return 0;
        return sc_min_u64(end->retry_ns, sc_acceptor_deadline_ns(&end->acceptor));
}

void sc_guest_end_wake(struct sc_guest_end *end, uint64_t now_ns, bool path_changed, bool child_changed)
{
        if (child_changed) {
                bool ran = end->child.pid > 0;
                sc_child_reap(&end->child);
                if (ran && end->child.ended &&
                    end->connected) { /* what is in the pipe, and no waiting for more */
                        sc_loop_remove(end->loop, &end->output);
                        end->output.always_ready = true;
                }
        }
        bool due = now_ns >= end->retry_ns;
        if (due)
                end->retry_ns = UINT64_MAX;
        if (end->connected) {
                end->readable |= end->output.always_ready;
                end->writable |= due || end->input.always_ready;
        }
        if (end->operations->retry &&
            (end->connected ? end->acceptor.ready : due || path_changed || end->acceptor.ready))
                end->operations->retry(end, now_ns);
        if (now_ns >= sc_acceptor_deadline_ns(&end->acceptor))
                sc_acceptor_resume(&end->acceptor);
}

void sc_guest_end_signal(struct sc_guest_end *end, int number)
{
        if (end->child.pid > 0)
                kill(end->child.pid, number);
}

bool sc_guest_end_has_ended(const struct sc_guest_end *end)
{
        return end->child.ended;
}

int sc_guest_end_status(const struct sc_guest_end *end)
{
        return end->child.status;
}
