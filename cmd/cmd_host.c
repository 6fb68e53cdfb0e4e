#include "command.h"
#include "event_format.h"
#include "file_argument.h"
#include "folder.h"
#include "io/host_driver.h"
#include "model/base/bounds.h"
#include "model/base/span.h"
#include "model/wire/status.h"
#include "report.h"
#include "time_format.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A pause of the guest is there to let a reader catch up, not to stop a machine. */
#define HOLD_NS_MAX (3600 * SC_NS_PER_S)

/* serialcon host, as asked for. */
struct host_config {
        struct guest_argument guest;
        uint64_t buffer_bytes;
        uint64_t keep_first_bytes;
        struct history_argument history;
        uint64_t hold_ns;
        enum sc_writers_policy writers;
        mode_t mode;
        gid_t group;
        const char *view; /* NULL: none */
        mode_t view_mode;
        gid_t view_group;
        unsigned clients_max;
        bool wait;
        uint64_t linger_ns; /* SC_VALUE_FOREVER; LINGER_NOT_SAID */
        struct file_argument log;
        struct file_argument events;
        struct file_argument trace;
};

#define LINGER_NOT_SAID (UINT64_MAX - 1)
#define LINGER_NS (600 * SC_NS_PER_S)

static struct host_config config = {
        .group = SC_VALUE_NO_GROUP,
        .view_group = SC_VALUE_NO_GROUP,
        .linger_ns = LINGER_NOT_SAID,
};

static const char *const writers_names[] = { [SC_WRITERS_ALL] = "all", [SC_WRITERS_ONE] = "one" };
static_assert(SC_COUNT(writers_names) == SC_WRITERS_COUNT, "a name for each --writers value");

#define FIELD(name) .field = offsetof(struct host_config, name)

static const struct sc_option options[] = {
        { .name = "guest",
          .once = true,
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_guest,
          .argument = "GUEST",
          FIELD(guest),
          .help = "where the guest's bytes come from; the kinds are below" },
        { .name = "buffer",
          .kind = SC_OPTION_SIZE,
          .argument = "SIZE",
          FIELD(buffer_bytes),
          .initial = "1M",
          .minimum = SC_BUFFER_BYTES_MIN,
          .maximum = SC_BUFFER_BYTES_MAX,
          .help = "keep the newest SIZE bytes of output" },
        { .name = "keep-first",
          .kind = SC_OPTION_SIZE,
          .argument = "SIZE",
          FIELD(keep_first_bytes),
          .initial = "0",
          .maximum = SC_BUFFER_BYTES_MAX,
          .help = "keep the first SIZE bytes as well, whatever comes later" },
        { .name = "history",
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_history,
          .argument = "all|boot|unread|none|SIZE",
          FIELD(history),
          .initial = "all",
          .help = "what a client that speaks plain bytes gets first: all that is kept, that of the newest "
                  "boot, what nobody has read yet, nothing, or what nobody has read and at least the last "
                  "SIZE bytes" },
        { .name = "hold",
          .kind = SC_OPTION_TIME,
          .argument = "TIME",
          FIELD(hold_ns),
          .initial = "0",
          .maximum = HOLD_NS_MAX,
          .help = "let the guest wait for up to TIME before a byte is overwritten that a reading client "
                  "lacks" },
        { .name = "writers",
          .kind = SC_OPTION_CHOICE,
          .choices = writers_names,
          .choice_count = SC_COUNT(writers_names),
          FIELD(writers),
          .initial = "all",
          .help = "who may type: every client, or one at a time" },
        { .name = "mode",
          .kind = SC_OPTION_OCTAL,
          .argument = "OCTAL",
          FIELD(mode),
          .initial = "0600",
          .help = "permissions of SOCKET and SOCKET.ctl" },
        { .name = "group",
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_group,
          .argument = "NAME",
          FIELD(group),
          .help = "their group, by name or number" },
        { .name = "view",
          .kind = SC_OPTION_STRING,
          .argument = "PATH",
          FIELD(view),
          .help = "make a second, read-only pair of sockets: PATH and PATH.ctl" },
        { .name = "view-mode",
          .kind = SC_OPTION_OCTAL,
          .argument = "OCTAL",
          FIELD(view_mode),
          .initial = "0600",
          .needs = "view",
          .help = "their permissions" },
        { .name = "view-group",
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_group,
          .argument = "NAME",
          FIELD(view_group),
          .needs = "view",
          .help = "their group" },
        { .name = "max-clients",
          .kind = SC_OPTION_COUNT,
          .argument = "N",
          FIELD(clients_max),
          .initial = "64",
          .minimum = 1,
          .maximum = SC_CLIENTS_MAX,
          .help = "how many clients there may be on SOCKET and SOCKET.ctl together, and as many again on the "
                  "view" },
        { .name = "wait",
          .kind = SC_OPTION_FLAG,
          FIELD(wait),
          .needs = "--",
          .help = "start COMMAND once the first client is there" },
        { .name = "linger",
          .kind = SC_OPTION_PARSED,
          .parse = sc_value_time_or_forever,
          .argument = "TIME|forever",
          FIELD(linger_ns),
          .needs = "--",
          .help = "after COMMAND's end, stay for at most TIME until a client has read its last words "
                  "(default 10m; only for clients that are there, where --log FILE has them)" },
        { .name = "log",
          .once = true,
          .kind = SC_OPTION_PARSED,
          .parse = sc_file_argument_log,
          .argument = "FILE[,max=SIZE][,keep=N][,timestamps]",
          FIELD(log),
          .help = "append what the guest says to FILE, in N files of at most SIZE (8 of 1M) that the host "
                  "rotates; SIGHUP opens FILE anew. `-`: on standard output, as lines with control "
                  "characters as \\xHH" },
        { .name = "events",
          .once = true,
          .kind = SC_OPTION_PARSED,
          .parse = sc_file_argument_events,
          .argument = "FILE[,max=SIZE][,keep=N]",
          FIELD(events),
          .help = "append a line of JSON to FILE, or with `-` to standard output, for each client that "
                  "comes, acts or goes, and for each guest; FILE is rotated as that of --log" },
        { .name = "trace",
          .once = true,
          .kind = SC_OPTION_PARSED,
          .parse = sc_file_argument_trace,
          .argument = "FILE[,max=SIZE][,keep=N][,input]",
          FIELD(trace),
          .help = "write all that happens to FILE, or with `-` to standard output, for `serialcon replay`; "
                  "what FILE held is moved to FILE.1, of N files in all (4). It ends before it is longer "
                  "than SIZE. What is typed, passwords too, is in it only with `input`" },
};

static const struct command_note notes[] = {
        { NULL, "GUEST is one of these; -- COMMAND ARG... instead runs the VMM with its standard input and "
                "output as the serial line." },
        { "unix:PATH", "the socket on which the VMM listens; it may appear later, go, and return" },
        { "listen:PATH[,mode=OCTAL][,group=NAME]", "a socket for the VMM to connect to (mode 0600)" },
        { "pty:PATH", "a pseudo-terminal that the VMM made" },
        { "tty:PATH[,BAUD]", "a serial line (115200 baud)" },
        { "stdio", "its output on standard input, its input to standard output" },
        { "fd:N", "both on the open descriptor N" },
        { NULL, "SIZE is in bytes, or has a K, M or G behind it, powers of 1024. TIME has ms, s, m, h or d "
                "behind it." },
};

/* The names that come into being for a socket, its own included. */
static const char *const suffixes[] = { "", ".ctl", ".lock", ".ctl.lock" };
#define SUFFIX_BYTES_MAX (sizeof(".ctl.lock") - 1)

static bool same_name(const char *a, const char *a_suffix, const char *b, const char *b_suffix)
{
        size_t a_length = strlen(a), b_length = strlen(b);
        char a_name[PATH_MAX + SUFFIX_BYTES_MAX + 1], b_name[PATH_MAX + SUFFIX_BYTES_MAX + 1];

        if (a_length + strlen(a_suffix) != b_length + strlen(b_suffix))
                return false;
        snprintf(a_name, sizeof(a_name), "%s%s", a, a_suffix);
        snprintf(b_name, sizeof(b_name), "%s%s", b, b_suffix);
        return strcmp(a_name, b_name) == 0;
}

/* Two sockets, or what is made beside them, would have one name. Names that differ as text are told apart by
 * the locks. */
static bool collide(const char *a, const char *b)
{
        for (size_t i = 0; i < SC_COUNT(suffixes); i++) {
                for (size_t j = 0; j < SC_COUNT(suffixes); j++) {
                        if (same_name(a, suffixes[i], b, suffixes[j]))
                                return true;
                }
        }
        return false;
}

/* 0, or reported: a socket can be made at `path`, as far as its text and its folder say. */
static int check_path(const char *what, const char *path)
{
        const char *name = sc_folder_name(path);

        if (strlen(path) + SUFFIX_BYTES_MAX >= PATH_MAX || strlen(name) + SUFFIX_BYTES_MAX > NAME_MAX)
                return sc_report_usage(what, "the path is too long");
        if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return sc_report_usage(what, "this is a folder, not the name of a socket");
        return sc_folder_check(what, path);
}

static int check_view(const struct host_config *host, const char *socket)
{
        char what[PATH_MAX + sizeof("--view ")];

        snprintf(what, sizeof(what), "--view %s", host->view);
        if (collide(host->view, socket))
                return sc_report_usage(what, "it would take a name of SOCKET (%s)", socket);
        return check_path(what, host->view);
}

static int check_guest(const struct host_config *host, const char *socket)
{
        const struct guest_argument *guest = &host->guest;
        char what[SC_VALUE_PATH_BYTES + sizeof("--guest listen:")];

        switch (guest->kind) {
        case GUEST_ARGUMENT_UNIX:
        case GUEST_ARGUMENT_LISTEN:
                snprintf(what, sizeof(what), "--guest %s:%s",
                         guest->kind == GUEST_ARGUMENT_UNIX ? "unix" : "listen", guest->path);
                if (collide(guest->path, socket))
                        return sc_report_usage(what, "it would take a name of SOCKET (%s)", socket);
                if (host->view != NULL && collide(guest->path, host->view))
                        return sc_report_usage(what, "it would take a name of --view (%s)", host->view);
                return guest->kind == GUEST_ARGUMENT_UNIX ? 0 : check_path(what, guest->path);
        case GUEST_ARGUMENT_FD:
                snprintf(what, sizeof(what), "--guest fd:%d", guest->fd);
                if (fcntl(guest->fd, F_GETFD) < 0)
                        return sc_report_usage(what, "this descriptor is not open");
                return 0;
        case GUEST_ARGUMENT_NONE:
        case GUEST_ARGUMENT_PTY:
        case GUEST_ARGUMENT_TTY:
        case GUEST_ARGUMENT_STDIO:
                break;
        }
        return 0;
}

/* Whether the file, or one that it becomes, has the name of a socket that is made or asked, or of what is
 * made beside it. */
static bool is_taken(const struct host_config *host, const char *socket, const char *file)
{
        char name[PATH_MAX + SUFFIX_BYTES_MAX + 1];
        bool at_path = host->guest.kind == GUEST_ARGUMENT_LISTEN || host->guest.kind == GUEST_ARGUMENT_UNIX;
        const char *const sockets[] = { socket, host->view, at_path ? host->guest.path : NULL };

        for (size_t i = 0; i < SC_COUNT(sockets); i++) {
                for (size_t j = 0; sockets[i] != NULL && j < SC_COUNT(suffixes); j++) {
                        snprintf(name, sizeof(name), "%s%s", sockets[i], suffixes[j]);
                        if (sc_file_argument_has_name(file, name))
                                return true;
                }
        }
        return false;
}

/* The file of `option`, where it was given. */
static int check_file(const struct host_config *host, const char *socket, const char *option,
                      const struct file_argument *file)
{
        char what[SC_VALUE_PATH_BYTES + 16];
        const struct guest_argument *guest = &host->guest;

        snprintf(what, sizeof(what), "--%s %s", option, file->output ? "-" : file->path);
        if (file->output && (guest->kind == GUEST_ARGUMENT_STDIO ||
                             (guest->kind == GUEST_ARGUMENT_FD && guest->fd == STDOUT_FILENO)))
                return sc_report_usage(what, "standard output is the guest's input");
        if (file->path[0] != '\0' && is_taken(host, socket, file->path))
                return sc_report_usage(what, "a socket takes this name");
        return sc_file_argument_check(option, file);
}

static int check_files(const struct host_config *host, const char *socket)
{
        int status = check_file(host, socket, "log", &host->log);

        if (status == 0)
                status = check_file(host, socket, "events", &host->events);
        if (status == 0)
                status = check_file(host, socket, "trace", &host->trace);
        if (status == 0 && host->trace.output && isatty(STDOUT_FILENO))
                return sc_report_usage("--trace -",
                                       "standard output is a terminal; redirect it to a file or pipe");
        if (status == 0)
                status = sc_file_argument_check_pair("events", &host->events, "log", &host->log);
        if (status == 0)
                status = sc_file_argument_check_pair("trace", &host->trace, "log", &host->log);
        if (status == 0)
                status = sc_file_argument_check_pair("trace", &host->trace, "events", &host->events);
        return status;
}

static int check(const struct host_config *host, const char *socket, bool has_command)
{
        int status = check_path(socket, socket);

        if (status == 0 && host->guest.kind == GUEST_ARGUMENT_NONE && !has_command)
                return sc_report_usage("host", "no guest side: give --guest GUEST or -- COMMAND");
        if (status == 0 && host->guest.kind != GUEST_ARGUMENT_NONE && has_command)
                return sc_report_usage("host", "two guest sides: give --guest GUEST or -- COMMAND, not both");
        if (status == 0)
                status = check_guest(host, socket);
        if (status == 0 && host->view != NULL)
                status = check_view(host, socket);
        if (status == 0)
                status = check_files(host, socket);
        return status;
}

static const enum sc_guest_kind guest_kinds[] = {
        [GUEST_ARGUMENT_UNIX] = SC_GUEST_UNIX,  [GUEST_ARGUMENT_LISTEN] = SC_GUEST_LISTEN,
        [GUEST_ARGUMENT_PTY] = SC_GUEST_PTY,    [GUEST_ARGUMENT_TTY] = SC_GUEST_TTY,
        [GUEST_ARGUMENT_STDIO] = SC_GUEST_PIPE, [GUEST_ARGUMENT_FD] = SC_GUEST_PIPE,
};

static struct sc_guest_spec guest_spec(const struct guest_argument *guest, char **command)
{
        if (command)
                return (struct sc_guest_spec) { .kind = SC_GUEST_COMMAND, .argv = command };
        bool stdio = guest->kind == GUEST_ARGUMENT_STDIO;
        return (struct sc_guest_spec) {
                .kind = guest_kinds[guest->kind],
                .path = guest->path[0] != '\0' ? guest->path : NULL,
                .mode = guest->mode,
                .group = guest->group,
                .baud = guest->baud,
                .output_fd = stdio ? STDIN_FILENO : guest->fd,
                .input_fd = stdio ? STDOUT_FILENO : guest->fd,
        };
}

static size_t stamp(int64_t wall_ns, char text[static SC_GUEST_LOG_STAMP_BYTES])
{
        char point[SC_TIME_FORMAT_BYTES];

        return (size_t)snprintf(text, SC_GUEST_LOG_STAMP_BYTES, "%s ", sc_time_format_point(wall_ns, point));
}

static_assert(SC_HOST_FILES_EVENT_BYTES >= SC_EVENT_FORMAT_BYTES, "room for a line");

static void configure(struct sc_host_driver_config *driver, const struct host_config *host,
                      const char *socket, char **command)
{
        bool said = host->linger_ns != LINGER_NOT_SAID;

        *driver = (struct sc_host_driver_config) {
                .host = { .capacity_bytes = host->buffer_bytes,
                          .keep_first_bytes = host->keep_first_bytes,
                          .history = host->history.policy,
                          .history_bytes = host->history.last_bytes,
                          .hold_ns = host->hold_ns,
                          .writers = host->writers,
                          .clients_max = host->clients_max,
                          .log = host->log.output                        ? SC_LOG_OUTPUT
                                 : sc_file_argument_is_given(&host->log) ? SC_LOG_FILE
                                                                         : SC_LOG_NONE,
                          .journal = sc_file_argument_is_given(&host->events),
                          .trace = sc_file_argument_is_given(&host->trace),
                          .trace_input = host->trace.input,
                          .program = SC_PROGRAM },
                .socket = { .path = socket, .mode = host->mode, .group = host->group },
                .view = { .path = host->view, .mode = host->view_mode, .group = host->view_group },
                .guest = guest_spec(&host->guest, command),
                .wait = host->wait,
                .linger_ns = said ? host->linger_ns : LINGER_NS,
                .log_suffices = !said && host->log.path[0] != '\0',
                .files = { .log = { .file = sc_file_argument_lines(&host->log),
                                    .stamp = host->log.timestamps ? stamp : NULL },
                           .events = sc_file_argument_lines(&host->events),
                           .trace = sc_file_argument_records(&host->trace),
                           .format = sc_event_format_json,
                           .report = sc_file_argument_report },
        };
}

/* What went wrong, in the words of who asked for it. */
static const char *reason_of(int error)
{
        switch (error) {
        case EADDRINUSE:
                return "another process listens here, or is about to";
        case EEXIST:
                return "there is something here that is no socket, and it is left alone";
        case ENOTSUP:
                return "its .lock is no regular file";
        default:
                return sc_file_argument_error_text(error);
        }
}

/* The status of a host that could not run, where COMMAND's own status is what it would end with. */
#define HOST_FAILED_WITH_COMMAND 125

static int finish(struct sc_host_driver_result result, bool has_command)
{
        if (result.error != 0)
                sc_report(result.what, "%s", reason_of(-result.error));
        if (result.error == 0 || result.command_status != 0)
                return result.command_status;
        return has_command ? HOST_FAILED_WITH_COMMAND : SC_EXIT_FAILED;
}

static int run(void *host_config, int argc, char **argv)
{
        const struct host_config *host = host_config;
        const char *socket = argv[0];
        char **command = argc > 1 ? argv + 1 : NULL; /* ends at NULL */
        int status = check(host, socket, command != NULL);

        if (status != 0)
                return status;

        struct sc_host_driver_config driver;
        configure(&driver, host, socket, command);
        return finish(sc_host_driver_run(&driver), command != NULL);
}

const struct command command_host = {
        .name = "host",
        .summary = "keep what a guest prints, and offer it on SOCKET",
        .usage = "[OPTIONS] SOCKET [-- COMMAND ARG...]",
        .operands = { "SOCKET" },
        .operands_min = 1,
        .operands_max = 1,
        .takes_command = true,
        .notes = notes,
        .note_count = SC_COUNT(notes),
        .table = { options, SC_COUNT(options) },
        .config = &config,
        .run = run,
};
