#include "io/loop.h"

#include "model/base/bounds.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Ready sources beyond this are found by the next wait. */
#define EVENTS_MAX 256

struct sc_loop {
        int fd;
        int count;
        struct epoll_event events[EVENTS_MAX];
};

struct sc_loop *sc_loop_new(void)
{
        struct sc_loop *loop = calloc(1, sizeof(*loop));
        if (!loop)
                return NULL;
        loop->fd = epoll_create1(EPOLL_CLOEXEC);
        if (loop->fd < 0) {
                free(loop);
                return NULL;
        }
        return loop;
}

void sc_loop_free(struct sc_loop *loop)
{
        close(loop->fd);
        free(loop);
}

int sc_loop_set(struct sc_loop *loop, struct sc_source *source, unsigned wants)
{
        if (source->always_ready || (source->registered && source->wants == wants))
                return 0;

        struct epoll_event event = {
                .events = ((wants & SC_READY_READ) ? EPOLLIN : 0) | ((wants & SC_READY_WRITE) ? EPOLLOUT : 0),
                .data.ptr = source,
        };
        int operation = source->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        if (epoll_ctl(loop->fd, operation, source->fd, &event) != 0) {
                if (errno != EPERM)
                        return -errno;
                source->always_ready = true; /* a regular file */
                return 0;
        }
        source->registered = true;
        source->wants = wants;
        return 0;
}

void sc_loop_remove(struct sc_loop *loop, struct sc_source *source)
{
        if (source->registered)
                epoll_ctl(loop->fd, EPOLL_CTL_DEL, source->fd, NULL);
        source->registered = false;
}

static int timeout_ms(uint64_t deadline_ns, uint64_t now_ns)
{
        if (deadline_ns == UINT64_MAX)
                return -1;
        if (deadline_ns <= now_ns)
                return 0;
        uint64_t ms = (deadline_ns - now_ns + SC_NS_PER_MS - 1) / SC_NS_PER_MS;
        return ms < INT_MAX ? (int)ms : INT_MAX;
}

int sc_loop_wait(struct sc_loop *loop, uint64_t deadline_ns, uint64_t now_ns)
{
        loop->count = epoll_wait(loop->fd, loop->events, EVENTS_MAX, timeout_ms(deadline_ns, now_ns));
        if (loop->count >= 0)
                return 0;
        loop->count = 0;
        return errno == EINTR ? 0 : -errno;
}

void sc_loop_dispatch(struct sc_loop *loop)
{
        for (int i = 0; i < loop->count; i++) {
                struct sc_source *source = loop->events[i].data.ptr;
                uint32_t events = loop->events[i].events;
                if (source->fd < 0 || !source->registered)
                        continue;

                unsigned readiness = 0;
                if (events & EPOLLIN)
                        readiness |= SC_READY_READ;
                if (events & EPOLLOUT)
                        readiness |= SC_READY_WRITE;
                if (events & (EPOLLHUP | EPOLLERR)) {
                        readiness |= SC_READY_HUP;
                        sc_loop_remove(loop, source);
                        source->always_ready = true;
                }
                source->ready(source, readiness);
        }
        loop->count = 0;
}
