#ifndef SC_FOLDER_H
#define SC_FOLDER_H

#include <stdbool.h>

/* 0, or SC_EXIT_USAGE and reported: there is a folder for what is to be made at `path`. `what` names it in the
 * message. */
int sc_folder_check(const char *what, const char *path);

/* What stands behind the last slash. */
const char *sc_folder_name(const char *path);

/* Whether both lie in one folder that exists, however they are spelt. */
bool sc_folder_is_same(const char *path, const char *other);

#endif
