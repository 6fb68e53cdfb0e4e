#ifndef SC_ROTATED_FILE_H
#define SC_ROTATED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes appended to a file that is rotated by size: PATH, PATH.1, and so on to PATH.(keep - 1), the newest first. Each
 * call may block, as regular files do. */
struct sc_rotated_file {
        const char *path;   /* outlives it */
        uint64_t max_bytes; /* no file grows beyond; 0: no limit */
        unsigned keep;      /* how many files, at least 1 */
        bool once;          /* it is one whole: once open, not opened again though it was removed */
        int fd;             /* -1: not open */
};

/* Opens PATH for append, or makes it (0600). A symbolic link is not followed. Returns 0 or -errno. */
int sc_rotated_file_open(struct sc_rotated_file *file);
/* The same, for bytes that go behind nothing: a regular file that is not empty is moved to PATH.1 first, as if it had
 * grown too large. It is locked while it is open, and one that is locked is left alone: -EBUSY. */
int sc_rotated_file_open_anew(struct sc_rotated_file *file);
void sc_rotated_file_close(struct sc_rotated_file *file);

/* Appends from the beginning of `bytes`, of which there is at least one. Returns how many were taken, 0: none just now
 * (a FIFO that is full), or -errno; it may be tried again after any error. Opens PATH where it is not open or was
 * removed. Between two files, no line is cut that came within one call and fits into one file. */
ssize_t sc_rotated_file_append(struct sc_rotated_file *file, const uint8_t *bytes, size_t length);

#endif
