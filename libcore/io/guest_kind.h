#ifndef SC_GUEST_KIND_H
#define SC_GUEST_KIND_H

#include "io/accept.h"
#include "io/child.h"
#include "io/guest_end.h"
#include "io/path_watch.h"
#include "io/unix_socket.h"

#include <time.h>

/* What guest_end.c and the file of each kind share. */

#define SC_GUEST_BACKOFF_MIN_NS (1 * SC_NS_PER_S)
#define SC_GUEST_BACKOFF_MAX_NS (60 * SC_NS_PER_S)

struct sc_guest_operations {
        bool once; /* its end is the last: it cannot come again */
        int (*start)(struct sc_guest_end *end, uint64_t now_ns);
        /* Its descriptors are still open. */
        void (*lost)(struct sc_guest_end *end, uint64_t now_ns);
        /* The retry time has come, or a watched folder changed. */
        void (*retry)(struct sc_guest_end *end, uint64_t now_ns);
        void (*close)(struct sc_guest_end *end);
        ssize_t (*read)(struct sc_guest_end *end, const struct sc_span *spans, size_t count);
        ssize_t (*write)(struct sc_guest_end *end, const struct sc_span *spans, size_t count);
};

extern const struct sc_guest_operations sc_guest_unix, sc_guest_listen, sc_guest_pty, sc_guest_tty,
        sc_guest_pipe, sc_guest_command;

struct sc_guest_end {
        const struct sc_guest_operations *operations;
        struct sc_guest_spec spec;
        struct sc_loop *loop;

        struct sc_source output; /* read from */
        struct sc_source input;  /* written to; the same descriptor as output's for most kinds */
        bool connected;
        bool can_break;
        enum sc_guest_note note;

        bool came, note_changed, readable, writable; /* events not yet told */
        unsigned refused;

        uint64_t retry_ns; /* UINT64_MAX: not by time */
        uint64_t backoff_ns;
        uint64_t connected_ns;
        struct sc_path_watch watch;
        dev_t device; /* unix: of the name that was connected to; pty: of the terminal */
        ino_t inode;
        struct timespec changed;
        uint64_t listen_wait_ns;
        bool stale; /* unix: nobody listens under that name, and it is too old for somebody who is about to */
        bool heard; /* it said something since it came */

        struct sc_listening listening; /* listen */
        struct sc_acceptor acceptor;
        struct sc_child child; /* command */
        bool breaking;         /* tty */
        uint64_t break_end_ns;
};

/* The guest is there, on these descriptors, which may be one. */
void sc_guest_end_came(struct sc_guest_end *end, int output_fd, int input_fd, uint64_t now_ns);
/* Both leave the loop and are closed. */
void sc_guest_end_close_both(struct sc_guest_end *end);
void sc_guest_end_set_note(struct sc_guest_end *end, enum sc_guest_note note);
/* A try failed with -errno: that what is there cannot be used is noted, or that nobody is there. */
void sc_guest_end_failed(struct sc_guest_end *end, int error);
/* A later try each time, from 1 s to 60 s. */
void sc_guest_end_back_off(struct sc_guest_end *end, uint64_t now_ns);

ssize_t sc_guest_end_plain_read(struct sc_guest_end *end, const struct sc_span *spans, size_t count);
ssize_t sc_guest_end_plain_write(struct sc_guest_end *end, const struct sc_span *spans, size_t count);

#endif
