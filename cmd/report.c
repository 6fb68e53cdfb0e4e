#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* C0, DEL, and C1 as UTF-8 writes it (C2 80 to C2 9F): all that a terminal would obey. */
static void make_harmless(char *text)
{
        for (unsigned char *byte = (unsigned char *)text; *byte != '\0'; byte++) {
                if (*byte < 0x20 || *byte == 0x7f)
                        *byte = '?';
                else if (*byte == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f)
                        byte[0] = byte[1] = '?';
        }
}

static void print(const char *what, const char *format, va_list arguments)
{
        char line[SC_REPORT_BYTES_MAX + 1];
        size_t room = sizeof(line) - 1; /* the newline's place is kept */
        int length = snprintf(line, room, "serialcon: %s: ", what);

        if (length >= 0 && (size_t)length < room) {
                int more = vsnprintf(line + length, room - (size_t)length, format, arguments);
                length = more < 0 ? more : length + more;
        }
        if (length < 0)
                return; /* not encodable: nothing sensible can be said */
        if ((size_t)length >= room)
                memcpy(line + room - sizeof("..."), "...", sizeof("..."));

        make_harmless(line);
        strcat(line, "\n");
        fputs(line, stderr);
}

void sc_report(const char *what, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        print(what, format, arguments);
        va_end(arguments);
}

int sc_report_usage(const char *what, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        print(what, format, arguments);
        va_end(arguments);
        return SC_EXIT_USAGE;
}
