/* Plays the guest and the clients of a relay that it starts itself, and measures the relay.
 *
 *     load throughput --guest PATH --client PATH [OPTION]... -- RELAY [ARGUMENT]...
 *     load echo       --guest PATH --client PATH [OPTION]... -- RELAY [ARGUMENT]...
 *
 * The relay connects to the guest's socket and listens on the client's. Options:
 *
 *     --clients N   clients that read (1)
 *     --stalled N   clients that do not read before the guest is done (0)
 *     --bytes N     what the guest says in all (64 MiB)
 *     --block N     what it says in one write (64 KiB)
 *     --rate N      at most so many bytes a second (0: as fast as it can)
 *     --quiet MS    a client without a byte for so long is given up (2000)
 *     --announce    print "started" when the guest begins
 *     --native PROG each client is `PROG connect PATH`, between this program and the relay
 *     --echoes N    how many to measure (500)
 *     --idle MS     silence before each (2)
 *
 * The result is one line of JSON on standard output: how long it took, what it cost the relay, and what each
 * client received, which is the caller's to judge. Exit status: 0 measured, 1 not, 2 usage. */

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
        CLIENTS_MAX = 64,
        EVENTS_MAX = 64,
        BLOCK_BYTES_MAX = 512 << 10,
        SCRATCH_BYTES = 256 << 10,
        PATTERN_BYTES = 1000003, /* prime, so that the loss of whole buffers cannot look like none */
        COMPARED_BYTES = 64,     /* of each read */
        ECHOES_MAX = 1 << 20,
        WARM_UP_ECHOES = 20,
        ATTACH_TIMEOUT_MS = 10000,
        SETTLE_MS = 30, /* until the relay sleeps: only then is its CPU time in /proc exact */
        RUN_LIMIT_S = 120,
};

struct client {
        int fd;
        uint64_t received_bytes;
        uint64_t last_ns;         /* when its last byte came */
        uint64_t misplaced_reads; /* reads that do not continue what it received before */
};

struct relay_cost {
        uint64_t cpu_ns;
        uint64_t waiting_ns; /* runnable, but not on a CPU */
        uint64_t slices;     /* how often it was put on one */
};

static const char *guest_path, *client_path;
static char *native_program;
static char **relay_argv;
static size_t client_count = 1, stalled_count, block_bytes = 64 << 10, echo_count = 500;
static uint64_t total_bytes = 64 << 20, rate;
static int idle_ms = 2, quiet_ms = 2000;
static bool announce;

static pid_t relay_pid;
static int guest_fd = -1;
static struct client clients[CLIENTS_MAX]; /* those that read, then those that do not */
static char pattern[PATTERN_BYTES + BLOCK_BYTES_MAX];
static char scratch[SCRATCH_BYTES];

static uint64_t now_ns(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void sleep_ms(int ms)
{
        struct timespec duration = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
        nanosleep(&duration, NULL);
}

/* What the guest says at `offset`; BLOCK_BYTES_MAX bytes of it. */
static const char *pattern_at(uint64_t offset)
{
        return pattern + offset % PATTERN_BYTES;
}

static void make_pattern(void)
{
        uint64_t state = 0x9e3779b97f4a7c15;
        for (size_t i = 0; i < PATTERN_BYTES; i++) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                pattern[i] = (char)(state >> 56);
        }
        memcpy(pattern + PATTERN_BYTES, pattern, BLOCK_BYTES_MAX);
}

/* The relay: started, measured, ended. */

/* Runs `argv`, which ends with this program. Returns its number. */
static pid_t start(char *const argv[], int input_fd, int output_fd, int error_fd)
{
        pid_t parent = getpid(), pid = fork();
        if (pid < 0)
                err(1, "fork");
        if (pid > 0)
                return pid;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        dup2(input_fd, STDIN_FILENO);
        dup2(output_fd, STDOUT_FILENO);
        dup2(error_fd, STDERR_FILENO);
        execvp(argv[0], argv);
        err(127, "%s", argv[0]);
}

static void start_relay(void)
{
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        relay_pid = start(relay_argv, null_fd, null_fd, STDERR_FILENO);
        close(null_fd);
}

static void end_relay(void)
{
        kill(relay_pid, SIGTERM);
        uint64_t give_up_ns = now_ns() + (uint64_t)ATTACH_TIMEOUT_MS * 1000000;
        while (waitpid(relay_pid, NULL, WNOHANG) == 0) {
                if (now_ns() > give_up_ns) {
                        warnx("the relay did not end on SIGTERM");
                        kill(relay_pid, SIGKILL);
                        waitpid(relay_pid, NULL, 0);
                        break;
                }
                sleep_ms(1);
        }
        unlink(guest_path);
        unlink(client_path);
}

/* All its threads' time; in nanoseconds, where /proc/PID/stat has clock ticks. */
static struct relay_cost read_relay_cost(void)
{
        char path[300];
        struct relay_cost cost = { 0 };
        snprintf(path, sizeof path, "/proc/%d/task", relay_pid);
        DIR *tasks = opendir(path);
        if (tasks == NULL)
                err(1, "%s: the relay is gone", path);
        for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
                if (task->d_name[0] == '.')
                        continue;
                snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", relay_pid, task->d_name);
                FILE *file = fopen(path, "re");
                uint64_t cpu_ns, waiting_ns, slices;
                if (file == NULL ||
                    fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNu64, &cpu_ns, &waiting_ns, &slices) != 3)
                        err(1, "%s", path);
                fclose(file);
                cost.cpu_ns += cpu_ns;
                cost.waiting_ns += waiting_ns;
                cost.slices += slices;
        }
        closedir(tasks);
        return cost;
}

static unsigned read_relay_pss_kib(void)
{
        char path[64], line[256];
        unsigned pss_kib = 0;
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", relay_pid);
        FILE *file = fopen(path, "re");
        if (file == NULL)
                err(1, "%s", path);
        while (fgets(line, sizeof line, file) != NULL && sscanf(line, "Pss: %u kB", &pss_kib) != 1)
                ;
        fclose(file);
        return pss_kib;
}

/* The guest and the clients: attached to the relay. */

static struct sockaddr_un address_of(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        if (strlen(path) >= sizeof address.sun_path)
                errx(2, "%s: too long for a socket's name", path);
        strncpy(address.sun_path, path, sizeof address.sun_path - 1);
        return address;
}

static int new_socket(void)
{
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                err(1, "socket");
        return fd;
}

static int listen_as_guest(void)
{
        struct sockaddr_un address = address_of(guest_path);
        unlink(guest_path);
        int fd = new_socket();
        if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
                err(1, "%s", guest_path);
        return fd;
}

static void wait_readable(int fd, const char *what)
{
        struct pollfd wanted = { .fd = fd, .events = POLLIN };
        if (poll(&wanted, 1, ATTACH_TIMEOUT_MS) != 1)
                errx(1, "the relay %s", what);
}

static int connect_natively(void)
{
        static char command[] = "connect", wait[] = "--wait";
        char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
        char *argv[] = { native_program, command, wait, path, NULL };
        int ends[2];
        strncpy(path, address_of(client_path).sun_path, sizeof path);
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                err(1, "socketpair");
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC); /* it tells each end of a relay */
        start(argv, ends[1], ends[1], null_fd);
        close(null_fd);
        close(ends[1]);
        return ends[0];
}

static int connect_as_client(void)
{
        if (native_program != NULL)
                return connect_natively();
        struct sockaddr_un address = address_of(client_path);
        uint64_t give_up_ns = now_ns() + (uint64_t)ATTACH_TIMEOUT_MS * 1000000;
        int fd = new_socket();
        while (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
                if ((errno != ENOENT && errno != ECONNREFUSED) || now_ns() > give_up_ns)
                        err(1, "%s", client_path);
                sleep_ms(1);
        }
        return fd;
}

/* A client is attached once the guest has a byte of it: connect alone says only that it is in the queue. */
static void attach_all(void)
{
        unlink(client_path);
        int listener = listen_as_guest();
        start_relay();
        wait_readable(listener, "did not connect to the guest");
        guest_fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (guest_fd < 0)
                err(1, "accept");
        close(listener);
        for (size_t i = 0; i < client_count + stalled_count; i++) {
                char byte = '\r';
                clients[i].fd = connect_as_client();
                if (send(clients[i].fd, &byte, 1, MSG_NOSIGNAL) != 1)
                        err(1, "%s", client_path);
                wait_readable(guest_fd, "did not pass on a client's input");
                if (read(guest_fd, &byte, 1) != 1)
                        err(1, "%s", guest_path);
        }
        sleep_ms(SETTLE_MS);
}

/* Throughput: the guest talks in a thread of its own, the clients read in this one. */

/* Until `offset` is due at the rate. */
static void pace(uint64_t start_ns, uint64_t offset)
{
        if (rate == 0)
                return;
        uint64_t due_ns = start_ns + (uint64_t)((double)offset / (double)rate * 1e9);
        struct timespec due = { .tv_sec = (time_t)(due_ns / 1000000000),
                                .tv_nsec = (long)(due_ns % 1000000000) };
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static void *talk(void *done_ns)
{
        uint64_t start_ns = now_ns();
        for (uint64_t offset = 0; offset < total_bytes;) {
                uint64_t rest = total_bytes - offset;
                pace(start_ns, offset);
                ssize_t sent = send(guest_fd, pattern_at(offset),
                                    rest < block_bytes ? (size_t)rest : block_bytes, MSG_NOSIGNAL);
                if (sent < 0)
                        err(1, "the guest, after %" PRIu64 " bytes", offset);
                offset += (uint64_t)sent;
        }
        *(uint64_t *)done_ns = now_ns();
        return NULL;
}

/* One read. Bytes that a lossy relay left out show as a read that does not continue the pattern. */
static bool client_reads(struct client *client)
{
        ssize_t got = recv(client->fd, scratch, sizeof scratch, MSG_DONTWAIT);
        if (got <= 0)
                return false;
        size_t compared = got < COMPARED_BYTES ? (size_t)got : COMPARED_BYTES;
        client->misplaced_reads += memcmp(scratch, pattern_at(client->received_bytes), compared) != 0;
        client->received_bytes += (uint64_t)got;
        client->last_ns = now_ns();
        return true;
}

/* Until each client has all, or none has had a byte for a while. */
static void read_all(void)
{
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        for (size_t i = 0; i < client_count; i++) {
                struct epoll_event event = { .events = EPOLLIN, .data.u64 = i };
                if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, clients[i].fd, &event) < 0)
                        err(1, "epoll_ctl");
        }
        for (size_t reading = client_count; reading > 0;) {
                struct epoll_event events[EVENTS_MAX];
                int count = epoll_wait(epoll_fd, events, EVENTS_MAX, quiet_ms);
                if (count <= 0)
                        break;
                for (int i = 0; i < count; i++) {
                        struct client *client = &clients[events[i].data.u64];
                        if (client_reads(client) && client->received_bytes < total_bytes)
                                continue;
                        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, client->fd, NULL);
                        reading--;
                }
        }
        close(epoll_fd);
}

/* The guest is silent now: what is still there for a client that had stopped, and whether it ends at head. */
static bool catch_up(struct client *client)
{
        static char newest[PATTERN_BYTES];
        size_t kept = 0, wanted = total_bytes < 4096 ? (size_t)total_bytes : 4096;
        struct pollfd readable = { .fd = client->fd, .events = POLLIN };
        while (poll(&readable, 1, quiet_ms) == 1) {
                ssize_t got = recv(client->fd, newest + kept, sizeof newest - kept, MSG_DONTWAIT);
                if (got <= 0)
                        break;
                client->received_bytes += (uint64_t)got;
                kept += (size_t)got;
                if (kept > wanted) {
                        memmove(newest, newest + kept - wanted, wanted);
                        kept = wanted;
                }
        }
        return kept == wanted && memcmp(newest, pattern_at(total_bytes - wanted), wanted) == 0;
}

static void print_throughput(uint64_t start_ns, uint64_t guest_done_ns, struct relay_cost cost)
{
        uint64_t last_ns = start_ns, least_bytes = UINT64_MAX, misplaced = 0, stalled_bytes = UINT64_MAX;
        bool stalled_at_head = true;
        unsigned pss_kib = read_relay_pss_kib();
        for (size_t i = 0; i < client_count; i++) {
                const struct client *client = &clients[i];
                last_ns = client->last_ns > last_ns ? client->last_ns : last_ns;
                least_bytes = client->received_bytes < least_bytes ? client->received_bytes : least_bytes;
                misplaced += client->misplaced_reads;
        }
        for (size_t i = client_count; i < client_count + stalled_count; i++) {
                stalled_at_head &= catch_up(&clients[i]);
                stalled_bytes =
                        clients[i].received_bytes < stalled_bytes ? clients[i].received_bytes : stalled_bytes;
        }
        printf("{\"bytes\": %" PRIu64
               ", \"guest_s\": %.9f, \"clients_s\": %.9f, \"cpu_s\": %.9f, \"waiting_s\": %.9f, "
               "\"slices\": %" PRIu64 ", \"pss_kib\": %u, \"least_received_bytes\": %" PRIu64
               ", \"misplaced_reads\": %" PRIu64,
               total_bytes, (double)(guest_done_ns - start_ns) / 1e9, (double)(last_ns - start_ns) / 1e9,
               (double)cost.cpu_ns / 1e9, (double)cost.waiting_ns / 1e9, cost.slices, pss_kib, least_bytes,
               misplaced);
        if (stalled_count > 0)
                printf(", \"stalled_received_bytes\": %" PRIu64 ", \"stalled_at_head\": %s", stalled_bytes,
                       stalled_at_head ? "true" : "false");
        puts("}");
}

static void measure_throughput(void)
{
        pthread_t guest;
        uint64_t guest_done_ns = 0;
        attach_all();
        if (announce) {
                puts("started");
                fflush(stdout);
        }
        struct relay_cost before = read_relay_cost();
        uint64_t start_ns = now_ns();
        if (pthread_create(&guest, NULL, talk, &guest_done_ns) != 0)
                errx(1, "pthread_create");
        read_all();

        struct timespec give_up;
        clock_gettime(CLOCK_REALTIME, &give_up);
        give_up.tv_sec += ATTACH_TIMEOUT_MS / 1000;
        if (pthread_timedjoin_np(guest, NULL, &give_up) != 0)
                errx(1, "the relay stopped taking the guest's output");
        sleep_ms(SETTLE_MS);
        struct relay_cost after = read_relay_cost();
        print_throughput(start_ns, guest_done_ns,
                         (struct relay_cost) { after.cpu_ns - before.cpu_ns,
                                               after.waiting_ns - before.waiting_ns,
                                               after.slices - before.slices });
}

/* Echo: one byte to the guest and back, both sides asleep before it is sent. */

static void *echo_all(void *unused)
{
        char buffer[64];
        (void)unused;
        for (ssize_t got = read(guest_fd, buffer, sizeof buffer); got > 0;
             got = read(guest_fd, buffer, sizeof buffer)) {
                if (send(guest_fd, buffer, (size_t)got, MSG_NOSIGNAL) != got)
                        err(1, "the guest");
        }
        return NULL;
}

static uint64_t echo_once(int fd)
{
        char byte = 'x';
        sleep_ms(idle_ms);
        uint64_t start_ns = now_ns();
        if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || read(fd, &byte, 1) != 1)
                err(1, "%s: no echo", client_path);
        return now_ns() - start_ns;
}

static int compare_u64(const void *left, const void *right)
{
        uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
        return (a > b) - (a < b);
}

/* Of echo_count sorted ones. */
static double percentile_us(const uint64_t *sorted_ns, size_t percent)
{
        size_t index = echo_count * percent / 100;
        return (double)sorted_ns[index] / 1e3;
}

static void measure_echo(void)
{
        pthread_t guest;
        uint64_t *echoes_ns = calloc(echo_count, sizeof *echoes_ns);
        attach_all();
        unsigned pss_kib = read_relay_pss_kib();
        if (echoes_ns == NULL || pthread_create(&guest, NULL, echo_all, NULL) != 0)
                errx(1, "no memory");
        for (size_t i = 0; i < WARM_UP_ECHOES; i++)
                echo_once(clients[0].fd);
        for (size_t i = 0; i < echo_count; i++)
                echoes_ns[i] = echo_once(clients[0].fd);
        qsort(echoes_ns, echo_count, sizeof *echoes_ns, compare_u64);
        printf("{\"p50_us\": %.3f, \"p99_us\": %.3f, \"pss_kib\": %u}\n", percentile_us(echoes_ns, 50),
               percentile_us(echoes_ns, 99), pss_kib);
        free(echoes_ns);
}

/* The command line. */

static uint64_t number(const char *text, uint64_t least, uint64_t most)
{
        char *end;
        errno = 0;
        uint64_t value = strtoull(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0' || value < least || value > most)
                errx(2, "%s: not a number from %" PRIu64 " to %" PRIu64, text, least, most);
        return value;
}

static void parse_options(int argc, char **argv)
{
        enum { GUEST, CLIENT, CLIENTS, STALLED, BYTES, BLOCK, ECHOES, IDLE, QUIET, ANNOUNCE, NATIVE, RATE };
        static const struct option options[] = {
                { "guest", 1, NULL, GUEST },
                { "client", 1, NULL, CLIENT },
                { "clients", 1, NULL, CLIENTS },
                { "stalled", 1, NULL, STALLED },
                { "bytes", 1, NULL, BYTES },
                { "block", 1, NULL, BLOCK },
                { "echoes", 1, NULL, ECHOES },
                { "idle", 1, NULL, IDLE },
                { "quiet", 1, NULL, QUIET },
                { "announce", 0, NULL, ANNOUNCE },
                { "native", 1, NULL, NATIVE },
                { "rate", 1, NULL, RATE },
                { 0 },
        };
        for (int found = getopt_long(argc, argv, "+", options, NULL); found != -1;
             found = getopt_long(argc, argv, "+", options, NULL)) {
                switch (found) {
                case GUEST:
                        guest_path = optarg;
                        break;
                case CLIENT:
                        client_path = optarg;
                        break;
                case CLIENTS:
                        client_count = number(optarg, 1, CLIENTS_MAX / 2);
                        break;
                case STALLED:
                        stalled_count = number(optarg, 0, CLIENTS_MAX / 2);
                        break;
                case BYTES:
                        total_bytes = number(optarg, 1, 1ULL << 40);
                        break;
                case BLOCK:
                        block_bytes = number(optarg, 1, BLOCK_BYTES_MAX);
                        break;
                case RATE:
                        rate = number(optarg, 0, 1ULL << 40);
                        break;
                case ECHOES:
                        echo_count = number(optarg, 1, ECHOES_MAX);
                        break;
                case IDLE:
                        idle_ms = (int)number(optarg, 0, 10000);
                        break;
                case QUIET:
                        quiet_ms = (int)number(optarg, 1, 60000);
                        break;
                case ANNOUNCE:
                        announce = true;
                        break;
                case NATIVE:
                        native_program = optarg;
                        break;
                default:
                        exit(2);
                }
        }
        relay_argv = argv + optind;
        if (guest_path == NULL || client_path == NULL || relay_argv[0] == NULL)
                errx(2, "--guest, --client and a relay are needed");
}

static void give_up(int signal_number)
{
        (void)signal_number;
        static const char text[] = "load: the run took too long\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        _exit(1); /* the relay goes with us */
}

int main(int argc, char **argv)
{
        bool throughput = argc > 1 && strcmp(argv[1], "throughput") == 0;
        if (!throughput && (argc < 2 || strcmp(argv[1], "echo") != 0))
                errx(2, "usage: load throughput|echo --guest PATH --client PATH [OPTION]... -- RELAY "
                        "[ARGUMENT]...");
        parse_options(argc - 1, argv + 1);
        make_pattern();
        signal(SIGALRM, give_up);
        alarm(RUN_LIMIT_S);
        if (throughput)
                measure_throughput();
        else
                measure_echo();
        end_relay();
        return 0;
}
