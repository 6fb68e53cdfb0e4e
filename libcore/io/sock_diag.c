#include "io/sock_diag.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The dump comes in datagrams of up to this size. */
#define DATAGRAM_BYTES (32 * 1024)
#define DATAGRAMS_MAX 4096

/* The kernel's own dev_t, which unix_diag shows. */
#define KERNEL_MINOR_BITS 20

struct search {
        uint32_t inode; /* unix_diag shows 32 bits */
        uint32_t device;
        const char *name; /* in its folder */
        bool bound, listening, established;
};

static bool request_dump(int fd)
{
        struct {
                struct nlmsghdr header;
                struct unix_diag_req request;
        } message = {
                .header = { .nlmsg_len = sizeof(message),
                            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
                .request = { .sdiag_family = AF_UNIX,
                             .udiag_states = ~0U,
                             .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER },
        };
        return send(fd, &message, sizeof(message), 0) == (ssize_t)sizeof(message);
}

/* What unix_diag shows of one socket. */
struct shown {
        const struct unix_diag_vfs *place;
        const char *bound; /* the name it was bound to, not terminated */
        size_t bound_length;
        uint32_t
                peer; /* 0 where the other end is closed: then nobody holds this one, though it is still open */
};

static struct shown read_attributes(struct nlmsghdr *message)
{
        struct unix_diag_msg *socket = NLMSG_DATA(message);
        unsigned left = message->nlmsg_len - (unsigned)NLMSG_LENGTH(sizeof(*socket));
        struct rtattr *attribute = (struct rtattr *)(void *)(socket + 1);
        struct shown shown = { .peer = 0 };
        for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
                if (attribute->rta_type == UNIX_DIAG_VFS)
                        shown.place = RTA_DATA(attribute);
                else if (attribute->rta_type == UNIX_DIAG_PEER)
                        memcpy(&shown.peer, RTA_DATA(attribute), sizeof(shown.peer));
                else if (attribute->rta_type == UNIX_DIAG_NAME) {
                        shown.bound = RTA_DATA(attribute);
                        shown.bound_length = RTA_PAYLOAD(attribute);
                }
        }
        return shown;
}

static bool ends_in(const struct shown *shown, const char *name)
{
        size_t length = strlen(name);
        return shown->bound && shown->bound_length >= length &&
               memcmp(shown->bound + shown->bound_length - length, name, length) == 0;
}

/* btrfs and overlayfs show stat(2) another device than the kernel has: there the name tells. */
static bool is_searched(const struct search *search, const struct shown *shown)
{
        return shown->place && shown->place->udiag_vfs_ino == search->inode &&
               (shown->place->udiag_vfs_dev == search->device || ends_in(shown, search->name));
}

static void look_at_socket(struct search *search, struct nlmsghdr *message)
{
        const struct unix_diag_msg *socket = NLMSG_DATA(message);
        struct shown shown = read_attributes(message);
        if (!is_searched(search, &shown))
                return;
        search->bound = true;
        search->listening |= socket->udiag_state == TCP_LISTEN;
        search->established |= socket->udiag_state == TCP_ESTABLISHED && shown.peer != 0;
}

/* True when the dump came whole. */
static bool read_dump(int fd, struct search *search)
{
        _Alignas(struct nlmsghdr) char datagram[DATAGRAM_BYTES];
        for (int i = 0; i < DATAGRAMS_MAX; i++) {
                ssize_t length = recv(fd, datagram, sizeof(datagram), 0);
                if (length <= 0)
                        return false;
                struct nlmsghdr *message = (struct nlmsghdr *)(void *)datagram;
                for (unsigned left = (unsigned)length; NLMSG_OK(message, left);
                     message = NLMSG_NEXT(message, left)) {
                        if (message->nlmsg_type == NLMSG_DONE)
                                return true;
                        if (message->nlmsg_type == NLMSG_ERROR)
                                return false;
                        look_at_socket(search, message);
                }
        }
        return false;
}

enum sc_sock_holder sc_sock_diag_look_up(const char *path)
{
        struct stat status;
        if (stat(path, &status) != 0)
                return errno == ENOENT ? SC_SOCK_ABSENT : SC_SOCK_UNKNOWN;

        int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
        if (fd < 0)
                return SC_SOCK_UNKNOWN;
        const char *slash = strrchr(path, '/');
        struct search search = {
                .name = slash ? slash + 1 : path,
                .inode = (uint32_t)status.st_ino,
                .device = (uint32_t)(major(status.st_dev) << KERNEL_MINOR_BITS | minor(status.st_dev)),
        };
        bool whole = request_dump(fd) && read_dump(fd, &search);
        close(fd);

        if (!whole)
                return SC_SOCK_UNKNOWN;
        if (!search.bound)
                return SC_SOCK_ABSENT;
        if (!search.listening)
                return SC_SOCK_BOUND;
        return search.established ? SC_SOCK_TAKEN : SC_SOCK_LISTENING;
}
