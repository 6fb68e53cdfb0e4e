#ifndef SC_CLIENT_END_H
#define SC_CLIENT_END_H

#include "io/loop.h"
#include "model/console/host.h"

#include <sys/types.h>

/* One client's descriptor, non-blocking. SIGPIPE is ignored by the process. */

/* Bytes read or written: at least 1; 0: none now (EAGAIN); -EPIPE at the end of file, -ECONNRESET when it went with
 * unread bytes, or another -errno. */
ssize_t sc_client_end_read(int fd, const struct sc_span *spans, size_t count);
ssize_t sc_client_end_write(int fd, const struct sc_span *spans, size_t count);

/* Whether the client has taken everything off its queue. True as well of one that is dead: see BF-8. */
bool sc_client_end_queue_is_empty(int fd);

/* Takes the fields in their order. */
struct sc_sample sc_client_end_sample(int fd);

#endif
