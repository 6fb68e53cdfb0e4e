#include "io/control.h"

#include "io/clock.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Waits until the socket is ready. Returns 0 or -errno. */
static int await(int fd, short events, uint64_t deadline_ns)
{
        for (;;) {
                uint64_t now_ns = sc_clock_now_ns();
                if (now_ns >= deadline_ns)
                        return -ETIMEDOUT;
                struct pollfd poll_fd = { .fd = fd, .events = events };
                int count = poll(&poll_fd, 1, (int)((deadline_ns - now_ns) / SC_NS_PER_MS) + 1);
                if (count > 0)
                        return 0;
                if (count < 0 && errno != EINTR)
                        return -errno;
        }
}

static int send_question(int fd, enum sc_frame_type type, uint64_t deadline_ns)
{
        uint8_t bytes[2 * SC_FRAME_HEADER_BYTES + SC_HELLO_PAYLOAD_MIN + SC_LABEL_BYTES_MAX];
        struct sc_encoder encoder = { .bytes = bytes, .capacity = sizeof(bytes) };
        struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = SC_ROLE_CONTROL,
                .start = SC_START_END,
        };
        sc_frame_put_hello(&encoder, &hello);
        sc_frame_put_empty(&encoder, type);

        int result = await(fd, POLLOUT, deadline_ns);
        if (result != 0)
                return result;
        ssize_t sent = send(fd, bytes, encoder.length, MSG_NOSIGNAL);
        if (sent < 0)
                return errno == EPIPE ? -ECONNRESET : -errno;
        return (size_t)sent == encoder.length ? 0 : -EPROTO; /* a fresh socket takes as little as this */
}

static int read_answer(int fd, enum sc_frame_type answer, uint64_t deadline_ns, uint8_t *buffer,
                       struct sc_frame *frame)
{
        size_t length = 0;
        for (;;) {
                enum sc_frame_result result = sc_frame_next(buffer, length, SC_FROM_HOST, frame);
                if (result == SC_FRAME_COMPLETE && frame->type == answer)
                        return 0;
                if (result == SC_FRAME_COMPLETE && frame->type == SC_FRAME_ERROR)
                        return -ECONNRESET;
                if (result == SC_FRAME_UNKNOWN || result == SC_FRAME_MALFORMED)
                        return -EPROTO;
                if (result == SC_FRAME_COMPLETE) { /* a welcome: not what was asked for */
                        length -= frame->frame_bytes;
                        memmove(buffer, buffer + frame->frame_bytes, length);
                        continue;
                }
                int waited = await(fd, POLLIN, deadline_ns);
                if (waited != 0)
                        return waited;
                ssize_t received = recv(fd, buffer + length, SC_CONTROL_BYTES - length, 0);
                if (received == 0)
                        return -ECONNRESET;
                if (received < 0 && errno != EAGAIN && errno != EINTR)
                        return -errno;
                length += received > 0 ? (size_t)received : 0;
        }
}

int sc_control_ask(const char *path, enum sc_frame_type type, enum sc_frame_type answer, uint64_t timeout_ns,
                   uint8_t buffer[static SC_CONTROL_BYTES], struct sc_frame *frame)
{
        uint64_t deadline_ns = sc_clock_now_ns() + timeout_ns;
        int fd = sc_unix_socket_connect(path);
        if (fd < 0)
                return fd;
        int result = send_question(fd, type, deadline_ns);
        if (result == 0)
                result = read_answer(fd, answer, deadline_ns, buffer, frame);
        close(fd);
        return result;
}
