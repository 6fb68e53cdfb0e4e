#include "event_format.h"

#include "json.h"
#include "model/base/panic.h"
#include "model/base/span.h"
#include "time_format.h"

#include <assert.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

/* What a kind is called, and what its number is. */
static const struct {
        const char *name, *number;
} kinds[] = {
        [SC_JOURNAL_START] = { "start", NULL },
        [SC_JOURNAL_STOP] = { "stop", NULL },
        [SC_JOURNAL_CONNECT] = { "connect", NULL },
        [SC_JOURNAL_ROLE] = { "role", NULL },
        [SC_JOURNAL_REFUSED] = { "refused", NULL },
        [SC_JOURNAL_END] = { "end", NULL },
        [SC_JOURNAL_TAKE] = { "take", NULL },
        [SC_JOURNAL_KICK] = { "kick", "kicked" },
        [SC_JOURNAL_CLEAR] = { "clear", "bytes" },
        [SC_JOURNAL_MARK] = { "mark", "boundary" },
        [SC_JOURNAL_BREAK] = { "break", NULL },
        [SC_JOURNAL_GUEST_UP] = { "guest up", "boundary" },
        [SC_JOURNAL_GUEST_DOWN] = { "guest down", "boundary" },
        [SC_JOURNAL_GUEST_RESET] = { "guest reset", "boundary" },
        [SC_JOURNAL_GUEST_ENDED] = { "guest ended", "boundary" },
};
static_assert(SC_COUNT(kinds) == SC_JOURNAL_KIND_COUNT, "a name for each kind");

static const char *const role_names[] = {
        [SC_ROLE_CLIENT] = "client",
        [SC_ROLE_VIEWER] = "viewer",
        [SC_ROLE_CONTROL] = "control",
};

static const char *const why_names[] = {
        [0] = "left",
        [SC_ERROR_NOT_HELLO] = "malformed",
        [SC_ERROR_VERSION] = "version",
        [SC_ERROR_UNKNOWN_TYPE] = "malformed",
        [SC_ERROR_MALFORMED] = "malformed",
        [SC_ERROR_LIMIT] = "limit",
        [SC_ERROR_SILENT] = "silent",
        [SC_ERROR_KICKED] = "kicked",
        [SC_ERROR_ENDING] = "host ends",
};

/* The name of the user that was asked for last: clients are mostly one or two users', and the host's loop does not read a
 * file for each of them. */
static struct {
        bool known;
        uint32_t uid;
        char name[SC_LABEL_BYTES_MAX + 1]; /* empty: not in the file */
} last_user;

/* Of the users in /etc/passwd alone: whom else the system knows it may have to ask the network for, and a host does not
 * wait for that. */
static void look_up_user(uint32_t uid)
{
        struct passwd entry, *found = NULL;
        char memory[1024];
        FILE *users = fopen("/etc/passwd", "re");

        while (users && fgetpwent_r(users, &entry, memory, sizeof(memory), &found) == 0 &&
               found->pw_uid != uid)
                found = NULL;
        last_user.known = true;
        last_user.uid = uid;
        snprintf(last_user.name, sizeof(last_user.name), "%s", found ? found->pw_name : "");
        if (users)
                fclose(users);
}

static void put_user(uint32_t uid, FILE *stream)
{
        if (!last_user.known || last_user.uid != uid)
                look_up_user(uid);
        if (last_user.name[0] == '\0')
                fputs("null", stream);
        else
                sc_json_bytes(last_user.name, strlen(last_user.name), stream);
}

static void put_who(const struct sc_journal_entry *entry, FILE *stream)
{
        if (entry->client != 0)
                fprintf(stream, ", \"client\": %" PRIu64, entry->client);
        fprintf(stream, ", \"kind\": \"%s\", \"listener\": \"%s\"", entry->native ? "native" : "raw",
                entry->view ? "view" : "main");
        fprintf(stream, ", \"pid\": %" PRIu32 ", \"uid\": %" PRIu32 ", \"user\": ", entry->pid, entry->uid);
        put_user(entry->uid, stream);
        if (entry->role == 0)
                fputs(", \"role\": null", stream);
        else
                fprintf(stream, ", \"role\": \"%s\"", role_names[entry->role]);
}

static void put_text(const struct sc_journal_entry *entry, FILE *stream)
{
        switch (entry->kind) {
        case SC_JOURNAL_START:
                fputs(", \"instance\": \"", stream);
                for (size_t i = 0; i < entry->text_length; i++)
                        fprintf(stream, "%02x", (unsigned char)entry->text[i]);
                fputc('"', stream);
                return;
        case SC_JOURNAL_CONNECT:
        case SC_JOURNAL_ROLE:
                fputs(", \"label_claimed\": ", stream);
                sc_json_bytes(entry->text, entry->text_length, stream);
                return;
        case SC_JOURNAL_END:
                fprintf(stream, ", \"why\": \"%s\"", why_names[entry->why]);
                return;
        case SC_JOURNAL_MARK:
                fputs(", \"text\": ", stream);
                sc_json_text(entry->text, entry->text_length, stream);
                return;
        default: /* has none */
                return;
        }
}

size_t sc_event_format_json(const struct sc_journal_entry *entry, int64_t wall_offset_ns, char *line,
                            size_t size)
{
        char time[SC_TIME_FORMAT_BYTES];
        FILE *stream = fmemopen(line, size, "w");

        SC_ASSERT(size >= SC_EVENT_FORMAT_BYTES && entry->kind < SC_JOURNAL_KIND_COUNT);
        if (!stream)
                return 0;
        fprintf(stream, "{\"time\": \"%s\", \"event\": \"%s\"",
                sc_time_format_point((int64_t)entry->time_ns + wall_offset_ns, time),
                kinds[entry->kind].name);
        if (entry->client != 0 || entry->kind == SC_JOURNAL_REFUSED)
                put_who(entry, stream);
        if (kinds[entry->kind].number)
                fprintf(stream, ", \"%s\": %" PRIu64, kinds[entry->kind].number, entry->number);
        put_text(entry, stream);
        fprintf(stream, ", \"offset\": %" PRIu64 "}\n", entry->offset);
        fclose(stream);
        return strlen(line);
}
