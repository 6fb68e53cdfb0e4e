#include "io/signals.h"

#include "model/base/span.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void take(struct sc_signals *signals, int number)
{
        switch (number) {
        case SIGCHLD:
                signals->child = true;
                return;
        case SIGIO:
                signals->path = true;
                return;
        default:
                if (signals->end_count < (int)SC_COUNT(signals->ends))
                        signals->ends[signals->end_count++] = number;
        }
}

static void ready(struct sc_source *source, unsigned readiness)
{
        struct sc_signals *signals = source->owner;
        struct signalfd_siginfo info;
        (void)readiness;
        while (read(source->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
                take(signals, (int)info.ssi_signo);
}

int sc_signals_open(struct sc_signals *signals, struct sc_loop *loop)
{
        static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGIO };
        sigset_t set;
        sigemptyset(&set);
        for (size_t i = 0; i < SC_COUNT(numbers); i++)
                sigaddset(&set, numbers[i]);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN);

        int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        *signals = (struct sc_signals) {
                .source = { .fd = fd, .ready = ready, .owner = signals },
                .loop = loop,
        };
        return sc_loop_set(loop, &signals->source, SC_READY_READ);
}

void sc_signals_close(struct sc_signals *signals)
{
        sc_loop_remove(signals->loop, &signals->source);
        close(signals->source.fd);
        signals->source.fd = -1;
}
