#include "value.h"

#include "io/clock.h"

#include "model/base/bounds.h"
#include "model/base/span.h"
#include "time_format.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

static const char too_large[] = "too large";
static const char expected_count[] = "expected a number";
static const char expected_size[] = "expected a size such as 4096, 64K, 1M or 1G";
static const char expected_unit[] = "expected a size with its unit, such as 512B, 64K, 1M or 1G";
static const char expected_moment[] =
        "expected a time ago such as 10m, or a point in time such as 2026-05-04T12:30:00 or ...00+02:00";
static const char expected_time[] = "expected a time such as 500ms, 2s, 10m, 1h or 1d";
static const char expected_mode[] = "expected an octal mode from 0 to 0777";
static const char expected_guest[] =
        "expected unix:PATH, listen:PATH[,mode=OCTAL][,group=NAME], pty:PATH, tty:PATH[,BAUD], stdio or fd:N";
static const char expected_history[] = "expected all, boot, unread, none or a size such as 64K";
static const char path_missing[] = "the path is missing";
static const char path_too_long[] = "the path is too long";

/* Reads the digits at the start of `*text`, at least one, and moves it behind them. */
static const char *take_digits(const char **text, unsigned base, const char *expected, uint64_t *number)
{
        const char *digit = *text;
        uint64_t value = 0;

        for (; *digit >= '0' && *digit < '0' + (int)base; digit++) {
                if (__builtin_mul_overflow(value, base, &value) ||
                    __builtin_add_overflow(value, (uint64_t)(*digit - '0'), &value))
                        return too_large;
        }
        if (digit == *text)
                return expected;
        *text = digit;
        *number = value;
        return NULL;
}

struct unit {
        const char *name;
        uint64_t factor;
};

static const struct unit size_units[] = {
        { "", 1 },
        { "B", 1 },
        { "K", UINT64_C(1) << 10 },
        { "M", UINT64_C(1) << 20 },
        { "G", UINT64_C(1) << 30 },
};

static const struct unit time_units[] = {
        { "ms", SC_NS_PER_MS },      { "s", SC_NS_PER_S },         { "m", 60 * SC_NS_PER_S },
        { "h", 3600 * SC_NS_PER_S }, { "d", 86400 * SC_NS_PER_S },
};

const char *sc_value_count(const char *text, uint64_t *count)
{
        uint64_t number;
        const char *wrong = take_digits(&text, 10, expected_count, &number);

        if (wrong != NULL)
                return wrong;
        if (*text != '\0')
                return expected_count;
        *count = number;
        return NULL;
}

const char *sc_value_size(const char *text, uint64_t *bytes)
{
        uint64_t number;
        const char *wrong = take_digits(&text, 10, expected_size, &number);

        if (wrong != NULL)
                return wrong;
        for (size_t i = 0; i < SC_COUNT(size_units); i++) {
                if (strcasecmp(text, size_units[i].name) != 0)
                        continue;
                if (__builtin_mul_overflow(number, size_units[i].factor, &number))
                        return too_large;
                *bytes = number;
                return NULL;
        }
        return expected_size;
}

const char *sc_value_time(const char *text, uint64_t *time_ns)
{
        uint64_t number;
        const char *wrong = take_digits(&text, 10, expected_time, &number);

        if (wrong != NULL)
                return wrong;
        for (size_t i = 0; i < SC_COUNT(time_units); i++) {
                if (strcmp(text, time_units[i].name) != 0)
                        continue;
                if (__builtin_mul_overflow(number, time_units[i].factor, &number))
                        return too_large;
                *time_ns = number;
                return NULL;
        }
        if (*text == '\0' && number == 0) {
                *time_ns = 0;
                return NULL;
        }
        return expected_time;
}

const char *sc_value_size_with_unit(const char *text, void *result)
{
        size_t length = strlen(text);

        if (length > 0 && text[length - 1] >= '0' && text[length - 1] <= '9')
                return expected_unit;
        return sc_value_size(text, result);
}

const char *sc_value_moment(const char *text, void *result)
{
        struct moment_argument moment = { .ago = false };

        if (sc_value_time(text, &moment.ns) == NULL)
                moment.ago = true;
        else if (!sc_time_format_read_point(text, &moment.ns))
                return expected_moment;
        *(struct moment_argument *)result = moment;
        return NULL;
}

uint64_t sc_value_moment_ns(const struct moment_argument *moment)
{
        uint64_t now_ns = sc_clock_now_ns() + (uint64_t)sc_clock_wall_offset_ns();

        return moment->ago ? sc_sub_sat_u64(now_ns, moment->ns) : moment->ns;
}

const char *sc_value_time_or_forever(const char *text, void *result)
{
        uint64_t *time_ns = result;

        if (strcmp(text, "forever") != 0)
                return sc_value_time(text, time_ns);
        *time_ns = SC_VALUE_FOREVER;
        return NULL;
}

const char *sc_value_mode(const char *text, mode_t *mode)
{
        uint64_t number;

        if (take_digits(&text, 8, expected_mode, &number) != NULL || *text != '\0' || number > 0777)
                return expected_mode;
        *mode = (mode_t)number;
        return NULL;
}

/* Whether this process may give a file of its own to `group`: the kernel alone knows (capabilities, user
 * namespaces), so it is asked with a file that nobody else sees. */
static const char *group_reach(gid_t group)
{
        int file = memfd_create("serialcon-group", MFD_CLOEXEC);
        if (file < 0)
                return "cannot be checked: no memory file";

        const char *wrong = NULL;
        if (fchown(file, (uid_t)-1, group) != 0)
                wrong = errno == EPERM ? "this process is not a member of that group" : "no such group here";
        close(file);
        return wrong;
}

const char *sc_value_group(const char *text, void *result)
{
        uint64_t number;
        const struct group *entry = getgrnam(text);

        if (entry != NULL)
                number = entry->gr_gid;
        else if (sc_value_count(text, &number) != NULL)
                return "no such group";
        if (number >= SC_VALUE_NO_GROUP)
                return "too large for a group";

        const char *wrong = group_reach((gid_t)number);
        if (wrong == NULL)
                *(gid_t *)result = (gid_t)number;
        return wrong;
}

const char *sc_value_path(const char *text, const char *end, char path[static SC_VALUE_PATH_BYTES])
{
        size_t length = (size_t)(end - text);

        if (length == 0)
                return path_missing;
        if (length >= SC_VALUE_PATH_BYTES)
                return path_too_long;
        memcpy(path, text, length);
        path[length] = '\0';
        return NULL;
}

static const char *end_of(const char *text)
{
        return text + strlen(text);
}

static const char *parse_path(const char *text, struct guest_argument *guest)
{
        return sc_value_path(text, end_of(text), guest->path);
}

/* One of listen's settings, whole. */
static const char *parse_listen_setting(const char *setting, struct guest_argument *guest)
{
        if (strncmp(setting, "mode=", 5) == 0)
                return sc_value_mode(setting + 5, &guest->mode);
        if (strncmp(setting, "group=", 6) == 0)
                return sc_value_group(setting + 6, &guest->group);
        return "expected mode=OCTAL or group=NAME behind the comma";
}

static const char *parse_listen(const char *text, struct guest_argument *guest)
{
        char setting[LOGIN_NAME_MAX + sizeof("group=")];
        const char *end = strchrnul(text, ',');
        const char *wrong = sc_value_path(text, end, guest->path);

        guest->mode = SC_VALUE_MODE_DEFAULT;
        guest->group = SC_VALUE_NO_GROUP;
        while (wrong == NULL && *end == ',') {
                const char *start = end + 1;
                end = strchrnul(start, ',');
                size_t length = (size_t)(end - start);
                if (length >= sizeof(setting))
                        return "no such group"; /* nothing else can be as long */
                memcpy(setting, start, length);
                setting[length] = '\0';
                wrong = parse_listen_setting(setting, guest);
        }
        return wrong;
}

static const char *parse_tty(const char *text, struct guest_argument *guest)
{
        uint64_t baud = SC_VALUE_BAUD_DEFAULT;
        const char *end = strchrnul(text, ',');

        if (*end == ',') {
                const char *wrong = sc_value_count(end + 1, &baud);
                if (wrong != NULL || baud == 0 || baud > SC_VALUE_BAUD_MAX)
                        return "expected a speed from 1 to 4000000 baud behind the comma";
        }
        guest->baud = (unsigned)baud;
        return sc_value_path(text, end, guest->path);
}

static const char *parse_stdio(const char *text, struct guest_argument *guest)
{
        (void)guest;
        return *text == '\0' ? NULL : expected_guest;
}

static const char *parse_fd(const char *text, struct guest_argument *guest)
{
        uint64_t number;

        if (sc_value_count(text, &number) != NULL || number > INT_MAX)
                return "expected the number of an open descriptor behind fd:";
        guest->fd = (int)number;
        return NULL;
}

static const struct {
        const char *prefix;
        enum guest_argument_kind kind;
        const char *(*parse)(const char *text, struct guest_argument *guest);
} guest_kinds[] = {
        { "unix:", GUEST_ARGUMENT_UNIX, parse_path },   { "listen:", GUEST_ARGUMENT_LISTEN, parse_listen },
        { "pty:", GUEST_ARGUMENT_PTY, parse_path },     { "tty:", GUEST_ARGUMENT_TTY, parse_tty },
        { "stdio", GUEST_ARGUMENT_STDIO, parse_stdio }, { "fd:", GUEST_ARGUMENT_FD, parse_fd },
};

static const char *parse_guest(const char *text, struct guest_argument *guest)
{
        for (size_t i = 0; i < SC_COUNT(guest_kinds); i++) {
                size_t length = strlen(guest_kinds[i].prefix);
                if (strncmp(text, guest_kinds[i].prefix, length) != 0)
                        continue;
                guest->kind = guest_kinds[i].kind;
                return guest_kinds[i].parse(text + length, guest);
        }
        return expected_guest;
}

const char *sc_value_guest(const char *text, void *result)
{
        struct guest_argument guest = { 0 };
        const char *wrong = parse_guest(text, &guest);

        if (wrong == NULL)
                *(struct guest_argument *)result = guest;
        return wrong;
}

const char *sc_value_history(const char *text, void *result)
{
        static const char *const names[] = {
                [SC_HISTORY_ALL] = "all",
                [SC_HISTORY_BOOT] = "boot",
                [SC_HISTORY_UNREAD] = "unread",
                [SC_HISTORY_NONE] = "none",
        };
        static_assert(SC_COUNT(names) == SC_HISTORY_LAST, "a name for each policy but SIZE");
        struct history_argument *history = result;
        uint64_t bytes;

        for (size_t i = 0; i < SC_COUNT(names); i++) {
                if (strcmp(text, names[i]) != 0)
                        continue;
                *history = (struct history_argument) { .policy = (enum sc_history_policy)i };
                return NULL;
        }
        const char *wrong = sc_value_size(text, &bytes);
        if (wrong != NULL)
                return wrong == too_large ? too_large : expected_history;
        *history = (struct history_argument) { .policy = SC_HISTORY_LAST, .last_bytes = bytes };
        return NULL;
}

/* The largest unit that divides `value`; 0 is told without one. */
static const char *text_of(uint64_t value, const struct unit *units, size_t count,
                           char text[static SC_VALUE_TEXT_BYTES])
{
        const struct unit *best = &units[0];

        for (size_t i = 0; i < count; i++) {
                if (value % units[i].factor == 0 && units[i].factor > best->factor)
                        best = &units[i];
        }
        snprintf(text, SC_VALUE_TEXT_BYTES, "%" PRIu64 "%s", value / best->factor,
                 value == 0 ? "" : best->name);
        return text;
}

const char *sc_value_size_text(uint64_t bytes, char text[static SC_VALUE_TEXT_BYTES])
{
        return text_of(bytes, size_units, SC_COUNT(size_units), text);
}

const char *sc_value_time_text(uint64_t time_ns, char text[static SC_VALUE_TEXT_BYTES])
{
        return text_of(time_ns, time_units, SC_COUNT(time_units), text);
}
