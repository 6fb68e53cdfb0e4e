#include "time_format.h"

#include "model/base/bounds.h"
#include "model/base/span.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void sc_time_format_use_utc(void)
{
        setenv("TZ", "UTC0", 1);
        tzset();
}

const char *sc_time_format_point(int64_t wall_ns, char text[static SC_TIME_FORMAT_BYTES])
{
        time_t seconds = (time_t)(wall_ns / (int64_t)SC_NS_PER_S);
        int ms = (int)(wall_ns % (int64_t)SC_NS_PER_S / (int64_t)SC_NS_PER_MS);
        struct tm fields;
        char zone[8] = "";
        size_t length = 0;

        if (localtime_r(&seconds, &fields) != NULL) {
                length = strftime(text, SC_TIME_FORMAT_BYTES, "%Y-%m-%dT%H:%M:%S", &fields);
                strftime(zone, sizeof(zone), "%z", &fields);
        }
        snprintf(text + length, SC_TIME_FORMAT_BYTES - length, ".%03d%.3s:%.2s", ms, zone,
                 zone[0] ? zone + 3 : "");
        return text;
}

/* --- read --- */

/* `digits` digits and, where it is not NUL, what has to stand behind them. */
static bool take_number(const char **text, int digits, char behind, int *number)
{
        *number = 0;
        for (int i = 0; i < digits; i++, ++*text) {
                if (**text < '0' || **text > '9')
                        return false;
                *number = 10 * *number + (**text - '0');
        }
        if (behind == '\0')
                return true;
        return *(*text)++ == behind;
}

/* `.5`: any number of digits, of which those below a nanosecond are dropped; or nothing. */
static bool take_fraction(const char **text, uint64_t *ns)
{
        uint64_t unit = SC_NS_PER_S;

        *ns = 0;
        if (**text != '.')
                return true;
        for (++*text; **text >= '0' && **text <= '9'; ++*text) {
                unit /= 10;
                *ns += unit * (uint64_t)(**text - '0');
        }
        return (*text)[-1] != '.';
}

/* `Z`, `+02:00`, or nothing: the seconds since 1970 of the fields in that zone. */
static bool take_zone(const char *text, struct tm *fields, int64_t *seconds)
{
        int hours = 0, minutes = 0;
        int sign = *text == '-' ? -1 : 1;

        if (*text == '\0') {
                fields->tm_isdst = -1;
                *seconds = (int64_t)mktime(fields);
                return true;
        }
        if (*text == '+' || *text == '-') {
                text++;
                if (!take_number(&text, 2, ':', &hours) || !take_number(&text, 2, '\0', &minutes) ||
                    hours > 23 || minutes > 59)
                        return false;
        } else if (*text++ != 'Z') {
                return false;
        }
        *seconds = (int64_t)timegm(fields) - sign * (hours * 3600 + minutes * 60);
        return *text == '\0';
}

bool sc_time_format_read_point(const char *text, uint64_t *wall_ns)
{
        struct tm fields = { 0 };
        int64_t seconds;
        uint64_t ns;

        if (!take_number(&text, 4, '-', &fields.tm_year) || !take_number(&text, 2, '-', &fields.tm_mon) ||
            !take_number(&text, 2, 'T', &fields.tm_mday) || !take_number(&text, 2, ':', &fields.tm_hour) ||
            !take_number(&text, 2, ':', &fields.tm_min) || !take_number(&text, 2, '\0', &fields.tm_sec) ||
            !take_fraction(&text, &ns))
                return false;
        fields.tm_year -= 1900;
        fields.tm_mon--;

        struct tm day = fields; /* a day that is none comes back as another one */
        timegm(&day);
        if (day.tm_mon != fields.tm_mon || day.tm_mday != fields.tm_mday || day.tm_hour != fields.tm_hour ||
            day.tm_min != fields.tm_min || day.tm_sec != fields.tm_sec)
                return false;
        if (!take_zone(text, &fields, &seconds) || seconds < 0 ||
            (uint64_t)seconds > INT64_MAX / SC_NS_PER_S - 1)
                return false;
        *wall_ns = (uint64_t)seconds * SC_NS_PER_S + ns;
        return true;
}

/* --- length --- */

const char *sc_time_format_length(uint64_t time_ns, char text[static SC_TIME_FORMAT_BYTES])
{
        static const struct {
                uint64_t seconds;
                const char *unit;
        } units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
        uint64_t seconds = time_ns / SC_NS_PER_S;
        size_t i = 0;

        while (i + 1 < SC_COUNT(units) && seconds < units[i].seconds)
                i++;
        snprintf(text, SC_TIME_FORMAT_BYTES, "%" PRIu64 " %s", seconds / units[i].seconds, units[i].unit);
        return text;
}
