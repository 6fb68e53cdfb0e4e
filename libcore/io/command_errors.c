#include "io/command_errors.h"

#include "io/clock.h"
#include "model/base/bounds.h"

#include <poll.h>
#include <unistd.h>

#define READ_BYTES 1024
#define NOTICE_BYTES 512

/* Last words come within this, and are no more than this. */
#define LAST_WORDS_NS (100 * SC_NS_PER_MS)
#define LAST_WORDS_READS 16

static void tell_line(struct sc_command_errors *errors)
{
        char text[NOTICE_BYTES];
        if (errors->length == 0)
                return;
        sc_printable_line(errors->line, errors->length, text, sizeof(text));
        errors->length = 0;
        sc_user_end_notice(errors->user, errors->name, text);
}

static void take_lines(struct sc_command_errors *errors, const uint8_t *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                bool ends = bytes[i] == '\n' || bytes[i] == '\r';
                if (ends || errors->length == sizeof(errors->line))
                        tell_line(errors);
                if (!ends)
                        errors->line[errors->length++] = (char)bytes[i];
        }
}

bool sc_command_errors_read(struct sc_command_errors *errors, int fd)
{
        uint8_t bytes[READ_BYTES], text[SC_PRINTABLE_BYTES_MAX(READ_BYTES)];
        ssize_t length = read(fd, bytes, sizeof(bytes));
        if (length == 0)
                tell_line(errors); /* the last one may have no end */
        if (length <= 0)
                return length < 0;
        if (errors->by_lines) {
                take_lines(errors, bytes, (size_t)length);
        } else {
                size_t harmless = sc_printable_feed(&errors->filter, bytes, (size_t)length, text);
                sc_user_end_pass_on(errors->user, (struct sc_span) { text, harmless });
        }
        return true;
}

void sc_command_errors_finish(struct sc_command_errors *errors, int fd, bool waits)
{
        uint64_t deadline_ns = sc_clock_now_ns() + (waits ? LAST_WORDS_NS : 0);
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        for (int i = 0; i < LAST_WORDS_READS; i++) {
                uint64_t now_ns = sc_clock_now_ns();
                int left_ms = (int)((sc_sub_sat_u64(deadline_ns, now_ns)) / SC_NS_PER_MS);
                if (poll(&poll_fd, 1, left_ms) <= 0 || !sc_command_errors_read(errors, fd))
                        break;
        }
        tell_line(errors);
        errors->by_lines = false;
}
