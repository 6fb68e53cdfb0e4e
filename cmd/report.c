#include "report.h"

#include "model/client/printable.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 1000

static void __attribute__((format(printf, 2, 0)))
print(const char *what, const char *format, va_list arguments)
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

        size_t used = sc_printable_line(line, strlen(line), line, room);
        strcpy(line + used, "\n");
        /* A pipe that nobody reads, or a stopped terminal, shall not keep us for ever. */
        struct pollfd errors = { .fd = STDERR_FILENO, .events = POLLOUT };
        if (poll(&errors, 1, PATIENCE_MS) != 0)
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

int sc_report_output_error(int error)
{
        if (error == 0 || error == EPIPE)
                return SC_EXIT_DONE;
        sc_report("standard output", "%s", strerror(error));
        return SC_EXIT_FAILED;
}

int sc_report_output(void)
{
        bool arrived = fflush(stdout) == 0 && !ferror(stdout);

        return sc_report_output_error(arrived ? 0 : errno);
}
