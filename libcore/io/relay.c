#include "io/relay.h"

#include "io/given.h"
#include "model/base/span.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

#define LAST_WORDS_ROUNDS 16

/* One direction: what was read and is still to be written. */
struct direction {
        uint8_t bytes[SC_RELAY_BYTES];
        struct sc_span rest;
        bool ended; /* nothing more comes, and there is no rest */
        bool told;  /* the socket has been told that */
};

struct relay {
        int socket;
        struct sc_given_output to_socket, output;
        struct direction up;   /* to the socket */
        struct direction down; /* from it */
};

/* Returns 0, or -errno, which has ended the direction as the end would have. */
static int read_some(struct direction *direction, int fd)
{
        ssize_t length = sc_given_read(fd, direction->bytes, sizeof(direction->bytes));
        if (length == -EAGAIN)
                return 0;
        direction->ended = length <= 0;
        direction->rest = (struct sc_span) { direction->bytes, length > 0 ? (size_t)length : 0 };
        return length < 0 ? (int)length : 0;
}

static int write_some(struct direction *direction, const struct sc_given_output *output)
{
        ssize_t written = sc_given_output_write(output, direction->rest.bytes, direction->rest.length);
        if (written < 0)
                return (int)written;
        direction->rest.bytes += written;
        direction->rest.length -= (size_t)written;
        return 0;
}

/* A socket that takes no more may still have something to say: only this direction is over. */
static int move_up(struct relay *relay, int input, short input_events, short socket_events)
{
        struct direction *up = &relay->up;
        int error = 0;
        if (input_events != 0)
                error = read_some(up, input);
        if (up->rest.length > 0 && (socket_events & (POLLOUT | POLLERR | POLLHUP)) &&
            write_some(up, &relay->to_socket) != 0) {
                up->rest.length = 0;
                up->ended = true;
        }
        if (up->ended && !up->told) {
                shutdown(relay->socket, SHUT_WR);
                up->told = true;
        }
        return error;
}

/* 1: over; 0: go on; or -errno. */
static int move_down(struct relay *relay, short output_events, short socket_events)
{
        struct direction *down = &relay->down;
        int error = 0;
        if (down->rest.length > 0 && output_events != 0)
                error = write_some(down, &relay->output);
        else if (output_events & (POLLERR | POLLHUP | POLLNVAL))
                error = -EPIPE;
        if (error != 0)
                return error == -EPIPE ? 1 : error;
        /* That it failed is an end like any other: it was reset because it had not read all of ours. */
        if (down->rest.length == 0 && !down->ended && (socket_events & (POLLIN | POLLERR | POLLHUP)))
                read_some(down, relay->socket);
        return down->ended;
}

/* Nobody reads our output any more, but what was said last before that is passed on, as far as it is there. */
static void pass_last_words(struct relay *relay, int input)
{
        struct pollfd poll_fd = { .fd = input, .events = POLLIN };
        for (int i = 0; i < LAST_WORDS_ROUNDS; i++) {
                if (relay->up.rest.length == 0 &&
                    (relay->up.ended || poll(&poll_fd, 1, 0) <= 0 || read_some(&relay->up, input) != 0))
                        return;
                if (write_some(&relay->up, &relay->to_socket) != 0)
                        return;
        }
}

enum { POLL_SOCKET, POLL_INPUT, POLL_OUTPUT, POLL_COUNT };

static int run(struct relay *relay, int input)
{
        for (;;) {
                bool reads_input = !relay->up.ended && relay->up.rest.length == 0;
                short socket_events = (short)((relay->down.rest.length == 0 ? POLLIN : 0) |
                                              (relay->up.rest.length > 0 ? POLLOUT : 0));
                struct pollfd polls[POLL_COUNT] = {
                        [POLL_SOCKET] = { .fd = socket_events != 0 ? relay->socket : -1,
                                          .events = socket_events },
                        [POLL_INPUT] = { .fd = reads_input ? input : -1, .events = POLLIN },
                        /* Also without output: a reader that has gone ends us (POLLERR). */
                        [POLL_OUTPUT] = { .fd = relay->output.fd,
                                          .events = relay->down.rest.length > 0 ? POLLOUT : 0 },
                };
                if (poll(polls, POLL_COUNT, -1) < 0) {
                        if (errno != EINTR)
                                return -errno;
                        continue;
                }
                int error = move_up(relay, input, polls[POLL_INPUT].revents, polls[POLL_SOCKET].revents);
                if (error != 0)
                        return error;
                int result = move_down(relay, polls[POLL_OUTPUT].revents, polls[POLL_SOCKET].revents);
                if (result > 0)
                        pass_last_words(relay, input);
                if (result != 0)
                        return result < 0 ? result : 0;
        }
}

int sc_relay_run(int socket, int input, int output)
{
        static struct relay relay;
        relay.socket = socket;
        relay.up.rest.length = relay.down.rest.length = 0;
        relay.up.ended = relay.up.told = relay.down.ended = false;
        sc_given_output_open(&relay.to_socket, socket);
        sc_given_output_open(&relay.output, output);
        int result = run(&relay, input);
        sc_given_output_close(&relay.output);
        return result;
}
