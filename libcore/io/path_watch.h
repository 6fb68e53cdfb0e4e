#ifndef SC_PATH_WATCH_H
#define SC_PATH_WATCH_H

/* Waiting for a path to appear, or to be made anew, without polling: while a watch is on, SIGIO comes when a name
 * comes, goes or is renamed in the path's folder or, where that does not exist, in the nearest one that does. */
struct sc_path_watch {
        int folder; /* -1: none */
        int parent; /* of the folder, which may go and come again itself */
};

#define SC_PATH_WATCH_NONE                                                                                   \
        {                                                                                                    \
                -1, -1                                                                                       \
        }

/* Begins, or begins again after a SIGIO, because the nearest folder may be another now. A caller looks at the path
 * after this, so that nothing falls between. Returns 0 or -errno; -EAGAIN: too much comes and goes there to be
 * watched. */
int sc_path_watch_begin(struct sc_path_watch *watch, const char *path);
void sc_path_watch_end(struct sc_path_watch *watch);

#endif
