#ifndef SC_DESCRIPTOR_H
#define SC_DESCRIPTOR_H

#include <unistd.h>

/* Closes one that may be open, and is -1 where it is not. */
static inline void sc_descriptor_close(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

#endif
