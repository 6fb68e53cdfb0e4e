#include "progress.h"

#include "io/clock.h"
#include "model/base/bounds.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTERVAL_NS (200 * SC_NS_PER_MS)
#define CLOCK_BYTES 32

void sc_progress_start(struct sc_progress *progress)
{
        struct stat output;

        *progress = (struct sc_progress) { .wanted = isatty(STDERR_FILENO) &&
                                                     fstat(STDOUT_FILENO, &output) == 0 &&
                                                     S_ISREG(output.st_mode) };
}

/* `1:02:03`. */
static const char *clock_text(uint64_t time_ns, char text[static CLOCK_BYTES])
{
        uint64_t s = time_ns / SC_NS_PER_S;

        if (s >= 3600)
                snprintf(text, CLOCK_BYTES, "%" PRIu64 ":%02u:%02u", s / 3600, (unsigned)(s / 60 % 60),
                         (unsigned)(s % 60));
        else
                snprintf(text, CLOCK_BYTES, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
        return text;
}

void sc_progress_tell(struct sc_progress *progress, uint64_t elapsed_ns, uint64_t total_ns)
{
        char elapsed[CLOCK_BYTES], total[CLOCK_BYTES], line[4 * CLOCK_BYTES];

        if (!progress->wanted)
                return;
        uint64_t now_ns = sc_clock_now_ns();
        if (now_ns < progress->next_ns)
                return;
        progress->next_ns = now_ns + INTERVAL_NS;
        progress->shown = true;
        int length = total_ns == 0
                             ? snprintf(line, sizeof(line), "\r%s\033[K", clock_text(elapsed_ns, elapsed))
                             : snprintf(line, sizeof(line), "\r%s of %s\033[K",
                                        clock_text(elapsed_ns, elapsed), clock_text(total_ns, total));
        if (write(STDERR_FILENO, line, (size_t)length) != length)
                progress->wanted = false;
}

void sc_progress_end(struct sc_progress *progress)
{
        if (progress->shown)
                fputs("\r\033[K", stderr);
        progress->shown = false;
}
