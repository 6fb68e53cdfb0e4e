#ifndef SC_OPTION_H
#define SC_OPTION_H

#include "value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What one option takes, and the type of the field that it sets. */
enum sc_option_kind {
        SC_OPTION_FLAG,   /* nothing: bool */
        SC_OPTION_SIZE,   /* sc_value_size: uint64_t, bytes */
        SC_OPTION_TIME,   /* sc_value_time: uint64_t, nanoseconds */
        SC_OPTION_COUNT,  /* sc_value_count: unsigned */
        SC_OPTION_OCTAL,  /* sc_value_mode: mode_t */
        SC_OPTION_CHOICE, /* one of `choices`: an enum, its index */
        SC_OPTION_STRING, /* any text but the empty one: const char *, a part of argv */
        SC_OPTION_PARSED, /* `parse`: what that says */
};

/* One row of a command's table. Help and word lists come from it and from nothing else. */
struct sc_option {
        const char *name; /* without the dashes */
        char letter;      /* the short form; 0: none */
        bool once;        /* given twice, it is refused; else the last one counts */
        enum sc_option_kind kind;
        const char *argument; /* what help calls the value; a CHOICE shows its words, a FLAG nothing */
        size_t field;         /* offsetof(struct ..._config, ...) */
        const char *help;     /* what it does; wrapped, with \n kept */

        /* The value without the option, as the user would write it, shown in help. NULL: that of the config's
         * static initializer. */
        const char *initial;
        uint64_t minimum; /* SIZE, TIME and COUNT, in the field's unit */
        uint64_t maximum; /* 0: no limit but that of the field */
        /* The option without which this one makes no sense, "--" for `-- COMMAND`. NULL: none. */
        const char *needs;
        /* Of the options with one number, at most one is given. 0: it stands beside any other. */
        unsigned alternative;
        /* PARSED: what stands for a value that was left out. Then the rest of the word, or the next word, is the
         * value only where `parse` reads it. NULL: there must be a value. */
        const char *implied;
        const char *const *choices; /* CHOICE: by value */
        size_t choice_count;
        sc_value_parse *parse; /* PARSED */
};

/* At most this many rows in a table (one bit each says which were given). */
#define SC_OPTIONS_MAX 64

struct sc_option_table {
        const struct sc_option *options;
        size_t count;
};

enum sc_option_outcome {
        SC_OPTIONS_READ,    /* the config is filled, the operands are in front */
        SC_OPTIONS_HELP,    /* -h or --help was met; nothing behind it was looked at */
        SC_OPTIONS_VERSION, /* -V or --version */
        SC_OPTIONS_WRONG,   /* reported: end with SC_EXIT_USAGE */
};

/* What is left of argv without its options, in order: `words` is argv itself, its order changed, with a NULL
 * behind the last one. */
struct sc_operands {
        char **words;
        int count;        /* words before `--` */
        int behind_count; /* words behind it: words[count] and on */
        bool dashes;      /* there was a `--` */
};

/* Fills the fields of `config` that have an initial value. The table is ours: a wrong one is an assertion. */
void sc_option_initialize(const struct sc_option_table *table, void *config);

/* Reads argv[0] to argv[argc - 1] (no program or command name), options and operands in any order up to `--`:
 * `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`, letters of flags together, and -h, -V, --help and
 * --version, which every command has. A lone `-` is an operand. `config` has been initialized. */
enum sc_option_outcome sc_option_read(const struct sc_option_table *table, void *config, int argc,
                                      char **argv, struct sc_operands *operands);

#define SC_OPTION_HELP_COLUMNS 80

/* `term` in the column of the options and `text` beside it, or below where the term is long. */
void sc_option_print_term(const char *term, const char *text, FILE *stream);

/* The rows of the table as help, in at most SC_OPTION_HELP_COLUMNS columns, and those of -h and -V. */
void sc_option_print_help(const struct sc_option_table *table, FILE *stream);

/* `text` between the columns `indent` and SC_OPTION_HELP_COLUMNS, broken at blanks and \n; a word that is
 * longer stands alone. The first line goes on where the cursor is, at `column`; the last one ends in a
 * newline. */
void sc_option_print_wrapped(const char *text, int column, int indent, FILE *stream);

#endif
