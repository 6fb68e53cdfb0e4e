#ifndef SC_COMMAND_H
#define SC_COMMAND_H

#include "option.h"

/* A paragraph below the options: a term and what it means, or text alone. */
struct command_note {
        const char *term; /* NULL: none */
        const char *text;
};

/* One command of the binary, as its cmd_<name>.c declares it. main.c reads argv by it, prints its help, and
 * calls it. */
struct command {
        const char *name;
        const char *summary; /* one line, for the list of commands and the top of the help */
        const char *usage;   /* behind `serialcon NAME`: "[OPTIONS] SOCKET" */
        const char *operand; /* what the one operand is called; NULL: it has none */
        bool takes_command;  /* `-- COMMAND ARG...` may follow */
        const struct command_note *notes;
        size_t note_count;
        struct sc_option_table table;
        void *config; /* what the table fills */

        /* Returns the exit status, and has reported whatever is wrong. The words are as many as `operand` and
         * `takes_command` say: argv[0] is the operand, argv[1] to argv[argc - 1] are COMMAND and its arguments,
         * and argv[argc] is NULL, as execvp wants it. */
        int (*run)(void *config, int argc, char **argv);
};

extern const struct command command_host;
extern const struct command command_connect;
extern const struct command command_status;

#endif
