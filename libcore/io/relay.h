#ifndef SC_RELAY_H
#define SC_RELAY_H

/* What `input` says goes to a connected socket, what the socket says goes to `output`: exact both ways, at
 * most SC_RELAY_BYTES in memory for each, and neither direction waits for the other. The end of `input`
 * closes the sending half alone. Returns 0 when all that the socket had to say is written, or when nobody
 * reads `output` any more, else -errno. The descriptors stay open, and as they are. SIGPIPE is ignored by the
 * caller. */
#define SC_RELAY_BYTES (64 * 1024)

int sc_relay_run(int socket, int input, int output);

#endif
