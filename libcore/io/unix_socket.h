#ifndef SC_UNIX_SOCKET_H
#define SC_UNIX_SOCKET_H

#include <stdint.h>
#include <sys/types.h>

/* Stream sockets with a name in the file system (section "Sockets" of SPEC.md). Paths may be longer than sun_path:
 * they are then reached through their folder's descriptor. */

#define SC_GROUP_UNCHANGED ((gid_t)-1)

/* A socket that this process made, until sc_unix_socket_remove. */
struct sc_listening {
        int fd;       /* non-blocking, close-on-exec; -1: none */
        int folder;   /* its folder's descriptor */
        int lock;     /* PATH.lock, held */
        dev_t device; /* of its name */
        ino_t inode;
        const char *name; /* in the folder; the caller's path */
};

/* Makes `path` and listens on it. It is never more permissive than `mode`, and never wider than 0600 before it has
 * its group. A stale socket is taken over; a live one, or a name that is no socket, is left alone.
 * Returns 0 or -errno: EADDRINUSE, somebody listens there or makes it now; EEXIST, the name is no socket;
 * ENOTSUP, its lock is no regular file. `path` stays the caller's and outlives the socket. */
int sc_unix_socket_listen(const char *path, mode_t mode, gid_t group, struct sc_listening *listening);

/* Closes it, unlinks its name if that is still its own, and lets the lock go; the lock file stays. */
void sc_unix_socket_remove(struct sc_listening *listening);

/* A connected, non-blocking socket, or -errno. */
int sc_unix_socket_connect(const char *path);

/* Who is at the other end; zeroes where the kernel does not say. */
struct sc_credentials {
        uint32_t pid;
        uint32_t uid;
};
struct sc_credentials sc_unix_socket_credentials(int fd);

#endif
