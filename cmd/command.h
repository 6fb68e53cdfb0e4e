#ifndef SC_COMMAND_H
#define SC_COMMAND_H

#include "option.h"

#include <limits.h>

/* With its version. */
#define SC_PROGRAM "serialcon 0.1.0"

/* A paragraph below the options: a term and what it means, or text alone. */
struct command_note {
        const char *term; /* NULL: none */
        const char *text;
};

#define COMMAND_OPERANDS_NAMED 2
#define COMMAND_OPERANDS_ANY INT_MAX

/* One command of the binary, as its cmd_<name>.c declares it. main.c reads argv by it, prints its help, and
 * calls it. */
struct command {
        const char *name;
        const char *summary; /* one line, for the list of commands and the top of the help */
        const char *usage;   /* behind `serialcon NAME`: "[OPTIONS] SOCKET" */
        /* What the operands are called, in their order; what is beyond the names is called like the last. */
        const char *operands[COMMAND_OPERANDS_NAMED];
        int operands_min; /* that there must be, and may be */
        int operands_max;
        bool takes_command; /* `-- COMMAND ARG...` may follow, behind operands of a fixed number */
        const struct command_note *notes;
        size_t note_count;
        struct sc_option_table table;
        void *config; /* what the table fills */

        /* Returns the exit status, and has reported whatever is wrong. The words are the operands, as many as
         * the table says and none of them empty, then COMMAND and its arguments; argv[argc] is NULL, as execvp
         * wants it. */
        int (*run)(void *config, int argc, char **argv);
};

extern const struct command command_host;
extern const struct command command_connect;
extern const struct command command_status;
extern const struct command command_log;
extern const struct command command_list;
extern const struct command command_pipe;
extern const struct command command_kick;
extern const struct command command_clear;
extern const struct command command_mark;
extern const struct command command_break;
extern const struct command command_replay;

#endif
