#ifndef SC_SOCK_DIAG_H
#define SC_SOCK_DIAG_H

/* Who holds a Unix socket, asked of the kernel (NETLINK_SOCK_DIAG, unix_diag) and not by connecting, which would
 * throw out the client of a console that has room for one. */
enum sc_sock_holder {
        SC_SOCK_UNKNOWN,   /* the kernel did not say */
        SC_SOCK_ABSENT,    /* no socket of this network namespace has that name */
        SC_SOCK_BOUND,     /* bound, not listening yet */
        SC_SOCK_LISTENING, /* listening, with nobody connected */
        SC_SOCK_TAKEN,     /* listening, with an established connection */
};

enum sc_sock_holder sc_sock_diag_look_up(const char *path);

#endif
