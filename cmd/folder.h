#ifndef SC_FOLDER_H
#define SC_FOLDER_H

/* 0, or SC_EXIT_USAGE and reported: there is a folder for what is to be made at `path`. `what` names it in the message. */
int sc_folder_check(const char *what, const char *path);

#endif
