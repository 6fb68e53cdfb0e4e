#ifndef SC_LOG_RANGE_H
#define SC_LOG_RANGE_H

#include "io/history_reader.h"
#include "model/wire/status.h"

/* The start of the last `lines` lines of what is retained below status->head, found by reading it backwards,
 * a block at a time: `from` is 0 where there are not so many. A line ends as in log_text.h, and where bytes
 * are missing; one that has not ended counts. Returns 0 or -errno as in io/control.h. */
int sc_log_range_last_lines(struct sc_control *control, const struct sc_status *status, unsigned lines,
                            uint64_t *from);

#define SC_LOG_RANGE_BLOCK_BYTES (64 * 1024)

/* Where boots begin: the offsets of the boundaries at which a guest came or was reset, oldest first. */
struct sc_log_range_boots {
        uint64_t offsets[SC_BOUNDARIES_MAX];
        size_t count;
};

/* From what follows `status` in a status frame. False: it is not whole. */
bool sc_log_range_boots(struct sc_decoder *payload, const struct sc_status *status,
                        struct sc_log_range_boots *boots);

#endif
