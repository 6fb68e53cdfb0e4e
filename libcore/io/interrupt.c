#include "io/interrupt.h"

#include "model/base/bounds.h"
#include "model/base/span.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static int signals_fd = -1; /* poll leaves a negative one alone */
static int the_signal;

int sc_interrupt_open(void)
{
        sigset_t ends;
        sigemptyset(&ends);
        sigaddset(&ends, SIGINT);
        sigaddset(&ends, SIGTERM);
        sigaddset(&ends, SIGHUP);
        signals_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
        return signals_fd < 0 || sigprocmask(SIG_BLOCK, &ends, NULL) != 0 ? -errno : 0;
}

int sc_interrupt_signal(void)
{
        return the_signal;
}

static struct timespec timespec_of(uint64_t time_ns)
{
        return (struct timespec) { .tv_sec = (time_t)(time_ns / SC_NS_PER_S),
                                   .tv_nsec = (long)(time_ns % SC_NS_PER_S) };
}

int sc_interrupt_wait(int fd, short events, uint64_t timeout_ns)
{
        struct pollfd polled[] = { { .fd = fd, .events = events }, { .fd = signals_fd, .events = POLLIN } };
        struct timespec timeout = timespec_of(timeout_ns);
        struct signalfd_siginfo info;

        if (the_signal != 0)
                return -EINTR;
        int ready =
                ppoll(polled, SC_COUNT(polled), timeout_ns == SC_INTERRUPT_FOREVER ? NULL : &timeout, NULL);
        if (ready < 0) /* stopped and continued: the caller looks at its clock again */
                return errno == EINTR ? 0 : -errno;
        if (polled[1].revents != 0 && read(signals_fd, &info, sizeof(info)) == sizeof(info)) {
                the_signal = (int)info.ssi_signo;
                return -EINTR;
        }
        return polled[0].revents != 0;
}
