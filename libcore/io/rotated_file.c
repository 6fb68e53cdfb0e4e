#include "io/rotated_file.h"

#include "io/descriptor.h"
#include "model/base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* O_APPEND: where somebody truncates the file, the next byte goes to its new end and leaves no hole. O_NONBLOCK: a
 * FIFO that nobody reads is an error and no wait. */
int sc_rotated_file_open(struct sc_rotated_file *file)
{
        file->fd = open(file->path,
                        O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
        return file->fd >= 0 ? 0 : -errno;
}

void sc_rotated_file_close(struct sc_rotated_file *file)
{
        sc_descriptor_close(&file->fd);
}

/* PATH.number, or PATH for 0. False: it is too long. */
static bool name_of(const struct sc_rotated_file *file, unsigned number, char name[static PATH_MAX])
{
        int length = number == 0 ? snprintf(name, PATH_MAX, "%s", file->path)
                                 : snprintf(name, PATH_MAX, "%s.%u", file->path, number);
        return length < PATH_MAX;
}

/* A file that is not there need not move. */
static int move(const struct sc_rotated_file *file, unsigned number)
{
        char from[PATH_MAX], to[PATH_MAX];

        if (!name_of(file, number, from) || !name_of(file, number + 1, to))
                return -ENAMETOOLONG;
        return rename(from, to) == 0 || errno == ENOENT ? 0 : -errno;
}

static int rotate(struct sc_rotated_file *file)
{
        int result = 0;

        if (file->keep == 1) {
                result = unlink(file->path) == 0 || errno == ENOENT ? 0 : -errno;
        } else {
                for (unsigned number = file->keep - 1; number > 0 && result == 0; number--)
                        result = move(file, number - 1);
        }
        if (result != 0)
                return result;
        sc_rotated_file_close(file);
        return sc_rotated_file_open(file);
}

/* Holds the file for the life of the descriptor. Where nobody can lock it, it is not locked. */
static int lock(const struct sc_rotated_file *file)
{
        return flock(file->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK ? 0 : -EBUSY;
}

/* Whoever held it may have moved it away before it was locked here. */
static bool is_still_there(const struct sc_rotated_file *file, const struct stat *status)
{
        struct stat named;
        return lstat(file->path, &named) == 0 && named.st_dev == status->st_dev &&
               named.st_ino == status->st_ino;
}

static int begin(struct sc_rotated_file *file)
{
        struct stat status;

        if (fstat(file->fd, &status) != 0)
                return -errno;
        if (!S_ISREG(status.st_mode))
                return 0;
        int result = lock(file);
        if (result != 0)
                return result;
        if (fstat(file->fd, &status) != 0 || !is_still_there(file, &status))
                return -EBUSY;
        if (status.st_size > 0)
                result = rotate(file);
        return result == 0 ? lock(file) : result;
}

int sc_rotated_file_open_anew(struct sc_rotated_file *file)
{
        int result = sc_rotated_file_open(file);

        if (result != 0)
                return result;
        result = begin(file);
        if (result != 0)
                sc_rotated_file_close(file);
        return result;
}

/* The file that PATH named when it was opened, with its size; another one where that was removed. */
static int look(struct sc_rotated_file *file, struct stat *status)
{
        for (int attempt = 0; attempt < 2; attempt++) {
                int result = file->fd >= 0 ? 0 : sc_rotated_file_open(file);
                if (result != 0)
                        return result;
                if (fstat(file->fd, status) != 0)
                        return -errno;
                if (status->st_nlink > 0 || file->once)
                        return 0;
                sc_rotated_file_close(file);
        }
        return -ENOENT;
}

/* How many of the bytes go into `room` without cutting a line, as far as can be seen; 0: none. */
static size_t whole_lines(const uint8_t *bytes, size_t length, uint64_t room)
{
        if (length <= room)
                return length;
        const uint8_t *last = memrchr(bytes, '\n', (size_t)room);
        return last ? (size_t)(last - bytes) + 1 : 0;
}

ssize_t sc_rotated_file_append(struct sc_rotated_file *file, const uint8_t *bytes, size_t length)
{
        struct stat status;
        int result = look(file, &status);

        if (result != 0)
                return result;
        if (file->max_bytes > 0 && S_ISREG(status.st_mode)) {
                uint64_t size = (uint64_t)status.st_size;
                size_t fits = whole_lines(bytes, length, sc_sub_sat_u64(file->max_bytes, size));
                if (fits == 0 && size > 0) {
                        result = rotate(file);
                        if (result != 0)
                                return result;
                        fits = whole_lines(bytes, length, file->max_bytes);
                }
                length = fits > 0 ? fits : (size_t)sc_min_u64(length, file->max_bytes);
        }
        ssize_t written = write(file->fd, bytes, length);
        if (written >= 0)
                return written;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}
