#include "fuzz/fuzz.h"

#include "connect_value.h"
#include "file_argument.h"
#include "pace.h"
#include "time_format.h"

#include <stdlib.h>

/* What users write behind options: the first byte says which, the rest is the word. What is read is within its limits, and
 * written again it is read as the same. */

#define WORD_BYTES_MAX 8192

static uint64_t reread(sc_value_parse *parse, const char *text)
{
        uint64_t value = 0;
        claim(!parse(text, &value));
        return value;
}

static const char *parse_size(const char *text, void *result)
{
        return sc_value_size(text, result);
}

static const char *parse_time(const char *text, void *result)
{
        return sc_value_time(text, result);
}

static const char *look_at_count(const char *word)
{
        uint64_t count = 0;
        return sc_value_count(word, &count);
}

static const char *look_at_size(const char *word)
{
        char text[SC_VALUE_TEXT_BYTES];
        uint64_t bytes;
        const char *wrong = sc_value_size(word, &bytes);
        if (!wrong)
                claim(reread(parse_size, sc_value_size_text(bytes, text)) == bytes);
        return wrong;
}

static const char *look_at_size_with_unit(const char *word)
{
        uint64_t bytes, same;
        const char *wrong = sc_value_size_with_unit(word, &bytes);
        if (!wrong)
                claim(!sc_value_size(word, &same) && same == bytes);
        return wrong;
}

static const char *look_at_time(const char *word)
{
        char text[SC_VALUE_TEXT_BYTES];
        uint64_t time_ns;
        const char *wrong = sc_value_time(word, &time_ns);
        if (!wrong)
                claim(reread(parse_time, sc_value_time_text(time_ns, text)) == time_ns);
        return wrong;
}

static const char *look_at_time_or_forever(const char *word)
{
        uint64_t time_ns;
        return sc_value_time_or_forever(word, &time_ns);
}

static const char *look_at_moment(const char *word)
{
        struct moment_argument moment;
        const char *wrong = sc_value_moment(word, &moment);
        if (!wrong)
                (void)sc_value_moment_ns(&moment);
        return wrong;
}

/* A point in time that was read is printed as one that is read as the same, to the millisecond. */
static const char *look_at_point(const char *word)
{
        char text[SC_TIME_FORMAT_BYTES];
        uint64_t wall_ns, same;
        if (!sc_time_format_read_point(word, &wall_ns))
                return "none";
        if (wall_ns > INT64_MAX)
                return NULL;
        claim(sc_time_format_read_point(sc_time_format_point((int64_t)wall_ns, text), &same));
        claim(same / SC_NS_PER_MS == wall_ns / SC_NS_PER_MS);
        return NULL;
}

static const char *look_at_mode(const char *word)
{
        mode_t mode = 0;
        const char *wrong = sc_value_mode(word, &mode);
        claim(wrong || mode <= 0777);
        return wrong;
}

static void claim_path(const char *path, size_t size)
{
        claim(memchr(path, '\0', size));
}

static const char *look_at_guest(const char *word)
{
        static struct guest_argument guest;
        /* Whether this machine has a group, and gives it to us, is none of this fuzzer's. */
        if (strstr(word, "group="))
                return "left out";
        const char *wrong = sc_value_guest(word, &guest);
        if (wrong)
                return wrong;
        claim(guest.kind != GUEST_ARGUMENT_NONE);
        claim_path(guest.path, sizeof(guest.path));
        if (guest.kind == GUEST_ARGUMENT_TTY)
                claim(0 < guest.baud && guest.baud <= SC_VALUE_BAUD_MAX);
        if (guest.kind == GUEST_ARGUMENT_LISTEN)
                claim(guest.mode <= 0777 && guest.group == SC_VALUE_NO_GROUP);
        if (guest.kind == GUEST_ARGUMENT_FD)
                claim(guest.fd >= 0);
        return NULL;
}

static const char *look_at_history(const char *word)
{
        struct history_argument history;
        const char *wrong = sc_value_history(word, &history);
        claim(wrong || history.policy < SC_HISTORY_COUNT);
        return wrong;
}

/* A file of lines is always limited, a trace where that is asked for. */
static void claim_file(const struct file_argument *file, bool limited)
{
        claim_path(file->path, sizeof(file->path));
        claim(file->output == (file->path[0] == '\0'));
        claim(file->max_bytes >= SC_FILE_ARGUMENT_MAX_MIN || (!limited && file->max_bytes == 0));
        claim(file->output || (0 < file->keep && file->keep <= SC_FILE_ARGUMENT_KEEP_MAX));
}

static const char *look_at_file(const char *word)
{
        static struct file_argument log, events;
        const char *wrong = sc_file_argument_log(word, &log);
        if (!wrong) {
                claim_file(&log, true);
                claim(!log.input);
        }
        wrong = sc_file_argument_events(word, &events);
        if (!wrong) {
                claim_file(&events, true);
                claim(!events.timestamps && !events.input);
        }
        return wrong;
}

static const char *look_at_trace(const char *word)
{
        static struct file_argument trace;
        const char *wrong = sc_file_argument_trace(word, &trace);
        if (!wrong) {
                claim_file(&trace, false);
                claim(!trace.timestamps);
        }
        return wrong;
}

/* A recording begins at once at any speed, and time goes on. */
static const char *look_at_speed(const char *word)
{
        struct sc_pace pace = { .pause_max_ns = SC_VALUE_FOREVER };
        const char *wrong = sc_pace_parse_speed(word, &pace.speed);
        if (wrong)
                return wrong;
        claim(pace.speed == SC_PACE_MAX || (0.001 <= pace.speed && pace.speed <= 1000));
        claim(sc_pace_next(&pace, SC_NS_PER_MS) == 0);
        uint64_t played_ns = sc_pace_next(&pace, UINT64_C(3600) * SC_NS_PER_S);
        claim((played_ns == 0) == (pace.speed == SC_PACE_MAX));
        claim(sc_pace_next(&pace, UINT64_MAX) >= played_ns);
        return NULL;
}

static const char *look_at_start(const char *word)
{
        struct start_argument start;
        const char *wrong = sc_connect_value_start(word, &start);
        claim(wrong || (start.given && start.start <= SC_START_BOOT));
        return wrong;
}

static const char *look_at_escape(const char *word)
{
        struct escape_argument escape;
        char name[ESCAPE_NAME_BYTES];
        const char *wrong = sc_connect_value_escape(word, &escape);
        if (!wrong && !escape.none) {
                claim(escape.character != 0 && escape.character <= 0x7f);
                claim(strlen(sc_connect_value_escape_name(escape.character, name)) < sizeof(name));
        }
        return wrong;
}

static const char *look_at_send(const char *word)
{
        static struct send_argument send;
        const char *wrong = sc_connect_value_send(word, &send);
        claim(wrong || send.length <= SEND_BYTES_MAX);
        return wrong;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
        static const char *(*const readers[])(const char *) = {
                look_at_count,           look_at_size,    look_at_size_with_unit, look_at_time,
                look_at_time_or_forever, look_at_mode,    look_at_moment,         look_at_point,
                look_at_guest,           look_at_history, look_at_file,           look_at_start,
                look_at_escape,          look_at_send,    look_at_trace,          look_at_speed,
        };
        if (length == 0 || length > WORD_BYTES_MAX)
                return 0;
        char *word = malloc(length);
        claim(word);
        memcpy(word, input + 1, length - 1);
        word[length - 1] = '\0';
        const char *wrong = readers[input[0] % SC_COUNT(readers)](word);
        claim(!wrong || *wrong != '\0');
        free(word);
        return 0;
}
