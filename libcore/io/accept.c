#include "io/accept.h"

#include "model/base/bounds.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

/* The table that is full may be the whole system's: nobody tells us when it has room. */
#define PAUSE_NS SC_NS_PER_S

static void ready(struct sc_source *source, unsigned readiness)
{
        struct sc_acceptor *acceptor = source->owner;
        (void)readiness;
        acceptor->ready = true;
}

int sc_acceptor_open(struct sc_acceptor *acceptor, struct sc_loop *loop, int listening_fd)
{
        *acceptor = (struct sc_acceptor) {
                .source = { .fd = listening_fd, .ready = ready, .owner = acceptor },
                .loop = loop,
        };
        return sc_loop_set(loop, &acceptor->source, SC_READY_READ);
}

int sc_acceptor_take(struct sc_acceptor *acceptor, uint64_t now_ns)
{
        if (!acceptor->ready)
                return -EAGAIN;

        int fd = accept4(acceptor->source.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
                return fd;
        if (errno == ECONNABORTED || errno == EINTR)
                return -EAGAIN; /* the loop tells us of the next */
        acceptor->ready = false;
        if (errno != EAGAIN) {
                acceptor->paused_until_ns = now_ns + PAUSE_NS;
                sc_loop_remove(acceptor->loop, &acceptor->source);
        }
        return -EAGAIN;
}

void sc_acceptor_resume(struct sc_acceptor *acceptor)
{
        if (acceptor->paused_until_ns == 0)
                return;
        acceptor->paused_until_ns = 0;
        sc_loop_set(acceptor->loop, &acceptor->source, SC_READY_READ);
}

uint64_t sc_acceptor_deadline_ns(const struct sc_acceptor *acceptor)
{
        return acceptor->paused_until_ns == 0 ? UINT64_MAX : acceptor->paused_until_ns;
}
