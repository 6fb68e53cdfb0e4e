#include "log_range.h"

/* --- lines --- */

/* One search, backwards. */
struct search {
        struct sc_control *control;
        uint64_t end;   /* of what hangs together: a line that ends there begins no other */
        unsigned lines; /* that are still to be found */
        int behind;     /* the byte behind the place that was reached; -1: none, or it is missing */
        uint8_t block[SC_LOG_RANGE_BLOCK_BYTES];
};

/* Reads [*from, to) into the block. Where bytes of it have gone meanwhile, *from is moved behind them. */
static int read_block(struct search *search, uint64_t *from, uint64_t to)
{
        struct sc_history_reader reader;
        struct sc_history_part part;
        uint64_t used = 0;
        int result;

        sc_history_reader_start(&reader, search->control, *from, to);
        while ((result = sc_history_reader_next(&reader, &part)) > 0) {
                if (part.bytes == NULL) {
                        *from = part.offset + part.length;
                        used = 0;
                        continue;
                }
                memcpy(search->block + used, part.bytes, part.length);
                used += part.length;
        }
        return result;
}

/* Looks for line ends in the block, which holds [from, to). True: *start is where the wanted lines begin. */
static bool search_block(struct search *search, uint64_t from, uint64_t to, uint64_t *start)
{
        for (uint64_t at = to; at-- > from;) {
                uint8_t byte = search->block[at - from];
                bool ends = byte == '\n' || (byte == '\r' && search->behind != '\n');
                search->behind = byte;
                if (ends && at + 1 < search->end && --search->lines == 0) {
                        *start = at + 1;
                        return true;
                }
        }
        return false;
}

/* Searches what is retained from `low` to `high`. Unless it goes on below, what is missing there has ended a line.
 * 1: *start is where the wanted lines begin; 0: there are not so many; or -errno. */
static int search_range(struct search *search, uint64_t low, uint64_t high, bool goes_on, uint64_t *start)
{
        if (search->behind < 0)
                search->end = high;
        for (uint64_t to = high; to > low;) {
                uint64_t asked = sc_max_u64(low, sc_sub_sat_u64(to, SC_LOG_RANGE_BLOCK_BYTES));
                uint64_t from = asked;
                int result = read_block(search, &from, to);
                if (result != 0)
                        return result;
                if (search_block(search, from, to, start))
                        return 1;
                to = from;
                if (from > asked) { /* the tail has come up to here */
                        low = from;
                        goes_on = false;
                }
        }
        if (low == high || goes_on)
                return 0;
        search->behind = -1;
        *start = low;
        return --search->lines == 0;
}

int sc_log_range_last_lines(struct sc_control *control, const struct sc_status *status, unsigned lines,
                            uint64_t *from)
{
        static struct search search;
        bool first = status->first_from < status->first_to;
        uint64_t ring_from = first ? sc_max_u64(status->tail, status->first_to) : status->tail;
        bool goes_on = ring_from == 0 || (first && ring_from == status->first_to);

        search.control = control;
        search.lines = lines;
        search.behind = -1;
        *from = status->head;
        if (lines == 0)
                return 0;
        int result = search_range(&search, ring_from, status->head, goes_on, from);
        if (result == 0 && first)
                result = search_range(&search, status->first_from, status->first_to, status->first_from == 0,
                                      from);
        if (result == 0)
                *from = 0;
        return result < 0 ? result : 0;
}

/* --- boots --- */

bool sc_log_range_boots(struct sc_decoder *payload, const struct sc_status *status,
                        struct sc_log_range_boots *boots)
{
        struct sc_boundary boundary;

        boots->count = 0;
        for (uint16_t i = 0; i < status->boundaries; i++) {
                if (!sc_status_get_boundary(payload, &boundary))
                        return false;
                bool boot = boundary.kind == SC_BOUNDARY_UP || boundary.kind == SC_BOUNDARY_RESET;
                if (boot && boots->count < SC_BOUNDARIES_MAX)
                        boots->offsets[boots->count++] = boundary.offset;
        }
        return true;
}
