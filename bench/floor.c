/* The least that one process must do between a guest's Unix socket and N clients: one epoll loop, reads of
 * 256 KiB, the same buffer sent to each client, read again when every client took it, nothing kept. What
 * clients send goes to the guest. It is what bench/run compares with, and no console: a client that stops
 * reading stops the guest, and a guest that stops reading stops everything.
 *
 * Everything is watched once and edge-triggered: no epoll_ctl to say who is behind, and no read to
 * find that there is nothing.
 *
 *     floor GUEST_SOCKET CLIENT_SOCKET */

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FDS_MAX = 1024, EVENTS_MAX = 64, READ_BYTES = 256 << 10 };

static char output[READ_BYTES], input[READ_BYTES];
static size_t output_bytes, sent_bytes[FDS_MAX]; /* of `output`; and how much of it each client took */
static int clients[FDS_MAX], client_count, behind_count, epoll_fd, guest_fd;
static uint32_t guest_events;

static void watch(int fd, uint32_t events)
{
        struct epoll_event event = { .events = events, .data.fd = fd };
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
                err(1, "epoll_ctl");
}

static int open_socket(const char *path, int (*attach)(int, const struct sockaddr *, socklen_t))
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        strncpy(address.sun_path, path, sizeof address.sun_path - 1);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || attach(fd, (struct sockaddr *)&address, sizeof address) < 0)
                err(1, "%s", path);
        return fd;
}

static void send_output(int fd)
{
        ssize_t sent =
                send(fd, output + sent_bytes[fd], output_bytes - sent_bytes[fd], MSG_DONTWAIT | MSG_NOSIGNAL);
        sent_bytes[fd] += sent > 0 ? (size_t)sent : 0; /* a client that is gone has an event coming */
}

static void read_guest(void)
{
        ssize_t got = recv(guest_fd, output, sizeof output, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN))
                exit(got < 0);
        if (got < (ssize_t)sizeof output)
                guest_events &= ~(uint32_t)EPOLLIN;
        if (got < 0)
                return; /* an event for what the read before took with it */
        output_bytes = (size_t)got;
        for (int i = 0; i < client_count; i++) {
                sent_bytes[clients[i]] = 0;
                send_output(clients[i]);
                behind_count += sent_bytes[clients[i]] < output_bytes;
        }
}

static void end_client(int fd)
{
        int i = 0;
        while (clients[i] != fd)
                i++;
        clients[i] = clients[--client_count];
        behind_count -= sent_bytes[fd] < output_bytes;
        close(fd);
}

static void serve_client(int fd, uint32_t events)
{
        ssize_t got = sizeof input;
        while (events & EPOLLIN && got == sizeof input) {
                got = recv(fd, input, sizeof input, MSG_DONTWAIT);
                if (got > 0 && send(guest_fd, input, (size_t)got, MSG_NOSIGNAL) != got)
                        err(1, "the guest");
        }
        if (events & (EPOLLHUP | EPOLLERR)) {
                end_client(fd);
        } else if (sent_bytes[fd] < output_bytes) {
                send_output(fd);
                behind_count -= sent_bytes[fd] == output_bytes;
        }
}

static void accept_client(int listener)
{
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 || fd >= FDS_MAX)
                err(1, "accept");
        clients[client_count++] = fd;
        sent_bytes[fd] = output_bytes; /* the next read is its first */
        watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
}

int main(int argc, char **argv)
{
        if (argc != 3)
                errx(2, "usage: floor GUEST_SOCKET CLIENT_SOCKET");
        epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        guest_fd = open_socket(argv[1], connect);
        int listener = open_socket(argv[2], bind);
        if (listen(listener, 64) < 0)
                err(1, "%s", argv[2]);
        watch(guest_fd, EPOLLIN | EPOLLET);
        watch(listener, EPOLLIN);
        for (;;) {
                struct epoll_event events[EVENTS_MAX];
                int count =
                        epoll_wait(epoll_fd, events, EVENTS_MAX, guest_events && behind_count == 0 ? 0 : -1);
                for (int i = 0; i < count; i++) {
                        if (events[i].data.fd == guest_fd)
                                guest_events |= events[i].events;
                        else if (events[i].data.fd == listener)
                                accept_client(listener);
                        else
                                serve_client(events[i].data.fd, events[i].events);
                }
                if (guest_events && behind_count == 0)
                        read_guest();
        }
}
