#ifndef SC_VALUE_H
#define SC_VALUE_H

#include "model/wire/status.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The values that options and arguments take. Every parser reads the whole of `text` or refuses it: no sign,
 * no blanks, nothing behind the value, no overflow. It returns NULL and fills its result, or returns what is
 * wrong as a text that follows the value in a message ("--buffer 12Q: expected a size ..."), and leaves the
 * result alone. The functions that read a composed value have the type sc_value_parse, for option tables. */
typedef const char *sc_value_parse(const char *text, void *result);

/* Digits alone. */
const char *sc_value_count(const char *text, uint64_t *count);

/* Digits and B, K, M or G in either case, powers of 1024; bytes without one. */
const char *sc_value_size(const char *text, uint64_t *bytes);

/* Digits and ms, s, m, h or d; 0 needs none. The result is in nanoseconds. */
const char *sc_value_time(const char *text, uint64_t *time_ns);

/* The same, with a unit: where a bare number could be taken for a count of something else. The result is a
 * uint64_t. */
sc_value_parse sc_value_size_with_unit;

/* A point in time, as a length of time before now, or in RFC 3339. */
struct moment_argument {
        bool ago;
        uint64_t ns; /* before now, or since 1970 */
};
sc_value_parse sc_value_moment;
/* That point, in wall-clock nanoseconds since 1970. */
uint64_t sc_value_moment_ns(const struct moment_argument *moment);

/* The permission bits of a socket: octal, 0 to 0777. */
const char *sc_value_mode(const char *text, mode_t *mode);

/* No group asked for; also what chown(2) takes for "as it is". */
#define SC_VALUE_NO_GROUP ((gid_t)-1)

/* A group's name, or else its number. It must be one that this process can give its files to: the kernel is
 * asked. The result is a gid_t. */
sc_value_parse sc_value_group;

/* For a time that may also be `forever`: the result, a uint64_t, is then SC_VALUE_FOREVER. */
#define SC_VALUE_FOREVER UINT64_MAX
sc_value_parse sc_value_time_or_forever;

/* A path, with its NUL; that from `text` up to `end` is copied. */
#define SC_VALUE_PATH_BYTES PATH_MAX
const char *sc_value_path(const char *text, const char *end, char path[static SC_VALUE_PATH_BYTES]);

/* Where the guest's bytes come from (--guest). */
enum guest_argument_kind {
        GUEST_ARGUMENT_NONE, /* no --guest */
        GUEST_ARGUMENT_UNIX,
        GUEST_ARGUMENT_LISTEN,
        GUEST_ARGUMENT_PTY,
        GUEST_ARGUMENT_TTY,
        GUEST_ARGUMENT_STDIO,
        GUEST_ARGUMENT_FD,
};

#define SC_VALUE_BAUD_DEFAULT 115200
#define SC_VALUE_BAUD_MAX 4000000
#define SC_VALUE_MODE_DEFAULT 0600

struct guest_argument {
        enum guest_argument_kind kind;
        char path[SC_VALUE_PATH_BYTES]; /* unix, listen, pty, tty */
        mode_t mode;                    /* listen */
        gid_t group;                    /* listen; SC_VALUE_NO_GROUP: none */
        unsigned baud;                  /* tty */
        int fd;                         /* fd: any number */
};

/* unix:PATH  listen:PATH[,mode=OCTAL][,group=NAME]  pty:PATH  tty:PATH[,BAUD]  stdio  fd:N. In listen: and
 * tty: the first comma ends PATH. The result is a struct guest_argument. */
sc_value_parse sc_value_guest;

/* Where a raw client starts (--history, BF-7). */
struct history_argument {
        enum sc_history_policy policy;
        uint64_t last_bytes; /* SC_HISTORY_LAST */
};

/* all, boot, unread, none, or a size. The result is a struct history_argument. */
sc_value_parse sc_value_history;

/* The other way round, for messages: the shortest text that the parser reads as this value (of a time: whole
 * milliseconds). `text` has room for the longest. */
#define SC_VALUE_TEXT_BYTES 24
const char *sc_value_size_text(uint64_t bytes, char text[static SC_VALUE_TEXT_BYTES]);
const char *sc_value_time_text(uint64_t time_ns, char text[static SC_VALUE_TEXT_BYTES]);

#endif
