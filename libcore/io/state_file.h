#ifndef SC_STATE_FILE_H
#define SC_STATE_FILE_H

#include "model/client/attachment.h"

/* Where a client stands, kept in a file for the next call (connect --state): the place in the output, and, where
 * standard output is a regular file opened for append, how long that file is with it. What a killed client had put out
 * and not yet noted lies behind that length, perhaps with what others wrote there. One line of text:
 *
 *     serialcon-state 1 INSTANCE OFFSET DEVICE INODE LENGTH open|closed
 */

struct sc_state_file {
        int fd;
        bool appends; /* standard output is a regular file, opened for append */
        struct sc_place place;
        uint64_t device, inode, length; /* the output file's, with everything below place.offset in it */
        uint64_t unnoted_bytes;         /* behind `length`, and perhaps put out by a client that was killed */
};

/* Opens `path`, or makes it (0600), and holds it against others. `file->place` is where to go on; not known where it
 * is new. Returns 0 or -errno: EBADMSG, it is no state file; EBUSY, another client uses it. */
int sc_state_file_open(struct sc_state_file *file, const char *path);

/* Notes that everything below `place` is out: before output that does not follow what was noted, and after all.
 * Returns 0 or -errno. */
int sc_state_file_note(struct sc_state_file *file, const struct sc_place *place);

/* How many of the next bytes of output lie in the output file already: asked of each piece before it is put out, until it
 * says that there is no more (0). */
size_t sc_state_file_already_out(struct sc_state_file *file, struct sc_span output);

/* Whether output from `place` on follows what was noted. */
bool sc_state_file_continues(const struct sc_state_file *file, const struct sc_place *place);

/* What the output file grows by between these two is not ours. */
void sc_state_file_pause(struct sc_state_file *file);
void sc_state_file_resume(struct sc_state_file *file);

/* In order: what the output file grows by from now on is not ours. */
void sc_state_file_close(struct sc_state_file *file);

#endif
