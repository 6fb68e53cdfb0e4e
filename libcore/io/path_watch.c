#include "io/path_watch.h"

#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever makes and removes folders without end does not hold the host up. */
#define ATTEMPTS_MAX 100

/* dnotify and not inotify: a user may have 128 inotify instances, and a machine a thousand consoles. */
static int notify_of(const char *folder)
{
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        if (fcntl(fd, F_NOTIFY, DN_CREATE | DN_RENAME | DN_DELETE | DN_MULTISHOT) != 0) {
                int error = errno;
                close(fd);
                return -error;
        }
        return fd;
}

/* Cuts the last component off. */
static void to_folder(char *path)
{
        char *slash = strrchr(path, '/');
        if (!slash)
                strcpy(path, ".");
        else if (slash == path)
                path[1] = '\0';
        else
                *slash = '\0';
}

void sc_path_watch_end(struct sc_path_watch *watch)
{
        sc_descriptor_close(&watch->folder);
        sc_descriptor_close(&watch->parent);
}

/* The nearest folder above `path` that exists. `below`, of PATH_MAX, becomes what would lie next in it. */
static int notify_of_nearest(const char *path, char *folder, char *below)
{
        int fd;
        strcpy(folder, path);
        do {
                strcpy(below, folder);
                to_folder(folder);
                fd = notify_of(folder);
        } while ((fd == -ENOENT || fd == -ENOTDIR) && strcmp(folder, "/") != 0 && strcmp(folder, ".") != 0);
        return fd;
}

static bool is_still(int folder, const char *path)
{
        struct stat watched, named;
        return fstat(folder, &watched) == 0 && stat(path, &named) == 0 && watched.st_dev == named.st_dev &&
               watched.st_ino == named.st_ino;
}

static bool is_folder(const char *path)
{
        struct stat status;
        return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int sc_path_watch_begin(struct sc_path_watch *watch, const char *path)
{
        char folder[PATH_MAX], below[PATH_MAX], parent[PATH_MAX];
        if (strlen(path) >= sizeof(folder))
                return -ENAMETOOLONG;

        /* What comes or goes between the look at it and the watch on the folder above brings no SIGIO: again. A file
         * that stands where a folder belongs is no folder that came. */
        int attempts = 0;
        do {
                sc_path_watch_end(watch);
                if (attempts++ == ATTEMPTS_MAX)
                        return -EAGAIN;
                watch->folder = notify_of_nearest(path, folder, below);
                if (watch->folder < 0)
                        return watch->folder;
                strcpy(parent, folder);
                to_folder(parent);
                watch->parent = notify_of(parent);
        } while (!is_still(watch->folder, folder) || (strcmp(below, path) != 0 && is_folder(below)));
        return 0;
}
