#ifndef SC_LOOP_H
#define SC_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/* epoll, level-triggered, over sources that their owners embed. */

#define SC_READY_READ 0x1U
#define SC_READY_WRITE 0x2U
#define SC_READY_HUP 0x4U /* hang-up or error; told once, whatever is wanted */

struct sc_source {
        int fd; /* -1: none; its events are dropped */
        unsigned wants;
        bool registered;
        bool always_ready; /* epoll has no more to say: it hung up, or it is a regular file */
        void (*ready)(struct sc_source *source, unsigned readiness);
        void *owner;
};

struct sc_loop;

/* NULL with errno. */
struct sc_loop *sc_loop_new(void);
void sc_loop_free(struct sc_loop *loop);

/* Waits for SC_READY_READ and SC_READY_WRITE as `wants` says, and for a hang-up. A hang-up cannot be masked, so a
 * source that hung up leaves epoll and is always_ready from then on: its owner reads it to the end in its own
 * time. Returns 0 or -errno. */
int sc_loop_set(struct sc_loop *loop, struct sc_source *source, unsigned wants);

/* The source leaves the loop, before its descriptor is closed. */
void sc_loop_remove(struct sc_loop *loop, struct sc_source *source);

/* Blocks until something is ready or until `deadline_ns` (UINT64_MAX: none; what has passed: not at all).
 * `now_ns` is the time of the last wake-up. Returns 0 or -errno; a signal is no error. */
int sc_loop_wait(struct sc_loop *loop, uint64_t deadline_ns, uint64_t now_ns);

/* Calls `ready` of each source that sc_loop_wait found. */
void sc_loop_dispatch(struct sc_loop *loop);

#endif
