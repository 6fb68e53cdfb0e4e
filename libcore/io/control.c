#include "io/control.h"

#include "io/clock.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A host that makes room for somebody ends who was silent for longest: that may be us, before we have said a
 * word. */
#define OPEN_ATTEMPTS 8

/* Waits until one of the two is ready. Returns 0 or -errno. */
static int await(struct pollfd polls[static 2], uint64_t deadline_ns)
{
        for (;;) {
                uint64_t now_ns = sc_clock_now_ns();
                if (now_ns >= deadline_ns)
                        return -ETIMEDOUT;
                uint64_t ms = (deadline_ns - now_ns) / SC_NS_PER_MS + 1;
                int count = poll(polls, 2, (int)sc_min_u64(ms, INT_MAX));
                if (count > 0)
                        return 0;
                if (count < 0 && errno != EINTR)
                        return -errno;
        }
}

int sc_control_await(const struct sc_control *control, int output, uint64_t deadline_ns)
{
        struct pollfd polls[] = { { .fd = control->fd, .events = POLLIN }, { .fd = output, .events = 0 } };
        int result = await(polls, deadline_ns);
        if (result != 0)
                return result;
        return polls[1].revents & (POLLERR | POLLHUP) ? -EPIPE : 0;
}

int sc_control_connect(struct sc_control *control, const char *path)
{
        control->fd = -1;
        control->error = 0;
        control->taken = control->end = 0;
        int length = snprintf(control->path, sizeof(control->path), "%s", path);
        if (length < 0 || (size_t)length >= sizeof(control->path))
                return -ENAMETOOLONG;
        int fd = sc_unix_socket_connect(path);
        if (fd < 0)
                return fd;
        control->fd = fd;
        return 0;
}

void sc_control_close(struct sc_control *control)
{
        if (control->fd >= 0)
                close(control->fd);
        control->fd = -1;
}

int sc_control_send(struct sc_control *control, const struct sc_encoder *request)
{
        uint64_t deadline_ns = sc_clock_now_ns() + SC_CONTROL_ANSWER_NS;
        for (size_t at = 0; at < request->length;) {
                ssize_t sent = send(control->fd, request->bytes + at, request->length - at,
                                    MSG_NOSIGNAL | MSG_DONTWAIT);
                if (sent < 0 && errno == EPIPE) /* why it has ended is still to be read */
                        return 0;
                if (sent < 0 && errno != EAGAIN && errno != EINTR)
                        return -errno;
                at += sent > 0 ? (size_t)sent : 0;
                struct pollfd polls[] = { { .fd = control->fd, .events = POLLOUT }, { .fd = -1 } };
                int result = sent > 0 ? 0 : await(polls, deadline_ns);
                if (result != 0)
                        return result;
        }
        return 0;
}

int sc_control_fill(struct sc_control *control)
{
        control->end -= control->taken;
        memmove(control->bytes, control->bytes + control->taken, control->end);
        control->taken = 0;
        SC_ASSERT(control->end < sizeof(control->bytes)); /* a whole frame would have been taken */
        ssize_t received = recv(control->fd, control->bytes + control->end,
                                sizeof(control->bytes) - control->end, MSG_DONTWAIT);
        if (received == 0)
                return -ECONNRESET;
        if (received < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        control->end += (size_t)received;
        return 0;
}

static void take_error(struct sc_control *control, struct sc_frame *frame)
{
        control->error = (uint16_t)sc_bytes_get(&frame->payload, 2);
        size_t length = sc_bytes_left(&frame->payload);
        sc_bytes_get_string(&frame->payload, control->error_text, length);
        control->error_text[length] = '\0';
}

int sc_control_next(struct sc_control *control, struct sc_frame *frame)
{
        enum sc_frame_result result = sc_frame_next(control->bytes + control->taken,
                                                    control->end - control->taken, SC_FROM_HOST, frame);
        if (result == SC_FRAME_INCOMPLETE)
                return 0;
        if (result != SC_FRAME_COMPLETE)
                return -EPROTO;
        control->taken += frame->frame_bytes;
        if (frame->type != SC_FRAME_ERROR)
                return 1;
        take_error(control, frame);
        return -ECONNRESET;
}

int sc_control_receive(struct sc_control *control, uint64_t deadline_ns, struct sc_frame *frame)
{
        for (;;) {
                int result = sc_control_next(control, frame);
                if (result != 0)
                        return result > 0 ? 0 : result;
                result = sc_control_await(control, -1, deadline_ns);
                if (result == 0)
                        result = sc_control_fill(control);
                if (result != 0)
                        return result;
        }
}

int sc_control_ask(struct sc_control *control, const struct sc_encoder *request, enum sc_frame_type answer,
                   struct sc_frame *frame)
{
        uint64_t deadline_ns = sc_clock_now_ns() + SC_CONTROL_ANSWER_NS;
        int result = sc_control_send(control, request);
        if (result == 0)
                result = sc_control_receive(control, deadline_ns, frame);
        return result == 0 && frame->type != answer ? -EPROTO : result;
}

int sc_control_ask_result(struct sc_control *control, const struct sc_encoder *request,
                          enum sc_result *result)
{
        struct sc_frame frame;
        int error = sc_control_ask(control, request, SC_FRAME_DONE, &frame);
        if (error != 0)
                return error;
        sc_bytes_get(&frame.payload, 1); /* the request: there is one at a time */
        *result = (enum sc_result)sc_bytes_get(&frame.payload, 1);
        return *result <= SC_RESULT_MALFORMED ? 0 : -EPROTO;
}

typedef int ask_function(struct sc_control *control, const struct sc_encoder *request,
                         enum sc_frame_type answer, struct sc_frame *frame);

static int say_hello(struct sc_control *control, const struct sc_hello *hello, ask_function *ask)
{
        uint8_t bytes[SC_FRAME_HEADER_BYTES + SC_HELLO_PAYLOAD_MIN + SC_LABEL_BYTES_MAX];
        struct sc_encoder request = { .bytes = bytes, .capacity = sizeof(bytes) };
        struct sc_frame frame;
        sc_frame_put_hello(&request, hello);
        int result = ask(control, &request, SC_FRAME_WELCOME, &frame);
        if (result != 0)
                return result;
        return sc_frame_get_welcome(&frame.payload, &control->welcome) ? 0 : -EPROTO;
}

int sc_control_open(struct sc_control *control, const char *path)
{
        static const struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = SC_ROLE_CONTROL,
                .start = SC_START_END,
        };
        int result = -ECONNRESET;
        control->error = 0;
        for (int i = 0; i < OPEN_ATTEMPTS && result == -ECONNRESET && control->error == 0; i++) {
                result = sc_control_connect(control, path);
                if (result == 0)
                        result = say_hello(control, &hello, sc_control_ask);
                if (result != 0)
                        sc_control_close(control);
        }
        return result;
}

int sc_control_reopen(struct sc_control *control)
{
        uint8_t instance[SC_INSTANCE_BYTES];
        char path[PATH_MAX];
        if (control->error != 0 && control->error != SC_ERROR_SILENT)
                return -ECONNRESET;
        memcpy(instance, control->welcome.instance, sizeof(instance));
        memcpy(path, control->path, sizeof(path));
        sc_control_close(control);
        int result = sc_control_open(control, path);
        if (result != 0)
                return result;
        return memcmp(instance, control->welcome.instance, sizeof(instance)) == 0 ? 0 : -ESTALE;
}

int sc_control_inquire(struct sc_control *control, const struct sc_encoder *request,
                       enum sc_frame_type answer, struct sc_frame *frame)
{
        int result = sc_control_ask(control, request, answer, frame);
        for (int i = 0; i < SC_CONTROL_REOPENED_MAX && result == -ECONNRESET; i++) {
                result = sc_control_reopen(control);
                if (result == 0)
                        result = sc_control_ask(control, request, answer, frame);
        }
        return result;
}

int sc_control_hello(struct sc_control *control, const struct sc_hello *hello)
{
        return say_hello(control, hello, sc_control_inquire);
}
