#ifndef SC_LIST_FORMAT_H
#define SC_LIST_FORMAT_H

#include "io/survey.h"

#include <stdio.h>

/* The table of `list`: a header and one line for each console, in columns. What a guest or a file's name says
 * is shown harmless. The last line is cut where the table would be wider than `width`, or at
 * SC_LIST_FORMAT_LAST_WIDTH where `width` is 0: no terminal. */
#define SC_LIST_FORMAT_LAST_WIDTH 80
struct sc_list_row {
        const char *name;
        const struct sc_survey_console *console;
};
void sc_list_format(const struct sc_list_row *rows, size_t count, size_t width, FILE *stream);

#endif
