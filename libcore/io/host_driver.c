#include "io/host_driver.h"

#include "io/accept.h"
#include "io/client_end.h"
#include "io/clock.h"
#include "io/signals.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* How often clients are asked what they have read, and the log what it has written, while that is all the host waits
 * for. */
#define LAST_WORDS_NS (50 * SC_NS_PER_MS)

/* The wall clock may be set at any time; it is looked at again when this old. */
#define WALL_NS SC_NS_PER_S

struct client {
        struct sc_source source;
        sc_client client;
};

struct listener {
        struct sc_listening listening;
        struct sc_acceptor acceptor;
        char *path; /* of a .ctl: made here, and kept, because the result may name it */
};

struct driver {
        const struct sc_host_driver_config *config;
        struct sc_host host;
        struct sc_loop *loop;
        struct sc_signals signals;
        struct sc_host_files files;
        struct sc_guest_end *guest;
        bool guest_started;
        struct listener listeners[SC_LISTENER_COUNT];
        struct client *clients; /* by index of the slot */
        uint8_t *memory;
        size_t memory_bytes;

        uint64_t now_ns;
        uint64_t wall_read_ns;
        int64_t wall_offset_ns;
        bool stopping;            /* a signal said so */
        uint64_t linger_until_ns; /* 0: COMMAND has not ended */
        struct sc_host_driver_result result;
};

/* Static and zeroed by nobody but the loader, so that what a small host never touches costs nothing. */
static struct driver the_driver;

/* --- setting up --- */

static int fail(struct driver *driver, int error, const char *what)
{
        driver->result.error = error;
        driver->result.what = what;
        return error;
}

static void *map(size_t bytes)
{
        void *memory =
                mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
                return NULL;
        madvise(memory, bytes, MADV_NOHUGEPAGE); /* a host is small until its guest speaks */
        return memory;
}

static int make_host(struct driver *driver)
{
        struct sc_host_config host = driver->config->host;
        host.view = driver->config->view.path != NULL;
        host.wall_offset_ns = sc_clock_wall_offset_ns();
        if (getrandom(host.instance, sizeof(host.instance), 0) != (ssize_t)sizeof(host.instance))
                return fail(driver, -errno, "getrandom");
        driver->memory_bytes = sc_host_memory_bytes(&host);
        driver->memory = map(driver->memory_bytes);
        driver->clients = map(SC_SLOTS_MAX * sizeof(struct client));
        if (!driver->memory || !driver->clients)
                return fail(driver, -ENOMEM, "memory");
        sc_host_init(&driver->host, &host, driver->memory, driver->now_ns);
        return 0;
}

static int open_listener(struct driver *driver, enum sc_listener kind, const struct sc_host_socket *socket,
                         const char *path)
{
        struct listener *listener = &driver->listeners[kind];
        int result = sc_unix_socket_listen(path, socket->mode, socket->group, &listener->listening);
        if (result == 0)
                result = sc_acceptor_open(&listener->acceptor, driver->loop, listener->listening.fd);
        return result == 0 ? 0 : fail(driver, result, path);
}

static int open_pair(struct driver *driver, enum sc_listener raw, enum sc_listener control,
                     const struct sc_host_socket *socket)
{
        if (!socket->path)
                return 0;
        if (asprintf(&driver->listeners[control].path, "%s.ctl", socket->path) < 0)
                return fail(driver, -ENOMEM, "memory");
        /* The .ctl first: who finds SOCKET looks for it there. */
        int result = open_listener(driver, control, socket, driver->listeners[control].path);
        return result == 0 ? open_listener(driver, raw, socket, socket->path) : result;
}

static const char *guest_name(const struct sc_guest_spec *guest)
{
        if (guest->kind == SC_GUEST_COMMAND)
                return guest->argv[0];
        return guest->path ? guest->path : "guest side";
}

static int start_guest(struct driver *driver)
{
        driver->guest_started = true;
        int result = sc_guest_end_start(driver->guest, driver->now_ns);
        return result == 0 ? 0 : fail(driver, result, guest_name(&driver->config->guest));
}

static int set_up(struct driver *driver)
{
        const struct sc_host_driver_config *config = driver->config;
        driver->now_ns = sc_clock_now_ns();
        driver->loop = sc_loop_new();
        if (!driver->loop)
                return fail(driver, -errno, "epoll");
        int result = sc_signals_open(&driver->signals, driver->loop);
        if (result != 0)
                return fail(driver, result, "signals");
        if (make_host(driver) != 0 ||
            open_pair(driver, SC_LISTENER_VIEW, SC_LISTENER_VIEW_CONTROL, &config->view) != 0 ||
            open_pair(driver, SC_LISTENER_RAW, SC_LISTENER_CONTROL, &config->socket) != 0)
                return driver->result.error;
        const char *what;
        result = sc_host_files_open(&driver->files, &config->files, &what);
        if (result != 0)
                return fail(driver, result, what);
        driver->guest = sc_guest_end_new(&config->guest, driver->loop);
        if (!driver->guest)
                return fail(driver, -ENOMEM, "memory");
        return config->wait ? 0 : start_guest(driver);
}

/* --- clients --- */

static void client_ready(struct sc_source *source, unsigned readiness)
{
        struct client *client = (struct client *)(void *)source;
        struct driver *driver = source->owner;
        if (readiness & SC_READY_HUP) {
                struct sc_sample sample = sc_client_end_sample(source->fd);
                sample.hung_up = true;
                sc_host_client_sampled(&driver->host, client->client, &sample);
        }
        if (readiness & SC_READY_READ)
                sc_host_client_readable(&driver->host, client->client);
        if (readiness & SC_READY_WRITE)
                sc_host_client_writable(&driver->host, client->client);
}

static void add_client(struct driver *driver, enum sc_listener kind, int fd)
{
        struct sc_credentials peer = sc_unix_socket_credentials(fd);
        sc_client name = sc_host_connected(&driver->host, kind, peer.pid, peer.uid);
        if (name == 0) {
                close(fd);
                return;
        }
        struct client *client = &driver->clients[sc_host_client_index(name)];
        *client = (struct client) {
                .source = { .fd = fd, .ready = client_ready, .owner = driver },
                .client = name,
        };
}

static void accept_clients(struct driver *driver)
{
        for (enum sc_listener kind = 0; kind < SC_LISTENER_COUNT; kind++) {
                struct sc_acceptor *acceptor = &driver->listeners[kind].acceptor;
                for (int i = 0; i < SC_ACCEPTS_MAX; i++) {
                        int fd = sc_acceptor_take(acceptor, driver->now_ns);
                        if (fd < 0)
                                break;
                        add_client(driver, kind, fd);
                }
        }
}

static void resume_acceptors(struct driver *driver)
{
        for (int kind = 0; kind < SC_LISTENER_COUNT; kind++)
                sc_acceptor_resume(&driver->listeners[kind].acceptor);
}

static void close_client(struct driver *driver, struct client *client)
{
        sc_loop_remove(driver->loop, &client->source);
        close(client->source.fd);
        client->source.fd = -1;
        /* What a native one's frames touched goes back, and would come again as zeroes. */
        uint8_t *buffers = sc_host_client_buffers(&driver->host, sc_host_client_index(client->client));
        madvise(buffers, SC_PEER_BUFFER_BYTES, MADV_DONTNEED);
        resume_acceptors(driver);
}

static void read_client(struct driver *driver, struct client *client, const struct sc_action *action)
{
        ssize_t length = sc_client_end_read(client->source.fd, action->spans, action->span_count);
        if (length >= 0)
                sc_host_client_read(&driver->host, action->client, (size_t)length);
        else
                sc_host_client_read_ended(&driver->host, action->client, length == -ECONNRESET);
}

static void write_client(struct driver *driver, struct client *client, const struct sc_action *action)
{
        bool empty = action->sample_queue && sc_client_end_queue_is_empty(client->source.fd);
        ssize_t length = sc_client_end_write(client->source.fd, action->spans, action->span_count);
        if (length >= 0)
                sc_host_client_wrote(&driver->host, action->client, (size_t)length, empty);
        else
                sc_host_client_write_failed(&driver->host, action->client, length == -ECONNRESET);
}

/* --- the guest side --- */

static void hear_guest(struct driver *driver, bool path_changed, bool child_changed)
{
        struct sc_host *host = &driver->host;
        enum sc_guest_event event;

        sc_guest_end_wake(driver->guest, driver->now_ns, path_changed, child_changed);
        while ((event = sc_guest_end_next(driver->guest)) != SC_GUEST_EVENT_NONE) {
                switch (event) {
                case SC_GUEST_EVENT_NONE:
                        return;
                case SC_GUEST_EVENT_UP:
                        sc_host_guest_up(host, sc_guest_end_can_break(driver->guest));
                        break;
                case SC_GUEST_EVENT_NOTE:
                        sc_host_guest_note(host, sc_guest_end_note(driver->guest));
                        break;
                case SC_GUEST_EVENT_REFUSED:
                        sc_host_guest_refused(host);
                        break;
                case SC_GUEST_EVENT_READABLE:
                        sc_host_guest_readable(host);
                        break;
                case SC_GUEST_EVENT_WRITABLE:
                        sc_host_guest_writable(host);
                        break;
                }
        }
}

static void read_guest(struct driver *driver, const struct sc_action *action)
{
        ssize_t length = sc_guest_end_read(driver->guest, action->spans, action->span_count);
        if (length >= 0) {
                sc_host_files_heard(&driver->files, &driver->host, action->spans, (size_t)length);
                sc_host_guest_read(&driver->host, (size_t)length);
                return;
        }
        sc_host_guest_down(&driver->host, sc_guest_end_comes_once(driver->guest));
        sc_guest_end_lost(driver->guest, driver->now_ns);
        resume_acceptors(driver);
        hear_guest(driver, false, false); /* it may be back already */
}

static void write_guest(struct driver *driver, const struct sc_action *action)
{
        ssize_t length = sc_guest_end_write(driver->guest, action->spans, action->span_count);
        if (length >= 0)
                sc_host_guest_wrote(&driver->host, (size_t)length);
        else
                sc_host_guest_write_failed(&driver->host);
}

/* --- a turn --- */

static void carry_out(struct driver *driver, const struct sc_action *action)
{
        struct client *client = &driver->clients[sc_host_client_index(action->client)];
        struct sc_sample sample;

        switch (action->kind) {
        case SC_ACTION_SAMPLE:
                sample = sc_client_end_sample(client->source.fd);
                sc_host_client_sampled(&driver->host, action->client, &sample);
                return;
        case SC_ACTION_READ:
                read_client(driver, client, action);
                return;
        case SC_ACTION_WRITE:
                write_client(driver, client, action);
                return;
        case SC_ACTION_CLOSE:
                close_client(driver, client);
                return;
        case SC_ACTION_GUEST_READ:
                read_guest(driver, action);
                return;
        case SC_ACTION_GUEST_WRITE:
                write_guest(driver, action);
                return;
        case SC_ACTION_GUEST_BREAK:
                sc_host_guest_broke(&driver->host, sc_guest_end_break(driver->guest, driver->now_ns));
                return;
        }
}

static void carry_out_all(struct driver *driver)
{
        struct sc_action action;

        while (sc_host_next(&driver->host, &action)) {
                carry_out(driver, &action);
                sc_host_files_noted(&driver->files, &driver->host);
        }
}

static unsigned readiness_of(unsigned wants)
{
        return ((wants & SC_WANT_READ) ? SC_READY_READ : 0) | ((wants & SC_WANT_WRITE) ? SC_READY_WRITE : 0);
}

static void set_wants(struct driver *driver)
{
        struct sc_host *host = &driver->host;
        for (uint32_t i = 0; i < host->live_count; i++) {
                sc_client name = sc_host_client_at(host, i);
                struct client *client = &driver->clients[sc_host_client_index(name)];
                sc_loop_set(driver->loop, &client->source, readiness_of(sc_host_client_wants(host, name)));
        }
        sc_guest_end_want(driver->guest, readiness_of(sc_host_guest_wants(host)));
}

static uint64_t deadline_ns(const struct driver *driver)
{
        if (driver->wall_read_ns == 0) /* the first turn: what there is already, nothing else may tell of */
                return 0;
        uint64_t deadline =
                sc_min_u64(sc_host_deadline_ns(&driver->host), sc_guest_end_deadline_ns(driver->guest));
        for (int kind = 0; kind < SC_LISTENER_COUNT; kind++)
                deadline = sc_min_u64(deadline, sc_acceptor_deadline_ns(&driver->listeners[kind].acceptor));
        deadline = sc_min_u64(deadline, sc_host_files_deadline_ns(&driver->files));
        if (driver->linger_until_ns == 0)
                return deadline;
        bool awaits_log = driver->config->log_suffices && !sc_guest_log_is_flawed(driver->files.log);
        if (driver->host.live_count > 0 || awaits_log)
                deadline = sc_min_u64(deadline, driver->now_ns + LAST_WORDS_NS);
        return sc_min_u64(deadline, driver->linger_until_ns);
}

static void read_clocks(struct driver *driver)
{
        driver->now_ns = sc_clock_now_ns();
        if (driver->wall_read_ns == 0 || driver->now_ns - driver->wall_read_ns >= WALL_NS) {
                driver->wall_offset_ns = sc_clock_wall_offset_ns();
                driver->wall_read_ns = driver->now_ns;
        }
}

/* --- the end --- */

/* COMMAND is told, and the host ends when it has; without one, at once. A signal after its end is the last word. SIGHUP
 * is none of these where there are files to be opened anew. */
static void obey_signals(struct driver *driver)
{
        struct sc_signals *signals = &driver->signals;
        bool runs = driver->config->guest.kind == SC_GUEST_COMMAND && driver->guest_started &&
                    !sc_guest_end_has_ended(driver->guest);
        for (int i = 0; i < signals->end_count; i++) {
                if (signals->ends[i] == SIGHUP && sc_host_files_reopen(&driver->files))
                        continue;
                driver->stopping = true;
                if (runs)
                        sc_guest_end_signal(driver->guest, signals->ends[i]);
        }
        signals->end_count = 0;
}

static bool has_client(const struct driver *driver)
{
        return sc_host_attached_count(&driver->host, false) + sc_host_attached_count(&driver->host, true) > 0;
}

/* Nobody is there who has not read the last words, and who comes later finds them in the log. */
static bool log_has_them(struct driver *driver)
{
        return driver->config->log_suffices && !has_client(driver) &&
               sc_guest_log_is_whole(driver->files.log);
}

static bool is_over(struct driver *driver)
{
        bool command = driver->config->guest.kind == SC_GUEST_COMMAND && driver->guest_started;
        if (!command)
                return driver->stopping;
        if (!sc_guest_end_has_ended(driver->guest) || driver->host.guest.state == SC_GUEST_UP)
                return false;

        driver->result.command_status = sc_guest_end_status(driver->guest);
        if (driver->linger_until_ns == 0) {
                uint64_t linger_ns = driver->config->linger_ns;
                driver->linger_until_ns = linger_ns == UINT64_MAX ? UINT64_MAX : driver->now_ns + linger_ns;
        }
        sc_host_sample(&driver->host);
        return driver->stopping || driver->now_ns >= driver->linger_until_ns ||
               sc_host_is_read(&driver->host) || log_has_them(driver);
}

static bool turn(struct driver *driver)
{
        int result = sc_loop_wait(driver->loop, deadline_ns(driver), driver->now_ns);
        if (result != 0) {
                fail(driver, result, "epoll");
                return false;
        }
        read_clocks(driver);
        sc_host_wake(&driver->host, driver->now_ns, driver->wall_offset_ns);
        sc_loop_dispatch(driver->loop);
        obey_signals(driver);
        hear_guest(driver, driver->signals.path, driver->signals.child);
        driver->signals.path = driver->signals.child = false;
        accept_clients(driver);
        for (int kind = 0; kind < SC_LISTENER_COUNT; kind++)
                if (driver->now_ns >= sc_acceptor_deadline_ns(&driver->listeners[kind].acceptor))
                        sc_acceptor_resume(&driver->listeners[kind].acceptor);
        sc_host_files_noted(&driver->files, &driver->host);
        carry_out_all(driver);
        sc_host_files_wake(&driver->files, &driver->host);
        if (!driver->guest_started && !driver->stopping && has_client(driver) && start_guest(driver) == 0)
                hear_guest(driver, false, false);
        set_wants(driver);
        return !is_over(driver);
}

/* One more turn, for the last frame of each native client. */
static void say_goodbye(struct driver *driver)
{
        sc_host_stop(&driver->host);
        sc_host_wake(&driver->host, driver->now_ns, driver->wall_offset_ns);
        carry_out_all(driver);
}

static void tear_down(struct driver *driver)
{
        for (uint32_t i = 0; i < driver->host.live_count; i++) {
                sc_client name = sc_host_client_at(&driver->host, i);
                close(driver->clients[sc_host_client_index(name)].source.fd);
        }
        for (int kind = 0; kind < SC_LISTENER_COUNT; kind++)
                sc_unix_socket_remove(&driver->listeners[kind].listening);
        if (driver->guest)
                sc_guest_end_free(driver->guest);
        sc_host_files_close(&driver->files, &driver->host);
        if (driver->memory)
                munmap(driver->memory, driver->memory_bytes);
        if (driver->clients)
                munmap(driver->clients, SC_SLOTS_MAX * sizeof(struct client));
        if (driver->loop)
                sc_loop_free(driver->loop);
}

struct sc_host_driver_result sc_host_driver_run(const struct sc_host_driver_config *config)
{
        struct driver *driver = &the_driver;
        driver->config = config;
        for (int kind = 0; kind < SC_LISTENER_COUNT; kind++) {
                driver->listeners[kind].listening =
                        (struct sc_listening) { .fd = -1, .folder = -1, .lock = -1 };
                driver->listeners[kind].acceptor.source.fd = -1;
        }
        /* A COMMAND that cannot be run ends the host by its status; no other guest side fails after set-up. */
        if (set_up(driver) == 0) {
                while (turn(driver))
                        continue;
                say_goodbye(driver);
        } else if (driver->guest_started && config->guest.kind == SC_GUEST_COMMAND) {
                driver->result.command_status = sc_guest_end_status(driver->guest);
        }
        tear_down(driver);
        return driver->result;
}
