#include "io/guest_kind.h"

#include <errno.h>

/* -- COMMAND ARG...: the VMM is our child, its standard input and output the serial line. */

static int command_start(struct sc_guest_end *end, uint64_t now_ns)
{
        int result = sc_child_start(&end->child, end->spec.argv, 0);
        if (result == 0) {
                sc_guest_end_came(end, end->child.output, end->child.input, now_ns);
                return 0;
        }
        end->child.ended = true;
        end->child.status = sc_child_status_of_error(-result);
        return result;
}

static void command_lost(struct sc_guest_end *end, uint64_t now_ns)
{
        (void)now_ns;
        sc_guest_end_close_both(end);
}

const struct sc_guest_operations sc_guest_command = {
        .once = true,
        .start = command_start,
        .lost = command_lost,
        .read = sc_guest_end_plain_read,
        .write = sc_guest_end_plain_write,
};
