#include "command.h"
#include "connect_value.h"
#include "connect_words.h"
#include "console_name.h"
#include "file_argument.h"
#include "io/session_driver.h"
#include "io/tty.h"
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Between attempts to connect: to a socket, and to run a command, which has a longer way. */
#define BACKOFF_MIN_NS (20 * SC_NS_PER_MS)
#define BACKOFF_MAX_NS SC_NS_PER_S
#define COMMAND_BACKOFF_MIN_NS (250 * SC_NS_PER_MS)
#define COMMAND_BACKOFF_MAX_NS (15 * SC_NS_PER_S)

#define EOF_QUIT_IDLE_NS SC_NS_PER_S

struct connect_config {
        struct start_argument from;
        uint64_t show_bytes;
        struct escape_argument escape;
        bool wait, no_reconnect, read_only, eof_quits;
        const char *state, *until, *fail, *via, *label;
        uint64_t timeout_ns, idle_ns;
        struct send_argument send;
        struct file_argument trace;
};

static struct connect_config config;

#define FIELD(name) .field = offsetof(struct connect_config, name)

static const struct sc_option options[] = {
        { .name = "from",
          .kind = SC_OPTION_PARSED,
          .argument = "WHERE",
          .parse = sc_connect_value_start,
          .help = "begin at: auto, unread, start, boot, end, an offset, last:SIZE or since:TIME (auto: on a "
                  "terminal what is unread, and a screenful at least; with --until or --fail the end; else "
                  "the start)",
          FIELD(from) },
        { .name = "show",
          .kind = SC_OPTION_SIZE,
          .argument = "SIZE",
          .initial = "64K",
          .help = "on a terminal, begin with at most SIZE of what is kept",
          FIELD(show_bytes) },
        { .name = "wait",
          .kind = SC_OPTION_FLAG,
          .help = "wait for a console that is not there yet",
          FIELD(wait) },
        { .name = "no-reconnect",
          .kind = SC_OPTION_FLAG,
          .help = "end when the host or the guest is gone",
          FIELD(no_reconnect) },
        { .name = "read-only",
          .kind = SC_OPTION_FLAG,
          .help = "type nothing, and leave unread what is read",
          FIELD(read_only) },
        { .name = "as",
          .kind = SC_OPTION_STRING,
          .argument = "LABEL",
          .help = "what status is to call this client",
          FIELD(label) },
        { .name = "escape",
          .kind = SC_OPTION_PARSED,
          .argument = "CHAR",
          .parse = sc_connect_value_escape,
          .help = "the escape character: one character, ^X for Ctrl-X, or none; a printable one counts at "
                  "the beginning of a line alone (^], or SERIALCON_ESCAPE)",
          FIELD(escape) },
        { .name = "state",
          .kind = SC_OPTION_STRING,
          .argument = "FILE",
          .help = "remember in FILE how far this call came, and go on there the next time",
          FIELD(state) },
        { .name = "until",
          .kind = SC_OPTION_STRING,
          .argument = "REGEX",
          .help = "end with 0 behind a line that matches, unfinished ones included",
          FIELD(until) },
        { .name = "fail",
          .kind = SC_OPTION_STRING,
          .argument = "REGEX",
          .help = "end with 1 behind a line that matches",
          FIELD(fail) },
        { .name = "timeout",
          .kind = SC_OPTION_TIME,
          .argument = "TIME",
          .minimum = SC_NS_PER_MS,
          .help = "end with 3 after TIME",
          FIELD(timeout_ns) },
        { .name = "idle",
          .kind = SC_OPTION_TIME,
          .argument = "TIME",
          .minimum = SC_NS_PER_MS,
          .help = "end with 3 after TIME without output",
          FIELD(idle_ns) },
        { .name = "send",
          .kind = SC_OPTION_PARSED,
          .argument = "TEXT",
          .parse = sc_connect_value_send,
          .help = "type TEXT and CR first (\\r \\n \\t \\\\ \\xHH; no CR behind a final \\c)",
          FIELD(send) },
        { .name = "eof-quit",
          .kind = SC_OPTION_FLAG,
          .help = "end with 0 once the guest has taken all input and was then silent for --idle (1s)",
          FIELD(eof_quits) },
        { .name = "trace",
          .once = true,
          .kind = SC_OPTION_PARSED,
          .parse = sc_file_argument_trace,
          .argument = "FILE[,max=SIZE][,keep=N][,input]",
          .help = "write what this client sees to FILE, for `serialcon replay`; what FILE held is moved to "
                  "FILE.1, of N files in all (4). It ends before it is longer than SIZE. What is typed, "
                  "passwords among it, is in it only with input",
          FIELD(trace) },
        { .name = "via",
          .kind = SC_OPTION_STRING,
          .argument = "COMMAND",
          .help = "reach the host through COMMAND's standard input and output: --via 'ssh node serialcon "
                  "pipe NAME', without SOCKET",
          FIELD(via) },
};

static const struct command_note notes[] = {
        { NULL, "On a terminal keys go to the guest as they are. Behind the escape character, Ctrl-]:" },
        { ". or q", "quit" },
        { "?", "show these" },
        { "b", "send a BREAK" },
        { "B KEY", "send a BREAK and KEY (Linux: SysRq)" },
        { "w", "take the writer's role (--writers one)" },
        { "r", "tell the guest the window's size: types stty rows R cols C" },
        { "Ctrl-Z", "suspend" },
        { "Ctrl-]", "send it to the guest" },
        { NULL, "Otherwise standard input goes to the guest and what it says to standard output, unchanged. "
                "When the connection is lost it is made again, and the output goes on at the byte where it "
                "was. SOCKET.ctl is spoken to where it is there, else whatever listens on SOCKET." },
};

/* --- how it ended --- */

static int absent(const char *name, const char *word)
{
        char near[512];
        if (word && config.state && access(name, F_OK) == 0) {
                sc_report(name, "--state needs a serialcon host, and there is no %s.ctl", name);
                return SC_EXIT_GONE;
        }
        if (word && sc_console_name_near(word, near, sizeof(near)))
                sc_report(name, "no console is here; there are: %s", near);
        else
                sc_report(name, word ? "no console is here" : "the command has brought no console");
        return SC_EXIT_GONE;
}

static int ended(const char *name, const char *word, const struct sc_session_driver_result *result)
{
        switch (result->why) {
        case SC_ATTACHMENT_ABSENT:
                return absent(name, word);
        case SC_ATTACHMENT_NOT_ANSWERED:
                sc_report(name,
                          word ? "it was closed before it answered" : "the command has brought no console");
                return SC_EXIT_GONE;
        case SC_ATTACHMENT_INPUT_LOST:
                sc_report(name, "ended in the middle of its input: it may not have arrived");
                return SC_EXIT_GONE;
        case SC_ATTACHMENT_HOST_GONE:
                sc_report(name, "the connection has ended");
                return SC_EXIT_GONE;
        case SC_ATTACHMENT_GUEST_GONE:
                sc_report(name, "the guest is gone");
                return SC_EXIT_GONE;
        case SC_ATTACHMENT_GUEST_ENDED:
                sc_report(name, "the guest has ended");
                return SC_EXIT_GONE;
        case SC_ATTACHMENT_TAKEN:
                sc_report(name, "another client has taken this console over");
                return SC_EXIT_REFUSED;
        case SC_ATTACHMENT_TURNED_AWAY:
                sc_report(name, "its other side closes each connection");
                return SC_EXIT_REFUSED;
        case SC_ATTACHMENT_HIDDEN:
                sc_report(name,
                          "closed by its other side, of which the kernel shows nothing here (another network "
                          "namespace?): not connecting again, to throw nobody out");
                return SC_EXIT_REFUSED;
        case SC_ATTACHMENT_REFUSED:
                sc_report(name, "%s", result->text);
                return SC_EXIT_REFUSED;
        case SC_ATTACHMENT_BEYOND:
                sc_report(name, "the output has not come to that offset");
                return SC_EXIT_FAILED;
        case SC_ATTACHMENT_BROKEN:
                break;
        }
        sc_report(name, "who answers here is no serialcon host");
        return SC_EXIT_FAILED;
}

static const char *socket_error_text(int error)
{
        if (error == EAGAIN) /* its queue is full */
                return "the host does not answer";
        return strerror(error);
}

/* Of --state and --trace, for which no link is followed. */
static const char *file_error_text(int error)
{
        switch (error) {
        case EBADMSG:
                return "not a state file";
        case EBUSY:
                return "in use by another process";
        default:
                return sc_file_argument_error_text(error);
        }
}

static int status_of(const char *name, const char *word, const struct sc_session_driver_result *result)
{
        char time[SC_VALUE_TEXT_BYTES];
        switch (result->end) {
        case SC_SESSION_QUIT:
        case SC_SESSION_FOUND:
        case SC_SESSION_OUTPUT_CLOSED:
                return SC_EXIT_DONE;
        case SC_SESSION_INPUT_DROPPED:
                sc_report(name, "the guest did not get all input");
                return SC_EXIT_REFUSED;
        case SC_SESSION_FOUND_FAILURE:
                sc_report(name, "a line matches --fail %s", config.fail);
                return SC_EXIT_FAILED;
        case SC_SESSION_TIMED_OUT:
                sc_report(name, "timed out after %s", sc_value_time_text(config.timeout_ns, time));
                return SC_EXIT_TIMEOUT;
        case SC_SESSION_IDLE:
                sc_report(name, "no output for %s", sc_value_time_text(config.idle_ns, time));
                return SC_EXIT_TIMEOUT;
        case SC_SESSION_ENDED:
                return ended(name, word, result);
        case SC_SESSION_SIGNALLED:
                return 128 + result->signal;
        case SC_SESSION_FAILED:
                break;
        }
        bool is_socket = result->what == name;
        sc_report(result->what, "%s",
                  is_socket ? socket_error_text(-result->error) : file_error_text(-result->error));
        return SC_EXIT_FAILED;
}

/* --- what it begins with --- */

/* 0 or SC_EXIT_USAGE. */
static int settle_escape(struct connect_config *wanted, struct sc_escape *escape)
{
        const char *word = getenv("SERIALCON_ESCAPE");
        bool given = wanted->escape.none || wanted->escape.character != 0;
        if (!given && word && *word != '\0') {
                const char *wrong = sc_connect_value_escape(word, &wanted->escape);
                if (wrong)
                        return sc_report_usage("SERIALCON_ESCAPE", "%s: %s", word, wrong);
                given = true;
        }
        *escape = (struct sc_escape) {
                .none = wanted->escape.none,
                .character = given ? wanted->escape.character : SC_ESCAPE_DEFAULT,
        };
        return 0;
}

static void settle_start(const struct connect_config *wanted, bool terminal,
                         struct sc_attachment_config *attachment)
{
        unsigned rows = 24, columns = 80;
        if (terminal)
                sc_tty_size(STDOUT_FILENO, &rows, &columns);
        attachment->surveys = terminal && !wanted->state;
        attachment->show_bytes = wanted->show_bytes;
        attachment->least_bytes = (uint64_t)rows * columns;
        attachment->start = wanted->from.start;
        attachment->start_value = wanted->from.value;
        bool automatic = !wanted->from.given || wanted->from.start == SC_START_AUTO;
        if (!automatic)
                return;
        bool searches = wanted->until || wanted->fail;
        if (wanted->state)
                attachment->start = SC_START_BEGINNING; /* the first time */
        else if (searches)
                attachment->start = SC_START_END; /* a stale prompt is none */
        else
                attachment->start = terminal ? SC_START_AUTO : SC_START_BEGINNING;
}

static struct sc_attachment_config attachment_of(const struct connect_config *wanted, bool terminal)
{
        struct sc_attachment_config attachment = {
                .role = wanted->read_only ? SC_ROLE_VIEWER : SC_ROLE_CLIENT,
                .label = wanted->label,
                .waits = wanted->wait,
                .reconnects = !wanted->no_reconnect,
                .input_is_whole = !terminal,
                .backoff_min_ns = wanted->via ? COMMAND_BACKOFF_MIN_NS : BACKOFF_MIN_NS,
                .backoff_max_ns = wanted->via ? COMMAND_BACKOFF_MAX_NS : BACKOFF_MAX_NS,
        };
        settle_start(wanted, terminal, &attachment);
        return attachment;
}

static int check(const struct connect_config *wanted, const char *word)
{
        if (!word && !wanted->via)
                return sc_report_usage("connect", "SOCKET is missing: serialcon connect [OPTIONS] SOCKET");
        if (word && wanted->via)
                return sc_report_usage(word, "--via takes the place of SOCKET");
        if (wanted->label && strlen(wanted->label) > SC_LABEL_BYTES_MAX)
                return sc_report_usage("--as", "longer than %d bytes", SC_LABEL_BYTES_MAX);
        if (wanted->read_only && wanted->send.length > 0)
                return sc_report_usage("--send", "with --read-only nothing is typed");
        if (wanted->trace.output)
                return sc_report_usage("--trace -", "standard output is the guest's output");
        if (wanted->state && sc_file_argument_is_given(&wanted->trace) &&
            sc_file_argument_has_name(wanted->trace.path, wanted->state))
                return sc_report_usage("--trace", "--state has this file: %s", wanted->state);
        return sc_file_argument_check("trace", &wanted->trace);
}

static int run(void *connect_config, int argc, char **argv)
{
        static char path[PATH_MAX];
        static char keys[SC_SESSION_TEXT_BYTES];
        struct connect_config *wanted = connect_config;
        const char *word = argc > 0 ? argv[0] : NULL;
        bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

        int status = check(wanted, word);
        if (status != 0)
                return status;
        struct sc_session_driver_config driver = {
                .path = word ? sc_console_name_resolve(word, path) : NULL,
                .command = wanted->via,
                .attachment = attachment_of(wanted, terminal),
                .state_path = wanted->state,
                .trace = sc_file_argument_records(&wanted->trace),
                .trace_input = wanted->trace.input,
                .program = SC_PROGRAM,
                .report = sc_file_argument_report,
                .timeout_ns = wanted->timeout_ns == 0 ? UINT64_MAX : wanted->timeout_ns,
                .idle_ns = wanted->idle_ns != 0 ? wanted->idle_ns
                           : wanted->eof_quits  ? EOF_QUIT_IDLE_NS
                                                : UINT64_MAX,
                .eof_quits = wanted->eof_quits,
                .send = wanted->send.bytes,
                .send_length = wanted->send.length,
                .notice_text = sc_connect_words_notice,
                .survey_text = sc_connect_words_survey,
                .keys_text = keys,
        };
        status = settle_escape(wanted, &driver.escape);
        if (status != 0)
                return status;
        sc_connect_words_keys(&driver.escape, keys);

        const char *wrong = NULL;
        char error[SC_SEARCH_ERROR_BYTES];
        if (wanted->until || wanted->fail) {
                driver.search = sc_search_new(wanted->until, wanted->fail, &wrong, error);
                if (!driver.search)
                        return sc_report_usage(wrong == wanted->until ? "--until" : "--fail", "%s: %s", wrong,
                                               error);
        }
        struct sc_session_driver_result result = sc_session_driver_run(&driver);
        sc_search_free(driver.search);
        return status_of(word ? driver.path : wanted->via, word, &result);
}

const struct command command_connect = {
        .name = "connect",
        .summary = "be a client of the console on SOCKET",
        .usage = "[OPTIONS] SOCKET",
        .operands = { "SOCKET" },
        .operands_min = 0, /* --via takes its place */
        .operands_max = 1,
        .notes = notes,
        .note_count = SC_COUNT(notes),
        .table = { options, SC_COUNT(options) },
        .config = &config,
        .run = run,
};
