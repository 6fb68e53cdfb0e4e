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
static bool ended_by_key;
static const struct sc_interrupt_user no_user = { .keys_fd = -1 };
static const struct sc_interrupt_user *the_user = &no_user;

int sc_interrupt_open(const struct sc_interrupt_user *user)
{
        sigset_t taken;
        sigemptyset(&taken);
        sigaddset(&taken, SIGINT);
        sigaddset(&taken, SIGTERM);
        sigaddset(&taken, SIGHUP);
        sigaddset(&taken, SIGQUIT);
        if (user) {
                the_user = user;
                sigaddset(&taken, SIGTSTP);
                sigaddset(&taken, SIGCONT);
        }
        signals_fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
        return signals_fd < 0 || sigprocmask(SIG_BLOCK, &taken, NULL) != 0 ? -errno : 0;
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

static void take_signal(void)
{
        struct signalfd_siginfo info;

        if (read(signals_fd, &info, sizeof(info)) != sizeof(info))
                return;
        if (info.ssi_signo == SIGTSTP)
                the_user->stop(the_user->context);
        else if (info.ssi_signo == SIGCONT)
                the_user->went_on(the_user->context);
        else
                the_signal = (int)info.ssi_signo;
}

int sc_interrupt_wait(int fd, short events, uint64_t timeout_ns)
{
        struct pollfd polled[] = {
                { .fd = fd, .events = events },
                { .fd = signals_fd, .events = POLLIN },
                { .fd = the_user->keys_fd, .events = POLLIN },
        };
        struct timespec timeout = timespec_of(timeout_ns);

        if (the_signal != 0 || ended_by_key)
                return -EINTR;
        int ready =
                ppoll(polled, SC_COUNT(polled), timeout_ns == SC_INTERRUPT_FOREVER ? NULL : &timeout, NULL);
        if (ready < 0) /* stopped and continued: the caller looks at its clock again */
                return errno == EINTR ? 0 : -errno;
        if (polled[1].revents != 0)
                take_signal();
        else if (polled[2].revents != 0)
                ended_by_key = !the_user->keys(the_user->context);
        if (the_signal != 0 || ended_by_key)
                return -EINTR;
        return polled[0].revents != 0;
}
