#include "io/tty.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

int sc_tty_set_raw(int fd, unsigned baud, struct sc_tty_settings *before)
{
        struct termios2 termios;
        if (ioctl(fd, TCGETS2, &termios) != 0)
                return -errno;
        if (before)
                *before = (struct sc_tty_settings) { .saved = true, .termios = termios };

        termios.c_iflag &=
                ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
        termios.c_oflag &= ~(tcflag_t)OPOST;
        termios.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
        termios.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
        termios.c_cflag |= CS8;
        termios.c_cc[VMIN] = 1;
        termios.c_cc[VTIME] = 0;
        if (baud > 0) {
                termios.c_cflag &= ~(tcflag_t)CBAUD;
                termios.c_cflag |= BOTHER | CLOCAL | CREAD;
                termios.c_ispeed = baud;
                termios.c_ospeed = baud;
        }
        return ioctl(fd, TCSETS2, &termios) == 0 ? 0 : -errno;
}

int sc_tty_set_quiet(int fd, struct sc_tty_settings *before)
{
        struct termios2 termios;
        if (ioctl(fd, TCGETS2, &termios) != 0)
                return -errno;
        if (before)
                *before = (struct sc_tty_settings) { .saved = true, .termios = termios };
        termios.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON);
        termios.c_cc[VMIN] = 1;
        termios.c_cc[VTIME] = 0;
        return ioctl(fd, TCSETS2, &termios) == 0 ? 0 : -errno;
}

void sc_tty_flush_input(int fd)
{
        ioctl(fd, TCFLSH, TCIFLUSH);
}

void sc_tty_restore(int fd, const struct sc_tty_settings *before)
{
        if (!before->saved)
                return;
        /* What was typed for the guest is nobody's. At once, and not behind what was written: a terminal that takes
         * nothing would keep us here. */
        sc_tty_flush_input(fd);
        ioctl(fd, TCSETS2, &before->termios);
}

bool sc_tty_size(int fd, unsigned *rows, unsigned *columns)
{
        struct winsize size;
        if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
                return false;
        *rows = size.ws_row;
        *columns = size.ws_col;
        return true;
}

bool sc_tty_is_others(int fd)
{
        pid_t foreground = tcgetpgrp(fd);
        return foreground > 0 && foreground != getpgrp();
}

/* A signal that ends this process waits: it is blocked, and a stopped process does not look. */
static bool is_to_end(void)
{
        sigset_t pending;
        sigpending(&pending);
        return sigismember(&pending, SIGTERM) || sigismember(&pending, SIGHUP) ||
               sigismember(&pending, SIGINT) || sigismember(&pending, SIGQUIT);
}

void sc_tty_stop(int fd)
{
        do /* again where it was continued in the background */
                kill(getpid(), SIGSTOP);
        while (fd >= 0 && sc_tty_is_others(fd) && !is_to_end());
}

int sc_tty_set_break(int fd, bool on)
{
        return ioctl(fd, on ? TIOCSBRK : TIOCCBRK) == 0 ? 0 : -errno;
}

bool sc_tty_is_drained(int fd)
{
        int queued = 0;
        return ioctl(fd, TIOCOUTQ, &queued) != 0 || queued == 0;
}
