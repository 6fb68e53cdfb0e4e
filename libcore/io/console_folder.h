#ifndef SC_CONSOLE_FOLDER_H
#define SC_CONSOLE_FOLDER_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>

/* The consoles in a folder: sockets with the socket of a .ctl beside them. Nothing but their names is looked at. */
struct sc_console_folder {
        DIR *entries;
};

/* Returns 0 or -errno. */
int sc_console_folder_open(struct sc_console_folder *folder, const char *path);

/* The name of the next console, in no order. False: there are no more, and the folder is closed. */
bool sc_console_folder_next(struct sc_console_folder *folder, char name[static NAME_MAX + 1]);

#endif
