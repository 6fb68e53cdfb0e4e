#include "io/unix_socket.h"

#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128
#define PRIVATE_MODE 0600

static const char *name_of(const char *path)
{
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* The folder's descriptor, or -errno. */
static int open_folder(const char *path)
{
        char folder[PATH_MAX] = ".";
        size_t length = (size_t)(name_of(path) - path);
        if (length >= sizeof(folder))
                return -ENAMETOOLONG;
        if (length > 0) {
                memcpy(folder, path, length);
                folder[length] = '\0';
        }
        int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* The address under the path's own name where that fits, so that ss and lsof show it. */
static int address_of(const char *path, int folder, struct sockaddr_un *address)
{
        *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
        size_t size = sizeof(address->sun_path);
        int length = snprintf(address->sun_path, size, "%s", path);
        if (length >= 0 && (size_t)length >= size)
                length = snprintf(address->sun_path, size, "/proc/self/fd/%d/%s", folder, name_of(path));
        return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

static int connect_to(const struct sockaddr_un *address)
{
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
                return fd;
        int error = errno;
        close(fd);
        return -error;
}

int sc_unix_socket_connect(const char *path)
{
        int folder = open_folder(path);
        if (folder < 0)
                return folder;
        struct sockaddr_un address;
        int result = address_of(path, folder, &address);
        if (result == 0)
                result = connect_to(&address);
        close(folder);
        return result;
}

/* PATH.lock, held by this process, or -errno. Never removed: two that each had made their own would both win. */
static int take_lock(int folder, const char *name)
{
        char lock_name[NAME_MAX + 1];
        int length = snprintf(lock_name, sizeof(lock_name), "%s.lock", name);
        if (length < 0 || (size_t)length >= sizeof(lock_name))
                return -ENAMETOOLONG;

        /* O_NONBLOCK: a FIFO in its place must not stop us. */
        int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
        int fd = openat(folder, lock_name, flags, PRIVATE_MODE);
        if (fd < 0)
                return errno == ELOOP || errno == ENXIO ? -ENOTSUP : -errno;
        struct stat status;
        int error = 0;
        if (fstat(fd, &status) != 0)
                error = errno;
        else if (!S_ISREG(status.st_mode))
                error = ENOTSUP;
        else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
                error = errno == EWOULDBLOCK ? EADDRINUSE : errno;
        if (error == 0)
                return fd;
        close(fd);
        return -error;
}

/* With the lock held: removes a socket that nobody listens on. Returns 0 when the name is free, or -errno. */
static int remove_stale(int folder, const char *name, const struct sockaddr_un *address)
{
        struct stat status;
        if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISSOCK(status.st_mode))
                return -EEXIST;

        int fd = connect_to(address);
        if (fd >= 0)
                close(fd);
        if (fd >= 0 || fd == -EAGAIN) /* its queue is full: it lives */
                return -EADDRINUSE;
        if (fd != -ECONNREFUSED)
                return fd == -ENOENT ? 0 : fd;
        return unlinkat(folder, name, 0) == 0 || errno == ENOENT ? 0 : -errno;
}

/* The group, then the mode, of the name that was just bound and of nothing that may have taken its place. */
static int set_owner(int folder, const char *name, mode_t mode, gid_t group, struct sc_listening *listening)
{
        int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        struct stat status;
        int error = 0;
        if (fstat(fd, &status) != 0)
                error = errno;
        else if (!S_ISSOCK(status.st_mode))
                error = EEXIST;
        else if (group != SC_GROUP_UNCHANGED && fchownat(fd, "", (uid_t)-1, group, AT_EMPTY_PATH) != 0)
                error = errno;

        char itself[32];
        snprintf(itself, sizeof(itself), "/proc/self/fd/%d", fd);
        if (error == 0 && chmod(itself, mode) != 0)
                error = errno;
        close(fd);
        listening->device = status.st_dev;
        listening->inode = status.st_ino;
        return -error;
}

static int bind_and_listen(const struct sockaddr_un *address, mode_t mode, gid_t group,
                           struct sc_listening *listening)
{
        listening->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (listening->fd < 0)
                return -errno;
        /* Linux gives the name the mode of the descriptor, less the umask: never more than this. */
        if (fchmod(listening->fd, mode & PRIVATE_MODE) != 0 ||
            bind(listening->fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
                return -errno;
        int result = set_owner(listening->folder, listening->name, mode, group, listening);
        if (result != 0) {
                unlinkat(listening->folder, listening->name, 0);
                return result;
        }
        return listen(listening->fd, BACKLOG) == 0 ? 0 : -errno;
}

int sc_unix_socket_listen(const char *path, mode_t mode, gid_t group, struct sc_listening *listening)
{
        *listening = (struct sc_listening) { .fd = -1, .lock = -1, .name = name_of(path) };
        listening->folder = open_folder(path);
        if (listening->folder < 0)
                return listening->folder;

        struct sockaddr_un address;
        int result = address_of(path, listening->folder, &address);
        if (result == 0)
                result = listening->lock = take_lock(listening->folder, listening->name);
        if (result >= 0)
                result = remove_stale(listening->folder, listening->name, &address);
        if (result == 0)
                result = bind_and_listen(&address, mode, group, listening);
        if (result != 0)
                sc_unix_socket_remove(listening);
        return result;
}

void sc_unix_socket_remove(struct sc_listening *listening)
{
        struct stat status;
        if (listening->fd >= 0 && listening->inode != 0 &&
            fstatat(listening->folder, listening->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            status.st_dev == listening->device && status.st_ino == listening->inode)
                unlinkat(listening->folder, listening->name, 0);
        sc_descriptor_close(&listening->fd);
        sc_descriptor_close(&listening->folder);
        sc_descriptor_close(&listening->lock);
}

struct sc_credentials sc_unix_socket_credentials(int fd)
{
        struct ucred peer;
        socklen_t length = sizeof(peer);
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
                return (struct sc_credentials) { 0 };
        return (struct sc_credentials) { .pid = (uint32_t)peer.pid, .uid = (uint32_t)peer.uid };
}
