#ifndef SC_GIVEN_H
#define SC_GIVEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Descriptors that were given to this process. Others may hold them too, so O_NONBLOCK is never set on one:
 * it is used after poll has said that it is ready, with no more than what then goes without waiting. */

/* Returns how many bytes were written, 0: none just now, or -errno. */
ssize_t sc_given_write(int fd, const void *bytes, size_t length);

/* Returns how many bytes were read, 0 at the end, or -errno; -EAGAIN: none just now. */
ssize_t sc_given_read(int fd, void *bytes, size_t length);

/* Somewhere to write that was given, through a description of our own where it is a pipe or a terminal: that one may be
 * told not to block, and takes as much as there is room for. */
struct sc_given_output {
        int fd;
        mode_t kind; /* S_IFMT: how it is written to; one of our own as a file is, whole */
        bool own;
        bool never_waits; /* it need not be polled first */
};

void sc_given_output_open(struct sc_given_output *output, int fd);
void sc_given_output_close(struct sc_given_output *output);
/* As sc_given_write. */
ssize_t sc_given_output_write(const struct sc_given_output *output, const void *bytes, size_t length);

#endif
