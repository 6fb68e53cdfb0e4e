#ifndef SC_CONSOLE_NAME_H
#define SC_CONSOLE_NAME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* SOCKET on a command line: a path, or a name without a slash. Where no such file is here, neither NAME nor
 * NAME.ctl, it is NAME.sock in the first of the name folders that has it: $SERIALCON_DIR,
 * $XDG_RUNTIME_DIR/serialcon, /run/serialcon. */

/* The path that `word` means: `word` itself, or in `path`. The word itself also where nothing is found. */
const char *sc_console_name_resolve(const char *word, char path[static PATH_MAX]);

/* Takes the end off that names leave out. False: `file` has none, so that no name means it. */
bool sc_console_name_strip(char *file);

/* The i-th of the name folders. False: this one is not set. */
#define SC_CONSOLE_NAME_FOLDERS 3
bool sc_console_name_folder(size_t i, char path[static PATH_MAX]);

/* What may have been meant by a `word` at which nothing was found: the consoles in its folder or, for a bare
 * name, here and in the name folders, as a list "a, b, c" of at most SC_CONSOLE_NAME_NEAR_MAX, the one with
 * the nearest spelling first. It is harmless on a terminal. False: there are none. */
#define SC_CONSOLE_NAME_NEAR_MAX 5
bool sc_console_name_near(const char *word, char *text, size_t size);

#endif
