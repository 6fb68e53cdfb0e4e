#ifndef SC_TTY_H
#define SC_TTY_H

#include <stdbool.h>

/* Terminal settings. Opaque, but embedded: the kernel's own structure. */
#include <asm/termbits.h>

struct sc_tty_settings {
        bool saved;
        struct termios2 termios;
};

/* Bytes as they are, both ways, at `baud` (0: the speed stays), modem lines ignored. What it was goes to `before`
 * where that is not NULL. Returns 0 or -errno. */
int sc_tty_set_raw(int fd, unsigned baud, struct sc_tty_settings *before);

/* Keys come one by one and are not shown; signals and output stay as they are. As sc_tty_set_raw. */
int sc_tty_set_quiet(int fd, struct sc_tty_settings *before);

/* Puts back what one of these saved, if it did. Safe in a signal handler. */
void sc_tty_restore(int fd, const struct sc_tty_settings *before);

/* False: it has none. */
bool sc_tty_size(int fd, unsigned *rows, unsigned *columns);

/* Whether another process group is in the foreground of it. */
bool sc_tty_is_others(int fd);

/* Stops this process until it goes on in the foreground of `fd`, or a signal that ends it, and is blocked, has come. -1:
 * until it goes on. */
void sc_tty_stop(int fd);

/* Drops what was typed and not read. */
void sc_tty_flush_input(int fd);

/* Begins and ends a BREAK condition. Returns 0 or -errno. */
int sc_tty_set_break(int fd, bool on);

/* Whether all that was written has left the port. */
bool sc_tty_is_drained(int fd);

#endif
