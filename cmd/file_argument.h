#ifndef SC_FILE_ARGUMENT_H
#define SC_FILE_ARGUMENT_H

#include "io/trace_file.h"
#include "value.h"

/* FILE of --log, --events and --trace: somewhere that is written to beside the work, a file or standard output. Lines
 * go to files that are rotated by size, a trace to one that is limited only where that is asked for. */
struct file_argument {
        char path[SC_VALUE_PATH_BYTES]; /* empty: none */
        bool output;                    /* `-`, or /dev/stdout: a link, which no file's path may be */
        uint64_t max_bytes;             /* of one file; 0: no limit */
        unsigned keep;                  /* files */
        bool timestamps;
        bool input;
};

#define SC_FILE_ARGUMENT_MAX_DEFAULT (UINT64_C(1) << 20)
#define SC_FILE_ARGUMENT_MAX_MIN 4096
#define SC_FILE_ARGUMENT_KEEP_DEFAULT 8
#define SC_FILE_ARGUMENT_KEEP_MAX 1000
#define SC_FILE_ARGUMENT_TRACE_KEEP_DEFAULT 4 /* a start that fails takes one */

/* PATH or `-`, with settings behind commas: max=SIZE and keep=N for a PATH, timestamps for --log, input for --trace
 * (which has max=SIZE and input with `-` too). The first comma ends PATH. The result is a struct file_argument. */
sc_value_parse sc_file_argument_log;
sc_value_parse sc_file_argument_events;
sc_value_parse sc_file_argument_trace;

bool sc_file_argument_is_given(const struct file_argument *file);

/* Whether `name` is that of the file at `path`, or of an older one that is kept beside it, PATH.N; however their folder
 * is spelt. */
bool sc_file_argument_has_name(const char *path, const char *name);

/* 0, or SC_EXIT_USAGE and reported: it can be made, as far as its name and its folder say. `option` is without dashes. */
int sc_file_argument_check(const char *option, const struct file_argument *file);

/* 0, or SC_EXIT_USAGE and reported: they would not write into each other's lines, nor move each other away. */
int sc_file_argument_check_pair(const char *option, const struct file_argument *file,
                                const char *other_option, const struct file_argument *other);

/* What is asked for, as what is written: lines, or a trace. They point into `file`. */
struct sc_file_spec sc_file_argument_lines(const struct file_argument *file);
struct sc_trace_file_config sc_file_argument_records(const struct file_argument *file);

/* Why it could not be opened, in the words of who asked for it; of all other errors strerror's. */
const char *sc_file_argument_error_text(int error);

/* Said once, when it cannot be written. */
sc_file_writer_report sc_file_argument_report;

#endif
