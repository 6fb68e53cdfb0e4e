#ifndef SC_COMMAND_ERRORS_H
#define SC_COMMAND_ERRORS_H

#include "io/user_end.h"
#include "model/client/printable.h"

/* What a command (--via) says on its standard error: line by line, as notices; but at once while the host has not
 * answered, for its user may be asked something. Harmless on a terminal. */

#define SC_COMMAND_ERRORS_LINE_BYTES 400

struct sc_command_errors {
        struct sc_user_end *user;
        const char *name; /* of the command, for messages */
        bool by_lines;
        struct sc_printable filter;
        char line[SC_COMMAND_ERRORS_LINE_BYTES];
        size_t length;
};

/* Something can be read of `fd`. False: that was its end. */
bool sc_command_errors_read(struct sc_command_errors *errors, int fd);

/* The command ends: what it said last, for which it is given a moment where `waits`. */
void sc_command_errors_finish(struct sc_command_errors *errors, int fd, bool waits);

#endif
