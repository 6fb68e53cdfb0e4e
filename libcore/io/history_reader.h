#ifndef SC_HISTORY_READER_H
#define SC_HISTORY_READER_H

#include "io/control.h"

/* A range of what a host retains, read over a control connection: output and gaps, in their order. A host
 * ends such a connection when its peer was silent for too long, as one that waits for a pager is, or to make
 * room for others: then it is opened again, and reading goes on where it was. */
struct sc_history_reader {
        struct sc_control *control;
        uint64_t offset; /* of the next part */
        uint64_t end;
        bool asked;
        unsigned reopened; /* times, since the last part */
};

/* Output, or a gap; history and a viewer's stream are both made of these. It holds until the next call. */
struct sc_history_part {
        const uint8_t *bytes; /* NULL: a gap */
        uint64_t offset;
        uint64_t length;
        uint64_t time_ns;          /* output: when its first byte arrived */
        enum sc_gap_kind gap_kind; /* a gap */
};

/* [from, to), with `to` at most head. `control` is open. */
void sc_history_reader_start(struct sc_history_reader *reader, struct sc_control *control, uint64_t from,
                             uint64_t to);

/* 1: the next part; 0: that was all; or -errno as in io/control.h. */
int sc_history_reader_next(struct sc_history_reader *reader, struct sc_history_part *part);

/* The offset at which `start`, with its `value`, begins. Returns 0 or -errno. */
int sc_history_reader_find(struct sc_control *control, enum sc_start start, uint64_t value, uint64_t *offset);

/* The part that a data, gap, history data or history gap frame is; false for another one, and one that is none. */
bool sc_history_reader_part(struct sc_frame *frame, struct sc_history_part *part);

#endif
