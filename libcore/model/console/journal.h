#ifndef SC_JOURNAL_H
#define SC_JOURNAL_H

#include "model/wire/frame.h"

#include <stdbool.h>

/* What happened to a console, for a record of it: who came and went, what they did, and what became of the guest. No
 * byte of the guest's is in it, so that no guest can fill it. */

enum sc_journal_kind {
        SC_JOURNAL_START,   /* of the host; text: its instance */
        SC_JOURNAL_STOP,    /* of the host: all who are still there end with it */
        SC_JOURNAL_CONNECT, /* listener, role, label; a native one's when it has said hello, or at its end */
        SC_JOURNAL_ROLE,    /* it said hello again: role, label */
        SC_JOURNAL_REFUSED, /* closed at once, because a limit was reached; it has no number */
        SC_JOURNAL_END,     /* why */
        SC_JOURNAL_TAKE,    /* the writer's role */
        SC_JOURNAL_KICK,    /* number: of the client that is ended */
        SC_JOURNAL_CLEAR,   /* number: of bytes forgotten */
        SC_JOURNAL_MARK,    /* number: of the boundary; text */
        SC_JOURNAL_BREAK,
        SC_JOURNAL_GUEST_UP, /* number: of the boundary, as of the next three */
        SC_JOURNAL_GUEST_DOWN,
        SC_JOURNAL_GUEST_RESET,
        SC_JOURNAL_GUEST_ENDED, /* and cannot come back */
        SC_JOURNAL_KIND_COUNT,
};

struct sc_journal_entry {
        enum sc_journal_kind kind;
        uint64_t time_ns;
        uint64_t offset; /* the host's head */
        uint64_t number;
        uint64_t client; /* whose doing it is; 0: nobody's, and the fields up to `why` say nothing */
        uint32_t pid;
        uint32_t uid;
        bool native;
        bool view;
        enum sc_role role; /* 0: not said */
        enum sc_error why; /* 0: it went by itself */
        uint8_t text_length;
        char text[SC_MARK_BYTES_MAX]; /* a label is the client's own word, and any bytes */
};

/* Entries in the order in which they were noted, until they are taken. */
struct sc_journal {
        struct sc_journal_entry *entries; /* SC_JOURNAL_ENTRIES_MAX; NULL: nothing is noted */
        uint64_t noted;
        uint64_t taken;
        uint64_t left_out; /* for want of room */
};

void sc_journal_note(struct sc_journal *journal, const struct sc_journal_entry *entry);

/* The oldest, or false: there is none. */
bool sc_journal_take(struct sc_journal *journal, struct sc_journal_entry *entry);

#endif
